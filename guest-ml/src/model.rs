//! From an ONNX file to a model that is ready to run.

use crate::eager::{self, Eager};
use crate::guard::guard;
use crate::host::{Blob, BlobReader, Host, MAX_READ_BYTES};
use crate::normalise::{AxisSizes, is_fused, normalise};
use crate::ops;
use crate::optimise::optimised;
use crate::refusal::Refusal;
use crate::tensors::{Shape, datum_type, dtype_of_datum, dtype_of_onnx, size_bytes};
use crate::vet::{Problem, vet};
use enshrine_primitives::tensor::{DType, Dim, TensorType};
use prost::Message;
use tract_onnx::Onnx;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as DimValue;
use tract_onnx::pb::type_proto::{Tensor as TensorTypeProto, Value};
use tract_onnx::pb::{GraphProto, ModelProto, ValueInfoProto};
use tract_onnx::prelude::{
    Framework, InferenceFact, InferenceModel, InferenceModelExt, OutletId, TractError, TractResult,
    TypedFact, TypedModel,
};

/// Most problems that a refusal lists; the report of `describe` has all.
const MAX_LISTED_PROBLEMS: usize = 3;

/// A model that is ready to be made runnable.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) engine: Engine,
    /// Types of the graph's inputs, without those that are stored in the model.
    pub(crate) inputs: Vec<TensorType>,
    /// Types of the graph's outputs.
    pub(crate) outputs: Vec<TensorType>,
    /// A shape for each input.
    pub(crate) shapes: Vec<Shape>,
}

/// What runs a model.
#[derive(Debug)]
pub(crate) enum Engine {
    /// Optimised for the shapes.
    Planned(TypedModel),
    Eager(Box<Eager>),
}

/// The importer with all its operators, guarded.
pub(crate) fn importer() -> Onnx {
    let mut importer = tract_onnx::onnx().with_ignore_value_info(true);
    ops::register(&mut importer);
    guard(&mut importer);
    importer
}

/// Decodes the model blob page by page.
///
/// # Errors
/// Why it is no ONNX file.
pub(crate) fn read<H: Host + ?Sized>(host: &H) -> Result<ModelProto, Problem> {
    const FIX: &str = "give the bytes of an .onnx file as the exporter wrote it";
    let got = host.blob_len(Blob::Model);
    if got > MAX_READ_BYTES {
        let reason = format!("has {got} bytes, expected at most {MAX_READ_BYTES}");
        return Err(Problem::of_model(reason, "use a smaller model"));
    }
    let decoded = ModelProto::decode(BlobReader::new(host, Blob::Model));
    decoded.map_err(|error| {
        let error = error.to_string();
        Problem::of_model(format!("is no ONNX file: {}", innermost(&error)), FIX)
    })
}

/// An error of the decoder without the fields that lead to it, except the last: there may be many.
fn innermost(error: &str) -> &str {
    let is_field = |part: &str| part.contains('.') && !part.contains(' ');
    let mut rest = error;
    while let Some((_, after)) = rest.split_once(": ") {
        let another = after
            .split_once(": ")
            .is_some_and(|(part, _)| is_field(part));
        if !another {
            break;
        }
        rest = after;
    }
    rest
}

/// All problems of a model.
pub(crate) fn problems(proto: &ModelProto, importer: &Onnx) -> Vec<Problem> {
    vet(proto, &|operator| {
        importer.op_register.0.contains_key(operator) || eager::runs(operator) || is_fused(operator)
    })
}

