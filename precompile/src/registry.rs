//! The list of models, as the precompile reads it from state.
//!
//! The registry is a contract like any other; the precompile reads its storage, not its code. A mapping from model address to entry is its slot 0, so
//! an entry is one word at `keccak256(model address || 0)`:
//!
//! | bits | field |
//! |---|---|
//! | 0..64 | length of the model in bytes |
//! | 64..128 | block from which on the model is active |
//! | 128..136 | 1 when registered |

use alloy_primitives::{Address, B256, U256, address, keccak256};
use enshrine_primitives::{BlobRoot, NodeHash, PAGE_SIZE, blob_root, page_root, zero_node};
use sha2::{Digest, Sha256};

use crate::contracts::OpenModelRegistry::registerCall;

/// Where the registry is, from genesis on.
pub const MODEL_REGISTRY: Address = address!("0x42000000000000000000000000000000000000a1");

/// What the registry knows of a model.
///
/// MIRROR: precompile/contracts/src/ModelRegistry.sol
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistryEntry {
    /// Length of the model in bytes.
    pub length_bytes: u64,
    /// First block in which the model can be called.
    pub activation_block: u64,
}

impl RegistryEntry {
    /// Reads the storage word; `None` when nothing is registered.
    ///
    /// ```
    /// use enshrine_precompile::RegistryEntry;
    ///
    /// let entry = RegistryEntry { length_bytes: 55_829, activation_block: 7 };
    /// assert_eq!(RegistryEntry::from_word(entry.to_word()), Some(entry));
    /// assert_eq!(RegistryEntry::from_word(Default::default()), None);
    /// ```
    pub fn from_word(word: U256) -> Option<Self> {
        let [length_bytes, activation_block, flag, _] = word.into_limbs();
        // INVARIANT: the flag alone says that there is an entry; a length or block of zero says nothing.
        (flag & 0xff != 0).then_some(Self {
            length_bytes,
            activation_block,
        })
    }

    /// The storage word.
    pub const fn to_word(self) -> U256 {
        U256::from_limbs([self.length_bytes, self.activation_block, 1, 0])
    }

    /// Whether the model can be called in a block.
    pub fn is_active(&self, block_number: U256) -> bool {
        block_number >= U256::from(self.activation_block)
    }
}

/// Storage slot of a model's entry.
pub fn entry_slot(model: BlobRoot) -> U256 {
    keccak256([*model.as_bytes(), [0; 32]].concat()).into()
}

/// What it takes to register a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Address of the model.
    pub model: BlobRoot,
    /// Length of the model in bytes.
    pub length_bytes: u64,
    /// Root of the model's bytes before the length is mixed in: it proves the length to the contract.
    pub data_root: NodeHash,
}

impl Registration {
    /// The registration of a model's bytes; `None` when a blob cannot hold them.
    ///
    /// ```
    /// use enshrine_precompile::Registration;
    ///
    /// let registration = Registration::of(b"enshrine").ok_or("too large")?;
    /// let model = "0x0cedd3e755ab5c10f632436a463a49e16d8826262cf6cca620b5535fb576ee2c";
    /// assert_eq!(registration.model.to_string(), model);
    /// # Ok::<(), &str>(())
    /// ```
    pub fn of(model: &[u8]) -> Option<Self> {
        let root = blob_root(model).ok()?;
        Some(Self {
            model: root,
            length_bytes: model.len() as u64,
            data_root: data_root(model)?,
        })
    }

    /// Arguments of the registry's `register`.
    pub fn call(&self, activation_block: u64) -> registerCall {
        registerCall {
            _model: B256::new(self.model.into_bytes()),
            _length: self.length_bytes,
            _activationBlock: activation_block,
            _dataRoot: B256::new(self.data_root.into_bytes()),
        }
    }
}

/// Levels of a page's tree.
const PAGE_LEVEL: usize = 7;

/// Levels of a blob's tree.
const BLOB_LEVEL: usize = 27;

/// Root of a blob's chunk tree, without the length.
fn data_root(bytes: &[u8]) -> Option<NodeHash> {
    let mut nodes: Vec<_> = bytes.chunks(PAGE_SIZE).map(padded_page_root).collect();
    for level in PAGE_LEVEL..BLOB_LEVEL {
        let zero = zero_node(level)?;
        nodes = nodes
            .chunks(2)
            .map(|pair| hash_pair(&pair[0], pair.get(1).unwrap_or(&zero)))
            .collect();
    }
    nodes.first().copied().or_else(|| zero_node(BLOB_LEVEL))
}

fn padded_page_root(bytes: &[u8]) -> NodeHash {
    let mut page = [0; PAGE_SIZE];
    page[..bytes.len()].copy_from_slice(bytes);
    page_root(&page)
}

fn hash_pair(left: &NodeHash, right: &NodeHash) -> NodeHash {
    let digest = Sha256::new()
        .chain_update(left)
        .chain_update(right)
        .finalize();
    NodeHash::new(digest.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_root_and_length_give_the_address() {
        for length in [0, 1, 31, 32, 4095, 4096, 4097, 3 * 4096, 100_000] {
            let bytes: Vec<u8> = (0..=250).cycle().step_by(7).take(length).collect();
            let registration = Registration::of(&bytes).expect("short");
            let mut length_word = [0; 32];
            length_word[..8].copy_from_slice(&registration.length_bytes.to_le_bytes());
            let address = hash_pair(&registration.data_root, &NodeHash::new(length_word));
            assert_eq!(
                address.as_bytes(),
                registration.model.as_bytes(),
                "{length}"
            );
        }
    }

    #[test]
    fn flag_alone_says_registered() {
        let unregistered = U256::from_limbs([1000, 5, 0, 0]);
        assert_eq!(RegistryEntry::from_word(unregistered), None);
        let zero = RegistryEntry {
            length_bytes: 0,
            activation_block: 0,
        };
        assert_eq!(RegistryEntry::from_word(zero.to_word()), Some(zero));
    }

    #[test]
    fn active_from_its_block_on() {
        let entry = RegistryEntry {
            length_bytes: 1,
            activation_block: 7,
        };
        assert!(!entry.is_active(U256::from(6)));
        assert!(entry.is_active(U256::from(7)));
        assert!(entry.is_active(U256::MAX));
    }
}
