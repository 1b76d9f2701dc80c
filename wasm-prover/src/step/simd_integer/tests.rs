use enshrine_runtime::isa::op::*;

use super::{
    super::value::{Value, cases},
    evaluate,
};

/// An instruction of vectors, told by their lanes; a half vector leaves zeros above.
fn check<A: Value, B: Value, R: Value>(opcode: u16, a: A, b: B, expected: R) {
    let operands = [a.write(), b.write()];
    cases::check(evaluate, &[(opcode, &operands, expected.write())]);
}

fn check_one<A: Value, R: Value>(opcode: u16, a: A, expected: R) {
    check(opcode, a, 0_u32, expected);
}

/// Four lanes of 8 bits, four times.
fn four_times<T: Copy>([a, b, c, d]: [T; 4]) -> [T; 16] {
    [a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d]
}

/// Four lanes of 16 bits, twice.
fn twice<T: Copy>([a, b, c, d]: [T; 4]) -> [T; 8] {
    [a, b, c, d, a, b, c, d]
}

#[test]
fn the_least_integer_is_its_own_negation() {
    check_one(
        I8X16_ABS,
        four_times([-128_i8, -1, 0, 127]),
        four_times([-128_i8, 1, 0, 127]),
    );
    check_one(
        I8X16_NEG,
        four_times([-128_i8, -1, 0, 127]),
        four_times([-128_i8, 1, 0, -127]),
    );
    check_one(
        I16X8_ABS,
        twice([i16::MIN, -1, 0, 5]),
        twice([i16::MIN, 1, 0, 5]),
    );
    check_one(
        I16X8_NEG,
        twice([i16::MIN, -1, 0, 5]),
        twice([i16::MIN, 1, 0, -5]),
    );
    check_one(I32X4_ABS, [i32::MIN, -1, 0, 5], [i32::MIN, 1, 0, 5]);
    check_one(I32X4_NEG, [i32::MIN, -1, 0, 5], [i32::MIN, 1, 0, -5]);
    check_one(I64X2_ABS, [i64::MIN, -7], [i64::MIN, 7]);
    check_one(I64X2_NEG, [i64::MIN, 7], [i64::MIN, -7]);
}

#[test]
fn bits_are_counted_by_byte() {
    check_one(
        I8X16_POPCNT,
        four_times([0_u8, 0xff, 0x80, 0x55]),
        four_times([0_u8, 8, 1, 4]),
    );
}

#[test]
fn sums_wrap_in_their_lane() {
    check(
        I8X16_ADD,
        four_times([255_u8, 128, 1, 0]),
        four_times([1_u8, 128, 2, 0]),
        four_times([0_u8, 0, 3, 0]),
    );
    check(
        I8X16_SUB,
        four_times([0_u8, 128, 3, 0]),
        four_times([1_u8, 129, 2, 0]),
        four_times([255_u8, 255, 1, 0]),
    );
    check(
        I16X8_ADD,
        twice([0xffff_u16, 1, 2, 3]),
        twice([1_u16; 4]),
        twice([0_u16, 2, 3, 4]),
    );
    check(
        I16X8_SUB,
        twice([0_u16, 1, 2, 3]),
        twice([1_u16; 4]),
        twice([0xffff_u16, 0, 1, 2]),
    );
    check(I32X4_ADD, [u32::MAX, 1, 2, 3], [1_u32; 4], [0_u32, 2, 3, 4]);
    check(I32X4_SUB, [0_u32, 1, 2, 3], [1_u32; 4], [u32::MAX, 0, 1, 2]);
    check(I64X2_ADD, [u64::MAX, 1], [1_u64, 1], [0_u64, 2]);
    check(I64X2_SUB, [0_u64, 1], [1_u64, 1], [u64::MAX, 0]);
}

#[test]
fn products_wrap_in_their_lane() {
    let lanes = twice([0x8000_u16, 0xffff, 0x0100, 3]);
    check(I16X8_MUL, lanes, lanes, twice([0_u16, 1, 0, 9]));
    check(
        I32X4_MUL,
        [i32::MIN, -1, 0x1_0000, 3],
        [3, -1, 0x1_0000, -3],
        [i32::MIN, 1, 0, -9],
    );
    check(I64X2_MUL, [i64::MIN, -1], [3_i64, 5], [i64::MIN, -5]);
}

