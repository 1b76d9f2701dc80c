//! A chain that fails when a test wants it to, and a place for a wallet.

use std::{
    io,
    net::{Shutdown, TcpListener, TcpStream},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use alloy_primitives::{Address, B256, Bytes, U256, address, hex};
use enshrine_disputes::{Key, Status, Wallet, WalletConfig, WalletError};
use enshrine_l1::{Block, Call, Chain, ChainError, Log, Receipt, Refusal, RpcChain, RpcError};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::anvil::Anvil;

/// The first account of anvil, and its key, which everybody knows.
pub(crate) const ACCOUNT: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
pub(crate) const KEY: &str = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// Adds one to its first word at each call, and reverts if there is call data: CALLDATASIZE, PUSH1 12, JUMPI, PUSH0, SLOAD,
/// PUSH1 1, ADD, PUSH0, SSTORE, STOP, (12 is) JUMPDEST, CALLDATASIZE, PUSH0, PUSH0, CALLDATACOPY, CALLDATASIZE, PUSH0, REVERT.
const COUNTER_CODE: &str = "0x3660 0c57 5f54 6001 015f 5500 5b36 5f5f 3736 5ffd";

/// Its address.
pub(super) const COUNTER: Address = address!("00000000000000000000000000000000c0ffee00");

/// What goes wrong when a transaction is handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    None,
    /// The process ends before.
    CrashBefore,
    /// The process ends after.
    CrashAfter,
    /// The node has it, and the answer does not arrive.
    AnswerLost,
    /// It does not arrive, and somebody says that it does.
    Swallowed,
    /// The node does not take it.
    Refused(Refusal),
}

/// A node that fails when it is told to, and remembers what was handed over.
#[derive(Debug)]
pub(super) struct Faulty {
    inner: RpcChain,
    pub(super) trouble: Mutex<Trouble>,
    pub(super) sent: Mutex<Vec<Bytes>>,
    folder: PathBuf,
}

impl Faulty {
    fn lost() -> ChainError {
        ChainError::Rpc(RpcError::Transport {
            method: "eth_sendRawTransaction",
            reason: "a test wants it so".to_owned(),
        })
    }

    /// INVARIANT: what is handed over is on the disk.
    fn assert_on_disk(&self, raw: &[u8]) {
        let files = std::fs::read_dir(&self.folder).unwrap();
        let raw = hex::encode(raw);
        let holds = |path: PathBuf| {
            let is_entry = path
                .extension()
                .is_some_and(|extension| extension == "json");
            is_entry && std::fs::read_to_string(path).unwrap().contains(&raw)
        };
        let mut paths = files.map(|file| file.unwrap().path());
        assert!(
            paths.any(holds),
            "a transaction is sent that is not on the disk"
        );
    }
}

impl Chain for Faulty {
    fn id(&self) -> Result<u64, ChainError> {
        self.inner.id()
    }
    fn head(&self) -> Result<Block, ChainError> {
        self.inner.head()
    }
    fn block(&self, number: u64) -> Result<Option<Block>, ChainError> {
        self.inner.block(number)
    }
    fn call(&self, to: Address, data: Bytes) -> Result<Bytes, ChainError> {
        self.inner.call(to, data)
    }
    fn logs(&self, contracts: &[Address], from: u64, to: u64) -> Result<Vec<Log>, ChainError> {
        self.inner.logs(contracts, from, to)
    }
    fn nonce(&self, account: Address) -> Result<u64, ChainError> {
        self.inner.nonce(account)
    }
    fn balance(&self, account: Address) -> Result<U256, ChainError> {
        self.inner.balance(account)
    }
    fn estimate_gas(&self, from: Address, call: &Call) -> Result<u64, ChainError> {
        self.inner.estimate_gas(from, call)
    }
    fn tip(&self) -> Result<u128, ChainError> {
        self.inner.tip()
    }
    fn send_raw(&self, raw: &[u8]) -> Result<B256, ChainError> {
        self.assert_on_disk(raw);
        let trouble = self.trouble.lock().unwrap().clone();
        assert_ne!(trouble, Trouble::CrashBefore, "a crash that a test wants");
        self.sent.lock().unwrap().push(raw.to_vec().into());
        match trouble {
            Trouble::Refused(reason) => Err(ChainError::Refused { reason }),
            Trouble::Swallowed => Ok(alloy_primitives::keccak256(raw)),
            Trouble::AnswerLost => self.inner.send_raw(raw).and(Err(Self::lost())),
            Trouble::CrashAfter => {
                panic!("a crash that a test wants: {:?}", self.inner.send_raw(raw))
            }
            _ => self.inner.send_raw(raw),
        }
    }
    fn receipt(&self, transaction: B256) -> Result<Option<Receipt>, ChainError> {
        self.inner.receipt(transaction)
    }
}

