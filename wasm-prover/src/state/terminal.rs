//! Ends of a run.

use enshrine_primitives::BlobRoot;

use super::{StateHash, keccak};

const FINISHED_TAG: &[u8] = b"enshrine/finished/1";
const FAILED_TAG: &[u8] = b"enshrine/failed/1";

/// A state in which a run has ended. Stepping it changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// `load` returned a status, or `infer` returned.
    Finished {
        /// 0, or the guest's reason to decline.
        status: u32,
        /// What `output` last set, zero if it was never called.
        output_root: BlobRoot,
        /// Fuel that `load` left of its own.
        load_fuel_left: u64,
        /// Fuel that `infer` left of the caller's; all of it if `load` declined.
        fuel_left: u64,
    },
    /// Trap, exhausted fuel or stack, misuse of the ABI, code that is none. One state, without a reason.
    Failed,
}

/// Encoded size of a finished state.
pub(crate) const FINISHED_BYTES: usize = 52;

impl Terminal {
    /// The state's hash. Failed: Keccak-256 of `enshrine/failed/1`. Finished: Keccak-256 of the following, numbers big
    /// endian.
    ///
    /// | offset | size | field |
    /// |---|---|---|
    /// | 0 | 19 | `enshrine/finished/1` |
    /// | 19 | 4 | `status` |
    /// | 23 | 32 | `output_root` |
    /// | 55 | 8 | `load_fuel_left` |
    /// | 63 | 8 | `fuel_left` |
    ///
    /// ```
    /// use enshrine_prover::Terminal;
    ///
    /// let hash = Terminal::Failed.hash().to_string();
    /// assert_eq!(hash, "0x507c9d11ddf3023561daff15ec1e5d87ae15a612d664c9da2b1a23d3abe6d3df");
    /// ```
    pub fn hash(&self) -> StateHash {
        StateHash::new(match self.encode() {
            Some(fields) => keccak(&[FINISHED_TAG, &fields]),
            None => keccak(&[FAILED_TAG]),
        })
    }

    /// The fields behind the tag; a failed state has none.
    pub(crate) fn encode(&self) -> Option<[u8; FINISHED_BYTES]> {
        let Self::Finished {
            status,
            output_root,
            load_fuel_left,
            fuel_left,
        } = self
        else {
            return None;
        };
        let mut bytes = [0; FINISHED_BYTES];
        bytes[..4].copy_from_slice(&status.to_be_bytes());
        bytes[4..36].copy_from_slice(output_root.as_bytes());
        bytes[36..44].copy_from_slice(&load_fuel_left.to_be_bytes());
        bytes[44..].copy_from_slice(&fuel_left.to_be_bytes());
        Some(bytes)
    }

    pub(crate) fn decode_finished(bytes: &[u8; FINISHED_BYTES]) -> Self {
        let (status, rest) = split(bytes);
        let (output_root, rest) = split::<32>(rest);
        let (load_fuel_left, rest) = split(rest);
        let (fuel_left, _) = split(rest);
        Self::Finished {
            status: u32::from_be_bytes(status),
            output_root: BlobRoot::new(output_root),
            load_fuel_left: u64::from_be_bytes(load_fuel_left),
            fuel_left: u64::from_be_bytes(fuel_left),
        }
    }
}

/// The first `N` bytes of a fixed layout, and the rest.
pub(super) fn split<const N: usize>(bytes: &[u8]) -> ([u8; N], &[u8]) {
    let (first, rest) = bytes
        .split_first_chunk()
        .expect("the layout's fields add up to its size");
    (*first, rest)
}
