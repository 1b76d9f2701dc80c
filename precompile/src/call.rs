//! One call, from call data to answer, whoever hosts the EVM.

use alloy_primitives::{Address, Bytes, U256};
use enshrine_primitives::{BlobRoot, Status, blob_root};
use enshrine_runtime::store::StoreError;
use enshrine_runtime::{Execution, Fuel, Model, Outcome, Run, RuntimeError};

use crate::errors::reason;
use crate::gas::entry_gas;
use crate::registry::entry_slot;
use crate::wire::{RegisteredCall, WithModelCall, encode_answer};
use crate::{CallError, ExecutedCall, GasPrice, Inference, Precompile, RegistryEntry};

/// This host cannot answer. Never a result: the transaction is aborted, and the node must not go on.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The chain's registry has the model, this node's store does not.
    #[error(
        "model {model} is registered but not in this node's store; add it with `enshrine models add`"
    )]
    ModelMissing {
        /// Address of the model.
        model: BlobRoot,
    },
    /// The store failed, or holds damaged bytes.
    #[error("model {model} cannot be read from this node's store: {source}")]
    Store {
        /// Address of the model.
        model: BlobRoot,
        /// What the store says.
        source: StoreError,
    },
    /// The runtime could not carry the run out.
    #[error("the model cannot be run on this host: {0}")]
    Runtime(#[from] RuntimeError),
    /// The EVM's state could not be read.
    #[error("the model registry cannot be read from state: {0}")]
    State(String),
}

/// What a call that ran a model ended with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallResult {
    /// The caller got the output.
    Answered,
    /// The call reverted.
    Reverted(CallError),
}

/// A call as the EVM makes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) precompile: Precompile,
    pub(crate) data: &'a [u8],
    pub(crate) gas_limit: u64,
    /// Value that is moved to the precompile; not the value that a DELEGATECALL merely shows.
    pub(crate) value: U256,
    pub(crate) caller: Address,
    pub(crate) block_number: U256,
}

/// What the EVM gets back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Success { gas_used: u64, answer: Bytes },
    Revert { gas_used: u64, error: CallError },
    OutOfGas,
}

/// Reads a storage slot of the registry, through the journal.
pub(crate) type ReadRegistry<'a> = dyn FnMut(U256) -> Result<U256, HostError> + 'a;

/// Why a call ended early.
enum Stop {
    Revert(CallError),
    OutOfGas,
    Host(HostError),
}

impl From<HostError> for Stop {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

/// A run that can be paid for: what to run, and at what price.
struct Order<'a> {
    model: Model,
    input: &'a [u8],
    output_size: U256,
    price: GasPrice,
    fuel: Fuel,
    /// Whether the loaded model may be wanted again.
    keep: bool,
}

impl Inference {
    /// Carries a call out.
    ///
    /// # Errors
    /// Only when this host cannot answer. Whatever the caller did wrong is a [`Reply`].
    pub(crate) fn call(
        &self,
        request: &Request<'_>,
        registry: &mut ReadRegistry<'_>,
    ) -> Result<Reply, HostError> {
        // What is charged when the call ends before its run.
        let mut charged = 0;
        let order = match self.order(request, registry, &mut charged) {
            Ok(order) => order,
            Err(Stop::Revert(error)) => {
                return Ok(Reply::Revert {
                    gas_used: charged,
                    error,
                });
            }
            Err(Stop::OutOfGas) => return Ok(Reply::OutOfGas),
            Err(Stop::Host(error)) => return Err(error),
        };
        let run = self.run(&order)?;
        let (gas_used, result) = settle(&order, &run, request.gas_limit);
        self.report(request, &order, &run, gas_used, &result);
        Ok(match result {
            CallResult::Answered => Reply::Success {
                gas_used,
                answer: encode_answer(&run.output),
            },
            CallResult::Reverted(error) => Reply::Revert { gas_used, error },
        })
    }

