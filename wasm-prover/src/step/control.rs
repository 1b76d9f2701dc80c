//! Jumps, calls, and the ends of `load` and `infer`.

use enshrine_runtime::{
    isa::{Word, low_u32, op},
    tree::{Leaf, TABLE_DEPTH},
};

use super::pop_u32;
use crate::access::{StateAccess, Step, Stop};

#[inline]
pub(super) fn step<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    match word.opcode {
        op::JUMP => jump(state, word.b),
        op::JUMP_IF_ZERO => jump_if(state, word, |condition| condition == 0),
        op::JUMP_IF_NONZERO => jump_if(state, word, |condition| condition != 0),
        op::JUMP_TABLE => jump_table(state, word),
        op::CALL => call(state, word.b),
        op::CALL_INDIRECT => call_indirect(state, word),
        op::ENTER => enter(state, word),
        op::RETURN => return_(state, word),
        op::END_LOAD => end_load(state),
        op::END_INFER => Err(Stop::Finished(pop_u32(state)?)),
        // `unreachable`.
        _ => Err(Stop::Failed),
    }
}

#[inline]
fn jump<A: StateAccess>(state: &mut A, target: u32) -> Step<(), A::Error> {
    state.registers().pc = target;
    Ok(())
}

#[inline]
fn jump_if<A: StateAccess>(
    state: &mut A,
    word: &Word,
    holds: impl Fn(u32) -> bool,
) -> Step<(), A::Error> {
    if holds(pop_u32(state)?) {
        jump(state, word.b)?;
    }
    Ok(())
}

fn jump_table<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let last = word.b.checked_sub(1).ok_or(Stop::Failed)?;
    let entry = pop_u32(state)?.min(last);
    let next = state.registers().pc;
    jump(state, next.checked_add(entry).ok_or(Stop::Failed)?)
}

#[inline]
fn call<A: StateAccess>(state: &mut A, target: u32) -> Step<(), A::Error> {
    let next = state.registers().pc;
    state.push_frame(next)?;
    jump(state, target)
}

/// Entries of all tables lie end to end; the word has the first of its table's, and how many these are.
fn call_indirect<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let index = pop_u32(state)?;
    let (first, entries) = (low_u32((word.c >> 32).into()), low_u32(word.c.into()));
    let place = first.checked_add(index).ok_or(Stop::Failed)?;
    if index >= entries || place >> TABLE_DEPTH != 0 {
        return Err(Stop::Failed);
    }
    let (present, ty, target) = table_entry(&state.table_leaf(place)?);
    if present != 1 || ty != word.b {
        return Err(Stop::Failed);
    }
    call(state, target)
}

fn table_entry(leaf: &Leaf) -> (u32, u32, u32) {
    let (fields, _) = leaf.as_chunks::<4>();
    match fields {
        [present, ty, target, ..] => (
            u32::from_be_bytes(*present),
            u32::from_be_bytes(*ty),
            u32::from_be_bytes(*target),
        ),
        _ => (0, 0, 0),
    }
}

#[inline]
fn enter<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let registers = state.registers();
    let left = registers.slots_left.checked_sub(word.b);
    registers.slots_left = left.ok_or(Stop::Failed)?;
    Ok(())
}

#[inline]
fn return_<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let target = state.pop_frame()?;
    let registers = state.registers();
    let left = registers.slots_left.checked_add(word.b);
    registers.slots_left = left.ok_or(Stop::Failed)?;
    jump(state, target)
}

/// The phases change places: `infer` runs under the caller's fuel, what `load` left is kept for the result.
fn end_load<A: StateAccess>(state: &mut A) -> Step<(), A::Error> {
    let status = pop_u32(state)?;
    let registers = state.registers();
    std::mem::swap(&mut registers.fuel_left, &mut registers.fuel_aside);
    match status {
        0 => Ok(()),
        status => Err(Stop::Finished(status)),
    }
}
