//! The one walk over a function: validation, profile, lowering and segments.
//!
//! The walk reads each instruction once. It appends the words that L1 proves, and it cuts the body into *segments*:
//! straight lines of words that begin after a branch, a call, a variable-cost instruction or a join. A segment's steps
//! are charged where it begins, so the counter at each segment boundary equals the machine's step number.
//!
//! # Lowering rules
//!
//! * `block`, `loop`, `end` and `nop` are no words. Code that cannot be reached is no words.
//! * A function begins with `ENTER` and a `LOCAL_SET` for each parameter, last first, and ends with `RETURN`.
//! * `return` is a branch to the function's own label.
//! * A branch that keeps `k` operands and drops `m > 0` below them is `k` `LOCAL_SET`s to scratch locals, `m` `DROP`s,
//!   `k` `LOCAL_TAKE`s and a `JUMP`. A conditional one jumps over that.
//! * `br_table` is `JUMP_TABLE` and a `JUMP` for each entry, to a stub behind the table where operands are dropped.
//! * `memory.init` pushes its segment's remaining length from a hidden global first; `data.drop` sets that global to 0.

use wasmparser::{
    BlockType, BrTable, FuncValidatorAllocations, MemArg, Operator, OperatorsReader, ValType,
};

use crate::{
    isa::{Word, op, wasm_opcode},
    limits,
    module::{GuestModule, HostCall, ModuleError, is_reference},
};

/// A walked function.
#[derive(Debug)]
pub(crate) struct Function<'a> {
    /// Index in the module's function index space.
    pub(crate) index: u32,
    /// Types of parameters and declared locals.
    pub(crate) locals: Vec<ValType>,
    /// Number of parameters among `locals`.
    pub(crate) params: usize,
    /// Every instruction, dead ones included.
    pub(crate) ops: Vec<Op<'a>>,
    /// In ascending order of `before_op`.
    pub(crate) segments: Vec<Segment>,
    /// Lowered code; jumps are relative to the function's first word, calls are listed in `calls`.
    pub(crate) words: Vec<Word>,
    /// Word and callee of each direct call.
    pub(crate) calls: Vec<(usize, u32)>,
    /// Stack slots that a call of this function takes.
    pub(crate) slots: u32,
    /// Scratch locals behind `locals`.
    pub(crate) scratch: u32,
}

/// An instruction with what the walk found out about it.
#[derive(Debug)]
pub(crate) struct Op<'a> {
    pub(crate) operator: Operator<'a>,
    /// Its bytes in the module.
    pub(crate) bytes: &'a [u8],
    /// The validator considers it reachable.
    pub(crate) live: bool,
    /// Operands it pops and pushes.
    pub(crate) pops: u32,
    /// Results it pushes.
    pub(crate) pushes: u32,
    /// Types of the three topmost operands before it, top first.
    top: [Option<ValType>; 3],
    /// Operands before it; means nothing in dead code.
    pub(crate) height: u32,
    /// Types of more operands, top first: of all that it pops, or in [`Detail::Traced`] of all that there are.
    all: Vec<Option<ValType>>,
    /// The word behind its own; where a call returns to.
    pub(crate) next_word: u32,
    /// Steps that depend on what happens at run time.
    pub(crate) variable: Variable,
}

impl Op<'_> {
    /// Type of the operand at `depth`, 0 being the top; known for all that live code pops.
    pub(crate) fn operand(&self, depth: u32) -> Option<ValType> {
        let depth = depth as usize;
        self.top
            .get(depth)
            .or_else(|| self.all.get(depth))
            .copied()
            .flatten()
    }

    /// Types of all operands before a call or a block in live code, bottom first. Known in [`Detail::Traced`].
    pub(crate) fn operands(&self) -> Vec<ValType> {
        (0..self.height)
            .rev()
            .map(|depth| {
                self.operand(depth)
                    .expect("the types of all operands of live code are known")
            })
            .collect()
    }
}

