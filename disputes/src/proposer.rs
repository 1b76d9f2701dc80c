//! One who answers.

use std::{collections::BTreeMap, path::Path};

use alloy_primitives::U256;
use enshrine_l1::Block;

use crate::{
    contracts::{Answer, ClaimState, ClaimStatus, Contracts, Request, Role},
    error::DisputeError,
    ids::RequestId,
    oracle::{Ending, Job, Oracle},
    player::{Player, Tick},
    wallet::Wallet,
};

/// Bytes of an output that a consumer can be told in a transaction, which nodes take up to 128 KiB of.
const MAX_TOLD_BYTES: usize = 100 << 10;

/// Seconds before a request expires in which one answers although somebody else has.
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
    /// Endings of runs whose answer is not final.
    endings: BTreeMap<RequestId, Ending>,
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
            player: Player::open(contracts, first_block, wallet, oracle, folder)?,
            terms,
            endings: BTreeMap::new(),
        })
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
            .play_all(Role::Defender, head.timestamp, &mut tick);
        let requests: Vec<_> = self.player.ledger().requests().cloned().collect();
        for request in requests {
            let served = self.serve(&request, &head);
            tick.note("a request", served);
        }
        Ok(tick)
    }

    /// Does what a request needs next.
    fn serve(&mut self, request: &Request, head: &Block) -> Result<(), DisputeError> {
        let mine = self.own_answer(request.id)?;
        let settled = self.player.contracts.is_final(request.id)?;
        if settled {
            self.endings.remove(&request.id);
        }
        let Some((answer, state)) = mine else {
            if settled || head.timestamp > request.question.expiry || !self.is_wanted(request) {
                return Ok(());
            }
            return self.answer(request, head);
        };
        if !stands(&state, head.timestamp) {
            return Ok(());
        }
        if !settled {
            let told = request.question.consumer.is_some();
            let output = if told {
                self.ending(request)?.output.clone()
            } else {
                Vec::new()
            };
            let call = self.player.contracts.finalise(&answer, &output);
            self.player
                .ensure(&format!("finalise/{}", request.id), &call)?;
        }
        if state.status == ClaimStatus::Released {
            return Ok(());
        }
        let call = self.player.contracts.release(answer.claim);
        self.player
            .ensure(&format!("release/{}", answer.claim), &call)
    }

    /// The answer that this proposer has given, if it is part of the chain.
    fn own_answer(&self, request: RequestId) -> Result<Option<(Answer, ClaimState)>, DisputeError> {
        let account = self.player.account();
        for answer in self.player.ledger().answers() {
            if answer.request == request && answer.proposer == account {
                let state = self.player.contracts.claim_state(answer.claim)?;
                if state.status != ClaimStatus::None {
                    return Ok(Some((answer.clone(), state)));
                }
            }
        }
        Ok(None)
    }

    fn is_wanted(&self, request: &Request) -> bool {
        let Terms { min_fee, max_fuel } = self.terms;
        request.fee >= min_fee && request.question.fuel.infer <= max_fuel
    }

    fn answer(&mut self, request: &Request, head: &Block) -> Result<(), DisputeError> {
        let ending = self.ending(request)?;
        let (result, size) = (ending.result, ending.output.len());
        if request.question.consumer.is_some() && size > MAX_TOLD_BYTES {
            tracing::debug!(request = %request.id, size, "no transaction could tell the output");
            return Ok(());
        }
        // Somebody has given the same answer, and it may yet stand. In the end one does not rely on him.
        let in_the_end = head.timestamp.saturating_add(LAST_CALL) > request.question.expiry;
        if !in_the_end && self.is_answered(request.id, &result)? {
            return Ok(());
        }
        tracing::info!(request = %request.id, ?result, "an answer");
        let call = self.player.contracts.answer(request.id, &result);
        self.player.ensure(&format!("answer/{}", request.id), &call)
    }

    fn is_answered(
        &self,
        request: RequestId,
        result: &enshrine_prover::Terminal,
    ) -> Result<bool, DisputeError> {
        for answer in self.player.ledger().answers() {
            if answer.request == request && answer.result == *result {
                let status = self.player.contracts.claim_state(answer.claim)?.status;
                if matches!(status, ClaimStatus::Open | ClaimStatus::Released) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn ending(&mut self, request: &Request) -> Result<&Ending, DisputeError> {
        if !self.endings.contains_key(&request.id) {
            let start = self.player.contracts.start_of(request.id)?;
            let ending = self.player.oracle.ending(&Job::new(request, start))?;
            self.endings.insert(request.id, ending);
        }
        Ok(&self.endings[&request.id])
    }
}

/// Whether a claim cannot fall any more, so that its answer can be made final.
fn stands(state: &ClaimState, now: u64) -> bool {
    match state.status {
        ClaimStatus::Open => now > state.deadline && state.open_games == 0,
        ClaimStatus::Released => true,
        ClaimStatus::None | ClaimStatus::Fallen => false,
    }
}
