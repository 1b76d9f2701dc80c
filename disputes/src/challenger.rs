//! One who checks every answer.

use std::{collections::BTreeMap, path::Path};

use alloy_primitives::U256;

use crate::{
    contracts::{Claim, ClaimState, ClaimStatus, Contracts, GameStatus, Role},
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
        let mut tick = self.player.begin_tick()?;
        for (deadline, id) in self.open_claims()? {
            if self.player.now() <= deadline {
                let checked = self.check(id, &mut tick);
                tick.note("a claim", checked);
            }
        }
        Ok(tick)
    }

    /// Claims that may be wrong and the last second in which each can be challenged, the most urgent first.
    fn open_claims(&mut self) -> Result<Vec<(u64, ClaimId)>, DisputeError> {
        let now = self.player.now();
        let claims = self.player.ledger().answers().map(|answer| answer.claim);
        let claims: Vec<_> = claims
            .filter(|claim| self.judged.get(claim) != Some(&true))
            .collect();
        let mut open = Vec::new();
        for claim in claims {
            let state = self.player.claim_state(claim)?;
            self.look_for_game(claim, &state)?;
            if state.status == ClaimStatus::Open && now <= state.deadline {
                open.push((state.deadline, claim));
            }
        }
        open.sort_unstable();
        Ok(open)
    }

    /// Doubts what was read if there is a game of this challenger about a claim that was not: nobody else would play it, or
    /// collect it when the claim has fallen. Also when the claim's window is over.
    fn look_for_game(&mut self, claim: ClaimId, state: &ClaimState) -> Result<(), DisputeError> {
        let account = self.player.account();
        if state.open_games == 0 || self.player.ledger().has_game(claim, account) {
            return Ok(());
        }
        let game = self.player.contracts.game_of(claim, account)?;
        if let GameStatus::Played { .. } = self.player.contracts.game_state(game)? {
            tracing::warn!(%claim, %game, "a game about it was not read");
            self.player.doubt();
        }
        Ok(())
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
        let right = self.player.ending(job, tick)?.result.hash() == claim.end;
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
        let bond = self.player.contracts.parameters().challenge_bond;
        if !self.player.can_bond(&key, bond, tick)? {
            return Ok(());
        }
        let Some(first) = self.player.first_move(job, claim, tick)? else {
            return Ok(());
        };
        // The run may have taken long: other games may have begun, and gas have become dearer.
        if !self.player.can_bond(&key, bond, tick)? {
            return Ok(());
        }
        tick.moves += 1;
        let call = self.player.contracts.challenge(claim, &first);
        self.player.ensure_move(&key, &call)
    }
}
