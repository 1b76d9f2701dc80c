//! Floats of the contracts' bytecode against those of the processor that this runs on, and not against the prover's: every
//! instruction that computes with floats, scalar or by lane. Edge values are tried each with each, and
//! `ENSHRINE_L1_FLOATS` sets of random operands in all.

use enshrine_l1::OneStepVerifier;
use enshrine_runtime::isa::{Family, Instruction, Word, low_u32, low_u64, op};
use enshrine_tests::{
    for_each, number,
    operands::{Operands, computing, crossed, random},
};

/// Sets of operands, if nothing else is asked for.
const OPERANDS: usize = 200_000;

/// What an instruction gives by the processor's floats; nothing if it traps.
type Reference = Box<dyn Fn(Operands) -> Option<u128> + Sync>;

/// Bits of a result, every NaN as the one that a machine has.
trait Bits: Copy {
    fn of(bits: u128) -> Self;
    fn bits(self) -> u128;
}

impl Bits for f32 {
    fn of(bits: u128) -> Self {
        Self::from_bits(low_u32(bits))
    }

    fn bits(self) -> u128 {
        if self.is_nan() {
            return 0x7fc0_0000;
        }
        self.to_bits().into()
    }
}

impl Bits for f64 {
    fn of(bits: u128) -> Self {
        Self::from_bits(low_u64(bits))
    }

    fn bits(self) -> u128 {
        if self.is_nan() {
            return 0x7ff8_0000_0000_0000;
        }
        self.to_bits().into()
    }
}

/// Operations of a float type by the name that WASM gives them. The processor does all of them but `min` and `max`, of which
/// each has its own.
macro_rules! float {
    ($unary:ident, $binary:ident, $compare:ident, $float:ty) => {
        fn $unary(name: &str) -> Option<fn($float) -> $float> {
            Some(match name {
                "ceil" => <$float>::ceil,
                "floor" => <$float>::floor,
                "trunc" => <$float>::trunc,
                "nearest" => <$float>::round_ties_even,
                "sqrt" => <$float>::sqrt,
                _ => return None,
            })
        }

        fn $binary(name: &str) -> Option<fn($float, $float) -> $float> {
            Some(match name {
                "add" => |a, b| a + b,
                "sub" => |a, b| a - b,
                "mul" => |a, b| a * b,
                "div" => |a, b| a / b,
                "min" => |a, b| {
                    if a.is_nan() || b.is_nan() {
                        <$float>::NAN
                    } else if a < b || (a == b && a.is_sign_negative()) {
                        a
                    } else {
                        b
                    }
                },
                "max" => |a, b| {
                    if a.is_nan() || b.is_nan() {
                        <$float>::NAN
                    } else if a > b || (a == b && a.is_sign_positive()) {
                        a
                    } else {
                        b
                    }
                },
                _ => return None,
            })
        }

        fn $compare(name: &str) -> Option<fn($float, $float) -> bool> {
            Some(match name {
                "eq" => |a, b| a == b,
                "ne" => |a, b| a != b,
                "lt" => |a, b| a < b,
                "gt" => |a, b| a > b,
                "le" => |a, b| a <= b,
                "ge" => |a, b| a >= b,
                _ => return None,
            })
        }
    };
}

float!(unary_f32, binary_f32, compare_f32, f32);
float!(unary_f64, binary_f64, compare_f64, f64);

/// Lanes of a vector, lowest first, or the one of a scalar.
#[derive(Clone, Copy)]
struct Shape {
    width: u32,
    count: u32,
}

impl Shape {
    const fn new(width: u32, count: u32) -> Self {
        Self { width, count }
    }

    fn mask(self) -> u128 {
        u128::MAX >> (128 - self.width)
    }

    fn lane(self, vector: u128, index: u32) -> u128 {
        vector >> (index * self.width) & self.mask()
    }

    fn map(self, lane: impl Fn(u32) -> u128) -> u128 {
        let lanes = (0..self.count).map(|index| lane(index) << (index * self.width));
        lanes.fold(0, |vector, lane| vector | lane)
    }
}

