//! `enshrine proposer` and `enshrine challenger` against liars, on anvil: killed at any moment, and with re-orgs.

mod court;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread::sleep,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use alloy_primitives::U256;
use enshrine_disputes::{ClaimStatus, Role, faults::Fault};
use serde_json::Value;

use crate::{
    anvil::Anvil,
    support::{Place, model, sample},
};
use court::{
    CLOCK, Court, DEPTH, FEE, GRACE, PATIENCE, Person, Playing, Process, WINDOW, command, entries,
    give_money, said, start,
};

// Most segments of a move decide how long a game is and who has the last word: if that is the liar, he can only let his time
// pass. Inference here has 2^26 steps, and the challenger moves first.

/// Five dissections; the defender proves.
const DEFENDER_PROVES: u64 = 64;

/// Six dissections; the challenger proves.
const CHALLENGER_PROVES: u64 = 32;

/// Nine dissections; the defender proves.
const DEFENDER_PROVES_LATER: u64 = 8;

/// Eight dissections; the challenger proves.
const CHALLENGER_PROVES_LATER: u64 = 10;

/// Thirteen dissections; the defender proves. A game with three segments is longer, but 2^26 is no power of three: how many
/// dissections it has depends on the step.
const DEFENDER_PROVES_LATE: u64 = 4;

/// Twenty-six dissections; the challenger proves.
const CHALLENGER_PROVES_LATE: u64 = 2;

/// Times that a player is killed in a game, at least.
const KILLS: usize = 50;

/// Moves that there are when nobody is killed any more: of each player at least two.
const LEAST_MOVES: usize = 4;

/// Moves that there may be by then before a player has little time to make more: about half a game.
const MOST_MOVES: usize = 8;

/// Blocks after which the honest player takes a transaction to stay: more than a re-org takes back.
const CONFIRMED: [&str; 2] = ["--confirmations", "8"];

/// A liar answers and an honest challenger, as a process, plays to the end and pays nothing.
fn falls(fault: Fault, degree: u64) {
    let court = Court::new(degree);
    let request = court.ask(1)[0];
    let before = court.balance(Person::Honest);
    let mut honest = court.start("challenger", &[]);
    let _liar = Playing::new(court.lying_proposer(fault));
    court.wait_for_fall(&mut honest, request);
    let after = court.balance(Person::Honest);
    assert!(
        after >= before,
        "the honest one has paid {}",
        before - after
    );
    court.assert_nothing_twice(false, "nobody was killed");
}

#[test]
fn a_claim_of_a_wrong_output_falls() {
    falls(Fault::WrongOutput, CHALLENGER_PROVES);
}

#[test]
fn a_claim_of_a_failure_falls() {
    falls(Fault::ClaimedFailure, CHALLENGER_PROVES);
}

#[test]
fn a_claim_of_wrong_fuel_falls() {
    // The liar would have to prove his lie, and is late.
    falls(Fault::WrongFuel, DEFENDER_PROVES);
}

#[test]
fn a_right_claim_stands_and_is_paid_for() {
    let court = Court::new(DEFENDER_PROVES);
    let request = court.ask(1)[0];
    let before = court.balance(Person::Honest);
    let mut honest = court.start("proposer", &[]);
    let _liar = Playing::new(court.lying_challenger(Fault::WrongOutput));
    court.wait_for_final(&mut honest, request);
    let after = court.balance(Person::Honest);
    // Bond and moves are paid back; a tenth of the fee is more than the other gas costs.
    let least = before + FEE * U256::from(9) / U256::from(10);
    assert!(after > least, "{before} wei have become {after}");
    court.assert_nothing_twice(false, "nobody was killed");
}

/// Random numbers from a seed (SplitMix64).
struct Random(u64);

