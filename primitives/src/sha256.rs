//! SHA-256 of 64 bytes: a node of a tree.
//!
//! Natively the `sha2` crate's compression function does it, with SHA-NI where there is one. WASM has no such
//! instruction, but SIMD: four nodes at once there, a word of each in a lane. The second block of a node is padding
//! and always the same, so its message schedule is a table.

use crate::NodeHash;

/// Nodes that are hashed at once.
pub(crate) const LANES: usize = 4;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(crate) use native::{hash_node, hash_nodes};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use wasm::{hash_node, hash_nodes};

#[cfg(any(test, all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;

/// SHA-256's initial state (FIPS 180-4, 5.3.3).
const INITIAL_STATE: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

fn to_node(state: [u32; 8]) -> NodeHash {
    let mut bytes = [0; 32];
    for (target, word) in bytes.chunks_exact_mut(4).zip(state) {
        target.copy_from_slice(&word.to_be_bytes());
    }
    NodeHash::new(bytes)
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod native {
    use super::{INITIAL_STATE, LANES, NodeHash, to_node};
    use sha2::block_api::compress256;

    /// The block that ends a message of 64 bytes: a set bit, zeros, and 512 bits as a big-endian u64.
    const PADDING: [u8; 64] = {
        let mut block = [0; 64];
        block[0] = 0x80;
        block[62] = 2;
        block
    };

    /// Straight on the compression function: a digest's buffer would cost as much again for so little.
    pub(crate) fn hash_node(block: &[u8; 64]) -> NodeHash {
        let mut state = INITIAL_STATE;
        compress256(&mut state, &[*block, PADDING]);
        to_node(state)
    }

    pub(crate) fn hash_nodes(blocks: &[[u8; 64]; LANES]) -> [NodeHash; LANES] {
        blocks.each_ref().map(hash_node)
    }
}

#[cfg(test)]
mod tests;
