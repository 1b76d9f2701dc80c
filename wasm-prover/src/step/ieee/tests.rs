use super::*;

const ONE: u32 = 0x3f80_0000;
const INFINITY: u32 = 0x7f80_0000;
const SIGN: u32 = 0x8000_0000;
const LEAST: u32 = 1;
const MAX: u32 = 0x7f7f_ffff;
/// Quiet and signalling ones, with payload and sign.
const NANS: [u32; 4] = [0x7fc0_0000, 0xffc1_2345, 0x7f80_0001, 0xffbf_ffff];
const NANS_64: [u64; 3] = [
    0xfff8_0000_0000_0000,
    0x7ff0_0000_0000_0001,
    0xfff7_ffff_ffff_ffff,
];

#[test]
fn every_nan_of_arithmetic_is_canonical() {
    use single::{add, ceil, div, floor, max, min, mul, nearest, sqrt, sub, trunc};
    for nan in NANS {
        for operation in [ceil, floor, trunc, nearest, sqrt] {
            assert_eq!(operation(nan), 0x7fc0_0000);
        }
        for operation in [add, sub, mul, div, min, max] {
            assert_eq!(operation(nan, ONE), 0x7fc0_0000);
            assert_eq!(operation(ONE, nan), 0x7fc0_0000);
            assert_eq!(operation(nan, NANS[1]), 0x7fc0_0000);
        }
        assert_eq!(promote(nan), 0x7ff8_0000_0000_0000);
    }
}

#[test]
fn every_nan_of_f64_arithmetic_is_canonical() {
    use double::{add, ceil, div, floor, max, min, mul, nearest, sqrt, sub, trunc};
    for nan in NANS_64 {
        for operation in [ceil, floor, trunc, nearest, sqrt] {
            assert_eq!(operation(nan), 0x7ff8_0000_0000_0000);
        }
        for operation in [add, sub, mul, div, min, max] {
            assert_eq!(operation(nan, 0), 0x7ff8_0000_0000_0000);
            assert_eq!(operation(0, nan), 0x7ff8_0000_0000_0000);
        }
        assert_eq!(demote(nan), 0x7fc0_0000);
    }
}

#[test]
fn invalid_operations_give_the_canonical_nan() {
    assert_eq!(single::sub(INFINITY, INFINITY), single::NAN);
    assert_eq!(single::add(INFINITY, INFINITY | SIGN), single::NAN);
    assert_eq!(single::mul(0, INFINITY), single::NAN);
    assert_eq!(single::div(0, SIGN), single::NAN);
    assert_eq!(single::div(INFINITY, INFINITY), single::NAN);
    assert_eq!(single::sqrt(ONE | SIGN), single::NAN);
    assert_eq!(double::div(0, 0), double::NAN);
    assert_eq!(double::sqrt(0xbff0_0000_0000_0000), double::NAN);
}

#[test]
fn payloads_survive_what_moves_bits() {
    let [_, quiet, signalling, _] = NANS;
    assert_eq!(single::abs(quiet), 0x7fc1_2345);
    assert_eq!(single::neg(signalling), 0xff80_0001);
    assert_eq!(single::copysign(signalling, SIGN), 0xff80_0001);
    assert_eq!(single::pmin(signalling, ONE), signalling);
    assert_eq!(single::pmin(ONE, signalling), ONE);
    assert_eq!(single::pmax(quiet, signalling), quiet);
    assert_eq!(double::abs(NANS_64[2]), 0x7ff7_ffff_ffff_ffff);
    assert_eq!(double::pmax(NANS_64[1], 0), NANS_64[1]);
}

