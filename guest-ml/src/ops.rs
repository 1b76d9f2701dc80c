//! Operators of the guest's own: those that the importer lacks, or computes wrongly.
//!
//! Each is a [`Kernel`], a plain function from tensors to tensors, but those of single elements in [`pointwise`]. [`Own`] makes it an operator of the importer where the
//! shapes of its results follow from those of its inputs; [`crate::eager`] calls it directly where they do not.

mod activation;
mod attention;
mod bits;
mod causal_convolution;
mod columns;
mod compress;
mod crop;
mod cumulative;
mod deform;
mod determinant;
mod expand;
mod floats;
mod fourier;
mod grid_sample;
mod integer;
mod integer_sums;
mod linear_attention;
mod log_sum_exp;
mod loss;
mod mean;
mod mel;
mod ml;
mod modulo;
mod ngrams;
mod node;
mod pointwise;
mod pooling;
mod quantise;
mod range;
mod rearrange;
mod recurrent;
mod regions;
mod resize;
mod rotary;
mod softmax;
mod unique;

pub(crate) use node::{Node, read};

use crate::tensors::dtype_of_datum;
use std::fmt;
use tract_onnx::Onnx;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::cast::cast;
use tract_onnx::tract_hir::internal::*;

/// Element type and shape of a value, and the value itself if it is the same in all runs.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) datum: DatumType,
    pub(crate) shape: TVec<usize>,
    pub(crate) value: Option<Arc<Tensor>>,
}

impl Fact {
    pub(crate) fn new(datum: DatumType, shape: impl Into<TVec<usize>>) -> Self {
        let shape = shape.into();
        let value = None;
        Self {
            datum,
            shape,
            value,
        }
    }

    /// The same, of a value that is known.
    fn known(mut self, value: Option<Arc<Tensor>>) -> Self {
        self.value = value;
        self
    }

    /// That of a tensor.
    pub(crate) fn of(tensor: &Tensor) -> Self {
        Self::new(tensor.datum_type(), tensor.shape())
    }
}

/// What an operator computes. Inputs and outputs are those of ONNX in order; an input that a node leaves out is `None`.
pub(crate) trait Kernel: fmt::Debug + Send + Sync {
    /// Types and shapes of all outputs, or nothing if they depend on the inputs' elements.
    ///
    /// # Errors
    /// Why there can be no result for such inputs.
    fn facts(&self, inputs: &[Option<&Fact>]) -> TractResult<Option<TVec<Fact>>>;

    /// All outputs, as [`facts`](Self::facts) says.
    ///
    /// # Errors
    /// Why there is no result for these inputs.
    fn eval(&self, inputs: &[Option<&Tensor>]) -> TractResult<TVec<Tensor>>;

    /// Inputs that [`bind`](Self::bind) wants to be known, if a node gives them.
    fn binds(&self) -> &'static [usize] {
        &[]
    }

    /// The same with some inputs known for all runs, and which it needs no more.
    ///
    /// # Errors
    /// If they are wrong.
    fn bind(&self, _: &[Option<&Tensor>]) -> TractResult<Bound> {
        Ok(None)
    }
}

/// A kernel that knows some of its inputs, and which.
pub(crate) type Bound = Option<(Box<dyn Kernel>, TVec<usize>)>;

