//! Values as Rust types, scalar and lane by lane.

use super::{Failed, Machine, Step};

/// A scalar, or a lane of a vector.
pub(super) trait Value: Copy {
    /// Width as a lane.
    const BITS: usize;
    /// From the low bits; those above the width are ignored.
    fn of(bits: u128) -> Self;
    /// Zero-extended.
    fn bits(self) -> u128;
}

macro_rules! integers {
    ($($ty:ty as $unsigned:ty),*) => {$(
        impl Value for $ty {
            const BITS: usize = <$ty>::BITS as usize;
            fn of(bits: u128) -> Self {
                bits as $ty
            }
            fn bits(self) -> u128 {
                u128::from(self as $unsigned)
            }
        }
    )*};
}

integers!(
    u8 as u8,
    i8 as u8,
    u16 as u16,
    i16 as u16,
    u32 as u32,
    i32 as u32,
    u64 as u64,
    i64 as u64,
    u128 as u128
);

impl Value for f32 {
    const BITS: usize = 32;
    fn of(bits: u128) -> Self {
        Self::from_bits(bits as u32)
    }
    fn bits(self) -> u128 {
        self.to_bits().into()
    }
}

impl Value for f64 {
    const BITS: usize = 64;
    fn of(bits: u128) -> Self {
        Self::from_bits(bits as u64)
    }
    fn bits(self) -> u128 {
        self.to_bits().into()
    }
}

/// An i32 that is 0 or 1.
impl Value for bool {
    const BITS: usize = 32;
    fn of(bits: u128) -> Self {
        bits as u32 != 0
    }
    fn bits(self) -> u128 {
        self.into()
    }
}

/// Lane `index` of a vector.
pub(super) fn lane<T: Value>(vector: u128, index: usize) -> T {
    T::of(vector >> (index * T::BITS))
}

/// The vector of the given lanes, lane 0 first; missing ones are zero.
pub(super) fn vector<T: Value>(lanes: impl Iterator<Item = T>) -> u128 {
    lanes.enumerate().fold(0, |bits, (index, lane)| {
        bits | lane.bits() << (index * T::BITS)
    })
}

/// All lanes of a vector.
pub(super) fn lanes<T: Value>(
    vector: u128,
) -> impl DoubleEndedIterator<Item = T> + ExactSizeIterator {
    (0..128 / T::BITS).map(move |index| lane(vector, index))
}

impl Machine {
    pub(super) fn pop_as<T: Value>(&mut self) -> Result<T, Failed> {
        self.pop().map(T::of)
    }

    pub(super) fn unary<A: Value, R: Value>(&mut self, f: impl Fn(A) -> R) -> Step {
        let a = self.pop_as()?;
        self.push(f(a).bits());
        Ok(())
    }

    pub(super) fn binary<A: Value, B: Value, R: Value>(&mut self, f: impl Fn(A, B) -> R) -> Step {
        let b = self.pop_as()?;
        let a = self.pop_as()?;
        self.push(f(a, b).bits());
        Ok(())
    }

    /// An instruction that fails where `f` gives nothing.
    pub(super) fn partial_unary<A: Value, R: Value>(&mut self, f: impl Fn(A) -> Option<R>) -> Step {
        let a = self.pop_as()?;
        self.push(f(a).ok_or(Failed::Trap)?.bits());
        Ok(())
    }

    /// An instruction that fails where `f` gives nothing.
    pub(super) fn partial_binary<A: Value, R: Value>(
        &mut self,
        f: impl Fn(A, A) -> Option<R>,
    ) -> Step {
        let b = self.pop_as()?;
        let a = self.pop_as()?;
        self.push(f(a, b).ok_or(Failed::Trap)?.bits());
        Ok(())
    }

    pub(super) fn lanewise<A: Value, R: Value>(&mut self, f: impl Fn(A) -> R) -> Step {
        self.unary(|a: u128| vector(lanes(a).map(&f)))
    }

    pub(super) fn lanewise2<A: Value, R: Value>(&mut self, f: impl Fn(A, A) -> R) -> Step {
        self.binary(|a: u128, b: u128| vector(lanes(a).zip(lanes(b)).map(|(a, b)| f(a, b))))
    }

    /// Lanes of ones where `f` holds, of zeros elsewhere.
    pub(super) fn lane_compare<A: Value>(&mut self, f: impl Fn(A, A) -> bool) -> Step {
        self.lanewise2(|a: A, b: A| A::of(if f(a, b) { u128::MAX } else { 0 }))
    }
}
