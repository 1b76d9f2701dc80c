//! What a traced build spills where, and the way back from bytes to machine values.

use enshrine_primitives::BlobRoot;
use wasmparser::ValType;

use super::{Checkpoint, Frame, Origin};
use crate::nan::Taint;

/// Where a traced build spills a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SiteKind {
    /// A call; `word` is the one that it returns to, operands are those below the arguments.
    Call,
    /// A function's first word; operands are its arguments, and locals are zero.
    Entry,
    /// A loop's first word.
    LoopHead,
}

/// A place in the code at which a frame is spilled.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) kind: SiteKind,
    /// Number of the function in the order of the code.
    pub(crate) function: u32,
    /// Relative to the function.
    pub(crate) word: u32,
    /// Steps of the segment, which are charged before the check.
    pub(crate) steps: u32,
    pub(crate) operands: Vec<ValType>,
    /// Of locals, then operands; empty if all are clean.
    pub(crate) taints: Vec<Taint>,
}

/// What sites of one function share.
#[derive(Clone, Debug)]
pub(crate) struct FunctionShape {
    /// First word.
    pub(crate) entry: u32,
    /// Stack slots of a call.
    pub(crate) slots: u32,
    /// Types of parameters and declared locals.
    pub(crate) locals: Vec<ValType>,
    /// Scratch locals behind them, always zero here.
    pub(crate) scratch: u32,
}

/// What a host must know to read the frames that a traced build spills.
#[derive(Clone, Debug, Default)]
pub struct TraceMap {
    pub(crate) functions: Vec<FunctionShape>,
    pub(crate) sites: Vec<Site>,
    /// Initial values of all globals, hidden ones last.
    pub(crate) globals: Vec<u128>,
    /// Number of the first hidden one.
    pub(crate) first_hidden: usize,
}

/// What an engine hands over at a checkpoint.
#[derive(Debug)]
pub(crate) struct Raw<'a> {
    pub(crate) site: u32,
    /// Where the running frame begins.
    pub(crate) base: u32,
    pub(crate) fuel: i64,
    pub(crate) slots: i32,
    /// Number and bits of the globals that can change.
    pub(crate) globals: Vec<(usize, u128)>,
    /// Number of each passive data segment, and what is left of it.
    pub(crate) data: Vec<(usize, u128)>,
    pub(crate) frames: &'a [u8],
    pub(crate) memory: &'a [u8],
    pub(crate) output_root: BlobRoot,
}

/// What a look at a checkpoint shows.
#[derive(Debug)]
pub(crate) enum Look<'a> {
    /// The machine is here.
    State(Checkpoint<'a>),
    /// The machine has run out of fuel before.
    Exhausted,
    /// A NaN whose bits the build has left open would be seen.
    Nan,
}

/// Offset of each value in a spilled frame, and the size of the frame. The site's number comes first; each value is
/// aligned to its size. So `n` values take no more than `16 * (n + 1)` bytes, which a function's stack slots cover.
pub(crate) fn frame_layout<'t>(values: impl Iterator<Item = &'t ValType>) -> (Vec<u32>, u32) {
    let mut end = 4;
    let offsets = values
        .map(|ty| {
            let size = size_of_value(ty);
            let offset = u32::next_multiple_of(end, size);
            end = offset + size;
            offset
        })
        .collect();
    (offsets, end.next_multiple_of(16))
}

fn size_of_value(ty: &ValType) -> u32 {
    match ty {
        ValType::I32 | ValType::F32 => 4,
        ValType::I64 | ValType::F64 => 8,
        ValType::V128 => 16,
        ValType::Ref(_) => unreachable!("the profile has no reference values"),
    }
}

/// A spilled frame as machine values.
struct Spilled {
    locals: Vec<u128>,
    operands: Vec<u128>,
    size: u32,
    nan: bool,
}

impl TraceMap {
    /// Where there are checkpoints: first word and steps of each segment at whose beginning fuel is checked. A checkpoint is
    /// due there if the segment leaves less fuel than was asked for.
    pub fn checks(&self) -> impl Iterator<Item = (u32, u32)> {
        let checks = self.sites.iter();
        let checks = checks.filter(|site| site.kind != SiteKind::Call);
        checks.map(|site| (self.pc(site), site.steps))
    }