/// Arithmetic and comparisons of scalars and of lanes.
fn arithmetic(instruction: &Instruction) -> Option<Reference> {
    let (ty, name) = instruction.mnemonic.split_once('.')?;
    let scalar = instruction.family == Family::Float;
    match ty {
        "f32" | "f32x4" => {
            let shape = Shape::new(32, if scalar { 1 } else { 4 });
            lanewise(
                shape,
                scalar,
                unary_f32(name),
                binary_f32(name),
                compare_f32(name),
            )
            .or_else(|| signs(shape, name))
            .or_else(|| pseudo::<f32>(shape, name))
        }
        _ => {
            let shape = Shape::new(64, if scalar { 1 } else { 2 });
            lanewise(
                shape,
                scalar,
                unary_f64(name),
                binary_f64(name),
                compare_f64(name),
            )
            .or_else(|| signs(shape, name))
            .or_else(|| pseudo::<f64>(shape, name))
        }
    }
}

fn lanewise<F: Bits + 'static>(
    shape: Shape,
    scalar: bool,
    unary: Option<fn(F) -> F>,
    binary: Option<fn(F, F) -> F>,
    compare: Option<fn(F, F) -> bool>,
) -> Option<Reference> {
    let lane = move |vector, index| F::of(shape.lane(vector, index));
    let yes = if scalar { 1 } else { shape.mask() };
    if let Some(f) = unary {
        return Some(Box::new(move |[a, ..]| {
            Some(shape.map(|i| f(lane(a, i)).bits()))
        }));
    }
    if let Some(f) = binary {
        let each = move |a, b, i| f(lane(a, i), lane(b, i)).bits();
        return Some(Box::new(move |[a, b, _]| {
            Some(shape.map(|i| each(a, b, i)))
        }));
    }
    let f = compare?;
    let each = move |a, b, i| if f(lane(a, i), lane(b, i)) { yes } else { 0 };
    Some(Box::new(move |[a, b, _]| {
        Some(shape.map(|i| each(a, b, i)))
    }))
}

/// What only moves signs keeps the bits of NaNs.
fn signs(shape: Shape, name: &str) -> Option<Reference> {
    let sign = 1 << (shape.width - 1);
    let lane = move |vector, index| shape.lane(vector, index);
    Some(match name {
        "abs" => Box::new(move |[a, ..]| Some(shape.map(|i| lane(a, i) & !sign))),
        "neg" => Box::new(move |[a, ..]| Some(shape.map(|i| lane(a, i) ^ sign))),
        "copysign" => {
            Box::new(move |[a, b, _]| Some(shape.map(|i| lane(a, i) & !sign | lane(b, i) & sign)))
        }
        _ => return None,
    })
}

/// `pmin` and `pmax`: one of the operands, as it is.
fn pseudo<F: Bits + PartialOrd + 'static>(shape: Shape, name: &str) -> Option<Reference> {
    let second: fn(F, F) -> bool = match name {
        "pmin" => |a, b| b < a,
        "pmax" => |a, b| a < b,
        _ => return None,
    };
    Some(Box::new(move |[a, b, _]| {
        Some(shape.map(|i| {
            let (a, b) = (shape.lane(a, i), shape.lane(b, i));
            if second(F::of(a), F::of(b)) { b } else { a }
        }))
    }))
}

/// A whole number that a float is after the fraction is cut off, if an integer between the limits is.
fn whole(float: f64, least: i128, most: i128) -> Option<i128> {
    if float.is_nan() {
        return None;
    }
    #[allow(
        clippy::cast_possible_truncation,
        reason = "128 bits hold all that 64 do, and beyond is beyond"
    )]
    let number = float.trunc() as i128;
    (least..=most).contains(&number).then_some(number)
}

/// As [`whole`], the nearest limit outside, 0 for NaN.
fn saturated(float: f64, least: i128, most: i128) -> i128 {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a cast saturates, and gives 0 for NaN"
    )]
    let number = float.trunc() as i128;
    number.clamp(least, most)
}

