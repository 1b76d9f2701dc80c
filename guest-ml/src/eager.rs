//! Runs a graph node by node.
//!
//! The importer prepares a model once, for which all shapes must be known before a run. Where they depend on values, as
//! behind a loop or an axis that the input chooses, the graph is run here in its own order instead: each node by the same
//! kernels, but prepared when its inputs are there. That is slower, and nothing else is different. Scans are run here as well, which
//! the importer gets wrong.

mod control;
mod graph;
mod imported;
mod sequence;
mod values;

pub(crate) use values::depends_on_values;

use crate::refusal::Refusal;
use graph::{Graph, Node};
use std::collections::BTreeMap;
use tract_onnx::Onnx;
use tract_onnx::pb::ModelProto;
use tract_onnx::tract_hir::internal::*;

/// What a name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Tensor(Arc<Tensor>),
    Sequence(Vec<Value>),
    /// Something, or nothing.
    Optional(Option<Box<Value>>),
}

impl Value {
    fn tensor(&self) -> TractResult<&Arc<Tensor>> {
        match self {
            Self::Tensor(tensor) => Ok(tensor),
            Self::Sequence(_) => bail!("is given a sequence, expected a tensor"),
            Self::Optional(_) => bail!("is given an optional, expected a tensor"),
        }
    }

    fn sequence(&self) -> TractResult<&[Self]> {
        match self {
            Self::Sequence(values) => Ok(values),
            _ => bail!("is given no sequence"),
        }
    }
}

impl From<Tensor> for Value {
    fn from(tensor: Tensor) -> Self {
        Self::Tensor(tensor.into_arc_tensor())
    }
}

/// Whether an operator is run here and not by the importer's kernels.
///
/// A `Scan` is for three reasons: the importer takes what it can out of its body, and may never be done with that; it panics where
/// nothing goes from turn to turn; and it does not look whether a tensor has the axis that rows are laid along.
pub(crate) fn runs(operator: &str) -> bool {
    const SEQUENCES: [&str; 8] = [
        "ConcatFromSequence",
        "SequenceAt",
        "SequenceConstruct",
        "SequenceEmpty",
        "SequenceErase",
        "SequenceInsert",
        "SequenceLength",
        "SplitToSequence",
    ];
    const OPTIONALS: [&str; 3] = ["Optional", "OptionalGetElement", "OptionalHasElement"];
    let runs_graphs = matches!(operator, "Loop" | "Scan" | "SequenceMap");
    runs_graphs || SEQUENCES.contains(&operator) || OPTIONALS.contains(&operator)
}

/// A model that is run node by node.
#[derive(Debug)]
pub(crate) struct Eager {
    importer: Importer,
    graph: Graph,
    /// Why the model could not be prepared for all inputs of a shape.
    pub(crate) reason: String,
}

/// What it takes to make an operator of a node.
struct Importer {
    onnx: Onnx,
    /// The model, without its graph.
    model: ModelProto,
}

impl std::fmt::Debug for Importer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Importer").finish_non_exhaustive()
    }
}

/// Names of a graph that is being run, and what they stand for; those of the graphs around it come after.
#[derive(Debug)]
struct Scope<'a> {
    values: BTreeMap<String, Value>,
    constants: &'a BTreeMap<String, Arc<Tensor>>,
    outer: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    fn find(&self, name: &str) -> Option<Value> {
        let own = self.values.get(name).cloned();
        own.or_else(|| self.constants.get(name).cloned().map(Value::Tensor))
            .or_else(|| self.outer?.find(name))
    }
}

impl Eager {
    /// Takes a vetted model. What depends on nothing but the model is computed now.
    ///
    /// # Errors
    /// Why the model cannot run.
    pub(crate) fn new(onnx: Onnx, mut model: ModelProto, reason: String) -> Result<Self, Refusal> {
        let proto = model.graph.take().unwrap_or_default();
        let graph = Graph::new(proto).map_err(|error| cannot_run(&error, Refusal::model))?;
        let importer = Importer { onnx, model };
        let mut eager = Self {
            importer,
            graph,
            reason,
        };
        eager
            .fold()
            .map_err(|error| cannot_run(&error, Refusal::model))?;
        Ok(eager)
    }

    /// Computes the nodes that depend on constants only, and makes constants of them.
    fn fold(&mut self) -> TractResult<()> {
        let nodes = std::mem::take(&mut self.graph.nodes);
        for node in nodes {
            let known = node
                .reads()
                .all(|name| self.graph.constants.contains_key(name));
            if !known || node.makes_values() {
                self.graph.nodes.push(node);
                continue;
            }
            let scope = Scope {
                values: BTreeMap::new(),
                constants: &self.graph.constants,
                outer: None,
            };
            let outputs = self.importer.evaluate(&node, &scope)?;
            let names = node.named_outputs().map(str::to_owned);
            let constants: Vec<_> = names.zip(outputs).collect();
            for (name, value) in constants {
                self.graph.constants.insert(name, value.tensor()?.clone());
            }
        }
        self.graph.find_last_uses();
        Ok(())
    }