#[test]
fn zeros_keep_their_signs() {
    assert_eq!(single::add(SIGN, SIGN), SIGN);
    assert_eq!(single::add(SIGN, 0), 0);
    assert_eq!(single::sub(SIGN, 0), SIGN);
    assert_eq!(single::sub(ONE, ONE), 0);
    assert_eq!(single::mul(SIGN, ONE), SIGN);
    assert_eq!(single::div(ONE | SIGN, INFINITY), SIGN);
    assert_eq!(single::sqrt(SIGN), SIGN);
    assert_eq!((single::min(0, SIGN), single::min(SIGN, 0)), (SIGN, SIGN));
    assert_eq!((single::max(0, SIGN), single::max(SIGN, 0)), (0, 0));
    assert_eq!((single::pmin(0, SIGN), single::pmax(SIGN, 0)), (0, SIGN));
    assert!(single::eq(0, SIGN) && !single::lt(SIGN, 0));
}

#[test]
fn subnormals_are_numbers() {
    assert_eq!(single::add(LEAST, LEAST), 2);
    assert_eq!(single::sub(0x0080_0000, LEAST), 0x007f_ffff);
    // Half the least is a tie, and goes to the even zero; one and a half times it goes to the even two.
    assert_eq!(single::mul(LEAST, 0x3f00_0000), 0);
    assert_eq!(single::mul(3, 0x3f00_0000), 2);
    assert_eq!(double::add(1, 1), 2);
    assert_eq!(single::max(LEAST, 0), LEAST);
}

#[test]
fn sums_round_ties_to_even() {
    // 2^24 + 1 and 2^24 + 3 lie between two f32.
    assert_eq!(single::add(0x4b80_0000, ONE), 0x4b80_0000);
    assert_eq!(single::add(0x4b80_0000, 0x4040_0000), 0x4b80_0002);
    assert_eq!(single::add(MAX, MAX), INFINITY);
    assert_eq!(single::div(ONE, 0), INFINITY);
    assert_eq!(single::div(ONE, SIGN), INFINITY | SIGN);
    assert_eq!(single::div(ONE, 0x4040_0000), 0x3eaa_aaab);
    assert_eq!(single::sqrt(0x4000_0000), 0x3fb5_04f3);
    assert_eq!(double::sqrt(0x4000_0000_0000_0000), 0x3ff6_a09e_667f_3bcd);
}

#[test]
fn numbers_round_to_integers_each_way() {
    // 0.5, 1.5, 2.5, -0.5, -1.5
    let halves = [
        0x3f00_0000,
        0x3fc0_0000,
        0x4020_0000,
        0xbf00_0000,
        0xbfc0_0000,
    ];
    let (two, three) = (0x4000_0000, 0x4040_0000);
    assert_eq!(
        halves.map(single::ceil),
        [ONE, two, three, SIGN, ONE | SIGN]
    );
    assert_eq!(
        halves.map(single::floor),
        [0, ONE, two, ONE | SIGN, two | SIGN]
    );
    assert_eq!(halves.map(single::trunc), [0, ONE, two, SIGN, ONE | SIGN]);
    assert_eq!(halves.map(single::nearest), [0, two, two, SIGN, two | SIGN]);
    assert_eq!(
        double::nearest(0x4004_0000_0000_0000),
        0x4000_0000_0000_0000
    );
    assert_eq!(single::nearest(0x4aff_ffff), 0x4b00_0000);
    assert_eq!(single::floor(INFINITY | SIGN), INFINITY | SIGN);
}

#[test]
fn demotion_rounds_and_overflows() {
    assert_eq!(demote(0x36a0_0000_0000_0000), LEAST);
    assert_eq!(demote(0x3690_0000_0000_0000), 0);
    assert_eq!(demote(0x3690_0000_0000_0001), LEAST);
    // Just below and at half an ulp beyond the greatest f32.
    assert_eq!(demote(0x47ef_ffff_efff_ffff), MAX);
    assert_eq!(demote(0x47ef_ffff_f000_0000), INFINITY);
    assert_eq!(demote(0xbff0_0000_1000_0000), ONE | SIGN);
    assert_eq!(demote(0xbff0_0000_3000_0000), 0xbf80_0002);
    assert_eq!(promote(LEAST), 0x36a0_0000_0000_0000);
    assert_eq!(promote(INFINITY | SIGN), 0xfff0_0000_0000_0000);
}