/// Steps of an instruction that the walk cannot charge in advance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Variable {
    /// None.
    No,
    /// Steps of a conditional branch's stub, paid if it is taken.
    IfTaken(u32),
    /// Steps of each entry's stub of a `br_table`, the default last.
    PerEntry(Vec<u32>),
    /// A step for each [`limits::BULK_STEP_BYTES`] that a bulk memory instruction moves.
    Bulk,
}

/// A straight line of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    /// The charge stands before this instruction; behind the last one for the function's `RETURN`.
    pub(crate) before_op: usize,
    /// Its first word.
    pub(crate) word: u32,
    /// Words in the segment.
    pub(crate) steps: u32,
    /// Exhausted fuel is noticed here: function entries and loop heads.
    pub(crate) checked: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Block,
    Loop { head: usize },
    If { skip: Option<usize> },
}

#[derive(Debug)]
struct Label {
    kind: Kind,
    /// Operand height below the label's parameters.
    height: u32,
    /// Values that a branch to the label carries.
    arity: u32,
    entered_live: bool,
    /// Words that jump to the label's end.
    jumps: Vec<usize>,
}

/// What a walk finds out about operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Types of those that an instruction pops.
    Metered,
    /// Before calls and blocks, types of all.
    Traced,
}

/// Walks every function of `module`, handing each to `visit` in order.
///
/// # Errors
/// The first violation of WASM's rules or of the profile.
pub(crate) fn walk_functions<'a>(
    module: &mut GuestModule<'a>,
    detail: Detail,
    mut visit: impl FnMut(&GuestModule<'a>, Function<'a>) -> Result<(), ModuleError>,
) -> Result<(), ModuleError> {
    let mut allocations = FuncValidatorAllocations::default();
    for (index, (function, body)) in std::mem::take(&mut module.bodies).into_iter().enumerate() {
        let index = u32::try_from(module.imports.len() + index).expect("functions are limited");
        let mut validator = function.into_validator(allocations);
        let walked = Walker::new(module, index, detail).walk(&mut validator, &body)?;
        allocations = validator.into_allocations();
        visit(module, walked)?;
    }
    Ok(())
}

type Validator = wasmparser::FuncValidator<wasmparser::ValidatorResources>;

struct Walker<'m, 'a> {
    module: &'m GuestModule<'a>,
    index: u32,
    detail: Detail,
    ops: Vec<Op<'a>>,
    words: Vec<Word>,
    calls: Vec<(usize, u32)>,
    segments: Vec<Segment>,
    open: Segment,
    labels: Vec<Label>,
    live: bool,
    /// Operand height before the current instruction.
    height: u32,
    locals: u32,
    scratch: u32,
}

impl<'m, 'a> Walker<'m, 'a> {
    fn new(module: &'m GuestModule<'a>, index: u32, detail: Detail) -> Self {
        Self {
            module,
            index,
            detail,
            ops: Vec::new(),
            words: Vec::new(),
            calls: Vec::new(),
            segments: Vec::new(),
            open: Segment {
                before_op: 0,
                word: 0,
                steps: 0,
                checked: true,
            },
            labels: Vec::new(),
            live: true,
            height: 0,
            locals: 0,
            scratch: 0,
        }
    }

