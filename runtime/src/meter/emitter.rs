//! Function bodies.

use std::collections::BTreeMap;

use wasm_encoder::{BlockType, InstructionSink, ValType as EncodedType};
use wasmparser::{BrTable, Operator, ValType};

use super::{
    NanMode,
    module::{Layout, index, type_key},
    traced::Tracer,
};
use crate::{
    limits,
    nan::{Float, Taint, Test, arithmetic},
    walk::{Function, Op, Segment, Variable},
};

/// What the emitter has made of a function.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// Types of the temporaries behind the function's locals.
    pub(super) temps: Vec<ValType>,
    /// Offsets of branches that are rarely taken.
    pub(super) rare: Vec<usize>,
}

/// Writes the body of one function.
pub(super) struct Emitter<'f, 'a> {
    pub(super) function: &'f Function<'a>,
    pub(super) layout: &'f Layout,
    mode: NanMode,
    pub(super) bytes: Vec<u8>,
    /// Index of the temporary for each type and number.
    temps: BTreeMap<(u8, u32), u32>,
    temp_types: Vec<ValType>,
    /// Open blocks, the function's own included.
    depth: u32,
    /// There in a traced build.
    pub(super) trace: Option<Tracer<'f>>,
}

impl<'f, 'a> Emitter<'f, 'a> {
    pub(super) fn new(
        function: &'f Function<'a>,
        layout: &'f Layout,
        mode: NanMode,
        trace: Option<Tracer<'f>>,
    ) -> Self {
        Self {
            function,
            layout,
            mode,
            bytes: Vec::new(),
            temps: BTreeMap::new(),
            temp_types: Vec::new(),
            depth: 0,
            trace,
        }
    }

    /// The body.
    pub(super) fn emit(mut self, block: BlockType, tests: &[(usize, Vec<Test>)]) -> Body {
        self.take_slots();
        self.begin_frame();
        self.sink().block(block);
        self.depth = 1;
        let function = self.function;
        let mut segments = function.segments.iter().peekable();
        let mut tests = tests.iter().peekable();
        for (index, op) in function.ops.iter().enumerate() {
            self.close_tight_loop(index);
            while let Some(segment) = segments.next_if(|segment| segment.before_op == index) {
                if !self.tight_head(segment) {
                    self.charge(segment);
                }
            }
            if let Some((_, tests)) = tests.next_if(|(at, _)| *at == index) {
                self.test(tests, op);
            }
            let previous = index
                .checked_sub(1)
                .map(|index| &function.ops[index].operator);
            if !matches!(previous, Some(Operator::LocalGet { .. })) {
                self.settle_condition(op);
            }
            self.op(index, op);
        }
        for segment in segments {
            self.charge(segment);
        }
        self.give_slots();
        self.sink().end();
        Body {
            bytes: self.bytes,
            temps: self.temp_types,
            rare: self.trace.map(Tracer::into_rare).unwrap_or_default(),
        }
    }

