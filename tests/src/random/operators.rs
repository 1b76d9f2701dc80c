//! The operators that shaped modules are made of, by result and operand types.

use wasm_encoder::{Instruction as I, ValType as T};

/// An operator without immediates, or with lane 0.
#[derive(Clone, Debug)]
pub(super) struct Operator {
    pub(super) result: T,
    pub(super) operands: &'static [T],
    pub(super) instruction: I<'static>,
}

macro_rules! operators {
    ($([$($operand:ident)*] -> $result:ident: $($name:ident)*;)*) => {{
        let mut all = Vec::new();
        $(
            let operands: &'static [T] = &[$(T::$operand),*];
            for instruction in [$(I::$name),*] {
                all.push(Operator { result: T::$result, operands, instruction });
            }
        )*
        all
    }};
}

/// Every operator of the profile that neither traps nor has immediates, and the trapping ones once.
pub(super) fn all() -> Vec<Operator> {
    let mut all = scalars();
    all.extend(conversions());
    all.extend(vectors());
    all.extend(float_vectors());
    all
}

fn scalars() -> Vec<Operator> {
    operators! {
        [I32] -> I32: I32Eqz I32Clz I32Ctz I32Popcnt I32Extend8S I32Extend16S;
        [I32 I32] -> I32: I32Eq I32Ne I32LtS I32LtU I32GtS I32GtU I32LeS I32LeU I32GeS I32GeU I32Add I32Sub I32Mul
            I32And I32Or I32Xor I32Shl I32ShrS I32ShrU I32Rotl I32Rotr I32DivS I32DivU I32RemS I32RemU;
        [I64] -> I64: I64Clz I64Ctz I64Popcnt I64Extend8S I64Extend16S I64Extend32S;
        [I64] -> I32: I64Eqz;
        [I64 I64] -> I32: I64Eq I64Ne I64LtS I64LtU I64GtS I64GtU I64LeS I64LeU I64GeS I64GeU;
        [I64 I64] -> I64: I64Add I64Sub I64Mul I64And I64Or I64Xor I64Shl I64ShrS I64ShrU I64Rotl I64Rotr I64DivS
            I64DivU I64RemS I64RemU;
        [F32] -> F32: F32Abs F32Neg F32Ceil F32Floor F32Trunc F32Nearest F32Sqrt;
        [F32 F32] -> F32: F32Add F32Sub F32Mul F32Div F32Min F32Max F32Copysign;
        [F32 F32] -> I32: F32Eq F32Ne F32Lt F32Gt F32Le F32Ge;
        [F64] -> F64: F64Abs F64Neg F64Ceil F64Floor F64Trunc F64Nearest F64Sqrt;
        [F64 F64] -> F64: F64Add F64Sub F64Mul F64Div F64Min F64Max F64Copysign;
        [F64 F64] -> I32: F64Eq F64Ne F64Lt F64Gt F64Le F64Ge;
    }
}

fn conversions() -> Vec<Operator> {
    operators! {
        [I64] -> I32: I32WrapI64;
        [I32] -> I64: I64ExtendI32S I64ExtendI32U;
        [F32] -> I32: I32TruncF32S I32TruncF32U I32TruncSatF32S I32TruncSatF32U I32ReinterpretF32;
        [F64] -> I32: I32TruncF64S I32TruncF64U I32TruncSatF64S I32TruncSatF64U;
        [F32] -> I64: I64TruncF32S I64TruncF32U I64TruncSatF32S I64TruncSatF32U;
        [F64] -> I64: I64TruncF64S I64TruncF64U I64TruncSatF64S I64TruncSatF64U I64ReinterpretF64;
        [I32] -> F32: F32ConvertI32S F32ConvertI32U F32ReinterpretI32;
        [I64] -> F32: F32ConvertI64S F32ConvertI64U;
        [F64] -> F32: F32DemoteF64;
        [I32] -> F64: F64ConvertI32S F64ConvertI32U;
        [I64] -> F64: F64ConvertI64S F64ConvertI64U F64ReinterpretI64;
        [F32] -> F64: F64PromoteF32;
        [I32] -> V128: I8x16Splat I16x8Splat I32x4Splat;
        [I64] -> V128: I64x2Splat;
        [F32] -> V128: F32x4Splat;
        [F64] -> V128: F64x2Splat;
        [V128] -> I32: V128AnyTrue I8x16AllTrue I16x8AllTrue I32x4AllTrue I64x2AllTrue I8x16Bitmask I16x8Bitmask
            I32x4Bitmask I64x2Bitmask;
    }
}