#[test]
fn saturating_sums_stop_at_the_limits() {
    let (a, b) = (
        four_times([127_i8, -128, 100, -1]),
        four_times([1_i8, -1, 27, 1]),
    );
    check(I8X16_ADD_SAT_S, a, b, four_times([127_i8, -128, 127, 0]));
    check(I8X16_SUB_SAT_S, a, b, four_times([126_i8, -127, 73, -2]));
    check(
        I8X16_SUB_SAT_S,
        four_times([0_i8, -2, 127, 0]),
        four_times([-128_i8, 127, -1, 1]),
        four_times([127_i8, -128, 127, -1]),
    );
    let (a, b) = (four_times([255_u8, 254, 0, 9]), four_times([1_u8, 1, 1, 9]));
    check(I8X16_ADD_SAT_U, a, b, four_times([255_u8, 255, 1, 18]));
    check(I8X16_SUB_SAT_U, a, b, four_times([254_u8, 253, 0, 0]));
    let (a, b) = (
        twice([i16::MAX, i16::MIN, 0, -1]),
        twice([1_i16, -1, i16::MIN, 1]),
    );
    check(
        I16X8_ADD_SAT_S,
        a,
        b,
        twice([i16::MAX, i16::MIN, i16::MIN, 0]),
    );
    check(
        I16X8_SUB_SAT_S,
        a,
        b,
        twice([0x7ffe_i16, -0x7fff, i16::MAX, -2]),
    );
    let (a, b) = (twice([0xffff_u16, 0xfffe, 0, 9]), twice([1_u16, 1, 1, 9]));
    check(I16X8_ADD_SAT_U, a, b, twice([0xffff_u16, 0xffff, 1, 18]));
    check(I16X8_SUB_SAT_U, a, b, twice([0xfffe_u16, 0xfffd, 0, 0]));
}

#[test]
fn the_smaller_and_greater_know_signs() {
    let (a, b) = (
        four_times([0x80_u8, 1, 0xff, 3]),
        four_times([0x7f_u8, 0xff, 1, 5]),
    );
    check(I8X16_MIN_S, a, b, four_times([0x80_u8, 0xff, 0xff, 3]));
    check(I8X16_MIN_U, a, b, four_times([0x7f_u8, 1, 1, 3]));
    check(I8X16_MAX_S, a, b, four_times([0x7f_u8, 1, 1, 5]));
    check(I8X16_MAX_U, a, b, four_times([0x80_u8, 0xff, 0xff, 5]));
    let (a, b) = (
        twice([0x8000_u16, 1, 0xffff, 3]),
        twice([0x7fff_u16, 0xffff, 1, 5]),
    );
    check(I16X8_MIN_S, a, b, twice([0x8000_u16, 0xffff, 0xffff, 3]));
    check(I16X8_MIN_U, a, b, twice([0x7fff_u16, 1, 1, 3]));
    check(I16X8_MAX_S, a, b, twice([0x7fff_u16, 1, 1, 5]));
    check(I16X8_MAX_U, a, b, twice([0x8000_u16, 0xffff, 0xffff, 5]));
    let (a, b) = (
        [0x8000_0000_u32, 1, u32::MAX, 3],
        [0x7fff_ffff_u32, u32::MAX, 1, 5],
    );
    check(I32X4_MIN_S, a, b, [0x8000_0000_u32, u32::MAX, u32::MAX, 3]);
    check(I32X4_MIN_U, a, b, [0x7fff_ffff_u32, 1, 1, 3]);
    check(I32X4_MAX_S, a, b, [0x7fff_ffff_u32, 1, 1, 5]);
    check(I32X4_MAX_U, a, b, [0x8000_0000_u32, u32::MAX, u32::MAX, 5]);
}

