//! A wallet that makes what is to happen on a chain happen once.

mod error;
mod fees;
mod key;
mod outbox;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use alloy_consensus::TxEip1559;
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use enshrine_l1::{Block, Call, Chain, ChainError, Receipt, Refusal};
use tracing::{info, warn};

pub use error::WalletError;
use fees::Fees;
pub use key::Key;
use outbox::{Entry, Outbox, Version};

/// Bytes of the name of an intent.
const MAX_KEY_BYTES: usize = 256;

/// Bytes of call data: nodes take no transaction that is longer than this.
const MAX_DATA_BYTES: usize = 128 << 10;

/// How a wallet goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalletConfig {
    /// Blocks, its own among them, after which a transaction is taken to stay.
    pub confirmations: u64,
    /// Blocks after which a transaction that is not mined offers more.
    pub bump_blocks: u64,
    /// Seconds, by timestamps of blocks, after which it does.
    pub bump_seconds: u64,
    /// Wei for a unit of gas, at most.
    pub max_fee_per_gas: u128,
    /// Gas of a transaction, at most.
    pub max_gas: u64,
    /// Transactions that are kept at once, at most. It bounds the disk space of the outbox.
    pub max_kept: usize,
}

impl Default for WalletConfig {
    /// Twelve confirmations, more after three blocks or a minute, at most 300 gwei, 2^24 gas
    /// ([EIP-7825](https://eips.ethereum.org/EIPS/eip-7825)) and 64 transactions.
    fn default() -> Self {
        Self {
            confirmations: 12,
            bump_blocks: 3,
            bump_seconds: 60,
            max_fee_per_gas: 300_000_000_000,
            max_gas: 1 << 24,
            max_kept: 64,
        }
    }
}

/// How it stands with an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Its transaction has been sent just now, for the first time.
    Sent,
    /// Its transaction has been sent and is not mined, as far as the wallet knows.
    Pending,
    /// Its transaction is part of the chain; it may have reverted. A re-org may take it back until it is confirmed.
    Mined(Receipt),
    /// Nothing is sent, for the call would revert, with this.
    WouldRevert(Bytes),
    /// Its transaction does not go on, or is not made, for now.
    Held(Held),
    /// Another transaction has taken its nonce for good, and it is forgotten. Asked again, the wallet sends a new one.
    Lost,
}

/// Why a transaction does not go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Held {
    /// It would have to pay more for gas than it may.
    #[error("at a base fee of {base_fee} wei it would have to offer more than {ceiling} wei")]
    FeeCeiling {
        /// Wei for a unit of gas, of the newest block.
        base_fee: u128,
        /// Wei for a unit of gas that it may pay.
        ceiling: u128,
    },
    /// The account has too little money.
    #[error("the account has too little money")]
    Funds,
    /// It needs more gas than it may use.
    #[error("it needs {needed} gas and may use {limit}")]
    Gas {
        /// Gas that it needs.
        needed: u64,
        /// Gas that it may use.
        limit: u64,
    },
    /// The wallet keeps as many transactions as it may.
    #[error("{limit} transactions are not settled")]
    Full {
        /// How many these are.
        limit: usize,
    },
    /// The node does not take it.
    #[error("the node says: {0}")]
    Refused(String),
}

/// A transaction that the wallet has forgotten, for nothing will change any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The intent; none for a transaction that filled a gap between nonces.
    pub key: Option<String>,
    /// Its nonce.
    pub nonce: u64,
    /// What became of it; none if another transaction has taken its nonce.
    pub receipt: Option<Receipt>,
}

/// What a wallet has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Transactions sent, each counted once.
    pub sent: u64,
    /// Versions of them that offer more.
    pub bumped: u64,
    /// Transactions that are confirmed, those that reverted among them.
    pub mined: u64,
    /// Transactions that are confirmed and reverted.
    pub reverted: u64,
    /// Times that a re-org has taken a transaction back.
    pub taken_back: u64,
    /// Transactions whose nonce another has taken.
    pub lost: u64,
    /// Wei paid for gas by transactions that are confirmed.
    pub gas_spent_wei: u128,
}

