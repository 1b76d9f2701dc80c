//! What is wired around an operator, or refused, once the types of its inputs are known.

use super::checks::{Refuse, RequireSize};
use super::extreme::RestoreInfinity;
use super::indices::{Bounds, ResolveIndices};
use super::rules::Target;
use tract_onnx::tract_core::ops::array::Slice;
use tract_onnx::tract_core::ops::cast::cast;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::tract_num_traits::Zero;

/// Makes single floats of half floats.
pub(super) fn widen(
    prefix: &str,
    model: &mut TypedModel,
    inputs: &[OutletId],
) -> TractResult<TVec<OutletId>> {
    let mut inputs: TVec<OutletId> = inputs.into();
    for (index, input) in inputs.iter_mut().enumerate() {
        if model.outlet_fact(*input)?.datum_type == f16::datum_type() {
            let (name, single) = (format!("{prefix}.widened.{index}"), f32::datum_type());
            *input = model.wire_node(name, cast(single), &[*input])?[0];
        }
    }
    Ok(inputs)
}

/// Makes all inputs of one type.
pub(super) fn cast_all(
    prefix: &str,
    model: &mut TypedModel,
    inputs: &[OutletId],
    datum: DatumType,
) -> TractResult<TVec<OutletId>> {
    let mut all = tvec![];
    for (index, input) in inputs.iter().enumerate() {
        let name = format!("{prefix}.cast.{index}");
        all.extend(model.wire_node(name, cast(datum), &[*input])?);
    }
    Ok(all)
}

/// The type of a power's base, if both are whole numbers and the importer knows no type that holds them.
pub(super) fn odd_base(model: &TypedModel, inputs: &[OutletId]) -> TractResult<Option<DatumType>> {
    let datum = |input: &OutletId| Ok(model.outlet_fact(*input)?.datum_type);
    let types: TVec<DatumType> = inputs.iter().map(datum).collect::<TractResult<_>>()?;
    let [base, exponent] = types[..] else {
        return Ok(None);
    };
    let whole = base.is_integer() && exponent.is_integer();
    if !whole || base.common_super_type(exponent).is_some() {
        return Ok(None);
    }
    let wide = [base, exponent].contains(&DatumType::U64);
    ensure!(
        !wide,
        "raises {base:?} to powers of {exponent:?}: cast them to int64"
    );
    Ok(Some(base))
}

/// Makes vectors that are multiplied matrices of one row or one column. Returns the places, counted from the end, of the
/// axes that the product then has too many, in the order in which they are to be taken out.
pub(super) fn make_matrices(
    prefix: &str,
    model: &mut TypedModel,
    inputs: &mut [OutletId],
) -> TractResult<TVec<usize>> {
    let mut needless = tvec![];
    for (index, (input, axis)) in inputs.iter_mut().zip([0, 1]).enumerate() {
        if model.outlet_fact(*input)?.rank() == 1 {
            let name = format!("{prefix}.matrix-{index}");
            *input = model.wire_node(name, AxisOp::Add(axis), &[*input])?[0];
            needless.push(2 - axis);
        }
    }
    Ok(needless)
}

/// Puts a check between the indices and the operator.
pub(super) fn resolve_indices(
    prefix: &str,
    model: &mut TypedModel,
    inputs: &[OutletId],
    target: Target,
) -> TractResult<TVec<OutletId>> {
    let rank = i64::try_from(model.outlet_fact(inputs[0])?.rank())?;
    let place = |axis: i64| usize::try_from(axis.rem_euclid(rank.max(1)));
    let bounds = match target {
        Target::AxesFrom(first) => Bounds::AxesFrom(first),
        Target::Axis(axis) | Target::NewAxis(axis) | Target::Count(axis) => {
            Bounds::Axis(place(axis)?)
        }
        Target::Elements(axis) => Bounds::Elements(place(axis)?),
    };
    if let (Target::AxesFrom(_), Some(updates)) = (target, inputs.get(2)) {
        refuse_other_updates(model, inputs, *updates)?;
    }
    let mut inputs: TVec<OutletId> = inputs.into();
    let name = format!("{prefix}.indices");
    inputs[1] = ResolveIndices { bounds }.wire(name, model, &[inputs[1], inputs[0]])?;
    Ok(inputs)
}

