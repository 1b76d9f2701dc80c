//! Enshrine primitives.
