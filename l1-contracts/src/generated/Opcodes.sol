// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

/// @title Families of instructions
/// @notice The group of instructions that one contract executes; `None` is that of unknown opcodes.
/// @dev Generated from runtime/isa.txt by `cargo xtask codegen`.
/// @custom:mirrors runtime/src/isa/table.rs
enum Family {
    // No instruction has the opcode. Its step fails the run.
    None,
    // Jumps, calls, frames, and the ends of `load` and `infer`.
    Control,
    // Constants, locals, globals, and moves on the value stack.
    Stack,
    // Scalar integer arithmetic, bit operations and comparisons.
    Integer,
    // Scalar float arithmetic and comparisons.
    Float,
    // From one scalar type to another.
    Conversion,
    // Scalar loads and stores, size and growth of the memory.
    Memory,
    // Ranges of memory, some bytes a step.
    Bulk,
    // Vector loads and stores, whole or by lane.
    SimdMemory,
    // Vectors made of scalars and of other vectors' lanes, and lanes taken out of them.
    SimdLane,
    // Bitwise vector operations, integer comparisons and tests of lanes.
    SimdLogic,
    // Lanewise integer arithmetic and shifts, and integer lanes narrowed, extended and multiplied.
    SimdInteger,
    // Lanewise float arithmetic and comparisons.
    SimdFloat,
    // Between integer and float lanes, and between widths of float lanes.
    SimdConversion,
    // Blobs in, output out.
    Host,
    // Codes that are set aside; they fail the run.
    Reserved
}