/// Makes a node's kernel.
pub(crate) type Build = fn(&Node<'_>) -> TractResult<Box<dyn Kernel>>;

/// All of them, with the names of their operators.
static OPERATORS: &[&[(&str, Build)]] = &[
    &[
        ("Attention", attention::build),
        ("BitCast", bits::bit_cast),
        ("BitShift", bits::bit_shift),
        ("CausalConvWithState", causal_convolution::build),
        ("Celu", activation::celu),
        ("Compress", compress::build),
        ("CumProd", cumulative::build),
        ("DequantizeLinear", quantise::dequantise),
        ("DFT", fourier::dft),
        ("Det", determinant::build),
        ("Expand", expand::build),
        ("GRU", recurrent::gru),
        ("GlobalLpPool", pooling::global_lp_pool),
        ("GridSample", grid_sample::build),
        ("LSTM", recurrent::lstm),
        ("LinearAttention", linear_attention::build),
        ("LogSoftmax", softmax::log),
        ("LpPool", pooling::lp_pool),
        ("MatMulInteger", integer::build),
        ("MaxUnpool", pooling::max_unpool),
        ("Mean", mean::build),
        ("Mod", modulo::build),
        ("NegativeLogLikelihoodLoss", loss::negative_log_likelihood),
        ("QuantizeLinear", quantise::quantise),
        ("RNN", recurrent::rnn),
        ("Range", range::build),
        ("ReduceLogSumExp", log_sum_exp::build),
        ("Resize", resize::build),
        ("ReverseSequence", rearrange::reverse_sequence),
        ("RoiAlign", regions::roi_align),
        ("RotaryEmbedding", rotary::build),
        ("STFT", fourier::stft),
        ("SoftmaxCrossEntropyLoss", loss::softmax_cross_entropy),
        ("SpaceToDepth", rearrange::space_to_depth),
        ("SwiGLU", activation::swish),
        ("Swish", activation::swish),
        ("TensorScatter", rearrange::tensor_scatter),
        ("TfIdfVectorizer", ngrams::build),
        ("Unique", unique::build),
    ],
    ML,
    columns::OPERATORS,
    crop::OPERATORS,
    deform::OPERATORS,
    mel::OPERATORS,
];

/// Those of `ai.onnx.ml`.
const ML: &[(&str, Build)] = &[
    ("ArrayFeatureExtractor", ml::array_feature_extractor),
    ("Binarizer", ml::binarizer),
    ("FeatureVectorizer", ml::feature_vectorizer),
    ("Imputer", ml::imputer),
    ("LabelEncoder", ml::label_encoder),
    ("LinearClassifier", ml::linear_classifier),
    ("LinearRegressor", ml::linear_regressor),
    ("Normalizer", ml::normalizer),
    ("OneHotEncoder", ml::one_hot_encoder),
    ("SVMClassifier", ml::svm_classifier),
    ("SVMRegressor", ml::svm_regressor),
    ("Scaler", ml::scaler),
    ("TreeEnsemble", ml::tree_ensemble),
    ("TreeEnsembleClassifier", ml::tree_ensemble_classifier),
    ("TreeEnsembleRegressor", ml::tree_ensemble_regressor),
];

/// Adds all of them to the importer, in place of those of the same name.
pub(crate) fn register(importer: &mut Onnx) {
    for (name, _) in OPERATORS.iter().copied().flatten() {
        importer.op_register.insert(name, build);
    }
    for name in pointwise::OPERATORS {
        importer.op_register.insert(name, pointwise::build);
    }
}

/// A sum of whole numbers that are wider than the importer's sums.
///
/// # Errors
/// If the node says nonsense.
pub(crate) fn sum_of_integers(node: &Node<'_>) -> TractResult<Own> {
    let kernel = integer_sums::build(node)?;
    Ok(Own::new(node, kernel))
}

/// Softmax as ONNX defines it for half floats, in place of the importer's for wider ones.
///
/// # Errors
/// If the node says nonsense.
pub(crate) fn softmax_of_halves(node: &Node<'_>) -> TractResult<Own> {
    let kernel = softmax::build(node)?;
    Ok(Own::new(node, kernel))
}

fn build(
    context: &ParsingContext,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let node = Node::new(node, &context.model.opset_import);
    let own = Own::of(&node).context("an operator lost its kernel")??;
    Ok((Box::new(own), vec![]))
}

/// An operator of the guest's own, as the importer knows operators.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    name: String,
    kernel: Arc<dyn Kernel>,
    /// For each input of ONNX, whether the node gives it.
    given: Vec<bool>,
    /// For each output of ONNX, whether the node names it.
    wanted: Vec<bool>,
}

impl Own {
    /// A node's operator, if it is one of these.
    pub(crate) fn of(node: &Node<'_>) -> Option<TractResult<Self>> {
        let named = |(name, _): &&(&str, Build)| *name == node.operator();
        let (_, build) = OPERATORS.iter().copied().flatten().find(named)?;
        Some(build(node).map(|kernel| Self::new(node, kernel)))
    }

    fn new(node: &Node<'_>, kernel: Box<dyn Kernel>) -> Self {
        let named = |name: &str| !name.is_empty();
        Self {
            name: node.operator().to_owned(),
            kernel: kernel.into(),
            given: node.names_of_inputs().map(named).collect(),
            wanted: node.names_of_outputs().map(named).collect(),
        }
    }

