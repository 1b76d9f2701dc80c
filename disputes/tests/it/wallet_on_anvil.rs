//! A wallet on anvil, when all is well and when not.

pub(crate) mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering::SeqCst},
};

use alloy_primitives::{Address, Bytes, U256, bytes};
use enshrine_disputes::{Held, Key, Status, Wallet, WalletConfig, WalletError};
use enshrine_l1::{Call, Receipt, Refusal, RpcChain, Severity};
use serde_json::json;

use support::{ACCOUNT, COUNTER, KEY, Place, Proxy, Trouble, count, mined};

/// Mines until an intent is settled; its receipts, one for each block.
fn settle(place: &Place, wallet: &mut Wallet) -> Option<Receipt> {
    for _ in 0..20 {
        place.mine();
        if let Some(settled) = wallet.tick().unwrap().pop() {
            return settled.receipt;
        }
    }
    panic!("nothing is settled");
}

/// Runs what must crash.
fn crash(wallet: &mut Wallet, act: impl FnOnce(&mut Wallet)) {
    let crashed = catch_unwind(AssertUnwindSafe(|| act(wallet)));
    assert!(crashed.is_err());
}

#[test]
fn an_intent_is_sent_once_however_often_it_is_ensured() {
    let place = Place::new();
    let mut wallet = place.open();
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Sent);
    for _ in 0..3 {
        assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Pending);
    }
    assert_eq!(place.handed_over().len(), 1);
    place.mine();
    let receipt = mined(wallet.ensure("a", &count()).unwrap());
    assert!(receipt.success);
    assert_eq!(receipt.block_number, 1);
    for _ in 0..6 {
        place.mine();
        assert_eq!(mined(wallet.ensure("a", &count()).unwrap()), receipt);
        assert_eq!(wallet.tick().unwrap(), []);
    }
    assert_eq!((wallet.kept(), place.files().len()), (1, 1));
    place.mine();
    let settled = wallet.tick().unwrap().pop().unwrap();
    assert_eq!((settled.key.as_deref(), settled.nonce), (Some("a"), 0));
    assert_eq!(settled.receipt, Some(receipt));
    assert_eq!((wallet.kept(), place.files().len()), (0, 0));
    assert_eq!((place.handed_over().len(), place.counted()), (0, 1));
    let counts = wallet.counts();
    assert_eq!((counts.sent, counts.mined, counts.reverted), (1, 1, 0));
    let spent = u128::from(receipt.gas_used) * receipt.gas_price;
    assert_eq!(counts.gas_spent_wei, spent);
}

#[test]
fn many_intents_wait_at_once_with_nonces_in_a_row() {
    let place = Place::new();
    let mut wallet = place.open();
    for key in ["a", "b", "c", "d"] {
        assert_eq!(wallet.ensure(key, &count()).unwrap(), Status::Sent);
    }
    assert_eq!(place.pool().len(), 4);
    place.mine();
    for key in ["d", "a", "b", "c"] {
        assert!(mined(wallet.ensure(key, &count()).unwrap()).success);
    }
    assert_eq!(place.counted(), 4);
}

#[test]
fn a_crash_before_the_broadcast_changes_nothing() {
    let place = Place::new();
    let mut wallet = place.open();
    place.trouble(Trouble::CrashBefore);
    crash(&mut wallet, |wallet| drop(wallet.ensure("a", &count())));
    drop(wallet);
    assert_eq!((place.handed_over().len(), place.files().len()), (0, 1));
    // A file that was being written is nothing.
    let unfinished = place.folder.path().join("00000000000000000001.tmp");
    std::fs::write(&unfinished, "{").unwrap();
    place.trouble(Trouble::None);
    let mut wallet = place.open();
    assert!(!unfinished.exists());
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Pending);
    place.mine();
    assert!(mined(wallet.ensure("a", &count()).unwrap()).success);
    assert_eq!((place.handed_over().len(), place.counted()), (1, 1));
}

#[test]
fn a_crash_after_the_broadcast_changes_nothing() {
    for mine_first in [false, true] {
        let place = Place::new();
        let mut wallet = place.open();
        place.trouble(Trouble::CrashAfter);
        crash(&mut wallet, |wallet| drop(wallet.ensure("a", &count())));
        drop(wallet);
        place.trouble(Trouble::None);
        let first = place.handed_over();
        if mine_first {
            place.mine();
        }
        let mut wallet = place.open();
        assert_eq!(wallet.tick().unwrap(), []);
        let again = place.handed_over();
        // Byte for byte, or not at all if it is mined.
        assert_eq!(again, if mine_first { vec![] } else { first });
        place.mine();
        assert!(mined(wallet.ensure("a", &count()).unwrap()).success);
        assert!(settle(&place, &mut wallet).unwrap().success);
        assert_eq!(place.counted(), 1);
    }
}

