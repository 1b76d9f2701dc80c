//! Proposers and challengers of inference claims on L1.
#![forbid(unsafe_code)]
