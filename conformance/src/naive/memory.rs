//! Scalar loads and stores, size and growth, bulk instructions.

use std::{ops::Range, sync::Arc};

use enshrine_runtime::{
    isa::{Word, op},
    limits,
};

use super::{Failed, Machine, Step, value::Value};

pub(super) fn step(m: &mut Machine, word: &Word) -> Step {
    match word.opcode {
        0x28..=0x35 => load(m, word),
        0x36..=0x3e => store(m, word),
        0x3f => {
            m.push(u128::from(pages(m)));
            Ok(())
        }
        0x40 => grow(m),
        op::MEMORY_INIT => init(m, word.c),
        op::MEMORY_COPY => copy(m),
        op::MEMORY_FILL => fill(m),
        _ => Err(Failed::Trap),
    }
}

/// `start..start + size` if that lies within `length` bytes.
pub(super) fn range(start: u64, size: u64, length: usize) -> Result<Range<usize>, Failed> {
    let end = start.checked_add(size).ok_or(Failed::Trap)?;
    if end > length as u64 {
        return Err(Failed::Trap);
    }
    Ok(start as usize..end as usize)
}

impl Machine {
    /// The memory, as this machine's own.
    pub(super) fn memory_mut(&mut self) -> &mut Vec<u8> {
        Arc::make_mut(&mut self.memory)
    }

    /// Where `size` bytes at the popped address and the word's offset lie. The sum has more than 32 bits.
    pub(super) fn pop_address(&mut self, word: &Word, size: usize) -> Result<Range<usize>, Failed> {
        let address: u32 = self.pop_as()?;
        let start = u64::from(address).checked_add(word.c).ok_or(Failed::Trap)?;
        range(start, size as u64, self.memory.len())
    }

    /// The bytes at the popped address, zero-extended.
    pub(super) fn load_bits(&mut self, word: &Word, size: usize) -> Result<u128, Failed> {
        let range = self.pop_address(word, size)?;
        let mut bytes = [0; 16];
        bytes[..size].copy_from_slice(&self.memory[range]);
        Ok(u128::from_le_bytes(bytes))
    }

    /// Writes the low `size` bytes to the popped address.
    pub(super) fn store_bits(&mut self, word: &Word, size: usize, bits: u128) -> Step {
        let range = self.pop_address(word, size)?;
        self.memory_mut()[range].copy_from_slice(&bits.to_le_bytes()[..size]);
        self.writes += 1;
        Ok(())
    }
}

fn load(m: &mut Machine, word: &Word) -> Step {
    let bits = match word.opcode {
        0x28 | 0x2a | 0x35 => m.load_bits(word, 4)?,
        0x29 | 0x2b => m.load_bits(word, 8)?,
        0x2c => i32::from(i8::of(m.load_bits(word, 1)?)).bits(),
        0x2d | 0x31 => m.load_bits(word, 1)?,
        0x2e => i32::from(i16::of(m.load_bits(word, 2)?)).bits(),
        0x2f | 0x33 => m.load_bits(word, 2)?,
        0x30 => i64::from(i8::of(m.load_bits(word, 1)?)).bits(),
        0x32 => i64::from(i16::of(m.load_bits(word, 2)?)).bits(),
        0x34 => i64::from(i32::of(m.load_bits(word, 4)?)).bits(),
        _ => return Err(Failed::Trap),
    };
    m.push(bits);
    Ok(())
}

fn store(m: &mut Machine, word: &Word) -> Step {
    let size = match word.opcode {
        0x3a | 0x3c => 1,
        0x3b | 0x3d => 2,
        0x36 | 0x38 | 0x3e => 4,
        0x37 | 0x39 => 8,
        _ => return Err(Failed::Trap),
    };
    let bits = m.pop()?;
    m.store_bits(word, size, bits)
}

fn pages(m: &Machine) -> u32 {
    (m.memory.len() >> 16) as u32
}

fn grow(m: &mut Machine) -> Step {
    let delta: u32 = m.pop_as()?;
    let old = pages(m);
    match old
        .checked_add(delta)
        .filter(|new| *new <= m.program.max_memory_pages)
    {
        Some(new) => {
            m.memory_mut().resize((new as usize) << 16, 0);
            m.writes += 1;
            m.push(old.bits());
        }
        None => m.push(u32::MAX.bits()),
    }
    Ok(())
}

/// Charges a bulk instruction's steps beyond its first.
fn charge(m: &mut Machine, size: u64) -> Step {
    m.writes += 1;
    m.charge(size.div_ceil(limits::BULK_STEP_BYTES.into()))
}

fn init(m: &mut Machine, start: u64) -> Step {
    let remaining: u32 = m.pop_as()?;
    let size = u64::from(m.pop_as::<u32>()?);
    let from = u64::from(m.pop_as::<u32>()?);
    let to = u64::from(m.pop_as::<u32>()?);
    let from = range(from, size, remaining as usize)?;
    let to = range(to, size, m.memory.len())?;
    let segment = m.program.data.get(start as usize..).ok_or(Failed::Trap)?;
    let segment = segment.get(from).ok_or(Failed::Trap)?;
    Arc::make_mut(&mut m.memory)[to].copy_from_slice(segment);
    charge(m, size)
}

fn copy(m: &mut Machine) -> Step {
    let size = u64::from(m.pop_as::<u32>()?);
    let from = u64::from(m.pop_as::<u32>()?);
    let to = u64::from(m.pop_as::<u32>()?);
    let from = range(from, size, m.memory.len())?;
    let to = range(to, size, m.memory.len())?;
    m.memory_mut().copy_within(from, to.start);
    charge(m, size)
}

fn fill(m: &mut Machine) -> Step {
    let size = u64::from(m.pop_as::<u32>()?);
    let byte: u8 = m.pop_as()?;
    let to = u64::from(m.pop_as::<u32>()?);
    let to = range(to, size, m.memory.len())?;
    m.memory_mut()[to].fill(byte);
    charge(m, size)
}