/// Reads the model and prepares it for the sizes of the input's dynamic axes.
///
/// # Errors
/// Why the model is refused, or its input.
pub(crate) fn prepare<H: Host + ?Sized>(host: &H) -> Result<Prepared, Refusal> {
    let importer = importer();
    let mut proto = read(host).map_err(|problem| refuse(&[problem]))?;
    let problems = problems(&proto, &importer);
    if !problems.is_empty() {
        return Err(refuse(&problems));
    }
    let graph = proto.graph.take().unwrap_or_default();
    let inputs = input_types(&graph);
    let shapes = crate::tensors::read_shapes(host, &inputs)?;
    let sizes = axis_sizes(&graph, &shapes)?;
    proto.graph = Some(graph);
    normalise(&mut proto, &sizes);
    let typed = match typed(&importer, &proto, &inputs, &shapes) {
        Ok(typed) => typed,
        Err(Unplanned::Refused(refusal)) => return Err(refusal),
        Err(Unplanned::ByValues(reason)) => {
            let outputs = declared_outputs(&proto)?;
            let eager = Eager::new(importer, proto, reason)?;
            return Ok(Prepared {
                engine: Engine::Eager(Box::new(eager)),
                inputs,
                outputs,
                shapes,
            });
        }
    };
    let declared = proto
        .graph
        .take()
        .map(|graph| graph.output)
        .unwrap_or_default();
    // Weights are now in the typed model; optimising copies them once more, so the file's copy must go first.
    drop((proto, importer));
    let outputs = output_types(&typed, &declared, is_dynamic(&inputs))?;
    let model = optimised(typed).map_err(|error| cannot_prepare(&error, &shapes))?;
    Ok(Prepared {
        engine: Engine::Planned(model),
        inputs,
        outputs,
        shapes,
    })
}

/// A refusal that lists problems.
fn refuse(problems: &[Problem]) -> Refusal {
    let listed = problems
        .iter()
        .take(MAX_LISTED_PROBLEMS)
        .map(Problem::to_string);
    let listed = listed.collect::<Vec<_>>().join(". ");
    match problems.len() {
        1 => Refusal::model(format!("the model is refused: {listed}")),
        count => Refusal::model(format!(
            "the model is refused for {count} problems: {listed}"
        )),
    }
}

fn cannot_prepare(error: &TractError, shapes: &[Shape]) -> Refusal {
    let error = format!("{error:#}");
    // The importer asks for constants where an operator's parameters decide shapes, and does not say what that means.
    let fix = if error.contains("const") || error.contains("must be a known") {
        "; store parameters of operators in the model as initialisers, not as inputs or computed values"
    } else {
        ""
    };
    Refusal::model(format!(
        "the model cannot be prepared for inputs of shapes {shapes:?}: {error}{fix}"
    ))
}

/// Types of the inputs that a caller gives.
pub(crate) fn input_types(graph: &GraphProto) -> Vec<TensorType> {
    let typed = |input| {
        let ty = tensor_type(input)?;
        let dtype = dtype_of_onnx(ty.elem_type)?;
        let dims = ty
            .shape
            .iter()
            .flat_map(|shape| &shape.dim)
            .map(|dim| declared_dim(&dim.value));
        Some(TensorType::new(
            &*input.name,
            dtype,
            dims.collect::<Vec<_>>(),
        ))
    };
    given_inputs(graph).filter_map(typed).collect()
}

/// Inputs without a value stored in the model.
fn given_inputs(graph: &GraphProto) -> impl Iterator<Item = &ValueInfoProto> {
    let stored: std::collections::BTreeSet<&str> = graph
        .initializer
        .iter()
        .map(|tensor| tensor.name.as_str())
        .collect();
    graph
        .input
        .iter()
        .filter(move |input| !stored.contains(input.name.as_str()))
}

fn tensor_type(info: &ValueInfoProto) -> Option<&TensorTypeProto> {
    let Value::TensorType(ty) = info.r#type.as_ref()?.value.as_ref()?;
    Some(ty)
}

/// An axis is static if the model declares a positive size.
fn declared_dim(dim: &Option<DimValue>) -> Dim {
    match dim {
        Some(DimValue::DimValue(size)) if *size > 0 => {
            u32::try_from(*size).map_or(Dim::Dynamic, Dim::Static)
        }
        _ => Dim::Dynamic,
    }
}

fn is_dynamic(types: &[TensorType]) -> bool {
    types.iter().any(|ty| ty.dynamic_count() > 0)
}

