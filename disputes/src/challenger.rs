//! One who checks every answer.

use std::{collections::BTreeMap, path::Path};

use alloy_primitives::U256;
use enshrine_l1::GameParameters;
use enshrine_prover::game;

use crate::{
    contracts::{Claim, ClaimStatus, Contracts, GameStatus, Role},
    error::DisputeError,
    ids::ClaimId,
    oracle::{Job, Oracle},
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
            player: Player::open(
                Role::Challenger,
                contracts,
                first_block,
                wallet,
                oracle,
                folder,
            )?,
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

    /// Looks at the chain and does what is to be done. Each claim is run; before the next is, all games are played.
    ///
    /// # Errors
    /// [`DisputeError`] if the chain cannot be asked at all.
    pub fn tick(&mut self) -> Result<Tick, DisputeError> {
        let mut tick = Tick::default();
        self.player.look_round(&mut tick)?;
        for (deadline, id) in self.open_claims()? {
            if self.player.now() <= deadline {
                let checked = self.check(id, &mut tick);
                tick.note("a claim", checked);
            }
        }
        Ok(tick)
    }

    /// Claims that may be wrong and the last second in which each can be challenged, the most urgent first.
    fn open_claims(&self) -> Result<Vec<(u64, ClaimId)>, DisputeError> {
        let now = self.player.now();
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
        Ok(open)
    }

    /// Challenges a claim if it is wrong.
    fn check(&mut self, id: ClaimId, tick: &mut Tick) -> Result<(), DisputeError> {
        let claim = self.player.ledger().claim(id).copied();
        let Some((claim, job)) =
            claim.and_then(|claim| Some((claim, self.player.job(&claim, id)?)))
        else {
            tracing::warn!(claim = %id, "its claim or its request was not read");
            self.player.doubt();
            return Ok(());
        };
        if self.is_right(id, &claim, &job, tick)? {
            return Ok(());
        }
        let game = self.player.contracts.game_of(id, self.player.account())?;
        if self.player.contracts.game_state(game)? != GameStatus::None {
            return Ok(());
        }
        self.challenge(id, &claim, &job, tick)
    }

    fn is_right(
        &mut self,
        id: ClaimId,
        claim: &Claim,
        job: &Job,
        tick: &mut Tick,
    ) -> Result<bool, DisputeError> {
        if let Some(right) = self.judged.get(&id) {
            return Ok(*right);
        }
        self.player.begin_run(tick)?;
        let right = self.player.oracle.ending(job)?.result.hash() == claim.end;
        tracing::info!(claim = %id, defender = %claim.defender, right, "checked");
        self.judged.insert(id, right);
        Ok(right)
    }

    fn challenge(
        &mut self,
        id: ClaimId,
        claim: &Claim,
        job: &Job,
        tick: &mut Tick,
    ) -> Result<(), DisputeError> {
        let key = format!("challenge/{id}");
        if let Some(call) = self.player.call_of_move(&key).cloned() {
            tick.moves += 1;
            return self.player.ensure_move(&key, &call);
        }
        let GameParameters {
            degree,
            challenge_bond,
            ..
        } = *self.player.contracts.parameters();
        if !self.player.can_bond(&key, challenge_bond, tick)? {
            return Ok(());
        }
        self.player.begin_run(tick)?;
        let mut witness = self.player.oracle.witness(job)?;
        let ends = (claim.start, claim.end);
        let Some(first) = game::first_move(&mut *witness, ends, claim.length, degree)? else {
            return Ok(());
        };
        drop(witness);
        tick.moves += 1;
        let call = self.player.contracts.challenge(claim, &first);
        self.player.ensure_move(&key, &call)
    }
}
