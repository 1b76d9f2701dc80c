//! What the contracts take and give.

#![allow(
    missing_docs,
    reason = "generated from the contracts, which document themselves"
)]
#![allow(clippy::all, unreachable_pub, reason = "generated")]

use alloy_sol_types::sol;

sol!(
    #[derive(Debug)]
    OneStepEntry,
    "../l1-contracts/artifacts/OneStepEntry.json"
);

sol! {
    /// What all contracts of families that only compute have in common.
    function evaluate(uint256 word, uint128 first, uint128 second, uint128 third) returns (bool ok, uint128 result);
}
