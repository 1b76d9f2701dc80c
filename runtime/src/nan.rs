//! Where NaN bits can be seen.
//!
//! WASM leaves sign and payload of a NaN that arithmetic yields open; the machine yields the canonical quiet NaN. The
//! *exact* build canonicalises after each instruction of [`arithmetic`]. The *speculative* build lets such NaNs pass
//! while nothing depends on their bits, and gives up the run when something would: a forward data-flow pass *taints*
//! values that may hold bits of arithmetic NaNs, by lane type, and lists the operands to test for NaN.
//!
//! The pass is sound if two things hold: [`arithmetic`] lists each non-deterministic instruction, and each instruction
//! that lets a taint through, or looks at it only as floats, does so for any payload. All others test what they pop.
//!
//! SIMD code drops lanes that hold nothing of worth, NaNs often, by selecting with a *mask*: each of its lanes is all ones
//! or all zeros. The pass follows masks too, so that such a selection passes whole lanes on in place of looking at bits.

use std::collections::HashMap;

use wasmparser::{BlockType, Operator, ValType};

use crate::{
    module::GuestModule,
    walk::{Function, Op},
};

/// Float type of an arithmetic result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Float {
    F32,
    F64,
    F32x4,
    F64x2,
}

/// What a value may hold: bits of arithmetic NaNs in its f32 lanes, in its f64 lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Taint(u8);

impl Taint {
    pub(crate) const CLEAN: Self = Self(0);
    pub(crate) const F32: Self = Self(1);
    pub(crate) const F64: Self = Self(2);

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Lanes of which each is all ones or all zeros. A mask of 64-bit lanes is one of 32-bit lanes too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Mask {
    /// Not known to be a mask.
    #[default]
    None,
    /// Of 32-bit lanes.
    Lanes32,
    /// Of 64-bit lanes.
    Lanes64,
}

impl Mask {
    /// The taints that a selection of whole such lanes passes on.
    const fn passes(self) -> Taint {
        match self {
            Self::None => Taint::CLEAN,
            Self::Lanes32 => Taint::F32,
            Self::Lanes64 => Taint::F32.or(Taint::F64),
        }
    }

    fn of_constant(value: u128) -> Self {
        let whole = |lane: u128, width: u32| lane == 0 || lane == (1 << width) - 1;
        let all = |width: u32| {
            let lane = (1 << width) - 1;
            (0..128 / width).all(|index| whole(value >> (index * width) & lane, width))
        };
        match (all(64), all(32)) {
            (true, _) => Self::Lanes64,
            (false, true) => Self::Lanes32,
            (false, false) => Self::None,
        }
    }
}

/// The mask that an instruction yields from the masks of its operands, the top first.
fn mask(operator: &Operator<'_>, operands: &[Mask]) -> Mask {
    use Operator as O;
    match operator {
        O::F32x4Eq
        | O::F32x4Ne
        | O::F32x4Lt
        | O::F32x4Gt
        | O::F32x4Le
        | O::F32x4Ge
        | O::I32x4Eq
        | O::I32x4Ne
        | O::I32x4LtS
        | O::I32x4LtU
        | O::I32x4GtS
        | O::I32x4GtU
        | O::I32x4LeS
        | O::I32x4LeU
        | O::I32x4GeS
        | O::I32x4GeU => Mask::Lanes32,
        O::F64x2Eq
        | O::F64x2Ne
        | O::F64x2Lt
        | O::F64x2Gt
        | O::F64x2Le
        | O::F64x2Ge
        | O::I64x2Eq
        | O::I64x2Ne
        | O::I64x2LtS
        | O::I64x2GtS
        | O::I64x2LeS
        | O::I64x2GeS => Mask::Lanes64,
        O::V128Const { value } => Mask::of_constant(value.i128().cast_unsigned()),
        O::V128And | O::V128Or | O::V128Xor | O::V128AndNot | O::V128Not | O::V128Bitselect => {
            operands.iter().copied().min().unwrap_or_default()
        }
        // The top operand is the condition.
        O::Select | O::TypedSelect { .. } => operands[1].min(operands[2]),
        _ => Mask::None,
    }
}

/// What says which lanes a selecting instruction passes on: the top operand, or either of a conjunction's.
fn chooser(operator: &Operator<'_>, operands: &[Mask]) -> Mask {
    match operator {
        Operator::V128And => operands[0].max(operands[1]),
        _ => operands[0],
    }
}

/// A test for NaN in the operand at `depth` (0 is the top) before an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) depth: u32,
    pub(crate) taint: Taint,
    pub(crate) ty: ValType,
}

