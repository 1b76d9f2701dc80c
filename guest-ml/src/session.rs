//! A prepared model and what can be done with it.

use crate::eager::{Eager, Progress};
use crate::host::Host;
use crate::json::Json;
use crate::model::{Engine, Prepared, prepare};
use crate::refusal::Refusal;
use crate::tensors::{Shape, decode_inputs, encode_outputs};
use enshrine_primitives::tensor::Interface;
use tract_onnx::prelude::{IntoRunnable, TractError, TypedSimpleState};

/// What `load` leaves for `infer`.
#[derive(Debug)]
pub struct Session {
    interface: Interface,
    shapes: Vec<Shape>,
    runner: Runner,
}

/// A model that runs.
#[derive(Debug)]
enum Runner {
    Planned(TypedSimpleState),
    /// With what a run that is profiled has computed so far.
    Eager(Box<Eager>, Option<Progress>),
}

impl Session {
    /// Reads and prepares the model. Of the input, only the sizes of dynamic axes are read.
    ///
    /// # Errors
    /// Why the model, or the input's sizes, are refused.
    pub fn load<H: Host + ?Sized>(host: &H) -> Result<Self, Refusal> {
        let Prepared {
            engine,
            inputs,
            outputs,
            shapes,
        } = prepare(host)?;
        let refuse = |error: TractError| Refusal::model(format!("the model cannot run: {error:#}"));
        let runner = match engine {
            Engine::Planned(model) => {
                let state = model.into_runnable().and_then(|plan| plan.spawn());
                Runner::Planned(state.map_err(refuse)?)
            }
            Engine::Eager(eager) => Runner::Eager(eager, None),
        };
        Ok(Self {
            interface: Interface { inputs, outputs },
            shapes,
            runner,
        })
    }

    /// Inputs and outputs of the model.
    pub fn interface(&self) -> &Interface {
        &self.interface
    }

    /// Runs the model on the input blob and encodes its outputs.
    ///
    /// # Errors
    /// Why the input is refused.
    pub fn infer<H: Host + ?Sized>(&mut self, host: &H) -> Result<Vec<u8>, Refusal> {
        let inputs = decode_inputs(host, &self.interface.inputs, &self.shapes)?;
        let outputs = match &mut self.runner {
            Runner::Planned(state) => state.run(inputs).map_err(|error| cannot_run(&error))?,
            Runner::Eager(eager, _) => eager.run(inputs)?,
        };
        encode_outputs(&self.interface.outputs, &outputs)
    }

    /// Takes the input and runs nothing yet. Returns the count of nodes that [`profile_node`](Self::profile_node) runs.
    ///
    /// # Errors
    /// Why the input is refused.
    pub fn profile_start<H: Host + ?Sized>(&mut self, host: &H) -> Result<usize, Refusal> {
        let inputs = decode_inputs(host, &self.interface.inputs, &self.shapes)?;
        match &mut self.runner {
            Runner::Planned(state) => {
                state
                    .set_inputs(inputs)
                    .map_err(|error| cannot_run(&error))?;
                Ok(order(state).len())
            }
            Runner::Eager(eager, progress) => {
                *progress = Some(eager.start(inputs));
                Ok(eager.nodes().len())
            }
        }
    }

    /// Runs one node. Nodes must be run in order, each once.
    ///
    /// # Errors
    /// What went wrong in the node.
    pub fn profile_node(&mut self, index: usize) -> Result<(), Refusal> {
        let nowhere = || Refusal::input(format!("there is no node {index}"));
        match &mut self.runner {
            Runner::Planned(state) => {
                let node = order(state).get(index).copied().ok_or_else(nowhere)?;
                state.compute_one(node).map_err(|error| cannot_run(&error))
            }
            Runner::Eager(eager, Some(progress)) if index < eager.nodes().len() => {
                eager.step(progress, index)
            }
            Runner::Eager(..) => Err(nowhere()),
        }
    }

    /// The plan as JSON: `eager`, why the graph runs node by node, or null if it does not; `nodes`, an array of `{name,
    /// operator}` in the order in which they run.
    pub fn profile_nodes(&self) -> String {
        let nodes: Vec<(&str, String)> = match &self.runner {
            Runner::Planned(state) => {
                let nodes = &state.plan().model().nodes;
                let node = |index: &usize| (&*nodes[*index].name, nodes[*index].op.name().into());
                order(state).iter().map(node).collect()
            }
            Runner::Eager(eager, _) => {
                let nodes = eager.nodes().into_iter();
                nodes
                    .map(|(name, operator)| (name, operator.to_owned()))
                    .collect()
            }
        };
        let mut json = Json::default();
        json.object(|json| {
            match &self.runner {
                Runner::Planned(_) => json.key("eager").null(),
                Runner::Eager(eager, _) => json.key("eager").string(&eager.reason),
            }
            json.key("nodes").array(nodes, |json, (name, operator)| {
                json.object(|json| {
                    json.key("name").string(name);
                    json.key("operator").string(&operator);
                });
            });
        });
        json.finish()
    }
}

fn order(state: &TypedSimpleState) -> &[usize] {
    state.plan().order_without_consts()
}

fn cannot_run(error: &TractError) -> Refusal {
    Refusal::input(format!("the model cannot run on this input: {error:#}"))
}