#[test]
fn averages_round_up() {
    check(
        I8X16_AVGR_U,
        four_times([255_u8, 255, 0, 2]),
        four_times([255_u8, 254, 1, 4]),
        four_times([255_u8, 255, 1, 3]),
    );
    check(
        I16X8_AVGR_U,
        twice([0xffff_u16, 0xffff, 0, 2]),
        twice([0xffff_u16, 0xfffe, 1, 4]),
        twice([0xffff_u16, 0xffff, 1, 3]),
    );
}

#[test]
fn shifts_take_the_count_modulo_the_lane() {
    let lanes = four_times([0x81_u8, 1, 0x7f, 0x80]);
    for (count, left, signed, unsigned) in [
        (
            0_u32,
            [0x81, 1, 0x7f, 0x80],
            [0x81, 1, 0x7f, 0x80],
            [0x81, 1, 0x7f, 0x80],
        ),
        (
            8,
            [0x81, 1, 0x7f, 0x80],
            [0x81, 1, 0x7f, 0x80],
            [0x81, 1, 0x7f, 0x80],
        ),
        (7, [0x80, 0x80, 0x80, 0], [0xff, 0, 0, 0xff], [1, 0, 0, 1]),
        (
            u32::MAX,
            [0x80, 0x80, 0x80, 0],
            [0xff, 0, 0, 0xff],
            [1, 0, 0, 1],
        ),
        (
            9,
            [2, 2, 0xfe, 0],
            [0xc0, 0, 0x3f, 0xc0],
            [0x40, 0, 0x3f, 0x40],
        ),
    ] {
        check(I8X16_SHL, lanes, count, four_times::<u8>(left));
        check(I8X16_SHR_S, lanes, count, four_times::<u8>(signed));
        check(I8X16_SHR_U, lanes, count, four_times::<u8>(unsigned));
    }
}

#[test]
fn wider_shifts_take_the_count_modulo_the_lane() {
    let lanes = twice([0x8001_u16, 1, 0x7fff, 0x8000]);
    for (first, count) in [(I16X8_SHL, 16_u32), (I16X8_SHR_S, 32), (I16X8_SHR_U, 0)] {
        check(first, lanes, count, lanes);
    }
    check(I16X8_SHL, lanes, 17_u32, twice([2_u16, 2, 0xfffe, 0]));
    check(
        I16X8_SHR_S,
        lanes,
        15_u32,
        twice([0xffff_u16, 0, 0, 0xffff]),
    );
    check(I16X8_SHR_U, lanes, 31_u32, twice([1_u16, 0, 0, 1]));
    let lanes = [0x8000_0001_u32, 1, 0x7fff_ffff, 0x8000_0000];
    for (first, count) in [(I32X4_SHL, 32_u32), (I32X4_SHR_S, 64), (I32X4_SHR_U, 0)] {
        check(first, lanes, count, lanes);
    }
    check(I32X4_SHL, lanes, 33_u32, [2_u32, 2, 0xffff_fffe, 0]);
    check(I32X4_SHR_S, lanes, 31_u32, [u32::MAX, 0, 0, u32::MAX]);
    check(I32X4_SHR_U, lanes, u32::MAX, [1_u32, 0, 0, 1]);
    let lanes = [i64::MIN + 1, 3];
    for (first, count) in [(I64X2_SHL, 64_u32), (I64X2_SHR_S, 128), (I64X2_SHR_U, 0)] {
        check(first, lanes, count, lanes);
    }
    check(I64X2_SHL, lanes, 65_u32, [2_i64, 6]);
    check(I64X2_SHR_S, lanes, 63_u32, [-1_i64, 0]);
    check(I64X2_SHR_U, lanes, u32::MAX, [1_i64, 0]);
}

