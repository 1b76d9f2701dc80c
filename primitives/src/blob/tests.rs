use super::*;
use alloc::{vec, vec::Vec};
use proptest::prelude::*;
use ssz_rs::prelude::*;

/// The root by a library that knows nothing of ours.
fn independent_root(bytes: &[u8]) -> BlobRoot {
    let mut list = List::<u8, { 1 << 32 }>::try_from(bytes.to_vec()).unwrap();
    BlobRoot::new(list.hash_tree_root().unwrap().as_ref().try_into().unwrap())
}

fn pattern(len: usize) -> Vec<u8> {
    (0..len)
        .map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[1])
        .collect()
}

#[test]
fn roots_equal_those_of_an_independent_library() {
    let lengths = [
        0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 4063, 4064, 4065, 4095, 4096, 4097, 8191, 8192,
        8193, 12_288, 12_289, 65_535, 65_536, 65_537, 1_000_003,
    ];
    for len in lengths {
        let bytes = pattern(len);
        assert_eq!(
            blob_root(&bytes).unwrap(),
            independent_root(&bytes),
            "{len} bytes"
        );
    }
}

#[test]
fn zero_bytes_are_not_absent_bytes() {
    for len in [1, 32, 4096, 5000, 8192] {
        let bytes = vec![0; len];
        assert_eq!(
            blob_root(&bytes).unwrap(),
            independent_root(&bytes),
            "{len} zeros"
        );
    }
    assert_ne!(blob_root(&[0]), blob_root(&[]));
}

#[test]
fn each_zero_node_hashes_the_one_below() {
    assert_eq!(ZERO_NODES[0], NodeHash::new([0; 32]));
    for pair in ZERO_NODES.windows(2) {
        assert_eq!(pair[1], hash_pair(&pair[0], &pair[0]));
    }
}

#[test]
fn a_blob_of_the_full_capacity_has_a_root_and_one_byte_more_is_refused() {
    let mut hasher = BlobHasher::new();
    let zeros = vec![0; 1 << 26];
    for _ in 0..64 {
        hasher.update(&zeros).unwrap();
    }
    let before = hasher.clone().finish();
    assert_eq!(
        before,
        mix_in_length(&ZERO_NODES[CAPACITY_LEVEL], MAX_BLOB_BYTES)
    );
    let refused = BlobTooLarge {
        expected: MAX_BLOB_BYTES,
        got: MAX_BLOB_BYTES + 1,
    };
    assert_eq!(hasher.update(&[1]), Err(refused));
    assert_eq!(hasher.finish(), before);
}

proptest! {
    #[test]
    fn parts_do_not_matter(bytes in prop::collection::vec(any::<u8>(), 0..20_000), cuts in prop::collection::vec(0..9000_usize, 0..8)) {
        let mut hasher = BlobHasher::new();
        let mut rest = &bytes[..];
        for cut in cuts {
            let (part, after) = rest.split_at(cut.min(rest.len()));
            hasher.update(part).unwrap();
            rest = after;
        }
        hasher.update(rest).unwrap();
        prop_assert_eq!(hasher.size_bytes(), bytes.len() as u64);
        prop_assert_eq!(hasher.finish(), independent_root(&bytes));
    }
}