    fn walk(
        mut self,
        validator: &mut Validator,
        body: &wasmparser::FunctionBody<'a>,
    ) -> Result<Function<'a>, ModuleError> {
        let mut reader = body.get_binary_reader();
        validator.read_locals(&mut reader)?;
        let locals = self.local_types(validator)?;
        let ty = self.module.function_type(self.index);
        let params = ty.params().len();
        self.prologue(params, ty.results().len());
        let mut deepest = 0;
        let mut reader = OperatorsReader::new(reader);
        while !reader.eof() {
            let start = reader.original_position();
            let operator = reader.read()?;
            let end = reader.original_position();
            self.height = validator.operand_stack_height();
            let (pops, pushes) = operator
                .operator_arity(&validator.visitor(start))
                .unwrap_or((0, 0));
            let operand = |depth| validator.get_operand_type(depth).flatten();
            let top = [0, 1, 2].map(operand);
            let seen = match self.detail {
                Detail::Traced if keeps_operands(&operator) => self.height,
                _ => pops,
            };
            let all = if seen > 3 {
                (0..seen as usize).map(operand).collect()
            } else {
                Vec::new()
            };
            validator.op(start, &operator)?;
            let (live, height) = (self.live, self.height);
            let bytes = &self.module.bytes[start..end];
            let variable = self.lower(&operator, bytes, start)?;
            self.ops.push(Op {
                operator,
                bytes,
                live,
                pops,
                pushes,
                top,
                height,
                all,
                next_word: count(self.words.len()),
                variable,
            });
            deepest = deepest.max(validator.operand_stack_height());
        }
        reader.finish()?;
        self.finish(locals, params, deepest)
    }

    fn local_types(&mut self, validator: &Validator) -> Result<Vec<ValType>, ModuleError> {
        let types: Vec<_> = (0..validator.len_locals())
            .map_while(|local| validator.get_local_type(local))
            .collect();
        if types.iter().any(is_reference) {
            return Err(self.refuse("a reference-typed local", 0));
        }
        self.locals = validator.len_locals();
        Ok(types)
    }

    fn refuse(&self, what: impl Into<String>, offset: usize) -> ModuleError {
        ModuleError::unsupported(what, format!("function {}, byte {offset}", self.index))
    }

    fn prologue(&mut self, params: usize, results: usize) {
        self.word(Word::new(op::ENTER));
        for param in (0..params).rev() {
            self.word(Word::with_b(op::LOCAL_SET, count(param)));
        }
        self.labels.push(Label {
            kind: Kind::Block,
            height: 0,
            arity: count(results),
            entered_live: true,
            jumps: Vec::new(),
        });
    }

    fn finish(
        mut self,
        locals: Vec<ValType>,
        params: usize,
        deepest: u32,
    ) -> Result<Function<'a>, ModuleError> {
        let all_locals = u64::from(self.locals) + u64::from(self.scratch);
        let slots = u64::from(limits::FRAME_SLOTS) + all_locals + u64::from(deepest);
        if slots > u64::from(limits::MAX_FUNCTION_SLOTS) {
            let expected = limits::MAX_FUNCTION_SLOTS.into();
            return Err(ModuleError::Limit {
                what: "slots of a function",
                expected,
                got: slots,
            });
        }
        let slots = u32::try_from(slots).expect("checked above");
        self.words[0] = Word {
            c: all_locals,
            ..Word::with_b(op::ENTER, slots)
        };
        let last = self.words.len() - 1;
        self.words[last] = Word::with_b(op::RETURN, slots);
        Ok(Function {
            index: self.index,
            locals,
            params,
            ops: self.ops,
            segments: self.segments,
            words: self.words,
            calls: self.calls,
            slots,
            scratch: self.scratch,
        })
    }

    fn word(&mut self, word: Word) {
        self.open.steps += 1;
        self.words.push(word);
    }

    /// Ends the open segment; the next one begins behind the current instruction.
    fn cut(&mut self, checked: bool) {
        let next = Segment {
            before_op: self.ops.len() + 1,
            word: count(self.words.len()),
            steps: 0,
            checked,
        };
        let done = std::mem::replace(&mut self.open, next);
        if done.steps > 0 || done.checked {
            self.segments.push(done);
        }
    }

    fn lower(
        &mut self,
        operator: &Operator<'a>,
        bytes: &[u8],
        offset: usize,
    ) -> Result<Variable, ModuleError> {
        if is_refused(operator) {
            return Err(self.refuse(format!("{operator:?}"), offset));
        }
        match operator {
            Operator::Block { blockty } => self.enter(Kind::Block, *blockty, 0),
            Operator::Loop { blockty } => {
                let head = self.words.len();
                self.enter(Kind::Loop { head }, *blockty, 0);
                if self.live {
                    self.cut(true);
                }
            }
            Operator::If { blockty } => self.enter_if(*blockty),
            Operator::Else => self.enter_else(),
            Operator::End => self.end(),
            _ if !self.live => {}
            Operator::Br { relative_depth } => self.branch(*relative_depth),
            Operator::Return => self.branch(count(self.labels.len() - 1)),
            Operator::BrIf { relative_depth } => return Ok(self.branch_if(*relative_depth)),
            Operator::BrTable { targets } => return self.branch_table(targets),
            Operator::Unreachable => {
                self.word(Word::new(op::UNREACHABLE));
                self.die();
            }
            Operator::Call { function_index } => self.call(*function_index),
            Operator::CallIndirect {
                type_index,
                table_index,
            } => {
                self.call_indirect(*type_index, *table_index);
            }
            Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } => {
                self.word(Word::new(wasm_opcode(bytes)));
                self.cut(false);
                return Ok(Variable::Bulk);
            }
            Operator::MemoryInit { data_index, .. } => {
                self.memory_init(*data_index);
                return Ok(Variable::Bulk);
            }
            Operator::DataDrop { data_index } => {
                self.word(Word::new(op::I32_CONST));
                self.word(Word::with_b(
                    op::GLOBAL_SET,
                    self.hidden_global(*data_index),
                ));
            }
            Operator::Nop => {}
            plain => self.plain(plain, bytes),
        }
        Ok(Variable::No)
    }

    fn enter(&mut self, kind: Kind, ty: BlockType, popped: u32) {
        let (params, results) = self.block_arity(ty);
        let arity = if matches!(kind, Kind::Loop { .. }) {
            params
        } else {
            results
        };
        // The height means nothing in dead code, where nothing is lowered.
        let height = self.height.saturating_sub(popped + params);
        self.labels.push(Label {
            kind,
            height,
            arity,
            entered_live: self.live,
            jumps: Vec::new(),
        });
    }

    fn block_arity(&self, ty: BlockType) -> (u32, u32) {
        match ty {
            BlockType::Empty => (0, 0),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(index) => {
                let ty = &self.module.types[index as usize];
                (count(ty.params().len()), count(ty.results().len()))
            }
        }
    }

    fn enter_if(&mut self, ty: BlockType) {
        if !self.live {
            return self.enter(Kind::If { skip: None }, ty, 1);
        }
        let skip = Some(self.words.len());
        self.word(Word::new(op::JUMP_IF_ZERO));
        self.cut(false);
        self.enter(Kind::If { skip }, ty, 1);
    }

    fn enter_else(&mut self) {
        let mut label = self.labels.pop().expect("`else` is validated");
        if self.live {
            label.jumps.push(self.words.len());
            self.word(Word::new(op::JUMP));
        }
        if label.entered_live {
            self.cut(false);
        }
        if let Kind::If { skip: Some(skip) } = label.kind {
            self.words[skip].b = count(self.words.len());
        }
        self.live = label.entered_live;
        self.labels.push(Label {
            kind: Kind::Block,
            ..label
        });
    }

    fn end(&mut self) {
        let mut label = self.labels.pop().expect("`end` is validated");
        if let Kind::If { skip: Some(skip) } = label.kind {
            label.jumps.push(skip);
        }
        let target = count(self.words.len());
        for jump in &label.jumps {
            self.words[*jump].b = target;
        }
        if label.entered_live && (!self.live || !label.jumps.is_empty()) {
            self.cut(false);
        }
        self.live = label.entered_live;
        if self.labels.is_empty() {
            self.word(Word::new(op::RETURN));
            self.cut(false);
        }
    }

    fn die(&mut self) {
        self.cut(false);
        self.live = false;
    }

    /// Operands that a branch to the label keeps, and those below that it drops, at operand height `height`.
    fn unwinding(&self, depth: u32, height: u32) -> (u32, u32) {
        let label = &self.labels[self.labels.len() - 1 - depth as usize];
        (label.arity, height - label.arity - label.height)
    }

    /// A jump word to the label, to be resolved at its end if it is not a loop.
    fn jump_to(&mut self, opcode: u16, depth: u32) {
        let at = self.words.len();
        let index = self.labels.len() - 1 - depth as usize;
        let label = &mut self.labels[index];
        let target = match label.kind {
            Kind::Loop { head } => count(head),
            _ => {
                label.jumps.push(at);
                0
            }
        };
        self.words.push(Word::with_b(opcode, target));
    }

    /// Moves and jump of an unwinding branch, outside any segment. Returns their number.
    fn stub(&mut self, depth: u32, (keep, drop): (u32, u32)) -> u32 {
        let first = self.words.len();
        if drop > 0 {
            self.scratch = self.scratch.max(keep);
            let scratch = self.locals;
            self.words
                .extend((0..keep).map(|slot| Word::with_b(op::LOCAL_SET, scratch + slot)));
            self.words.extend((0..drop).map(|_| Word::new(op::DROP)));
            self.words.extend(
                (0..keep)
                    .rev()
                    .map(|slot| Word::with_b(op::LOCAL_TAKE, scratch + slot)),
            );
        }
        self.jump_to(op::JUMP, depth);
        count(self.words.len() - first)
    }

    fn branch(&mut self, depth: u32) {
        let unwinding = self.unwinding(depth, self.height);
        self.open.steps += self.stub(depth, unwinding);
        self.die();
    }

    fn branch_if(&mut self, depth: u32) -> Variable {
        let unwinding = self.unwinding(depth, self.height - 1);
        self.open.steps += 1;
        let variable = if unwinding.1 == 0 {
            self.jump_to(op::JUMP_IF_NONZERO, depth);
            Variable::No
        } else {
            let skip = self.words.len();
            self.words.push(Word::new(op::JUMP_IF_ZERO));
            let steps = self.stub(depth, unwinding);
            self.words[skip].b = count(self.words.len());
            Variable::IfTaken(steps)
        };
        self.cut(false);
        variable
    }

    fn branch_table(&mut self, targets: &BrTable<'a>) -> Result<Variable, ModuleError> {
        let mut depths = targets.targets().collect::<Result<Vec<_>, _>>()?;
        depths.push(targets.default());
        let first = self.words.len() + 1;
        self.words
            .push(Word::with_b(op::JUMP_TABLE, count(depths.len())));
        self.open.steps += 2;
        let mut unwound = Vec::new();
        for (entry, depth) in depths.iter().enumerate() {
            let unwinding = self.unwinding(*depth, self.height - 1);
            if unwinding.1 == 0 {
                self.jump_to(op::JUMP, *depth);
            } else {
                unwound.push((entry, *depth, unwinding));
                self.words.push(Word::new(op::JUMP));
            }
        }
        let mut steps = vec![0; depths.len()];
        for (entry, depth, unwinding) in unwound {
            self.words[first + entry].b = count(self.words.len());
            steps[entry] = self.stub(depth, unwinding);
        }
        self.die();
        let plain = steps.iter().all(|steps| *steps == 0);
        Ok(if plain {
            Variable::No
        } else {
            Variable::PerEntry(steps)
        })
    }

    fn call(&mut self, function: u32) {
        if let Some((call, _)) = self.module.imports.get(function as usize) {
            return self.word(Word::new(match call {
                HostCall::BlobLen => op::BLOB_LEN,
                HostCall::BlobPage => op::BLOB_PAGE,
                HostCall::Output => op::OUTPUT,
            }));
        }
        self.calls.push((self.words.len(), function));
        self.word(Word::new(op::CALL));
        self.cut(false);
    }

    fn call_indirect(&mut self, ty: u32, table: u32) {
        let table = &self.module.tables[table as usize];
        self.word(Word {
            c: u64::from(table.first) << 32 | u64::from(table.size),
            ..Word::with_b(op::CALL_INDIRECT, self.module.canonical_type(ty))
        });
        self.cut(false);
    }

    fn hidden_global(&self, data: u32) -> u32 {
        count(self.module.globals.len()) + data
    }

    fn memory_init(&mut self, data: u32) {
        let start: usize = self.module.data[..data as usize]
            .iter()
            .map(|segment| segment.passive_len())
            .sum();
        self.word(Word::with_b(op::GLOBAL_GET, self.hidden_global(data)));
        self.word(Word {
            c: start as u64,
            ..Word::new(op::MEMORY_INIT)
        });
        self.cut(false);
    }

    fn plain(&mut self, operator: &Operator<'a>, bytes: &[u8]) {
        use Operator as O;
        let opcode = wasm_opcode(bytes);
        let word = match operator {
            O::TypedSelect { .. } => Word::new(op::SELECT),
            O::LocalGet { local_index: b }
            | O::LocalSet { local_index: b }
            | O::LocalTee { local_index: b }
            | O::GlobalGet { global_index: b }
            | O::GlobalSet { global_index: b } => Word::with_b(opcode, *b),
            O::I32Const { value } => Word::with_imm(opcode, value.cast_unsigned().into()),
            O::I64Const { value } => Word::with_imm(opcode, value.cast_unsigned().into()),
            O::F32Const { value } => Word::with_imm(opcode, value.bits().into()),
            O::F64Const { value } => Word::with_imm(opcode, value.bits().into()),
            O::V128Const { value } => Word::with_imm(opcode, u128::from_le_bytes(*value.bytes())),
            O::I8x16Shuffle { lanes } => Word::with_imm(opcode, u128::from_le_bytes(*lanes)),
            other => {
                let (offset, lane) = immediates(other);
                Word {
                    a: lane.into(),
                    c: offset,
                    ..Word::new(opcode)
                }
            }
        };
        self.word(word);
    }
}