/// A key, what it has signed, and the chain.
///
/// The key must be this wallet's own: a transaction that it signs elsewhere takes a nonce that the wallet counts on.
///
/// INVARIANT: of one intent, at most one transaction can be mined. What may be mined is on the disk before a node sees it,
/// all its versions have one nonce, and it is forgotten only when it is confirmed, or when another transaction with its nonce
/// is.
#[derive(Debug)]
pub struct Wallet {
    key: Key,
    chain: Arc<dyn Chain>,
    chain_id: u64,
    config: WalletConfig,
    outbox: Outbox,
    /// By nonce.
    tracked: BTreeMap<u64, Tracked>,
    /// What was seen last.
    view: Option<View>,
    /// The lowest nonce that nothing has while a higher one waits, and the block in which it was seen first.
    gap: Option<(u64, u64)>,
    /// What the next tick will report.
    settled: Vec<Settled>,
    counts: Counts,
}

/// Wei for a unit of gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// What a transaction pays if it is mined now.
    pub now: u128,
    /// What it offers at most.
    pub most: u128,
}

/// Money that is promised and not yet gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Promised {
    /// Transactions that bring money and are not part of the chain, or came into it after a given block.
    pub bonds: usize,
    /// Wei that transactions may still take, with their gas.
    pub wei: U256,
}

/// The chain at one time.
#[derive(Clone, Copy, Debug)]
struct View {
    head: Block,
    /// The account's transactions that are part of it.
    nonce: u64,
}

/// An entry of the outbox and what is known of it.
#[derive(Debug)]
struct Tracked {
    entry: Entry,
    status: Status,
    /// The newest block when it was looked at.
    seen_at: Option<B256>,
    /// The block and its timestamp since when a node has had this version.
    waits_since: Option<(u64, u64)>,
    /// The block in which its nonce was seen to be another's.
    lost_since: Option<u64>,
    /// A node wants more for it.
    underpriced: bool,
}

/// Whether a node may have seen a transaction before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handover {
    First,
    Again,
}

impl Wallet {
    /// Locks a folder and reads what an earlier wallet has left there, which the next [`tick`](Self::tick) sends again. The
    /// chain is asked for its number only.
    ///
    /// # Errors
    /// [`WalletError`] if another process uses the folder, what is in it is damaged or of another account, or the chain cannot
    /// be asked.
    pub fn open(
        key: Key,
        chain: Arc<dyn Chain>,
        folder: &Path,
        config: WalletConfig,
    ) -> Result<Self, WalletError> {
        let chain_id = chain.id()?;
        let (outbox, entries) = Outbox::open(folder, chain_id, key.address())?;
        let tracked = entries.into_iter();
        let tracked = tracked.map(|(nonce, entry)| (nonce, Tracked::new(entry)));
        Ok(Self {
            key,
            chain,
            chain_id,
            config,
            outbox,
            tracked: tracked.collect(),
            view: None,
            gap: None,
            settled: Vec::new(),
            counts: Counts::default(),
        })
    }

    /// The account that pays.
    pub fn account(&self) -> Address {
        self.key.address()
    }

    /// What it has done.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Transactions that are not settled.
    pub fn kept(&self) -> usize {
        self.tracked.len()
    }

    /// Transactions that it can keep on top of those that it keeps.
    pub fn room(&self) -> usize {
        self.config.max_kept.saturating_sub(self.tracked.len())
    }

    /// Transactions that it keeps at most.
    pub fn most_kept(&self) -> usize {
        self.config.max_kept
    }

    /// What gas costs now, as far as this wallet would pay for it.
    ///
    /// # Errors
    /// [`WalletError`] if the chain cannot be asked.
    pub fn prices(&mut self) -> Result<Prices, WalletError> {
        let (base_fee, ceiling) = (
            self.look_at_chain()?.head.base_fee,
            self.config.max_fee_per_gas,
        );
        let tip = self.chain.tip()?;
        Ok(Prices {
            now: base_fee.saturating_add(tip).min(ceiling),
            most: fees::wanted(base_fee, tip).min(ceiling),
        })
    }

