//! A range of steps cut into segments.

use std::ops::Range;

use crate::state::{StateHash, keccak};

/// Tag of a move's hash.
const TAG: &[u8] = b"enshrine/dissection/1";

crate::state::keccak_hash! {
    /// Names a move: hash of its segments and of the range. No two moves of a game have the same.
    DissectionHash
}

/// What is none of a range's dissections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DissectionError {
    /// The range is empty, or ends behind the last number.
    #[error("expected a range of steps, got {length} from {start} on")]
    Range {
        /// First step.
        start: u64,
        /// Steps.
        length: u64,
    },
    /// The range has another number of segments.
    #[error("expected {expected} segments, got {got}")]
    Parts {
        /// Segments of the range.
        expected: u64,
        /// Segments given.
        got: usize,
    },
}

/// A move: a range of steps, and the states at the ends of its segments.
///
/// Segment `i` of `n` goes from step `start + length * i / n` to step `start + length * (i + 1) / n`, both rounded down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dissection {
    start: u64,
    length: u64,
    from: StateHash,
    ends: Vec<StateHash>,
}

/// A segment of a move: its first state is agreed, its last one rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// First step of the range that the move cuts.
    pub start: u64,
    /// Steps of that range.
    pub length: u64,
    /// Which of its segments.
    pub index: u64,
    /// State at the segment's beginning.
    pub from: StateHash,
    /// State at its end, as the other player says.
    pub to: StateHash,
    /// The segment's siblings in the move's tree, lowest first.
    pub path: Vec<[u8; 32]>,
}

impl Dissection {
    /// A move of a game in which ranges have at most `degree` segments.
    ///
    /// # Errors
    /// [`DissectionError`] if the range is none, or `ends` are not as many as it has segments.
    pub fn new(
        (start, length): (u64, u64),
        from: StateHash,
        ends: Vec<StateHash>,
        degree: u64,
    ) -> Result<Self, DissectionError> {
        if length == 0 || start.checked_add(length).is_none() {
            return Err(DissectionError::Range { start, length });
        }
        let (expected, got) = (Self::parts(length, degree), ends.len());
        if got as u64 != expected {
            return Err(DissectionError::Parts { expected, got });
        }
        Ok(Self {
            start,
            length,
            from,
            ends,
        })
    }

    /// Segments of a range of `length` steps: `degree`, or one for each step if there are fewer.
    pub const fn parts(length: u64, degree: u64) -> u64 {
        if length < degree { length } else { degree }
    }

    /// First step of the range, and the steps that it has.
    pub const fn range(&self) -> (u64, u64) {
        (self.start, self.length)
    }

    /// State at the beginning of the range.
    pub const fn from(&self) -> StateHash {
        self.from
    }

    /// State at the end of each segment.
    pub fn ends(&self) -> &[StateHash] {
        &self.ends
    }

    /// Steps of segment `index`, at most as many as there are.
    ///
    /// # Panics
    /// If `index` is greater than the number of segments.
    pub fn segment(&self, index: usize) -> Range<u64> {
        self.boundary(index)..self.boundary(index + 1)
    }

    /// The move's name: Keccak-256 of `enshrine/dissection/1`, `start` and `length` (u64, big endian) and the root of the tree
    /// whose leaves are the segments, each the Keccak-256 of the states at its ends. The tree is the lowest that has
    /// room; leaves behind the last are zero.
    ///
    /// ```
    /// use enshrine_prover::{StateHash, game::Dissection};
    ///
    /// let [a, b, c] = [1, 2, 3].map(|byte| StateHash::new([byte; 32]));
    /// let cut = Dissection::new((0, 7), a, vec![b, c], 2)?;
    /// assert_eq!(cut.segment(1), 3..7);
    /// assert_eq!(
    ///     cut.hash().to_string(),
    ///     "0xc114234ef333ac7e8bf21ad087fa61fa3cf24873d0f187a97bfd08cd68522017"
    /// );
    /// # Ok::<(), enshrine_prover::game::DissectionError>(())
    /// ```
    pub fn hash(&self) -> DissectionHash {
        let root = self.levels().pop().and_then(|root| root.first().copied());
        let root = root.expect("a move has a segment");
        let (start, length) = (self.start.to_be_bytes(), self.length.to_be_bytes());
        DissectionHash::new(keccak(&[TAG, &start, &length, &root]))
    }

