//! Float vectors.

use super::{
    Failed, Machine, Step,
    float::{Float, max, min},
};

pub(super) fn step(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfd41..=0xfd46 => compare::<f32>(m, opcode - 0xfd41),
        0xfd47..=0xfd4c => compare::<f64>(m, opcode - 0xfd47),
        0xfd67..=0xfd6a | 0xfde0..=0xfdeb => f32x4(m, opcode),
        _ => f64x2(m, opcode),
    }
}

fn compare<F: Float + super::value::Value>(m: &mut Machine, number: u16) -> Step {
    match number {
        0 => m.lane_compare(|a: F, b: F| a == b),
        1 => m.lane_compare(|a: F, b: F| a != b),
        2 => m.lane_compare(|a: F, b: F| a < b),
        3 => m.lane_compare(|a: F, b: F| a > b),
        4 => m.lane_compare(|a: F, b: F| a <= b),
        5 => m.lane_compare(|a: F, b: F| a >= b),
        _ => Err(Failed::Trap),
    }
}

fn f32x4(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfd67 => m.lanewise(|a: f32| a.ceil().canonical()),
        0xfd68 => m.lanewise(|a: f32| a.floor().canonical()),
        0xfd69 => m.lanewise(|a: f32| a.trunc().canonical()),
        0xfd6a => m.lanewise(|a: f32| a.round_ties_even().canonical()),
        0xfde0 => m.lanewise(|a: u32| a & !(1 << 31)),
        0xfde1 => m.lanewise(|a: u32| a ^ 1 << 31),
        0xfde3 => m.lanewise(|a: f32| a.sqrt().canonical()),
        0xfde4 => m.lanewise2(|a: f32, b: f32| (a + b).canonical()),
        0xfde5 => m.lanewise2(|a: f32, b: f32| (a - b).canonical()),
        0xfde6 => m.lanewise2(|a: f32, b: f32| (a * b).canonical()),
        0xfde7 => m.lanewise2(|a: f32, b: f32| (a / b).canonical()),
        0xfde8 => m.lanewise2(min::<f32>),
        0xfde9 => m.lanewise2(max::<f32>),
        // These choose an operand and keep its bits.
        0xfdea => m.lanewise2(|a: f32, b: f32| if b < a { b } else { a }),
        0xfdeb => m.lanewise2(|a: f32, b: f32| if a < b { b } else { a }),
        _ => Err(Failed::Trap),
    }
}

fn f64x2(m: &mut Machine, opcode: u16) -> Step {
    match opcode {
        0xfd74 => m.lanewise(|a: f64| a.ceil().canonical()),
        0xfd75 => m.lanewise(|a: f64| a.floor().canonical()),
        0xfd7a => m.lanewise(|a: f64| a.trunc().canonical()),
        0xfd94 => m.lanewise(|a: f64| a.round_ties_even().canonical()),
        0xfdec => m.lanewise(|a: u64| a & !(1 << 63)),
        0xfded => m.lanewise(|a: u64| a ^ 1 << 63),
        0xfdef => m.lanewise(|a: f64| a.sqrt().canonical()),
        0xfdf0 => m.lanewise2(|a: f64, b: f64| (a + b).canonical()),
        0xfdf1 => m.lanewise2(|a: f64, b: f64| (a - b).canonical()),
        0xfdf2 => m.lanewise2(|a: f64, b: f64| (a * b).canonical()),
        0xfdf3 => m.lanewise2(|a: f64, b: f64| (a / b).canonical()),
        0xfdf4 => m.lanewise2(min::<f64>),
        0xfdf5 => m.lanewise2(max::<f64>),
        0xfdf6 => m.lanewise2(|a: f64, b: f64| if b < a { b } else { a }),
        0xfdf7 => m.lanewise2(|a: f64, b: f64| if a < b { b } else { a }),
        _ => Err(Failed::Trap),
    }
}