fn vectors() -> Vec<Operator> {
    operators! {
        [V128] -> V128: V128Not I8x16Abs I8x16Neg I8x16Popcnt I16x8Abs I16x8Neg I32x4Abs I32x4Neg I64x2Abs I64x2Neg
            I16x8ExtAddPairwiseI8x16S I16x8ExtAddPairwiseI8x16U I32x4ExtAddPairwiseI16x8S I32x4ExtAddPairwiseI16x8U
            I16x8ExtendLowI8x16S I16x8ExtendHighI8x16S I16x8ExtendLowI8x16U I16x8ExtendHighI8x16U
            I32x4ExtendLowI16x8S I32x4ExtendHighI16x8S I32x4ExtendLowI16x8U I32x4ExtendHighI16x8U
            I64x2ExtendLowI32x4S I64x2ExtendHighI32x4S I64x2ExtendLowI32x4U I64x2ExtendHighI32x4U;
        [V128 V128] -> V128: I8x16Swizzle V128And V128AndNot V128Or V128Xor
            I8x16Eq I8x16Ne I8x16LtS I8x16LtU I8x16GtS I8x16GtU I8x16LeS I8x16LeU I8x16GeS I8x16GeU
            I16x8Eq I16x8Ne I16x8LtS I16x8LtU I16x8GtS I16x8GtU I16x8LeS I16x8LeU I16x8GeS I16x8GeU
            I32x4Eq I32x4Ne I32x4LtS I32x4LtU I32x4GtS I32x4GtU I32x4LeS I32x4LeU I32x4GeS I32x4GeU
            I64x2Eq I64x2Ne I64x2LtS I64x2GtS I64x2LeS I64x2GeS
            I8x16NarrowI16x8S I8x16NarrowI16x8U I16x8NarrowI32x4S I16x8NarrowI32x4U
            I8x16Add I8x16AddSatS I8x16AddSatU I8x16Sub I8x16SubSatS I8x16SubSatU I8x16MinS I8x16MinU I8x16MaxS
            I8x16MaxU I8x16AvgrU I16x8Add I16x8AddSatS I16x8AddSatU I16x8Sub I16x8SubSatS I16x8SubSatU I16x8Mul
            I16x8MinS I16x8MinU I16x8MaxS I16x8MaxU I16x8AvgrU I16x8Q15MulrSatS I32x4Add I32x4Sub I32x4Mul I32x4MinS
            I32x4MinU I32x4MaxS I32x4MaxU I32x4DotI16x8S I64x2Add I64x2Sub I64x2Mul
            I16x8ExtMulLowI8x16S I16x8ExtMulHighI8x16S I16x8ExtMulLowI8x16U I16x8ExtMulHighI8x16U
            I32x4ExtMulLowI16x8S I32x4ExtMulHighI16x8S I32x4ExtMulLowI16x8U I32x4ExtMulHighI16x8U
            I64x2ExtMulLowI32x4S I64x2ExtMulHighI32x4S I64x2ExtMulLowI32x4U I64x2ExtMulHighI32x4U;
        [V128 V128 V128] -> V128: V128Bitselect;
        [V128 I32] -> V128: I8x16Shl I8x16ShrS I8x16ShrU I16x8Shl I16x8ShrS I16x8ShrU I32x4Shl I32x4ShrS I32x4ShrU
            I64x2Shl I64x2ShrS I64x2ShrU;
    }
}