#[test]
fn narrowing_saturates_and_keeps_the_order() {
    let a = [i16::MIN, -129, -128, -1, 0, 127, 128, i16::MAX];
    let b = [1_i16, 2, 255, 256, -2, 3, 4, 5];
    check(
        I8X16_NARROW_I16X8_S,
        a,
        b,
        [
            -128_i8, -128, -128, -1, 0, 127, 127, 127, 1, 2, 127, 127, -2, 3, 4, 5,
        ],
    );
    check(
        I8X16_NARROW_I16X8_U,
        a,
        b,
        [0_u8, 0, 0, 0, 0, 127, 128, 255, 1, 2, 255, 255, 0, 3, 4, 5],
    );
    let a = [i32::MIN, -0x8001, -0x8000, -1];
    let b = [0x7fff, 0x8000, 0x1_0000, i32::MAX];
    check(
        I16X8_NARROW_I32X4_S,
        a,
        b,
        [
            i16::MIN,
            i16::MIN,
            i16::MIN,
            -1,
            i16::MAX,
            i16::MAX,
            i16::MAX,
            i16::MAX,
        ],
    );
    check(
        I16X8_NARROW_I32X4_U,
        a,
        b,
        [0_u16, 0, 0, 0, 0x7fff, 0x8000, 0xffff, 0xffff],
    );
}

#[test]
fn neighbours_are_added_in_twice_the_width() {
    let bytes = four_times([0x80_u8, 0x80, 0xff, 1]);
    check_one(
        I16X8_EXTADD_PAIRWISE_I8X16_S,
        bytes,
        twice([-256_i16, 0, -256, 0]),
    );
    check_one(
        I16X8_EXTADD_PAIRWISE_I8X16_U,
        bytes,
        twice([256_i16, 256, 256, 256]),
    );
    let bytes = four_times([0xff_u8, 0xff, 0x7f, 0x7f]);
    check_one(
        I16X8_EXTADD_PAIRWISE_I8X16_S,
        bytes,
        twice([-2_i16, 254, -2, 254]),
    );
    check_one(
        I16X8_EXTADD_PAIRWISE_I8X16_U,
        bytes,
        twice([510_i16, 254, 510, 254]),
    );
    let lanes = [
        0x8000_u16, 0x8000, 0xffff, 1, 0xffff, 0xffff, 0x7fff, 0x7fff,
    ];
    check_one(
        I32X4_EXTADD_PAIRWISE_I16X8_S,
        lanes,
        [-0x1_0000, 0, -2, 0xfffe],
    );
    check_one(
        I32X4_EXTADD_PAIRWISE_I16X8_U,
        lanes,
        [0x1_0000, 0x1_0000, 0x1_fffe, 0xfffe],
    );
}

#[test]
fn halves_are_extended() {
    let bytes = [
        0x80_u8, 1, 2, 3, 4, 5, 6, 0x7f, 0xff, 9, 10, 11, 12, 13, 14, 0x81,
    ];
    check_one(
        I16X8_EXTEND_LOW_I8X16_S,
        bytes,
        [-128_i16, 1, 2, 3, 4, 5, 6, 127],
    );
    check_one(
        I16X8_EXTEND_HIGH_I8X16_S,
        bytes,
        [-1_i16, 9, 10, 11, 12, 13, 14, -127],
    );
    check_one(
        I16X8_EXTEND_LOW_I8X16_U,
        bytes,
        [128_i16, 1, 2, 3, 4, 5, 6, 127],
    );
    check_one(
        I16X8_EXTEND_HIGH_I8X16_U,
        bytes,
        [255_i16, 9, 10, 11, 12, 13, 14, 129],
    );
    let lanes = [0x8000_u16, 1, 2, 0x7fff, 0xffff, 5, 6, 0x8001];
    check_one(I32X4_EXTEND_LOW_I16X8_S, lanes, [-0x8000, 1, 2, 0x7fff]);
    check_one(I32X4_EXTEND_HIGH_I16X8_S, lanes, [-1, 5, 6, -0x7fff]);
    check_one(I32X4_EXTEND_LOW_I16X8_U, lanes, [0x8000, 1, 2, 0x7fff]);
    check_one(I32X4_EXTEND_HIGH_I16X8_U, lanes, [0xffff, 5, 6, 0x8001]);
    let lanes = [i32::MIN, 1, -1, 3];
    check_one(I64X2_EXTEND_LOW_I32X4_S, lanes, [-0x8000_0000_i64, 1]);
    check_one(I64X2_EXTEND_HIGH_I32X4_S, lanes, [-1_i64, 3]);
    check_one(I64X2_EXTEND_LOW_I32X4_U, lanes, [0x8000_0000_i64, 1]);
    check_one(I64X2_EXTEND_HIGH_I32X4_U, lanes, [0xffff_ffff_i64, 3]);
}

