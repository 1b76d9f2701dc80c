//! One who checks every answer.

use std::{collections::BTreeMap, path::Path};

use alloy_primitives::U256;
use enshrine_prover::game;

use crate::{
    contracts::{Claim, ClaimStatus, Contracts, GameStatus, Role},
    error::DisputeError,
    ids::ClaimId,
    oracle::Oracle,
    player::{Player, Tick},
    wallet::Wallet,
};

/// Runs every claim again, challenges those that are wrong, and plays to the end.
#[derive(Debug)]
pub struct Challenger {
    player: Player,
    /// Whether claims are right, of those that were run.
    judged: BTreeMap<ClaimId, bool>,
}

impl Challenger {
    /// Goes on where a challenger with this folder was. `first_block` is the first that can have claims.
    ///
    /// # Errors
    /// [`DisputeError`] if the folder cannot be used.
    pub fn open(
        contracts: Contracts,
        first_block: u64,
        wallet: Wallet,
        oracle: Box<dyn Oracle>,
        folder: &Path,
    ) -> Result<Self, DisputeError> {
        Ok(Self {
            player: Player::open(contracts, first_block, wallet, oracle, folder)?,
            judged: BTreeMap::new(),
        })
    }

    /// The one who sends.
    pub fn wallet(&self) -> &Wallet {
        self.player.wallet()
    }

    /// Claims that were run.
    pub fn judged(&self) -> usize {
        self.judged.len()
    }

    /// Wei of the account.
    ///
    /// # Errors
    /// [`DisputeError`] if the chain cannot be asked.
    pub fn balance(&self) -> Result<U256, DisputeError> {
        let account = self.player.account();
        Ok(self.player.contracts.chain().balance(account)?)
    }

    /// Looks at the chain and does what is to be done.
    ///
    /// # Errors
    /// [`DisputeError`] if the chain cannot be asked at all.
    pub fn tick(&mut self) -> Result<Tick, DisputeError> {
        let head = self.player.sync()?;
        let mut tick = Tick {
            block: head.number,
            ..Tick::default()
        };
        // Clocks run, and a run may take long.
        self.player
            .play_all(Role::Challenger, head.timestamp, &mut tick);
        for id in self.open_claims(head.timestamp)? {
            let checked = self.check(id, &mut tick);
            tick.note("a claim", checked);
        }
        Ok(tick)
    }

    /// Claims that may be wrong and can be challenged, the most urgent first.
    fn open_claims(&self, now: u64) -> Result<Vec<ClaimId>, DisputeError> {
        let mut open = Vec::new();
        for answer in self.player.ledger().answers() {
            if self.judged.get(&answer.claim) == Some(&true) {
                continue;
            }
            let state = self.player.contracts.claim_state(answer.claim)?;
            if state.status == ClaimStatus::Open && now <= state.deadline {
                open.push((state.deadline, answer.claim));
            }
        }
        open.sort_unstable();
        Ok(open.into_iter().map(|(_, claim)| claim).collect())
    }

    /// Challenges a claim if it is wrong.
    fn check(&mut self, id: ClaimId, tick: &mut Tick) -> Result<(), DisputeError> {
        let Some(claim) = self.player.ledger().claim(id).copied() else {
            return Ok(());
        };
        if self.is_right(id, &claim)? {
            return Ok(());
        }
        let game = self.player.contracts.game_of(id, self.player.account())?;
        if self.player.contracts.game_state(game)? != GameStatus::None {
            return Ok(());
        }
        tick.moves += 1;
        self.challenge(id, &claim)
    }

    fn is_right(&mut self, id: ClaimId, claim: &Claim) -> Result<bool, DisputeError> {
        if let Some(right) = self.judged.get(&id) {
            return Ok(*right);
        }
        let Some(job) = self.player.job(claim, id) else {
            // Its request is not read yet.
            return Ok(true);
        };
        let right = self.player.oracle.ending(&job)?.result.hash() == claim.end;
        tracing::info!(claim = %id, defender = %claim.defender, right, "checked");
        self.judged.insert(id, right);
        Ok(right)
    }

    fn challenge(&mut self, id: ClaimId, claim: &Claim) -> Result<(), DisputeError> {
        let key = format!("challenge/{id}");
        let call = match self.player.wallet().call_of(&key).cloned() {
            Some(call) => call,
            None => {
                let Some(job) = self.player.job(claim, id) else {
                    return Ok(());
                };
                let degree = self.player.contracts.parameters().degree;
                let mut witness = self.player.oracle.witness(&job)?;
                let ends = (claim.start, claim.end);
                let Some(first) = game::first_move(&mut *witness, ends, claim.length, degree)?
                else {
                    return Ok(());
                };
                self.player.contracts.challenge(claim, &first)
            }
        };
        self.player.ensure(&key, &call)
    }
}
