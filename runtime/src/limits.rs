//! Limits of a program. They are part of the program hash, so every host has the same ones.

/// Most 64 KiB pages that a guest's memory can have: 2 GiB.
pub const MAX_MEMORY_PAGES: u32 = 1 << 15;

/// Stack slots of a run. A call takes the slots of its callee: [`FRAME_SLOTS`], one for each local and one for each
/// operand at the function's deepest point. A call that does not fit fails the run.
pub const MAX_STACK_SLOTS: u32 = 1 << 18;

/// Slots that a frame takes beside its locals and operands.
pub const FRAME_SLOTS: u32 = 16;

/// Most slots that one function may take, so that a single frame cannot exhaust a native stack unseen.
pub const MAX_FUNCTION_SLOTS: u32 = 1 << 16;

/// Most functions of a module, imports included.
pub const MAX_FUNCTIONS: u32 = 1 << 16;

/// Most entries of all function tables of a module together.
pub const MAX_TABLE_ENTRIES: u32 = 1 << 16;

/// Most data segments of a module. Each takes one hidden global.
pub const MAX_DATA_SEGMENTS: u32 = 1 << 15;

/// Most globals of a module.
pub const MAX_GLOBALS: u32 = 1 << 10;

/// Most words of lowered code.
pub const MAX_CODE_WORDS: u32 = 1 << 24;

/// Largest guest module in bytes.
pub const MAX_MODULE_BYTES: usize = 64 << 20;

/// Fuel of `load`. A constant of the program: a model whose preparation needs more is a failed run.
pub const LOAD_FUEL: u64 = 1 << 36;

/// Most fuel that a caller can give to `infer`. Bounded so that a counter of 64 signed bits never wraps.
pub const MAX_FUEL: u64 = 1 << 48;

/// Bytes that one step of a bulk memory instruction moves at most. So few, because a host that meets fresh memory pays
/// for each page of it, and bulk instructions are how a guest meets most pages in the fewest steps.
pub const BULK_STEP_BYTES: u32 = 4;