/// An integer type: width and sign.
#[derive(Clone, Copy)]
struct Integer {
    width: u32,
    signed: bool,
}

impl Integer {
    fn limits(self) -> (i128, i128) {
        if self.signed {
            return (-(1 << (self.width - 1)), (1 << (self.width - 1)) - 1);
        }
        (0, (1 << self.width) - 1)
    }

    /// The number that bits are.
    fn of(self, bits: u128) -> i128 {
        let unused = 128 - self.width;
        let top = bits << unused;
        if self.signed {
            return top.cast_signed() >> unused;
        }
        (top >> unused).cast_signed()
    }

    /// The bits of a number.
    fn bits(self, number: i128) -> u128 {
        number.cast_unsigned() & (u128::MAX >> (128 - self.width))
    }

    fn trunc(self, float: f64) -> Option<u128> {
        let (least, most) = self.limits();
        whole(float, least, most).map(|number| self.bits(number))
    }

    fn trunc_sat(self, float: f64) -> u128 {
        let (least, most) = self.limits();
        self.bits(saturated(float, least, most))
    }
}

/// The nearest floats of an integer of at most 64 bits, by casts that the processor has.
#[allow(clippy::cast_precision_loss, reason = "that is what is tested")]
mod nearest {
    pub(super) fn f32(number: i128) -> f32 {
        match i64::try_from(number) {
            Ok(number) => number as f32,
            Err(_) => unsigned(number) as f32,
        }
    }

    pub(super) fn f64(number: i128) -> f64 {
        match i64::try_from(number) {
            Ok(number) => number as f64,
            Err(_) => unsigned(number) as f64,
        }
    }

    fn unsigned(number: i128) -> u64 {
        u64::try_from(number).expect("integers have 64 bits at most")
    }
}

#[allow(clippy::cast_possible_truncation, reason = "that is what is tested")]
fn demoted(float: f64) -> f32 {
    float as f32
}

/// A float as an f64, which every f32 is.
fn float(ty: &str, bits: u128) -> f64 {
    match ty {
        "f32" => f32::of(bits).into(),
        _ => f64::of(bits),
    }
}

/// An integer type by the first part of a name, and its sign by the last.
fn integer(ty: &str, name: &str) -> Integer {
    Integer {
        width: if ty == "i32" { 32 } else { 64 },
        signed: name.ends_with("_s"),
    }
}

/// Conversions between scalars.
fn conversion(instruction: &Instruction) -> Option<Reference> {
    let (to, name) = instruction.mnemonic.split_once('.')?;
    let mut parts = name.split('_');
    let (what, from) = (parts.next()?, parts.next()?);
    Some(match (what, from) {
        ("trunc", "sat") => {
            let (ty, from) = (
                integer(to, name),
                if name.contains("f32") { "f32" } else { "f64" },
            );
            Box::new(move |[a, ..]| Some(ty.trunc_sat(float(from, a))))
        }
        ("trunc", from) => {
            let ty = integer(to, name);
            let from = if from == "f32" { "f32" } else { "f64" };
            Box::new(move |[a, ..]| ty.trunc(float(from, a)))
        }
        ("convert", from) => {
            let ty = integer(from, name);
            match to {
                "f32" => Box::new(move |[a, ..]| Some(nearest::f32(ty.of(a)).bits())),
                _ => Box::new(move |[a, ..]| Some(nearest::f64(ty.of(a)).bits())),
            }
        }
        ("demote", _) => Box::new(|[a, ..]| Some(demoted(f64::of(a)).bits())),
        ("promote", _) => Box::new(|[a, ..]| Some(f64::from(f32::of(a)).bits())),
        // Reinterpretation, and from integer to integer.
        _ => return None,
    })
}