    pub(super) fn sink(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.bytes)
    }

    pub(super) fn temp(&mut self, ty: ValType, number: u32) -> u32 {
        let key = (type_key(&ty), number);
        if let Some(temp) = self.temps.get(&key) {
            return *temp;
        }
        let temp = self.new_local(ty);
        self.temps.insert(key, temp);
        temp
    }

    /// A local behind all others.
    pub(super) fn new_local(&mut self, ty: ValType) -> u32 {
        self.temp_types.push(ty);
        index(self.function.locals.len() + self.temp_types.len() - 1)
    }

    fn take_slots(&mut self) {
        let (stack, slots) = (self.layout.stack, self.function.slots.cast_signed());
        self.sink()
            .global_get(stack)
            .i32_const(slots)
            .i32_sub()
            .global_set(stack);
        self.sink().global_get(stack).i32_const(0).i32_lt_s();
        self.trap_if();
    }

    fn give_slots(&mut self) {
        let (stack, slots) = (self.layout.stack, self.function.slots.cast_signed());
        self.sink()
            .global_get(stack)
            .i32_const(slots)
            .i32_add()
            .global_set(stack);
    }

    fn trap_if(&mut self) {
        self.sink().if_(BlockType::Empty).unreachable().end();
    }

    pub(super) fn charge(&mut self, segment: &Segment) {
        let fuel = self.layout.fuel;
        if segment.steps > 0 {
            self.sink()
                .global_get(fuel)
                .i64_const(segment.steps.into())
                .i64_sub()
                .global_set(fuel);
        }
        if segment.checked {
            match self.trace {
                Some(_) => self.check_stop(segment),
                None => self.check_fuel(),
            }
        }
    }

    pub(super) fn check_fuel(&mut self) {
        let fuel = self.layout.fuel;
        self.sink().global_get(fuel).i64_const(0).i64_lt_s();
        self.trap_if();
    }

    /// Puts the condition of a `select` into a local. wasmi 2.0.0 fuses `select` with an `i32.eqz` of a local before it
    /// and then reads the condition from a register that holds something else.
    fn settle_condition(&mut self, op: &Op<'a>) {
        if op.live && matches!(op.operator, Operator::Select | Operator::TypedSelect { .. }) {
            let condition = self.temp(ValType::I32, 0);
            self.sink().local_set(condition).local_get(condition);
        }
    }

    fn op(&mut self, index: usize, op: &Op<'a>) {
        self.before(index, op);
        match &op.operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => self.depth += 1,
            Operator::End => self.depth -= 1,
            Operator::Return => {
                let outermost = self.depth - 1;
                self.sink().br(outermost);
                return;
            }
            _ => {}
        }
        if self.open_tight_loop(index) {
            return;
        }
        if let (Operator::BrTable { targets }, Variable::PerEntry(steps)) =
            (&op.operator, &op.variable)
        {
            return self.branch_table(op, targets, steps);
        }
        if op.live && matches!(op.operator, Operator::MemoryGrow { .. }) {
            return self.grow();
        }
        self.charge_variable(op);
        self.bytes.extend_from_slice(op.bytes);
        self.behind(op);
        if self.mode == NanMode::Exact
            && let Some(float) = arithmetic(&op.operator).filter(|_| op.live)
        {
            self.canonicalise(float);
        }
    }

    /// Charges the steps that depend on the operands on top of the stack, and leaves these as they are.
    fn charge_variable(&mut self, op: &Op<'a>) {
        match &op.variable {
            Variable::No | Variable::PerEntry(_) => {}
            Variable::IfTaken(steps) => {
                let condition = self.temp(ValType::I32, 0);
                self.sink().local_tee(condition).if_(BlockType::Empty);
                self.charge_steps(*steps);
                self.sink().end().local_get(condition);
            }
            Variable::Bulk => self.charge_bulk(),
        }
    }

    pub(super) fn charge_steps(&mut self, steps: u32) {
        let fuel = self.layout.fuel;
        self.sink()
            .global_get(fuel)
            .i64_const(steps.into())
            .i64_sub()
            .global_set(fuel);
    }

    /// A `br_table` that drops operands: to a block for each entry, which charges and branches on. The carried values
    /// wait in locals, for the charges' sake, and because wasmi 2.0.0 leaves them where they are when all targets lie
    /// equally deep, although there are operands between.
    fn branch_table(&mut self, op: &Op<'a>, targets: &BrTable<'a>, steps: &[u32]) {
        let types: Vec<_> = (0..op.pops).map_while(|depth| op.operand(depth)).collect();
        let spilled: Vec<_> = (0..)
            .zip(types)
            .map(|(depth, ty)| self.temp(ty, depth))
            .collect();
        for temp in &spilled {
            self.sink().local_set(*temp);
        }
        for _ in steps {
            self.sink().block(BlockType::Empty);
        }
        let (entry, carried) = spilled.split_first().expect("`br_table` pops an index");
        let last = index(steps.len() - 1);
        self.sink()
            .local_get(*entry)
            .br_table((0..last).collect::<Vec<_>>(), last);
        let depths = targets.targets().flatten().chain([targets.default()]);
        for ((number, steps), depth) in (0..).zip(steps).zip(depths) {
            self.sink().end();
            if *steps > 0 {
                self.charge_steps(*steps);
            }
            for temp in carried.iter().rev() {
                self.sink().local_get(*temp);
            }
            self.sink().br(depth + last - number);
        }
    }

    /// `memory.grow` that asks the engine only if pages are added: so there are no more of these than pages, and what
    /// the engine then refuses is the host's failure.
    fn grow(&mut self) {
        let (delta, most) = (self.temp(ValType::I32, 0), self.layout.max_memory_pages);
        self.sink()
            .local_tee(delta)
            .i64_extend_i32_u()
            .memory_size(0)
            .i64_extend_i32_u()
            .i64_add()
            .i64_const(most.into())
            .i64_gt_u()
            .if_(BlockType::Result(EncodedType::I32))
            .i32_const(-1)
            .else_()
            .local_get(delta)
            .if_(BlockType::Result(EncodedType::I32))
            .local_get(delta)
            .memory_grow(0)
            .else_()
            .memory_size(0)
            .end()
            .end();
    }

    /// A step for each [`limits::BULK_STEP_BYTES`] begun. The check stands here because one instruction can move
    /// gigabytes.
    fn charge_bulk(&mut self) {
        let length = self.temp(ValType::I32, 0);
        let fuel = self.layout.fuel;
        let step = i64::from(limits::BULK_STEP_BYTES);
        self.sink()
            .local_tee(length)
            .global_get(fuel)
            .local_get(length)
            .i64_extend_i32_u()
            .i64_const(step - 1)
            .i64_add()
            .i64_const(step.ilog2().into())
            .i64_shr_u()
            .i64_sub()
            .global_set(fuel);
        self.check_fuel();
    }

    fn canonicalise(&mut self, float: Float) {
        const F32_NAN: u32 = 0x7fc0_0000;
        const F64_NAN: u64 = 0x7ff8_0000_0000_0000;
        let ty = match float {
            Float::F32 => ValType::F32,
            Float::F64 => ValType::F64,
            Float::F32x4 | Float::F64x2 => ValType::V128,
        };
        let value = self.temp(ty, 0);
        let mut sink = self.sink();
        sink.local_tee(value);
        match float {
            Float::F32 => {
                sink.f32_const(wasm_encoder::Ieee32::new(F32_NAN));
                sink.local_get(value).local_get(value).f32_eq().select();
            }
            Float::F64 => {
                sink.f64_const(wasm_encoder::Ieee64::new(F64_NAN));
                sink.local_get(value).local_get(value).f64_eq().select();
            }
            Float::F32x4 => {
                sink.v128_const(
                    (u128::from(F32_NAN) * 0x1_0000_0001_0000_0001_0000_0001).cast_signed(),
                );
                sink.local_get(value)
                    .local_get(value)
                    .f32x4_eq()
                    .v128_bitselect();
            }
            Float::F64x2 => {
                sink.v128_const((u128::from(F64_NAN) * 0x1_0000_0000_0000_0001).cast_signed());
                sink.local_get(value)
                    .local_get(value)
                    .f64x2_eq()
                    .v128_bitselect();
            }
        }
    }

    /// Tests operands for NaN and leaves the stack as it is.
    fn test(&mut self, tests: &[Test], op: &Op<'a>) {
        let deepest = tests.iter().map(|test| test.depth).max().unwrap_or(0);
        let types: Vec<_> = (0..=deepest)
            .map(|depth| self.operand_type(depth, tests, op))
            .collect();
        let spilled: Vec<_> = (0..)
            .zip(&types)
            .map(|(depth, ty)| self.temp(*ty, depth))
            .collect();
        for (depth, temp) in (0..).zip(&spilled) {
            self.sink().local_set(*temp);
            for test in tests.iter().filter(|test| test.depth == depth) {
                self.abandon_if_nan(*temp, test);
            }
        }
        for temp in spilled.iter().rev() {
            self.sink().local_get(*temp);
        }
    }

    fn operand_type(&self, depth: u32, tests: &[Test], op: &Op<'a>) -> ValType {
        let tested = tests
            .iter()
            .find(|test| test.depth == depth)
            .map(|test| test.ty);
        tested
            .or(op.operand(depth))
            .expect("the types of all operands of live code are known")
    }

    fn abandon_if_nan(&mut self, value: u32, test: &Test) {
        for lanes in [Taint::F32, Taint::F64] {
            if !test.taint.has(lanes) {
                continue;
            }
            let mut sink = self.sink();
            sink.local_get(value).local_get(value);
            match (test.ty, lanes == Taint::F32) {
                (ValType::V128, true) => sink.f32x4_ne().v128_any_true(),
                (ValType::V128, false) => sink.f64x2_ne().v128_any_true(),
                (_, true) => sink.f32_ne(),
                (_, false) => sink.f64_ne(),
            };
            let nan = self.layout.nan;
            self.sink()
                .if_(BlockType::Empty)
                .i32_const(1)
                .global_set(nan)
                .unreachable()
                .end();
        }
    }
}
