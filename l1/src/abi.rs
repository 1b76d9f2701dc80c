//! What the contracts take and give.

#![allow(
    missing_docs,
    reason = "generated from the contracts, which document themselves"
)]
#![allow(clippy::all, unreachable_pub, reason = "generated")]

use alloy_sol_types::sol;

/// Each apart, because all of them bring the same types along.
mod entry {
    use alloy_sol_types::sol;

    sol!(
        #[derive(Debug)]
        OneStepEntry,
        "../l1-contracts/artifacts/OneStepEntry.json"
    );
}
pub use entry::OneStepEntry;

/// Of the families' contracts, this one makes every error.
mod host {
    use alloy_sol_types::sol;

    sol!(
        #[derive(Debug)]
        Host,
        "../l1-contracts/artifacts/Host.json"
    );
}
pub use host::Host;

mod game {
    use alloy_sol_types::sol;

    sol!(
        #[derive(Debug, PartialEq, Eq)]
        MachineGame,
        "../l1-contracts/artifacts/MachineGame.json"
    );
}
pub use game::MachineGame;

mod registry {
    use alloy_sol_types::sol;

    sol!(
        #[derive(Debug, PartialEq, Eq)]
        ModelRegistry,
        "../l1-contracts/artifacts/ModelRegistry.json"
    );
}
pub use registry::ModelRegistry;

mod claims {
    use alloy_sol_types::sol;

    sol!(
        #[derive(Debug, PartialEq, Eq)]
        InferenceClaims,
        "../l1-contracts/artifacts/InferenceClaims.json"
    );
}
pub use claims::InferenceClaims;

sol! {
    /// What all contracts of families that only compute have in common.
    function evaluate(uint256 word, uint128 first, uint128 second, uint128 third) returns (bool ok, uint128 result);
}