/// Listed twice in [`all`]'s choice by [`super::shaped`], because they are what the NaN pass is about.
pub(super) fn float_vectors() -> Vec<Operator> {
    operators! {
        [V128] -> V128: F32x4Ceil F32x4Floor F32x4Trunc F32x4Nearest F32x4Abs F32x4Neg F32x4Sqrt F64x2Ceil
            F64x2Floor F64x2Trunc F64x2Nearest F64x2Abs F64x2Neg F64x2Sqrt F32x4DemoteF64x2Zero
            F64x2PromoteLowF32x4 I32x4TruncSatF32x4S I32x4TruncSatF32x4U I32x4TruncSatF64x2SZero
            I32x4TruncSatF64x2UZero F32x4ConvertI32x4S F32x4ConvertI32x4U F64x2ConvertLowI32x4S
            F64x2ConvertLowI32x4U;
        [V128 V128] -> V128: F32x4Eq F32x4Ne F32x4Lt F32x4Gt F32x4Le F32x4Ge F64x2Eq F64x2Ne F64x2Lt F64x2Gt F64x2Le
            F64x2Ge F32x4Add F32x4Sub F32x4Mul F32x4Div F32x4Min F32x4Max F32x4PMin F32x4PMax F64x2Add F64x2Sub
            F64x2Mul F64x2Div F64x2Min F64x2Max F64x2PMin F64x2PMax;
    }
}

/// A lane instruction: result, operands, number of lanes, constructor.
type LaneOperator = (T, &'static [T], u8, fn(u8) -> I<'static>);

/// Instructions with a lane.
pub(super) const LANES: [LaneOperator; 14] = [
    (T::I32, &[T::V128], 16, I::I8x16ExtractLaneS),
    (T::I32, &[T::V128], 16, I::I8x16ExtractLaneU),
    (T::I32, &[T::V128], 8, I::I16x8ExtractLaneS),
    (T::I32, &[T::V128], 8, I::I16x8ExtractLaneU),
    (T::I32, &[T::V128], 4, I::I32x4ExtractLane),
    (T::I64, &[T::V128], 2, I::I64x2ExtractLane),
    (T::F32, &[T::V128], 4, I::F32x4ExtractLane),
    (T::F64, &[T::V128], 2, I::F64x2ExtractLane),
    (T::V128, &[T::V128, T::I32], 16, I::I8x16ReplaceLane),
    (T::V128, &[T::V128, T::I32], 8, I::I16x8ReplaceLane),
    (T::V128, &[T::V128, T::I32], 4, I::I32x4ReplaceLane),
    (T::V128, &[T::V128, T::I64], 2, I::I64x2ReplaceLane),
    (T::V128, &[T::V128, T::F32], 4, I::F32x4ReplaceLane),
    (T::V128, &[T::V128, T::F64], 2, I::F64x2ReplaceLane),
];

/// An instruction with a memory argument.
type MemoryOperator = fn(wasm_encoder::MemArg) -> I<'static>;

/// Loads by result type.
pub(super) const LOADS: [(T, MemoryOperator); 26] = [
    (T::I32, I::I32Load),
    (T::I32, I::I32Load8S),
    (T::I32, I::I32Load8U),
    (T::I32, I::I32Load16S),
    (T::I32, I::I32Load16U),
    (T::I64, I::I64Load),
    (T::I64, I::I64Load8S),
    (T::I64, I::I64Load8U),
    (T::I64, I::I64Load16S),
    (T::I64, I::I64Load16U),
    (T::I64, I::I64Load32S),
    (T::I64, I::I64Load32U),
    (T::F32, I::F32Load),
    (T::F64, I::F64Load),
    (T::V128, I::V128Load),
    (T::V128, I::V128Load8x8S),
    (T::V128, I::V128Load16x4U),
    (T::V128, I::V128Load32x2S),
    (T::V128, I::V128Load8Splat),
    (T::V128, I::V128Load16Splat),
    (T::V128, I::V128Load32Splat),
    (T::V128, I::V128Load64Splat),
    (T::V128, I::V128Load32Zero),
    (T::V128, I::V128Load64Zero),
    (T::V128, I::V128Load8x8U),
    (T::V128, I::V128Load32x2U),
];

/// Stores by operand type.
pub(super) const STORES: [(T, MemoryOperator); 10] = [
    (T::I32, I::I32Store),
    (T::I32, I::I32Store8),
    (T::I32, I::I32Store16),
    (T::I64, I::I64Store),
    (T::I64, I::I64Store8),
    (T::I64, I::I64Store32),
    (T::F32, I::F32Store),
    (T::F64, I::F64Store),
    (T::V128, I::V128Store),
    (T::V128, I::V128Store),
];