#[test]
fn products_of_halves_have_twice_the_width() {
    let a = [
        0x80_u8, 0xff, 2, 0, 0, 0, 0, 3, 0xff, 0x7f, 2, 0, 0, 0, 0, 0x80,
    ];
    let b = [
        0x80_u8, 0xff, 0xfe, 0, 0, 0, 0, 5, 2, 0x7f, 3, 0, 0, 0, 0, 0x7f,
    ];
    check(
        I16X8_EXTMUL_LOW_I8X16_S,
        a,
        b,
        [0x4000_i16, 1, -4, 0, 0, 0, 0, 15],
    );
    check(
        I16X8_EXTMUL_HIGH_I8X16_S,
        a,
        b,
        [-2_i16, 16129, 6, 0, 0, 0, 0, -16256],
    );
    check(
        I16X8_EXTMUL_LOW_I8X16_U,
        a,
        b,
        [0x4000_u16, 65025, 508, 0, 0, 0, 0, 15],
    );
    check(
        I16X8_EXTMUL_HIGH_I8X16_U,
        a,
        b,
        [510_u16, 16129, 6, 0, 0, 0, 0, 16256],
    );
    let a = [0x8000_u16, 0xffff, 2, 3, 0xffff, 5, 6, 0x8000];
    let b = [0x8000_u16, 0xffff, 0xfffe, 3, 2, 5, 6, 0x7fff];
    check(I32X4_EXTMUL_LOW_I16X8_S, a, b, [0x4000_0000, 1, -4, 9]);
    check(I32X4_EXTMUL_HIGH_I16X8_S, a, b, [-2, 25, 36, -0x3fff_8000]);
    check(
        I32X4_EXTMUL_LOW_I16X8_U,
        a,
        b,
        [0x4000_0000_u32, 0xfffe_0001, 0x1_fffc, 9],
    );
    check(
        I32X4_EXTMUL_HIGH_I16X8_U,
        a,
        b,
        [0x1_fffe_u32, 25, 36, 0x3fff_8000],
    );
    let (a, b) = ([i32::MIN, -1, -1, 3], [i32::MIN, -1, 2, -5]);
    check(
        I64X2_EXTMUL_LOW_I32X4_S,
        a,
        b,
        [0x4000_0000_0000_0000_i64, 1],
    );
    check(I64X2_EXTMUL_HIGH_I32X4_S, a, b, [-2_i64, -15]);
    check(
        I64X2_EXTMUL_LOW_I32X4_U,
        a,
        b,
        [0x4000_0000_0000_0000_u64, 0xffff_fffe_0000_0001],
    );
    check(
        I64X2_EXTMUL_HIGH_I32X4_U,
        a,
        b,
        [0x1_ffff_fffe_u64, 0x2_ffff_fff1],
    );
}

#[test]
fn q15_products_round_and_saturate() {
    let a = [i16::MIN, i16::MIN, i16::MAX, 1, 1, -1, -1, 0x4000];
    let b = [
        i16::MIN,
        i16::MAX,
        i16::MAX,
        0x4000,
        0x3fff,
        0x4000,
        0x4001,
        2,
    ];
    let expected = [i16::MAX, -i16::MAX, 0x7ffe, 1, 0, 0, -1, 1];
    check(I16X8_Q15MULR_SAT_S, a, b, expected);
}

#[test]
fn dot_products_wrap_in_one_corner() {
    let a = [i16::MIN, i16::MIN, i16::MIN, i16::MIN, 1, 2, -1, i16::MAX];
    let b = [i16::MIN, i16::MIN, i16::MAX, i16::MAX, 3, 4, 5, i16::MAX];
    let expected = [i32::MIN, -0x7fff_0000, 11, 0x3ffe_fffc];
    check(I32X4_DOT_I16X8_S, a, b, expected);
}

#[test]
fn other_families_trap() {
    assert_eq!(cases::run(evaluate, I32_ADD, &[0, 0]), None);
    assert_eq!(cases::run(evaluate, I64X2_EQ, &[0, 0]), None);
}
