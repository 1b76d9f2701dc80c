//! What `sol!` makes of the committed artifacts.

#![allow(
    missing_docs,
    reason = "generated from the contracts, which document themselves"
)]
#![allow(clippy::all, reason = "generated")]

use alloy_sol_types::sol;

sol!(
    #[derive(Debug, PartialEq, Eq)]
    InferenceErrors,
    "contracts/artifacts/InferenceErrors.json"
);
sol!(
    #[derive(Debug)]
    OpenModelRegistry,
    "contracts/artifacts/OpenModelRegistry.json"
);
sol!(
    #[derive(Debug)]
    DigitClassifier,
    "contracts/artifacts/DigitClassifier.json"
);
sol!(
    #[derive(Debug)]
    TumourTriage,
    "contracts/artifacts/TumourTriage.json"
);

/// Apart, because both registries bring the base contract's types along.
mod governed {
    use alloy_sol_types::sol;

    sol!(
        #[derive(Debug)]
        GovernedModelRegistry,
        "contracts/artifacts/GovernedModelRegistry.json"
    );
}
pub use governed::GovernedModelRegistry;