/// The float instructions whose NaN results WASM leaves open.
pub(crate) fn arithmetic(operator: &Operator<'_>) -> Option<Float> {
    use Operator as O;
    match operator {
        O::F32Add
        | O::F32Sub
        | O::F32Mul
        | O::F32Div
        | O::F32Sqrt
        | O::F32Min
        | O::F32Max
        | O::F32Ceil
        | O::F32Floor
        | O::F32Trunc
        | O::F32Nearest
        | O::F32DemoteF64 => Some(Float::F32),
        O::F64Add
        | O::F64Sub
        | O::F64Mul
        | O::F64Div
        | O::F64Sqrt
        | O::F64Min
        | O::F64Max
        | O::F64Ceil
        | O::F64Floor
        | O::F64Trunc
        | O::F64Nearest
        | O::F64PromoteF32 => Some(Float::F64),
        O::F32x4Add
        | O::F32x4Sub
        | O::F32x4Mul
        | O::F32x4Div
        | O::F32x4Sqrt
        | O::F32x4Min
        | O::F32x4Max
        | O::F32x4Ceil
        | O::F32x4Floor
        | O::F32x4Trunc
        | O::F32x4Nearest
        | O::F32x4DemoteF64x2Zero => Some(Float::F32x4),
        O::F64x2Add
        | O::F64x2Sub
        | O::F64x2Mul
        | O::F64x2Div
        | O::F64x2Sqrt
        | O::F64x2Min
        | O::F64x2Max
        | O::F64x2Ceil
        | O::F64x2Floor
        | O::F64x2Trunc
        | O::F64x2Nearest
        | O::F64x2PromoteLowF32x4 => Some(Float::F64x2),
        _ => None,
    }
}

/// How an instruction treats the taints of what it pops.
enum Flow {
    /// Looks at bits: tests all operands, yields clean values.
    Bits,
    /// Reads its operands as floats with lanes of the given taint, whatever a NaN's payload; yields the given taint.
    Floats(Taint, Taint),
    /// Reads its operands as floats of the given lanes and passes bits on: the union of their taints.
    Passes(Taint),
    /// Passes the magnitude on and looks at the sign operand on top.
    CopySign,
    /// Passes whole lanes on if the operand that chooses is a mask; else looks at bits. Masks themselves are never tainted.
    Selects,
}

