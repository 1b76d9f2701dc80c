//! What a call costs on L1.

/// Gas of a call, without the 21,000 of the transaction that it is made in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gas {
    /// Gas of what is executed.
    pub execution: u64,
    /// Bytes of the call's data: the selector, the state's hash and the proof, padded to words.
    pub calldata_bytes: u64,
}

impl Gas {
    /// What a byte of calldata costs at most: the floor of EIP-7623 for a byte that is not zero.
    pub const PER_CALLDATA_BYTE: u64 = 40;

    /// Gas of both, every byte of calldata at [`Self::PER_CALLDATA_BYTE`].
    ///
    /// ```
    /// use enshrine_l1::Gas;
    ///
    /// let gas = Gas { execution: 1_000, calldata_bytes: 100 };
    /// assert_eq!(gas.total(), 5_000);
    /// ```
    pub const fn total(&self) -> u64 {
        self.execution + Self::PER_CALLDATA_BYTE * self.calldata_bytes
    }
}