/// A node, a contract on it that counts calls, and an outbox.
pub(super) struct Place {
    pub(super) anvil: Anvil,
    pub(super) chain: Arc<Faulty>,
    pub(super) folder: TempDir,
    pub(super) config: WalletConfig,
}

impl Place {
    /// A node that mines when it is told to.
    pub(super) fn new() -> Self {
        let anvil = Anvil::start(&["--no-mining"]);
        let code = COUNTER_CODE.replace(' ', "");
        anvil.call("anvil_setCode", json!([COUNTER, code]));
        let folder = tempfile::tempdir().unwrap();
        let chain = Arc::new(Faulty {
            inner: RpcChain::connect(anvil.url()).unwrap(),
            trouble: Mutex::new(Trouble::None),
            sent: Mutex::default(),
            folder: folder.path().to_owned(),
        });
        let config = WalletConfig {
            confirmations: 8,
            bump_seconds: 1_000,
            ..WalletConfig::default()
        };
        Self {
            anvil,
            chain,
            folder,
            config,
        }
    }

    pub(super) fn open(&self) -> Wallet {
        self.try_open().unwrap()
    }

    pub(super) fn try_open(&self) -> Result<Wallet, WalletError> {
        let key = Key::from_hex(KEY).unwrap();
        Wallet::open(key, self.chain.clone(), self.folder.path(), self.config)
    }

    pub(super) fn trouble(&self, trouble: Trouble) {
        *self.chain.trouble.lock().unwrap() = trouble;
    }

    /// Transactions handed over since the last time.
    pub(super) fn handed_over(&self) -> Vec<Bytes> {
        std::mem::take(&mut self.chain.sent.lock().unwrap())
    }

    pub(super) fn mine(&self) {
        self.anvil.mine(1);
    }

    /// How often the counter has been called.
    pub(super) fn counted(&self) -> u64 {
        let word = self
            .anvil
            .call("eth_getStorageAt", json!([COUNTER, "0x0", "latest"]));
        word.as_str().unwrap().parse::<U256>().unwrap().to()
    }

    /// Hashes of the transactions in the node's pool.
    pub(super) fn pool(&self) -> Vec<Value> {
        let pool = self.anvil.call("txpool_content", json!([]));
        let of = |kind: &str| -> Vec<Value> {
            let accounts = pool[kind].as_object().unwrap().values();
            let transactions = accounts.flat_map(|account| account.as_object().unwrap().values());
            transactions
                .map(|transaction| transaction["hash"].clone())
                .collect()
        };
        [of("pending"), of("queued")].concat()
    }

    /// Makes the node lose what is in its pool.
    pub(super) fn drop_pool(&self) {
        for hash in self.pool() {
            self.anvil.call("anvil_dropTransaction", json!([hash]));
        }
        assert_eq!(self.pool(), [] as [Value; 0]);
    }

    /// Files of entries in the outbox.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some()).collect();
        paths.sort();
        paths
    }

    /// Sends a transaction with the wallet's key, of which the wallet does not know.
    pub(super) fn send_foreign(&self, nonce: u64) {
        let (to, price) = (Address::with_last_byte(0x77), "0x2540be400");
        let transaction = json!({
            "from": ACCOUNT, "to": to, "value": "0x1", "nonce": format!("{nonce:#x}"),
            "gas": "0x5208", "maxFeePerGas": price, "maxPriorityFeePerGas": price,
        });
        self.anvil.call("eth_sendTransaction", json!([transaction]));
    }
}

/// A call that counts.
pub(super) fn count() -> Call {
    Call::new(COUNTER, Bytes::new())
}

/// The receipt of a mined intent.
#[track_caller]
pub(super) fn mined(status: Status) -> Receipt {
    match status {
        Status::Mined(receipt) => receipt,
        other => panic!("it is not mined: {other:?}"),
    }
}

/// Passes everything on to a node, unless it is off.
pub(super) struct Proxy {
    pub(super) url: String,
    is_off: Arc<AtomicBool>,
    pub(super) refused: Arc<AtomicUsize>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    pub(super) fn new(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            is_off: Arc::default(),
            refused: Arc::default(),
            open: Arc::default(),
        };
        let (is_off, refused) = (proxy.is_off.clone(), proxy.refused.clone());
        let (open, target) = (proxy.open.clone(), target.to_owned());
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                if is_off.load(SeqCst) {
                    refused.fetch_add(1, SeqCst);
                    continue;
                }
                let server = TcpStream::connect(&target).unwrap();
                for [from, to] in [[&client, &server], [&server, &client]] {
                    let [mut from, mut to] = [from, to].map(|stream| stream.try_clone().unwrap());
                    thread::spawn(move || io::copy(&mut from, &mut to));
                }
                open.lock().unwrap().extend([client, server]);
            }
        });
        proxy
    }

    pub(super) fn switch_off(&self) {
        self.is_off.store(true, SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub(super) fn switch_on(&self) {
        self.is_off.store(false, SeqCst);
    }
}