fn flow(operator: &Operator<'_>) -> Flow {
    use Operator as O;
    const NONE: Taint = Taint::CLEAN;
    const F32: Taint = Taint::F32;
    const F64: Taint = Taint::F64;
    const BOTH: Taint = F32.or(F64);
    match operator {
        O::F32DemoteF64 | O::F32x4DemoteF64x2Zero => return Flow::Floats(F64, F32),
        O::F64PromoteF32 | O::F64x2PromoteLowF32x4 => return Flow::Floats(F32, F64),
        _ => {}
    }
    match arithmetic(operator) {
        Some(Float::F32 | Float::F32x4) => return Flow::Floats(F32, F32),
        Some(Float::F64 | Float::F64x2) => return Flow::Floats(F64, F64),
        None => {}
    }
    match operator {
        O::F32Eq
        | O::F32Ne
        | O::F32Lt
        | O::F32Gt
        | O::F32Le
        | O::F32Ge
        | O::F32x4Eq
        | O::F32x4Ne
        | O::F32x4Lt
        | O::F32x4Gt
        | O::F32x4Le
        | O::F32x4Ge
        | O::I32TruncF32S
        | O::I32TruncF32U
        | O::I64TruncF32S
        | O::I64TruncF32U
        | O::I32TruncSatF32S
        | O::I32TruncSatF32U
        | O::I64TruncSatF32S
        | O::I64TruncSatF32U
        | O::I32x4TruncSatF32x4S
        | O::I32x4TruncSatF32x4U => Flow::Floats(F32, NONE),
        O::F64Eq
        | O::F64Ne
        | O::F64Lt
        | O::F64Gt
        | O::F64Le
        | O::F64Ge
        | O::F64x2Eq
        | O::F64x2Ne
        | O::F64x2Lt
        | O::F64x2Gt
        | O::F64x2Le
        | O::F64x2Ge
        | O::I32TruncF64S
        | O::I32TruncF64U
        | O::I64TruncF64S
        | O::I64TruncF64U
        | O::I32TruncSatF64S
        | O::I32TruncSatF64U
        | O::I64TruncSatF64S
        | O::I64TruncSatF64U
        | O::I32x4TruncSatF64x2SZero
        | O::I32x4TruncSatF64x2UZero => Flow::Floats(F64, NONE),
        O::F32Abs
        | O::F32Neg
        | O::F32x4Abs
        | O::F32x4Neg
        | O::F32x4PMin
        | O::F32x4PMax
        | O::F32x4Splat
        | O::F32x4ExtractLane { .. }
        | O::F32x4ReplaceLane { .. }
        | O::V128Load32Lane { .. } => Flow::Passes(F32),
        O::F64Abs
        | O::F64Neg
        | O::F64x2Abs
        | O::F64x2Neg
        | O::F64x2PMin
        | O::F64x2PMax
        | O::F64x2Splat
        | O::F64x2ExtractLane { .. }
        | O::F64x2ReplaceLane { .. } => Flow::Passes(F64),
        O::V128Load64Lane { .. } | O::Drop | O::Select | O::TypedSelect { .. } => {
            Flow::Passes(BOTH)
        }
        O::F32Copysign | O::F64Copysign => Flow::CopySign,
        O::V128Bitselect | O::V128And | O::V128AndNot => Flow::Selects,
        O::I8x16Shuffle { lanes } if moves_lanes(lanes, 8) => Flow::Passes(BOTH),
        O::I8x16Shuffle { lanes } if moves_lanes(lanes, 4) => Flow::Passes(F32),
        _ => Flow::Bits,
    }
}

/// The shuffle moves whole aligned lanes of `width` bytes.
fn moves_lanes(lanes: &[u8; 16], width: u8) -> bool {
    lanes.chunks_exact(usize::from(width)).all(|lane| {
        let first = lane[0];
        first.is_multiple_of(width)
            && lane
                .iter()
                .zip(first..)
                .all(|(source, expected)| *source == expected)
    })
}

/// What the pass knows of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
struct Value {
    taint: Taint,
    mask: Mask,
}

impl Value {
    /// What holds of either value.
    fn join(self, other: Self) -> Self {
        Self {
            taint: self.taint.or(other.taint),
            mask: self.mask.min(other.mask),
        }
    }
}

/// Locals and operands at a point that can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    locals: Vec<Value>,
    stack: Vec<Value>,
}

impl State {
    /// Allows for `other` too; both have the same shape. Says whether anything is new.
    fn join(&mut self, other: &Self) -> bool {
        let mut grew = false;
        let ours = self.locals.iter_mut().chain(&mut self.stack);
        for (mine, theirs) in ours.zip(other.locals.iter().chain(&other.stack)) {
            let joined = mine.join(*theirs);
            grew |= joined != *mine;
            *mine = joined;
        }
        grew
    }

    /// The state that a branch to a label hands over: operands between `height` and the top `arity` are gone.
    fn unwound(&self, height: usize, arity: usize) -> Self {
        let mut stack = self.stack[..height].to_vec();
        stack.extend_from_slice(&self.stack[self.stack.len() - arity..]);
        Self {
            locals: self.locals.clone(),
            stack,
        }
    }
}

#[derive(Debug)]
struct Label {
    /// The loop's instruction index, if a branch goes back.
    head: Option<usize>,
    height: usize,
    arity: usize,
    /// Union of the states that branch to the end.
    end: Option<State>,
    /// State in which an `else`, or an `if`'s end without one, begins.
    skipped: Option<State>,
}

/// Tests by index of the instruction that they stand before, ascending.
pub(crate) type Tests = Vec<(usize, Vec<Test>)>;

