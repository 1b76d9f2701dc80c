//! Names and numbers of the ABI between a guest program and the machine.

/// Module name of every import.
pub const IMPORT_MODULE: &str = "enshrine";

/// Number of the model blob in `blob_len` and `blob_page`.
pub const MODEL_BLOB: u32 = 0;

/// Number of the input blob in `blob_len` and `blob_page`.
pub const INPUT_BLOB: u32 = 1;

/// Most bytes of the UTF-8 message that a guest outputs before it returns a status other than [`Status::Ok`].
pub const MAX_MESSAGE_BYTES: usize = 1024;

/// What `load` or `infer` returned.
///
/// A status is a provable, cheap finish. Running out of fuel, traps and limits are no statuses: such a run fails.
///
/// ```
/// use enshrine_primitives::Status;
///
/// assert_eq!(Status::ModelRefused.to_wire(), 1);
/// assert_eq!(Status::from_wire(2), Some(Status::InputMalformed));
/// assert_eq!(Status::from_wire(3), None); // reserved
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Status {
    /// The output is the model's answer.
    Ok = 0,
    /// The model is no valid ONNX file, or has something the guest refuses. The output is a message.
    ModelRefused = 1,
    /// The input does not fit the model's inputs. The output is a message.
    InputMalformed = 2,
}

impl Status {
    /// The value that crosses the ABI.
    pub const fn to_wire(self) -> i32 {
        self as i32
    }

    /// The status with this wire value; `None` for reserved values.
    pub const fn from_wire(wire: i32) -> Option<Self> {
        match wire {
            0 => Some(Self::Ok),
            1 => Some(Self::ModelRefused),
            2 => Some(Self::InputMalformed),
            _ => None,
        }
    }
}

/// Shortens a message to [`MAX_MESSAGE_BYTES`] at a character's boundary.
///
/// ```
/// use enshrine_primitives::abi::{MAX_MESSAGE_BYTES, clip_message};
///
/// assert_eq!(clip_message("short"), "short");
/// assert_eq!(clip_message(&"é".repeat(600)).len(), MAX_MESSAGE_BYTES);
/// ```
pub fn clip_message(message: &str) -> &str {
    &message[..message.floor_char_boundary(MAX_MESSAGE_BYTES)]
}
