//! The verifier in this process.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use enshrine_prover::{Proof, StateHash};
use enshrine_runtime::isa::{Family, Word, family};

use crate::{
    abi::{OneStepEntry::proveStepCall, evaluateCall},
    artifacts::{entry_init_code, families, init_code},
    error::L1Error,
    evm::Evm,
    gas::Gas,
};

/// The contracts of the verifier, deployed in an EVM of this process.
///
/// Threads can share one: each call runs on what was deployed and leaves nothing behind.
#[derive(Debug)]
pub struct OneStepVerifier {
    evm: Evm,
    families: BTreeMap<Family, Address>,
    entry: Address,
}

/// What a proof proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The state after the step.
    pub after: StateHash,
    /// What it costs to say so.
    pub gas: Gas,
}

/// What an instruction computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// What it pushes; nothing if it traps.
    pub result: Option<u128>,
    /// What a call of the family's contract costs that does nothing but evaluate.
    pub gas: Gas,
}

impl OneStepVerifier {
    /// Deploys all contracts: runs their constructors under the rules of Prague.
    ///
    /// # Errors
    /// [`L1Error`] if a constructor does not end, which the committed ones do.
    pub fn deploy() -> Result<Self, L1Error> {
        let mut evm = Evm::new();
        let deploy = |(family, artifact)| Ok((family, evm.deploy(init_code(artifact))?));
        let families: BTreeMap<_, _> = families().map(deploy).collect::<Result<_, L1Error>>()?;
        let addresses: Vec<_> = families.values().copied().collect();
        let entry = evm.deploy(entry_init_code(&addresses))?;
        Ok(Self {
            evm,
            families,
            entry,
        })
    }

    /// Holds `proof` against the state before the step.
    ///
    /// # Errors
    /// [`L1Error::Rejected`] if the contracts say that the proof is none; the other errors are not about the proof, but
    /// for its size.
    pub fn prove_step(&self, before: StateHash, proof: &Proof) -> Result<Proved, L1Error> {
        let (data, gas) = self.evm.call(self.entry, prove_step_call(before, proof))?;
        let after = after(self.entry, &data)?;
        Ok(Proved { after, gas })
    }

    /// Result of an instruction that only computes, of its family's contract alone. `operands[0]` is the lowest on the
    /// stack.
    ///
    /// ```
    /// use enshrine_l1::OneStepVerifier;
    /// use enshrine_runtime::isa::{Word, op};
    ///
    /// let verifier = OneStepVerifier::deploy()?;
    /// assert_eq!(verifier.evaluate(&Word::new(op::I32_ADD), [2, 3, 0])?.result, Some(5));
    /// assert_eq!(verifier.evaluate(&Word::new(op::I32_DIV_U), [2, 0, 0])?.result, None);
    /// # Ok::<(), enshrine_l1::L1Error>(())
    /// ```
    ///
    /// # Errors
    /// [`L1Error::Opcode`] if the instruction does more than compute, or is none.
    pub fn evaluate(&self, word: &Word, operands: [u128; 3]) -> Result<Evaluated, L1Error> {
        match family(word.opcode) {
            Some(family) if computes(family) => self.evaluate_in(family, word, operands),
            _ => Err(L1Error::Opcode {
                opcode: word.opcode,
            }),
        }
    }

    /// As [`Self::evaluate`], of the contract of `family`, whatever the word's own is.
    ///
    /// # Errors
    /// [`L1Error::Opcode`] if the family does more than compute.
    pub fn evaluate_in(
        &self,
        family: Family,
        word: &Word,
        operands: [u128; 3],
    ) -> Result<Evaluated, L1Error> {
        let Some(contract) = self.families.get(&family).filter(|_| computes(family)) else {
            return Err(L1Error::Opcode {
                opcode: word.opcode,
            });
        };
        let [first, second, third] = operands;
        let call = evaluateCall {
            word: U256::from_be_bytes(word.encode()),
            first,
            second,
            third,
        };
        let (data, gas) = self.evm.call(*contract, call.abi_encode())?;
        let returned = evaluateCall::abi_decode_returns_validate(&data);
        let returned = returned.map_err(|_| L1Error::Answer {
            address: *contract,
            data,
        })?;
        Ok(Evaluated {
            result: returned.ok.then_some(returned.result),
            gas,
        })
    }
}

/// Whether instructions of a family only compute, so that its contract has `evaluate`.
fn computes(family: Family) -> bool {
    match family {
        Family::Integer
        | Family::Float
        | Family::Conversion
        | Family::SimdLane
        | Family::SimdLogic
        | Family::SimdInteger
        | Family::SimdFloat
        | Family::SimdConversion => true,
        Family::Control
        | Family::Stack
        | Family::Memory
        | Family::Bulk
        | Family::SimdMemory
        | Family::Host
        | Family::Reserved => false,
    }
}

/// Call data of `proveStep`.
pub(crate) fn prove_step_call(before: StateHash, proof: &Proof) -> Vec<u8> {
    let call = proveStepCall {
        _before: (*before.as_bytes()).into(),
        _proof: proof.as_bytes().to_vec().into(),
    };
    call.abi_encode()
}

/// What `proveStep` of the verifier at `address` answers.
///
/// # Errors
/// [`L1Error::Answer`] if it is no hash.
pub(crate) fn after(address: Address, data: &[u8]) -> Result<StateHash, L1Error> {
    match proveStepCall::abi_decode_returns_validate(data) {
        Ok(after) => Ok(StateHash::new(after.0)),
        Err(_) => Err(L1Error::Answer {
            address,
            data: data.to_vec().into(),
        }),
    }
}