    /// What is on its way: bonds that are not part of the chain up to `block`, and wei that the account still has and may not
    /// spend.
    pub fn promised(&self, block: u64) -> Promised {
        let mut promised = Promised::default();
        for Tracked { entry, status, .. } in self.tracked.values() {
            let is_new = match status {
                Status::Mined(receipt) => receipt.success && receipt.block_number > block,
                _ => true,
            };
            promised.bonds += usize::from(is_new && !entry.call.value.is_zero());
            if !matches!(status, Status::Mined(_)) {
                let gas = U256::from(entry.gas_limit) * U256::from(entry.newest().max_fee);
                let most = entry.call.value.saturating_add(gas);
                promised.wei = promised.wei.saturating_add(most);
            }
        }
        promised
    }

    /// The call that an intent stands for, while its transaction is not settled.
    pub fn call_of(&self, key: &str) -> Option<&Call> {
        self.tracked_of(key).map(|tracked| &tracked.entry.call)
    }

    /// How it stood with an intent when one last looked, while its transaction is not settled.
    pub fn status_of(&self, key: &str) -> Option<&Status> {
        self.tracked_of(key).map(|tracked| &tracked.status)
    }

    fn tracked_of(&self, key: &str) -> Option<&Tracked> {
        let mut tracked = self.tracked.values();
        tracked.find(|tracked| tracked.entry.key.as_deref() == Some(key))
    }

    /// Makes sure that a call happens: sends it, if nothing that it has sent for this intent is alive, or looks after what is.
    ///
    /// `key` names the intent. While it is alive its first call stands, whatever is given with it later. Once it is settled
    /// the wallet knows nothing of it and would send it again, so the caller asks only for what the chain's state calls for.
    ///
    /// # Errors
    /// [`WalletError`] if the chain cannot be asked or the disk not be written. The same may then be asked again: what has
    /// been signed is on the disk.
    pub fn ensure(&mut self, key: &str, call: &Call) -> Result<Status, WalletError> {
        check_length("the intent's name", key.len(), MAX_KEY_BYTES)?;
        check_length("call data", call.data.len(), MAX_DATA_BYTES)?;
        let view = self.look_at_chain()?;
        let known = self.tracked_of(key);
        let Some(nonce) = known.map(|tracked| tracked.entry.nonce) else {
            return self.send_new(Some(key), call, &view);
        };
        Ok(match self.look_after(nonce, &view)? {
            Some(settled) => settled.receipt.map_or(Status::Lost, Status::Mined),
            None => self.tracked[&nonce].status.clone(),
        })
    }

    /// Looks after all that is alive, and says what is settled since the last time. To be called regularly, if only to settle
    /// what nobody asks for any more.
    ///
    /// # Errors
    /// [`WalletError`] if the chain cannot be asked or the disk not be written. What is settled by then is said next time.
    pub fn tick(&mut self) -> Result<Vec<Settled>, WalletError> {
        let view = self.look_at_chain()?;
        let nonces: Vec<_> = self.tracked.keys().copied().collect();
        for nonce in nonces {
            let settled = self.look_after(nonce, &view)?;
            self.settled.extend(settled);
        }
        self.fill_gap(&view)?;
        Ok(std::mem::take(&mut self.settled))
    }

    /// The nonce is asked for when there is a new block.
    fn look_at_chain(&mut self) -> Result<View, WalletError> {
        let head = self.chain.head()?;
        if let Some(view) = self.view.filter(|view| view.head.hash == head.hash) {
            return Ok(view);
        }
        let nonce = self.chain.nonce(self.key.address())?;
        Ok(*self.view.insert(View { head, nonce }))
    }

