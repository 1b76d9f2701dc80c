//! Why the verifier does not answer with a state.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolInterface;
use enshrine_primitives::{BlobRoot, NodeHash};
use enshrine_prover::{ChainHash, StateHash};

use crate::{
    abi::{Host::HostErrors, OneStepEntry::OneStepEntryErrors},
    rpc::RpcError,
};

/// No state.
#[derive(Debug, thiserror::Error)]
pub enum L1Error {
    /// The contracts say that the proof is none.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A revert that no contract of the verifier makes.
    #[error("expected one of the verifier's errors, got a revert with {data}")]
    Revert {
        /// What it reverts with.
        data: Bytes,
    },
    /// The call did not end: it had not enough gas, for one.
    #[error("the call halts: {reason}")]
    Halt {
        /// Why, as the EVM names it.
        reason: String,
    },
    /// The call was never made.
    #[error("the call cannot be made: {reason}")]
    Transaction {
        /// Why, as the EVM names it.
        reason: String,
    },
    /// Instructions with this opcode are not of a family that only computes.
    #[error("no contract evaluates {opcode:#06x}")]
    Opcode {
        /// The opcode.
        opcode: u16,
    },
    /// The answer is not what a verifier answers.
    #[error("expected the answer of a verifier at {address}, got {data}")]
    Answer {
        /// Who was asked.
        address: Address,
        /// The answer. It is empty if there is no contract.
        data: Bytes,
    },
    /// The chain could not be asked.
    #[error(transparent)]
    Rpc(#[from] RpcError),
}

impl L1Error {
    /// Why the contracts refuse the proof, if that is what happened.
    pub fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Rejected(rejection) => Some(rejection),
            _ => None,
        }
    }

    /// The error that a revert means.
    pub(crate) fn of_revert(data: Bytes) -> Self {
        match Rejection::decode(&data) {
            Some(rejection) => Self::Rejected(rejection),
            None => Self::Revert { data },
        }
    }
}

/// Why a proof proves nothing, as the contracts say it.
///
/// MIRROR: l1-contracts/src/OneStepEntry.sol
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Rejection {
    /// The first byte is no kind of state.
    #[error("expected a proof that begins with 0, 1 or 2, got {got:?}")]
    Kind {
        /// The byte, if there is one.
        got: Option<u8>,
    },
    /// The proof is too short for the state before the step, or for the witness.
    #[error("expected at least {expected} bytes of proof, got {got}")]
    Short {
        /// Bytes of the proof at least.
        expected: u64,
        /// Its bytes.
        got: u64,
    },
    /// Bytes are left over.
    #[error("expected {expected} bytes of proof, got {got}")]
    Long {
        /// Bytes that the step uses.
        expected: u64,
        /// Bytes of the proof.
        got: u64,
    },
    /// The proof is about another state.
    #[error("expected a proof from the state {expected}, got one from {got}")]
    Before {
        /// State that was asked about.
        expected: StateHash,
        /// State in the proof.
        got: StateHash,
    },
    /// A value or a frame is not the one on top.
    #[error("expected a link of the chain with the head {expected}, got one with {got}")]
    Chain {
        /// Head in the state.
        expected: ChainHash,
        /// Head of what the proof gives.
        got: ChainHash,
    },
    /// A length or a page is not the blob's.
    #[error("expected a part of blob {expected}, got one of {got}")]
    Blob {
        /// Root in the state.
        expected: BlobRoot,
        /// Root of what the proof gives.
        got: BlobRoot,
    },
    /// Bits of a path's bitmap are set beyond its siblings.
    #[error("expected no bit from {expected} on in a path's bitmap, got {got:#010x}")]
    Bitmap {
        /// Siblings of the path.
        expected: u64,
        /// The bitmap.
        got: u64,
    },
    /// A sibling is given although it is a tree of zeros.
    #[error("a sibling of a path is a tree of zeros: its bit must say so")]
    Redundant,
    /// A path leads to another root than the state's.
    #[error("expected a path to the root {expected}, got one to {got}")]
    Root {
        /// Root in the state.
        expected: NodeHash,
        /// Where the path leads.
        got: NodeHash,
    },
}

impl Rejection {
    /// The rejection that revert data encodes.
    pub(crate) fn decode(data: &[u8]) -> Option<Self> {
        let of_entry = OneStepEntryErrors::abi_decode_validate(data).ok();
        let of_access = HostErrors::abi_decode_validate(data).ok();
        of_entry
            .and_then(Self::of_entry)
            .or_else(|| of_access.and_then(Self::of_access))
    }

    /// What the entry finds before and behind the step.
    fn of_entry(error: OneStepEntryErrors) -> Option<Self> {
        use OneStepEntryErrors as Errors;
        Some(match error {
            Errors::OneStepEntry_Kind(kind) => Self::Kind {
                got: u8::try_from(kind.got).ok(),
            },
            Errors::OneStepEntry_Short(short) => Self::short(short.expected, short.got),
            Errors::OneStepEntry_Long(long) => Self::Long {
                expected: number(long.expected),
                got: number(long.got),
            },
            Errors::OneStepEntry_Before(before) => Self::Before {
                expected: StateHash::new(before.expected.0),
                got: StateHash::new(before.got.0),
            },
            _ => return None,
        })
    }

    /// What accesses to the state find.
    fn of_access(error: HostErrors) -> Option<Self> {
        use HostErrors as Errors;
        Some(match error {
            Errors::Witness_Short(short) => Self::short(short.expected, short.got),
            Errors::Replay_Chain(chain) => Self::Chain {
                expected: ChainHash::new(chain.expected.0),
                got: ChainHash::new(chain.got.0),
            },
            Errors::Replay_Blob(blob) => Self::Blob {
                expected: BlobRoot::new(blob.expected.0),
                got: BlobRoot::new(blob.got.0),
            },
            Errors::MerklePath_Bitmap(bitmap) => Self::Bitmap {
                expected: number(bitmap.expected),
                got: number(bitmap.got),
            },
            Errors::MerklePath_Redundant(_) => Self::Redundant,
            Errors::MerklePath_Root(root) => Self::Root {
                expected: NodeHash::new(root.expected.0),
                got: NodeHash::new(root.got.0),
            },
            // A step that fails the run is an answer of the entry, never its error.
            Errors::OneStep_Failed(_) => return None,
        })
    }

    fn short(expected: U256, got: U256) -> Self {
        Self::Short {
            expected: number(expected),
            got: number(got),
        }
    }
}

/// Sizes of calldata and bitmaps have 64 bits at most.
fn number(number: U256) -> u64 {
    number.saturating_to()
}