    /// Segment `index`, for one who rejects it; nothing if there is no such segment.
    pub fn reject(&self, index: usize) -> Option<Rejection> {
        let to = *self.ends.get(index)?;
        let from = match index.checked_sub(1) {
            None => self.from,
            Some(before) => *self.ends.get(before)?,
        };
        let mut levels = self.levels();
        levels.pop();
        let sibling = |(level, nodes): (usize, Vec<[u8; 32]>)| nodes[(index >> level) ^ 1];
        Some(Rejection {
            start: self.start,
            length: self.length,
            index: index as u64,
            from,
            to,
            path: levels.into_iter().enumerate().map(sibling).collect(),
        })
    }

    /// All nodes of the tree, leaves first.
    fn levels(&self) -> Vec<Vec<[u8; 32]>> {
        let starts = [self.from].into_iter().chain(self.ends.iter().copied());
        let segments = starts.zip(&self.ends);
        let leaf = |(from, to): (StateHash, &StateHash)| pair(from.as_bytes(), to.as_bytes());
        let mut nodes: Vec<_> = segments.map(leaf).collect();
        nodes.resize(nodes.len().next_power_of_two(), [0; 32]);
        let mut levels = vec![nodes];
        while let Some(nodes) = levels.last().filter(|nodes| nodes.len() > 1) {
            let parents = nodes.chunks_exact(2);
            let parents = parents.map(|children| pair(&children[0], &children[1]));
            levels.push(parents.collect());
        }
        levels
    }

    fn boundary(&self, index: usize) -> u64 {
        let parts = self.ends.len();
        assert!(index <= parts, "a move has no segment {index}");
        let offset = u128::from(self.length) * index as u128 / parts as u128;
        self.start + u64::try_from(offset).expect("no more than the range has")
    }
}

fn pair(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    keccak(&[left, right])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(length: u64, degree: u64) -> Dissection {
        let parts = Dissection::parts(length, degree);
        let ends = (1..=parts).map(state).collect();
        Dissection::new((100, length), state(0), ends, degree).expect("as many ends as parts")
    }

    fn state(number: u64) -> StateHash {
        StateHash::new(keccak(&[&number.to_be_bytes()]))
    }

    /// As `l1-contracts/src/dispute/Dissection.sol` does it.
    fn opened(rejected: &Rejection) -> DissectionHash {
        let mut node = pair(rejected.from.as_bytes(), rejected.to.as_bytes());
        for (level, sibling) in rejected.path.iter().enumerate() {
            node = if (rejected.index >> level) & 1 == 0 {
                pair(&node, sibling)
            } else {
                pair(sibling, &node)
            };
        }
        let (start, length) = (rejected.start.to_be_bytes(), rejected.length.to_be_bytes());
        DissectionHash::new(keccak(&[TAG, &start, &length, &node]))
    }

    #[test]
    fn every_segment_opens() {
        for length in [1, 2, 3, 63, 64, 65, 1 << 40] {
            let cut = cut(length, 64);
            for index in 0..cut.ends().len() {
                let rejected = cut.reject(index).expect("there is such a segment");
                assert_eq!(opened(&rejected), cut.hash(), "segment {index} of {length}");
            }
            assert_eq!(cut.reject(cut.ends().len()), None);
        }
    }

    #[test]
    fn segments_cover_the_range() {
        for length in [1, 5, 64, 100, 12_345] {
            let cut = cut(length, 64);
            let mut step = 100;
            for index in 0..cut.ends().len() {
                let segment = cut.segment(index);
                assert_eq!(segment.start, step);
                assert!(segment.end > step, "an empty segment");
                step = segment.end;
            }
            assert_eq!(step, 100 + length);
        }
    }

    #[test]
    fn what_is_no_dissection_is_refused() {
        let one = vec![state(1)];
        let cut = |range, ends| Dissection::new(range, state(0), ends, 64);
        assert_eq!(
            cut((0, 0), vec![]),
            Err(DissectionError::Range {
                start: 0,
                length: 0
            })
        );
        assert!(cut((u64::MAX, 1), one.clone()).is_err());
        assert_eq!(
            cut((0, 2), one),
            Err(DissectionError::Parts {
                expected: 2,
                got: 1
            })
        );
    }
}