#[test]
fn a_crash_while_it_offers_more_changes_nothing() {
    let place = Place::new();
    let mut wallet = place.open();
    place.trouble(Trouble::Swallowed);
    wallet.ensure("a", &count()).unwrap();
    place.anvil.mine(3);
    place.trouble(Trouble::CrashBefore);
    crash(&mut wallet, |wallet| drop(wallet.tick()));
    drop(wallet);
    place.trouble(Trouble::None);
    let first = place.handed_over();
    let mut wallet = place.open();
    wallet.tick().unwrap();
    // The version that was on the disk is sent, not another.
    let second = place.handed_over();
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first, second);
    assert_eq!(wallet.counts().bumped, 0);
    place.mine();
    assert!(mined(wallet.ensure("a", &count()).unwrap()).success);
    assert_eq!(place.counted(), 1);
}

#[test]
fn an_answer_that_is_lost_changes_nothing() {
    let place = Place::new();
    let mut wallet = place.open();
    place.trouble(Trouble::AnswerLost);
    let error = wallet.ensure("a", &count()).unwrap_err();
    assert_eq!(error.severity(), Severity::Retry);
    place.trouble(Trouble::None);
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Pending);
    place.mine();
    assert!(mined(wallet.ensure("a", &count()).unwrap()).success);
    assert_eq!(place.counted(), 1);
}

#[test]
fn a_transaction_that_waits_offers_more_and_is_mined() {
    let place = Place::new();
    let mut wallet = place.open();
    place.trouble(Trouble::Swallowed);
    wallet.ensure("a", &count()).unwrap();
    let mut versions = place.handed_over();
    for _ in 0..2 {
        for _ in 0..2 {
            place.mine();
            assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Pending);
            assert_eq!(place.handed_over(), versions[versions.len() - 1..]);
        }
        place.mine();
        assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Pending);
        let newer = place.handed_over();
        assert!(newer.len() == 1 && !versions.contains(&newer[0]));
        versions.extend(newer);
    }
    assert_eq!(wallet.counts().bumped, 2);
    // The node has the first version after all, and takes the newest in its place.
    let raw = |raw: &Bytes| json!([raw]);
    place.trouble(Trouble::None);
    place
        .anvil
        .call("eth_sendRawTransaction", raw(&versions[0]));
    let first_hash = alloy_primitives::keccak256(&versions[0]);
    assert_eq!(place.pool(), [json!(first_hash)]);
    place
        .anvil
        .call("eth_sendRawTransaction", raw(&versions[2]));
    place.mine();
    let receipt = mined(wallet.ensure("a", &count()).unwrap());
    assert_eq!(
        receipt.transaction,
        alloy_primitives::keccak256(&versions[2])
    );
    assert_eq!(place.counted(), 1);
}

#[test]
fn an_older_version_may_be_mined() {
    let place = Place::new();
    let mut wallet = place.open();
    wallet.ensure("a", &count()).unwrap();
    let first = place.handed_over().pop().unwrap();
    place.drop_pool();
    place.trouble(Trouble::Swallowed);
    place.anvil.mine(3);
    wallet.tick().unwrap();
    assert_eq!(wallet.counts().bumped, 1);
    place.anvil.call("eth_sendRawTransaction", json!([first]));
    place.mine();
    let receipt = mined(wallet.ensure("a", &count()).unwrap());
    assert_eq!(receipt.transaction, alloy_primitives::keccak256(&first));
    drop(wallet);
    let mut wallet = place.open();
    assert_eq!(mined(wallet.ensure("a", &count()).unwrap()), receipt);
}

#[test]
fn seconds_count_by_the_timestamps_of_blocks() {
    let place = Place::new();
    let mut wallet = place.open();
    place.trouble(Trouble::Swallowed);
    wallet.ensure("a", &count()).unwrap();
    place.anvil.call("evm_increaseTime", json!([1_000]));
    wallet.tick().unwrap();
    assert_eq!(wallet.counts().bumped, 0);
    place.mine();
    wallet.tick().unwrap();
    assert_eq!(wallet.counts().bumped, 1);
}