/// Sizes of named axes. An axis that is named twice must have one size.
fn axis_sizes(graph: &GraphProto, shapes: &[Shape]) -> Result<AxisSizes, Refusal> {
    let mut sizes = AxisSizes::new();
    for (input, shape) in given_inputs(graph).zip(shapes) {
        let dims = tensor_type(input)
            .and_then(|ty| ty.shape.as_ref())
            .into_iter();
        for (dim, size) in dims.flat_map(|shape| &shape.dim).zip(shape) {
            let Some(DimValue::DimParam(axis)) = &dim.value else {
                continue;
            };
            let expected = *sizes.entry(axis.clone()).or_insert(*size);
            if expected != *size && !axis.is_empty() {
                let name = &input.name;
                return Err(Refusal::input(format!(
                    "input '{name}': expected {expected} for axis '{axis}' as in the inputs before, got {size}"
                )));
            }
        }
    }
    Ok(sizes)
}

/// Why a model cannot be prepared for all inputs of a shape.
enum Unplanned {
    /// It cannot be run at all.
    Refused(Refusal),
    /// Its shapes depend on values.
    ByValues(String),
}

/// Imports the model and finds the type of each value in it.
fn typed(
    importer: &Onnx,
    proto: &ModelProto,
    inputs: &[TensorType],
    shapes: &[Shape],
) -> Result<TypedModel, Unplanned> {
    let graph = proto.graph.as_ref();
    let by_values = graph.and_then(eager::depends_on_values);
    if let Some(reason) = by_values
        .as_ref()
        .filter(|_| graph.is_some_and(runs_eagerly))
    {
        return Err(Unplanned::ByValues(reason.clone()));
    }
    let error = match type_with(importer, proto, inputs, Some(shapes)) {
        Ok(model) => {
            return check_sizes(model, is_dynamic(inputs)).map_err(Unplanned::Refused);
        }
        Err(error) => error,
    };
    if let Some(reason) = by_values {
        return Err(Unplanned::ByValues(reason));
    }
    let refusal = cannot_prepare(&error, shapes);
    // Whose fault is it? If the model has a type for sizes left open, it is that of the sizes given.
    let open = is_dynamic(inputs) && type_with(importer, proto, inputs, None).is_ok();
    Err(Unplanned::Refused(if open {
        Refusal::input(refusal.message)
    } else {
        refusal
    }))
}

/// Whether a graph or a nested one has a node of an operator that [`eager`] runs.
fn runs_eagerly(graph: &GraphProto) -> bool {
    graph.node.iter().any(|node| {
        let mut nested = node.attribute.iter().flat_map(|given| &given.g);
        eager::runs(&node.op_type) || nested.any(runs_eagerly)
    })
}

fn type_with(
    importer: &Onnx,
    proto: &ModelProto,
    inputs: &[TensorType],
    shapes: Option<&[Shape]>,
) -> TractResult<TypedModel> {
    let mut model: InferenceModel = importer.model_for_proto_model(proto)?;
    for (index, (ty, shape)) in inputs.iter().zip(shapes.unwrap_or_default()).enumerate() {
        let axes: Vec<usize> = shape.iter().map(|size| *size as usize).collect();
        if let Some(datum) = datum_type(ty.dtype) {
            model.set_input_fact(index, InferenceFact::dt_shape(datum, axes))?;
        }
    }
    model.into_typed()
}

/// Refuses values that could never be stored: their sizes overflow in kernels.
fn check_sizes(model: TypedModel, dynamic: bool) -> Result<TypedModel, Refusal> {
    for node in &model.nodes {
        let mut facts = node.outputs.iter().map(|output| &output.fact);
        if let Some(fact) = facts.find(|fact| !fits(fact)) {
            let (name, shape) = (&node.name, &fact.shape);
            let message = format!(
                "node '{name}' would compute a tensor of shape {shape:?}, which is too large"
            );
            return Err(if dynamic {
                Refusal::input(message)
            } else {
                Refusal::model(message)
            });
        }
    }
    Ok(model)
}