/// Taints of all locals, then of all operands, bottom first, by instruction index: where loops begin and before calls.
/// What is not listed is clean.
pub(crate) type Taints = HashMap<usize, Vec<Taint>>;

/// The operands that the speculative build tests.
pub(crate) fn observations(module: &GuestModule<'_>, function: &Function<'_>) -> Tests {
    run_pass(module, function, None).map_or_else(Vec::new, |pass| pass.tests)
}

/// The same, and what a checkpoint must test.
pub(crate) fn traced_observations(
    module: &GuestModule<'_>,
    function: &Function<'_>,
) -> (Tests, Taints) {
    let pass = run_pass(module, function, Some(Taints::new()));
    pass.map_or_else(Default::default, |pass| {
        (pass.tests, pass.taints.unwrap_or_default())
    })
}

fn run_pass<'m, 'f, 'a>(
    module: &'m GuestModule<'a>,
    function: &'f Function<'a>,
    taints: Option<Taints>,
) -> Option<Pass<'m, 'f, 'a>> {
    if !function
        .ops
        .iter()
        .any(|op| arithmetic(&op.operator).is_some())
        && !has_float_values(module, function)
    {
        return None;
    }
    let mut pass = Pass {
        module,
        function,
        heads: HashMap::new(),
        labels: Vec::new(),
        tests: Vec::new(),
        taints,
    };
    // Taints only grow, masks are only lost, and there are finitely many, so this ends; a few rounds do in practice.
    while pass.run() {}
    Some(pass)
}

/// Parameters, or results of calls, can carry taints into a function without arithmetic of its own.
fn has_float_values(module: &GuestModule<'_>, function: &Function<'_>) -> bool {
    let float = |ty: &ValType| matches!(ty, ValType::F32 | ValType::F64 | ValType::V128);
    function.locals[..function.params].iter().any(float)
        || function.ops.iter().any(|op| {
            callee_type(module, &op.operator).is_some_and(|ty| ty.results().iter().any(float))
        })
}

fn callee_type<'m>(
    module: &'m GuestModule<'_>,
    operator: &Operator<'_>,
) -> Option<&'m wasmparser::FuncType> {
    match operator {
        Operator::Call { function_index } => Some(module.function_type(*function_index)),
        Operator::CallIndirect { type_index, .. } => Some(&module.types[*type_index as usize]),
        _ => None,
    }
}

/// Taint of a value that comes from another function.
pub(crate) fn foreign_taint(ty: &ValType) -> Taint {
    foreign(ty).taint
}

/// A value that comes from another function: scalars are passed on untested, vectors are tested before.
fn foreign(ty: &ValType) -> Value {
    let taint = match ty {
        ValType::F32 => Taint::F32,
        ValType::F64 => Taint::F64,
        _ => Taint::CLEAN,
    };
    Value {
        taint,
        mask: Mask::None,
    }
}

struct Pass<'m, 'f, 'a> {
    module: &'m GuestModule<'a>,
    function: &'f Function<'a>,
    heads: HashMap<usize, State>,
    labels: Vec<Label>,
    tests: Tests,
    taints: Option<Taints>,
}