    /// Sends a transaction that nothing is known of.
    fn send_new(
        &mut self,
        key: Option<&str>,
        call: &Call,
        view: &View,
    ) -> Result<Status, WalletError> {
        let limit = self.config.max_kept;
        if key.is_some() && self.tracked.len() >= limit {
            return Ok(Status::Held(Held::Full { limit }));
        }
        let gas_limit = match self.gas_limit(call)? {
            Ok(gas_limit) => gas_limit,
            Err(status) => return Ok(status),
        };
        let ceiling = self.config.max_fee_per_gas;
        let Some(fees) = Fees::fresh(&view.head, self.chain.tip()?, ceiling) else {
            return Ok(self.held_by_ceiling(key.unwrap_or_default(), view));
        };
        if !self.can_pay(call.value, gas_limit, fees)? {
            return Ok(Status::Held(Held::Funds));
        }
        let mut entry = Entry {
            key: key.map(str::to_owned),
            nonce: self.free_nonce(view.nonce),
            call: call.clone(),
            gas_limit,
            versions: Vec::new(),
            raw: Bytes::new(),
        };
        self.sign(&mut entry, fees, &view.head)?;
        // INVARIANT: it is on the disk before a node sees it.
        self.outbox.write(&entry)?;
        let nonce = entry.nonce;
        info!(key = entry.name(), nonce, hash = %entry.newest().hash, "sends a transaction");
        self.tracked.insert(nonce, Tracked::new(entry));
        self.counts.sent += 1;
        self.hand_over(nonce, view, Handover::First)
    }

    /// Gas for a call, a fifth above what it needs now; or why there is none.
    fn gas_limit(&self, call: &Call) -> Result<Result<u64, Status>, WalletError> {
        let limit = self.config.max_gas;
        let held = |reason| Ok(Err(Status::Held(reason)));
        match self.chain.estimate_gas(self.key.address(), call) {
            Ok(needed) if needed > limit => held(Held::Gas { needed, limit }),
            Ok(needed) => Ok(Ok(needed.saturating_add(needed.div_ceil(5)).min(limit))),
            Err(ChainError::Reverted { data }) => Ok(Err(Status::WouldRevert(data))),
            Err(ChainError::Refused { reason }) => match reason {
                Refusal::Funds => held(Held::Funds),
                reason => held(Held::Refused(reason.to_string())),
            },
            Err(error) => Err(error.into()),
        }
    }

    fn can_pay(&self, value: U256, gas_limit: u64, fees: Fees) -> Result<bool, WalletError> {
        let gas = U256::from(gas_limit).saturating_mul(U256::from(fees.max_fee));
        Ok(self.chain.balance(self.key.address())? >= value.saturating_add(gas))
    }

    /// The lowest nonce that neither the chain nor an entry has, so that gaps are filled first.
    fn free_nonce(&self, chain_nonce: u64) -> u64 {
        let taken = self.tracked.range(chain_nonce..);
        let run = taken.zip(chain_nonce..);
        chain_nonce + run.take_while(|((nonce, _), next)| *nonce == next).count() as u64
    }

    /// Adds a version to an entry.
    fn sign(&self, entry: &mut Entry, fees: Fees, head: &Block) -> Result<(), WalletError> {
        let signed = self.key.sign(TxEip1559 {
            chain_id: self.chain_id,
            nonce: entry.nonce,
            gas_limit: entry.gas_limit,
            max_fee_per_gas: fees.max_fee,
            max_priority_fee_per_gas: fees.tip,
            to: entry.call.to.map_or(TxKind::Create, TxKind::Call),
            value: entry.call.value,
            access_list: Default::default(),
            input: entry.call.data.clone(),
        })?;
        entry.versions.push(Version {
            hash: *signed.hash(),
            max_fee: fees.max_fee,
            tip: fees.tip,
            block: head.number,
            timestamp: head.timestamp,
        });
        entry.raw = signed.encoded_2718().into();
        Ok(())
    }

    /// Hands the newest version of an entry to the node.
    fn hand_over(
        &mut self,
        nonce: u64,
        view: &View,
        handover: Handover,
    ) -> Result<Status, WalletError> {
        let tracked = self.tracked.get_mut(&nonce).expect("the caller has it");
        let sent = self.chain.send_raw(&tracked.entry.raw);
        let refusal = match sent {
            Ok(_) => Refusal::Known,
            Err(ChainError::Refused { reason }) => reason,
            Err(error) => return Err(error.into()),
        };
        let first = handover == Handover::First;
        tracked.status = match refusal {
            Refusal::Known => {
                tracked.underpriced = false;
                Status::Pending
            }
            Refusal::Underpriced => {
                tracked.underpriced = true;
                Status::Pending
            }
            Refusal::NonceUsed if first => Status::Lost,
            // It may be by this very transaction: the next block tells.
            Refusal::NonceUsed => Status::Pending,
            Refusal::Funds => Status::Held(Held::Funds),
            Refusal::Other(reason) => Status::Held(Held::Refused(reason)),
        };
        tracked.seen_at = Some(view.head.hash);
        let since = (view.head.number, view.head.timestamp);
        tracked.waits_since.get_or_insert(since);
        let status = tracked.status.clone();
        if status == Status::Pending {
            return Ok(if first { Status::Sent } else { status });
        }
        warn!(
            key = tracked.entry.name(),
            nonce,
            ?status,
            "the node does not take a transaction"
        );
        if first {
            // Nobody else has seen it, so it cannot be mined and must not be in the way of others.
            self.forget(nonce)?;
            self.counts.sent -= 1;
            self.view = None;
        }
        Ok(status)
    }