fn fits(fact: &TypedFact) -> bool {
    let Some(shape) = fact.shape.as_concrete() else {
        return true;
    };
    let shape: Option<Shape> = shape.iter().map(|size| u32::try_from(*size).ok()).collect();
    // Types of tract's own, as packed weights, have no size that is known here.
    let dtype = dtype_of_datum(fact.datum_type).unwrap_or(DType::U8);
    shape.is_some_and(|shape| size_bytes(dtype, &shape).is_some())
}

/// Types of the outputs as the model declares them.
fn declared_outputs(proto: &ModelProto) -> Result<Vec<TensorType>, Refusal> {
    let outputs = proto.graph.iter().flat_map(|graph| &graph.output);
    let declared = |info: &ValueInfoProto| {
        let ty = tensor_type(info)?;
        let dims = ty.shape.as_ref()?.dim.iter();
        let dims: Vec<Dim> = dims.map(|dim| declared_dim(&dim.value)).collect();
        Some(TensorType::new(
            &*info.name,
            dtype_of_onnx(ty.elem_type)?,
            dims,
        ))
    };
    let typed = |info: &ValueInfoProto| {
        declared(info).ok_or_else(|| {
            let name = &info.name;
            Refusal::model(format!(
                "output '{name}' has no element type and shape that the guest has: declare them, with names for axes \
                 whose size depends on the input"
            ))
        })
    };
    outputs.map(typed).collect()
}

/// Types of the outputs. If all inputs are static the model's own analysis decides what is static; otherwise, since
/// the analysis has seen only one choice of sizes, the declaration does.
fn output_types(
    model: &TypedModel,
    declared: &[ValueInfoProto],
    dynamic: bool,
) -> Result<Vec<TensorType>, Refusal> {
    let typed = |(info, outlet): (&ValueInfoProto, &OutletId)| {
        let fact = model.outlet_fact(*outlet).map_err(Refusal::model)?;
        output_type(info, fact, dynamic)
    };
    declared.iter().zip(&model.outputs).map(typed).collect()
}

fn output_type(
    info: &ValueInfoProto,
    fact: &TypedFact,
    dynamic: bool,
) -> Result<TensorType, Refusal> {
    let name = &info.name;
    let refuse =
        |what: String| Refusal::model(format!("output '{name}': the model computes {what}"));
    let got = fact.datum_type;
    let dtype = dtype_of_datum(got).ok_or_else(|| refuse(format!("elements of type {got:?}")))?;
    let ty = tensor_type(info);
    let declared_dtype = ty
        .and_then(|ty| dtype_of_onnx(ty.elem_type))
        .unwrap_or(dtype);
    if declared_dtype != dtype {
        return Err(refuse(format!(
            "{dtype}, but declares {declared_dtype}: correct the declaration"
        )));
    }
    let declared: Option<Vec<Dim>> = ty.and_then(|ty| ty.shape.as_ref()).map(|shape| {
        shape
            .dim
            .iter()
            .map(|dim| declared_dim(&dim.value))
            .collect()
    });
    let inferred = fact.shape.iter().map(|dim| match dim.to_i64() {
        Ok(size) if size > 0 && !dynamic => u32::try_from(size).map_or(Dim::Dynamic, Dim::Static),
        _ => Dim::Dynamic,
    });
    let inferred: Vec<Dim> = inferred.collect();
    let dims = match declared {
        Some(declared) if dynamic && declared.len() == inferred.len() => declared,
        _ => inferred,
    };
    check_declared(&dims, fact).map_err(refuse)?;
    Ok(TensorType::new(&**name, dtype, dims))
}

/// A size that is declared and known must be the same: callers decode by the declaration.
fn check_declared(dims: &[Dim], fact: &TypedFact) -> Result<(), String> {
    for (dim, got) in dims.iter().zip(fact.shape.iter()) {
        let Dim::Static(expected) = dim else { continue };
        if got.to_i64().is_ok_and(|got| got != i64::from(*expected)) {
            return Err(format!(
                "shape {:?}, but declares an axis of {expected}: name the axis in place of a size",
                fact.shape
            ));
        }
    }
    Ok(())
}