/// Where traced builds keep operands, also those that the instruction does not pop.
fn keeps_operands(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::Block { .. } | O::Loop { .. } | O::If { .. } | O::Call { .. } | O::CallIndirect { .. }
    )
}

/// Valid in the features that the walk's validator knows, but outside the profile: they make references observable or
/// change a table.
fn is_refused(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::RefNull { .. }
            | O::RefIsNull
            | O::RefFunc { .. }
            | O::TableGet { .. }
            | O::TableSet { .. }
            | O::TableGrow { .. }
            | O::TableSize { .. }
            | O::TableFill { .. }
            | O::TableCopy { .. }
            | O::TableInit { .. }
            | O::ElemDrop { .. }
            | O::TypedSelectMulti { .. }
    )
}

/// A count that a limit keeps far below 2^32.
fn count(value: usize) -> u32 {
    u32::try_from(value).expect("modules are limited to 64 MiB")
}

/// Memory offset and lane of an instruction, 0 where it has none.
fn immediates(operator: &Operator<'_>) -> (u64, u8) {
    let (mut memory_offset, mut lane_index) = (0, 0);
    macro_rules! take {
        (memarg $value:ident) => {{
            let memarg: &MemArg = $value;
            memory_offset = memarg.offset;
        }};
        (lane $value:ident) => {
            lane_index = *$value
        };
        ($other:ident $value:ident) => {{
            let _ = $value;
        }};
    }
    macro_rules! read {
        ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            match operator {
                $(Operator::$op $({ $($arg),* })? => { $($(take!($arg $arg);)*)? })*
                _ => {}
            }
        };
    }
    wasmparser::for_each_operator!(read);
    (memory_offset, lane_index)
}
