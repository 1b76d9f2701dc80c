//! Enshrine runtime.