#[test]
fn those_that_wait_for_a_lower_nonce_only_follow_its_offer() {
    let mut place = Place::new();
    place.config.bump_blocks = 4;
    let mut wallet = place.open();
    place.trouble(Trouble::Swallowed);
    wallet.ensure("a", &count()).unwrap();
    place.anvil.mine(2);
    wallet.ensure("b", &count()).unwrap();
    // The block, and how many offers there are after it.
    for (block, bumped) in [
        (3, 0),
        (4, 1),
        (5, 1),
        (6, 2),
        (7, 2),
        (8, 3),
        (9, 3),
        (10, 4),
    ] {
        place.mine();
        wallet.tick().unwrap();
        assert_eq!(wallet.counts().bumped, bumped, "{block}");
    }
    // The nonce of the first is used, and nobody's offer is followed.
    place.send_foreign(0);
    place.anvil.mine(3);
    wallet.tick().unwrap();
    assert_eq!(wallet.counts().bumped, 4);
    place.mine();
    wallet.tick().unwrap();
    assert_eq!(wallet.counts().bumped, 5);
}

#[test]
fn a_node_that_wants_more_gets_more_in_the_next_block() {
    let place = Place::new();
    let mut wallet = place.open();
    place.trouble(Trouble::Refused(Refusal::Underpriced));
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Sent);
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Pending);
    assert_eq!(wallet.counts().bumped, 0);
    place.trouble(Trouble::None);
    for _ in 0..2 {
        place.mine();
        wallet.tick().unwrap();
        assert_eq!(wallet.counts().bumped, 1);
    }
    assert!(mined(wallet.ensure("a", &count()).unwrap()).success);
}

#[test]
fn what_no_node_has_taken_is_not_in_the_way() {
    let place = Place::new();
    let mut wallet = place.open();
    let other = || "exceeds block gas limit".to_owned();
    let refusals = [
        (Refusal::NonceUsed, Status::Lost),
        (Refusal::Funds, Status::Held(Held::Funds)),
        (
            Refusal::Other(other()),
            Status::Held(Held::Refused(other())),
        ),
    ];
    for (refusal, status) in refusals {
        place.trouble(Trouble::Refused(refusal));
        assert_eq!(wallet.ensure("a", &count()).unwrap(), status);
        assert_eq!((wallet.kept(), place.files().len()), (0, 0));
        assert_eq!(wallet.counts().sent, 0);
    }
    // What a node may have had is kept.
    place.trouble(Trouble::None);
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Sent);
    place.drop_pool();
    place.trouble(Trouble::Refused(Refusal::Other(other())));
    place.mine();
    let held = Status::Held(Held::Refused(other()));
    assert_eq!(wallet.ensure("a", &count()).unwrap(), held);
    assert_eq!((wallet.kept(), place.files().len()), (1, 1));
}

#[test]
fn a_base_fee_that_outgrows_an_offer_raises_it() {
    let place = Place::new();
    let mut wallet = place.open();
    wallet.ensure("a", &count()).unwrap();
    let set = |gwei: u64| {
        let wei = format!("{:#x}", gwei * 1_000_000_000);
        place
            .anvil
            .call("anvil_setNextBlockBaseFeePerGas", json!([wei]));
        place.mine();
    };
    set(50);
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Pending);
    assert_eq!((wallet.counts().bumped, place.counted()), (1, 0));
    place.mine();
    assert!(mined(wallet.ensure("a", &count()).unwrap()).success);
    assert_eq!(place.counted(), 1);
}

#[test]
fn no_offer_is_above_the_ceiling() {
    let mut place = Place::new();
    place.config.max_fee_per_gas = 20_000_000_000;
    let mut wallet = place.open();
    wallet.ensure("a", &count()).unwrap();
    let fee = |gwei: u64| {
        let wei = format!("{:#x}", gwei * 1_000_000_000);
        place
            .anvil
            .call("anvil_setNextBlockBaseFeePerGas", json!([wei]));
        place.mine();
    };
    fee(30);
    let held = |status| matches!(status, Status::Held(Held::FeeCeiling { .. }));
    // At a ceiling in reach the offer first goes there.
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Pending);
    fee(30);
    assert!(held(wallet.ensure("a", &count()).unwrap()));
    assert!(held(wallet.ensure("b", &count()).unwrap()));
    assert_eq!((wallet.kept(), wallet.counts().bumped), (1, 1));
    // When gas is cheap again both are mined.
    fee(1);
    wallet.ensure("a", &count()).unwrap();
    assert_eq!(wallet.ensure("b", &count()).unwrap(), Status::Sent);
    place.mine();
    for key in ["a", "b"] {
        assert!(mined(wallet.ensure(key, &count()).unwrap()).success);
    }
}

