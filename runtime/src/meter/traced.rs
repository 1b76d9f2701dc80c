//! What traced builds add to function bodies: spilled frames and checkpoints.
//!
//! Each function keeps in a local where its frame begins. Before a call it writes there the site's number, its locals
//! and the operands that stay on the stack, and lets the callee's frame begin behind. Nothing is undone: a frame is read
//! only while the call is under way, and written anew before the next.
//!
//! Operands are popped into temporaries to be written. Those below the current block are out of reach, so they are
//! copied to locals of their own where a block is entered over them; nothing in the block can change them.

use std::collections::{BTreeMap, HashMap};

use wasm_encoder::{BlockType, Function as EncodedFunction, MemArg};
use wasmparser::{Operator, ValType};

use super::{
    emitter::Emitter,
    module::{TraceLayout, index, type_key},
    stale::{Locals, stale_locals},
    tight::{OpenLoop, TightLoops, tight_loops},
};
use crate::{
    module::GuestModule,
    nan::{Taints, foreign_taint},
    trace::{Site, SiteKind, frame_layout},
    walk::{Function, Op, Segment},
};

/// What the emitter of a traced build keeps for one function.
#[derive(Debug)]
pub(super) struct Tracer<'f> {
    pub(super) layout: &'f TraceLayout,
    /// Nothing in the exact build, where all values are clean.
    taints: Option<&'f Taints>,
    sites: &'f mut Vec<Site>,
    /// Number of the function among those with a body.
    number: u32,
    imports: u32,
    /// Of each instruction: it opens a block with a site in it.
    opens_over_site: Vec<bool>,
    calls: bool,
    /// Local that holds where the frame begins, in functions that call.
    base: Option<u32>,
    /// Locals to be spilled by index of the site's instruction.
    stale: HashMap<usize, Locals>,
    /// Offsets of branches that are rarely taken.
    rare: Vec<usize>,
    pub(super) tight_loops: TightLoops,
    pub(super) open_loop: Option<OpenLoop>,
    /// Operands below each open block.
    floors: Vec<u32>,
    /// Copies of operands that are out of reach, by type and height.
    copies: BTreeMap<(u8, u32), u32>,
}

impl<'f> Tracer<'f> {
    pub(super) fn new(
        module: &GuestModule<'_>,
        function: &Function<'_>,
        layout: &'f TraceLayout,
        taints: Option<&'f Taints>,
        sites: &'f mut Vec<Site>,
    ) -> Self {
        let imports = index(module.imports.len());
        Self {
            layout,
            taints,
            sites,
            number: function.index - imports,
            imports,
            opens_over_site: blocks_over_sites(function, imports),
            calls: function.ops.iter().any(|op| is_call(op, imports)),
            base: None,
            stale: stale_locals(function, imports),
            rare: Vec::new(),
            tight_loops: tight_loops(function),
            open_loop: None,
            floors: vec![0],
            copies: BTreeMap::new(),
        }
    }

    /// Offsets in the function's code of branches that are rarely taken.
    pub(super) fn into_rare(self) -> Vec<usize> {
        self.rare
    }

    fn floor(&self) -> u32 {
        *self.floors.last().expect("blocks are matched")
    }

    /// Adds a site; its number.
    fn add_site(&mut self, site: Site) -> u32 {
        self.sites.push(site);
        index(self.sites.len() - 1)
    }
}

/// A live call of a guest function.
pub(super) fn is_call(op: &Op<'_>, imports: u32) -> bool {
    op.live
        && match op.operator {
            Operator::Call { function_index } => function_index >= imports,
            Operator::CallIndirect { .. } => true,
            _ => false,
        }
}

/// Which instructions open a live block that contains a call or a loop, or is a loop.
fn blocks_over_sites(function: &Function<'_>, imports: u32) -> Vec<bool> {
    let mut over = vec![false; function.ops.len()];
    let mut open = Vec::new();
    for (index, op) in function.ops.iter().enumerate() {
        let is_loop = matches!(op.operator, Operator::Loop { .. });
        match op.operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                open.push(index);
            }
            Operator::End => {
                let inner = open.pop().is_some_and(|block: usize| over[block]);
                if let Some(outer) = open.last().filter(|_| inner) {
                    over[*outer] = true;
                }
            }
            _ => {}
        }
        if let Some(block) = open
            .last()
            .filter(|_| op.live && is_loop || is_call(op, imports))
        {
            over[*block] = true;
        }
    }
    over
}

/// The function that calls the host with a site and its frame's place. It stands apart because the checks of an indirect
/// call would be many blocks in the middle of loops, and a compiler would keep no register across them.
pub(super) fn report(layout: &TraceLayout) -> EncodedFunction {
    let mut body = EncodedFunction::new([]);
    body.instructions()
        .local_get(0)
        .local_get(1)
        .i32_const(0)
        .call_indirect(layout.table, layout.checkpoint)
        .end();
    body
}

