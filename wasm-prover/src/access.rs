//! What the step function may ask of a state.
//!
//! The step function is written once, over this trait. [`Machine`](crate::Machine) implements it on live state,
//! [`record`](crate::record) on live state while it writes a witness, and [`replay`](crate::replay) on nothing but a
//! witness, each byte of which it holds against the state's hash.

use enshrine_primitives::BlobRoot;
use enshrine_runtime::{isa::Word, tree::Leaf};

/// The part of a state that every implementation holds as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// Index of the next word.
    pub pc: u32,
    /// Stack slots that calls may still take.
    pub slots_left: u32,
    /// Size of the memory in 64 KiB pages.
    pub memory_pages: u32,
    /// Size that `memory.grow` cannot pass.
    pub max_memory_pages: u32,
    /// Fuel of the running phase.
    pub fuel_left: u64,
    /// Fuel of the other phase: what `infer` will get while `load` runs, what `load` left while `infer` runs.
    pub fuel_aside: u64,
    /// What `output` last set, zero before.
    pub output_root: BlobRoot,
}

/// Why a step does not go on to the next word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop<E> {
    /// The run finishes with this status.
    Finished(u32),
    /// The run fails.
    Failed,
    /// The state could not be read: a witness is not what it should be.
    Access(E),
}

impl<E> From<E> for Stop<E> {
    fn from(error: E) -> Self {
        Self::Access(error)
    }
}

/// Outcome of a handler or of an access that can fail the run.
pub(crate) type Step<T, E> = Result<T, Stop<E>>;

/// A state that can be stepped. Ranges are the caller's to check: addresses lie within the memory, indices within their
/// trees.
pub(crate) trait StateAccess {
    /// What is wrong with a witness; live state has no such error.
    type Error;

    fn registers(&mut self) -> &mut Registers;

    /// The word at `pc`, which is below 2^24. Words that a program does not have are zero.
    fn word(&mut self, pc: u32) -> Result<Word, Self::Error>;

    /// Fails the run if the value stack is empty.
    fn pop(&mut self) -> Step<u128, Self::Error>;

    /// Fails the run if the value stack is full.
    fn push(&mut self, value: u128) -> Step<(), Self::Error>;

    /// Pushes a frame with all locals zero. Fails the run if there are too many.
    fn push_frame(&mut self, return_pc: u32) -> Step<(), Self::Error>;

    /// Pops the running frame; where it returns to. Fails the run if it is the last.
    fn pop_frame(&mut self) -> Step<u32, Self::Error>;

    /// A local of the running frame; `index` is below 2^16.
    fn local(&mut self, index: u32) -> Result<u128, Self::Error>;

    /// Sets a local of the running frame, `index` below 2^16; what it was.
    fn replace_local(&mut self, index: u32, value: u128) -> Result<u128, Self::Error>;

    /// A global; `index` is below 2^16.
    fn global(&mut self, index: u32) -> Result<u128, Self::Error>;

    fn set_global(&mut self, index: u32, value: u128) -> Result<(), Self::Error>;

    /// A leaf of the tables' tree; `index` is below 2^16.
    fn table_leaf(&mut self, index: u32) -> Result<Leaf, Self::Error>;

    /// `size` bytes of memory, at most 16, as a little-endian number.
    fn load(&mut self, address: u64, size: u32) -> Result<u128, Self::Error>;

    /// Writes the low `size` bytes of `bits`, at most 16.
    fn store(&mut self, address: u64, size: u32, bits: u128) -> Result<(), Self::Error>;

    /// 32 bytes of memory.
    fn load_root(&mut self, address: u64) -> Result<[u8; 32], Self::Error>;

    /// Makes the memory `pages` long; the new ones are zero.
    fn grow(&mut self, pages: u32);

    /// `size` bytes of the passive data, at most 16, as a little-endian number. `offset` and what follows lie below
    /// 2^32; there are zeros behind the end.
    fn data(&mut self, offset: u64, size: u32) -> Result<u128, Self::Error>;

    /// Length of blob 0 or 1 in bytes.
    fn blob_len(&mut self, blob: u32) -> Result<u64, Self::Error>;

    /// Copies page `page` of blob 0 or 1 to memory page `target`. There are zeros behind the blob's end.
    fn copy_blob_page(&mut self, blob: u32, page: u32, target: u32) -> Result<(), Self::Error>;
}