    /// The outputs that the node names, of the inputs that it gives.
    pub(crate) fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let computed = self.kernel.eval(&self.placed(inputs)?)?;
        Ok(self.named(computed))
    }

    fn facts(&self, inputs: &[&Fact]) -> TractResult<Option<TVec<Fact>>> {
        let placed = self.placed(inputs)?;
        let mut facts = self.kernel.facts(&placed)?;
        if facts.is_none() {
            let value = |fact: &Option<&Fact>| fact.and_then(|fact| fact.value.clone());
            let values: Vec<Option<Arc<Tensor>>> = placed.iter().map(value).collect();
            let values: Vec<Option<&Tensor>> = values.iter().map(Option::as_deref).collect();
            if let Some((kernel, _)) = self.bound(&values)? {
                facts = kernel.facts(&placed)?;
            }
        }
        Ok(facts.map(|facts| self.named(facts)))
    }

    /// The kernel with these inputs, of which `None` are not known, and the inputs that it needs no more.
    fn bound(&self, known: &[Option<&Tensor>]) -> TractResult<Bound> {
        let given = |place: &&usize| self.given.get(**place) == Some(&true);
        let mut wanted = self.kernel.binds().iter().filter(given).peekable();
        let all = wanted.peek().is_some() && wanted.all(|place| known[*place].is_some());
        let bound = all.then(|| self.kernel.bind(known)).transpose()?;
        Ok(bound.flatten())
    }

    /// Keeps the inputs that are known for all runs in the kernel, if it wants them.
    fn bind(&mut self, model: &TypedModel, inputs: &mut TVec<OutletId>) -> TractResult<()> {
        let facts = inputs.iter().map(|input| model.outlet_fact(*input));
        let facts: TVec<&TypedFact> = facts.collect::<TractResult<_>>()?;
        let known: Vec<Option<&TypedFact>> = self.placed(&facts)?;
        let known = known
            .into_iter()
            .map(|fact| fact.and_then(|fact| fact.konst.as_deref()));
        let known: Vec<Option<&Tensor>> = known.collect();
        let Some((kernel, needless)) = self.bound(&known)? else {
            return Ok(());
        };
        let outlets = inputs.clone();
        let outlets: TVec<&OutletId> = outlets.iter().collect();
        let placed = self.placed(&outlets)?.into_iter().enumerate();
        let rest = placed.filter(|(place, _)| !needless.contains(place));
        let rest: TVec<OutletId> = rest.filter_map(|(_, outlet)| outlet.copied()).collect();
        for place in needless {
            if let Some(given) = self.given.get_mut(place) {
                *given = false;
            }
        }
        (self.kernel, *inputs) = (kernel.into(), rest);
        Ok(())
    }

    fn placed<'a, T>(&self, inputs: &[&'a T]) -> TractResult<Vec<Option<&'a T>>> {
        let mut rest = inputs.iter().copied();
        let place = |given: &bool| {
            let next = given.then(|| rest.next().context("an input is missing"));
            next.transpose()
        };
        self.given.iter().map(place).collect()
    }

    fn named<T>(&self, outputs: TVec<T>) -> TVec<T> {
        let wanted = self.wanted.iter().copied();
        let outputs = outputs.into_iter().zip(wanted);
        outputs
            .filter_map(|(output, wanted)| wanted.then_some(output))
            .collect()
    }
}

impl PartialEq for Own {
    fn eq(&self, _other: &Self) -> bool {
        false
    }
}

impl Eq for Own {}

impl Op for Own {
    fn name(&self) -> StaticName {
        self.name.clone().into()
    }

    op_as_typed_op!();
}

impl EvalOp for Own {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        // The importer's own integers for shapes are int64 to ONNX.
        let plain = |input: &TValue| match input.datum_type() {
            DatumType::TDim => Ok(input.cast_to::<i64>()?.into_owned().into_tvalue()),
            _ => Ok(input.clone()),
        };
        let inputs: TVec<TValue> = inputs.iter().map(plain).collect::<TractResult<_>>()?;
        let inputs: TVec<&Tensor> = inputs.iter().map(|input| &**input).collect();
        let outputs = self.run(&inputs)?;
        Ok(outputs.into_iter().map(Tensor::into_tvalue).collect())
    }
}

impl TypedOp for Own {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let known = |input: &&TypedFact| {
            let shape = input.shape.as_concrete()?;
            Some(Fact::new(input.datum_type, shape).known(input.konst.clone()))
        };
        let known: Option<Vec<Fact>> = inputs.iter().map(known).collect();
        let known = known.context("sizes of its inputs depend on values")?;
        let known: Vec<&Fact> = known.iter().collect();
        let facts = self.facts(&known)?;
        let facts = facts.context("sizes of its outputs depend on values")?;
        let typed = |fact: Fact| fact.datum.fact(fact.shape);
        Ok(facts.into_iter().map(typed).collect())
    }

    as_op!();
}

impl InferenceOp for Own {
    fn infer_facts(
        &mut self,
        inputs: TVec<&InferenceFact>,
        outputs: TVec<&InferenceFact>,
        observed: TVec<&InferenceFact>,
    ) -> TractResult<(
        TVec<InferenceFact>,
        TVec<InferenceFact>,
        TVec<InferenceFact>,
    )> {
        let owned = |facts: TVec<&InferenceFact>| facts.into_iter().cloned().collect();
        let known = |input: &&InferenceFact| {
            let shape = input.shape.concretize()?;
            let shape: Result<TVec<usize>, _> = shape.iter().map(TDim::to_usize).collect();
            let datum = match input.datum_type.concretize()? {
                DatumType::TDim => DatumType::I64,
                datum => datum,
            };
            Some(Fact::new(datum, shape.ok()?).known(input.value.concretize()))
        };
        let known: Option<Vec<Fact>> = inputs.iter().map(known).collect();
        let mut outputs: TVec<InferenceFact> = owned(outputs);
        if let Some(known) = known {
            let known: Vec<&Fact> = known.iter().collect();
            for (output, fact) in outputs
                .iter_mut()
                .zip(self.facts(&known)?.into_iter().flatten())
            {
                output.unify_with(&InferenceFact::dt_shape(fact.datum, fact.shape))?;
            }
        }
        Ok((owned(inputs), outputs, owned(observed)))
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(self.wanted.iter().filter(|wanted| **wanted).count())
    }

