//! What a bond obliges to, in gas. [docs/economics.md](../../docs/economics.md) has the moves that this bounds.

use enshrine_l1::GameParameters;
use enshrine_runtime::limits;

/// Gas of a move, but for its segments.
const MOVE_GAS: u64 = 75_000;

/// Gas of each segment of a move.
const SEGMENT_GAS: u64 = 2_700;

/// What a challenge takes on top of another move.
const CHALLENGE_GAS: u64 = 85_000;

/// Gas of the largest proof.
const PROOF_GAS: u64 = 390_000;

/// Gas of what comes when a game is over: ending or collecting it, and fetching the money.
const END_GAS: u64 = 100_000;

/// Gas of an answer.
const ANSWER_GAS: u64 = 94_000;

/// Gas of making an answer final, without telling anybody.
const FINALISE_GAS: u64 = 86_000;

/// Gas of getting an answer's bond back.
const RELEASE_GAS: u64 = 84_000;

/// Gas of 32 bytes of an output that somebody is told: call data, their hash, and memory.
const OUTPUT_WORD_GAS: u64 = 2_800;

/// Gas that a player needs at most for a bond and a game about the longest trace that the contracts take, to the very end.
pub(crate) fn game_gas(parameters: &GameParameters) -> u64 {
    let longest = u128::from(parameters.max_fuel) + u128::from(limits::LOAD_FUEL) + 1;
    let moves = (dissections(longest, parameters.degree) + 1).div_ceil(2);
    let move_gas = MOVE_GAS + SEGMENT_GAS * parameters.degree;
    let bond = CHALLENGE_GAS.max(ANSWER_GAS);
    bond + moves * move_gas + PROOF_GAS + END_GAS + FINALISE_GAS + RELEASE_GAS
}

/// Dissections until a single step is left.
fn dissections(length: u128, degree: u64) -> u64 {
    let ranges = std::iter::successors(Some(length), |length| {
        Some(length.div_ceil(u128::from(degree.max(2))))
    });
    ranges.take_while(|length| *length > 1).count() as u64
}

/// Gas of an answer from the first transaction to the bond that comes back, if nobody challenges it. `told` is the gas that
/// a consumer gets, and the bytes that it is told.
pub(crate) fn answer_gas(told: Option<(u32, usize)>) -> u64 {
    let alone = ANSWER_GAS + FINALISE_GAS + RELEASE_GAS;
    let Some((consumer_gas, bytes)) = told else {
        return alone;
    };
    let consumer_gas = u64::from(consumer_gas);
    // A call gets at most 63 of 64 parts of what is there.
    let call = consumer_gas + consumer_gas / 63;
    alone + call + OUTPUT_WORD_GAS * bytes.div_ceil(32) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gas of the dearer side of a game of 2^40 steps, by degree, from docs/economics.md.
    const DEARER: [(u64, u64); 5] = [
        (8, 1_077_182),
        (16, 1_017_728),
        (32, 1_077_528),
        (64, 1_048_314),
        (128, 1_658_822),
    ];

    #[test]
    fn a_reserve_pays_for_any_game() {
        for (degree, gas) in DEARER {
            let parameters = GameParameters {
                degree,
                ..GameParameters::DEVNET
            };
            let reserve = game_gas(&parameters);
            // The last transaction has to offer a fifth more than it will need.
            let least = gas + END_GAS + PROOF_GAS / 5;
            assert!(reserve >= least, "{degree}: {reserve} < {least}");
            assert!(reserve < 2 * gas, "{degree}: {reserve}");
        }
    }

    #[test]
    fn ranges_are_cut_as_the_game_cuts_them() {
        for (length, degree, expected) in [
            (1, 64, 0),
            (2, 64, 1),
            (64, 64, 1),
            (65, 64, 2),
            (1 << 40, 64, 7),
            ((1 << 48) + (1 << 36) + 1, 64, 9),
            (1 << 40, 8, 14),
            (1 << 26, 2, 26),
        ] {
            assert_eq!(
                dissections(length, degree),
                expected,
                "{length} by {degree}"
            );
        }
    }

    #[test]
    fn who_tells_a_consumer_pays_for_its_gas_and_for_the_output() {
        assert_eq!(answer_gas(None), 264_000);
        assert_eq!(answer_gas(Some((0, 0))), 264_000);
        assert_eq!(answer_gas(Some((63_000, 33))), 264_000 + 64_000 + 5_600);
    }
}