#[test]
fn a_dropped_transaction_is_sent_again() {
    let place = Place::new();
    let mut wallet = place.open();
    for key in ["a", "b"] {
        wallet.ensure(key, &count()).unwrap();
    }
    let sent = place.handed_over();
    place.drop_pool();
    place.mine();
    wallet.tick().unwrap();
    assert_eq!(place.handed_over(), sent);
    place.mine();
    for key in ["a", "b"] {
        assert!(mined(wallet.ensure(key, &count()).unwrap()).success);
    }
    assert_eq!(place.counted(), 2);
}

#[test]
fn what_a_reorg_takes_back_is_mined_again_once() {
    let place = Place::new();
    place.anvil.mine(10);
    let mut wallet = place.open();
    wallet.ensure("a", &count()).unwrap();
    let sent = place.handed_over();
    place.mine();
    let before = mined(wallet.ensure("a", &count()).unwrap());
    place.anvil.mine(4);
    assert_eq!(mined(wallet.ensure("a", &count()).unwrap()), before);
    place.anvil.call("anvil_reorg", json!([5, []]));
    place.drop_pool();
    assert_eq!(place.counted(), 0);
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Pending);
    assert_eq!(place.handed_over(), sent);
    assert_eq!(wallet.counts().taken_back, 1);
    place.mine();
    let after = mined(wallet.ensure("a", &count()).unwrap());
    assert_eq!(after.transaction, before.transaction);
    assert_ne!(after.block_hash, before.block_hash);
    assert_eq!(settle(&place, &mut wallet), Some(after));
    assert_eq!((place.counted(), wallet.counts().mined), (1, 1));
}

#[test]
fn a_foreign_transaction_with_the_nonce_is_told() {
    let place = Place::new();
    let mut wallet = place.open();
    for key in ["a", "b"] {
        wallet.ensure(key, &count()).unwrap();
    }
    let sent = place.handed_over();
    place.drop_pool();
    place.send_foreign(0);
    place.mine();
    // It may be taken back, so the intent is not sent anew yet.
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Pending);
    assert_eq!(wallet.kept(), 2);
    let mut settled = vec![];
    for _ in 0..7 {
        assert_eq!(settled, []);
        place.mine();
        settled = wallet.tick().unwrap();
    }
    let [lost] = &settled[..] else {
        panic!("{settled:?}")
    };
    assert_eq!(
        (lost.key.as_deref(), lost.nonce, lost.receipt),
        (Some("a"), 0, None)
    );
    assert_eq!(wallet.counts().lost, 1);
    assert!(mined(wallet.ensure("b", &count()).unwrap()).success);
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Sent);
    place.mine();
    assert!(mined(wallet.ensure("a", &count()).unwrap()).success);
    assert_eq!((place.counted(), sent.len()), (2, 2));
}

#[test]
fn a_foreign_transaction_that_a_reorg_takes_back_changes_nothing() {
    let place = Place::new();
    place.anvil.mine(10);
    let mut wallet = place.open();
    wallet.ensure("a", &count()).unwrap();
    place.drop_pool();
    place.send_foreign(0);
    place.mine();
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Pending);
    place.anvil.mine(3);
    wallet.tick().unwrap();
    place.anvil.call("anvil_reorg", json!([4, []]));
    place.drop_pool();
    wallet.tick().unwrap();
    place.mine();
    assert!(mined(wallet.ensure("a", &count()).unwrap()).success);
    assert!(settle(&place, &mut wallet).unwrap().success);
    assert_eq!((place.counted(), wallet.counts().lost), (1, 0));
}

#[test]
fn a_gap_is_filled_by_the_next_intent() {
    let place = Place::new();
    let mut wallet = place.open();
    for key in ["a", "b"] {
        wallet.ensure(key, &count()).unwrap();
    }
    drop(wallet);
    place.drop_pool();
    std::fs::remove_file(&place.files()[0]).unwrap();
    let mut wallet = place.open();
    wallet.tick().unwrap();
    assert_eq!(wallet.ensure("c", &count()).unwrap(), Status::Sent);
    place.mine();
    for key in ["b", "c"] {
        assert!(mined(wallet.ensure(key, &count()).unwrap()).success);
    }
    assert_eq!(place.counted(), 2);
}

