//! Einsum whose equation has an ellipsis.
//!
//! <https://onnx.ai/onnx/operators/onnx__Einsum.html>. The importer loses axes where not every input has all that the ellipsis
//! stands for, and where the equation does not say what the result has.

use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::einsum::EinSum;
use tract_onnx::tract_hir::internal::*;

const ELLIPSIS: &str = "...";

/// `Einsum`; what the ellipsis stands for is named once the ranks of the inputs are known.
#[derive(Clone, Debug)]
pub(super) struct Einsum {
    inputs: Vec<String>,
    /// Of the result, if the equation says them.
    result: Option<String>,
}

impl Einsum {
    /// A node's operator, if it is an `Einsum` whose equation has an ellipsis.
    pub(super) fn of(node: &NodeProto) -> Option<Self> {
        if node.op_type != "Einsum" {
            return None;
        }
        let equation = node
            .attribute
            .iter()
            .find(|given| given.name == "equation")?;
        let equation = std::str::from_utf8(&equation.s).ok()?.replace(' ', "");
        let (inputs, result) = match equation.split_once("->") {
            Some((inputs, result)) => (inputs, Some(result.to_owned())),
            None => (equation.as_str(), None),
        };
        let inputs: Vec<String> = inputs.split(',').map(str::to_owned).collect();
        equation
            .contains(ELLIPSIS)
            .then_some(Self { inputs, result })
    }

    /// The equation with a name for each axis.
    fn named(&self, ranks: &[usize]) -> TractResult<AxesMapping> {
        let counts: TVec<usize> = self
            .inputs
            .iter()
            .zip(ranks)
            .map(|(term, rank)| hidden(term, *rank))
            .collect::<TractResult<_>>()?;
        let most = counts.iter().copied().max().unwrap_or(0);
        let keeps = |result: &String| most == 0 || result.contains(ELLIPSIS);
        ensure!(
            self.result.as_ref().is_none_or(keeps),
            "sums over what an ellipsis stands for: name its axes by letters"
        );
        let names = self.unused(most)?;
        let last = |count: usize| &names[names.len() - count..];
        let terms = self.inputs.iter().zip(&counts);
        let terms: Vec<String> = terms
            .map(|(term, count)| term.replacen(ELLIPSIS, last(*count), 1))
            .collect();
        let result = match &self.result {
            Some(result) => result.replacen(ELLIPSIS, &names, 1),
            None => format!("{names}{}", self.single()),
        };
        let mut all = terms.iter().chain([&result]);
        let named = |term: &String| term.chars().all(|letter| letter.is_ascii_alphabetic());
        ensure!(
            all.all(named),
            "has an equation of more than letters, commas, an arrow and an ellipsis a term"
        );
        // What the importer takes for an equation that does not say the result.
        ensure!(
            !result.is_empty() || self.single().is_empty(),
            "sums over all axes: use ReduceSum"
        );
        format!("{}->{result}", terms.join(",")).parse()
    }

    /// Letters that the equation does not have.
    fn unused(&self, count: usize) -> TractResult<String> {
        let taken = |letter: &char| self.inputs.iter().any(|term| term.contains(*letter));
        let free = ('a'..='z').chain('A'..='Z').filter(|letter| !taken(letter));
        let names: String = free.take(count).collect();
        ensure!(names.len() == count, "has more axes than there are letters");
        Ok(names)
    }

    /// Letters that stand in one place only: what the result has if the equation does not say.
    fn single(&self) -> String {
        let mut letters: Vec<char> = self.inputs.concat().replace('.', "").chars().collect();
        letters.sort_unstable();
        let all = letters.clone();
        letters.retain(|letter| all.iter().filter(|other| *other == letter).count() == 1);
        letters.into_iter().collect()
    }
}

/// How many axes the ellipsis of an input's term stands for.
fn hidden(term: &str, rank: usize) -> TractResult<usize> {
    let letters = term.chars().filter(|letter| *letter != '.').count();
    let rest = rank.checked_sub(letters);
    let fits = rest.filter(|rest| *rest == 0 || term.contains(ELLIPSIS));
    fits.with_context(|| format!("reads '{term}' of a tensor of rank {rank}"))
}

impl Expansion for Einsum {
    fn name(&self) -> StaticName {
        "Einsum".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        s: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_input_arity(inputs, self.inputs.len())?;
        check_output_arity(outputs, 1)?;
        for input in inputs {
            s.equals(&input.datum_type, &outputs[0].datum_type)?;
        }
        let shapes: Vec<_> = inputs.iter().map(|input| &input.shape).collect();
        s.given_all(shapes, move |s, shapes: Vec<TVec<TDim>>| {
            let ranks: Vec<usize> = shapes.iter().map(|shape| shape.len()).collect();
            s.equals(
                &outputs[0].shape,
                result_shape(&self.named(&ranks)?, &shapes)?,
            )
        })
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let ranks = inputs
            .iter()
            .map(|input| Ok(model.outlet_fact(*input)?.rank()))
            .collect::<TractResult<Vec<_>>>()?;
        let sum = EinSum {
            axes: self.named(&ranks)?,
            operating_dt: model.outlet_fact(inputs[0])?.datum_type,
            q_params: None,
        };
        model.wire_node(prefix, sum, inputs)
    }
}

/// Sizes of the result's axes: those of the inputs' axes of the same name.
fn result_shape(axes: &AxesMapping, shapes: &[TVec<TDim>]) -> TractResult<TVec<TDim>> {
    let mut result = tvec![TDim::from(1); axes.rank(InOut::Out(0))];
    for axis in axes.iter_all_axes() {
        let places = axis.inputs.iter().zip(shapes);
        let sizes: TVec<&TDim> = places
            .flat_map(|(places, shape)| places.iter().map(|place| &shape[*place]))
            .collect();
        let size = sizes
            .first()
            .context("names an axis of the result that no input has")?;
        ensure!(
            sizes.iter().all(|other| other == size),
            "gives one name to axes of different sizes; stretch those of size 1 by Expand"
        );
        for place in &axis.outputs[0] {
            result[*place] = (*size).clone();
        }
    }
    Ok(result)
}