    /// Looks after an entry, once a block. What is settled is forgotten.
    fn look_after(&mut self, nonce: u64, view: &View) -> Result<Option<Settled>, WalletError> {
        let tracked = &self.tracked[&nonce];
        if tracked.seen_at == Some(view.head.hash) {
            return Ok(None);
        }
        if nonce < view.nonce {
            return self.look_for_receipt(nonce, view);
        }
        self.look_after_unmined(nonce, view)?;
        Ok(None)
    }

    /// Looks after an entry whose nonce is used.
    fn look_for_receipt(
        &mut self,
        nonce: u64,
        view: &View,
    ) -> Result<Option<Settled>, WalletError> {
        let receipt = self.receipt(&self.tracked[&nonce].entry)?;
        let tracked = self.tracked.get_mut(&nonce).expect("the caller has it");
        tracked.waits_since = None;
        let name = tracked.entry.name();
        // A re-org may bring back a transaction whose nonce another has, so that is waited for as well.
        let block = match receipt {
            Some(receipt) => {
                if !matches!(tracked.status, Status::Mined(_)) {
                    info!(key = name, nonce, hash = %receipt.transaction, "a transaction is mined");
                }
                tracked.lost_since = None;
                tracked.status = Status::Mined(receipt);
                receipt.block_number
            }
            None => {
                if tracked.lost_since.is_none() {
                    warn!(key = name, nonce, "another transaction has the nonce");
                }
                tracked.status = Status::Pending;
                *tracked.lost_since.get_or_insert(view.head.number)
            }
        };
        tracked.seen_at = Some(view.head.hash);
        if view.head.number.saturating_add(1) < block.saturating_add(self.config.confirmations) {
            return Ok(None);
        }
        let key = tracked.entry.key.clone();
        self.forget(nonce)?;
        self.count(receipt);
        Ok(Some(Settled {
            key,
            nonce,
            receipt,
        }))
    }

    /// The receipt of whichever version is mined.
    fn receipt(&self, entry: &Entry) -> Result<Option<Receipt>, WalletError> {
        for version in entry.versions.iter().rev() {
            if let Some(receipt) = self.chain.receipt(version.hash)? {
                return Ok(Some(receipt));
            }
        }
        Ok(None)
    }

    /// Sends an entry again whose nonce is not used: the node may have dropped it, or a re-org taken it back.
    fn look_after_unmined(&mut self, nonce: u64, view: &View) -> Result<(), WalletError> {
        let tracked = self.tracked.get_mut(&nonce).expect("the caller has it");
        tracked.lost_since = None;
        if matches!(tracked.status, Status::Mined(_)) {
            warn!(
                key = tracked.entry.name(),
                nonce, "a re-org has taken a transaction back"
            );
            tracked.status = Status::Pending;
            self.counts.taken_back += 1;
        }
        let held = match self.is_due(nonce, view) {
            true => self.bump(nonce, view)?,
            false => None,
        };
        let status = self.hand_over(nonce, view, Handover::Again)?;
        if let (Some(held), Status::Pending) = (held, status) {
            let tracked = self.tracked.get_mut(&nonce).expect("it is not settled");
            tracked.status = held;
        }
        Ok(())
    }