/// A value to be spilled: the local that holds it, and its type.
type Value = (u32, ValType);

impl Emitter<'_, '_> {
    /// Keeps where this function's frame begins, if a call is going to move that.
    pub(super) fn begin_frame(&mut self) {
        let Some(trace) = self.trace.as_ref().filter(|trace| trace.calls) else {
            return;
        };
        let end = trace.layout.frames_end;
        let base = self.new_local(ValType::I32);
        self.sink().global_get(end).local_set(base);
        self.trace
            .iter_mut()
            .for_each(|trace| trace.base = Some(base));
    }

    /// What stands before an instruction.
    pub(super) fn before(&mut self, index: usize, op: &Op<'_>) {
        let Some(trace) = &self.trace else { return };
        match op.operator {
            Operator::Block { .. } | Operator::Loop { .. } => self.open_block(index, op, op.pops),
            // The condition is popped outside the block.
            Operator::If { .. } => self.open_block(index, op, op.pops),
            Operator::End => self.close_block(),
            _ if is_call(op, trace.imports) => self.spill_caller(index, op),
            _ => {}
        }
    }

    /// What stands behind an instruction.
    pub(super) fn behind(&mut self, op: &Op<'_>) {
        let Some(trace) = self.trace.as_ref().filter(|_| op.live) else {
            return;
        };
        if let Operator::DataDrop { data_index } = op.operator
            && let Some(global) = trace.layout.data.get(&data_index).copied()
        {
            self.sink().i32_const(0).global_set(global);
        }
    }

    /// Copies the operands that a block puts out of reach; `above` are its parameters and condition.
    fn open_block(&mut self, index: usize, op: &Op<'_>, above: u32) {
        let Some(trace) = &mut self.trace else { return };
        let floor = trace.floor();
        let next = op.height.saturating_sub(above);
        trace.floors.push(next);
        if !trace.opens_over_site[index] || next <= floor {
            return;
        }
        let operands = op.operands();
        let values = self.reach(&operands, floor, next);
        for (height, (value, ty)) in (0..).zip(values).skip(floor as usize) {
            let copy = self.copy(height, ty);
            self.sink().local_get(value).local_set(copy);
        }
    }

    fn close_block(&mut self) {
        self.trace.iter_mut().for_each(|trace| {
            trace.floors.pop();
        });
    }

    /// The local that keeps the operand at `height` while it is out of reach.
    fn copy(&mut self, height: u32, ty: ValType) -> u32 {
        let key = (type_key(&ty), height);
        let known = self.trace.as_ref().and_then(|trace| trace.copies.get(&key));
        if let Some(copy) = known {
            return *copy;
        }
        let copy = self.new_local(ty);
        self.trace.iter_mut().for_each(|trace| {
            trace.copies.insert(key, copy);
        });
        copy
    }

    /// Locals that hold the lowest `count` of `operands`, which are all there are; the stack stays as it is.
    fn reach(&mut self, operands: &[ValType], floor: u32, count: u32) -> Vec<Value> {
        let total = index(operands.len());
        let mut temps = Vec::new();
        if count > floor {
            for (depth, ty) in (0..total - floor).zip(operands.iter().rev()) {
                let temp = self.temp(*ty, depth);
                self.sink().local_set(temp);
                temps.push(temp);
            }
            for temp in temps.iter().rev() {
                self.sink().local_get(*temp);
            }
        }
        (0..count)
            .zip(operands)
            .map(|(height, ty)| {
                let local = match height.checked_sub(floor) {
                    None => self.copy(height, *ty),
                    Some(_) => temps[(total - 1 - height) as usize],
                };
                (local, *ty)
            })
            .collect()
    }

    fn locals(&self) -> Vec<Value> {
        (0..).zip(self.function.locals.iter().copied()).collect()
    }

    /// Spills this function's frame before a call.
    fn spill_caller(&mut self, index: usize, op: &Op<'_>) {
        let Some(trace) = &self.trace else { return };
        let (floor, count) = (trace.floor(), op.height - op.pops);
        let operands = op.operands();
        let operands = self.reach(&operands, floor, count);
        let Some(site) = self.site(SiteKind::Call, op.next_word, 0, &operands, Some(index)) else {
            return;
        };
        let mut values = self.locals();
        values.extend(operands);
        self.store_site(site);
        let size = self.store_values(&values, Some(index));
        self.end_frame(size);
    }

    /// Charged already: calls the host where less fuel is left than asked for. It traps where none is.
    pub(super) fn check_stop(&mut self, segment: &Segment) {
        let (site, values) = self.check_site(segment);
        let Some((trace, site)) = self.trace.as_ref().zip(site) else {
            return;
        };
        let (fuel, stop) = (self.layout.fuel, trace.layout.stop);
        let report = trace.layout.report;
        self.sink().global_get(fuel).global_get(stop).i64_lt_s();
        self.mark_rare();
        self.sink().if_(BlockType::Empty);
        self.store_values(&values, segment.before_op.checked_sub(1));
        self.sink().i32_const(site.cast_signed());
        self.frame_base();
        self.sink().call(report).end();
    }