    /// All that comes before the run, in the order that decides which error a call with several faults gets.
    fn order<'a>(
        &self,
        request: &Request<'a>,
        registry: &mut ReadRegistry<'_>,
        charged: &mut u64,
    ) -> Result<Order<'a>, Stop> {
        charge(charged, entry_gas(request.data.len()), request.gas_limit)?;
        if !request.value.is_zero() {
            return Err(Stop::Revert(CallError::ValueNotAccepted {
                value: request.value,
            }));
        }
        match request.precompile {
            Precompile::Registered => self.order_registered(request, registry, charged),
            Precompile::WithModel => order_with_model(request, charged),
        }
    }

    fn order_registered<'a>(
        &self,
        request: &Request<'a>,
        registry: &mut ReadRegistry<'_>,
        charged: &mut u64,
    ) -> Result<Order<'a>, Stop> {
        let call = RegisteredCall::decode(request.data).map_err(Stop::Revert)?;
        let price = GasPrice::of_call(request.precompile, request.data.len(), 0);
        let fuel = buy_fuel(charged, &price, request.gas_limit)?;

        let unknown = || Stop::Revert(CallError::UnknownModel { model: call.model });
        let entry = RegistryEntry::from_word(registry(entry_slot(call.model))?)
            .filter(|entry| entry.is_active(request.block_number))
            .ok_or_else(unknown)?;
        let model = self.model(call.model)?;
        // The contract checks the length; a genesis file may have got it wrong, and then every node sees it here.
        if model.bytes().len() as u64 != entry.length_bytes {
            return Err(unknown());
        }
        Ok(Order {
            model,
            input: call.input,
            output_size: call.output_size,
            price,
            fuel,
            keep: true,
        })
    }

    /// The model's bytes, from memory or from the store.
    fn model(&self, root: BlobRoot) -> Result<Model, HostError> {
        if let Some(model) = self.models().get(root) {
            return Ok(model);
        }
        let model = self
            .store()
            .model(root)
            .map_err(|source| HostError::Store {
                model: root,
                source,
            })?
            .ok_or(HostError::ModelMissing { model: root })?;
        self.models().put(&model);
        Ok(model)
    }

    fn run(&self, order: &Order<'_>) -> Result<Run, HostError> {
        self.runtime()
            .infer(
                &order.model,
                order.input,
                order.fuel,
                Execution {
                    keep: order.keep,
                    ..self.config().engine.into()
                },
            )
            .map_err(HostError::Runtime)
    }

    fn report(
        &self,
        request: &Request<'_>,
        order: &Order<'_>,
        run: &Run,
        gas_used: u64,
        result: &CallResult,
    ) {
        let Some(observer) = self.observer() else {
            return;
        };
        // Call data is far shorter than a blob may be, so its root always is there.
        let Ok(input_root) = blob_root(order.input) else {
            return;
        };
        observer.executed(&ExecutedCall {
            block_number: request.block_number,
            precompile: request.precompile,
            caller: request.caller,
            model: order.model.root(),
            model_bytes: order.model.bytes(),
            input_root,
            input: order.input,
            load_fuel: order.fuel.load,
            fuel: order.fuel.infer,
            outcome: run.outcome,
            output: &run.output,
            gas_limit: request.gas_limit,
            gas_used,
            result,
        });
    }
}

fn order_with_model<'a>(request: &Request<'a>, charged: &mut u64) -> Result<Order<'a>, Stop> {
    let call = WithModelCall::decode(request.data).map_err(Stop::Revert)?;
    let price = GasPrice::of_call(request.precompile, request.data.len(), call.model.len());
    let fuel = buy_fuel(charged, &price, request.gas_limit)?;
    // Published callers of this precompile name no output size.
    let model = Model::new(call.model).map_err(HostError::Runtime)?;
    Ok(Order {
        model,
        input: call.input,
        output_size: U256::MAX,
        price,
        fuel,
        // The price is that of loading each time, and whoever sends such calls shall not push out registered models.
        keep: false,
    })
}

/// Adds to what the call has been charged, if the gas is there.
fn charge(charged: &mut u64, gas: u64, gas_limit: u64) -> Result<(), Stop> {
    *charged = gas;
    if gas > gas_limit {
        Err(Stop::OutOfGas)
    } else {
        Ok(())
    }
}

/// Charges what is fixed, and gives the fuel that the rest buys.
fn buy_fuel(charged: &mut u64, price: &GasPrice, gas_limit: u64) -> Result<Fuel, Stop> {
    charge(charged, price.fixed, gas_limit)?;
    let infer = price.fuel(gas_limit).ok_or(Stop::OutOfGas)?;
    Ok(Fuel {
        load: price.load_fuel(gas_limit),
        infer,
    })
}

/// What a run costs, and what the caller gets for it.
fn settle(order: &Order<'_>, run: &Run, gas_limit: u64) -> (u64, CallResult) {
    let model = order.model.root();
    let failed = (
        gas_limit,
        CallResult::Reverted(CallError::InferenceFailed { model }),
    );
    let Outcome::Finished {
        status,
        load_steps,
        infer_steps,
        ..
    } = run.outcome
    else {
        return failed;
    };
    let gas_used = order.price.total(load_steps, infer_steps);
    if gas_used > gas_limit {
        return failed;
    }
    let error = match Status::from_wire(status) {
        Some(Status::Ok) if U256::from(run.output.len()) <= order.output_size => {
            return (gas_used, CallResult::Answered);
        }
        Some(Status::Ok) => CallError::OutputTooLarge {
            expected: order.output_size,
            got: run.output.len(),
        },
        Some(Status::ModelRefused) => CallError::ModelRefused {
            model,
            reason: reason(&run.output),
        },
        Some(Status::InputMalformed) => CallError::InputMalformed {
            model,
            reason: reason(&run.output),
        },
        // No guest uses the reserved statuses; if one did, there would be no result to give.
        None => return failed,
    };
    (gas_used, CallResult::Reverted(error))
}
