//! Signing keys: where they come from, without ever showing them.

use std::{fmt, fs, path::Path};

use alloy_consensus::{SignableTransaction, Signed, TxEip1559};
use alloy_primitives::Address;
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use serde_json::Value;

use super::WalletError;

/// A key that signs transactions.
///
/// Neither it nor an error about it shows the key.
#[derive(Clone)]
pub struct Key(PrivateKeySigner);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.0.address()).finish()
    }
}

impl Key {
    /// A key of 64 hexadecimal digits, with or without `0x`.
    ///
    /// ```
    /// use enshrine_disputes::Key;
    /// # use alloy_primitives::address;
    ///
    /// let key = Key::from_hex(&format!("0x{:064x}", 1)).unwrap();
    /// assert_eq!(key.address(), address!("7E5F4552091A69125d5DfCb7b8C2659029395Bdf"));
    /// ```
    ///
    /// # Errors
    /// [`WalletError::Key`] if it is none.
    pub fn from_hex(digits: &str) -> Result<Self, WalletError> {
        Self::parse("the given digits", digits)
    }

    /// A key that nobody has had before.
    pub fn random() -> Self {
        Self(PrivateKeySigner::random())
    }

    /// The key in an environment variable, as hexadecimal digits.
    ///
    /// # Errors
    /// [`WalletError::Key`] if the variable is not set or holds no key.
    pub fn from_env(variable: &str) -> Result<Self, WalletError> {
        let place = format!("the environment variable {variable}");
        match std::env::var(variable) {
            Ok(digits) => Self::parse(&place, &digits),
            Err(std::env::VarError::NotPresent) => Err(no_key(place, "it is not set")),
            Err(std::env::VarError::NotUnicode(_)) => Err(no_key(place, NOT_DIGITS)),
        }
    }

    /// The key in an encrypted file
    /// ([Web3 Secret Storage](https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage)), as
    /// geth and others keep them. The password is the first line of another file.
    ///
    /// # Errors
    /// [`WalletError::Io`] if a file cannot be read, [`WalletError::Key`] if the password is wrong or the file holds no key.
    pub fn from_keystore(file: &Path, password_file: &Path) -> Result<Self, WalletError> {
        let read = |path: &Path| {
            let text = fs::read(path).map_err(|source| WalletError::io(path, source))?;
            String::from_utf8(text).map_err(|_| no_key(path.display().to_string(), "it is no text"))
        };
        let place = file.display().to_string();
        if !is_keystore(&read(file)?) {
            return Err(no_key(place, "it is no encrypted key"));
        }
        let password = read(password_file)?;
        let password = password.lines().next().unwrap_or_default();
        // All that is left to be wrong is the password: the file is read, and its form is right.
        PrivateKeySigner::decrypt_keystore(file, password)
            .map(Self)
            .map_err(|_| no_key(place, "the password is wrong, or it holds no key"))
    }

    /// The account that it signs for.
    pub fn address(&self) -> Address {
        self.0.address()
    }

    pub(crate) fn sign(&self, transaction: TxEip1559) -> Result<Signed<TxEip1559>, WalletError> {
        let signature = self.0.sign_hash_sync(&transaction.signature_hash());
        let signature =
            signature.map_err(|_| no_key("this process".to_owned(), "it cannot sign"))?;
        Ok(transaction.into_signed(signature))
    }

    fn parse(place: &str, digits: &str) -> Result<Self, WalletError> {
        let digits = digits.trim();
        let key = digits.parse();
        key.map(Self)
            .map_err(|_| no_key(place.to_owned(), NOT_DIGITS))
    }
}

const NOT_DIGITS: &str = "it is not a key of 64 hexadecimal digits";

/// Errors of the libraries may quote what they read, so they are not passed on.
fn no_key(place: String, reason: &'static str) -> WalletError {
    WalletError::Key { place, reason }
}

/// Whether a text has what decrypting a key relies upon: the library's answer to some that have not is a panic.
fn is_keystore(text: &str) -> bool {
    let Ok(keystore) = serde_json::from_str::<Value>(text) else {
        return false;
    };
    let crypto = &keystore["crypto"];
    let parameters = &crypto["kdfparams"];
    let iv = crypto["cipherparams"]["iv"].as_str().unwrap_or_default();
    let rounds = parameters["n"].as_u64();
    keystore["version"] == 3
        && crypto["cipher"] == "aes-128-ctr"
        && parameters["dklen"] == 32
        && iv.len() == 32
        && rounds.is_none_or(u64::is_power_of_two)
}