#[test]
fn a_gap_that_no_intent_fills_is_filled_with_nothing() {
    let place = Place::new();
    let mut wallet = place.open();
    for key in ["a", "b", "c"] {
        wallet.ensure(key, &count()).unwrap();
    }
    drop(wallet);
    place.drop_pool();
    std::fs::remove_file(&place.files()[0]).unwrap();
    std::fs::remove_file(&place.files()[0]).unwrap();
    let mut wallet = place.open();
    for _ in 0..8 {
        wallet.tick().unwrap();
        place.mine();
    }
    assert!(mined(wallet.ensure("c", &count()).unwrap()).success);
    assert_eq!((place.counted(), wallet.counts().sent), (1, 2));
    // To offer more for what waits for a lower nonce would have been in vain.
    assert_eq!(wallet.counts().bumped, 0);
    assert_eq!(
        settle(&place, &mut wallet).map(|receipt| receipt.gas_used),
        Some(21_000)
    );
}

#[test]
fn a_call_that_would_revert_is_not_sent() {
    let place = Place::new();
    let mut wallet = place.open();
    let data = bytes!("0badf00d");
    let call = Call::new(COUNTER, data.clone());
    assert_eq!(
        wallet.ensure("a", &call).unwrap(),
        Status::WouldRevert(data)
    );
    assert_eq!((place.handed_over().len(), place.files().len()), (0, 0));
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Sent);
}

#[test]
fn a_transaction_that_reverts_is_told_and_not_sent_twice() {
    let place = Place::new();
    let mut wallet = place.open();
    wallet.ensure("a", &count()).unwrap();
    // By the time that it is mined it reverts.
    place
        .anvil
        .call("anvil_setCode", json!([COUNTER, "0x5f5ffd"]));
    place.mine();
    for _ in 0..3 {
        assert!(!mined(wallet.ensure("a", &count()).unwrap()).success);
        place.mine();
    }
    assert_eq!(place.handed_over().len(), 1);
    assert!(!settle(&place, &mut wallet).unwrap().success);
    let counts = wallet.counts();
    assert_eq!((counts.mined, counts.reverted), (1, 1));
}

#[test]
fn a_poor_account_sends_nothing_until_it_is_rich() {
    let place = Place::new();
    let mut wallet = place.open();
    let held = Status::Held(Held::Funds);
    // Nothing, and enough for the gas at the base fee, but not for the offer.
    for balance in ["0x1", "0x600000000000"] {
        let params = json!([ACCOUNT, balance]);
        place.anvil.call("anvil_setBalance", params);
        assert_eq!(wallet.ensure("a", &count()).unwrap(), held);
    }
    let call = count().with_value(U256::from(1_000));
    assert_eq!(wallet.ensure("b", &call).unwrap(), held);
    assert_eq!((wallet.kept(), place.files().len()), (0, 0));
    assert_eq!(place.handed_over().len(), 0);
    place
        .anvil
        .call("anvil_setBalance", json!([ACCOUNT, "0xde0b6b3a7640000"]));
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Sent);
    // What is signed waits for money, too.
    place.drop_pool();
    place
        .anvil
        .call("anvil_setBalance", json!([ACCOUNT, "0x1"]));
    place.mine();
    assert_eq!(wallet.ensure("a", &count()).unwrap(), held);
    place
        .anvil
        .call("anvil_setBalance", json!([ACCOUNT, "0xde0b6b3a7640000"]));
    place.mine();
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Pending);
    place.mine();
    assert!(mined(wallet.ensure("a", &count()).unwrap()).success);
}

#[test]
fn gas_and_the_outbox_are_bounded() {
    let mut place = Place::new();
    place.config = WalletConfig {
        max_gas: 30_000,
        max_kept: 2,
        ..place.config
    };
    let mut wallet = place.open();
    let held = wallet.ensure("a", &count()).unwrap();
    let of_gas = |held: &Status| matches!(held, Status::Held(Held::Gas { limit: 30_000, .. }));
    assert!(of_gas(&held), "{held:?}");
    let cheap = Call::new(Address::with_last_byte(0x99), Bytes::new());
    for key in ["b", "c"] {
        assert_eq!(wallet.ensure(key, &cheap).unwrap(), Status::Sent);
    }
    let full = Status::Held(Held::Full { limit: 2 });
    assert_eq!(wallet.ensure("d", &cheap).unwrap(), full);
    let long = Call::new(COUNTER, vec![0; (128 << 10) + 1]);
    for got in [
        wallet.ensure("e", &long),
        wallet.ensure(&"e".repeat(257), &cheap),
    ] {
        assert!(matches!(got, Err(WalletError::TooLong { .. })), "{got:?}");
    }
    assert_eq!(place.files().len(), 2);
}

