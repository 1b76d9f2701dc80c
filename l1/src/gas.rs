//! What a call costs on L1.

/// Gas of a call, without the 21,000 of the transaction that it is made in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gas {
    /// Gas of what is executed.
    pub execution: u64,
    /// Bytes of the call's data: the selector, the state's hash and the proof, padded to words.
    pub calldata_bytes: u64,
    /// Those of them that are zero.
    pub calldata_zeros: u64,
}

impl Gas {
    /// What a byte of calldata that is not zero costs at most: the floor of
    /// [EIP-7623](https://eips.ethereum.org/EIPS/eip-7623).
    pub const PER_CALLDATA_BYTE: u64 = 40;

    /// What a zero byte costs at most, likewise.
    pub const PER_CALLDATA_ZERO: u64 = 10;

    /// Gas of both. A transaction pays less: the floor, or execution and calldata at the ordinary price.
    ///
    /// ```
    /// use enshrine_l1::Gas;
    ///
    /// let gas = Gas { execution: 1_000, calldata_bytes: 100, calldata_zeros: 10 };
    /// assert_eq!(gas.total(), 4_700);
    /// ```
    pub const fn total(&self) -> u64 {
        let others = self.calldata_bytes - self.calldata_zeros;
        self.execution
            + Self::PER_CALLDATA_BYTE * others
            + Self::PER_CALLDATA_ZERO * self.calldata_zeros
    }
}
