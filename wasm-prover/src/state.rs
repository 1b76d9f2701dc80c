//! The state and its commitment.
//!
//! A running state is hashed as a [`Record`] of fixed layout: small fields as they are, everything of unbounded size by a
//! root or the head of a chain. A terminal state has a hash of its own. Each hash begins with a domain tag.

mod chain;
mod memory;
mod page_tree;
mod path;
mod record;
mod terminal;

pub use memory::PagedMemory;
pub use record::{RECORD_BYTES, Record, RunInputs};
pub(crate) use terminal::FINISHED_BYTES;
pub use terminal::Terminal;

pub(crate) use chain::{EMPTY_CHAIN, frame_link, value_link};
pub(crate) use page_tree::{PageTree, leaves_of, page_of, path_above};
pub(crate) use path::Path;
pub use path::PathError;

use sha3::{Digest, Keccak256};

macro_rules! keccak_hash {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The hash with these bytes.
            pub const fn new(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("0x")?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl std::str::FromStr for $name {
            type Err = enshrine_primitives::ParseRootError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse::<enshrine_primitives::NodeHash>()
                    .map(|hash| Self(hash.into_bytes()))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

keccak_hash! {
    /// Hash of a state, running or terminal.
    StateHash
}

keccak_hash! {
    /// Head of a chain of hashes, of values or of frames: everything that lies below.
    ChainHash
}

pub(crate) use keccak_hash;

pub(crate) fn keccak(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}
