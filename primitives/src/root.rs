//! Newtypes of hashes.

use core::{fmt, str::FromStr};

/// Text of a root that is not `0x` and 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseRootError {
    /// Wrong number of digits.
    #[error("expected {expected} hexadecimal digits after an optional 0x, got {got}")]
    Length {
        /// Digits of a root.
        expected: usize,
        /// Bytes of the text without `0x`.
        got: usize,
    },
    /// Something that is no hexadecimal digit.
    #[error(
        "expected a hexadecimal digit at position {position} (after an optional 0x), got byte {got:#04x}"
    )]
    Digit {
        /// Index of the byte in the text without `0x`.
        position: usize,
        /// The byte.
        got: u8,
    },
}

macro_rules! hash_newtype {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The hash with these bytes.
            pub const fn new(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// Its bytes.
            pub const fn into_bytes(self) -> [u8; 32] {
                self.0
            }
        }

        impl From<[u8; 32]> for $name {
            fn from(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
        }

        impl From<$name> for [u8; 32] {
            fn from(hash: $name) -> Self {
                hash.0
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("0x")?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = ParseRootError;

            fn from_str(text: &str) -> Result<Self, ParseRootError> {
                parse_hex(text.strip_prefix("0x").unwrap_or(text)).map(Self)
            }
        }
    };
}

hash_newtype! {
    /// Address of a blob: SSZ `hash_tree_root` of a byte list of at most 2^32 bytes. A model's is its `model_address`.
    ///
    /// Text is `0x` and 64 hexadecimal digits; both cases and a missing `0x` are read.
    ///
    /// ```
    /// use enshrine_primitives::{BlobRoot, blob_root};
    ///
    /// let root = blob_root(b"enshrine")?;
    /// let text = "0x0cedd3e755ab5c10f632436a463a49e16d8826262cf6cca620b5535fb576ee2c";
    /// assert_eq!(root.to_string(), text);
    /// assert_eq!(text.parse::<BlobRoot>()?, root);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    BlobRoot
}

hash_newtype! {
    /// Hash of a subtree's root, without a length.
    NodeHash
}

const DIGITS: usize = 64;

/// Reads 64 digits. `const`, so that tables of hashes are written as text and cost nothing at run time.
pub(crate) const fn parse_hex(digits: &str) -> Result<[u8; 32], ParseRootError> {
    let digits = digits.as_bytes();
    if digits.len() != DIGITS {
        return Err(ParseRootError::Length {
            expected: DIGITS,
            got: digits.len(),
        });
    }
    let mut bytes = [0; 32];
    let mut position = 0;
    while position < DIGITS {
        let Some(digit) = digit_value(digits[position]) else {
            return Err(ParseRootError::Digit {
                position,
                got: digits[position],
            });
        };
        bytes[position / 2] = bytes[position / 2] << 4 | digit;
        position += 1;
    }
    Ok(bytes)
}

const fn digit_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    #[test]
    fn text_of_wrong_length_is_refused() {
        let got = "0x00".parse::<BlobRoot>();
        assert_eq!(
            got,
            Err(ParseRootError::Length {
                expected: 64,
                got: 2
            })
        );
    }

    #[test]
    fn text_with_a_wrong_digit_is_refused() {
        let mut text = String::from("0x");
        text.extend(core::iter::repeat_n('0', 63));
        text.push('g');
        let got = text.parse::<BlobRoot>();
        assert_eq!(
            got,
            Err(ParseRootError::Digit {
                position: 63,
                got: b'g'
            })
        );
    }

    #[test]
    fn upper_case_and_no_prefix_are_read() {
        let root = BlobRoot::new(core::array::from_fn(|i| 0xff - i.to_le_bytes()[0]));
        let text = root.to_string().trim_start_matches("0x").to_uppercase();
        assert_eq!(text.parse(), Ok(root));
    }
}
