//! Enshrine precompile.
