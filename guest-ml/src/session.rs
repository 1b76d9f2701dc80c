//! A prepared model and what can be done with it.

use crate::host::Host;
use crate::json::Json;
use crate::model::{Prepared, prepare};
use crate::refusal::Refusal;
use crate::tensors::{Shape, decode_inputs, encode_outputs};
use enshrine_primitives::tensor::Interface;
use tract_onnx::prelude::{IntoRunnable, TractError, TypedSimpleState};

/// What `load` leaves for `infer`.
#[derive(Debug)]
pub struct Session {
    interface: Interface,
    shapes: Vec<Shape>,
    state: TypedSimpleState,
}

impl Session {
    /// Reads and prepares the model. Of the input, only the sizes of dynamic axes are read.
    ///
    /// # Errors
    /// Why the model, or the input's sizes, are refused.
    pub fn load<H: Host + ?Sized>(host: &H) -> Result<Self, Refusal> {
        let Prepared {
            model,
            inputs,
            outputs,
            shapes,
        } = prepare(host)?;
        let refuse = |error: TractError| Refusal::model(format!("the model cannot run: {error:#}"));
        let state = model
            .into_runnable()
            .and_then(|plan| plan.spawn())
            .map_err(refuse)?;
        Ok(Self {
            interface: Interface { inputs, outputs },
            shapes,
            state,
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
        let outputs = self.state.run(inputs).map_err(|error| cannot_run(&error))?;
        encode_outputs(&self.interface.outputs, &outputs)
    }

    /// Takes the input and runs nothing yet. Returns the count of nodes that [`profile_node`](Self::profile_node) runs.
    ///
    /// # Errors
    /// Why the input is refused.
    pub fn profile_start<H: Host + ?Sized>(&mut self, host: &H) -> Result<usize, Refusal> {
        let inputs = decode_inputs(host, &self.interface.inputs, &self.shapes)?;
        self.state
            .set_inputs(inputs)
            .map_err(|error| cannot_run(&error))?;
        Ok(self.order().len())
    }

    /// Runs one node. Nodes must be run in order, each once.
    ///
    /// # Errors
    /// What went wrong in the node.
    pub fn profile_node(&mut self, index: usize) -> Result<(), Refusal> {
        let node = self.order().get(index).copied();
        let node = node.ok_or_else(|| Refusal::input(format!("there is no node {index}")))?;
        self.state
            .compute_one(node)
            .map_err(|error| cannot_run(&error))
    }

    /// Names and operators of the nodes as a JSON array, in the order in which they run.
    pub fn profile_nodes(&self) -> String {
        let mut json = Json::default();
        json.array(self.order(), |json, node| {
            let node = &self.state.plan().model().nodes[*node];
            json.object(|json| {
                json.key("name").string(&node.name);
                json.key("operator").string(&node.op.name());
            });
        });
        json.finish()
    }

    fn order(&self) -> &[usize] {
        self.state.plan().order_without_consts()
    }
}

fn cannot_run(error: &TractError) -> Refusal {
    Refusal::input(format!("the model cannot run on this input: {error:#}"))
}