/// Puts a check before an operator that takes a stored number of elements of an axis.
pub(super) fn require_count(
    prefix: &str,
    model: &mut TypedModel,
    inputs: &[OutletId],
    axis: i64,
) -> TractResult<TVec<OutletId>> {
    let mut inputs: TVec<OutletId> = inputs.into();
    let count = model.outlet_fact(inputs[1])?.konst.clone();
    let count = count.context("the number of elements must be a known constant")?;
    ensure!(count.len() == 1, "expected one number of elements");
    let least = count
        .cast_to::<i64>()?
        .try_as_plain_ram()?
        .as_slice::<i64>()?[0];
    ensure!(least >= 0, "expected a number of elements, got {least}");
    let shape = &model.outlet_fact(inputs[0])?.shape;
    let axis = usize::try_from(axis.rem_euclid(i64::try_from(shape.rank())?.max(1)))?;
    match shape.get(axis).map(TDim::to_i64) {
        Some(Ok(size)) => ensure!(
            least <= size,
            "there are no {least} elements on an axis of size {size}"
        ),
        _ => {
            let name = format!("{prefix}.enough");
            inputs[0] = model.wire_node(name, RequireSize { axis, least }, &[inputs[0]])?[0];
        }
    }
    Ok(inputs)
}

/// Refuses updates that are no tensor for each tuple of indices.
fn refuse_other_updates(
    model: &TypedModel,
    inputs: &[OutletId],
    updates: OutletId,
) -> TractResult<()> {
    let shape = |outlet| TractResult::Ok(&model.outlet_fact(outlet)?.shape);
    let (data, indices, got) = (shape(inputs[0])?, shape(inputs[1])?, shape(updates)?);
    let (count, tuples) = indices.split_last().context("indices must have an axis")?;
    let rest = data.get(count.to_usize()?..);
    let rest = rest.context("indices point into more axes than there are")?;
    let expected = [tuples, rest].concat();
    ensure!(
        got.to_tvec()[..] == expected[..],
        "expected updates of shape {expected:?}, got {got:?}"
    );
    Ok(())
}

/// Refuses matrices of which the first one's rows are not as long as the second one's columns.
pub(super) fn refuse_other_depths(model: &TypedModel, inputs: &[OutletId]) -> TractResult<()> {
    let shape = |outlet: OutletId| {
        let shape = model.outlet_fact(outlet)?.shape.as_concrete();
        TractResult::Ok(shape.map(<[usize]>::to_vec))
    };
    let [left, right] = [inputs[0], inputs[1]].map(shape);
    if let (Some(left), Some(right)) = (left?, right?) {
        let columns = right.iter().rev().nth(1).or(right.last());
        ensure!(
            left.last() == columns,
            "cannot multiply matrices of shapes {left:?} and {right:?}"
        );
    }
    Ok(())
}

/// Refuses inputs without elements.
pub(super) fn refuse_nothing(model: &TypedModel, input: OutletId) -> TractResult<()> {
    let shape = &model.outlet_fact(input)?.shape;
    ensure!(
        !shape.volume().is_zero(),
        "takes no tensor without elements"
    );
    Ok(())
}

/// Refuses axes that are too short, or puts checks of them before the operator.
pub(super) fn require_sizes(
    prefix: &str,
    model: &mut TypedModel,
    input: OutletId,
    least_sizes: &[(usize, i64)],
) -> TractResult<OutletId> {
    let shape = model.outlet_fact(input)?.shape.clone();
    let mut checked = input;
    for (index, (axis, least)) in least_sizes.iter().copied().enumerate() {
        match shape.get(axis).map(TDim::to_i64) {
            Some(Ok(size)) => ensure!(
                size >= least,
                "expected an axis {axis} of at least {least} elements, got {size}"
            ),
            _ if least <= 0 => {}
            _ => {
                let name = format!("{prefix}.enough.{index}");
                checked = model.wire_node(name, RequireSize { axis, least }, &[checked])?[0];
            }
        }
    }
    Ok(checked)
}

/// Sizes of axes of which enough elements can be mirrored: there is one more than those, beside the first or last.
pub(super) fn mirrored_sizes(
    model: &TypedModel,
    inputs: &[OutletId],
) -> TractResult<Vec<(usize, i64)>> {
    let stored = |outlet: OutletId| -> TractResult<Option<Vec<i64>>> {
        let Some(konst) = &model.outlet_fact(outlet)?.konst else {
            return Ok(None);
        };
        let values = konst.cast_to::<i64>()?;
        Ok(Some(values.try_as_plain_ram()?.as_slice::<i64>()?.to_vec()))
    };
    let rank = i64::try_from(model.outlet_fact(inputs[0])?.rank())?;
    let pads = stored(inputs[1])?.context("the pads must be a known constant")?;
    let named = inputs
        .iter()
        .skip(2)
        .last()
        .map(|axes| stored(*axes))
        .transpose()?
        .flatten();
    let axes = named.filter(|axes| axes.len() * 2 == pads.len());
    let axes = axes.unwrap_or_else(|| (0..rank).collect());
    let padded = pads.iter().enumerate().filter(|(_, pad)| **pad > 0);
    let least = padded.map(|(index, pad)| {
        let axis = axes.get(index % axes.len().max(1)).copied().unwrap_or(0);
        Ok((usize::try_from(axis.rem_euclid(rank.max(1)))?, pad + 1))
    });
    least.collect()
}