impl Pass<'_, '_, '_> {
    /// One pass over the function. Says whether a loop head's state grew, so that another pass is due.
    fn run(&mut self) -> bool {
        self.tests.clear();
        self.labels.clear();
        self.taints.iter_mut().for_each(Taints::clear);
        let results = self
            .module
            .function_type(self.function.index)
            .results()
            .len();
        self.labels.push(Label {
            head: None,
            height: 0,
            arity: results,
            end: None,
            skipped: None,
        });
        let mut locals = vec![Value::default(); self.function.locals.len()];
        for (local, ty) in locals
            .iter_mut()
            .zip(&self.function.locals[..self.function.params])
        {
            *local = foreign(ty);
        }
        let mut state = Some(State {
            locals,
            stack: Vec::new(),
        });
        let mut grew = false;
        for (index, op) in self.function.ops.iter().enumerate() {
            grew |= self.op(index, op, &mut state);
        }
        grew
    }

    fn op(&mut self, index: usize, op: &Op<'_>, state: &mut Option<State>) -> bool {
        match &op.operator {
            Operator::Block { blockty } => self.enter(None, *blockty, state.as_ref()),
            Operator::Loop { blockty } => {
                if let Some(state) = state {
                    self.heads
                        .entry(index)
                        .or_insert_with(|| state.clone())
                        .join(state);
                    state.clone_from(&self.heads[&index]);
                    keep_taints(&mut self.taints, index, state);
                }
                self.enter(Some(index), *blockty, state.as_ref());
            }
            Operator::If { blockty } => {
                if let Some(state) = state.as_mut() {
                    state.stack.pop();
                }
                self.enter(None, *blockty, state.as_ref());
                self.label(0).skipped.clone_from(state);
            }
            Operator::Else => {
                self.branch(0, state.as_ref());
                *state = self.label(0).skipped.take();
            }
            Operator::End => self.end(index, state),
            _ => return self.straight(index, op, state),
        }
        false
    }

    fn label(&mut self, depth: u32) -> &mut Label {
        let index = self.labels.len() - 1 - depth as usize;
        &mut self.labels[index]
    }

    fn enter(&mut self, head: Option<usize>, ty: BlockType, state: Option<&State>) {
        let (params, results) = match ty {
            BlockType::Empty => (0, 0),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(index) => {
                let ty = &self.module.types[index as usize];
                (ty.params().len(), ty.results().len())
            }
        };
        let arity = if head.is_some() { params } else { results };
        let height = state.map_or(0, |state| state.stack.len() - params);
        self.labels.push(Label {
            head,
            height,
            arity,
            end: None,
            skipped: None,
        });
    }

    fn end(&mut self, index: usize, state: &mut Option<State>) {
        if self.labels.len() == 1 {
            self.test_results(index, 0, 0, state.as_ref());
        }
        let label = self.labels.pop().expect("the walk has matched every `end`");
        for other in [label.end, label.skipped].into_iter().flatten() {
            match state {
                Some(state) => {
                    state.join(&other);
                }
                None => *state = Some(other),
            }
        }
    }

    /// Hands the state over to a label. Says whether a loop head's state grew.
    fn branch(&mut self, depth: u32, state: Option<&State>) -> bool {
        let Some(state) = state else { return false };
        let label = self.label(depth);
        let handed = state.unwound(label.height, label.arity);
        if let Some(head) = label.head {
            return self
                .heads
                .get_mut(&head)
                .expect("the head was passed")
                .join(&handed);
        }
        match &mut label.end {
            Some(end) => {
                end.join(&handed);
            }
            end => *end = Some(handed),
        }
        false
    }

    /// Vectors are handed to callers clean; `below` operands lie above the results.
    fn test_results(&mut self, index: usize, depth: u32, below: u32, state: Option<&State>) {
        let outermost = depth as usize + 1 == self.labels.len();
        let Some(state) = state.filter(|_| outermost) else {
            return;
        };
        let results = self.module.function_type(self.function.index).results();
        let tests: Vec<_> = vector_tests(results, below, state).collect();
        self.record(index, tests);
    }

    fn record(&mut self, index: usize, tests: Vec<Test>) {
        if tests.is_empty() {
            return;
        }
        match self.tests.last_mut() {
            Some((last, known)) if *last == index => {
                known.extend(
                    tests
                        .into_iter()
                        .filter(|test| !known.contains(test))
                        .collect::<Vec<_>>(),
                );
            }
            _ => self.tests.push((index, tests)),
        }
    }

    fn straight(&mut self, index: usize, op: &Op<'_>, slot: &mut Option<State>) -> bool {
        let Some(state) = slot else { return false };
        let mut grew = false;
        match &op.operator {
            Operator::Br { relative_depth } => {
                self.test_results(index, *relative_depth, 0, Some(state));
                grew = self.branch(*relative_depth, Some(state));
                *slot = None;
            }
            Operator::BrIf { relative_depth } => {
                self.test_results(index, *relative_depth, 1, Some(state));
                state.stack.pop();
                grew = self.branch(*relative_depth, Some(state));
            }
            Operator::BrTable { targets } => {
                let depths = || targets.targets().flatten().chain([targets.default()]);
                for depth in depths() {
                    self.test_results(index, depth, 1, Some(state));
                }
                state.stack.pop();
                for depth in depths() {
                    grew |= self.branch(depth, Some(state));
                }
                *slot = None;
            }
            Operator::Return => {
                let outermost = u32::try_from(self.labels.len() - 1).expect("nesting is limited");
                self.test_results(index, outermost, 0, Some(state));
                *slot = None;
            }
            Operator::Unreachable => *slot = None,
            Operator::LocalGet { local_index } => {
                state.stack.push(state.locals[*local_index as usize]);
            }
            Operator::LocalSet { local_index } => {
                state.locals[*local_index as usize] = state.stack.pop().unwrap_or_default();
            }
            Operator::LocalTee { local_index } => {
                state.locals[*local_index as usize] =
                    state.stack.last().copied().unwrap_or_default();
            }
            Operator::Call { .. } | Operator::CallIndirect { .. } => self.call(index, op, state),
            _ => self.plain(index, op, state),
        }
        grew
    }

    fn call(&mut self, index: usize, op: &Op<'_>, state: &mut State) {
        let ty = callee_type(self.module, &op.operator).expect("a call");
        let above = u32::from(matches!(op.operator, Operator::CallIndirect { .. }));
        let tests: Vec<_> = vector_tests(ty.params(), above, state).collect();
        self.record(index, tests);
        keep_taints(&mut self.taints, index, state);
        state.stack.truncate(state.stack.len() - op.pops as usize);
        state.stack.extend(ty.results().iter().map(foreign));
    }

    fn plain(&mut self, index: usize, op: &Op<'_>, state: &mut State) {
        let popped = state.stack.split_off(state.stack.len() - op.pops as usize);
        let union = popped
            .iter()
            .fold(Taint::CLEAN, |union, value| union.or(value.taint));
        let masks: Vec<Mask> = popped.iter().rev().map(|value| value.mask).collect();
        // All operands are tested for taints other than `lanes`.
        let but = |lanes: Taint| -> Vec<(u32, Taint)> {
            let top_first = (0..).zip(popped.iter().rev());
            top_first
                .map(|(depth, value)| (depth, value.taint.without(lanes)))
                .collect()
        };
        let (tested, taint) = match flow(&op.operator) {
            Flow::Bits => (but(Taint::CLEAN), Taint::CLEAN),
            Flow::Floats(lanes, result) => (but(lanes), result),
            Flow::Passes(lanes) => (but(lanes), union.and(lanes)),
            Flow::CopySign => (vec![(0, popped[1].taint)], popped[0].taint),
            Flow::Selects => {
                let lanes = chooser(&op.operator, &masks).passes();
                (but(lanes), union.and(lanes))
            }
        };
        let tests = tested
            .into_iter()
            .filter(|(_, taint)| *taint != Taint::CLEAN);
        let tests = tests.filter_map(|(depth, taint)| {
            let ty = op.operand(depth)?;
            Some(Test { depth, taint, ty })
        });
        self.record(index, tests.collect());
        let mask = mask(&op.operator, &masks);
        state
            .stack
            .extend((0..op.pushes).map(|_| Value { taint, mask }));
    }
}

fn keep_taints(taints: &mut Option<Taints>, index: usize, state: &State) {
    let Some(taints) = taints else { return };
    let values = state.locals.iter().chain(&state.stack);
    let all: Vec<_> = values.map(|value| value.taint).collect();
    if all.iter().any(|taint| *taint != Taint::CLEAN) {
        taints.insert(index, all);
    }
}

/// Tests for tainted vectors among the values of `types` that lie below `above` other operands.
fn vector_tests<'s>(
    types: &'s [ValType],
    above: u32,
    state: &'s State,
) -> impl Iterator<Item = Test> + 's {
    (above..).zip(types.iter().rev()).filter_map(|(depth, ty)| {
        let taint = state.stack[state.stack.len() - 1 - depth as usize].taint;
        let tested = *ty == ValType::V128 && taint != Taint::CLEAN;
        tested.then_some(Test {
            depth,
            taint,
            ty: *ty,
        })
    })
}
