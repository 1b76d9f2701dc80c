//! Operators on the bits of elements.

use super::node::datum_of;
use super::{Fact, Kernel, Node, elements, required, tensor};
use tract_onnx::tract_core::broadcast::multi_broadcast;
use tract_onnx::tract_hir::internal::*;

pub(super) fn bit_cast(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let to = node.int("to").context("lacks the attribute 'to'")?;
    Ok(Box::new(BitCast { to: datum_of(to)? }))
}

/// `BitCast`: <https://onnx.ai/onnx/operators/onnx__BitCast.html>.
#[derive(Debug)]
struct BitCast {
    to: DatumType,
}

impl Kernel for BitCast {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let input = required(inputs, 0)?;
        let same = input.datum.size_of() == self.to.size_of();
        ensure!(
            same,
            "reads {:?} as {:?}, which has another size",
            input.datum,
            self.to
        );
        Ok(Some(tvec![Fact::new(self.to, input.shape.clone())]))
    }

    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let input = required(inputs, 0)?;
        let bytes = input.as_bytes();
        let truths = self.to != DatumType::Bool || bytes.iter().all(|byte| *byte < 2);
        ensure!(truths, "reads bytes other than 0 and 1 as bool");
        let mut output = Tensor::zero_dt(self.to, input.shape())?;
        output.as_bytes_mut().copy_from_slice(bytes);
        Ok(tvec![output])
    }
}

pub(super) fn bit_shift(node: &Node<'_>) -> TractResult<Box<dyn Kernel>> {
    let left = match node.string("direction")? {
        Some("LEFT") => true,
        Some("RIGHT") => false,
        _ => bail!("attribute 'direction' is neither LEFT nor RIGHT"),
    };
    Ok(Box::new(BitShift { left }))
}

/// `BitShift`: <https://onnx.ai/onnx/operators/onnx__BitShift.html>. A shift by more than all bits, or by a negative number,
/// leaves nothing but the sign.
#[derive(Debug)]
struct BitShift {
    left: bool,
}

impl BitShift {
    /// An element of so many bits, as a number of 128.
    fn shift(&self, element: i128, by: i128, bits: u32) -> i128 {
        let inside = u32::try_from(by).ok().filter(|by| *by < bits);
        match (self.left, inside) {
            (true, Some(by)) => element << by,
            (true, None) => 0,
            (false, Some(by)) => element >> by,
            (false, None) => element >> 127,
        }
    }

    fn all<T>(&self, inputs: [&Tensor; 2], cut: fn(i128) -> T) -> TractResult<Tensor>
    where
        T: Datum + Copy + Into<i128>,
    {
        let bits = 8 * u32::try_from(size_of::<T>())?;
        let shape = stretched(inputs.map(Tensor::shape))?;
        let [of, by] = inputs.map(|input| input.broadcast_to_shape(&shape));
        let (of, by) = (of?, by?);
        let pairs = elements::<T>(&of)?.iter().zip(elements::<T>(&by)?);
        let results = pairs.map(|(element, by)| {
            let (element, by) = ((*element).into(), (*by).into());
            cut(self.shift(element, by, bits))
        });
        tensor(&shape, &results.collect::<Vec<T>>())
    }
}

fn stretched(shapes: [&[usize]; 2]) -> TractResult<TVec<usize>> {
    let [left, right] = shapes;
    multi_broadcast(&shapes).with_context(|| format!("is given shapes {left:?} and {right:?}"))
}

impl Kernel for BitShift {
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>> {
        let (left, right) = (required(inputs, 0)?, required(inputs, 1)?);
        let fits = left.datum == right.datum && left.datum.is_integer();
        ensure!(
            fits,
            "shifts {:?} by {:?}, expected integers of one type",
            left.datum,
            right.datum
        );
        let shape = stretched([&left.shape, &right.shape])?;
        super::volume(left.datum, &shape)?;
        Ok(Some(tvec![Fact::new(left.datum, shape)]))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bits above the type's are shifted out"
    )]
    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>> {
        let pair = [required(inputs, 0)?, required(inputs, 1)?];
        let shifted = match pair[0].datum_type() {
            DatumType::U8 => self.all::<u8>(pair, |bits| bits as u8),
            DatumType::U16 => self.all::<u16>(pair, |bits| bits as u16),
            DatumType::U32 => self.all::<u32>(pair, |bits| bits as u32),
            DatumType::U64 => self.all::<u64>(pair, |bits| bits as u64),
            DatumType::I8 => self.all::<i8>(pair, |bits| bits as i8),
            DatumType::I16 => self.all::<i16>(pair, |bits| bits as i16),
            DatumType::I32 => self.all::<i32>(pair, |bits| bits as i32),
            DatumType::I64 => self.all::<i64>(pair, |bits| bits as i64),
            other => bail!("shifts {other:?}, expected integers"),
        };
        Ok(tvec![shifted?])
    }
}