    /// The branch that is written next is rarely taken.
    pub(super) fn mark_rare(&mut self) {
        let rare = self.bytes.len();
        self.trace
            .iter_mut()
            .for_each(|trace| trace.rare.push(rare));
    }

    /// The site of a check, and the values that it spills.
    fn check_site(&mut self, segment: &Segment) -> (Option<u32>, Vec<Value>) {
        let Some(loop_index) = segment.before_op.checked_sub(1) else {
            let values: Vec<_> = self
                .locals()
                .into_iter()
                .take(self.function.params)
                .collect();
            let site = self.site(SiteKind::Entry, segment.word, segment.steps, &values, None);
            return (site, values);
        };
        let op = &self.function.ops[loop_index];
        let operands = op.operands();
        let floor = op.height - op.pops;
        let operands = self.reach(&operands, floor, op.height);
        let (word, steps) = (segment.word, segment.steps);
        let site = self.site(SiteKind::LoopHead, word, steps, &operands, Some(loop_index));
        let mut values = self.locals();
        values.extend(operands);
        (site, values)
    }

    /// Adds a site with the taints that instruction `at` meets, or those of arguments; its number.
    fn site(
        &mut self,
        kind: SiteKind,
        word: u32,
        steps: u32,
        operands: &[Value],
        at: Option<usize>,
    ) -> Option<u32> {
        let spilled = self.function.locals.len() + operands.len();
        let trace = self.trace.as_mut()?;
        let operands: Vec<_> = operands.iter().map(|(_, ty)| *ty).collect();
        let taints = match (trace.taints, at) {
            (None, _) => Vec::new(),
            (Some(_), None) => operands.iter().map(foreign_taint).collect(),
            (Some(taints), Some(at)) => {
                let all = taints.get(&at).map_or(&[][..], Vec::as_slice);
                all.iter().copied().take(spilled).collect()
            }
        };
        Some(trace.add_site(Site {
            kind,
            function: trace.number,
            word,
            steps,
            operands,
            taints,
        }))
    }

    fn store_site(&mut self, site: u32) {
        let Some(trace) = &self.trace else { return };
        let to = memory_argument(trace.layout, 0, 2);
        self.frame_base();
        self.sink().i32_const(site.cast_signed()).i32_store(to);
    }

    /// Stores a frame's values, but no locals that are in their places since before instruction `at`. The frame's size.
    fn store_values(&mut self, values: &[Value], at: Option<usize>) -> u32 {
        let (offsets, size) = frame_layout(values.iter().map(|(_, ty)| ty));
        for (number, (value, offset)) in (0..).zip(values.iter().zip(offsets)) {
            if self.is_stale(number, at) {
                self.store(*value, offset);
            }
        }
        size
    }

    /// Value `number` of a frame must be stored at instruction `at`; operands must in any case.
    fn is_stale(&self, number: u32, at: Option<usize>) -> bool {
        let stale = self.trace.as_ref().zip(at);
        let stale = stale.and_then(|(trace, at)| trace.stale.get(&at));
        number as usize >= self.function.locals.len()
            || stale.is_none_or(|stale| stale.contains(number))
    }

    fn store(&mut self, (local, ty): Value, offset: u32) {
        let Some(trace) = &self.trace else { return };
        let at = |align| memory_argument(trace.layout, offset, align);
        let (four, eight, sixteen) = (at(2), at(3), at(4));
        self.frame_base();
        let mut sink = self.sink();
        sink.local_get(local);
        match ty {
            ValType::I32 => sink.i32_store(four),
            ValType::F32 => sink.f32_store(four),
            ValType::I64 => sink.i64_store(eight),
            ValType::F64 => sink.f64_store(eight),
            ValType::V128 => sink.v128_store(sixteen),
            ValType::Ref(_) => unreachable!("the profile has no reference values"),
        };
    }

    /// Pushes where this function's frame begins.
    fn frame_base(&mut self) {
        let Some(trace) = &self.trace else { return };
        let (base, end) = (trace.base, trace.layout.frames_end);
        match base {
            Some(base) => self.sink().local_get(base),
            None => self.sink().global_get(end),
        };
    }

    /// The callee's frame begins behind this one's `size` bytes.
    fn end_frame(&mut self, size: u32) {
        let Some(trace) = &self.trace else { return };
        let end = trace.layout.frames_end;
        self.frame_base();
        self.sink()
            .i32_const(size.cast_signed())
            .i32_add()
            .global_set(end);
    }
}

fn memory_argument(layout: &TraceLayout, offset: u32, align: u32) -> MemArg {
    MemArg {
        offset: offset.into(),
        align,
        memory_index: layout.frames,
    }
}
