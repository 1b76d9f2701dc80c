//! Errors that contracts see.

use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::SolError;
use enshrine_primitives::{BlobRoot, abi::clip_message};

use crate::contracts::InferenceErrors as Abi;

/// Why a call reverts. All of it is consensus data: every node gives the same error.
///
/// MIRROR: precompile/contracts/src/InferenceErrors.sol
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The registry does not know the model, or the model is not active yet.
    #[error("model {model} is not registered, or not active yet")]
    UnknownModel {
        /// Address of the model.
        model: BlobRoot,
    },
    /// The guest refused the model.
    #[error("model {model} is refused: {reason}")]
    ModelRefused {
        /// Address of the model.
        model: BlobRoot,
        /// The guest's message.
        reason: String,
    },
    /// The guest refused the input.
    #[error("the input does not fit model {model}: {reason}")]
    InputMalformed {
        /// Address of the model.
        model: BlobRoot,
        /// The guest's message.
        reason: String,
    },
    /// The output is longer than the caller takes.
    #[error("expected an output of at most {expected} bytes, got {got}")]
    OutputTooLarge {
        /// Most bytes that the caller takes.
        expected: U256,
        /// Bytes of output.
        got: usize,
    },
    /// The run failed, or cost more than the call was given. The only error that spends all gas.
    #[error("the run of model {model} failed, or cost more gas than the call was given")]
    InferenceFailed {
        /// Address of the model.
        model: BlobRoot,
    },
    /// The call data has not the precompile's form.
    #[error("expected {expected} bytes of call data, got {got}")]
    MalformedCall {
        /// Bytes that the call should have had.
        expected: U256,
        /// Bytes that it had.
        got: usize,
    },
    /// The call carried value.
    #[error("an inference takes no value, got {value} wei")]
    ValueNotAccepted {
        /// Value in wei.
        value: U256,
    },
}

impl CallError {
    /// What the call reverts with: selector and arguments as the contract ABI encodes them.
    ///
    /// ```
    /// use alloy_primitives::{U256, hex};
    /// use enshrine_precompile::CallError;
    ///
    /// let error = CallError::ValueNotAccepted { value: U256::from(1) };
    /// let bytes = hex!("0x583718dd 0000000000000000000000000000000000000000000000000000000000000001");
    /// assert_eq!(error.abi_encode()[..], bytes);
    /// ```
    pub fn abi_encode(&self) -> Bytes {
        match self.clone() {
            Self::UnknownModel { model } => Abi::UnknownModel { model: word(model) }.abi_encode(),
            Self::ModelRefused { model, reason } => Abi::ModelRefused {
                model: word(model),
                reason,
            }
            .abi_encode(),
            Self::InputMalformed { model, reason } => Abi::InputMalformed {
                model: word(model),
                reason,
            }
            .abi_encode(),
            Self::OutputTooLarge { expected, got } => Abi::OutputTooLarge {
                expected,
                got: U256::from(got),
            }
            .abi_encode(),
            Self::InferenceFailed { model } => {
                Abi::InferenceFailed { model: word(model) }.abi_encode()
            }
            Self::MalformedCall { expected, got } => Abi::MalformedCall {
                expected,
                got: U256::from(got),
            }
            .abi_encode(),
            Self::ValueNotAccepted { value } => Abi::ValueNotAccepted { value }.abi_encode(),
        }
        .into()
    }
}

/// The guest's message as the text of an error.
///
/// DETERMINISM: the message is the run's proved output, and this is a pure function of it.
pub(crate) fn reason(message: &[u8]) -> String {
    clip_message(&String::from_utf8_lossy(message)).to_owned()
}

fn word(root: BlobRoot) -> B256 {
    B256::new(root.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_is_clipped_and_total() {
        assert_eq!(reason(b"too long"), "too long");
        assert_eq!(reason(&[b'a', 0xff, b'b']), "a\u{fffd}b");
        assert_eq!(reason(&[0xff; 5000]).len(), 1023);
    }

    #[test]
    fn strings_are_encoded_as_the_abi_says() {
        let error = CallError::ModelRefused {
            model: BlobRoot::new([1; 32]),
            reason: "no".to_owned(),
        };
        let bytes = error.abi_encode();
        assert_eq!(bytes.len(), 4 + 4 * 32);
        let Ok(back) = Abi::ModelRefused::abi_decode(&bytes) else {
            panic!("{bytes}")
        };
        assert_eq!((back.model, &*back.reason), (B256::repeat_byte(1), "no"));
    }
}
