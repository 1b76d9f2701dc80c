//! Tight loops: straight lines of vector code with a branch back behind them, the only one.
//!
//! Such a loop sets vectors before it reads them. To its own code they are dead where it begins again, but a checkpoint there
//! shows them, so a compiler would keep all of them in registers until then, and a kernel has no registers to spare.
//! So a traced build has two copies of the loop:
//!
//! ```text
//! charge; check            the first head, as everywhere
//! loop                     as in a metered build; leaves one iteration before a checkpoint could be due
//!   charge; is less than `stop` and one iteration left? then go to the other loop
//!   body
//! vectors := 0             whatever they were: the body sets them first
//! loop
//!   body
//!   charge; check          shows all locals as they are
//! rest                     what the loop has behind its branch back
//! ```

use std::collections::HashMap;

use wasm_encoder::BlockType;
use wasmparser::{BlockType as LoopType, Operator, ValType};

use super::emitter::Emitter;
use crate::walk::{Function, Op, Segment, Variable};

/// A tight loop, by the index of the instruction that begins it.
pub(super) type TightLoops = HashMap<usize, TightLoop>;

/// A loop that is written twice.
#[derive(Clone, Debug)]
pub(super) struct TightLoop {
    /// Index of the first instruction behind the branch back.
    rest: usize,
    /// Vectors that the body sets before it reads them.
    vectors: Vec<u32>,
}

/// A tight loop that is being written.
#[derive(Debug)]
pub(super) struct OpenLoop {
    tight: TightLoop,
    /// Its head's segment, and where the body begins in the code. Known behind the head.
    head: Option<(Segment, usize)>,
}

/// The tight loops of a function.
pub(super) fn tight_loops(function: &Function<'_>) -> TightLoops {
    let ops = function.ops.iter().enumerate();
    let loops = ops.filter(|(_, op)| op.live && matches!(op.operator, Operator::Loop { .. }));
    loops
        .filter_map(|(index, _)| Some((index, tight_loop(function, index)?)))
        .collect()
}

fn tight_loop(function: &Function<'_>, head: usize) -> Option<TightLoop> {
    let empty = LoopType::Empty;
    if !matches!(function.ops[head].operator, Operator::Loop { blockty } if blockty == empty) {
        return None;
    }
    let body = &function.ops[head + 1..];
    let straight = body.iter().position(|op| !is_straight(op))?;
    let (back, rest) = (&body[straight], straight + 1);
    let goes_back = matches!(back.operator, Operator::BrIf { relative_depth: 0 });
    if !goes_back || back.variable != Variable::No || branches_back(&body[rest..]) {
        return None;
    }
    let vectors = set_before_read(function, &body[..straight]);
    (!vectors.is_empty()).then_some(TightLoop {
        rest: head + 1 + rest,
        vectors,
    })
}

/// There is a branch to the loop that `ops` begin in.
fn branches_back(ops: &[Op<'_>]) -> bool {
    let mut depth = 0;
    for op in ops {
        match &op.operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
            Operator::End if depth == 0 => return false,
            Operator::End => depth -= 1,
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth }
                if *relative_depth == depth =>
            {
                return true;
            }
            Operator::BrTable { targets } => {
                let mut all = targets.targets().flatten().chain([targets.default()]);
                if all.any(|target| target == depth) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// The instruction belongs to a segment and does not end it.
fn is_straight(op: &Op<'_>) -> bool {
    use Operator as O;
    op.variable == Variable::No
        && !matches!(
            op.operator,
            O::Block { .. }
                | O::Loop { .. }
                | O::If { .. }
                | O::Else
                | O::End
                | O::Br { .. }
                | O::BrIf { .. }
                | O::BrTable { .. }
                | O::Return
                | O::Unreachable
                | O::Call { .. }
                | O::CallIndirect { .. }
        )
}

fn set_before_read(function: &Function<'_>, body: &[Op<'_>]) -> Vec<u32> {
    let mut first = HashMap::new();
    for op in body {
        match op.operator {
            Operator::LocalGet { local_index } => first.entry(local_index).or_insert(false),
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                first.entry(local_index).or_insert(true)
            }
            _ => continue,
        };
    }
    let vector = |local: &u32| function.locals[*local as usize] == ValType::V128;
    let set = first.into_iter().filter(|(_, set)| *set);
    let mut vectors: Vec<_> = set.map(|(local, _)| local).filter(vector).collect();
    vectors.sort_unstable();
    vectors
}

impl Emitter<'_, '_> {
    /// Begins a tight loop with a block in place of the `loop` at `index`, if it is one.
    pub(super) fn open_tight_loop(&mut self, index: usize) -> bool {
        let Some(trace) = &mut self.trace else {
            return false;
        };
        let Some(tight) = trace.tight_loops.remove(&index) else {
            return false;
        };
        trace.open_loop = Some(OpenLoop { tight, head: None });
        self.sink().block(BlockType::Empty);
        true
    }

    /// Writes all that stands before the body of a tight loop, if `segment` is its head.
    pub(super) fn tight_head(&mut self, segment: &Segment) -> bool {
        let open = self.trace.as_ref().and_then(|trace| {
            let open = trace.open_loop.as_ref()?;
            open.head.is_none().then_some(trace.layout.stop)
        });
        let Some(stop) = open else { return false };
        let (fuel, steps) = (self.layout.fuel, i64::from(segment.steps));
        let limit = self.temp(ValType::I64, 0);
        self.sink().block(BlockType::Empty);
        self.charge(segment);
        self.sink()
            .global_get(fuel)
            .i64_const(steps)
            .i64_add()
            .global_set(fuel)
            .global_get(stop)
            .i64_const(steps)
            .i64_add()
            .local_set(limit)
            .block(BlockType::Empty)
            .loop_(BlockType::Empty);
        self.charge_steps(segment.steps);
        self.sink().global_get(fuel).local_get(limit).i64_lt_s();
        self.mark_rare();
        self.sink().br_if(1);
        let body = self.bytes.len();
        let open = self
            .trace
            .as_mut()
            .and_then(|trace| trace.open_loop.as_mut());
        if let Some(open) = open {
            open.head = Some((*segment, body));
        }
        true
    }

    /// Writes the second copy of a tight loop, if `index` stands behind its branch back.
    pub(super) fn close_tight_loop(&mut self, index: usize) {
        let open = self
            .trace
            .as_mut()
            .and_then(|trace| trace.open_loop.take_if(|open| open.tight.rest == index));
        let Some(OpenLoop {
            tight,
            head: Some((segment, start)),
        }) = open
        else {
            return;
        };
        let back = self.function.ops[index - 1].bytes.len();
        let body = self.bytes[start..self.bytes.len() - back].to_vec();
        self.sink().br(2).end().end();
        for vector in tight.vectors {
            self.sink().v128_const(0).local_set(vector);
        }
        self.sink().loop_(BlockType::Empty);
        self.bytes.extend(body);
        self.sink().i32_eqz().br_if(1);
        self.charge(&segment);
        self.sink().br(0).end().end();
    }
}
