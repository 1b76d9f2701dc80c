//! What proposers and challengers have in common: they watch, and they play games.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Instant,
};

use alloy_primitives::{Address, U256};
use enshrine_l1::{Call, Severity};
use enshrine_prover::{
    TraceError,
    game::{self, Dissection, DissectionHash, Witness},
};

use crate::{
    contracts::{Claim, ClaimState, ClaimStatus, Contracts, Game, GameStatus, Role},
    error::DisputeError,
    follower::Follower,
    ids::ClaimId,
    ledger::Ledger,
    oracle::{Ending, Job, Oracle},
    reserve::game_gas,
    wallet::{Prices, Promised, Status, Wallet},
};

/// What a player did in one round.
#[derive(Debug, Default)]
pub struct Tick {
    /// Newest block that was looked at.
    pub block: u64,
    /// Games that are being played by this player.
    pub games: usize,
    /// Moves that were handed to the wallet.
    pub moves: usize,
    /// Answers and challenges that were not given, for what would be left of the money does not pay for their games.
    pub withheld: usize,
    /// What could not be done; the rest was.
    pub errors: Vec<DisputeError>,
}

impl Tick {
    /// The worst of the errors.
    pub fn severity(&self) -> Option<Severity> {
        let severities = self.errors.iter().map(DisputeError::severity);
        severities.max_by_key(|severity| match severity {
            Severity::Retry => 0,
            Severity::Reset => 1,
            Severity::Fatal => 2,
        })
    }

    /// Notes an error of one thing among many.
    pub(crate) fn note(&mut self, what: &str, result: Result<(), DisputeError>) {
        if let Err(error) = result {
            tracing::warn!(%error, severity = ?error.severity(), "{what}");
            self.errors.push(error);
        }
    }
}

/// Times that a move is sent which is mined and reverts, before one waits until the last of them is confirmed.
const MOST_ATTEMPTS: u32 = 4;

/// The wallet's places of which a part is kept for moves, and how large that part is.
const PARTS_FOR_MOVES: usize = 4;

/// Blocks after which a claim that has fallen or was released stays so: no re-org takes back as many.
const SETTLED_BLOCKS: u64 = 64;

/// One who plays.
#[derive(Debug)]
pub(crate) struct Player {
    pub(crate) contracts: Contracts,
    oracle: Box<dyn Oracle>,
    role: Role,
    follower: Follower,
    wallet: Wallet,
    /// Number of the newest block that was looked at.
    block: u64,
    /// Its timestamp.
    now: u64,
    /// Whether a model has run since the games were played.
    has_run: bool,
    /// Whether one has run since one last looked.
    is_late: bool,
    /// Games that were being played when one last looked, by claim.
    played: BTreeMap<ClaimId, usize>,
    /// Bonds that stood then, once they are counted.
    open_bonds: Option<usize>,
    /// Claims that have fallen or were released, and the block in which that was seen first.
    settled: BTreeMap<ClaimId, (ClaimState, u64)>,
    /// Bonds that are withheld in this tick, and in the one before: the log says each once.
    withheld: [BTreeSet<String>; 2],
}

/// What a game asks of a player, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Duty {
    /// This player's clock runs, until then.
    Move { deadline: u64, last: DissectionHash },
    /// The other's clock has run out.
    TimeOut { last: DissectionHash },
    /// The claim has fallen, and money waits.
    Collect,
    /// Nothing for now.
    Wait,
}

impl Player {
    /// Goes on where a player with this folder was.
    ///
    /// # Errors
    /// [`DisputeError`] if the folder cannot be used.
    pub(crate) fn open(
        role: Role,
        contracts: Contracts,
        first_block: u64,
        wallet: Wallet,
        oracle: Box<dyn Oracle>,
        folder: &Path,
    ) -> Result<Self, DisputeError> {
        std::fs::create_dir_all(folder).map_err(|error| DisputeError::disk(folder, error))?;
        let follower = Follower::open(contracts.clone(), first_block, folder)?;
        Ok(Self {
            contracts,
            oracle,
            role,
            follower,
            wallet,
            block: 0,
            now: 0,
            has_run: false,
            is_late: false,
            played: BTreeMap::new(),
            open_bonds: None,
            settled: BTreeMap::new(),
            withheld: Default::default(),
        })
    }

    pub(crate) fn account(&self) -> Address {
        self.wallet.account()
    }