/// Puts a check between divisors and the division of whole numbers, or the row of any.
pub(super) fn refuse_zeros(
    prefix: &str,
    model: &mut TypedModel,
    inputs: &[OutletId],
    divisor: usize,
) -> TractResult<TVec<OutletId>> {
    let mut inputs: TVec<OutletId> = inputs.into();
    let fact = model.outlet_fact(inputs[divisor])?;
    // Of a row, zero is no step of any type.
    if divisor == 1 && !fact.datum_type.is_integer() {
        return Ok(inputs);
    }
    let name = format!("{prefix}.divisors");
    inputs[divisor] = Refuse::Zeros.wire(name, model, inputs[divisor])?;
    Ok(inputs)
}

/// Puts a check between the exponents and the power of whole numbers, of which negative ones are none.
pub(super) fn refuse_negatives(
    prefix: &str,
    model: &mut TypedModel,
    inputs: &[OutletId],
) -> TractResult<TVec<OutletId>> {
    let mut inputs: TVec<OutletId> = inputs.into();
    let datum = |outlet: OutletId| TractResult::Ok(model.outlet_fact(outlet)?.datum_type);
    let (base, exponent) = (datum(inputs[0])?, datum(inputs[1])?);
    if !base.is_integer() || !exponent.is_integer() || exponent.is_unsigned() {
        return Ok(inputs);
    }
    let name = format!("{prefix}.exponents");
    inputs[1] = Refuse::Negatives.wire(name, model, inputs[1])?;
    Ok(inputs)
}

/// Indices out of range stand for no element: they get an axis that is one longer, and lose it again.
pub(super) fn one_hot(
    prefix: &str,
    model: &mut TypedModel,
    inputs: &[OutletId],
    axis: i64,
    wire: impl FnOnce(&mut TypedModel, &[OutletId]) -> TractResult<TVec<OutletId>>,
) -> TractResult<TVec<OutletId>> {
    let depth = model.outlet_fact(inputs[1])?.konst.clone();
    let depth = depth.context("the depth must be a known constant")?;
    ensure!(depth.len() == 1, "the depth must be one number");
    let depth = depth
        .cast_to::<i64>()?
        .try_as_plain_ram()?
        .as_slice::<i64>()?[0];
    ensure!(
        (0..i64::from(i32::MAX)).contains(&depth),
        "{depth} is no depth"
    );
    let mut inputs: TVec<OutletId> = inputs.into();
    let bounds = Bounds::Depth(depth);
    inputs[0] = ResolveIndices { bounds }.wire(format!("{prefix}.indices"), model, &[inputs[0]])?;
    inputs[1] = model.add_const(format!("{prefix}.depth"), tensor0(depth + 1))?;
    let outputs = wire(model, &inputs)?;
    let rank = i64::try_from(model.outlet_fact(outputs[0])?.rank())?;
    let axis = usize::try_from(axis.rem_euclid(rank))?;
    model.wire_node(
        format!("{prefix}.within"),
        Slice::new(axis, 0, depth),
        &outputs,
    )
}

/// Refuses the place of an extreme among no elements: there is none.
pub(super) fn refuse_place_of_nothing(
    model: &TypedModel,
    input: OutletId,
    output: OutletId,
) -> TractResult<()> {
    let empty =
        |outlet| -> TractResult<bool> { Ok(model.outlet_fact(outlet)?.shape.volume().is_zero()) };
    ensure!(
        !empty(input)? || empty(output)?,
        "takes the place of the extreme of no elements"
    );
    Ok(())
}

/// Refuses to add up a last axis without elements, on which the importer divides by zero.
pub(super) fn refuse_sum_of_nothing(model: &TypedModel, input: OutletId) -> TractResult<()> {
    let shape = &model.outlet_fact(input)?.shape;
    let empty = shape.last().is_some_and(Zero::is_zero);
    ensure!(
        !empty,
        "adds up a last axis without elements, which is not supported"
    );
    Ok(())
}

/// Puts a repair behind the extremes of some elements.
pub(super) fn restore_infinity(
    prefix: &str,
    model: &mut TypedModel,
    sign: i8,
    inputs: [OutletId; 2],
) -> TractResult<OutletId> {
    if !model.outlet_fact(inputs[0])?.datum_type.is_float() {
        return Ok(inputs[0]);
    }
    let name = format!("{prefix}.infinity");
    Ok(model.wire_node(name, RestoreInfinity { sign }, &inputs)?[0])
}
