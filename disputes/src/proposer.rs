//! One who answers.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use alloy_primitives::U256;
use enshrine_prover::Terminal;

use crate::{
    contracts::{Answer, ClaimState, ClaimStatus, Contracts, Request, Role},
    error::DisputeError,
    ids::RequestId,
    oracle::{Ending, Job, Oracle},
    player::{Player, Tick},
    reserve::answer_gas,
    wallet::{Status, Wallet},
};

/// Bytes of an output that a consumer can be told in a transaction, which nodes take up to 128 KiB of.
const MAX_TOLD_BYTES: usize = 100 << 10;

/// Seconds before a request expires in which one does not rely on another's answer that is disputed.
const LAST_CALL: u64 = 120;

/// Which requests are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Wei that an answer must bring.
    pub min_fee: U256,
    /// Most fuel of `infer`.
    pub max_fuel: u64,
}

/// Answers requests, stands for the answers, and makes them final.
#[derive(Debug)]
pub struct Proposer {
    player: Player,
    terms: Terms,
    /// Whether a fee must pay for the gas of its answer.
    covers_costs: bool,
    /// Endings of runs whose answer is not final.
    endings: BTreeMap<RequestId, Ending>,
    /// Requests whose answer by this proposer is part of the chain and was not read.
    unread: BTreeSet<RequestId>,
    /// Requests whose fee the log has said is too low.
    refused: BTreeSet<RequestId>,
}

impl Proposer {
    /// Goes on where a proposer with this folder was. `first_block` is the first that can have requests.
    ///
    /// # Errors
    /// [`DisputeError`] if the folder cannot be used.
    pub fn open(
        contracts: Contracts,
        first_block: u64,
        wallet: Wallet,
        oracle: Box<dyn Oracle>,
        (folder, terms): (&Path, Terms),
    ) -> Result<Self, DisputeError> {
        Ok(Self {
            player: Player::open(
                Role::Defender,
                contracts,
                first_block,
                wallet,
                oracle,
                folder,
            )?,
            terms,
            covers_costs: false,
            endings: BTreeMap::new(),
            unread: BTreeSet::new(),
            refused: BTreeSet::new(),
        })
    }

    /// The same, who gives no answer whose fee does not pay for its gas at present: `answer`, `finalise` with what a consumer may
    /// use and the output that it is told, and getting the bond back.
    #[must_use]
    pub fn covering_costs(self) -> Self {
        Self {
            covers_costs: true,
            ..self
        }
    }

    /// The one who sends.
    pub fn wallet(&self) -> &Wallet {
        self.player.wallet()
    }

    /// Wei of the account.
    ///
    /// # Errors
    /// [`DisputeError`] if the chain cannot be asked.
    pub fn balance(&self) -> Result<U256, DisputeError> {
        let account = self.player.account();
        Ok(self.player.contracts.chain().balance(account)?)
    }

    /// Looks at the chain and does what is to be done. Before each run of a model, all games are played.
    ///
    /// # Errors
    /// [`DisputeError`] if the chain cannot be asked at all.
    pub fn tick(&mut self) -> Result<Tick, DisputeError> {
        let mut tick = self.player.begin_tick()?;
        let mut requests: Vec<_> = self.player.ledger().requests().cloned().collect();
        requests.sort_by_key(|request| request.question.expiry);
        for request in requests {
            let served = self.serve(&request, &mut tick);
            tick.note("a request", served);
        }
        Ok(tick)
    }

    /// Does what a request needs next.
    fn serve(&mut self, request: &Request, tick: &mut Tick) -> Result<(), DisputeError> {
        let mine = self.own_answer(request.id)?;
        let settled = self.player.contracts.is_final(request.id)?;
        if settled {
            self.endings.remove(&request.id);
        }
        let Some((answer, state)) = mine else {
            self.look_for_answer(request.id);
            if settled || self.player.now() > request.question.expiry {
                return Ok(());
            }
            return self.answer(request, tick);
        };
        self.unread.remove(&request.id);
        let is_open = state.status == ClaimStatus::Open;
        if is_open && state.open_games as usize > self.player.played(answer.claim) {
            tracing::warn!(claim = %answer.claim, "a game about it was not read");
            self.player.doubt();
        }
        if !stands(&state, self.player.now()) {
            return Ok(());
        }
        if !settled {
            let told = request.question.consumer.is_some();
            let output = if told {
                self.ending(request, tick)?.output.clone()
            } else {
                Vec::new()
            };
            let call = self.player.contracts.finalise(&answer, &output);
            self.player
                .ensure_later(&format!("finalise/{}", request.id), &call)?;
        }
        if state.status == ClaimStatus::Released {
            return Ok(());
        }
        let call = self.player.contracts.release(answer.claim);
        self.player
            .ensure_later(&format!("release/{}", answer.claim), &call)
    }

    /// The answer that this proposer has given, if it is part of the chain.
    fn own_answer(
        &mut self,
        request: RequestId,
    ) -> Result<Option<(Answer, ClaimState)>, DisputeError> {
        let account = self.player.account();
        for answer in self.answers(request) {
            if answer.proposer == account {
                let state = self.player.claim_state(answer.claim)?;
                if state.status != ClaimStatus::None {
                    return Ok(Some((answer, state)));
                }
            }
        }
        Ok(None)
    }

