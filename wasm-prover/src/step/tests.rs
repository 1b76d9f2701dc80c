//! Every instruction on wild states: whatever a word and a record hold, a step ends in one of its three ways.

use std::convert::Infallible;

use enshrine_primitives::BlobRoot;
use enshrine_runtime::{
    isa::{TABLE, Word, op},
    tree::{Leaf, TABLE_DEPTH, VALUE_DEPTH},
};

use super::step;
use crate::{
    access::{Registers, StateAccess, Step, Stop},
    state::Terminal,
};

/// Pseudo-random numbers, extreme ones more often than not.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn wild(&mut self) -> u64 {
        let extremes = [
            0,
            1,
            3,
            4,
            0xffff,
            0x1_0000,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_fffc,
            0xffff_ffff,
        ];
        let pick = self.next();
        match pick % 4 {
            0 => self.next(),
            1 => u64::MAX - (pick >> 32) % 40,
            _ => extremes[(pick >> 32) as usize % extremes.len()],
        }
    }

    fn small(&mut self) -> u32 {
        (self.wild() & 0xffff_ffff) as u32
    }
}

/// A state that answers anything, and holds the handlers to what they promise.
struct Wild {
    random: Random,
    registers: Registers,
    word: Word,
}

impl StateAccess for Wild {
    type Error = Infallible;

    fn registers(&mut self) -> &mut Registers {
        &mut self.registers
    }

    fn word(&mut self, pc: u32) -> Result<Word, Infallible> {
        assert!(pc < 1 << 24);
        Ok(self.word)
    }

    fn pop(&mut self) -> Step<u128, Infallible> {
        if self.random.next().is_multiple_of(64) {
            return Err(Stop::Failed);
        }
        Ok(u128::from(self.random.wild()) << 64 | u128::from(self.random.wild()))
    }

    fn push(&mut self, _: u128) -> Step<(), Infallible> {
        Ok(())
    }

    fn push_frame(&mut self, _: u32) -> Step<(), Infallible> {
        Ok(())
    }

    fn pop_frame(&mut self) -> Step<u32, Infallible> {
        Ok(self.random.small())
    }

    fn local(&mut self, index: u32) -> Result<u128, Infallible> {
        assert!(index < 1 << VALUE_DEPTH);
        Ok(self.random.wild().into())
    }

    fn replace_local(&mut self, index: u32, _: u128) -> Result<u128, Infallible> {
        self.local(index)
    }

    fn global(&mut self, index: u32) -> Result<u128, Infallible> {
        self.local(index)
    }

    fn set_global(&mut self, index: u32, _: u128) -> Result<(), Infallible> {
        self.local(index).map(drop)
    }

    fn table_leaf(&mut self, index: u32) -> Result<Leaf, Infallible> {
        assert!(index < 1 << TABLE_DEPTH);
        Ok([self.random.next().to_le_bytes()[0] & 1; 32])
    }

    fn load(&mut self, address: u64, size: u32) -> Result<u128, Infallible> {
        self.check(address, size);
        let bits = u128::from(self.random.wild()) << 64 | u128::from(self.random.wild());
        Ok(bits & (u128::MAX >> (128 - 8 * size)))
    }

    fn store(&mut self, address: u64, size: u32, _: u128) -> Result<(), Infallible> {
        self.check(address, size);
        Ok(())
    }

    fn load_root(&mut self, address: u64) -> Result<[u8; 32], Infallible> {
        self.check(address, 16);
        self.check(address + 16, 16);
        Ok([7; 32])
    }

    fn grow(&mut self, pages: u32) {
        assert!(pages >= self.registers.memory_pages && pages <= self.registers.max_memory_pages);
        self.registers.memory_pages = pages;
    }

    fn data(&mut self, offset: u64, size: u32) -> Result<u128, Infallible> {
        assert!((1..=16).contains(&size) && offset + u64::from(size) <= 1 << 32);
        Ok(self.random.next().into())
    }

    fn blob_len(&mut self, blob: u32) -> Result<u64, Infallible> {
        assert!(blob < 2);
        Ok(self.random.next())
    }

    fn copy_blob_page(&mut self, blob: u32, _: u32, target: u32) -> Result<(), Infallible> {
        assert!(blob < 2 && target < 1 << 20);
        Ok(())
    }
}

impl Wild {
    fn new(opcode: u16, seed: u64) -> Self {
        let mut random = Random(seed ^ u64::from(opcode) << 32);
        let registers = Registers {
            pc: random.small(),
            slots_left: random.small(),
            memory_pages: random.small(),
            max_memory_pages: random.small(),
            fuel_left: random.wild(),
            fuel_aside: random.wild(),
            output_root: BlobRoot::new([0; 32]),
        };
        let word = Word {
            opcode,
            a: random.next().to_le_bytes()[0].into(),
            b: random.small(),
            c: random.wild(),
            imm: u128::from(random.wild()) << 64 | u128::from(random.wild()),
        };
        Self {
            random,
            registers,
            word,
        }
    }

    /// What is asked of memory lies within it, and within its tree.
    fn check(&self, address: u64, size: u32) {
        let end = address + u64::from(size);
        assert!((1..=16).contains(&size));
        assert!(end <= u64::from(self.registers.memory_pages) << 16 && end <= 1 << 32);
    }
}

#[test]
fn wild_states_have_a_next_state() {
    let mut ends = [0_u32; 3];
    for instruction in TABLE {
        for seed in 0..2_000 {
            let mut state = Wild::new(instruction.opcode, seed);
            let Ok(terminal) = step(&mut state);
            ends[match terminal {
                None => 0,
                Some(Terminal::Failed) => 1,
                Some(Terminal::Finished { .. }) => 2,
            }] += 1;
        }
    }
    assert!(ends.iter().all(|count| *count > 100), "{ends:?}");
}

#[test]
fn words_that_are_no_instruction_fail() {
    for opcode in 0..=u16::MAX {
        if TABLE.iter().any(|line| line.opcode == opcode) {
            continue;
        }
        let mut state = Wild::new(opcode, 0);
        let Ok(terminal) = step(&mut state);
        assert_eq!(terminal, Some(Terminal::Failed), "{opcode:#06x}");
    }
}

#[test]
fn fuel_falls_by_one_or_the_run_fails() {
    for instruction in TABLE {
        for seed in 0..200 {
            let mut state = Wild::new(instruction.opcode, seed);
            let sum = |registers: &Registers| {
                u128::from(registers.fuel_left) + u128::from(registers.fuel_aside)
            };
            let before = sum(&state.registers);
            let Ok(terminal) = step(&mut state);
            if terminal != Some(Terminal::Failed) {
                assert_eq!(sum(&state.registers), before - 1);
            }
            if instruction.opcode == op::END_LOAD && terminal.is_none() {
                assert_eq!(
                    state.registers.fuel_left,
                    Wild::new(op::END_LOAD, seed).registers.fuel_aside
                );
            }
        }
    }
}
