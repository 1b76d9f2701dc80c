//! Bulk memory instructions: each step moves a few bytes and keeps the rest of the work on the value stack.
//!
//! A step checks the whole of what is left before it writes a byte, so the first one fails if any byte is out of bounds.
//! The last step finds nothing left, drops the operands and goes on to the next word; until then pc stays.

use enshrine_runtime::{
    isa::{Word, op},
    limits::BULK_STEP_BYTES,
};

use super::{check_range, pop_u32};
use crate::access::{StateAccess, Step, Stop};

pub(super) fn step<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    match word.opcode {
        op::MEMORY_FILL => fill(state),
        op::MEMORY_COPY => copy(state),
        op::MEMORY_INIT => init(state, word),
        _ => Err(Stop::Failed),
    }
}

/// Puts what is left of the work on the stack, lowest operand first, and stays at this word. Ends that move on wrap at 2^32,
/// where a memory of 4 GiB ends.
fn again<A: StateAccess>(state: &mut A, operands: &[u32]) -> Step<(), A::Error> {
    state.registers().pc -= 1;
    operands
        .iter()
        .try_for_each(|operand| state.push((*operand).into()))
}

fn fill<A: StateAccess>(state: &mut A) -> Step<(), A::Error> {
    let length = pop_u32(state)?;
    let value = pop_u32(state)?;
    let target = pop_u32(state)?;
    check_range(state, target.into(), length.into())?;
    let size = length.min(BULK_STEP_BYTES);
    if size == 0 {
        return Ok(());
    }
    let [byte, ..] = value.to_le_bytes();
    state.store(target.into(), size, u32::from_le_bytes([byte; 4]).into())?;
    again(state, &[target.wrapping_add(size), value, length - size])
}

/// Forwards if the target lies below the source, else from the end, as overlapping ranges need it.
fn copy<A: StateAccess>(state: &mut A) -> Step<(), A::Error> {
    let length = pop_u32(state)?;
    let source = pop_u32(state)?;
    let target = pop_u32(state)?;
    check_range(state, source.into(), length.into())?;
    check_range(state, target.into(), length.into())?;
    let size = length.min(BULK_STEP_BYTES);
    if size == 0 {
        return Ok(());
    }
    let rest = length - size;
    // Bytes from where the chunk begins, and how far both ends move for the next.
    let (at, advance) = if target > source {
        (rest, 0)
    } else {
        (0, size)
    };
    let bits = state.load(u64::from(source) + u64::from(at), size)?;
    state.store(u64::from(target) + u64::from(at), size, bits)?;
    let [target, source] = [target, source].map(|end| end.wrapping_add(advance));
    again(state, &[target, source, rest])
}

/// Operands: target, offset in the segment, length, and the segment's remaining size from its hidden global.
fn init<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let remaining = pop_u32(state)?;
    let length = pop_u32(state)?;
    let source = pop_u32(state)?;
    let target = pop_u32(state)?;
    check_range(state, target.into(), length.into())?;
    let first = data_offset(word, source, length, remaining)?;
    let size = length.min(BULK_STEP_BYTES);
    if size == 0 {
        return Ok(());
    }
    let bits = state.data(first, size)?;
    state.store(target.into(), size, bits)?;
    again(
        state,
        &[
            target.wrapping_add(size),
            source.wrapping_add(size),
            length - size,
            remaining,
        ],
    )
}

/// Where the bytes lie in the passive data; fails the run beyond the segment or beyond 2^32.
fn data_offset<E>(word: &Word, source: u32, length: u32, remaining: u32) -> Step<u64, E> {
    let end = u64::from(source) + u64::from(length);
    let last = word.c.checked_add(end).ok_or(Stop::Failed)?;
    if end > remaining.into() || last >> 32 != 0 {
        return Err(Stop::Failed);
    }
    Ok(last - u64::from(length))
}
