//! What a transaction offers for its gas.

use enshrine_l1::Block;

use super::outbox::Version;

/// Wei for a unit of gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fees {
    /// At most.
    pub(crate) max_fee: u128,
    /// Above the base fee at most.
    pub(crate) tip: u128,
}

impl Fees {
    /// Fees with which a transaction is mined soon: the base fee may double while it waits. None if not even the base fee
    /// is below the ceiling.
    pub(crate) fn fresh(head: &Block, tip: u128, ceiling: u128) -> Option<Self> {
        let max_fee = wanted(head.base_fee, tip).min(ceiling);
        let tip = tip.min(max_fee);
        (head.base_fee <= ceiling).then_some(Self { max_fee, tip })
    }

    /// Fees with which nodes let a transaction take the place of an older version: an eighth more than that, or what is fresh
    /// if that is more. None if less than a tenth more, which nodes ask for, is below the ceiling.
    pub(crate) fn bumped(old: &Version, head: &Block, tip: u128, ceiling: u128) -> Option<Self> {
        let max_fee = wanted(head.base_fee, tip)
            .max(more(old.max_fee, 8))
            .min(ceiling);
        let tip = tip.max(more(old.tip, 8)).min(max_fee);
        let enough = max_fee >= more(old.max_fee, 10) && tip >= more(old.tip, 10);
        enough.then_some(Self { max_fee, tip })
    }
}

/// The base fee may double while a transaction waits.
pub(crate) fn wanted(base_fee: u128, tip: u128) -> u128 {
    base_fee.saturating_mul(2).saturating_add(tip)
}

/// A fee and a part of it, rounded up; more than the fee even if that is nothing.
fn more(fee: u128, part: u128) -> u128 {
    fee.saturating_add(fee.div_ceil(part).max(1))
}

#[cfg(test)]
mod tests {
    use alloy_primitives::B256;

    use super::*;

    fn head(base_fee: u128) -> Block {
        Block {
            number: 1,
            hash: B256::ZERO,
            parent: B256::ZERO,
            timestamp: 1,
            base_fee,
        }
    }

    fn version(max_fee: u128, tip: u128) -> Version {
        Version {
            hash: B256::ZERO,
            max_fee,
            tip,
            block: 0,
            timestamp: 0,
        }
    }

    #[test]
    fn fresh_fees_outlast_a_doubled_base_fee() {
        let fees = |max_fee, tip| Some(Fees { max_fee, tip });
        assert_eq!(Fees::fresh(&head(100), 3, 1_000), fees(203, 3));
        assert_eq!(Fees::fresh(&head(100), 3, 150), fees(150, 3));
        assert_eq!(Fees::fresh(&head(100), 300, 150), fees(150, 150));
        assert_eq!(Fees::fresh(&head(151), 3, 150), None);
    }

    #[test]
    fn bumped_fees_are_what_nodes_ask_for_and_below_the_ceiling() {
        for max_fee in (0..40).chain([203, 1_000, 1_001]) {
            for tip in [0, 1, 2, 3, 9, max_fee] {
                let old = version(max_fee, tip.min(max_fee));
                for ceiling in [0, 1, 10, 20, 300, 1_100, 1_125, 5_000] {
                    let Some(new) = Fees::bumped(&old, &head(4), 1, ceiling) else {
                        assert!(ceiling * 10 < max_fee * 11 + 10 || ceiling <= max_fee + 1);
                        continue;
                    };
                    assert!(new.max_fee <= ceiling && new.tip <= new.max_fee);
                    for (new, old) in [(new.max_fee, old.max_fee), (new.tip, old.tip)] {
                        assert!(new > old && new * 10 >= old * 11, "{new} for {old}");
                    }
                }
            }
        }
        let bumped = Fees::bumped(&version(203, 8), &head(10), 3, 1_000).unwrap();
        assert_eq!((bumped.max_fee, bumped.tip), (229, 9));
        let fresh = Fees::bumped(&version(203, 8), &head(200), 30, 1_000).unwrap();
        assert_eq!((fresh.max_fee, fresh.tip), (430, 30));
        let near = Fees::bumped(&version(1_000, 8), &head(10), 3, 1_101).unwrap();
        assert_eq!(near.max_fee, 1_101);
    }
}