/// @title Opcodes of the machine
/// @notice The upper bytes of a word, by instruction, and the family of each.
/// @dev Generated from runtime/isa.txt by `cargo xtask codegen`.
/// @custom:mirrors runtime/src/isa/op.rs
library Opcodes {
    /// @dev `unreachable`.
    uint16 internal constant UNREACHABLE = 0x0000;

    /// @dev `return`.
    uint16 internal constant RETURN = 0x000f;

    /// @dev `call`.
    uint16 internal constant CALL = 0x0010;

    /// @dev `call_indirect`: `i32 ->`.
    uint16 internal constant CALL_INDIRECT = 0x0011;

    /// @dev `drop`: `any ->`.
    uint16 internal constant DROP = 0x001a;

    /// @dev `select`: `any any i32 -> any`.
    uint16 internal constant SELECT = 0x001b;

    /// @dev `local.get`: `-> any`.
    uint16 internal constant LOCAL_GET = 0x0020;

    /// @dev `local.set`: `any ->`.
    uint16 internal constant LOCAL_SET = 0x0021;

    /// @dev `local.tee`: `any -> any`.
    uint16 internal constant LOCAL_TEE = 0x0022;

    /// @dev `global.get`: `-> any`.
    uint16 internal constant GLOBAL_GET = 0x0023;

    /// @dev `global.set`: `any ->`.
    uint16 internal constant GLOBAL_SET = 0x0024;

    /// @dev `i32.load`: `i32 -> i32`.
    uint16 internal constant I32_LOAD = 0x0028;

    /// @dev `i64.load`: `i32 -> i64`.
    uint16 internal constant I64_LOAD = 0x0029;

    /// @dev `f32.load`: `i32 -> f32`.
    uint16 internal constant F32_LOAD = 0x002a;

    /// @dev `f64.load`: `i32 -> f64`.
    uint16 internal constant F64_LOAD = 0x002b;

    /// @dev `i32.load8_s`: `i32 -> i32`.
    uint16 internal constant I32_LOAD8_S = 0x002c;

    /// @dev `i32.load8_u`: `i32 -> i32`.
    uint16 internal constant I32_LOAD8_U = 0x002d;

    /// @dev `i32.load16_s`: `i32 -> i32`.
    uint16 internal constant I32_LOAD16_S = 0x002e;

    /// @dev `i32.load16_u`: `i32 -> i32`.
    uint16 internal constant I32_LOAD16_U = 0x002f;

    /// @dev `i64.load8_s`: `i32 -> i64`.
    uint16 internal constant I64_LOAD8_S = 0x0030;

    /// @dev `i64.load8_u`: `i32 -> i64`.
    uint16 internal constant I64_LOAD8_U = 0x0031;

    /// @dev `i64.load16_s`: `i32 -> i64`.
    uint16 internal constant I64_LOAD16_S = 0x0032;

    /// @dev `i64.load16_u`: `i32 -> i64`.
    uint16 internal constant I64_LOAD16_U = 0x0033;

    /// @dev `i64.load32_s`: `i32 -> i64`.
    uint16 internal constant I64_LOAD32_S = 0x0034;

    /// @dev `i64.load32_u`: `i32 -> i64`.
    uint16 internal constant I64_LOAD32_U = 0x0035;

    /// @dev `i32.store`: `i32 i32 ->`.
    uint16 internal constant I32_STORE = 0x0036;

    /// @dev `i64.store`: `i32 i64 ->`.
    uint16 internal constant I64_STORE = 0x0037;

    /// @dev `f32.store`: `i32 f32 ->`.
    uint16 internal constant F32_STORE = 0x0038;

    /// @dev `f64.store`: `i32 f64 ->`.
    uint16 internal constant F64_STORE = 0x0039;

    /// @dev `i32.store8`: `i32 i32 ->`.
    uint16 internal constant I32_STORE8 = 0x003a;

    /// @dev `i32.store16`: `i32 i32 ->`.
    uint16 internal constant I32_STORE16 = 0x003b;

    /// @dev `i64.store8`: `i32 i64 ->`.
    uint16 internal constant I64_STORE8 = 0x003c;

    /// @dev `i64.store16`: `i32 i64 ->`.
    uint16 internal constant I64_STORE16 = 0x003d;

    /// @dev `i64.store32`: `i32 i64 ->`.
    uint16 internal constant I64_STORE32 = 0x003e;

    /// @dev `memory.size`: `-> i32`.
    uint16 internal constant MEMORY_SIZE = 0x003f;

    /// @dev `memory.grow`: `i32 -> i32`.
    uint16 internal constant MEMORY_GROW = 0x0040;

    /// @dev `i32.const`: `-> i32`.
    uint16 internal constant I32_CONST = 0x0041;

    /// @dev `i64.const`: `-> i64`.
    uint16 internal constant I64_CONST = 0x0042;

    /// @dev `f32.const`: `-> f32`.
    uint16 internal constant F32_CONST = 0x0043;

    /// @dev `f64.const`: `-> f64`.
    uint16 internal constant F64_CONST = 0x0044;

    /// @dev `i32.eqz`: `i32 -> i32`.
    uint16 internal constant I32_EQZ = 0x0045;

    /// @dev `i32.eq`: `i32 i32 -> i32`.
    uint16 internal constant I32_EQ = 0x0046;

    /// @dev `i32.ne`: `i32 i32 -> i32`.
    uint16 internal constant I32_NE = 0x0047;

    /// @dev `i32.lt_s`: `i32 i32 -> i32`.
    uint16 internal constant I32_LT_S = 0x0048;

    /// @dev `i32.lt_u`: `i32 i32 -> i32`.
    uint16 internal constant I32_LT_U = 0x0049;

    /// @dev `i32.gt_s`: `i32 i32 -> i32`.
    uint16 internal constant I32_GT_S = 0x004a;

    /// @dev `i32.gt_u`: `i32 i32 -> i32`.
    uint16 internal constant I32_GT_U = 0x004b;

    /// @dev `i32.le_s`: `i32 i32 -> i32`.
    uint16 internal constant I32_LE_S = 0x004c;

    /// @dev `i32.le_u`: `i32 i32 -> i32`.
    uint16 internal constant I32_LE_U = 0x004d;

    /// @dev `i32.ge_s`: `i32 i32 -> i32`.
    uint16 internal constant I32_GE_S = 0x004e;

    /// @dev `i32.ge_u`: `i32 i32 -> i32`.
    uint16 internal constant I32_GE_U = 0x004f;

    /// @dev `i64.eqz`: `i64 -> i32`.
    uint16 internal constant I64_EQZ = 0x0050;

    /// @dev `i64.eq`: `i64 i64 -> i32`.
    uint16 internal constant I64_EQ = 0x0051;

    /// @dev `i64.ne`: `i64 i64 -> i32`.
    uint16 internal constant I64_NE = 0x0052;

    /// @dev `i64.lt_s`: `i64 i64 -> i32`.
    uint16 internal constant I64_LT_S = 0x0053;

    /// @dev `i64.lt_u`: `i64 i64 -> i32`.
    uint16 internal constant I64_LT_U = 0x0054;

    /// @dev `i64.gt_s`: `i64 i64 -> i32`.
    uint16 internal constant I64_GT_S = 0x0055;

    /// @dev `i64.gt_u`: `i64 i64 -> i32`.
    uint16 internal constant I64_GT_U = 0x0056;

    /// @dev `i64.le_s`: `i64 i64 -> i32`.
    uint16 internal constant I64_LE_S = 0x0057;

    /// @dev `i64.le_u`: `i64 i64 -> i32`.
    uint16 internal constant I64_LE_U = 0x0058;

    /// @dev `i64.ge_s`: `i64 i64 -> i32`.
    uint16 internal constant I64_GE_S = 0x0059;

    /// @dev `i64.ge_u`: `i64 i64 -> i32`.
    uint16 internal constant I64_GE_U = 0x005a;

    /// @dev `f32.eq`: `f32 f32 -> i32`.
    uint16 internal constant F32_EQ = 0x005b;

    /// @dev `f32.ne`: `f32 f32 -> i32`.
    uint16 internal constant F32_NE = 0x005c;

    /// @dev `f32.lt`: `f32 f32 -> i32`.
    uint16 internal constant F32_LT = 0x005d;

    /// @dev `f32.gt`: `f32 f32 -> i32`.
    uint16 internal constant F32_GT = 0x005e;

    /// @dev `f32.le`: `f32 f32 -> i32`.
    uint16 internal constant F32_LE = 0x005f;

    /// @dev `f32.ge`: `f32 f32 -> i32`.
    uint16 internal constant F32_GE = 0x0060;

    /// @dev `f64.eq`: `f64 f64 -> i32`.
    uint16 internal constant F64_EQ = 0x0061;

    /// @dev `f64.ne`: `f64 f64 -> i32`.
    uint16 internal constant F64_NE = 0x0062;

    /// @dev `f64.lt`: `f64 f64 -> i32`.
    uint16 internal constant F64_LT = 0x0063;

    /// @dev `f64.gt`: `f64 f64 -> i32`.
    uint16 internal constant F64_GT = 0x0064;

    /// @dev `f64.le`: `f64 f64 -> i32`.
    uint16 internal constant F64_LE = 0x0065;

    /// @dev `f64.ge`: `f64 f64 -> i32`.
    uint16 internal constant F64_GE = 0x0066;

    /// @dev `i32.clz`: `i32 -> i32`.
    uint16 internal constant I32_CLZ = 0x0067;

    /// @dev `i32.ctz`: `i32 -> i32`.
    uint16 internal constant I32_CTZ = 0x0068;

    /// @dev `i32.popcnt`: `i32 -> i32`.
    uint16 internal constant I32_POPCNT = 0x0069;

    /// @dev `i32.add`: `i32 i32 -> i32`.
    uint16 internal constant I32_ADD = 0x006a;

    /// @dev `i32.sub`: `i32 i32 -> i32`.
    uint16 internal constant I32_SUB = 0x006b;

    /// @dev `i32.mul`: `i32 i32 -> i32`.
    uint16 internal constant I32_MUL = 0x006c;

    /// @dev `i32.div_s`: `i32 i32 -> i32`.
    uint16 internal constant I32_DIV_S = 0x006d;

    /// @dev `i32.div_u`: `i32 i32 -> i32`.
    uint16 internal constant I32_DIV_U = 0x006e;

    /// @dev `i32.rem_s`: `i32 i32 -> i32`.
    uint16 internal constant I32_REM_S = 0x006f;

    /// @dev `i32.rem_u`: `i32 i32 -> i32`.
    uint16 internal constant I32_REM_U = 0x0070;

    /// @dev `i32.and`: `i32 i32 -> i32`.
    uint16 internal constant I32_AND = 0x0071;

    /// @dev `i32.or`: `i32 i32 -> i32`.
    uint16 internal constant I32_OR = 0x0072;

    /// @dev `i32.xor`: `i32 i32 -> i32`.
    uint16 internal constant I32_XOR = 0x0073;

    /// @dev `i32.shl`: `i32 i32 -> i32`.
    uint16 internal constant I32_SHL = 0x0074;

    /// @dev `i32.shr_s`: `i32 i32 -> i32`.
    uint16 internal constant I32_SHR_S = 0x0075;

    /// @dev `i32.shr_u`: `i32 i32 -> i32`.
    uint16 internal constant I32_SHR_U = 0x0076;

    /// @dev `i32.rotl`: `i32 i32 -> i32`.
    uint16 internal constant I32_ROTL = 0x0077;

    /// @dev `i32.rotr`: `i32 i32 -> i32`.
    uint16 internal constant I32_ROTR = 0x0078;

    /// @dev `i64.clz`: `i64 -> i64`.
    uint16 internal constant I64_CLZ = 0x0079;

    /// @dev `i64.ctz`: `i64 -> i64`.
    uint16 internal constant I64_CTZ = 0x007a;

    /// @dev `i64.popcnt`: `i64 -> i64`.
    uint16 internal constant I64_POPCNT = 0x007b;

    /// @dev `i64.add`: `i64 i64 -> i64`.
    uint16 internal constant I64_ADD = 0x007c;

    /// @dev `i64.sub`: `i64 i64 -> i64`.
    uint16 internal constant I64_SUB = 0x007d;

    /// @dev `i64.mul`: `i64 i64 -> i64`.
    uint16 internal constant I64_MUL = 0x007e;

    /// @dev `i64.div_s`: `i64 i64 -> i64`.
    uint16 internal constant I64_DIV_S = 0x007f;

    /// @dev `i64.div_u`: `i64 i64 -> i64`.
    uint16 internal constant I64_DIV_U = 0x0080;

    /// @dev `i64.rem_s`: `i64 i64 -> i64`.
    uint16 internal constant I64_REM_S = 0x0081;

    /// @dev `i64.rem_u`: `i64 i64 -> i64`.
    uint16 internal constant I64_REM_U = 0x0082;

    /// @dev `i64.and`: `i64 i64 -> i64`.
    uint16 internal constant I64_AND = 0x0083;

    /// @dev `i64.or`: `i64 i64 -> i64`.
    uint16 internal constant I64_OR = 0x0084;

    /// @dev `i64.xor`: `i64 i64 -> i64`.
    uint16 internal constant I64_XOR = 0x0085;

    /// @dev `i64.shl`: `i64 i64 -> i64`.
    uint16 internal constant I64_SHL = 0x0086;

    /// @dev `i64.shr_s`: `i64 i64 -> i64`.
    uint16 internal constant I64_SHR_S = 0x0087;

    /// @dev `i64.shr_u`: `i64 i64 -> i64`.
    uint16 internal constant I64_SHR_U = 0x0088;

    /// @dev `i64.rotl`: `i64 i64 -> i64`.
    uint16 internal constant I64_ROTL = 0x0089;

    /// @dev `i64.rotr`: `i64 i64 -> i64`.
    uint16 internal constant I64_ROTR = 0x008a;

    /// @dev `f32.abs`: `f32 -> f32`.
    uint16 internal constant F32_ABS = 0x008b;

    /// @dev `f32.neg`: `f32 -> f32`.
    uint16 internal constant F32_NEG = 0x008c;

    /// @dev `f32.ceil`: `f32 -> f32`.
    uint16 internal constant F32_CEIL = 0x008d;

    /// @dev `f32.floor`: `f32 -> f32`.
    uint16 internal constant F32_FLOOR = 0x008e;

    /// @dev `f32.trunc`: `f32 -> f32`.
    uint16 internal constant F32_TRUNC = 0x008f;

    /// @dev `f32.nearest`: `f32 -> f32`.
    uint16 internal constant F32_NEAREST = 0x0090;

    /// @dev `f32.sqrt`: `f32 -> f32`.
    uint16 internal constant F32_SQRT = 0x0091;

    /// @dev `f32.add`: `f32 f32 -> f32`.
    uint16 internal constant F32_ADD = 0x0092;

    /// @dev `f32.sub`: `f32 f32 -> f32`.
    uint16 internal constant F32_SUB = 0x0093;

    /// @dev `f32.mul`: `f32 f32 -> f32`.
    uint16 internal constant F32_MUL = 0x0094;

    /// @dev `f32.div`: `f32 f32 -> f32`.
    uint16 internal constant F32_DIV = 0x0095;

    /// @dev `f32.min`: `f32 f32 -> f32`.
    uint16 internal constant F32_MIN = 0x0096;

    /// @dev `f32.max`: `f32 f32 -> f32`.
    uint16 internal constant F32_MAX = 0x0097;

    /// @dev `f32.copysign`: `f32 f32 -> f32`.
    uint16 internal constant F32_COPYSIGN = 0x0098;

    /// @dev `f64.abs`: `f64 -> f64`.
    uint16 internal constant F64_ABS = 0x0099;

    /// @dev `f64.neg`: `f64 -> f64`.
    uint16 internal constant F64_NEG = 0x009a;

    /// @dev `f64.ceil`: `f64 -> f64`.
    uint16 internal constant F64_CEIL = 0x009b;

    /// @dev `f64.floor`: `f64 -> f64`.
    uint16 internal constant F64_FLOOR = 0x009c;

    /// @dev `f64.trunc`: `f64 -> f64`.
    uint16 internal constant F64_TRUNC = 0x009d;

    /// @dev `f64.nearest`: `f64 -> f64`.
    uint16 internal constant F64_NEAREST = 0x009e;

    /// @dev `f64.sqrt`: `f64 -> f64`.
    uint16 internal constant F64_SQRT = 0x009f;

    /// @dev `f64.add`: `f64 f64 -> f64`.
    uint16 internal constant F64_ADD = 0x00a0;

    /// @dev `f64.sub`: `f64 f64 -> f64`.
    uint16 internal constant F64_SUB = 0x00a1;

    /// @dev `f64.mul`: `f64 f64 -> f64`.
    uint16 internal constant F64_MUL = 0x00a2;

    /// @dev `f64.div`: `f64 f64 -> f64`.
    uint16 internal constant F64_DIV = 0x00a3;

    /// @dev `f64.min`: `f64 f64 -> f64`.
    uint16 internal constant F64_MIN = 0x00a4;

    /// @dev `f64.max`: `f64 f64 -> f64`.
    uint16 internal constant F64_MAX = 0x00a5;

    /// @dev `f64.copysign`: `f64 f64 -> f64`.
    uint16 internal constant F64_COPYSIGN = 0x00a6;

    /// @dev `i32.wrap_i64`: `i64 -> i32`.
    uint16 internal constant I32_WRAP_I64 = 0x00a7;

    /// @dev `i32.trunc_f32_s`: `f32 -> i32`.
    uint16 internal constant I32_TRUNC_F32_S = 0x00a8;

    /// @dev `i32.trunc_f32_u`: `f32 -> i32`.
    uint16 internal constant I32_TRUNC_F32_U = 0x00a9;

    /// @dev `i32.trunc_f64_s`: `f64 -> i32`.
    uint16 internal constant I32_TRUNC_F64_S = 0x00aa;

    /// @dev `i32.trunc_f64_u`: `f64 -> i32`.
    uint16 internal constant I32_TRUNC_F64_U = 0x00ab;

    /// @dev `i64.extend_i32_s`: `i32 -> i64`.
    uint16 internal constant I64_EXTEND_I32_S = 0x00ac;

    /// @dev `i64.extend_i32_u`: `i32 -> i64`.
    uint16 internal constant I64_EXTEND_I32_U = 0x00ad;

    /// @dev `i64.trunc_f32_s`: `f32 -> i64`.
    uint16 internal constant I64_TRUNC_F32_S = 0x00ae;

    /// @dev `i64.trunc_f32_u`: `f32 -> i64`.
    uint16 internal constant I64_TRUNC_F32_U = 0x00af;

    /// @dev `i64.trunc_f64_s`: `f64 -> i64`.
    uint16 internal constant I64_TRUNC_F64_S = 0x00b0;

    /// @dev `i64.trunc_f64_u`: `f64 -> i64`.
    uint16 internal constant I64_TRUNC_F64_U = 0x00b1;

    /// @dev `f32.convert_i32_s`: `i32 -> f32`.
    uint16 internal constant F32_CONVERT_I32_S = 0x00b2;

    /// @dev `f32.convert_i32_u`: `i32 -> f32`.
    uint16 internal constant F32_CONVERT_I32_U = 0x00b3;

    /// @dev `f32.convert_i64_s`: `i64 -> f32`.
    uint16 internal constant F32_CONVERT_I64_S = 0x00b4;

    /// @dev `f32.convert_i64_u`: `i64 -> f32`.
    uint16 internal constant F32_CONVERT_I64_U = 0x00b5;

    /// @dev `f32.demote_f64`: `f64 -> f32`.
    uint16 internal constant F32_DEMOTE_F64 = 0x00b6;

    /// @dev `f64.convert_i32_s`: `i32 -> f64`.
    uint16 internal constant F64_CONVERT_I32_S = 0x00b7;

    /// @dev `f64.convert_i32_u`: `i32 -> f64`.
    uint16 internal constant F64_CONVERT_I32_U = 0x00b8;

    /// @dev `f64.convert_i64_s`: `i64 -> f64`.
    uint16 internal constant F64_CONVERT_I64_S = 0x00b9;

    /// @dev `f64.convert_i64_u`: `i64 -> f64`.
    uint16 internal constant F64_CONVERT_I64_U = 0x00ba;

    /// @dev `f64.promote_f32`: `f32 -> f64`.
    uint16 internal constant F64_PROMOTE_F32 = 0x00bb;

    /// @dev `i32.reinterpret_f32`: `f32 -> i32`.
    uint16 internal constant I32_REINTERPRET_F32 = 0x00bc;

    /// @dev `i64.reinterpret_f64`: `f64 -> i64`.
    uint16 internal constant I64_REINTERPRET_F64 = 0x00bd;

    /// @dev `f32.reinterpret_i32`: `i32 -> f32`.
    uint16 internal constant F32_REINTERPRET_I32 = 0x00be;

    /// @dev `f64.reinterpret_i64`: `i64 -> f64`.
    uint16 internal constant F64_REINTERPRET_I64 = 0x00bf;

    /// @dev `i32.extend8_s`: `i32 -> i32`.
    uint16 internal constant I32_EXTEND8_S = 0x00c0;

    /// @dev `i32.extend16_s`: `i32 -> i32`.
    uint16 internal constant I32_EXTEND16_S = 0x00c1;

    /// @dev `i64.extend8_s`: `i64 -> i64`.
    uint16 internal constant I64_EXTEND8_S = 0x00c2;

    /// @dev `i64.extend16_s`: `i64 -> i64`.
    uint16 internal constant I64_EXTEND16_S = 0x00c3;

    /// @dev `i64.extend32_s`: `i64 -> i64`.
    uint16 internal constant I64_EXTEND32_S = 0x00c4;

    /// @dev `jump`: `->`.
    uint16 internal constant JUMP = 0xe000;

    /// @dev `jump_if_zero`: `i32 ->`.
    uint16 internal constant JUMP_IF_ZERO = 0xe001;

    /// @dev `jump_if_nonzero`: `i32 ->`.
    uint16 internal constant JUMP_IF_NONZERO = 0xe002;

    /// @dev `jump_table`: `i32 ->`.
    uint16 internal constant JUMP_TABLE = 0xe003;

    /// @dev `enter`: `->`.
    uint16 internal constant ENTER = 0xe010;

    /// @dev `local.take`: `-> any`.
    uint16 internal constant LOCAL_TAKE = 0xe011;

    /// @dev `end_load`: `i32 ->`.
    uint16 internal constant END_LOAD = 0xe020;

    /// @dev `end_infer`: `i32 ->`.
    uint16 internal constant END_INFER = 0xe021;

    /// @dev `blob_len`: `i32 -> i64`.
    uint16 internal constant BLOB_LEN = 0xe030;

    /// @dev `blob_page`: `i32 i32 i32 ->`.
    uint16 internal constant BLOB_PAGE = 0xe031;

    /// @dev `output`: `i32 i32 i32 ->`.
    uint16 internal constant OUTPUT = 0xe032;

    /// @dev `preimage`.
    uint16 internal constant PREIMAGE = 0xe033;

    /// @dev `precompile`.
    uint16 internal constant PRECOMPILE = 0xe034;

    /// @dev `i32.trunc_sat_f32_s`: `f32 -> i32`.
    uint16 internal constant I32_TRUNC_SAT_F32_S = 0xfc00;

    /// @dev `i32.trunc_sat_f32_u`: `f32 -> i32`.
    uint16 internal constant I32_TRUNC_SAT_F32_U = 0xfc01;

    /// @dev `i32.trunc_sat_f64_s`: `f64 -> i32`.
    uint16 internal constant I32_TRUNC_SAT_F64_S = 0xfc02;

    /// @dev `i32.trunc_sat_f64_u`: `f64 -> i32`.
    uint16 internal constant I32_TRUNC_SAT_F64_U = 0xfc03;

    /// @dev `i64.trunc_sat_f32_s`: `f32 -> i64`.
    uint16 internal constant I64_TRUNC_SAT_F32_S = 0xfc04;

    /// @dev `i64.trunc_sat_f32_u`: `f32 -> i64`.
    uint16 internal constant I64_TRUNC_SAT_F32_U = 0xfc05;

    /// @dev `i64.trunc_sat_f64_s`: `f64 -> i64`.
    uint16 internal constant I64_TRUNC_SAT_F64_S = 0xfc06;

    /// @dev `i64.trunc_sat_f64_u`: `f64 -> i64`.
    uint16 internal constant I64_TRUNC_SAT_F64_U = 0xfc07;

    /// @dev `memory.init`: `i32 i32 i32 i32 ->`.
    uint16 internal constant MEMORY_INIT = 0xfc08;

    /// @dev `memory.copy`: `i32 i32 i32 ->`.
    uint16 internal constant MEMORY_COPY = 0xfc0a;

    /// @dev `memory.fill`: `i32 i32 i32 ->`.
    uint16 internal constant MEMORY_FILL = 0xfc0b;

    /// @dev `v128.load`: `i32 -> v128`.
    uint16 internal constant V128_LOAD = 0xfd00;

    /// @dev `v128.load8x8_s`: `i32 -> v128`.
    uint16 internal constant V128_LOAD8X8_S = 0xfd01;

    /// @dev `v128.load8x8_u`: `i32 -> v128`.
    uint16 internal constant V128_LOAD8X8_U = 0xfd02;

    /// @dev `v128.load16x4_s`: `i32 -> v128`.
    uint16 internal constant V128_LOAD16X4_S = 0xfd03;

    /// @dev `v128.load16x4_u`: `i32 -> v128`.
    uint16 internal constant V128_LOAD16X4_U = 0xfd04;

    /// @dev `v128.load32x2_s`: `i32 -> v128`.
    uint16 internal constant V128_LOAD32X2_S = 0xfd05;

    /// @dev `v128.load32x2_u`: `i32 -> v128`.
    uint16 internal constant V128_LOAD32X2_U = 0xfd06;

    /// @dev `v128.load8_splat`: `i32 -> v128`.
    uint16 internal constant V128_LOAD8_SPLAT = 0xfd07;

    /// @dev `v128.load16_splat`: `i32 -> v128`.
    uint16 internal constant V128_LOAD16_SPLAT = 0xfd08;

    /// @dev `v128.load32_splat`: `i32 -> v128`.
    uint16 internal constant V128_LOAD32_SPLAT = 0xfd09;

    /// @dev `v128.load64_splat`: `i32 -> v128`.
    uint16 internal constant V128_LOAD64_SPLAT = 0xfd0a;

    /// @dev `v128.store`: `i32 v128 ->`.
    uint16 internal constant V128_STORE = 0xfd0b;

    /// @dev `v128.const`: `-> v128`.
    uint16 internal constant V128_CONST = 0xfd0c;

    /// @dev `i8x16.shuffle`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_SHUFFLE = 0xfd0d;

    /// @dev `i8x16.swizzle`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_SWIZZLE = 0xfd0e;

    /// @dev `i8x16.splat`: `i32 -> v128`.
    uint16 internal constant I8X16_SPLAT = 0xfd0f;

    /// @dev `i16x8.splat`: `i32 -> v128`.
    uint16 internal constant I16X8_SPLAT = 0xfd10;

    /// @dev `i32x4.splat`: `i32 -> v128`.
    uint16 internal constant I32X4_SPLAT = 0xfd11;

    /// @dev `i64x2.splat`: `i64 -> v128`.
    uint16 internal constant I64X2_SPLAT = 0xfd12;

    /// @dev `f32x4.splat`: `f32 -> v128`.
    uint16 internal constant F32X4_SPLAT = 0xfd13;

    /// @dev `f64x2.splat`: `f64 -> v128`.
    uint16 internal constant F64X2_SPLAT = 0xfd14;

    /// @dev `i8x16.extract_lane_s`: `v128 -> i32`.
    uint16 internal constant I8X16_EXTRACT_LANE_S = 0xfd15;

    /// @dev `i8x16.extract_lane_u`: `v128 -> i32`.
    uint16 internal constant I8X16_EXTRACT_LANE_U = 0xfd16;

    /// @dev `i8x16.replace_lane`: `v128 i32 -> v128`.
    uint16 internal constant I8X16_REPLACE_LANE = 0xfd17;

    /// @dev `i16x8.extract_lane_s`: `v128 -> i32`.
    uint16 internal constant I16X8_EXTRACT_LANE_S = 0xfd18;

    /// @dev `i16x8.extract_lane_u`: `v128 -> i32`.
    uint16 internal constant I16X8_EXTRACT_LANE_U = 0xfd19;

    /// @dev `i16x8.replace_lane`: `v128 i32 -> v128`.
    uint16 internal constant I16X8_REPLACE_LANE = 0xfd1a;

    /// @dev `i32x4.extract_lane`: `v128 -> i32`.
    uint16 internal constant I32X4_EXTRACT_LANE = 0xfd1b;

    /// @dev `i32x4.replace_lane`: `v128 i32 -> v128`.
    uint16 internal constant I32X4_REPLACE_LANE = 0xfd1c;

    /// @dev `i64x2.extract_lane`: `v128 -> i64`.
    uint16 internal constant I64X2_EXTRACT_LANE = 0xfd1d;

    /// @dev `i64x2.replace_lane`: `v128 i64 -> v128`.
    uint16 internal constant I64X2_REPLACE_LANE = 0xfd1e;

    /// @dev `f32x4.extract_lane`: `v128 -> f32`.
    uint16 internal constant F32X4_EXTRACT_LANE = 0xfd1f;

    /// @dev `f32x4.replace_lane`: `v128 f32 -> v128`.
    uint16 internal constant F32X4_REPLACE_LANE = 0xfd20;

    /// @dev `f64x2.extract_lane`: `v128 -> f64`.
    uint16 internal constant F64X2_EXTRACT_LANE = 0xfd21;

    /// @dev `f64x2.replace_lane`: `v128 f64 -> v128`.
    uint16 internal constant F64X2_REPLACE_LANE = 0xfd22;

    /// @dev `i8x16.eq`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_EQ = 0xfd23;

    /// @dev `i8x16.ne`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_NE = 0xfd24;

    /// @dev `i8x16.lt_s`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_LT_S = 0xfd25;

    /// @dev `i8x16.lt_u`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_LT_U = 0xfd26;

    /// @dev `i8x16.gt_s`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_GT_S = 0xfd27;

    /// @dev `i8x16.gt_u`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_GT_U = 0xfd28;

    /// @dev `i8x16.le_s`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_LE_S = 0xfd29;

    /// @dev `i8x16.le_u`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_LE_U = 0xfd2a;

    /// @dev `i8x16.ge_s`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_GE_S = 0xfd2b;

    /// @dev `i8x16.ge_u`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_GE_U = 0xfd2c;

    /// @dev `i16x8.eq`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_EQ = 0xfd2d;

    /// @dev `i16x8.ne`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_NE = 0xfd2e;

    /// @dev `i16x8.lt_s`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_LT_S = 0xfd2f;

    /// @dev `i16x8.lt_u`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_LT_U = 0xfd30;

    /// @dev `i16x8.gt_s`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_GT_S = 0xfd31;

    /// @dev `i16x8.gt_u`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_GT_U = 0xfd32;

    /// @dev `i16x8.le_s`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_LE_S = 0xfd33;

    /// @dev `i16x8.le_u`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_LE_U = 0xfd34;

    /// @dev `i16x8.ge_s`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_GE_S = 0xfd35;

    /// @dev `i16x8.ge_u`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_GE_U = 0xfd36;

    /// @dev `i32x4.eq`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_EQ = 0xfd37;

    /// @dev `i32x4.ne`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_NE = 0xfd38;

    /// @dev `i32x4.lt_s`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_LT_S = 0xfd39;

    /// @dev `i32x4.lt_u`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_LT_U = 0xfd3a;

    /// @dev `i32x4.gt_s`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_GT_S = 0xfd3b;

    /// @dev `i32x4.gt_u`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_GT_U = 0xfd3c;

    /// @dev `i32x4.le_s`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_LE_S = 0xfd3d;

    /// @dev `i32x4.le_u`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_LE_U = 0xfd3e;

    /// @dev `i32x4.ge_s`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_GE_S = 0xfd3f;

    /// @dev `i32x4.ge_u`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_GE_U = 0xfd40;

    /// @dev `f32x4.eq`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_EQ = 0xfd41;

    /// @dev `f32x4.ne`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_NE = 0xfd42;

    /// @dev `f32x4.lt`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_LT = 0xfd43;

    /// @dev `f32x4.gt`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_GT = 0xfd44;

    /// @dev `f32x4.le`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_LE = 0xfd45;

    /// @dev `f32x4.ge`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_GE = 0xfd46;

    /// @dev `f64x2.eq`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_EQ = 0xfd47;

    /// @dev `f64x2.ne`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_NE = 0xfd48;

    /// @dev `f64x2.lt`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_LT = 0xfd49;

    /// @dev `f64x2.gt`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_GT = 0xfd4a;

    /// @dev `f64x2.le`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_LE = 0xfd4b;

    /// @dev `f64x2.ge`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_GE = 0xfd4c;

    /// @dev `v128.not`: `v128 -> v128`.
    uint16 internal constant V128_NOT = 0xfd4d;

    /// @dev `v128.and`: `v128 v128 -> v128`.
    uint16 internal constant V128_AND = 0xfd4e;

    /// @dev `v128.andnot`: `v128 v128 -> v128`.
    uint16 internal constant V128_ANDNOT = 0xfd4f;

    /// @dev `v128.or`: `v128 v128 -> v128`.
    uint16 internal constant V128_OR = 0xfd50;

    /// @dev `v128.xor`: `v128 v128 -> v128`.
    uint16 internal constant V128_XOR = 0xfd51;

    /// @dev `v128.bitselect`: `v128 v128 v128 -> v128`.
    uint16 internal constant V128_BITSELECT = 0xfd52;

    /// @dev `v128.any_true`: `v128 -> i32`.
    uint16 internal constant V128_ANY_TRUE = 0xfd53;

    /// @dev `v128.load8_lane`: `i32 v128 -> v128`.
    uint16 internal constant V128_LOAD8_LANE = 0xfd54;

    /// @dev `v128.load16_lane`: `i32 v128 -> v128`.
    uint16 internal constant V128_LOAD16_LANE = 0xfd55;

    /// @dev `v128.load32_lane`: `i32 v128 -> v128`.
    uint16 internal constant V128_LOAD32_LANE = 0xfd56;

    /// @dev `v128.load64_lane`: `i32 v128 -> v128`.
    uint16 internal constant V128_LOAD64_LANE = 0xfd57;

    /// @dev `v128.store8_lane`: `i32 v128 ->`.
    uint16 internal constant V128_STORE8_LANE = 0xfd58;

    /// @dev `v128.store16_lane`: `i32 v128 ->`.
    uint16 internal constant V128_STORE16_LANE = 0xfd59;

    /// @dev `v128.store32_lane`: `i32 v128 ->`.
    uint16 internal constant V128_STORE32_LANE = 0xfd5a;

    /// @dev `v128.store64_lane`: `i32 v128 ->`.
    uint16 internal constant V128_STORE64_LANE = 0xfd5b;

    /// @dev `v128.load32_zero`: `i32 -> v128`.
    uint16 internal constant V128_LOAD32_ZERO = 0xfd5c;

    /// @dev `v128.load64_zero`: `i32 -> v128`.
    uint16 internal constant V128_LOAD64_ZERO = 0xfd5d;

    /// @dev `f32x4.demote_f64x2_zero`: `v128 -> v128`.
    uint16 internal constant F32X4_DEMOTE_F64X2_ZERO = 0xfd5e;

    /// @dev `f64x2.promote_low_f32x4`: `v128 -> v128`.
    uint16 internal constant F64X2_PROMOTE_LOW_F32X4 = 0xfd5f;

    /// @dev `i8x16.abs`: `v128 -> v128`.
    uint16 internal constant I8X16_ABS = 0xfd60;

    /// @dev `i8x16.neg`: `v128 -> v128`.
    uint16 internal constant I8X16_NEG = 0xfd61;

    /// @dev `i8x16.popcnt`: `v128 -> v128`.
    uint16 internal constant I8X16_POPCNT = 0xfd62;

    /// @dev `i8x16.all_true`: `v128 -> i32`.
    uint16 internal constant I8X16_ALL_TRUE = 0xfd63;

    /// @dev `i8x16.bitmask`: `v128 -> i32`.
    uint16 internal constant I8X16_BITMASK = 0xfd64;

    /// @dev `i8x16.narrow_i16x8_s`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_NARROW_I16X8_S = 0xfd65;

    /// @dev `i8x16.narrow_i16x8_u`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_NARROW_I16X8_U = 0xfd66;

    /// @dev `f32x4.ceil`: `v128 -> v128`.
    uint16 internal constant F32X4_CEIL = 0xfd67;

    /// @dev `f32x4.floor`: `v128 -> v128`.
    uint16 internal constant F32X4_FLOOR = 0xfd68;

    /// @dev `f32x4.trunc`: `v128 -> v128`.
    uint16 internal constant F32X4_TRUNC = 0xfd69;

    /// @dev `f32x4.nearest`: `v128 -> v128`.
    uint16 internal constant F32X4_NEAREST = 0xfd6a;

    /// @dev `i8x16.shl`: `v128 i32 -> v128`.
    uint16 internal constant I8X16_SHL = 0xfd6b;

    /// @dev `i8x16.shr_s`: `v128 i32 -> v128`.
    uint16 internal constant I8X16_SHR_S = 0xfd6c;

    /// @dev `i8x16.shr_u`: `v128 i32 -> v128`.
    uint16 internal constant I8X16_SHR_U = 0xfd6d;

    /// @dev `i8x16.add`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_ADD = 0xfd6e;

    /// @dev `i8x16.add_sat_s`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_ADD_SAT_S = 0xfd6f;

    /// @dev `i8x16.add_sat_u`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_ADD_SAT_U = 0xfd70;

    /// @dev `i8x16.sub`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_SUB = 0xfd71;

    /// @dev `i8x16.sub_sat_s`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_SUB_SAT_S = 0xfd72;

    /// @dev `i8x16.sub_sat_u`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_SUB_SAT_U = 0xfd73;

    /// @dev `f64x2.ceil`: `v128 -> v128`.
    uint16 internal constant F64X2_CEIL = 0xfd74;

    /// @dev `f64x2.floor`: `v128 -> v128`.
    uint16 internal constant F64X2_FLOOR = 0xfd75;

    /// @dev `i8x16.min_s`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_MIN_S = 0xfd76;

    /// @dev `i8x16.min_u`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_MIN_U = 0xfd77;

    /// @dev `i8x16.max_s`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_MAX_S = 0xfd78;

    /// @dev `i8x16.max_u`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_MAX_U = 0xfd79;

    /// @dev `f64x2.trunc`: `v128 -> v128`.
    uint16 internal constant F64X2_TRUNC = 0xfd7a;

    /// @dev `i8x16.avgr_u`: `v128 v128 -> v128`.
    uint16 internal constant I8X16_AVGR_U = 0xfd7b;

    /// @dev `i16x8.extadd_pairwise_i8x16_s`: `v128 -> v128`.
    uint16 internal constant I16X8_EXTADD_PAIRWISE_I8X16_S = 0xfd7c;

    /// @dev `i16x8.extadd_pairwise_i8x16_u`: `v128 -> v128`.
    uint16 internal constant I16X8_EXTADD_PAIRWISE_I8X16_U = 0xfd7d;

    /// @dev `i32x4.extadd_pairwise_i16x8_s`: `v128 -> v128`.
    uint16 internal constant I32X4_EXTADD_PAIRWISE_I16X8_S = 0xfd7e;

    /// @dev `i32x4.extadd_pairwise_i16x8_u`: `v128 -> v128`.
    uint16 internal constant I32X4_EXTADD_PAIRWISE_I16X8_U = 0xfd7f;

    /// @dev `i16x8.abs`: `v128 -> v128`.
    uint16 internal constant I16X8_ABS = 0xfd80;

    /// @dev `i16x8.neg`: `v128 -> v128`.
    uint16 internal constant I16X8_NEG = 0xfd81;

    /// @dev `i16x8.q15mulr_sat_s`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_Q15MULR_SAT_S = 0xfd82;

    /// @dev `i16x8.all_true`: `v128 -> i32`.
    uint16 internal constant I16X8_ALL_TRUE = 0xfd83;

    /// @dev `i16x8.bitmask`: `v128 -> i32`.
    uint16 internal constant I16X8_BITMASK = 0xfd84;

    /// @dev `i16x8.narrow_i32x4_s`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_NARROW_I32X4_S = 0xfd85;

    /// @dev `i16x8.narrow_i32x4_u`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_NARROW_I32X4_U = 0xfd86;

    /// @dev `i16x8.extend_low_i8x16_s`: `v128 -> v128`.
    uint16 internal constant I16X8_EXTEND_LOW_I8X16_S = 0xfd87;

    /// @dev `i16x8.extend_high_i8x16_s`: `v128 -> v128`.
    uint16 internal constant I16X8_EXTEND_HIGH_I8X16_S = 0xfd88;

    /// @dev `i16x8.extend_low_i8x16_u`: `v128 -> v128`.
    uint16 internal constant I16X8_EXTEND_LOW_I8X16_U = 0xfd89;

    /// @dev `i16x8.extend_high_i8x16_u`: `v128 -> v128`.
    uint16 internal constant I16X8_EXTEND_HIGH_I8X16_U = 0xfd8a;

    /// @dev `i16x8.shl`: `v128 i32 -> v128`.
    uint16 internal constant I16X8_SHL = 0xfd8b;

    /// @dev `i16x8.shr_s`: `v128 i32 -> v128`.
    uint16 internal constant I16X8_SHR_S = 0xfd8c;

    /// @dev `i16x8.shr_u`: `v128 i32 -> v128`.
    uint16 internal constant I16X8_SHR_U = 0xfd8d;

    /// @dev `i16x8.add`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_ADD = 0xfd8e;

    /// @dev `i16x8.add_sat_s`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_ADD_SAT_S = 0xfd8f;

    /// @dev `i16x8.add_sat_u`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_ADD_SAT_U = 0xfd90;

    /// @dev `i16x8.sub`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_SUB = 0xfd91;

    /// @dev `i16x8.sub_sat_s`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_SUB_SAT_S = 0xfd92;

    /// @dev `i16x8.sub_sat_u`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_SUB_SAT_U = 0xfd93;

    /// @dev `f64x2.nearest`: `v128 -> v128`.
    uint16 internal constant F64X2_NEAREST = 0xfd94;

    /// @dev `i16x8.mul`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_MUL = 0xfd95;

    /// @dev `i16x8.min_s`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_MIN_S = 0xfd96;

    /// @dev `i16x8.min_u`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_MIN_U = 0xfd97;

    /// @dev `i16x8.max_s`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_MAX_S = 0xfd98;

    /// @dev `i16x8.max_u`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_MAX_U = 0xfd99;

    /// @dev `i16x8.avgr_u`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_AVGR_U = 0xfd9b;

    /// @dev `i16x8.extmul_low_i8x16_s`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_EXTMUL_LOW_I8X16_S = 0xfd9c;

    /// @dev `i16x8.extmul_high_i8x16_s`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_EXTMUL_HIGH_I8X16_S = 0xfd9d;

    /// @dev `i16x8.extmul_low_i8x16_u`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_EXTMUL_LOW_I8X16_U = 0xfd9e;

    /// @dev `i16x8.extmul_high_i8x16_u`: `v128 v128 -> v128`.
    uint16 internal constant I16X8_EXTMUL_HIGH_I8X16_U = 0xfd9f;

    /// @dev `i32x4.abs`: `v128 -> v128`.
    uint16 internal constant I32X4_ABS = 0xfda0;

    /// @dev `i32x4.neg`: `v128 -> v128`.
    uint16 internal constant I32X4_NEG = 0xfda1;

    /// @dev `i32x4.all_true`: `v128 -> i32`.
    uint16 internal constant I32X4_ALL_TRUE = 0xfda3;

    /// @dev `i32x4.bitmask`: `v128 -> i32`.
    uint16 internal constant I32X4_BITMASK = 0xfda4;

    /// @dev `i32x4.extend_low_i16x8_s`: `v128 -> v128`.
    uint16 internal constant I32X4_EXTEND_LOW_I16X8_S = 0xfda7;

    /// @dev `i32x4.extend_high_i16x8_s`: `v128 -> v128`.
    uint16 internal constant I32X4_EXTEND_HIGH_I16X8_S = 0xfda8;

    /// @dev `i32x4.extend_low_i16x8_u`: `v128 -> v128`.
    uint16 internal constant I32X4_EXTEND_LOW_I16X8_U = 0xfda9;

    /// @dev `i32x4.extend_high_i16x8_u`: `v128 -> v128`.
    uint16 internal constant I32X4_EXTEND_HIGH_I16X8_U = 0xfdaa;

    /// @dev `i32x4.shl`: `v128 i32 -> v128`.
    uint16 internal constant I32X4_SHL = 0xfdab;

    /// @dev `i32x4.shr_s`: `v128 i32 -> v128`.
    uint16 internal constant I32X4_SHR_S = 0xfdac;

    /// @dev `i32x4.shr_u`: `v128 i32 -> v128`.
    uint16 internal constant I32X4_SHR_U = 0xfdad;

    /// @dev `i32x4.add`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_ADD = 0xfdae;

    /// @dev `i32x4.sub`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_SUB = 0xfdb1;

    /// @dev `i32x4.mul`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_MUL = 0xfdb5;

    /// @dev `i32x4.min_s`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_MIN_S = 0xfdb6;

    /// @dev `i32x4.min_u`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_MIN_U = 0xfdb7;

    /// @dev `i32x4.max_s`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_MAX_S = 0xfdb8;

    /// @dev `i32x4.max_u`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_MAX_U = 0xfdb9;

    /// @dev `i32x4.dot_i16x8_s`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_DOT_I16X8_S = 0xfdba;

    /// @dev `i32x4.extmul_low_i16x8_s`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_EXTMUL_LOW_I16X8_S = 0xfdbc;

    /// @dev `i32x4.extmul_high_i16x8_s`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_EXTMUL_HIGH_I16X8_S = 0xfdbd;

    /// @dev `i32x4.extmul_low_i16x8_u`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_EXTMUL_LOW_I16X8_U = 0xfdbe;

    /// @dev `i32x4.extmul_high_i16x8_u`: `v128 v128 -> v128`.
    uint16 internal constant I32X4_EXTMUL_HIGH_I16X8_U = 0xfdbf;

    /// @dev `i64x2.abs`: `v128 -> v128`.
    uint16 internal constant I64X2_ABS = 0xfdc0;

    /// @dev `i64x2.neg`: `v128 -> v128`.
    uint16 internal constant I64X2_NEG = 0xfdc1;

    /// @dev `i64x2.all_true`: `v128 -> i32`.
    uint16 internal constant I64X2_ALL_TRUE = 0xfdc3;

    /// @dev `i64x2.bitmask`: `v128 -> i32`.
    uint16 internal constant I64X2_BITMASK = 0xfdc4;

    /// @dev `i64x2.extend_low_i32x4_s`: `v128 -> v128`.
    uint16 internal constant I64X2_EXTEND_LOW_I32X4_S = 0xfdc7;

    /// @dev `i64x2.extend_high_i32x4_s`: `v128 -> v128`.
    uint16 internal constant I64X2_EXTEND_HIGH_I32X4_S = 0xfdc8;

    /// @dev `i64x2.extend_low_i32x4_u`: `v128 -> v128`.
    uint16 internal constant I64X2_EXTEND_LOW_I32X4_U = 0xfdc9;

    /// @dev `i64x2.extend_high_i32x4_u`: `v128 -> v128`.
    uint16 internal constant I64X2_EXTEND_HIGH_I32X4_U = 0xfdca;

    /// @dev `i64x2.shl`: `v128 i32 -> v128`.
    uint16 internal constant I64X2_SHL = 0xfdcb;

    /// @dev `i64x2.shr_s`: `v128 i32 -> v128`.
    uint16 internal constant I64X2_SHR_S = 0xfdcc;

    /// @dev `i64x2.shr_u`: `v128 i32 -> v128`.
    uint16 internal constant I64X2_SHR_U = 0xfdcd;

    /// @dev `i64x2.add`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_ADD = 0xfdce;

    /// @dev `i64x2.sub`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_SUB = 0xfdd1;

    /// @dev `i64x2.mul`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_MUL = 0xfdd5;

    /// @dev `i64x2.eq`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_EQ = 0xfdd6;

    /// @dev `i64x2.ne`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_NE = 0xfdd7;

    /// @dev `i64x2.lt_s`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_LT_S = 0xfdd8;

    /// @dev `i64x2.gt_s`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_GT_S = 0xfdd9;

    /// @dev `i64x2.le_s`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_LE_S = 0xfdda;

    /// @dev `i64x2.ge_s`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_GE_S = 0xfddb;

    /// @dev `i64x2.extmul_low_i32x4_s`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_EXTMUL_LOW_I32X4_S = 0xfddc;

    /// @dev `i64x2.extmul_high_i32x4_s`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_EXTMUL_HIGH_I32X4_S = 0xfddd;

    /// @dev `i64x2.extmul_low_i32x4_u`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_EXTMUL_LOW_I32X4_U = 0xfdde;

    /// @dev `i64x2.extmul_high_i32x4_u`: `v128 v128 -> v128`.
    uint16 internal constant I64X2_EXTMUL_HIGH_I32X4_U = 0xfddf;

    /// @dev `f32x4.abs`: `v128 -> v128`.
    uint16 internal constant F32X4_ABS = 0xfde0;

    /// @dev `f32x4.neg`: `v128 -> v128`.
    uint16 internal constant F32X4_NEG = 0xfde1;

    /// @dev `f32x4.sqrt`: `v128 -> v128`.
    uint16 internal constant F32X4_SQRT = 0xfde3;

    /// @dev `f32x4.add`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_ADD = 0xfde4;

    /// @dev `f32x4.sub`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_SUB = 0xfde5;

    /// @dev `f32x4.mul`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_MUL = 0xfde6;

    /// @dev `f32x4.div`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_DIV = 0xfde7;

    /// @dev `f32x4.min`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_MIN = 0xfde8;

    /// @dev `f32x4.max`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_MAX = 0xfde9;

    /// @dev `f32x4.pmin`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_PMIN = 0xfdea;

    /// @dev `f32x4.pmax`: `v128 v128 -> v128`.
    uint16 internal constant F32X4_PMAX = 0xfdeb;

    /// @dev `f64x2.abs`: `v128 -> v128`.
    uint16 internal constant F64X2_ABS = 0xfdec;

    /// @dev `f64x2.neg`: `v128 -> v128`.
    uint16 internal constant F64X2_NEG = 0xfded;

    /// @dev `f64x2.sqrt`: `v128 -> v128`.
    uint16 internal constant F64X2_SQRT = 0xfdef;

    /// @dev `f64x2.add`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_ADD = 0xfdf0;

    /// @dev `f64x2.sub`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_SUB = 0xfdf1;

    /// @dev `f64x2.mul`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_MUL = 0xfdf2;

    /// @dev `f64x2.div`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_DIV = 0xfdf3;

    /// @dev `f64x2.min`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_MIN = 0xfdf4;

    /// @dev `f64x2.max`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_MAX = 0xfdf5;

    /// @dev `f64x2.pmin`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_PMIN = 0xfdf6;

    /// @dev `f64x2.pmax`: `v128 v128 -> v128`.
    uint16 internal constant F64X2_PMAX = 0xfdf7;

    /// @dev `i32x4.trunc_sat_f32x4_s`: `v128 -> v128`.
    uint16 internal constant I32X4_TRUNC_SAT_F32X4_S = 0xfdf8;

    /// @dev `i32x4.trunc_sat_f32x4_u`: `v128 -> v128`.
    uint16 internal constant I32X4_TRUNC_SAT_F32X4_U = 0xfdf9;

    /// @dev `f32x4.convert_i32x4_s`: `v128 -> v128`.
    uint16 internal constant F32X4_CONVERT_I32X4_S = 0xfdfa;

    /// @dev `f32x4.convert_i32x4_u`: `v128 -> v128`.
    uint16 internal constant F32X4_CONVERT_I32X4_U = 0xfdfb;

    /// @dev `i32x4.trunc_sat_f64x2_s_zero`: `v128 -> v128`.
    uint16 internal constant I32X4_TRUNC_SAT_F64X2_S_ZERO = 0xfdfc;

    /// @dev `i32x4.trunc_sat_f64x2_u_zero`: `v128 -> v128`.
    uint16 internal constant I32X4_TRUNC_SAT_F64X2_U_ZERO = 0xfdfd;

    /// @dev `f64x2.convert_low_i32x4_s`: `v128 -> v128`.
    uint16 internal constant F64X2_CONVERT_LOW_I32X4_S = 0xfdfe;

    /// @dev `f64x2.convert_low_i32x4_u`: `v128 -> v128`.
    uint16 internal constant F64X2_CONVERT_LOW_I32X4_U = 0xfdff;

    /// @dev What is known of the opcodes 0x00xx: a byte each, 32 a line. The lower half is the number of the
    /// family, the upper half how many operands the instruction pops.
    bytes private constant PAGE_00 = hex""
        hex"0100000000000000000000000000000101110000000000000000123200000000"
        hex"0212120212000000161616161616161616161616161626262626262626262606"
        hex"1602020202132323232323232323232313232323232323232323232424242424"
        hex"2424242424242413131323232323232323232323232323232313131323232323"
        hex"2323232323232323232323141414141414142424242424242414141414141414"
        hex"2424242424242415151515151515151515151515151515151515151515151515"
        hex"1313131313000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000";

    /// @dev What is known of the opcodes 0xe0xx: a byte each, 32 a line. The lower half is the number of the
    /// family, the upper half how many operands the instruction pops.
    bytes private constant PAGE_E0 = hex""
        hex"0111111100000000000000000000000001020000000000000000000000000000"
        hex"111100000000000000000000000000001e3e3e0f0f0000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000";

    /// @dev What is known of the opcodes 0xfcxx: a byte each, 32 a line. The lower half is the number of the
    /// family, the upper half how many operands the instruction pops.
    bytes private constant PAGE_FC = hex""
        hex"1515151515151515470037370000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000000000000000000000000000000000000";

    /// @dev What is known of the opcodes 0xfdxx: a byte each, 32 a line. The lower half is the number of the
    /// family, the upper half how many operands the instruction pops.
    bytes private constant PAGE_FD = hex""
        hex"1818181818181818181818280229291919191919191919291919291929192919"
        hex"2919292a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a"
        hex"2a2c2c2c2c2c2c2c2c2c2c2c2c1a2a2a2a2a3a1a282828282828282818181d1d"
        hex"1b1b1b1a1a2b2b1c1c1c1c2b2b2b2b2b2b2b2b2b1c1c2b2b2b2b1c2b1b1b1b1b"
        hex"1b1b2b1a1a2b2b1b1b1b1b2b2b2b2b2b2b2b2b2b1c2b2b2b2b2b002b2b2b2b2b"
        hex"1b1b001a1a00001b1b1b1b2b2b2b2b00002b0000002b2b2b2b2b2b002b2b2b2b"
        hex"1b1b001a1a00001b1b1b1b2b2b2b2b00002b0000002b2a2a2a2a2a2a2b2b2b2b"
        hex"1c1c001c2c2c2c2c2c2c2c2c1c1c001c2c2c2c2c2c2c2c2c1d1d1d1d1d1d1d1d";

    /// @notice Family of an opcode.
    /// @param _opcode Any 16 bits.
    /// @return family_ The family, or `None` if no instruction has the opcode.
    function family(uint16 _opcode) internal pure returns (Family family_) {
        return Family(_shape(_opcode) & 0x0f);
    }

    /// @notice Number of values that an instruction pops by its signature.
    /// @param _opcode Any 16 bits.
    /// @return count_ The number; 0 if the stack does not tell, or no instruction has the opcode.
    function operands(uint16 _opcode) internal pure returns (uint256 count_) {
        return _shape(_opcode) >> 4;
    }

    function _shape(uint16 _opcode) private pure returns (uint256 shape_) {
        uint256 prefix = _opcode >> 8;
        uint256 index = _opcode & 0xff;
        if (prefix == 0x00) return uint8(PAGE_00[index]);
        if (prefix == 0xe0) return uint8(PAGE_E0[index]);
        if (prefix == 0xfc) return uint8(PAGE_FC[index]);
        if (prefix == 0xfd) return uint8(PAGE_FD[index]);
        return 0;
    }
}
