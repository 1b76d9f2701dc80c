//! Opcodes of the machine, one constant each. Generated from `isa.txt` by `cargo xtask codegen`.

/// `unreachable`. The run fails.
pub const UNREACHABLE: u16 = 0x0000;
/// `return`. Gives back `b` stack slots, pops the frame and goes to its return pc.
pub const RETURN: u16 = 0x000f;
/// `call`. Pushes a frame that returns to the next word and goes to `b`.
pub const CALL: u16 = 0x0010;
/// `call_indirect`: `i32 ->`. Pops an index and calls that entry of a table: the table has the `c` mod 2^32 entries from `c` / 2^32 on. Checks bound, then null, then type `b`.
pub const CALL_INDIRECT: u16 = 0x0011;
/// `drop`: `any ->`.
pub const DROP: u16 = 0x001a;
/// `select`: `any any i32 -> any`. The first operand if the third is not zero, else the second.
pub const SELECT: u16 = 0x001b;
/// `local.get`: `-> any`. Pushes local `b`.
pub const LOCAL_GET: u16 = 0x0020;
/// `local.set`: `any ->`. Pops into local `b`.
pub const LOCAL_SET: u16 = 0x0021;
/// `local.tee`: `any -> any`. Copies the top operand to local `b`.
pub const LOCAL_TEE: u16 = 0x0022;
/// `global.get`: `-> any`. Pushes global `b`.
pub const GLOBAL_GET: u16 = 0x0023;
/// `global.set`: `any ->`. Pops into global `b`.
pub const GLOBAL_SET: u16 = 0x0024;
/// `i32.load`: `i32 -> i32`.
pub const I32_LOAD: u16 = 0x0028;
/// `i64.load`: `i32 -> i64`.
pub const I64_LOAD: u16 = 0x0029;
/// `f32.load`: `i32 -> f32`.
pub const F32_LOAD: u16 = 0x002a;
/// `f64.load`: `i32 -> f64`.
pub const F64_LOAD: u16 = 0x002b;
/// `i32.load8_s`: `i32 -> i32`.
pub const I32_LOAD8_S: u16 = 0x002c;
/// `i32.load8_u`: `i32 -> i32`.
pub const I32_LOAD8_U: u16 = 0x002d;
/// `i32.load16_s`: `i32 -> i32`.
pub const I32_LOAD16_S: u16 = 0x002e;
/// `i32.load16_u`: `i32 -> i32`.
pub const I32_LOAD16_U: u16 = 0x002f;
/// `i64.load8_s`: `i32 -> i64`.
pub const I64_LOAD8_S: u16 = 0x0030;
/// `i64.load8_u`: `i32 -> i64`.
pub const I64_LOAD8_U: u16 = 0x0031;
/// `i64.load16_s`: `i32 -> i64`.
pub const I64_LOAD16_S: u16 = 0x0032;
/// `i64.load16_u`: `i32 -> i64`.
pub const I64_LOAD16_U: u16 = 0x0033;
/// `i64.load32_s`: `i32 -> i64`.
pub const I64_LOAD32_S: u16 = 0x0034;
/// `i64.load32_u`: `i32 -> i64`.
pub const I64_LOAD32_U: u16 = 0x0035;
/// `i32.store`: `i32 i32 ->`.
pub const I32_STORE: u16 = 0x0036;
/// `i64.store`: `i32 i64 ->`.
pub const I64_STORE: u16 = 0x0037;
/// `f32.store`: `i32 f32 ->`.
pub const F32_STORE: u16 = 0x0038;
/// `f64.store`: `i32 f64 ->`.
pub const F64_STORE: u16 = 0x0039;
/// `i32.store8`: `i32 i32 ->`.
pub const I32_STORE8: u16 = 0x003a;
/// `i32.store16`: `i32 i32 ->`.
pub const I32_STORE16: u16 = 0x003b;
/// `i64.store8`: `i32 i64 ->`.
pub const I64_STORE8: u16 = 0x003c;
/// `i64.store16`: `i32 i64 ->`.
pub const I64_STORE16: u16 = 0x003d;
/// `i64.store32`: `i32 i64 ->`.
pub const I64_STORE32: u16 = 0x003e;
/// `memory.size`: `-> i32`.
pub const MEMORY_SIZE: u16 = 0x003f;
/// `memory.grow`: `i32 -> i32`.
pub const MEMORY_GROW: u16 = 0x0040;
/// `i32.const`: `-> i32`.
pub const I32_CONST: u16 = 0x0041;
/// `i64.const`: `-> i64`.
pub const I64_CONST: u16 = 0x0042;
/// `f32.const`: `-> f32`.
pub const F32_CONST: u16 = 0x0043;
/// `f64.const`: `-> f64`.
pub const F64_CONST: u16 = 0x0044;
/// `i32.eqz`: `i32 -> i32`.
pub const I32_EQZ: u16 = 0x0045;
/// `i32.eq`: `i32 i32 -> i32`.
pub const I32_EQ: u16 = 0x0046;
/// `i32.ne`: `i32 i32 -> i32`.
pub const I32_NE: u16 = 0x0047;
/// `i32.lt_s`: `i32 i32 -> i32`.
pub const I32_LT_S: u16 = 0x0048;
/// `i32.lt_u`: `i32 i32 -> i32`.
pub const I32_LT_U: u16 = 0x0049;
/// `i32.gt_s`: `i32 i32 -> i32`.
pub const I32_GT_S: u16 = 0x004a;
/// `i32.gt_u`: `i32 i32 -> i32`.
pub const I32_GT_U: u16 = 0x004b;
/// `i32.le_s`: `i32 i32 -> i32`.
pub const I32_LE_S: u16 = 0x004c;
/// `i32.le_u`: `i32 i32 -> i32`.
pub const I32_LE_U: u16 = 0x004d;
/// `i32.ge_s`: `i32 i32 -> i32`.
pub const I32_GE_S: u16 = 0x004e;
/// `i32.ge_u`: `i32 i32 -> i32`.
pub const I32_GE_U: u16 = 0x004f;
/// `i64.eqz`: `i64 -> i32`.
pub const I64_EQZ: u16 = 0x0050;
/// `i64.eq`: `i64 i64 -> i32`.
pub const I64_EQ: u16 = 0x0051;
/// `i64.ne`: `i64 i64 -> i32`.
pub const I64_NE: u16 = 0x0052;
/// `i64.lt_s`: `i64 i64 -> i32`.
pub const I64_LT_S: u16 = 0x0053;
/// `i64.lt_u`: `i64 i64 -> i32`.
pub const I64_LT_U: u16 = 0x0054;
/// `i64.gt_s`: `i64 i64 -> i32`.
pub const I64_GT_S: u16 = 0x0055;
/// `i64.gt_u`: `i64 i64 -> i32`.
pub const I64_GT_U: u16 = 0x0056;
/// `i64.le_s`: `i64 i64 -> i32`.
pub const I64_LE_S: u16 = 0x0057;
/// `i64.le_u`: `i64 i64 -> i32`.
pub const I64_LE_U: u16 = 0x0058;
/// `i64.ge_s`: `i64 i64 -> i32`.
pub const I64_GE_S: u16 = 0x0059;
/// `i64.ge_u`: `i64 i64 -> i32`.
pub const I64_GE_U: u16 = 0x005a;
/// `f32.eq`: `f32 f32 -> i32`.
pub const F32_EQ: u16 = 0x005b;
/// `f32.ne`: `f32 f32 -> i32`.
pub const F32_NE: u16 = 0x005c;
/// `f32.lt`: `f32 f32 -> i32`.
pub const F32_LT: u16 = 0x005d;
/// `f32.gt`: `f32 f32 -> i32`.
pub const F32_GT: u16 = 0x005e;
/// `f32.le`: `f32 f32 -> i32`.
pub const F32_LE: u16 = 0x005f;
/// `f32.ge`: `f32 f32 -> i32`.
pub const F32_GE: u16 = 0x0060;
/// `f64.eq`: `f64 f64 -> i32`.
pub const F64_EQ: u16 = 0x0061;
/// `f64.ne`: `f64 f64 -> i32`.
pub const F64_NE: u16 = 0x0062;
/// `f64.lt`: `f64 f64 -> i32`.
pub const F64_LT: u16 = 0x0063;
/// `f64.gt`: `f64 f64 -> i32`.
pub const F64_GT: u16 = 0x0064;
/// `f64.le`: `f64 f64 -> i32`.
pub const F64_LE: u16 = 0x0065;
/// `f64.ge`: `f64 f64 -> i32`.
pub const F64_GE: u16 = 0x0066;
/// `i32.clz`: `i32 -> i32`.
pub const I32_CLZ: u16 = 0x0067;
/// `i32.ctz`: `i32 -> i32`.
pub const I32_CTZ: u16 = 0x0068;
/// `i32.popcnt`: `i32 -> i32`.
pub const I32_POPCNT: u16 = 0x0069;
/// `i32.add`: `i32 i32 -> i32`.
pub const I32_ADD: u16 = 0x006a;
/// `i32.sub`: `i32 i32 -> i32`.
pub const I32_SUB: u16 = 0x006b;
/// `i32.mul`: `i32 i32 -> i32`.
pub const I32_MUL: u16 = 0x006c;
/// `i32.div_s`: `i32 i32 -> i32`.
pub const I32_DIV_S: u16 = 0x006d;
/// `i32.div_u`: `i32 i32 -> i32`.
pub const I32_DIV_U: u16 = 0x006e;
/// `i32.rem_s`: `i32 i32 -> i32`.
pub const I32_REM_S: u16 = 0x006f;
/// `i32.rem_u`: `i32 i32 -> i32`.
pub const I32_REM_U: u16 = 0x0070;
/// `i32.and`: `i32 i32 -> i32`.
pub const I32_AND: u16 = 0x0071;
/// `i32.or`: `i32 i32 -> i32`.
pub const I32_OR: u16 = 0x0072;
/// `i32.xor`: `i32 i32 -> i32`.
pub const I32_XOR: u16 = 0x0073;
/// `i32.shl`: `i32 i32 -> i32`.
pub const I32_SHL: u16 = 0x0074;
/// `i32.shr_s`: `i32 i32 -> i32`.
pub const I32_SHR_S: u16 = 0x0075;
/// `i32.shr_u`: `i32 i32 -> i32`.
pub const I32_SHR_U: u16 = 0x0076;
/// `i32.rotl`: `i32 i32 -> i32`.
pub const I32_ROTL: u16 = 0x0077;
/// `i32.rotr`: `i32 i32 -> i32`.
pub const I32_ROTR: u16 = 0x0078;
/// `i64.clz`: `i64 -> i64`.
pub const I64_CLZ: u16 = 0x0079;
/// `i64.ctz`: `i64 -> i64`.
pub const I64_CTZ: u16 = 0x007a;
/// `i64.popcnt`: `i64 -> i64`.
pub const I64_POPCNT: u16 = 0x007b;
/// `i64.add`: `i64 i64 -> i64`.
pub const I64_ADD: u16 = 0x007c;
/// `i64.sub`: `i64 i64 -> i64`.
pub const I64_SUB: u16 = 0x007d;
/// `i64.mul`: `i64 i64 -> i64`.
pub const I64_MUL: u16 = 0x007e;
/// `i64.div_s`: `i64 i64 -> i64`.
pub const I64_DIV_S: u16 = 0x007f;
/// `i64.div_u`: `i64 i64 -> i64`.
pub const I64_DIV_U: u16 = 0x0080;
/// `i64.rem_s`: `i64 i64 -> i64`.
pub const I64_REM_S: u16 = 0x0081;
/// `i64.rem_u`: `i64 i64 -> i64`.
pub const I64_REM_U: u16 = 0x0082;
/// `i64.and`: `i64 i64 -> i64`.
pub const I64_AND: u16 = 0x0083;
/// `i64.or`: `i64 i64 -> i64`.
pub const I64_OR: u16 = 0x0084;
/// `i64.xor`: `i64 i64 -> i64`.
pub const I64_XOR: u16 = 0x0085;
/// `i64.shl`: `i64 i64 -> i64`.
pub const I64_SHL: u16 = 0x0086;
/// `i64.shr_s`: `i64 i64 -> i64`.
pub const I64_SHR_S: u16 = 0x0087;
/// `i64.shr_u`: `i64 i64 -> i64`.
pub const I64_SHR_U: u16 = 0x0088;
/// `i64.rotl`: `i64 i64 -> i64`.
pub const I64_ROTL: u16 = 0x0089;
/// `i64.rotr`: `i64 i64 -> i64`.
pub const I64_ROTR: u16 = 0x008a;
/// `f32.abs`: `f32 -> f32`.
pub const F32_ABS: u16 = 0x008b;
/// `f32.neg`: `f32 -> f32`.
pub const F32_NEG: u16 = 0x008c;
/// `f32.ceil`: `f32 -> f32`.
pub const F32_CEIL: u16 = 0x008d;
/// `f32.floor`: `f32 -> f32`.
pub const F32_FLOOR: u16 = 0x008e;
/// `f32.trunc`: `f32 -> f32`.
pub const F32_TRUNC: u16 = 0x008f;
/// `f32.nearest`: `f32 -> f32`.
pub const F32_NEAREST: u16 = 0x0090;
/// `f32.sqrt`: `f32 -> f32`.
pub const F32_SQRT: u16 = 0x0091;
/// `f32.add`: `f32 f32 -> f32`.
pub const F32_ADD: u16 = 0x0092;
/// `f32.sub`: `f32 f32 -> f32`.
pub const F32_SUB: u16 = 0x0093;
/// `f32.mul`: `f32 f32 -> f32`.
pub const F32_MUL: u16 = 0x0094;
/// `f32.div`: `f32 f32 -> f32`.
pub const F32_DIV: u16 = 0x0095;
/// `f32.min`: `f32 f32 -> f32`.
pub const F32_MIN: u16 = 0x0096;
/// `f32.max`: `f32 f32 -> f32`.
pub const F32_MAX: u16 = 0x0097;
/// `f32.copysign`: `f32 f32 -> f32`.
pub const F32_COPYSIGN: u16 = 0x0098;
/// `f64.abs`: `f64 -> f64`.
pub const F64_ABS: u16 = 0x0099;
/// `f64.neg`: `f64 -> f64`.
pub const F64_NEG: u16 = 0x009a;
/// `f64.ceil`: `f64 -> f64`.
pub const F64_CEIL: u16 = 0x009b;
/// `f64.floor`: `f64 -> f64`.
pub const F64_FLOOR: u16 = 0x009c;
/// `f64.trunc`: `f64 -> f64`.
pub const F64_TRUNC: u16 = 0x009d;
/// `f64.nearest`: `f64 -> f64`.
pub const F64_NEAREST: u16 = 0x009e;
/// `f64.sqrt`: `f64 -> f64`.
pub const F64_SQRT: u16 = 0x009f;
/// `f64.add`: `f64 f64 -> f64`.
pub const F64_ADD: u16 = 0x00a0;
/// `f64.sub`: `f64 f64 -> f64`.
pub const F64_SUB: u16 = 0x00a1;
/// `f64.mul`: `f64 f64 -> f64`.
pub const F64_MUL: u16 = 0x00a2;
/// `f64.div`: `f64 f64 -> f64`.
pub const F64_DIV: u16 = 0x00a3;
/// `f64.min`: `f64 f64 -> f64`.
pub const F64_MIN: u16 = 0x00a4;
/// `f64.max`: `f64 f64 -> f64`.
pub const F64_MAX: u16 = 0x00a5;
/// `f64.copysign`: `f64 f64 -> f64`.
pub const F64_COPYSIGN: u16 = 0x00a6;
/// `i32.wrap_i64`: `i64 -> i32`.
pub const I32_WRAP_I64: u16 = 0x00a7;
/// `i32.trunc_f32_s`: `f32 -> i32`.
pub const I32_TRUNC_F32_S: u16 = 0x00a8;
/// `i32.trunc_f32_u`: `f32 -> i32`.
pub const I32_TRUNC_F32_U: u16 = 0x00a9;
/// `i32.trunc_f64_s`: `f64 -> i32`.
pub const I32_TRUNC_F64_S: u16 = 0x00aa;
/// `i32.trunc_f64_u`: `f64 -> i32`.
pub const I32_TRUNC_F64_U: u16 = 0x00ab;
/// `i64.extend_i32_s`: `i32 -> i64`.
pub const I64_EXTEND_I32_S: u16 = 0x00ac;
/// `i64.extend_i32_u`: `i32 -> i64`.
pub const I64_EXTEND_I32_U: u16 = 0x00ad;
/// `i64.trunc_f32_s`: `f32 -> i64`.
pub const I64_TRUNC_F32_S: u16 = 0x00ae;
/// `i64.trunc_f32_u`: `f32 -> i64`.
pub const I64_TRUNC_F32_U: u16 = 0x00af;
/// `i64.trunc_f64_s`: `f64 -> i64`.
pub const I64_TRUNC_F64_S: u16 = 0x00b0;
/// `i64.trunc_f64_u`: `f64 -> i64`.
pub const I64_TRUNC_F64_U: u16 = 0x00b1;
/// `f32.convert_i32_s`: `i32 -> f32`.
pub const F32_CONVERT_I32_S: u16 = 0x00b2;
/// `f32.convert_i32_u`: `i32 -> f32`.
pub const F32_CONVERT_I32_U: u16 = 0x00b3;
/// `f32.convert_i64_s`: `i64 -> f32`.
pub const F32_CONVERT_I64_S: u16 = 0x00b4;
/// `f32.convert_i64_u`: `i64 -> f32`.
pub const F32_CONVERT_I64_U: u16 = 0x00b5;
/// `f32.demote_f64`: `f64 -> f32`.
pub const F32_DEMOTE_F64: u16 = 0x00b6;
/// `f64.convert_i32_s`: `i32 -> f64`.
pub const F64_CONVERT_I32_S: u16 = 0x00b7;
/// `f64.convert_i32_u`: `i32 -> f64`.
pub const F64_CONVERT_I32_U: u16 = 0x00b8;
/// `f64.convert_i64_s`: `i64 -> f64`.
pub const F64_CONVERT_I64_S: u16 = 0x00b9;
/// `f64.convert_i64_u`: `i64 -> f64`.
pub const F64_CONVERT_I64_U: u16 = 0x00ba;
/// `f64.promote_f32`: `f32 -> f64`.
pub const F64_PROMOTE_F32: u16 = 0x00bb;
/// `i32.reinterpret_f32`: `f32 -> i32`.
pub const I32_REINTERPRET_F32: u16 = 0x00bc;
/// `i64.reinterpret_f64`: `f64 -> i64`.
pub const I64_REINTERPRET_F64: u16 = 0x00bd;
/// `f32.reinterpret_i32`: `i32 -> f32`.
pub const F32_REINTERPRET_I32: u16 = 0x00be;
/// `f64.reinterpret_i64`: `i64 -> f64`.
pub const F64_REINTERPRET_I64: u16 = 0x00bf;
/// `i32.extend8_s`: `i32 -> i32`.
pub const I32_EXTEND8_S: u16 = 0x00c0;
/// `i32.extend16_s`: `i32 -> i32`.
pub const I32_EXTEND16_S: u16 = 0x00c1;
/// `i64.extend8_s`: `i64 -> i64`.
pub const I64_EXTEND8_S: u16 = 0x00c2;
/// `i64.extend16_s`: `i64 -> i64`.
pub const I64_EXTEND16_S: u16 = 0x00c3;
/// `i64.extend32_s`: `i64 -> i64`.
pub const I64_EXTEND32_S: u16 = 0x00c4;
/// `jump`: `->`. Goes to `b`.
pub const JUMP: u16 = 0xe000;
/// `jump_if_zero`: `i32 ->`. Goes to `b` if the operand is zero.
pub const JUMP_IF_ZERO: u16 = 0xe001;
/// `jump_if_nonzero`: `i32 ->`. Goes to `b` if the operand is not zero.
pub const JUMP_IF_NONZERO: u16 = 0xe002;
/// `jump_table`: `i32 ->`. Goes to the next word plus the smaller of the unsigned operand and `b` - 1; `b` jumps follow.
pub const JUMP_TABLE: u16 = 0xe003;
/// `enter`: `->`. First word of a function: takes `b` stack slots, or fails the run. The function has `c` locals.
pub const ENTER: u16 = 0xe010;
/// `local.take`: `-> any`. Pushes local `b` and sets it to zero.
pub const LOCAL_TAKE: u16 = 0xe011;
/// `end_load`: `i32 ->`. 0 goes on under the fuel of `infer`; another status finishes the run.
pub const END_LOAD: u16 = 0xe020;
/// `end_infer`: `i32 ->`. Finishes the run with the status.
pub const END_INFER: u16 = 0xe021;
/// `blob_len`: `i32 -> i64`. Length of a blob in bytes.
pub const BLOB_LEN: u16 = 0xe030;
/// `blob_page`: `i32 i32 i32 ->`. Blob, page, destination: copies 4 KiB, zeros past the end.
pub const BLOB_PAGE: u16 = 0xe031;
/// `output`: `i32 i32 i32 ->`. Pointer, length, pointer to the root: sets the output root.
pub const OUTPUT: u16 = 0xe032;
/// `preimage`. For guests that read preimages; fails today.
pub const PREIMAGE: u16 = 0xe033;
/// `precompile`. For guests that call EVM precompiles; fails today.
pub const PRECOMPILE: u16 = 0xe034;
/// `i32.trunc_sat_f32_s`: `f32 -> i32`.
pub const I32_TRUNC_SAT_F32_S: u16 = 0xfc00;
/// `i32.trunc_sat_f32_u`: `f32 -> i32`.
pub const I32_TRUNC_SAT_F32_U: u16 = 0xfc01;
/// `i32.trunc_sat_f64_s`: `f64 -> i32`.
pub const I32_TRUNC_SAT_F64_S: u16 = 0xfc02;
/// `i32.trunc_sat_f64_u`: `f64 -> i32`.
pub const I32_TRUNC_SAT_F64_U: u16 = 0xfc03;
/// `i64.trunc_sat_f32_s`: `f32 -> i64`.
pub const I64_TRUNC_SAT_F32_S: u16 = 0xfc04;
/// `i64.trunc_sat_f32_u`: `f32 -> i64`.
pub const I64_TRUNC_SAT_F32_U: u16 = 0xfc05;
/// `i64.trunc_sat_f64_s`: `f64 -> i64`.
pub const I64_TRUNC_SAT_F64_S: u16 = 0xfc06;
/// `i64.trunc_sat_f64_u`: `f64 -> i64`.
pub const I64_TRUNC_SAT_F64_U: u16 = 0xfc07;
/// `memory.init`: `i32 i32 i32 i32 ->`. Destination, source, length, length left of the segment, which begins at byte `c` of the passive data. A step moves 4 bytes at most.
pub const MEMORY_INIT: u16 = 0xfc08;
/// `memory.copy`: `i32 i32 i32 ->`. Destination, source, length. A step moves 4 bytes at most.
pub const MEMORY_COPY: u16 = 0xfc0a;
/// `memory.fill`: `i32 i32 i32 ->`. Destination, byte, length. A step sets 4 bytes at most.
pub const MEMORY_FILL: u16 = 0xfc0b;
/// `v128.load`: `i32 -> v128`.
pub const V128_LOAD: u16 = 0xfd00;
/// `v128.load8x8_s`: `i32 -> v128`.
pub const V128_LOAD8X8_S: u16 = 0xfd01;
/// `v128.load8x8_u`: `i32 -> v128`.
pub const V128_LOAD8X8_U: u16 = 0xfd02;
/// `v128.load16x4_s`: `i32 -> v128`.
pub const V128_LOAD16X4_S: u16 = 0xfd03;
/// `v128.load16x4_u`: `i32 -> v128`.
pub const V128_LOAD16X4_U: u16 = 0xfd04;
/// `v128.load32x2_s`: `i32 -> v128`.
pub const V128_LOAD32X2_S: u16 = 0xfd05;
/// `v128.load32x2_u`: `i32 -> v128`.
pub const V128_LOAD32X2_U: u16 = 0xfd06;
/// `v128.load8_splat`: `i32 -> v128`.
pub const V128_LOAD8_SPLAT: u16 = 0xfd07;
/// `v128.load16_splat`: `i32 -> v128`.
pub const V128_LOAD16_SPLAT: u16 = 0xfd08;
/// `v128.load32_splat`: `i32 -> v128`.
pub const V128_LOAD32_SPLAT: u16 = 0xfd09;
/// `v128.load64_splat`: `i32 -> v128`.
pub const V128_LOAD64_SPLAT: u16 = 0xfd0a;
/// `v128.store`: `i32 v128 ->`.
pub const V128_STORE: u16 = 0xfd0b;
/// `v128.const`: `-> v128`.
pub const V128_CONST: u16 = 0xfd0c;
/// `i8x16.shuffle`: `v128 v128 -> v128`.
pub const I8X16_SHUFFLE: u16 = 0xfd0d;
/// `i8x16.swizzle`: `v128 v128 -> v128`.
pub const I8X16_SWIZZLE: u16 = 0xfd0e;
/// `i8x16.splat`: `i32 -> v128`.
pub const I8X16_SPLAT: u16 = 0xfd0f;
/// `i16x8.splat`: `i32 -> v128`.
pub const I16X8_SPLAT: u16 = 0xfd10;
/// `i32x4.splat`: `i32 -> v128`.
pub const I32X4_SPLAT: u16 = 0xfd11;
/// `i64x2.splat`: `i64 -> v128`.
pub const I64X2_SPLAT: u16 = 0xfd12;
/// `f32x4.splat`: `f32 -> v128`.
pub const F32X4_SPLAT: u16 = 0xfd13;
/// `f64x2.splat`: `f64 -> v128`.
pub const F64X2_SPLAT: u16 = 0xfd14;
/// `i8x16.extract_lane_s`: `v128 -> i32`.
pub const I8X16_EXTRACT_LANE_S: u16 = 0xfd15;
/// `i8x16.extract_lane_u`: `v128 -> i32`.
pub const I8X16_EXTRACT_LANE_U: u16 = 0xfd16;
/// `i8x16.replace_lane`: `v128 i32 -> v128`.
pub const I8X16_REPLACE_LANE: u16 = 0xfd17;
/// `i16x8.extract_lane_s`: `v128 -> i32`.
pub const I16X8_EXTRACT_LANE_S: u16 = 0xfd18;
/// `i16x8.extract_lane_u`: `v128 -> i32`.
pub const I16X8_EXTRACT_LANE_U: u16 = 0xfd19;
/// `i16x8.replace_lane`: `v128 i32 -> v128`.
pub const I16X8_REPLACE_LANE: u16 = 0xfd1a;
/// `i32x4.extract_lane`: `v128 -> i32`.
pub const I32X4_EXTRACT_LANE: u16 = 0xfd1b;
/// `i32x4.replace_lane`: `v128 i32 -> v128`.
pub const I32X4_REPLACE_LANE: u16 = 0xfd1c;
/// `i64x2.extract_lane`: `v128 -> i64`.
pub const I64X2_EXTRACT_LANE: u16 = 0xfd1d;
/// `i64x2.replace_lane`: `v128 i64 -> v128`.
pub const I64X2_REPLACE_LANE: u16 = 0xfd1e;
/// `f32x4.extract_lane`: `v128 -> f32`.
pub const F32X4_EXTRACT_LANE: u16 = 0xfd1f;
/// `f32x4.replace_lane`: `v128 f32 -> v128`.
pub const F32X4_REPLACE_LANE: u16 = 0xfd20;
/// `f64x2.extract_lane`: `v128 -> f64`.
pub const F64X2_EXTRACT_LANE: u16 = 0xfd21;
/// `f64x2.replace_lane`: `v128 f64 -> v128`.
pub const F64X2_REPLACE_LANE: u16 = 0xfd22;
/// `i8x16.eq`: `v128 v128 -> v128`.
pub const I8X16_EQ: u16 = 0xfd23;
/// `i8x16.ne`: `v128 v128 -> v128`.
pub const I8X16_NE: u16 = 0xfd24;
/// `i8x16.lt_s`: `v128 v128 -> v128`.
pub const I8X16_LT_S: u16 = 0xfd25;
/// `i8x16.lt_u`: `v128 v128 -> v128`.
pub const I8X16_LT_U: u16 = 0xfd26;
/// `i8x16.gt_s`: `v128 v128 -> v128`.
pub const I8X16_GT_S: u16 = 0xfd27;
/// `i8x16.gt_u`: `v128 v128 -> v128`.
pub const I8X16_GT_U: u16 = 0xfd28;
/// `i8x16.le_s`: `v128 v128 -> v128`.
pub const I8X16_LE_S: u16 = 0xfd29;
/// `i8x16.le_u`: `v128 v128 -> v128`.
pub const I8X16_LE_U: u16 = 0xfd2a;
/// `i8x16.ge_s`: `v128 v128 -> v128`.
pub const I8X16_GE_S: u16 = 0xfd2b;
/// `i8x16.ge_u`: `v128 v128 -> v128`.
pub const I8X16_GE_U: u16 = 0xfd2c;
/// `i16x8.eq`: `v128 v128 -> v128`.
pub const I16X8_EQ: u16 = 0xfd2d;
/// `i16x8.ne`: `v128 v128 -> v128`.
pub const I16X8_NE: u16 = 0xfd2e;
/// `i16x8.lt_s`: `v128 v128 -> v128`.
pub const I16X8_LT_S: u16 = 0xfd2f;
/// `i16x8.lt_u`: `v128 v128 -> v128`.
pub const I16X8_LT_U: u16 = 0xfd30;
/// `i16x8.gt_s`: `v128 v128 -> v128`.
pub const I16X8_GT_S: u16 = 0xfd31;
/// `i16x8.gt_u`: `v128 v128 -> v128`.
pub const I16X8_GT_U: u16 = 0xfd32;
/// `i16x8.le_s`: `v128 v128 -> v128`.
pub const I16X8_LE_S: u16 = 0xfd33;
/// `i16x8.le_u`: `v128 v128 -> v128`.
pub const I16X8_LE_U: u16 = 0xfd34;
/// `i16x8.ge_s`: `v128 v128 -> v128`.
pub const I16X8_GE_S: u16 = 0xfd35;
/// `i16x8.ge_u`: `v128 v128 -> v128`.
pub const I16X8_GE_U: u16 = 0xfd36;
/// `i32x4.eq`: `v128 v128 -> v128`.
pub const I32X4_EQ: u16 = 0xfd37;
/// `i32x4.ne`: `v128 v128 -> v128`.
pub const I32X4_NE: u16 = 0xfd38;
/// `i32x4.lt_s`: `v128 v128 -> v128`.
pub const I32X4_LT_S: u16 = 0xfd39;
/// `i32x4.lt_u`: `v128 v128 -> v128`.
pub const I32X4_LT_U: u16 = 0xfd3a;
/// `i32x4.gt_s`: `v128 v128 -> v128`.
pub const I32X4_GT_S: u16 = 0xfd3b;
/// `i32x4.gt_u`: `v128 v128 -> v128`.
pub const I32X4_GT_U: u16 = 0xfd3c;
/// `i32x4.le_s`: `v128 v128 -> v128`.
pub const I32X4_LE_S: u16 = 0xfd3d;
/// `i32x4.le_u`: `v128 v128 -> v128`.
pub const I32X4_LE_U: u16 = 0xfd3e;
/// `i32x4.ge_s`: `v128 v128 -> v128`.
pub const I32X4_GE_S: u16 = 0xfd3f;
/// `i32x4.ge_u`: `v128 v128 -> v128`.
pub const I32X4_GE_U: u16 = 0xfd40;
/// `f32x4.eq`: `v128 v128 -> v128`.
pub const F32X4_EQ: u16 = 0xfd41;
/// `f32x4.ne`: `v128 v128 -> v128`.
pub const F32X4_NE: u16 = 0xfd42;
/// `f32x4.lt`: `v128 v128 -> v128`.
pub const F32X4_LT: u16 = 0xfd43;
/// `f32x4.gt`: `v128 v128 -> v128`.
pub const F32X4_GT: u16 = 0xfd44;
/// `f32x4.le`: `v128 v128 -> v128`.
pub const F32X4_LE: u16 = 0xfd45;
/// `f32x4.ge`: `v128 v128 -> v128`.
pub const F32X4_GE: u16 = 0xfd46;
/// `f64x2.eq`: `v128 v128 -> v128`.
pub const F64X2_EQ: u16 = 0xfd47;
/// `f64x2.ne`: `v128 v128 -> v128`.
pub const F64X2_NE: u16 = 0xfd48;
/// `f64x2.lt`: `v128 v128 -> v128`.
pub const F64X2_LT: u16 = 0xfd49;
/// `f64x2.gt`: `v128 v128 -> v128`.
pub const F64X2_GT: u16 = 0xfd4a;
/// `f64x2.le`: `v128 v128 -> v128`.
pub const F64X2_LE: u16 = 0xfd4b;
/// `f64x2.ge`: `v128 v128 -> v128`.
pub const F64X2_GE: u16 = 0xfd4c;
/// `v128.not`: `v128 -> v128`.
pub const V128_NOT: u16 = 0xfd4d;
/// `v128.and`: `v128 v128 -> v128`.
pub const V128_AND: u16 = 0xfd4e;
/// `v128.andnot`: `v128 v128 -> v128`.
pub const V128_ANDNOT: u16 = 0xfd4f;
/// `v128.or`: `v128 v128 -> v128`.
pub const V128_OR: u16 = 0xfd50;
/// `v128.xor`: `v128 v128 -> v128`.
pub const V128_XOR: u16 = 0xfd51;
/// `v128.bitselect`: `v128 v128 v128 -> v128`.
pub const V128_BITSELECT: u16 = 0xfd52;
/// `v128.any_true`: `v128 -> i32`.
pub const V128_ANY_TRUE: u16 = 0xfd53;
/// `v128.load8_lane`: `i32 v128 -> v128`.
pub const V128_LOAD8_LANE: u16 = 0xfd54;
/// `v128.load16_lane`: `i32 v128 -> v128`.
pub const V128_LOAD16_LANE: u16 = 0xfd55;
/// `v128.load32_lane`: `i32 v128 -> v128`.
pub const V128_LOAD32_LANE: u16 = 0xfd56;
/// `v128.load64_lane`: `i32 v128 -> v128`.
pub const V128_LOAD64_LANE: u16 = 0xfd57;
/// `v128.store8_lane`: `i32 v128 ->`.
pub const V128_STORE8_LANE: u16 = 0xfd58;
/// `v128.store16_lane`: `i32 v128 ->`.
pub const V128_STORE16_LANE: u16 = 0xfd59;
/// `v128.store32_lane`: `i32 v128 ->`.
pub const V128_STORE32_LANE: u16 = 0xfd5a;
/// `v128.store64_lane`: `i32 v128 ->`.
pub const V128_STORE64_LANE: u16 = 0xfd5b;
/// `v128.load32_zero`: `i32 -> v128`.
pub const V128_LOAD32_ZERO: u16 = 0xfd5c;
/// `v128.load64_zero`: `i32 -> v128`.
pub const V128_LOAD64_ZERO: u16 = 0xfd5d;
/// `f32x4.demote_f64x2_zero`: `v128 -> v128`.
pub const F32X4_DEMOTE_F64X2_ZERO: u16 = 0xfd5e;
/// `f64x2.promote_low_f32x4`: `v128 -> v128`.
pub const F64X2_PROMOTE_LOW_F32X4: u16 = 0xfd5f;
/// `i8x16.abs`: `v128 -> v128`.
pub const I8X16_ABS: u16 = 0xfd60;
/// `i8x16.neg`: `v128 -> v128`.
pub const I8X16_NEG: u16 = 0xfd61;
/// `i8x16.popcnt`: `v128 -> v128`.
pub const I8X16_POPCNT: u16 = 0xfd62;
/// `i8x16.all_true`: `v128 -> i32`.
pub const I8X16_ALL_TRUE: u16 = 0xfd63;
/// `i8x16.bitmask`: `v128 -> i32`.
pub const I8X16_BITMASK: u16 = 0xfd64;
/// `i8x16.narrow_i16x8_s`: `v128 v128 -> v128`.
pub const I8X16_NARROW_I16X8_S: u16 = 0xfd65;
/// `i8x16.narrow_i16x8_u`: `v128 v128 -> v128`.
pub const I8X16_NARROW_I16X8_U: u16 = 0xfd66;
/// `f32x4.ceil`: `v128 -> v128`.
pub const F32X4_CEIL: u16 = 0xfd67;
/// `f32x4.floor`: `v128 -> v128`.
pub const F32X4_FLOOR: u16 = 0xfd68;
/// `f32x4.trunc`: `v128 -> v128`.
pub const F32X4_TRUNC: u16 = 0xfd69;
/// `f32x4.nearest`: `v128 -> v128`.
pub const F32X4_NEAREST: u16 = 0xfd6a;
/// `i8x16.shl`: `v128 i32 -> v128`.
pub const I8X16_SHL: u16 = 0xfd6b;
/// `i8x16.shr_s`: `v128 i32 -> v128`.
pub const I8X16_SHR_S: u16 = 0xfd6c;
/// `i8x16.shr_u`: `v128 i32 -> v128`.
pub const I8X16_SHR_U: u16 = 0xfd6d;
/// `i8x16.add`: `v128 v128 -> v128`.
pub const I8X16_ADD: u16 = 0xfd6e;
/// `i8x16.add_sat_s`: `v128 v128 -> v128`.
pub const I8X16_ADD_SAT_S: u16 = 0xfd6f;
/// `i8x16.add_sat_u`: `v128 v128 -> v128`.
pub const I8X16_ADD_SAT_U: u16 = 0xfd70;
/// `i8x16.sub`: `v128 v128 -> v128`.
pub const I8X16_SUB: u16 = 0xfd71;
/// `i8x16.sub_sat_s`: `v128 v128 -> v128`.
pub const I8X16_SUB_SAT_S: u16 = 0xfd72;
/// `i8x16.sub_sat_u`: `v128 v128 -> v128`.
pub const I8X16_SUB_SAT_U: u16 = 0xfd73;
/// `f64x2.ceil`: `v128 -> v128`.
pub const F64X2_CEIL: u16 = 0xfd74;
/// `f64x2.floor`: `v128 -> v128`.
pub const F64X2_FLOOR: u16 = 0xfd75;
/// `i8x16.min_s`: `v128 v128 -> v128`.
pub const I8X16_MIN_S: u16 = 0xfd76;
/// `i8x16.min_u`: `v128 v128 -> v128`.
pub const I8X16_MIN_U: u16 = 0xfd77;
/// `i8x16.max_s`: `v128 v128 -> v128`.
pub const I8X16_MAX_S: u16 = 0xfd78;
/// `i8x16.max_u`: `v128 v128 -> v128`.
pub const I8X16_MAX_U: u16 = 0xfd79;
/// `f64x2.trunc`: `v128 -> v128`.
pub const F64X2_TRUNC: u16 = 0xfd7a;
/// `i8x16.avgr_u`: `v128 v128 -> v128`.
pub const I8X16_AVGR_U: u16 = 0xfd7b;
/// `i16x8.extadd_pairwise_i8x16_s`: `v128 -> v128`.
pub const I16X8_EXTADD_PAIRWISE_I8X16_S: u16 = 0xfd7c;
/// `i16x8.extadd_pairwise_i8x16_u`: `v128 -> v128`.
pub const I16X8_EXTADD_PAIRWISE_I8X16_U: u16 = 0xfd7d;
/// `i32x4.extadd_pairwise_i16x8_s`: `v128 -> v128`.
pub const I32X4_EXTADD_PAIRWISE_I16X8_S: u16 = 0xfd7e;
/// `i32x4.extadd_pairwise_i16x8_u`: `v128 -> v128`.
pub const I32X4_EXTADD_PAIRWISE_I16X8_U: u16 = 0xfd7f;
/// `i16x8.abs`: `v128 -> v128`.
pub const I16X8_ABS: u16 = 0xfd80;
/// `i16x8.neg`: `v128 -> v128`.
pub const I16X8_NEG: u16 = 0xfd81;
/// `i16x8.q15mulr_sat_s`: `v128 v128 -> v128`.
pub const I16X8_Q15MULR_SAT_S: u16 = 0xfd82;
/// `i16x8.all_true`: `v128 -> i32`.
pub const I16X8_ALL_TRUE: u16 = 0xfd83;
/// `i16x8.bitmask`: `v128 -> i32`.
pub const I16X8_BITMASK: u16 = 0xfd84;
/// `i16x8.narrow_i32x4_s`: `v128 v128 -> v128`.
pub const I16X8_NARROW_I32X4_S: u16 = 0xfd85;
/// `i16x8.narrow_i32x4_u`: `v128 v128 -> v128`.
pub const I16X8_NARROW_I32X4_U: u16 = 0xfd86;
/// `i16x8.extend_low_i8x16_s`: `v128 -> v128`.
pub const I16X8_EXTEND_LOW_I8X16_S: u16 = 0xfd87;
/// `i16x8.extend_high_i8x16_s`: `v128 -> v128`.
pub const I16X8_EXTEND_HIGH_I8X16_S: u16 = 0xfd88;
/// `i16x8.extend_low_i8x16_u`: `v128 -> v128`.
pub const I16X8_EXTEND_LOW_I8X16_U: u16 = 0xfd89;
/// `i16x8.extend_high_i8x16_u`: `v128 -> v128`.
pub const I16X8_EXTEND_HIGH_I8X16_U: u16 = 0xfd8a;
/// `i16x8.shl`: `v128 i32 -> v128`.
pub const I16X8_SHL: u16 = 0xfd8b;
/// `i16x8.shr_s`: `v128 i32 -> v128`.
pub const I16X8_SHR_S: u16 = 0xfd8c;
/// `i16x8.shr_u`: `v128 i32 -> v128`.
pub const I16X8_SHR_U: u16 = 0xfd8d;
/// `i16x8.add`: `v128 v128 -> v128`.
pub const I16X8_ADD: u16 = 0xfd8e;
/// `i16x8.add_sat_s`: `v128 v128 -> v128`.
pub const I16X8_ADD_SAT_S: u16 = 0xfd8f;
/// `i16x8.add_sat_u`: `v128 v128 -> v128`.
pub const I16X8_ADD_SAT_U: u16 = 0xfd90;
/// `i16x8.sub`: `v128 v128 -> v128`.
pub const I16X8_SUB: u16 = 0xfd91;
/// `i16x8.sub_sat_s`: `v128 v128 -> v128`.
pub const I16X8_SUB_SAT_S: u16 = 0xfd92;
/// `i16x8.sub_sat_u`: `v128 v128 -> v128`.
pub const I16X8_SUB_SAT_U: u16 = 0xfd93;
/// `f64x2.nearest`: `v128 -> v128`.
pub const F64X2_NEAREST: u16 = 0xfd94;
/// `i16x8.mul`: `v128 v128 -> v128`.
pub const I16X8_MUL: u16 = 0xfd95;
/// `i16x8.min_s`: `v128 v128 -> v128`.
pub const I16X8_MIN_S: u16 = 0xfd96;
/// `i16x8.min_u`: `v128 v128 -> v128`.
pub const I16X8_MIN_U: u16 = 0xfd97;
/// `i16x8.max_s`: `v128 v128 -> v128`.
pub const I16X8_MAX_S: u16 = 0xfd98;
/// `i16x8.max_u`: `v128 v128 -> v128`.
pub const I16X8_MAX_U: u16 = 0xfd99;
/// `i16x8.avgr_u`: `v128 v128 -> v128`.
pub const I16X8_AVGR_U: u16 = 0xfd9b;
/// `i16x8.extmul_low_i8x16_s`: `v128 v128 -> v128`.
pub const I16X8_EXTMUL_LOW_I8X16_S: u16 = 0xfd9c;
/// `i16x8.extmul_high_i8x16_s`: `v128 v128 -> v128`.
pub const I16X8_EXTMUL_HIGH_I8X16_S: u16 = 0xfd9d;
/// `i16x8.extmul_low_i8x16_u`: `v128 v128 -> v128`.
pub const I16X8_EXTMUL_LOW_I8X16_U: u16 = 0xfd9e;
/// `i16x8.extmul_high_i8x16_u`: `v128 v128 -> v128`.
pub const I16X8_EXTMUL_HIGH_I8X16_U: u16 = 0xfd9f;
/// `i32x4.abs`: `v128 -> v128`.
pub const I32X4_ABS: u16 = 0xfda0;
/// `i32x4.neg`: `v128 -> v128`.
pub const I32X4_NEG: u16 = 0xfda1;
/// `i32x4.all_true`: `v128 -> i32`.
pub const I32X4_ALL_TRUE: u16 = 0xfda3;
/// `i32x4.bitmask`: `v128 -> i32`.
pub const I32X4_BITMASK: u16 = 0xfda4;
/// `i32x4.extend_low_i16x8_s`: `v128 -> v128`.
pub const I32X4_EXTEND_LOW_I16X8_S: u16 = 0xfda7;
/// `i32x4.extend_high_i16x8_s`: `v128 -> v128`.
pub const I32X4_EXTEND_HIGH_I16X8_S: u16 = 0xfda8;
/// `i32x4.extend_low_i16x8_u`: `v128 -> v128`.
pub const I32X4_EXTEND_LOW_I16X8_U: u16 = 0xfda9;
/// `i32x4.extend_high_i16x8_u`: `v128 -> v128`.
pub const I32X4_EXTEND_HIGH_I16X8_U: u16 = 0xfdaa;
/// `i32x4.shl`: `v128 i32 -> v128`.
pub const I32X4_SHL: u16 = 0xfdab;
/// `i32x4.shr_s`: `v128 i32 -> v128`.
pub const I32X4_SHR_S: u16 = 0xfdac;
/// `i32x4.shr_u`: `v128 i32 -> v128`.
pub const I32X4_SHR_U: u16 = 0xfdad;
/// `i32x4.add`: `v128 v128 -> v128`.
pub const I32X4_ADD: u16 = 0xfdae;
/// `i32x4.sub`: `v128 v128 -> v128`.
pub const I32X4_SUB: u16 = 0xfdb1;
/// `i32x4.mul`: `v128 v128 -> v128`.
pub const I32X4_MUL: u16 = 0xfdb5;
/// `i32x4.min_s`: `v128 v128 -> v128`.
pub const I32X4_MIN_S: u16 = 0xfdb6;
/// `i32x4.min_u`: `v128 v128 -> v128`.
pub const I32X4_MIN_U: u16 = 0xfdb7;
/// `i32x4.max_s`: `v128 v128 -> v128`.
pub const I32X4_MAX_S: u16 = 0xfdb8;
/// `i32x4.max_u`: `v128 v128 -> v128`.
pub const I32X4_MAX_U: u16 = 0xfdb9;
/// `i32x4.dot_i16x8_s`: `v128 v128 -> v128`.
pub const I32X4_DOT_I16X8_S: u16 = 0xfdba;
/// `i32x4.extmul_low_i16x8_s`: `v128 v128 -> v128`.
pub const I32X4_EXTMUL_LOW_I16X8_S: u16 = 0xfdbc;
/// `i32x4.extmul_high_i16x8_s`: `v128 v128 -> v128`.
pub const I32X4_EXTMUL_HIGH_I16X8_S: u16 = 0xfdbd;
/// `i32x4.extmul_low_i16x8_u`: `v128 v128 -> v128`.
pub const I32X4_EXTMUL_LOW_I16X8_U: u16 = 0xfdbe;
/// `i32x4.extmul_high_i16x8_u`: `v128 v128 -> v128`.
pub const I32X4_EXTMUL_HIGH_I16X8_U: u16 = 0xfdbf;
/// `i64x2.abs`: `v128 -> v128`.
pub const I64X2_ABS: u16 = 0xfdc0;
/// `i64x2.neg`: `v128 -> v128`.
pub const I64X2_NEG: u16 = 0xfdc1;
/// `i64x2.all_true`: `v128 -> i32`.
pub const I64X2_ALL_TRUE: u16 = 0xfdc3;
/// `i64x2.bitmask`: `v128 -> i32`.
pub const I64X2_BITMASK: u16 = 0xfdc4;
/// `i64x2.extend_low_i32x4_s`: `v128 -> v128`.
pub const I64X2_EXTEND_LOW_I32X4_S: u16 = 0xfdc7;
/// `i64x2.extend_high_i32x4_s`: `v128 -> v128`.
pub const I64X2_EXTEND_HIGH_I32X4_S: u16 = 0xfdc8;
/// `i64x2.extend_low_i32x4_u`: `v128 -> v128`.
pub const I64X2_EXTEND_LOW_I32X4_U: u16 = 0xfdc9;
/// `i64x2.extend_high_i32x4_u`: `v128 -> v128`.
pub const I64X2_EXTEND_HIGH_I32X4_U: u16 = 0xfdca;
/// `i64x2.shl`: `v128 i32 -> v128`.
pub const I64X2_SHL: u16 = 0xfdcb;
/// `i64x2.shr_s`: `v128 i32 -> v128`.
pub const I64X2_SHR_S: u16 = 0xfdcc;
/// `i64x2.shr_u`: `v128 i32 -> v128`.
pub const I64X2_SHR_U: u16 = 0xfdcd;
/// `i64x2.add`: `v128 v128 -> v128`.
pub const I64X2_ADD: u16 = 0xfdce;
/// `i64x2.sub`: `v128 v128 -> v128`.
pub const I64X2_SUB: u16 = 0xfdd1;
/// `i64x2.mul`: `v128 v128 -> v128`.
pub const I64X2_MUL: u16 = 0xfdd5;
/// `i64x2.eq`: `v128 v128 -> v128`.
pub const I64X2_EQ: u16 = 0xfdd6;
/// `i64x2.ne`: `v128 v128 -> v128`.
pub const I64X2_NE: u16 = 0xfdd7;
/// `i64x2.lt_s`: `v128 v128 -> v128`.
pub const I64X2_LT_S: u16 = 0xfdd8;
/// `i64x2.gt_s`: `v128 v128 -> v128`.
pub const I64X2_GT_S: u16 = 0xfdd9;
/// `i64x2.le_s`: `v128 v128 -> v128`.
pub const I64X2_LE_S: u16 = 0xfdda;
/// `i64x2.ge_s`: `v128 v128 -> v128`.
pub const I64X2_GE_S: u16 = 0xfddb;
/// `i64x2.extmul_low_i32x4_s`: `v128 v128 -> v128`.
pub const I64X2_EXTMUL_LOW_I32X4_S: u16 = 0xfddc;
/// `i64x2.extmul_high_i32x4_s`: `v128 v128 -> v128`.
pub const I64X2_EXTMUL_HIGH_I32X4_S: u16 = 0xfddd;
/// `i64x2.extmul_low_i32x4_u`: `v128 v128 -> v128`.
pub const I64X2_EXTMUL_LOW_I32X4_U: u16 = 0xfdde;
/// `i64x2.extmul_high_i32x4_u`: `v128 v128 -> v128`.
pub const I64X2_EXTMUL_HIGH_I32X4_U: u16 = 0xfddf;
/// `f32x4.abs`: `v128 -> v128`.
pub const F32X4_ABS: u16 = 0xfde0;
/// `f32x4.neg`: `v128 -> v128`.
pub const F32X4_NEG: u16 = 0xfde1;
/// `f32x4.sqrt`: `v128 -> v128`.
pub const F32X4_SQRT: u16 = 0xfde3;
/// `f32x4.add`: `v128 v128 -> v128`.
pub const F32X4_ADD: u16 = 0xfde4;
/// `f32x4.sub`: `v128 v128 -> v128`.
pub const F32X4_SUB: u16 = 0xfde5;
/// `f32x4.mul`: `v128 v128 -> v128`.
pub const F32X4_MUL: u16 = 0xfde6;
/// `f32x4.div`: `v128 v128 -> v128`.
pub const F32X4_DIV: u16 = 0xfde7;
/// `f32x4.min`: `v128 v128 -> v128`.
pub const F32X4_MIN: u16 = 0xfde8;
/// `f32x4.max`: `v128 v128 -> v128`.
pub const F32X4_MAX: u16 = 0xfde9;
/// `f32x4.pmin`: `v128 v128 -> v128`.
pub const F32X4_PMIN: u16 = 0xfdea;
/// `f32x4.pmax`: `v128 v128 -> v128`.
pub const F32X4_PMAX: u16 = 0xfdeb;
/// `f64x2.abs`: `v128 -> v128`.
pub const F64X2_ABS: u16 = 0xfdec;
/// `f64x2.neg`: `v128 -> v128`.
pub const F64X2_NEG: u16 = 0xfded;
/// `f64x2.sqrt`: `v128 -> v128`.
pub const F64X2_SQRT: u16 = 0xfdef;
/// `f64x2.add`: `v128 v128 -> v128`.
pub const F64X2_ADD: u16 = 0xfdf0;
/// `f64x2.sub`: `v128 v128 -> v128`.
pub const F64X2_SUB: u16 = 0xfdf1;
/// `f64x2.mul`: `v128 v128 -> v128`.
pub const F64X2_MUL: u16 = 0xfdf2;
/// `f64x2.div`: `v128 v128 -> v128`.
pub const F64X2_DIV: u16 = 0xfdf3;
/// `f64x2.min`: `v128 v128 -> v128`.
pub const F64X2_MIN: u16 = 0xfdf4;
/// `f64x2.max`: `v128 v128 -> v128`.
pub const F64X2_MAX: u16 = 0xfdf5;
/// `f64x2.pmin`: `v128 v128 -> v128`.
pub const F64X2_PMIN: u16 = 0xfdf6;
/// `f64x2.pmax`: `v128 v128 -> v128`.
pub const F64X2_PMAX: u16 = 0xfdf7;
/// `i32x4.trunc_sat_f32x4_s`: `v128 -> v128`.
pub const I32X4_TRUNC_SAT_F32X4_S: u16 = 0xfdf8;
/// `i32x4.trunc_sat_f32x4_u`: `v128 -> v128`.
pub const I32X4_TRUNC_SAT_F32X4_U: u16 = 0xfdf9;
/// `f32x4.convert_i32x4_s`: `v128 -> v128`.
pub const F32X4_CONVERT_I32X4_S: u16 = 0xfdfa;
/// `f32x4.convert_i32x4_u`: `v128 -> v128`.
pub const F32X4_CONVERT_I32X4_U: u16 = 0xfdfb;
/// `i32x4.trunc_sat_f64x2_s_zero`: `v128 -> v128`.
pub const I32X4_TRUNC_SAT_F64X2_S_ZERO: u16 = 0xfdfc;
/// `i32x4.trunc_sat_f64x2_u_zero`: `v128 -> v128`.
pub const I32X4_TRUNC_SAT_F64X2_U_ZERO: u16 = 0xfdfd;
/// `f64x2.convert_low_i32x4_s`: `v128 -> v128`.
pub const F64X2_CONVERT_LOW_I32X4_S: u16 = 0xfdfe;
/// `f64x2.convert_low_i32x4_u`: `v128 -> v128`.
pub const F64X2_CONVERT_LOW_I32X4_U: u16 = 0xfdff;