    /// The machine's state at a checkpoint, and what it is called with the fuel that the counter does not have.
    pub(crate) fn look<'a>(&self, raw: Raw<'a>, origin: Origin) -> Look<'a> {
        let site = &self.sites[raw.site as usize];
        let Ok(fuel) = u64::try_from(raw.fuel.saturating_add(site.steps.into())) else {
            return Look::Exhausted;
        };
        let (mut frames, mut stack) = (origin.frames(), Vec::new());
        let (mut return_pc, mut at, mut nan) = (origin.return_pc(), 0, false);
        while at < raw.base {
            let caller = &self.sites[site_number(&raw.frames[at as usize..])];
            let spilled = self.frame(caller, &raw.frames[at as usize..]);
            at += spilled.size;
            nan |= spilled.nan;
            let locals = spilled.locals;
            frames.push(Frame { return_pc, locals });
            stack.extend(spilled.operands);
            return_pc = self.pc(caller);
        }
        let running = self.frame(site, &raw.frames[at as usize..]);
        if nan || running.nan {
            return Look::Nan;
        }
        let locals = running.locals;
        frames.push(Frame { return_pc, locals });
        stack.extend(running.operands);
        Look::State(Checkpoint {
            pc: self.pc(site),
            fuel_left: fuel + origin.fuel_beside(),
            slots_left: self.slots_left(site, raw.slots),
            frames,
            stack,
            globals: self.globals_with(&raw.globals, &raw.data),
            memory: raw.memory,
            output_root: raw.output_root,
        })
    }

    fn pc(&self, site: &Site) -> u32 {
        self.functions[site.function as usize].entry + site.word
    }

    /// The build has taken a function's slots before the check at its entry, the machine has not.
    fn slots_left(&self, site: &Site, slots: i32) -> u32 {
        let taken = match site.kind {
            SiteKind::Entry => self.functions[site.function as usize].slots,
            SiteKind::Call | SiteKind::LoopHead => 0,
        };
        slots.cast_unsigned() + taken
    }

    fn globals_with(&self, changed: &[(usize, u128)], data: &[(usize, u128)]) -> Vec<u128> {
        let mut globals = self.globals.clone();
        let hidden = data
            .iter()
            .map(|(segment, left)| (self.first_hidden + segment, *left));
        for (number, bits) in changed.iter().copied().chain(hidden) {
            globals[number] = bits;
        }
        globals
    }

    fn frame(&self, site: &Site, bytes: &[u8]) -> Spilled {
        let function = &self.functions[site.function as usize];
        let types: Vec<_> = match site.kind {
            SiteKind::Entry => site.operands.iter().collect(),
            _ => function.locals.iter().chain(&site.operands).collect(),
        };
        let (offsets, size) = frame_layout(types.iter().copied());
        let read = |(ty, offset): (&&ValType, &u32)| {
            number(&bytes[*offset as usize..], size_of_value(ty) as usize)
        };
        let mut values: Vec<_> = types.iter().zip(&offsets).map(read).collect();
        let seen = values.iter().zip(types).zip(&site.taints);
        let nan = seen
            .into_iter()
            .any(|((bits, ty), taint)| holds_nan(*bits, ty, *taint));
        let all_locals = function.locals.len() + function.scratch as usize;
        let operands = values.split_off(values.len() - site.operands.len());
        values.resize(all_locals, 0);
        Spilled {
            locals: values,
            operands,
            size,
            nan,
        }
    }
}

fn site_number(bytes: &[u8]) -> usize {
    u32::from_le_bytes(bytes[..4].try_into().expect("4 bytes")) as usize
}

/// The first `size` bytes as a number.
fn number(bytes: &[u8], size: usize) -> u128 {
    let mut value = [0; 16];
    value[..size].copy_from_slice(&bytes[..size]);
    u128::from_le_bytes(value)
}

/// A lane of a tainted type is a NaN.
fn holds_nan(bits: u128, ty: &ValType, taint: Taint) -> bool {
    let bytes = bits.to_le_bytes();
    let used = &bytes[..size_of_value(ty) as usize];
    let single = used
        .chunks_exact(4)
        .any(|lane| f32::from_le_bytes(lane.try_into().expect("4 bytes")).is_nan());
    let double = used
        .chunks_exact(8)
        .any(|lane| f64::from_le_bytes(lane.try_into().expect("8 bytes")).is_nan());
    taint.has(Taint::F32) && single || taint.has(Taint::F64) && double
}
