//! Scalar loads and stores, size and growth.

use enshrine_runtime::isa::{Word, op};

use super::{pop_address, pop_u32};
use crate::access::{Registers, StateAccess, Step, Stop};

#[inline]
pub(super) fn step<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    match word.opcode {
        op::I32_LOAD8_U | op::I64_LOAD8_U => load(state, word, 1),
        op::I32_LOAD16_U | op::I64_LOAD16_U => load(state, word, 2),
        op::I32_LOAD | op::F32_LOAD | op::I64_LOAD32_U => load(state, word, 4),
        op::I64_LOAD | op::F64_LOAD => load(state, word, 8),
        op::I32_LOAD8_S => load_signed(state, word, 1, 32),
        op::I32_LOAD16_S => load_signed(state, word, 2, 32),
        op::I64_LOAD8_S => load_signed(state, word, 1, 64),
        op::I64_LOAD16_S => load_signed(state, word, 2, 64),
        op::I64_LOAD32_S => load_signed(state, word, 4, 64),
        op::I32_STORE8 | op::I64_STORE8 => store(state, word, 1),
        op::I32_STORE16 | op::I64_STORE16 => store(state, word, 2),
        op::I32_STORE | op::F32_STORE | op::I64_STORE32 => store(state, word, 4),
        op::I64_STORE | op::F64_STORE => store(state, word, 8),
        op::MEMORY_SIZE => size(state),
        op::MEMORY_GROW => grow(state),
        _ => Err(Stop::Failed),
    }
}

#[inline]
fn load<A: StateAccess>(state: &mut A, word: &Word, size: u32) -> Step<(), A::Error> {
    let address = pop_address(state, word, size)?;
    let bits = state.load(address, size)?;
    state.push(bits)
}

/// Loads `size` bytes and extends their sign to `width` bits.
#[inline]
fn load_signed<A: StateAccess>(
    state: &mut A,
    word: &Word,
    size: u32,
    width: u32,
) -> Step<(), A::Error> {
    let address = pop_address(state, word, size)?;
    let unused = 128 - 8 * size;
    let extended = (state.load(address, size)? << unused).cast_signed() >> unused;
    let beyond = 128 - width;
    state.push((extended.cast_unsigned() << beyond) >> beyond)
}

#[inline]
fn store<A: StateAccess>(state: &mut A, word: &Word, size: u32) -> Step<(), A::Error> {
    let bits = state.pop()?;
    let address = pop_address(state, word, size)?;
    Ok(state.store(address, size, bits)?)
}

fn size<A: StateAccess>(state: &mut A) -> Step<(), A::Error> {
    let pages = state.registers().memory_pages;
    state.push(pages.into())
}

/// DETERMINISM: whether memory grows depends on the program's maximum alone, never on the host.
fn grow<A: StateAccess>(state: &mut A) -> Step<(), A::Error> {
    let delta = pop_u32(state)?;
    let Registers {
        memory_pages: old,
        max_memory_pages: most,
        ..
    } = *state.registers();
    match old.checked_add(delta).filter(|pages| *pages <= most) {
        Some(pages) => {
            state.grow(pages);
            state.push(old.into())
        }
        None => state.push(u32::MAX.into()),
    }
}
