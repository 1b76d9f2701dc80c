//! What goes to a precompile and what comes back.
//!
//! Both are the packed formats of Axonum's published library, so that contracts written for it run unmodified.
//!
//! | at | offset | size | field | |
//! |---|---|---|---|---|
//! | [`INFERENCE`] | 0 | 32 | model address | |
//! | | 32 | 32 | output size | big endian; most bytes of output that the caller takes |
//! | | 64 | rest | input | |
//! | [`INFERENCE_WITH_MODEL`] | 0 | 32 | length of the model, m | big endian |
//! | | 32 | 32 | length of the input, n | big endian |
//! | | 64 | m | model | |
//! | | 64 + m | n | input | nothing follows |
//! | answer | 0 | 32 | length of the output, k | big endian |
//! | | 32 | k | output | |

use alloy_primitives::{Address, Bytes, U256, address};
use enshrine_primitives::BlobRoot;

use crate::CallError;

/// The precompile that takes the model by its address.
///
/// MIRROR: precompile/contracts/src/AILib.sol
pub const INFERENCE: Address = address!("0x00000000000000000000000000000000000000a1");

/// The precompile that takes the model in the call data.
///
/// MIRROR: precompile/contracts/src/AILib.sol
pub const INFERENCE_WITH_MODEL: Address = address!("0x00000000000000000000000000000000000000a0");

/// Size of both headers in bytes.
const HEADER_BYTES: usize = 64;

/// One of the two precompiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precompile {
    /// [`INFERENCE`]: a registered model, named by its address.
    Registered,
    /// [`INFERENCE_WITH_MODEL`]: a model brought along.
    WithModel,
}

impl Precompile {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Registered, Self::WithModel];

    /// Where it is.
    pub const fn address(self) -> Address {
        match self {
            Self::Registered => INFERENCE,
            Self::WithModel => INFERENCE_WITH_MODEL,
        }
    }

    /// Which one is at an address.
    pub fn at(address: &Address) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|precompile| precompile.address() == *address)
    }
}

/// A call to [`INFERENCE`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RegisteredCall<'a> {
    pub(crate) model: BlobRoot,
    /// May be any number; nothing of that size is ever set aside.
    pub(crate) output_size: U256,
    pub(crate) input: &'a [u8],
}

impl<'a> RegisteredCall<'a> {
    /// Reads the call data.
    ///
    /// # Errors
    /// [`CallError::MalformedCall`] when the header is cut short.
    pub(crate) fn decode(data: &'a [u8]) -> Result<Self, CallError> {
        let (model, output_size, input) = split_header(data)?;
        Ok(Self {
            model: BlobRoot::new(*model),
            output_size: U256::from_be_bytes(*output_size),
            input,
        })
    }
}

/// A call to [`INFERENCE_WITH_MODEL`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WithModelCall<'a> {
    pub(crate) model: &'a [u8],
    pub(crate) input: &'a [u8],
}

impl<'a> WithModelCall<'a> {
    /// Reads the call data.
    ///
    /// # Errors
    /// [`CallError::MalformedCall`] when the lengths do not add up to the bytes there are.
    pub(crate) fn decode(data: &'a [u8]) -> Result<Self, CallError> {
        let (model, input, rest) = split_header(data)?;
        let model = U256::from_be_bytes(*model);
        let expected = model
            .saturating_add(U256::from_be_bytes(*input))
            .saturating_add(U256::from(HEADER_BYTES));
        if expected != U256::from(data.len()) {
            return Err(CallError::MalformedCall {
                expected,
                got: data.len(),
            });
        }
        // The sum was exact, so the model is no longer than the rest.
        let (model, input) = rest.split_at(model.saturating_to());
        Ok(Self { model, input })
    }
}

/// Two words, and what follows them.
type Header<'d> = (&'d [u8; 32], &'d [u8; 32], &'d [u8]);

/// The two header words and what follows them.
fn split_header(data: &[u8]) -> Result<Header<'_>, CallError> {
    let short = CallError::MalformedCall {
        expected: U256::from(HEADER_BYTES),
        got: data.len(),
    };
    let (first, rest) = data.split_first_chunk().ok_or(short.clone())?;
    let (second, rest) = rest.split_first_chunk().ok_or(short)?;
    Ok((first, second, rest))
}

/// The answer that carries an output.
pub(crate) fn encode_answer(output: &[u8]) -> Bytes {
    [&U256::from(output.len()).to_be_bytes::<32>(), output]
        .concat()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(value: U256) -> [u8; 32] {
        value.to_be_bytes()
    }

    #[test]
    fn registered_call_is_read() {
        let data = [&[7; 32][..], &word(U256::MAX), b"input"].concat();
        let call = RegisteredCall::decode(&data);
        let expected = RegisteredCall {
            model: BlobRoot::new([7; 32]),
            output_size: U256::MAX,
            input: b"input",
        };
        assert_eq!(call, Ok(expected));
    }

    #[test]
    fn registered_call_cut_short_is_malformed() {
        for got in 0..HEADER_BYTES {
            let error = CallError::MalformedCall {
                expected: U256::from(64),
                got,
            };
            assert_eq!(RegisteredCall::decode(&[1; 64][..got]), Err(error));
        }
    }

    #[test]
    fn call_with_model_is_read() {
        let data = [&word(U256::from(5))[..], &word(U256::from(2)), b"modelin"].concat();
        assert_eq!(
            WithModelCall::decode(&data),
            Ok(WithModelCall {
                model: b"model",
                input: b"in"
            })
        );
    }

    #[test]
    fn call_with_model_has_exact_length() {
        let data = [&word(U256::from(5))[..], &word(U256::from(2)), b"modelin!"].concat();
        let expected = U256::from(71);
        for got in [64, 65, 70, 72] {
            let error = CallError::MalformedCall { expected, got };
            assert_eq!(WithModelCall::decode(&data[..got]), Err(error));
        }
    }

    #[test]
    fn huge_lengths_are_malformed() {
        for (model, input) in [
            (U256::MAX, U256::MAX),
            (U256::MAX, U256::from(65)),
            (U256::from(1) << 64, U256::ZERO),
        ] {
            let data = [&word(model)[..], &word(input), b"x"].concat();
            let got = WithModelCall::decode(&data);
            assert!(
                matches!(got, Err(CallError::MalformedCall { got: 65, .. })),
                "{got:?}"
            );
        }
    }

    #[test]
    fn answer_is_a_length_and_the_output() {
        let answer = encode_answer(b"abc");
        assert_eq!(answer[..32], word(U256::from(3)));
        assert_eq!(&answer[32..], b"abc");
    }
}
