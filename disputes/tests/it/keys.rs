//! Keys, and what errors say of them.

use std::path::PathBuf;

use alloy_primitives::address;
use enshrine_disputes::{Key, WalletError};
use tempfile::TempDir;

use crate::wallet_on_anvil::support::{ACCOUNT, KEY};

/// The first test vector of Web3 Secret Storage, and its password.
const KEYSTORE: &str = r#"{
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {
            "c": 262144, "dklen": 32, "prf": "hmac-sha256",
            "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"
        },
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3
}"#;
const PASSWORD: &str = "testpassword\n";

struct Files(TempDir);

impl Files {
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

#[test]
fn a_keystore_is_opened_with_its_password_only() {
    let files = Files(tempfile::tempdir().unwrap());
    let keystore = files.write("key", KEYSTORE);
    let password = files.write("password", PASSWORD);
    let key = Key::from_keystore(&keystore, &password).unwrap();
    assert_eq!(
        key.address(),
        address!("008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b")
    );
    let wrong = files.write("wrong", "hunter2");
    let error = Key::from_keystore(&keystore, &wrong).unwrap_err();
    assert!(matches!(error, WalletError::Key { .. }), "{error}");
    let said = format!("{error} {error:?}");
    assert!(
        said.contains("password") && !said.contains("hunter2"),
        "{said}"
    );
    let missing = files.0.path().join("nothing");
    for (key, password) in [(&missing, &password), (&keystore, &missing)] {
        let error = Key::from_keystore(key, password).unwrap_err();
        assert!(matches!(error, WalletError::Io { .. }), "{error}");
        assert!(error.to_string().contains("nothing"), "{error}");
    }
}

#[test]
fn what_is_no_keystore_is_refused() {
    let files = Files(tempfile::tempdir().unwrap());
    let password = files.write("password", PASSWORD);
    let wrong = [
        String::new(),
        "{}".to_owned(),
        KEY.to_owned(),
        KEYSTORE.replace("\"dklen\": 32", "\"dklen\": 8"),
        KEYSTORE.replace("6087dab2f9fdbbfaddc31a909735c1e6", "60"),
        KEYSTORE.replace("aes-128-ctr", "aes-128-cbc"),
        KEYSTORE.replace("\"version\": 3", "\"version\": 4"),
        KEYSTORE.replace("517ead", "zzzzzz"),
    ];
    for text in wrong {
        let file = files.write("key", &text);
        let error = Key::from_keystore(&file, &password).unwrap_err();
        assert!(matches!(error, WalletError::Key { .. }), "{text}: {error}");
        assert!(!error.to_string().contains(KEY), "{error}");
    }
}

#[test]
fn no_error_shows_a_key() {
    let key = Key::from_hex(KEY).unwrap();
    assert_eq!(key.address(), ACCOUNT);
    assert!(!format!("{key:?}").to_lowercase().contains(&KEY[..16]));
    assert_eq!(
        Key::from_hex(&format!(" 0x{KEY}\n")).unwrap().address(),
        ACCOUNT
    );
    let zero = "0".repeat(64);
    for wrong in [
        &KEY[1..],
        &format!("{KEY}0"),
        &KEY.replace('a', "q"),
        "",
        &zero,
    ] {
        let error = Key::from_hex(wrong).unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains(&KEY[8..16]) && !said.contains('q'), "{said}");
    }
    let error = Key::from_env("ENSHRINE_NO_SUCH_VARIABLE").unwrap_err();
    assert!(
        error.to_string().contains("ENSHRINE_NO_SUCH_VARIABLE"),
        "{error}"
    );
}