    /// Whether an entry is to offer more. One that waits for a lower nonce only follows what that offers.
    fn is_due(&self, nonce: u64, view: &View) -> bool {
        let (tracked, head) = (&self.tracked[&nonce], &view.head);
        let newest = tracked.entry.newest();
        if head.number <= newest.block {
            return false;
        }
        let WalletConfig {
            bump_blocks,
            bump_seconds,
            ..
        } = self.config;
        let is_late = tracked.waits_since.is_some_and(|(block, timestamp)| {
            head.number >= block.saturating_add(bump_blocks)
                || head.timestamp >= timestamp.saturating_add(bump_seconds)
        });
        let is_next = nonce == view.nonce;
        let next = self.tracked.get(&view.nonce);
        let follows = next.is_some_and(|next| newest.tip < next.entry.newest().tip);
        tracked.underpriced || head.base_fee > newest.max_fee || is_late && (is_next || follows)
    }

    /// Signs a version of an entry that offers more; or says why not.
    fn bump(&mut self, nonce: u64, view: &View) -> Result<Option<Status>, WalletError> {
        let mut entry = self.tracked[&nonce].entry.clone();
        let (tip, ceiling) = (self.chain.tip()?, self.config.max_fee_per_gas);
        let Some(fees) = Fees::bumped(entry.newest(), &view.head, tip, ceiling) else {
            return Ok(Some(self.held_by_ceiling(entry.name(), view)));
        };
        if !self.can_pay(entry.call.value, entry.gas_limit, fees)? {
            warn!(
                key = entry.name(),
                nonce, "the account cannot offer more for a transaction"
            );
            return Ok(Some(Status::Held(Held::Funds)));
        }
        self.sign(&mut entry, fees, &view.head)?;
        // INVARIANT: it is on the disk before a node sees it.
        self.outbox.write(&entry)?;
        info!(key = entry.name(), nonce, hash = %entry.newest().hash, ?fees, "offers more");
        self.counts.bumped += 1;
        let tracked = self.tracked.get_mut(&nonce).expect("the caller has it");
        tracked.entry = entry;
        tracked.underpriced = false;
        tracked.waits_since = None;
        Ok(None)
    }

    fn held_by_ceiling(&self, key: &str, view: &View) -> Status {
        let ceiling = self.config.max_fee_per_gas;
        let base_fee = view.head.base_fee;
        warn!(
            key,
            base_fee, ceiling, "a transaction may not offer more for gas"
        );
        Status::Held(Held::FeeCeiling { base_fee, ceiling })
    }

    /// Fills a gap below a nonce that waits, which a re-org or a lost file may leave, with a transaction that does nothing;
    /// but not before the next intent has had time to fill it.
    fn fill_gap(&mut self, view: &View) -> Result<(), WalletError> {
        let free = self.free_nonce(view.nonce);
        if self.tracked.range(free..).next().is_none() {
            self.gap = None;
            return Ok(());
        }
        let since = match self.gap {
            Some((nonce, since)) if nonce == free => since,
            _ => view.head.number,
        };
        self.gap = Some((free, since));
        if view.head.number >= since.saturating_add(self.config.bump_blocks) {
            let nothing = Call::new(self.key.address(), Bytes::new());
            let status = self.send_new(None, &nothing, view)?;
            warn!(nonce = free, ?status, "fills a gap between nonces");
        }
        Ok(())
    }

    fn forget(&mut self, nonce: u64) -> Result<(), WalletError> {
        self.outbox.remove(nonce)?;
        self.tracked.remove(&nonce);
        Ok(())
    }

    fn count(&mut self, receipt: Option<Receipt>) {
        let counts = &mut self.counts;
        let Some(receipt) = receipt else {
            counts.lost += 1;
            return;
        };
        counts.mined += 1;
        counts.reverted += u64::from(!receipt.success);
        let spent = u128::from(receipt.gas_used).saturating_mul(receipt.gas_price);
        counts.gas_spent_wei = counts.gas_spent_wei.saturating_add(spent);
    }
}

impl Tracked {
    fn new(entry: Entry) -> Self {
        Self {
            entry,
            status: Status::Pending,
            seen_at: None,
            waits_since: None,
            lost_since: None,
            underpriced: false,
        }
    }
}

fn check_length(what: &'static str, got: usize, limit: usize) -> Result<(), WalletError> {
    match got <= limit {
        true => Ok(()),
        false => Err(WalletError::TooLong { what, limit, got }),
    }
}