    /// Runs the graph: its outputs, in order.
    ///
    /// # Errors
    /// What went wrong in which node.
    pub(crate) fn run(&self, inputs: TVec<TValue>) -> Result<TVec<TValue>, Refusal> {
        let inputs = inputs
            .into_iter()
            .map(|input| Value::Tensor(input.into_arc_tensor()));
        let outputs = self.importer.run(&self.graph, inputs.collect(), None);
        let tensors = outputs.and_then(|outputs| {
            let tensor = |value: Value| Ok(value.tensor()?.clone().into_tvalue());
            outputs.into_iter().map(tensor).collect()
        });
        tensors.map_err(|error| cannot_run(&error, Refusal::input))
    }

    /// A run that has not begun, for [`step`](Self::step).
    pub(crate) fn start(&self, inputs: TVec<TValue>) -> Progress {
        let values = inputs
            .into_iter()
            .map(|input| Value::Tensor(input.into_arc_tensor()));
        Progress(self.graph.inputs.iter().cloned().zip(values).collect())
    }

    /// Runs one node. Nodes must be run in order, each once.
    ///
    /// # Errors
    /// What went wrong in the node.
    pub(crate) fn step(&self, progress: &mut Progress, node: usize) -> Result<(), Refusal> {
        let mut scope = Scope {
            values: std::mem::take(&mut progress.0),
            constants: &self.graph.constants,
            outer: None,
        };
        let node = &self.graph.nodes[node];
        let done = self.importer.advance(node, &mut scope);
        progress.0 = scope.values;
        done.map_err(|error| cannot_run(&error, Refusal::input))
    }

    /// Names and operators of the nodes, in the order in which they run.
    pub(crate) fn nodes(&self) -> Vec<(&str, &str)> {
        let nodes = self.graph.nodes.iter();
        nodes
            .map(|node| (node.name(), node.proto.op_type.as_str()))
            .collect()
    }
}

/// Values that are there between two nodes.
#[derive(Debug)]
pub(crate) struct Progress(BTreeMap<String, Value>);

impl Importer {
    /// Runs a graph.
    fn run<'a>(
        &self,
        graph: &'a Graph,
        inputs: Vec<Value>,
        outer: Option<&'a Scope<'a>>,
    ) -> TractResult<Vec<Value>> {
        let (got, expected) = (inputs.len(), graph.inputs.len());
        ensure!(
            got == expected,
            "a graph gets {got} inputs, expected {expected}"
        );
        let mut scope = Scope {
            values: graph.inputs.iter().cloned().zip(inputs).collect(),
            constants: &graph.constants,
            outer,
        };
        for node in &graph.nodes {
            self.advance(node, &mut scope)?;
        }
        let output = |name: &String| {
            let value = scope.find(name);
            value.with_context(|| format!("nothing computes the output '{name}'"))
        };
        graph.outputs.iter().map(output).collect()
    }

    /// Runs a node, keeps its outputs, and drops what nothing reads any more.
    fn advance(&self, node: &Node, scope: &mut Scope<'_>) -> TractResult<()> {
        let outputs = self.evaluate(node, scope)?;
        for (name, value) in node.named_outputs().zip(outputs) {
            scope.values.insert(name.to_owned(), value);
        }
        for name in &node.last_uses {
            scope.values.remove(name);
        }
        Ok(())
    }

    /// Runs a node; its outputs that have a name.
    fn evaluate(&self, node: &Node, scope: &Scope<'_>) -> TractResult<TVec<Value>> {
        let value = |name: &String| match name.as_str() {
            "" => Ok(None),
            name => {
                let value = scope.find(name);
                value
                    .with_context(|| format!("nothing computes '{name}'"))
                    .map(Some)
            }
        };
        let inputs: TractResult<Vec<Option<Value>>> = node.proto.input.iter().map(value).collect();
        let evaluated = inputs.and_then(|inputs| {
            if let Some(outputs) = self.control(node, &inputs, scope)? {
                return Ok(outputs);
            }
            if let Some(output) = sequence::evaluate(&node.proto, &inputs)? {
                return Ok(tvec![output]);
            }
            let tensors = inputs.iter().flatten().map(Value::tensor);
            let tensors: Vec<&Arc<Tensor>> = tensors.collect::<TractResult<_>>()?;
            let outputs = self.imported(&node.proto, &tensors)?;
            Ok(outputs.into_iter().map(Value::Tensor).collect())
        });
        evaluated.with_context(|| format!("node '{}' ({})", node.name(), node.proto.op_type))
    }
}

fn cannot_run(error: &TractError, blame: fn(String) -> Refusal) -> Refusal {
    blame(format!("the model cannot run: {error:#}"))
}
