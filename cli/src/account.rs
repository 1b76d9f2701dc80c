//! Who pays on a live chain, and where that is.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use alloy_primitives::Address;
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use enshrine_disputes::{Key, Status, Wallet, WalletConfig};
use enshrine_l1::{Call, Chain, Receipt, RpcChain};

/// Variable that a key is read from.
const KEY_VARIABLE: &str = "ENSHRINE_KEY";

/// Time between two looks at a transaction.
const POLL: Duration = Duration::from_millis(250);

/// Time after which a transaction is given up on.
const PATIENCE: Duration = Duration::from_secs(600);

/// A live chain.
#[derive(Debug, Args)]
pub(crate) struct ChainArgs {
    /// JSON-RPC of a node
    #[arg(long, value_name = "URL")]
    pub(crate) rpc: String,
}

impl ChainArgs {
    /// The chain.
    pub(crate) fn open(&self) -> Result<Arc<dyn Chain>> {
        Ok(Arc::new(RpcChain::connect(&self.rpc)?))
    }
}

/// An account, by its key. The variable ENSHRINE_KEY has it in hexadecimal, or a keystore.
#[derive(Debug, Args)]
pub(crate) struct AccountArgs {
    /// A keystore file with the account's key [default: the key in ENSHRINE_KEY]
    #[arg(long, value_name = "FILE", requires = "password_file")]
    keystore: Option<PathBuf>,
    /// A file with the keystore's password
    #[arg(long, value_name = "FILE", requires = "keystore")]
    password_file: Option<PathBuf>,
    /// Wei for a unit of gas that are paid at most
    #[arg(long, value_name = "WEI", default_value_t = WalletConfig::default().max_fee_per_gas)]
    max_fee: u128,
    /// Blocks after which a transaction is taken to stay
    #[arg(long, value_name = "BLOCKS", default_value_t = WalletConfig::default().confirmations)]
    confirmations: u64,
}

impl AccountArgs {
    /// The account's wallet, whose outbox is in `folder`.
    pub(crate) fn open(&self, chain: Arc<dyn Chain>, folder: &Path) -> Result<Wallet> {
        let key = match (&self.keystore, &self.password_file) {
            (Some(keystore), Some(password)) => Key::from_keystore(keystore, password)?,
            _ => Key::from_env(KEY_VARIABLE)?,
        };
        let config = WalletConfig {
            max_fee_per_gas: self.max_fee,
            confirmations: self.confirmations,
            ..WalletConfig::default()
        };
        wallet(key, chain, folder, config)
    }
}

/// A wallet whose outbox is in a folder, which is made.
pub(crate) fn wallet(
    key: Key,
    chain: Arc<dyn Chain>,
    folder: &Path,
    config: WalletConfig,
) -> Result<Wallet> {
    let folder = folder.join("outbox");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(Wallet::open(key, chain, &folder, config)?)
}

/// Sends a call and waits until it is part of the chain.
///
/// # Errors
/// If it reverts, or is not mined in ten minutes.
pub(crate) fn send(wallet: &mut Wallet, key: &str, call: &Call) -> Result<Receipt> {
    let start = Instant::now();
    loop {
        match wallet.ensure(key, call)? {
            Status::Mined(receipt) => {
                ensure!(
                    receipt.success,
                    "{key}: transaction {} reverted",
                    receipt.transaction
                );
                return Ok(receipt);
            }
            Status::WouldRevert(data) => bail!("{key}: the call would revert with {data}"),
            Status::Held(reason) => bail!("{key}: not sent: {reason}"),
            // It may be part of the chain at once.
            Status::Sent => continue,
            Status::Pending | Status::Lost => {}
        }
        ensure!(
            start.elapsed() < PATIENCE,
            "{key}: not mined in ten minutes"
        );
        sleep(POLL);
    }
}

/// Deploys a contract and waits until it is part of the chain.
///
/// # Errors
/// As [`send`].
pub(crate) fn deploy(wallet: &mut Wallet, call: &Call) -> Result<Address> {
    let key = format!("deploy/{}", alloy_primitives::keccak256(&call.data));
    let receipt = send(wallet, &key, call)?;
    receipt.contract.context("the deployment gave no address")
}