    pub(crate) fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        self.follower.ledger()
    }

    /// Number of the newest block that was looked at.
    pub(crate) fn block(&self) -> u64 {
        self.block
    }

    /// Its time.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// Games about a claim that were being played when one last looked.
    pub(crate) fn played(&self, claim: ClaimId) -> usize {
        self.played.get(&claim).copied().unwrap_or_default()
    }

    /// Says that a contract names something that was not read.
    pub(crate) fn doubt(&mut self) {
        self.follower.doubt();
    }

    /// Begins a tick: reads what has happened, and plays all games.
    pub(crate) fn begin_tick(&mut self) -> Result<Tick, DisputeError> {
        let [now, before] = &mut self.withheld;
        *before = std::mem::take(now);
        let mut tick = Tick::default();
        self.look_round(&mut tick)?;
        Ok(tick)
    }

    /// Reads what has happened, and plays all games. After a move for which a model ran one looks again, for another game may
    /// have become more urgent; but not before moves have taken as long as looking does, so that this at most doubles the time.
    fn look_round(&mut self, tick: &mut Tick) -> Result<(), DisputeError> {
        let mut acted = BTreeSet::new();
        loop {
            let begun = Instant::now();
            let duties = self.look(tick)?;
            let (looked, begun) = (begun.elapsed(), Instant::now());
            self.has_run = false;
            for (duty, game) in duties {
                if !acted.insert((game.id, duty)) {
                    continue;
                }
                let done = self.act(duty, &game, tick);
                tick.note("a game", done);
                if self.has_run && begun.elapsed() >= looked {
                    break;
                }
            }
            if !self.has_run || begun.elapsed() < looked {
                break;
            }
        }
        let fetched = self.fetch();
        tick.note("money", fetched);
        Ok(())
    }

    /// Reads what has happened; what is to be done in which games, the most urgent first.
    fn look(&mut self, tick: &mut Tick) -> Result<Vec<(Duty, Game)>, DisputeError> {
        let head = self.follower.sync()?;
        self.wallet.tick()?;
        (self.block, self.now) = (head.number, head.timestamp);
        tick.block = head.number;
        self.is_late = false;
        self.open_bonds = None;
        Ok(self.duties(tick))
    }

    /// How a run ends. Clocks go on while a model runs: after each run one looks round before the next.
    pub(crate) fn ending(&mut self, job: &Job, tick: &mut Tick) -> Result<Ending, DisputeError> {
        self.before_run(tick)?;
        let ending = self.oracle.ending(job);
        if !matches!(ending, Err(DisputeError::NoModel { .. })) {
            (self.has_run, self.is_late) = (true, true);
        }
        ending
    }

    /// The first move against a claim, or none if it is right. Before the run one looks round, as for [`ending`](Self::ending).
    pub(crate) fn first_move(
        &mut self,
        job: &Job,
        claim: &Claim,
        tick: &mut Tick,
    ) -> Result<Option<Dissection>, DisputeError> {
        self.before_run(tick)?;
        let (ends, degree) = ((claim.start, claim.end), self.contracts.parameters().degree);
        self.ask_witness(job, |witness| {
            game::first_move(witness, ends, claim.length, degree)
        })
    }

    fn before_run(&mut self, tick: &mut Tick) -> Result<(), DisputeError> {
        match self.has_run {
            true => self.look_round(tick),
            false => Ok(()),
        }
    }

    fn ask_witness<T>(
        &mut self,
        job: &Job,
        ask: impl FnOnce(&mut dyn Witness) -> Result<T, TraceError>,
    ) -> Result<T, DisputeError> {
        let mut witness = self.oracle.witness(job)?;
        (self.has_run, self.is_late) = (true, true);
        Ok(ask(&mut *witness)?)
    }

    /// Where a claim stands. The chain is not asked about one that is long settled.
    pub(crate) fn claim_state(&mut self, claim: ClaimId) -> Result<ClaimState, DisputeError> {
        let known = self.settled.get(&claim).copied();
        if let Some((state, since)) = known
            && self.block >= since.saturating_add(SETTLED_BLOCKS)
        {
            return Ok(state);
        }
        let state = self.contracts.claim_state(claim)?;
        match state.status {
            ClaimStatus::None | ClaimStatus::Open => drop(self.settled.remove(&claim)),
            ClaimStatus::Fallen | ClaimStatus::Released => {
                if known.is_none_or(|(known, _)| known.status != state.status) {
                    self.settled.insert(claim, (state, self.block));
                }
            }
        }
        Ok(state)
    }

    /// What gas costs now.
    pub(crate) fn prices(&mut self) -> Result<Prices, DisputeError> {
        Ok(self.wallet.prices()?)
    }

    /// Whether the account can stand for one more bond of so many wei. What is left must pay for a whole game about each bond:
    /// who cannot pay for a move loses the game by the clock, and all bonds one after the other.
    pub(crate) fn can_bond(
        &mut self,
        name: &str,
        bond: U256,
        tick: &mut Tick,
    ) -> Result<bool, DisputeError> {
        if self.is_late {
            // What the wallet has forgotten since must be counted as what stands.
            self.look(tick)?;
        }
        self.wallet.tick()?;
        let Promised { bonds, wei } = self.wallet.promised(self.block);
        let bonds = bonds + self.open_bonds()? + 1;
        let gas = U256::from(game_gas(self.contracts.parameters())) * U256::from(bonds);
        let reserve = gas.saturating_mul(U256::from(self.wallet.prices()?.most));
        let expected = bond.saturating_add(wei).saturating_add(reserve);
        let got = self.contracts.chain().balance(self.account())?;
        let [now, before] = &mut self.withheld;
        if got >= expected {
            return Ok(true);
        }
        tick.withheld += 1;
        now.insert(name.to_owned());
        if !before.contains(name) {
            let missing = expected - got;
            tracing::warn!(name, bonds, %expected, %got, %missing, "no bond: too little money for its games");
        }
        Ok(false)
    }

    /// Bonds that stand, as far as they may have to be played for: games, and claims that nobody has challenged yet.
    /// They are counted once, each time that one looks.
    fn open_bonds(&mut self) -> Result<usize, DisputeError> {
        if self.role == Role::Challenger {
            return Ok(self.played.values().sum());
        }
        if let Some(bonds) = self.open_bonds {
            return Ok(bonds);
        }
        let account = self.account();
        let answers = self.ledger().answers();
        let own = answers.filter(|answer| answer.proposer == account);
        let own: Vec<_> = own.map(|answer| answer.claim).collect();
        let mut bonds = 0;
        for claim in own {
            let state = self.claim_state(claim)?;
            if state.status == ClaimStatus::Open {
                bonds += state.open_games.max(1) as usize;
            }
        }
        self.open_bonds = Some(bonds);
        Ok(bonds)
    }

    /// Has a move sent, unless it has been. One that reverts is sent again at once, for a clock runs, if it would not revert now.
    /// That is another intent: of each, at most one transaction is mined.
    pub(crate) fn ensure_move(&mut self, key: &str, call: &Call) -> Result<(), DisputeError> {
        let alive = (1..=MOST_ATTEMPTS)
            .rev()
            .find(|attempt| self.wallet.call_of(&attempt_key(key, *attempt)).is_some());
        for attempt in alive.unwrap_or(1)..=MOST_ATTEMPTS {
            match self.ensure(&attempt_key(key, attempt), call)? {
                Status::Mined(receipt) if !receipt.success => {
                    tracing::warn!(key, attempt, hash = %receipt.transaction, "a move has reverted");
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// The call of a move that is on its way.
    pub(crate) fn call_of_move(&self, key: &str) -> Option<&Call> {
        (1..=MOST_ATTEMPTS).find_map(|attempt| self.wallet.call_of(&attempt_key(key, attempt)))
    }

    /// Has a transaction sent that may wait, unless it has been. It leaves places in the wallet to moves, which may not.
    pub(crate) fn ensure_later(&mut self, key: &str, call: &Call) -> Result<(), DisputeError> {
        let for_moves = self.wallet.most_kept() / PARTS_FOR_MOVES;
        if self.wallet.call_of(key).is_none() && self.wallet.room() <= for_moves {
            tracing::debug!(key, "not sent yet: what is left of the outbox is for moves");
            return Ok(());
        }
        self.ensure(key, call).map(drop)
    }

    fn ensure(&mut self, key: &str, call: &Call) -> Result<Status, DisputeError> {
        let status = self.wallet.ensure(key, call)?;
        match &status {
            Status::WouldRevert(data) => tracing::debug!(key, %data, "not sent: it would revert"),
            Status::Held(reason) => tracing::warn!(key, %reason, "not sent"),
            status => tracing::debug!(key, ?status, "a transaction"),
        }
        Ok(status)
    }

    /// What a claim is about.
    pub(crate) fn job(&self, claim: &Claim, id: ClaimId) -> Option<Job> {
        let answer = self.ledger().answer(id)?;
        let request = self.ledger().request(answer.request)?;
        Some(Job::new(request, claim.start))
    }

    /// What all games of this player ask for: the nearest deadline first, and then what has none.
    fn duties(&mut self, tick: &mut Tick) -> Vec<(Duty, Game)> {
        self.played.clear();
        tick.games = 0;
        let games = self.ledger().games().filter(|game| self.is_own(game));
        let games: Vec<_> = games.copied().collect();
        let mut duties = Vec::with_capacity(games.len());
        for game in games {
            match self.duty(&game) {
                Ok(Some(duty)) => {
                    tick.games += 1;
                    *self.played.entry(game.claim).or_default() += 1;
                    duties.push((duty, game));
                }
                Ok(None) => {}
                Err(error) => tick.note("a game", Err(error)),
            }
        }
        duties.sort_by_key(|(duty, _)| *duty);
        duties
    }

    /// Whether a game is this player's, and about an answer. Anybody can post a claim elsewhere that names any defender: that
    /// is nobody's but the poster's.
    fn is_own(&self, game: &Game) -> bool {
        let account = self.account();
        let claim = self.ledger().claim(game.claim);
        let is_answer = |claim: &Claim| claim.host == self.contracts.deployment().claims;
        match self.role {
            Role::Challenger => game.challenger == account && claim.is_none_or(is_answer),
            Role::Defender => {
                claim.is_some_and(|claim| claim.defender == account && is_answer(claim))
            }
        }
    }

    /// What a game asks for; nothing at all if it is over.
    fn duty(&mut self, game: &Game) -> Result<Option<Duty>, DisputeError> {
        let GameStatus::Played {
            mover,
            last,
            deadline,
        } = self.contracts.game_state(game.id)?
        else {
            return Ok(None);
        };
        if self.claim_state(game.claim)?.status == ClaimStatus::Fallen {
            // What waits is the challenger's; for the defender it is over.
            return Ok(match self.role {
                Role::Challenger => Some(Duty::Collect),
                Role::Defender => None,
            });
        }
        let (is_mover, is_late) = (mover == self.role, self.now > deadline);
        if is_mover && is_late {
            // Who is late has lost, and somebody else will say so.
            tracing::error!(game = %game.id, deadline, "too late for a move");
        }
        Ok(Some(match (is_mover, is_late) {
            (true, false) => Duty::Move { deadline, last },
            (false, true) => Duty::TimeOut { last },
            (true, true) | (false, false) => Duty::Wait,
        }))
    }

    fn act(&mut self, duty: Duty, game: &Game, tick: &mut Tick) -> Result<(), DisputeError> {
        match duty {
            Duty::Move { last, .. } => {
                let key = move_key(game, last);
                let Some(call) = self.answer(game, &key, last)? else {
                    return Ok(());
                };
                tick.moves += 1;
                self.ensure_move(&key, &call)
            }
            Duty::TimeOut { last } => {
                let call = self.contracts.time_out(game.id);
                self.ensure_later(&format!("{}/late", move_key(game, last)), &call)
            }
            Duty::Collect => {
                let call = self.contracts.collect(game.id);
                self.ensure_later(&format!("collect/{}", game.id), &call)
            }
            Duty::Wait => Ok(()),
        }
    }

    /// The call that answers the other player's last move.
    fn answer(
        &mut self,
        game: &Game,
        key: &str,
        last: DissectionHash,
    ) -> Result<Option<Call>, DisputeError> {
        if let Some(call) = self.call_of_move(key) {
            return Ok(Some(call.clone()));
        }
        let ledger = self.follower.ledger();
        let claim = ledger.claim(game.claim);
        let job = claim.and_then(|claim| self.job(claim, game.claim));
        let Some((job, theirs)) = job.zip(ledger.last_move(game.id, last)) else {
            tracing::warn!(game = %game.id, "its last move was not read");
            self.doubt();
            return Ok(None);
        };
        let degree = self.contracts.parameters().degree;
        let (start, length) = theirs.range();
        let theirs = theirs.clone();
        let answer = self.ask_witness(&job, |witness| game::answer(witness, &theirs, degree))?;
        let Some(answer) = answer else {
            tracing::error!(game = %game.id, "the other player is right");
            return Ok(None);
        };
        tracing::info!(game = %game.id, start, length, kind = kind(&answer), "a move");
        Ok(Some(self.contracts.play(game.id, &answer)))
    }

    /// Fetches the money that waits.
    fn fetch(&mut self) -> Result<(), DisputeError> {
        let account = self.account();
        let deployment = *self.contracts.deployment();
        for contract in [deployment.game, deployment.claims] {
            let credit = self.contracts.credit(contract, account)?;
            if credit != U256::ZERO {
                let call = self.contracts.withdraw(contract, account);
                self.ensure_later(&format!("withdraw/{contract}"), &call)?;
            }
        }
        Ok(())
    }
}

fn move_key(game: &Game, last: DissectionHash) -> String {
    format!("game/{}/{last}", game.id)
}

fn attempt_key(key: &str, attempt: u32) -> String {
    match attempt {
        1 => key.to_owned(),
        _ => format!("{key}/again/{attempt}"),
    }
}

const fn kind(answer: &game::Move) -> &'static str {
    match answer {
        game::Move::Dissect { .. } => "dissect",
        game::Move::Prove { .. } => "prove",
    }
}
