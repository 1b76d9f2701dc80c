//! Constants, locals, globals, `drop` and `select`.

use enshrine_runtime::{
    isa::{Word, op},
    tree::VALUE_DEPTH,
};

use super::pop_u32;
use crate::access::{StateAccess, Step, Stop};

#[inline]
pub(super) fn step<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    match word.opcode {
        op::LOCAL_GET => local_get(state, word),
        op::LOCAL_SET => local_set(state, word),
        op::LOCAL_TEE => local_tee(state, word),
        op::LOCAL_TAKE => local_take(state, word),
        op::GLOBAL_GET => global_get(state, word),
        op::GLOBAL_SET => global_set(state, word),
        op::DROP => state.pop().map(drop),
        op::SELECT => select(state),
        op::I32_CONST | op::I64_CONST | op::F32_CONST | op::F64_CONST | op::V128_CONST => {
            state.push(word.imm)
        }
        _ => Err(Stop::Failed),
    }
}

/// Index of a local or global. The tree has no more than 2^16; a program with a higher index fails.
#[inline]
fn index<E>(word: &Word) -> Step<u32, E> {
    if word.b >> VALUE_DEPTH != 0 {
        return Err(Stop::Failed);
    }
    Ok(word.b)
}

#[inline]
fn local_get<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let value = state.local(index(word)?)?;
    state.push(value)
}

#[inline]
fn local_set<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let index = index(word)?;
    let value = state.pop()?;
    state.replace_local(index, value)?;
    Ok(())
}

#[inline]
fn local_tee<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let index = index(word)?;
    let value = state.pop()?;
    state.replace_local(index, value)?;
    state.push(value)
}

fn local_take<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let value = state.replace_local(index(word)?, 0)?;
    state.push(value)
}

#[inline]
fn global_get<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let value = state.global(index(word)?)?;
    state.push(value)
}

#[inline]
fn global_set<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let index = index(word)?;
    let value = state.pop()?;
    Ok(state.set_global(index, value)?)
}

#[inline]
fn select<A: StateAccess>(state: &mut A) -> Step<(), A::Error> {
    let condition = pop_u32(state)?;
    let second = state.pop()?;
    let first = state.pop()?;
    state.push(if condition == 0 { second } else { first })
}