#[test]
fn a_node_that_is_away_for_a_while_changes_nothing() {
    let place = Place::new();
    let proxy = Proxy::new(&place.anvil.address);
    let chain = Arc::new(RpcChain::connect(&proxy.url).unwrap());
    let key = Key::from_hex(KEY).unwrap();
    let mut wallet = Wallet::open(key, chain, place.folder.path(), place.config).unwrap();
    assert_eq!(wallet.ensure("a", &count()).unwrap(), Status::Sent);
    proxy.switch_off();
    for error in [
        wallet.ensure("a", &count()).unwrap_err(),
        wallet.ensure("b", &count()).unwrap_err(),
        wallet.tick().unwrap_err(),
    ] {
        assert_eq!(error.severity(), Severity::Retry, "{error}");
    }
    assert!(proxy.refused.load(SeqCst) >= 3);
    place.mine();
    proxy.switch_on();
    assert!(mined(wallet.ensure("a", &count()).unwrap()).success);
    assert_eq!(wallet.ensure("b", &count()).unwrap(), Status::Sent);
    place.mine();
    wallet.tick().unwrap();
    assert_eq!(place.counted(), 2);
}

#[test]
fn an_outbox_has_one_wallet_of_one_account() {
    let place = Place::new();
    let mut wallet = place.open();
    wallet.ensure("a", &count()).unwrap();
    let error = place.try_open().unwrap_err();
    assert!(matches!(error, WalletError::Locked { .. }), "{error}");
    assert_eq!(error.severity(), Severity::Fatal);
    drop(wallet);
    let key = Key::from_hex(&format!("{:064x}", 1)).unwrap();
    let error =
        Wallet::open(key, place.chain.clone(), place.folder.path(), place.config).unwrap_err();
    assert!(matches!(error, WalletError::Other { .. }), "{error}");
    assert_eq!(place.open().kept(), 1);
}

#[test]
fn a_damaged_file_is_named() {
    let place = Place::new();
    let mut wallet = place.open();
    wallet.ensure("a", &count()).unwrap();
    drop(wallet);
    let path = place.files().pop().unwrap();
    let right = std::fs::read_to_string(&path).unwrap();
    let wrong = [
        String::new(),
        right[..right.len() / 2].to_owned(),
        right.replace("\"version\":1", "\"version\":2"),
        right.replace("\"raw\":\"0x02", "\"raw\":\"0x03"),
        right.replace("\"versions\":[", "\"versions\":[],\"old\":["),
        right
            .replace("\"hash\":\"0x", "\"hash\":\"0x0000")
            .replacen("0000", "", 0),
    ];
    for text in wrong {
        assert_ne!(text, right);
        std::fs::write(&path, &text).unwrap();
        let error = place.try_open().unwrap_err();
        assert!(
            matches!(error, WalletError::Damaged { .. }),
            "{text}: {error}"
        );
        let said = error.to_string();
        assert!(
            said.contains(path.to_str().unwrap()) && said.contains("move"),
            "{said}"
        );
    }
    // A file in the place of another is found out, too.
    std::fs::write(&path, &right).unwrap();
    let elsewhere = path.with_file_name("00000000000000000007.json");
    std::fs::rename(&path, &elsewhere).unwrap();
    assert!(matches!(place.try_open(), Err(WalletError::Damaged { .. })));
    std::fs::rename(&elsewhere, &path).unwrap();
    assert_eq!(place.open().kept(), 1);
}

#[test]
fn a_contract_is_deployed() {
    let place = Place::new();
    let mut wallet = place.open();
    // PUSH1 0xfe, PUSH0, MSTORE8, PUSH1 1, PUSH0, RETURN: a contract of one byte.
    let deploy = Call::deploy(bytes!("60fe5f5360015ff3"));
    assert_eq!(wallet.ensure("deploy", &deploy).unwrap(), Status::Sent);
    place.mine();
    let contract = mined(wallet.ensure("deploy", &deploy).unwrap())
        .contract
        .unwrap();
    let code = place.anvil.call("eth_getCode", json!([contract, "latest"]));
    assert_eq!(code, "0xfe");
}