    as_op!();

    fn to_typed(
        &self,
        _: &InferenceModel,
        node: &InferenceNode,
        target: &mut TypedModel,
        mapping: &HashMap<OutletId, OutletId>,
    ) -> TractResult<TVec<OutletId>> {
        let mut inputs: TVec<OutletId> = node.inputs.iter().map(|input| mapping[input]).collect();
        for (index, input) in inputs.iter_mut().enumerate() {
            if target.outlet_fact(*input)?.datum_type == DatumType::TDim {
                let name = format!("{}.plain-{index}", node.name);
                *input = target.wire_node(name, cast(DatumType::I64), &[*input])?[0];
            }
        }
        let mut operator = self.clone();
        operator.bind(target, &mut inputs)?;
        target.wire_node(&*node.name, operator, &inputs)
    }
}

/// An input that every node of the operator has.
pub(crate) fn required<'a, T>(inputs: &[Option<&'a T>], place: usize) -> TractResult<&'a T> {
    let given = inputs.get(place).copied().flatten();
    given.with_context(|| format!("lacks its input {place}"))
}

/// An input that may be left out.
pub(crate) fn optional<'a, T>(inputs: &[Option<&'a T>], place: usize) -> Option<&'a T> {
    inputs.get(place).copied().flatten()
}

/// The elements of a tensor of this type.
///
/// # Errors
/// If the tensor is of another type.
pub(crate) fn elements<T: Datum>(tensor: &Tensor) -> TractResult<&[T]> {
    tensor.try_as_plain_ram()?.as_slice::<T>()
}

/// A tensor of these elements.
///
/// # Errors
/// If there are more or fewer than the shape has.
pub(crate) fn tensor<T: Datum + Copy>(shape: &[usize], elements: &[T]) -> TractResult<Tensor> {
    Tensor::from_shape(shape, elements)
}

/// The numbers of a tensor, in single precision.
///
/// # Errors
/// If it has no numbers.
pub(crate) fn floats(tensor: &Tensor) -> TractResult<Vec<f32>> {
    floats::reals(tensor)
}

/// A tensor of this type with these numbers.
///
/// # Errors
/// If there are more or fewer than the shape has.
pub(crate) fn tensor_of(
    datum: DatumType,
    shape: &[usize],
    elements: &[f32],
) -> TractResult<Tensor> {
    Ok(tensor(shape, elements)?.cast_to_dt(datum)?.into_owned())
}

/// Sizes that a tensor gives.
///
/// # Errors
/// If they are no sizes.
pub(crate) fn sizes(tensor: &Tensor) -> TractResult<Vec<usize>> {
    let size = |size: &i64| {
        let size = u32::try_from(*size).ok();
        Ok(usize::try_from(
            size.context("is given an impossible size")?,
        )?)
    };
    whole_numbers(tensor)?.iter().map(size).collect()
}

/// The whole numbers of a tensor, as `int64`.
///
/// # Errors
/// If it has no numbers.
pub(crate) fn whole_numbers(tensor: &Tensor) -> TractResult<Vec<i64>> {
    Ok(elements::<i64>(&*tensor.cast_to::<i64>()?)?.to_vec())
}

/// The place of an axis that may be counted from the end.
///
/// # Errors
/// If there is no such axis.
pub(crate) fn axis_of(axis: i64, rank: usize) -> TractResult<usize> {
    let counted = if axis < 0 {
        axis.saturating_add_unsigned(rank as u64)
    } else {
        axis
    };
    let place = usize::try_from(counted).ok().filter(|place| *place < rank);
    place.with_context(|| format!("axis {axis} is out of range for a tensor of rank {rank}"))
}

/// Elements of a shape.
///
/// # Errors
/// If that many cannot be stored.
pub(crate) fn volume(datum: DatumType, shape: &[usize]) -> TractResult<usize> {
    let sizes: Option<Vec<u32>> = shape.iter().map(|size| u32::try_from(*size).ok()).collect();
    let dtype = dtype_of_datum(datum).context("is computed in an unknown type")?;
    let fits = sizes.and_then(|sizes| crate::tensors::size_bytes(dtype, &sizes));
    ensure!(
        fits.is_some(),
        "the result would have axes of {shape:?}, which is too large"
    );
    Ok(shape.iter().product())
}
