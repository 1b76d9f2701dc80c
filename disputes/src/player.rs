//! What proposers and challengers have in common: they watch, and they play games.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use alloy_primitives::{Address, U256};
use enshrine_l1::{Call, Severity};
use enshrine_prover::game::{self, DissectionHash};

use crate::{
    contracts::{Claim, ClaimStatus, Contracts, Game, GameStatus, Role},
    error::DisputeError,
    follower::Follower,
    ids::ClaimId,
    ledger::Ledger,
    oracle::{Job, Oracle},
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

/// Times that a move is sent which is mined and reverts, before one waits until the first of them is confirmed.
const MOST_ATTEMPTS: u32 = 4;

/// The wallet's places of which a part is kept for moves, and how large that part is.
const PARTS_FOR_MOVES: usize = 4;

/// One who plays.
#[derive(Debug)]
pub(crate) struct Player {
    pub(crate) contracts: Contracts,
    pub(crate) oracle: Box<dyn Oracle>,
    role: Role,
    follower: Follower,
    wallet: Wallet,
    /// Number of the newest block that was looked at.
    block: u64,
    /// Its timestamp.
    now: u64,
    /// Whether a model has run since then.
    has_run: bool,
    /// Games that were being played then, by claim.
    played: BTreeMap<ClaimId, usize>,
    /// Bonds that the log has said are withheld.
    withheld: BTreeSet<String>,
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
            played: BTreeMap::new(),
            withheld: BTreeSet::new(),
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

    /// Time of the newest block that was looked at.
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

    /// Reads what has happened, and plays all games.
    pub(crate) fn look_round(&mut self, tick: &mut Tick) -> Result<(), DisputeError> {
        let head = self.follower.sync()?;
        self.wallet.tick()?;
        (self.block, self.now) = (head.number, head.timestamp);
        self.has_run = false;
        tick.block = head.number;
        self.play_all(tick);
        Ok(())
    }

    /// Called before each run of a model. Clocks go on while one runs: after each run one looks round before the next.
    pub(crate) fn begin_run(&mut self, tick: &mut Tick) -> Result<(), DisputeError> {
        if self.has_run {
            self.look_round(tick)?;
        }
        self.has_run = true;
        Ok(())
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
        self.wallet.tick()?;
        let Promised { bonds, wei } = self.wallet.promised(self.block);
        let bonds = bonds + self.open_bonds()? + 1;
        let gas = U256::from(game_gas(self.contracts.parameters())) * U256::from(bonds);
        let reserve = gas.saturating_mul(U256::from(self.wallet.prices()?.most));
        let expected = bond.saturating_add(wei).saturating_add(reserve);
        let got = self.contracts.chain().balance(self.account())?;
        if got >= expected {
            self.withheld.remove(name);
            return Ok(true);
        }
        tick.withheld += 1;
        if self.withheld.insert(name.to_owned()) {
            let missing = expected - got;
            tracing::warn!(name, bonds, %expected, %got, %missing, "no bond: too little money for its games");
        }
        Ok(false)
    }

    /// Bonds that stand, as far as they may have to be played for: games, and claims that nobody has challenged yet.
    fn open_bonds(&self) -> Result<usize, DisputeError> {
        if self.role == Role::Challenger {
            return Ok(self.played.values().sum());
        }
        let account = self.account();
        let mut bonds = 0;
        for answer in self.ledger().answers() {
            if answer.proposer != account {
                continue;
            }
            let state = self.contracts.claim_state(answer.claim)?;
            if state.status == ClaimStatus::Open {
                bonds += state.open_games.max(1) as usize;
            }
        }
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

    /// Plays all games of this player, and fetches what they brought.
    fn play_all(&mut self, tick: &mut Tick) {
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
        // The nearest deadline first, and then what has none.
        duties.sort_by_key(|(duty, _)| *duty);
        for (duty, game) in duties {
            let done = self.act(duty, &game, tick);
            tick.note("a game", done);
        }
        let fetched = self.fetch();
        tick.note("money", fetched);
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
    fn duty(&self, game: &Game) -> Result<Option<Duty>, DisputeError> {
        let GameStatus::Played {
            mover,
            last,
            deadline,
        } = self.contracts.game_state(game.id)?
        else {
            return Ok(None);
        };
        if self.contracts.claim_state(game.claim)?.status == ClaimStatus::Fallen {
            // What waits is the challenger's.
            return Ok(Some(match self.role {
                Role::Challenger => Duty::Collect,
                Role::Defender => Duty::Wait,
            }));
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
        self.has_run = true;
        let mut witness = self.oracle.witness(&job)?;
        let Some(answer) = game::answer(&mut *witness, theirs, degree)? else {
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