impl Random {
    /// A seed of its own, or that of a test that has failed.
    fn new() -> Self {
        let seed = std::env::var("ENSHRINE_TEST_SEED").ok();
        let seed = seed.map(|seed| seed.parse().unwrap());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Self(seed.unwrap_or(u64::from(now.subsec_nanos())))
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// Starts an honest player and kills him, again and again, while a game is played: mostly before he could move, and sometimes not.
/// If moves come too fast or too slowly, he lives shorter or longer. Says with which seed.
fn kill_often(court: &Court, role: &str, is_over: impl Fn() -> bool) -> String {
    let mut random = Random::new();
    let context = format!("ENSHRINE_TEST_SEED={}", random.0);
    let (start, mut moves) = (Instant::now(), 0);
    for kill in 0.. {
        assert!(!is_over(), "{context}: over after {kill} kills");
        if kill >= KILLS && moves >= LEAST_MOVES {
            break;
        }
        let waited = start.elapsed();
        assert!(waited < PATIENCE, "{context}: {moves} moves, {kill} kills");
        let longest = match moves * KILLS > kill * MOST_MOVES {
            true => 200,
            false => 1_200 + 20 * kill.saturating_sub(KILLS) as u64,
        };
        let process = court.start(role, &[]);
        sleep(Duration::from_millis(50 + random.below(longest - 50)));
        drop(process);
        moves = court.moves();
    }
    context
}

/// What must be so after a player was killed and has gone on to the end.
fn assert_has_gone_on(court: &Court, context: &str) {
    court.assert_nothing_twice(false, context);
    let said = said(&court.place);
    // The wallet says so if it has forgotten what it had sent.
    let forgotten = said.contains("another transaction has the nonce");
    assert!(!forgotten, "{context}: {said}");
}

#[test]
fn a_challenger_who_is_killed_again_and_again_wins() {
    let court = Court::new(CHALLENGER_PROVES_LATE);
    let request = court.ask(1)[0];
    let before = court.balance(Person::Honest);
    let _liar = Playing::new(court.lying_proposer(Fault::WrongOutput));
    let fallen = || court.status(request, Person::Liar) == ClaimStatus::Fallen;
    let context = kill_often(&court, "challenger", fallen);
    let mut honest = court.start("challenger", &[]);
    court.wait_for_fall(&mut honest, request);
    assert_has_gone_on(&court, &context);
    assert!(court.balance(Person::Honest) >= before, "{context}");
}

#[test]
fn a_proposer_who_is_killed_again_and_again_wins() {
    let court = Court::new(DEFENDER_PROVES_LATE);
    let request = court.ask(1)[0];
    let before = court.balance(Person::Honest);
    let _liar = Playing::new(court.lying_challenger(Fault::WrongOutput));
    let defended = || court.is_defended(request, Person::Honest);
    let context = kill_often(&court, "proposer", defended);
    let mut honest = court.start("proposer", &[]);
    court.wait_for_final(&mut honest, request);
    assert_has_gone_on(&court, &context);
    assert!(court.balance(Person::Honest) >= before, "{context}");
}

#[test]
fn what_was_signed_before_a_kill_is_sent_after_it() {
    let court = Court::new(CHALLENGER_PROVES);
    let request = court.ask(1)[0];
    let liar = Playing::new(court.lying_proposer(Fault::WrongOutput));
    let mut honest = court.start("challenger", &[]);
    court.anvil.mine_no_more();
    // An empty outbox is the challenge's; nothing is mined but the answer.
    court.wait("a challenge that waits", &mut honest, |court| {
        if court.claim(request, Person::Liar).is_none() {
            court.anvil.mine(1);
        }
        !entries(&court.honest_outbox()).is_empty()
    });
    drop((liar, honest));
    let signed = entries(&court.honest_outbox());
    assert_eq!(court.moves(), 0, "it is not mined");
    // The node has lost it, and the fees that one would offer now are others.
    court.anvil.forget_waiting();
    court.anvil.mine(1);
    court.anvil.mine_each_second();
    let mut honest = court.start("challenger", &[]);
    court.wait("a challenge", &mut honest, |court| court.moves() == 1);
    let (hash, ..) = court.transactions(Person::Honest)[0];
    assert_eq!(signed[0]["versions"][0]["hash"], hash.to_string());
}

#[test]
fn a_re_org_in_each_phase_saves_no_liar() {
    let court = Court::new(CHALLENGER_PROVES_LATER);
    let request = court.ask(1)[0];
    let before = court.balance(Person::Honest);
    let mut honest = court.start("challenger", &CONFIRMED);
    let _liar = Playing::new(court.lying_proposer(Fault::WrongOutput));
    let fallen = |court: &Court| court.status(request, Person::Liar) == ClaimStatus::Fallen;
    re_org_when(&court, &mut honest, "an answer", |court| {
        court.claim(request, Person::Liar).is_some()
    });
    re_org_when(&court, &mut honest, "a challenge", |court| {
        court.moves() > 0
    });
    re_org_when(&court, &mut honest, "half of a game", |court| {
        court.moves() > 4
    });
    re_org_when(&court, &mut honest, "a proof", fallen);
    assert!(!fallen(&court), "the proof is taken back");
    court.wait_for_fall(&mut honest, request);
    court.anvil.reorganise(DEPTH, &[]);
    let has_money = |court: &Court| fallen(court) && court.has_fetched_all(Person::Honest);
    assert!(!has_money(&court), "the money is taken back");
    court.wait_for_fall(&mut honest, request);
    court.assert_nothing_twice(true, "re-orgs");
    assert!(court.balance(Person::Honest) >= before);
}

#[test]
fn a_re_org_in_each_phase_harms_no_right_claim() {
    let court = Court::new(DEFENDER_PROVES_LATER);
    let request = court.ask(1)[0];
    let before = court.balance(Person::Honest);
    let mut honest = court.start("proposer", &CONFIRMED);
    let _liar = Playing::new(court.lying_challenger(Fault::WrongOutput));
    let defended = |court: &Court| court.is_defended(request, Person::Honest);
    re_org_when(&court, &mut honest, "an answer", |court| {
        court.claim(request, Person::Honest).is_some()
    });
    re_org_when(&court, &mut honest, "a challenge", |court| {
        court.moves() > 0
    });
    re_org_when(&court, &mut honest, "half of a game", |court| {
        court.moves() > 4
    });
    re_org_when(&court, &mut honest, "a proof", defended);
    assert!(!defended(&court), "the proof is taken back");
    court.wait("a proof", &mut honest, defended);
    court.pass_for_good(WINDOW);
    let is_final = |court: &Court| court.contracts.is_final(request).unwrap();
    re_org_when(&court, &mut honest, "a final answer", is_final);
    assert!(!is_final(&court), "the end is taken back");
    court.wait_for_money(&mut honest, request);
    court.anvil.reorganise(DEPTH, &[]);
    assert!(!court.is_paid_for(request), "the money is taken back");
    court.wait_for_money(&mut honest, request);
    court.assert_nothing_twice(true, "re-orgs");
    assert!(court.balance(Person::Honest) >= before);
}

#[test]
fn a_re_org_of_a_time_out_saves_no_liar() {
    // The liar would have to prove his lie, and is late.
    let court = Court::new(DEFENDER_PROVES);
    let request = court.ask(1)[0];
    let before = court.balance(Person::Honest);
    let mut honest = court.start("challenger", &CONFIRMED);
    let _liar = Playing::new(court.lying_proposer(Fault::WrongOutput));
    let fallen = |court: &Court| court.status(request, Person::Liar) == ClaimStatus::Fallen;
    court.wait("the last dissection", &mut honest, |court| {
        court.is_to_prove(Role::Defender)
    });
    court.pass_for_good(CLOCK + GRACE);
    re_org_when(&court, &mut honest, "a time-out", fallen);
    assert!(!fallen(&court), "the time-out is taken back");
    court.wait_for_fall(&mut honest, request);
    court.assert_nothing_twice(true, "re-orgs");
    assert!(court.balance(Person::Honest) >= before);
}

fn re_org_when(court: &Court, honest: &mut Process, what: &str, reached: impl Fn(&Court) -> bool) {
    court.wait(what, honest, reached);
    court.anvil.reorganise(DEPTH, &[]);
}

#[test]
fn an_answer_that_a_re_org_brings_is_challenged() {
    let court = Court::new(CHALLENGER_PROVES);
    let request = court.ask(1)[0];
    let mut honest = court.start("challenger", &CONFIRMED);
    court.anvil.mine_no_more();
    let mut liar = court.lying_proposer(Fault::WrongOutput);
    liar.tick().unwrap();
    let answer = &entries(&court.place.path("liar").join("outbox"))[0];
    court.anvil.forget_waiting();
    court.anvil.mine(1);
    // He has read all blocks, and there is no answer in them.
    let head = court.contracts.chain().head().unwrap().hash.to_string();
    let heads = court.place.path("honest").join("heads.json");
    court.wait("a reader", &mut honest, |_| {
        std::fs::read_to_string(&heads).is_ok_and(|heads| heads.contains(&head))
    });
    let raw = answer["raw"].as_str().unwrap().to_owned();
    court.anvil.reorganise(DEPTH, &[(raw, 0)]);
    assert!(court.claim(request, Person::Liar).is_some());
    court.anvil.mine_each_second();
    court.wait("a challenge", &mut honest, |court| court.moves() == 1);
}

#[test]
fn a_question_is_answered_by_commands_alone() {
    let (place, anvil) = (Place::new(), Anvil::start());
    give_money(&anvil);
    place.ok(&["models", "add", &model("digits-cnn")]);
    let state = place.path("requester").to_str().unwrap().to_owned();
    let claims = |arguments: &[&str]| {
        let output = command(&place, Person::Requester)
            .args(["--json", "claims"])
            .args(arguments)
            .args(["--rpc", &anvil.url])
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {error}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let deployed = claims(&["deploy", "--state", &state]);
    let contract = deployed["claims"].as_str().unwrap();
    let (file, input) = (model("digits-cnn"), sample("digit-7.bin"));
    let about = ["--claims", contract, "--state", &state];
    claims(&[&["register", &file][..], &about].concat());
    let ask = ["ask", &file, "--input", &input, "--fee", "1000"];
    let request = claims(&[&ask[..], &about].concat());
    let request = request["request"].as_str().unwrap();
    let show = || claims(&["show", request, "--claims", contract]);
    assert_eq!(show(), serde_json::json!({"final": false, "result": null}));

    anvil.mine_each_second();
    let metrics = free_address();
    let address = metrics.to_string();
    let options = ["--metrics", &address, "--log-format", "json"];
    // A thousand wei pay for no gas.
    let about = ["proposer", "--claims", contract, "--at-a-loss"];
    let _proposer = start(&anvil, &place, &[&about[..], &options].concat());
    until("an answer", || {
        said(&place).contains("a transaction is mined")
    });
    let metrics = scraped(metrics);
    let block = metrics
        .lines()
        .find_map(|line| line.strip_prefix("enshrine_block{service=\"proposer\"} "));
    assert!(block.unwrap().parse::<f64>().unwrap() > 0.0, "{metrics}");
    // The window of --parameters devnet.
    anvil.pass(301);
    until("an answer that is final", || show()["final"] == true);
    let result = &show()["result"];
    assert_eq!(
        (&result["failed"], &result["status"]),
        (&false.into(), &0.into())
    );
    let said = said(&place);
    for line in said.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(
            line["level"].is_string() && line["fields"].is_object(),
            "{line}"
        );
    }
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "{what} does not come");
        sleep(Duration::from_millis(100));
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

fn scraped(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
