//! How `load` and `infer` say no.

use enshrine_primitives::Status;
use std::fmt;

/// A provable refusal: the status that the export returns and the message that it outputs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Never [`Status::Ok`].
    pub status: Status,
    /// What is wrong, where, and what to do about it.
    pub message: String,
}

impl Refusal {
    /// The model cannot be run, whatever the input.
    pub fn model(message: impl fmt::Display) -> Self {
        Self {
            status: Status::ModelRefused,
            message: message.to_string(),
        }
    }

    /// The input does not fit the model.
    pub fn input(message: impl fmt::Display) -> Self {
        Self {
            status: Status::InputMalformed,
            message: message.to_string(),
        }
    }
}
