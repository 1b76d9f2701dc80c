//! The step function: one word, written once for live state, recording and replay.
//!
//! One file a family, as in `runtime/isa.txt` and in the contracts that mirror them. Families without access to the
//! state are pure functions from a word and its operands to a result.

mod bulk;
mod control;
mod conversion;
mod float;
mod host;
mod ieee;
mod integer;
mod memory;
mod simd_conversion;
mod simd_float;
mod simd_integer;
mod simd_lane;
mod simd_logic;
mod simd_memory;
mod stack;
mod value;

#[cfg(test)]
mod tests;

use enshrine_runtime::{
    isa::{Family, Word, family, low_u32, operand_count},
    tree::{CODE_DEPTH, MEMORY_DEPTH},
};

use crate::{
    access::{StateAccess, Step, Stop},
    state::Terminal,
};

/// Takes one step. `None`: the run goes on.
///
/// # Errors
/// What the state's access reports; a live state never does.
#[inline]
pub(crate) fn step<A: StateAccess>(state: &mut A) -> Result<Option<Terminal>, A::Error> {
    match take(state) {
        Ok(()) => Ok(None),
        Err(Stop::Finished(status)) => Ok(Some(finished(state, status))),
        Err(Stop::Failed) => Ok(Some(Terminal::Failed)),
        Err(Stop::Access(error)) => Err(error),
    }
}

#[inline]
fn take<A: StateAccess>(state: &mut A) -> Step<(), A::Error> {
    charge(state)?;
    let word = fetch(state)?;
    dispatch(state, &word)
}

#[inline]
fn charge<A: StateAccess>(state: &mut A) -> Step<(), A::Error> {
    let registers = state.registers();
    registers.fuel_left = registers.fuel_left.checked_sub(1).ok_or(Stop::Failed)?;
    Ok(())
}

/// The word at pc, which then points behind it.
#[inline]
fn fetch<A: StateAccess>(state: &mut A) -> Step<Word, A::Error> {
    let pc = state.registers().pc;
    if pc >> CODE_DEPTH != 0 {
        return Err(Stop::Failed);
    }
    state.registers().pc = pc + 1;
    Ok(state.word(pc)?)
}

#[inline]
fn dispatch<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let Some(family) = family(word.opcode) else {
        return Err(Stop::Failed);
    };
    match family {
        Family::Control => control::step(state, word),
        Family::Stack => stack::step(state, word),
        Family::Memory => memory::step(state, word),
        Family::Bulk => bulk::step(state, word),
        Family::SimdMemory => simd_memory::step(state, word),
        Family::Host => host::step(state, word),
        Family::Reserved => Err(Stop::Failed),
        _ => compute(state, word),
    }
}

/// A pure instruction: pops its operands, pushes its result.
#[inline]
fn compute<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    let mut operands = [0; 3];
    let count = usize::from(operand_count(word.opcode));
    for operand in operands.iter_mut().take(count).rev() {
        *operand = state.pop()?;
    }
    let result = evaluate(word, operands).ok_or(Stop::Failed)?;
    state.push(result)
}

/// Result of a pure instruction, `None` where it traps: families integer, float, conversion and all vector ones that
/// do not reach memory.
///
/// `operands[0]` is the lowest on the stack; those that the instruction does not take are not read. Values are 128
/// bits, scalars in the low ones, lane 0 of a vector lowest.
///
/// ```
/// use enshrine_prover::evaluate;
/// use enshrine_runtime::isa::{Word, op};
///
/// assert_eq!(evaluate(&Word::new(op::I32_ADD), [2, 3, 0]), Some(5));
/// assert_eq!(evaluate(&Word::new(op::I32_DIV_U), [2, 0, 0]), None);
/// ```
#[inline]
pub fn evaluate(word: &Word, operands: [u128; 3]) -> Option<u128> {
    match family(word.opcode)? {
        Family::Integer => integer::evaluate(word, operands),
        Family::Float => float::evaluate(word, operands),
        Family::Conversion => conversion::evaluate(word, operands),
        Family::SimdLogic => simd_logic::evaluate(word, operands),
        Family::SimdInteger => simd_integer::evaluate(word, operands),
        Family::SimdFloat => simd_float::evaluate(word, operands),
        Family::SimdConversion => simd_conversion::evaluate(word, operands),
        Family::SimdLane => simd_lane::evaluate(word, operands),
        _ => None,
    }
}

fn finished<A: StateAccess>(state: &mut A, status: u32) -> Terminal {
    let registers = state.registers();
    Terminal::Finished {
        status,
        output_root: registers.output_root,
        load_fuel_left: registers.fuel_aside,
        fuel_left: registers.fuel_left,
    }
}

/// An i32 operand: the low 32 bits.
#[inline]
fn pop_u32<A: StateAccess>(state: &mut A) -> Step<u32, A::Error> {
    Ok(low_u32(state.pop()?))
}

/// What a tree of memory holds. A record can name more pages; no lowered program has so many.
const MOST_MEMORY: u64 = 32 << MEMORY_DEPTH;

/// Fails the run unless `size` bytes at `address` lie within the memory.
#[inline]
fn check_range<A: StateAccess>(state: &mut A, address: u64, size: u64) -> Step<(), A::Error> {
    let memory = u64::from(state.registers().memory_pages) << 16;
    match address.checked_add(size) {
        Some(end) if end <= memory.min(MOST_MEMORY) => Ok(()),
        _ => Err(Stop::Failed),
    }
}

/// Pops an address and adds the word's offset: `size` bytes there lie within the memory, or the run fails. The sum has
/// more than 32 bits.
#[inline]
fn pop_address<A: StateAccess>(state: &mut A, word: &Word, size: u32) -> Step<u64, A::Error> {
    let base = u64::from(pop_u32(state)?);
    let address = base.checked_add(word.c).ok_or(Stop::Failed)?;
    check_range(state, address, size.into())?;
    Ok(address)
}
