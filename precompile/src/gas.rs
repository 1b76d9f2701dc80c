//! What a call costs: a function of consensus data alone.
//!
//! ```text
//! entry  = BASE_GAS + DATA_WORD_GAS * ceil(bytes of call data / 32)
//! fixed  = entry + REGISTRY_READ_GAS                                    at 0xa1
//! fixed  = entry + MODEL_WORD_GAS * ceil(bytes of model / 32)           at 0xa0
//! price  = fixed + ceil(load steps / LOAD_STEPS_PER_GAS) + ceil(infer steps / STEPS_PER_GAS)
//! ```
//!
//! A call that does not bring `fixed` is out of gas before anything runs. One that reverts before its run (value, call
//! data, registry) costs what was charged until then. The fuel of both phases is known before the run and depends on
//! the gas and the lengths alone:
//!
//! ```text
//! fuel of infer = min((gas - fixed) * STEPS_PER_GAS, MAX_FUEL)
//! fuel of load  = min((gas - fixed) * LOAD_STEPS_PER_GAS, LOAD_FUEL)
//! ```
//!
//! So neither phase alone can cost more than the gas, and no caller makes a node run what it cannot pay. When both
//! together cost more, the call ends as a failed run does: `InferenceFailed`, with all gas gone. A call whose run does not
//! fail for a reason of its own succeeds exactly when `price` is at most the gas given; more gas never changes its
//! result or its price.
//!
//! A step of `load` costs half of one of `infer`, because a node keeps prepared models. It cannot cost much less: callers
//! decide how often a node has to prepare one all the same, with new shapes, with more models than it keeps, or with gas
//! that ends within `load`. `docs/gas.md` has the measurements.

use crate::Precompile;

/// Gas of any call: restoring a prepared image, entering the guest, hashing the output.
pub const BASE_GAS: u64 = 15_000;

/// Gas of a 32-byte word of call data: copying it, hashing it, decoding the tensor.
pub const DATA_WORD_GAS: u64 = 6;

/// Gas of a 32-byte word of a model in the call data, beside [`DATA_WORD_GAS`]: its root is computed in every call.
pub const MODEL_WORD_GAS: u64 = 12;

/// Gas of looking the model up: EIP-2929's price of a cold account and of a cold slot in it.
///
/// DETERMINISM: charged whether the registry is warm or cold, so that both ways into a node cost the same.
pub const REGISTRY_READ_GAS: u64 = 4_700;

/// Steps of `infer` that one gas buys.
pub const STEPS_PER_GAS: u64 = 2;

/// Steps of `load` that one gas buys.
pub const LOAD_STEPS_PER_GAS: u64 = 4;

/// The price list of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GasPrice {
    /// Gas that is due before the run.
    pub fixed: u64,
}

impl GasPrice {
    /// Price of a call to a precompile with so many bytes of call data, of which so many are the model.
    ///
    /// ```
    /// use enshrine_precompile::{GasPrice, Precompile};
    ///
    /// // 64 bytes of header and 256 bytes of input are ten words.
    /// let price = GasPrice::of_call(Precompile::Registered, 320, 0);
    /// assert_eq!(price.fixed, 15_000 + 10 * 6 + 4_700);
    /// assert_eq!(price.total(1_000, 11), price.fixed + 250 + 6);
    /// ```
    pub const fn of_call(precompile: Precompile, data_bytes: usize, model_bytes: usize) -> Self {
        let model = match precompile {
            Precompile::Registered => REGISTRY_READ_GAS,
            Precompile::WithModel => words(model_bytes).saturating_mul(MODEL_WORD_GAS),
        };
        Self {
            fixed: entry_gas(data_bytes).saturating_add(model),
        }
    }

    /// Fuel that `infer` gets from a call's gas; `None` when the gas does not even pay what is fixed.
    pub const fn fuel(&self, gas: u64) -> Option<u64> {
        match gas.checked_sub(self.fixed) {
            Some(rest) => {
                let steps = rest.saturating_mul(STEPS_PER_GAS);
                Some(at_most(steps, enshrine_runtime::limits::MAX_FUEL))
            }
            None => None,
        }
    }

    /// Fuel that `load` gets from a call's gas: the steps beyond which the call could not pay for it. At most
    /// [`LOAD_FUEL`](enshrine_runtime::limits::LOAD_FUEL).
    pub const fn load_fuel(&self, gas: u64) -> u64 {
        let rest = gas.saturating_sub(self.fixed);
        let steps = rest.saturating_mul(LOAD_STEPS_PER_GAS);
        at_most(steps, enshrine_runtime::limits::LOAD_FUEL)
    }

    /// Gas of the whole call.
    pub const fn total(&self, load_steps: u64, infer_steps: u64) -> u64 {
        self.fixed
            .saturating_add(load_steps.div_ceil(LOAD_STEPS_PER_GAS))
            .saturating_add(infer_steps.div_ceil(STEPS_PER_GAS))
    }
}

/// Gas that is due before the call data is looked at.
pub(crate) const fn entry_gas(data_bytes: usize) -> u64 {
    BASE_GAS.saturating_add(words(data_bytes).saturating_mul(DATA_WORD_GAS))
}

const fn words(bytes: usize) -> u64 {
    bytes.div_ceil(32) as u64
}

const fn at_most(steps: u64, most: u64) -> u64 {
    if steps > most { most } else { steps }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fuel_needs_the_fixed_part() {
        let price = GasPrice::of_call(Precompile::Registered, 64, 0);
        assert_eq!(price.fuel(price.fixed - 1), None);
        assert_eq!(price.fuel(price.fixed), Some(0));
        assert_eq!(price.fuel(price.fixed + 3), Some(3 * STEPS_PER_GAS));
        assert_eq!(
            price.fuel(u64::MAX),
            Some(enshrine_runtime::limits::MAX_FUEL)
        );
    }

    #[test]
    fn huge_lengths_do_not_overflow() {
        for precompile in Precompile::ALL {
            let price = GasPrice::of_call(precompile, usize::MAX, usize::MAX);
            assert!(price.total(u64::MAX, u64::MAX) >= price.fixed);
        }
    }

    proptest! {
        #[test]
        fn bought_fuel_never_costs_more_than_was_given(
            gas: u64, data in 0usize..1 << 40, model in 0usize..1 << 40
        ) {
            for precompile in Precompile::ALL {
                let price = GasPrice::of_call(precompile, data, model);
                if let Some(fuel) = price.fuel(gas) {
                    prop_assert!(price.total(0, fuel) <= gas);
                }
            }
        }

        #[test]
        fn a_run_that_is_affordable_has_its_fuel(
            gas in 0u64..1 << 50, load in 0u64..1 << 50, infer in 0u64..1 << 48
        ) {
            let price = GasPrice::of_call(Precompile::Registered, 320, 0);
            if price.total(load, infer) <= gas {
                prop_assert!(price.fuel(gas).is_some_and(|fuel| fuel >= infer));
                prop_assert!(price.load_fuel(gas) >= load.min(enshrine_runtime::limits::LOAD_FUEL));
            }
        }

        #[test]
        fn more_gas_never_buys_less(gas: u64, more: u64) {
            let price = GasPrice::of_call(Precompile::Registered, 320, 0);
            prop_assert!(price.fuel(gas) <= price.fuel(gas.saturating_add(more)));
        }
    }
}