    /// Answers to a request that were read.
    fn answers(&self, request: RequestId) -> Vec<Answer> {
        let answers = self.player.ledger().answers();
        let about = answers.filter(|answer| answer.request == request);
        about.cloned().collect()
    }

    /// Doubts what was read if this proposer's answer is part of the chain, by its receipt, and was not read: nobody else would
    /// stand for it.
    fn look_for_answer(&mut self, request: RequestId) {
        let wallet = self.player.wallet();
        match wallet.status_of(&answer_key(request)) {
            Some(Status::Mined(receipt))
                if receipt.success && receipt.block_number <= self.player.block() =>
            {
                self.unread.insert(request);
            }
            Some(_) => drop(self.unread.remove(&request)),
            // The wallet has forgotten it, and nothing takes it back.
            None => {}
        }
        if self.unread.contains(&request) {
            tracing::warn!(%request, "an answer to it was not read");
            self.player.doubt();
        }
    }

    /// Whether this proposer has given an answer, as the contract says; then it was not read.
    fn has_given(&mut self, request: RequestId, result: &Terminal) -> Result<bool, DisputeError> {
        let account = self.player.account();
        let claim = self.player.contracts.claim_of(request, account, result)?;
        if self.player.claim_state(claim)?.status == ClaimStatus::None {
            return Ok(false);
        }
        tracing::warn!(%request, %claim, "an answer to it was not read");
        self.player.doubt();
        Ok(true)
    }

    /// Whether a request is worth an answer. How long the output is may not be known yet.
    fn is_wanted(&mut self, request: &Request, bytes: usize) -> Result<bool, DisputeError> {
        let Terms { min_fee, max_fuel } = self.terms;
        if request.fee < min_fee || request.question.fuel.infer > max_fuel {
            return Ok(false);
        }
        if !self.covers_costs {
            return Ok(true);
        }
        let told = request.question.consumer.map(|(_, gas)| (gas, bytes));
        let price = U256::from(self.player.prices()?.now);
        let costs = price.saturating_mul(U256::from(answer_gas(told)));
        if request.fee >= costs {
            return Ok(true);
        }
        if self.refused.insert(request.id) {
            tracing::info!(request = %request.id, fee = %request.fee, %costs, "its fee is too low");
        }
        Ok(false)
    }

    fn answer(&mut self, request: &Request, tick: &mut Tick) -> Result<(), DisputeError> {
        let key = answer_key(request.id);
        if let Some(call) = self.player.wallet().call_of(&key).cloned() {
            return self.player.ensure_later(&key, &call);
        }
        let known = self.endings.get(&request.id).map(|ending| ending.result);
        if let Some(result) = known
            && (self.has_given(request.id, &result)? || self.is_answered(request, &result)?)
        {
            return Ok(());
        }
        let bond = self.player.contracts.parameters().claim_bond;
        if !self.is_wanted(request, 0)? || !self.player.can_bond(&key, bond, tick)? {
            return Ok(());
        }
        let ending = self.ending(request, tick)?;
        let (result, size) = (ending.result, ending.output.len());
        if request.question.consumer.is_some() && size > MAX_TOLD_BYTES {
            tracing::debug!(request = %request.id, size, "no transaction could tell the output");
            return Ok(());
        }
        if self.has_given(request.id, &result)?
            || !self.is_wanted(request, size)?
            // The run may have taken long: other games may have begun, gas have become dearer, and somebody have answered.
            || !self.player.can_bond(&key, bond, tick)?
            || self.is_answered(request, &result)?
        {
            return Ok(());
        }
        tracing::info!(request = %request.id, ?result, "an answer");
        let call = self.player.contracts.answer(request.id, &result);
        self.player.ensure_later(&key, &call)
    }

    /// Whether somebody has given the same answer, and it may well become final. Shortly before nobody can answer any more, one
    /// does not rely on a claim that is being disputed: its defender may be away.
    fn is_answered(&mut self, request: &Request, result: &Terminal) -> Result<bool, DisputeError> {
        let last_call = self.player.now().saturating_add(LAST_CALL) > request.question.expiry;
        for answer in self.answers(request.id) {
            if answer.result != *result {
                continue;
            }
            let state = self.player.claim_state(answer.claim)?;
            let may_stand = match state.status {
                ClaimStatus::Released => true,
                ClaimStatus::Open => state.open_games == 0 || !last_call,
                ClaimStatus::None | ClaimStatus::Fallen => false,
            };
            if may_stand {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn ending(&mut self, request: &Request, tick: &mut Tick) -> Result<&Ending, DisputeError> {
        if !self.endings.contains_key(&request.id) {
            let start = self.player.contracts.start_of(request.id)?;
            let ending = self.player.ending(&Job::new(request, start), tick)?;
            self.endings.insert(request.id, ending);
        }
        Ok(&self.endings[&request.id])
    }
}

fn answer_key(request: RequestId) -> String {
    format!("answer/{request}")
}

/// Whether a claim cannot fall any more, so that its answer can be made final.
fn stands(state: &ClaimState, now: u64) -> bool {
    match state.status {
        ClaimStatus::Open => now > state.deadline && state.open_games == 0,
        ClaimStatus::Released => true,
        ClaimStatus::None | ClaimStatus::Fallen => false,
    }
}