/// Conversions of lanes.
fn lane_conversion(instruction: &Instruction) -> Option<Reference> {
    let (narrow, wide) = (Shape::new(32, 4), Shape::new(64, 2));
    let signed = instruction.mnemonic.ends_with("_s");
    let ty = Integer { width: 32, signed };
    let single = move |a, i| f32::of(narrow.lane(a, i));
    let double = move |a, i| f64::of(wide.lane(a, i));
    // Two lanes of 32 bits with nothing above.
    let half = Shape::new(32, 2);
    Some(match instruction.opcode {
        op::I32X4_TRUNC_SAT_F32X4_S | op::I32X4_TRUNC_SAT_F32X4_U => {
            Box::new(move |[a, ..]| Some(narrow.map(|i| ty.trunc_sat(single(a, i).into()))))
        }
        op::I32X4_TRUNC_SAT_F64X2_S_ZERO | op::I32X4_TRUNC_SAT_F64X2_U_ZERO => {
            let ty = Integer {
                signed: instruction.opcode == op::I32X4_TRUNC_SAT_F64X2_S_ZERO,
                ..ty
            };
            Box::new(move |[a, ..]| Some(half.map(|i| ty.trunc_sat(double(a, i)))))
        }
        op::F32X4_CONVERT_I32X4_S | op::F32X4_CONVERT_I32X4_U => Box::new(move |[a, ..]| {
            Some(narrow.map(|i| nearest::f32(ty.of(narrow.lane(a, i))).bits()))
        }),
        op::F64X2_CONVERT_LOW_I32X4_S | op::F64X2_CONVERT_LOW_I32X4_U => {
            Box::new(move |[a, ..]| {
                Some(wide.map(|i| nearest::f64(ty.of(narrow.lane(a, i))).bits()))
            })
        }
        op::F32X4_DEMOTE_F64X2_ZERO => {
            Box::new(move |[a, ..]| Some(half.map(|i| demoted(double(a, i)).bits())))
        }
        op::F64X2_PROMOTE_LOW_F32X4 => {
            Box::new(move |[a, ..]| Some(wide.map(|i| f64::from(single(a, i)).bits())))
        }
        _ => return None,
    })
}

fn reference(instruction: &Instruction) -> Option<Reference> {
    match instruction.family {
        Family::Float | Family::SimdFloat => arithmetic(instruction),
        Family::Conversion => conversion(instruction),
        Family::SimdConversion => lane_conversion(instruction),
        _ => None,
    }
}

fn check(verifier: &OneStepVerifier, instruction: &Instruction, expected: &Reference, each: usize) {
    let types = instruction.signature.expect("it is typed").operands;
    let mut cases = crossed(types);
    let seed = 1 << 32 | u64::from(instruction.opcode);
    cases.extend(random(types, seed, each));
    for operands in cases {
        let got = verifier.evaluate(&Word::new(instruction.opcode), operands);
        let got = got.expect("a contract that computes answers").result;
        let expected = expected(operands);
        assert!(
            got == expected,
            "{} of {operands:x?}: the bytecode has {got:x?}, the processor {expected:x?}",
            instruction.mnemonic
        );
    }
}

#[test]
fn floats_are_those_of_the_processor() {
    let verifier = OneStepVerifier::deploy().expect("the committed contracts deploy");
    let checked: Vec<_> = computing()
        .filter_map(|instruction| Some((instruction, reference(instruction)?)))
        .collect();
    let each = number("ENSHRINE_L1_FLOATS", OPERANDS).div_ceil(checked.len());
    for_each(&checked, |(instruction, expected)| {
        check(&verifier, instruction, expected, each);
    });
}

#[test]
fn every_instruction_with_floats_has_a_reference() {
    for instruction in computing() {
        let floats = [
            Family::Float,
            Family::SimdFloat,
            Family::SimdConversion,
            Family::Conversion,
        ];
        let rounds = floats.contains(&instruction.family);
        let moves = ["reinterpret", "wrap", "extend"];
        let moves = moves.iter().any(|part| instruction.mnemonic.contains(part));
        assert_eq!(
            reference(instruction).is_some(),
            rounds && !moves,
            "{}",
            instruction.mnemonic
        );
    }
}
