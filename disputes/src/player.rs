//! What proposers and challengers have in common: they watch, and they play games.

use std::path::Path;

use alloy_primitives::{Address, U256};
use enshrine_l1::{Block, Call, Severity};
use enshrine_prover::game;

use crate::{
    contracts::{Claim, ClaimStatus, Contracts, Game, GameStatus, Role},
    error::DisputeError,
    follower::Follower,
    ids::ClaimId,
    ledger::Ledger,
    oracle::{Job, Oracle},
    wallet::{Status, Wallet},
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

/// One who plays.
#[derive(Debug)]
pub(crate) struct Player {
    pub(crate) contracts: Contracts,
    pub(crate) oracle: Box<dyn Oracle>,
    follower: Follower,
    wallet: Wallet,
}

impl Player {
    /// Goes on where a player with this folder was.
    ///
    /// # Errors
    /// [`DisputeError`] if the folder cannot be used.
    pub(crate) fn open(
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
            follower,
            wallet,
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

    /// Reads what has happened.
    pub(crate) fn sync(&mut self) -> Result<Block, DisputeError> {
        let block = self.follower.sync()?;
        self.wallet.tick()?;
        Ok(block)
    }

    /// Has a transaction sent, unless it has been.
    pub(crate) fn ensure(&mut self, key: &str, call: &Call) -> Result<(), DisputeError> {
        match self.wallet.ensure(key, call)? {
            Status::WouldRevert(data) => tracing::debug!(key, %data, "not sent: it would revert"),
            Status::Held(reason) => tracing::warn!(key, %reason, "not sent"),
            status => tracing::debug!(key, ?status, "a transaction"),
        }
        Ok(())
    }

    /// What a claim is about.
    pub(crate) fn job(&self, claim: &Claim, id: ClaimId) -> Option<Job> {
        let answer = self.ledger().answer(id)?;
        let request = self.ledger().request(answer.request)?;
        Some(Job::new(request, claim.start))
    }

    /// Plays all games that `role` makes this player's, and fetches what they brought.
    pub(crate) fn play_all(&mut self, role: Role, now: u64, tick: &mut Tick) {
        let account = self.account();
        let mine = |game: &&Game| match role {
            Role::Challenger => game.challenger == account,
            Role::Defender => {
                let claim = self.ledger().claim(game.claim);
                claim.is_some_and(|claim| claim.defender == account)
            }
        };
        let games: Vec<_> = self.ledger().games().filter(mine).copied().collect();
        let mut open = Vec::with_capacity(games.len());
        for game in games {
            match self.contracts.game_state(game.id) {
                Ok(GameStatus::Played {
                    mover,
                    last,
                    deadline,
                }) => open.push((deadline, mover, last, game)),
                Ok(_) => {}
                Err(error) => tick.note("a game", Err(error.into())),
            }
        }
        // A move takes a block at worst: who has waited longest comes first.
        open.sort_by_key(|(deadline, ..)| *deadline);
        for (deadline, mover, last, game) in open {
            let status = GameStatus::Played {
                mover,
                last,
                deadline,
            };
            let played = self.play(&game, status, role, now, tick);
            tick.note("a game", played);
        }
        let fetched = self.fetch();
        tick.note("money", fetched);
    }

    fn play(
        &mut self,
        game: &Game,
        status: GameStatus,
        role: Role,
        now: u64,
        tick: &mut Tick,
    ) -> Result<(), DisputeError> {
        let GameStatus::Played {
            mover,
            last,
            deadline,
        } = status
        else {
            return Ok(());
        };
        tick.games += 1;
        let key = format!("game/{}/{last}", game.id);
        if self.contracts.claim_state(game.claim)?.status == ClaimStatus::Fallen {
            let call = self.contracts.collect(game.id);
            return self.ensure(&format!("collect/{}", game.id), &call);
        }
        if now > deadline {
            // Who is late has lost. If that is this player, somebody else will say so.
            if mover == role {
                tracing::error!(game = %game.id, deadline, "too late for a move");
                return Ok(());
            }
            let call = self.contracts.time_out(game.id);
            return self.ensure(&format!("{key}/late"), &call);
        }
        if mover != role {
            return Ok(());
        }
        let Some(call) = self.answer(game, &key, last)? else {
            return Ok(());
        };
        tick.moves += 1;
        self.ensure(&key, &call)
    }

    /// The call that answers the other player's last move.
    fn answer(
        &mut self,
        game: &Game,
        key: &str,
        last: game::DissectionHash,
    ) -> Result<Option<Call>, DisputeError> {
        if let Some(call) = self.wallet.call_of(key) {
            return Ok(Some(call.clone()));
        }
        let ledger = self.follower.ledger();
        let known = ledger
            .claim(game.claim)
            .zip(ledger.last_move(game.id, last));
        let Some((claim, theirs)) = known else {
            tracing::debug!(game = %game.id, "its last move is not read yet");
            return Ok(None);
        };
        let Some(job) = self.job(claim, game.claim) else {
            return Ok(None);
        };
        let degree = self.contracts.parameters().degree;
        let (start, length) = theirs.range();
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
                self.ensure(&format!("withdraw/{contract}"), &call)?;
            }
        }
        Ok(())
    }
}

const fn kind(answer: &game::Move) -> &'static str {
    match answer {
        game::Move::Dissect { .. } => "dissect",
        game::Move::Prove { .. } => "prove",
    }
}
