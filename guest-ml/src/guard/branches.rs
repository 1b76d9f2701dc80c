//! Branches whose result is a constant.
//!
//! <https://onnx.ai/onnx/operators/onnx__If.html>. The importer takes what the first branch says for the result of both if it is
//! the same in all runs.

use crate::optimise::opaque;
use tract_onnx::tract_core::ops::logic::IfThenElse;
use tract_onnx::tract_hir::internal::*;

/// Takes an `If` that was wired to these outlets for what it is: the branch that is taken in all runs, or a value that only a run
/// knows.
pub(super) fn settle(
    prefix: &str,
    model: &mut TypedModel,
    outlets: TVec<OutletId>,
) -> TractResult<TVec<OutletId>> {
    let Some(first) = outlets.first() else {
        return Ok(outlets);
    };
    let node = model.node(first.node);
    let Some(choice) = node.op_as::<IfThenElse>().cloned() else {
        return Ok(outlets);
    };
    let (id, inputs) = (node.id, node.inputs.clone());
    // The importer names each of them the same.
    prefix.clone_into(&mut model.node_mut(id).name);
    if let Some(condition) = &model.outlet_fact(inputs[0])?.konst {
        let taken = condition.cast_to_scalar::<bool>()?;
        return inlined(prefix, model, &choice, taken, &inputs);
    }
    model.node_mut(id).op = opaque(Box::new(choice));
    for outlet in &outlets {
        let fact = model.outlet_fact(*outlet)?.without_value();
        model.set_outlet_fact(*outlet, fact)?;
    }
    Ok(outlets)
}

/// The nodes of a branch, among those of the graph that it belongs to.
fn inlined(
    prefix: &str,
    model: &mut TypedModel,
    choice: &IfThenElse,
    taken: bool,
    inputs: &[OutletId],
) -> TractResult<TVec<OutletId>> {
    let (body, places) = if taken {
        (&choice.then_body, &choice.then_input_mapping)
    } else {
        (&choice.else_body, &choice.else_input_mapping)
    };
    let mut known: HashMap<OutletId, OutletId> = HashMap::default();
    for (source, place) in body.input_outlets()?.iter().zip(places) {
        known.insert(*source, inputs[*place]);
    }
    for id in body.eval_order()? {
        let node = body.node(id);
        if known.contains_key(&id.into()) {
            continue;
        }
        let inputs: TVec<OutletId> = node.inputs.iter().map(|input| known[input]).collect();
        let name = format!("{prefix}.{}", node.name);
        let outputs = model.wire_node(name, node.op.clone(), &inputs)?;
        for (slot, outlet) in outputs.into_iter().enumerate() {
            known.insert((id, slot).into(), outlet);
        }
    }
    Ok(body.outputs.iter().map(|output| known[output]).collect())
}
