//! Which locals a site must spill: those that may have changed since they were spilled last.
//!
//! A local has the same place in all frames of its function, and nothing else is written there. So a forward data-flow
//! pass finds out what is *stale*: at first every local; behind a call, which spills them, none; then those that are set.

use std::collections::HashMap;

use wasmparser::Operator;

use super::traced::is_call;
use crate::walk::{Function, Op};

/// A set of locals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Locals(Vec<u64>);

impl Locals {
    /// All of `count` locals.
    pub(super) fn all(count: usize) -> Self {
        Self(vec![u64::MAX; count.div_ceil(64)])
    }

    pub(super) fn contains(&self, local: u32) -> bool {
        let (word, bit) = (local as usize / 64, local % 64);
        self.0.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }

    fn insert(&mut self, local: u32) {
        self.0[local as usize / 64] |= 1 << (local % 64);
    }

    fn clear(&mut self) {
        self.0.fill(0);
    }

    /// Adds those of `other`. Says whether any is new.
    fn join(&mut self, other: &Self) -> bool {
        let mut grew = false;
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            grew |= *theirs & !*mine != 0;
            *mine |= theirs;
        }
        grew
    }
}

#[derive(Debug)]
struct Label {
    /// The loop's instruction index, if a branch goes back.
    head: Option<usize>,
    /// Union of what branches to the end.
    end: Option<Locals>,
    /// What an `else`, or an `if`'s end without one, begins with.
    skipped: Option<Locals>,
}

/// Stale locals by index of each call and each loop that can be reached.
pub(super) fn stale_locals(function: &Function<'_>, imports: u32) -> HashMap<usize, Locals> {
    let mut pass = Pass {
        function,
        imports,
        heads: HashMap::new(),
        labels: Vec::new(),
        sites: HashMap::new(),
    };
    // Sets at loop heads only grow, so this ends.
    while pass.run() {}
    pass.sites
}

struct Pass<'f, 'a> {
    function: &'f Function<'a>,
    imports: u32,
    heads: HashMap<usize, Locals>,
    labels: Vec<Label>,
    sites: HashMap<usize, Locals>,
}

impl Pass<'_, '_> {
    /// One pass over the function. Says whether a loop head's set grew, so that another pass is due.
    fn run(&mut self) -> bool {
        self.labels.clear();
        self.enter(None, None);
        let mut state = Some(Locals::all(self.function.locals.len()));
        let mut grew = false;
        for (index, op) in self.function.ops.iter().enumerate() {
            grew |= self.op(index, op, &mut state);
        }
        grew
    }

    fn enter(&mut self, head: Option<usize>, skipped: Option<Locals>) {
        self.labels.push(Label {
            head,
            end: None,
            skipped,
        });
    }

    fn op(&mut self, index: usize, op: &Op<'_>, state: &mut Option<Locals>) -> bool {
        let mut grew = false;
        match &op.operator {
            Operator::Block { .. } => self.enter(None, None),
            Operator::Loop { .. } => self.enter_loop(index, state),
            Operator::If { .. } => self.enter(None, state.clone()),
            Operator::Else => {
                self.branch(0, state.as_ref());
                *state = self
                    .labels
                    .last_mut()
                    .and_then(|label| label.skipped.take());
            }
            Operator::End => self.end(state),
            Operator::Br { relative_depth } => {
                grew = self.branch(*relative_depth, state.take().as_ref());
            }
            Operator::BrIf { relative_depth } => {
                grew = self.branch(*relative_depth, state.as_ref());
            }
            Operator::BrTable { targets } => {
                let state = state.take();
                for depth in targets.targets().flatten().chain([targets.default()]) {
                    grew |= self.branch(depth, state.as_ref());
                }
            }
            Operator::Return | Operator::Unreachable => *state = None,
            _ => self.straight(index, op, state),
        }
        grew
    }

    fn enter_loop(&mut self, index: usize, state: &mut Option<Locals>) {
        if let Some(state) = state {
            let head = self.heads.entry(index).or_insert_with(|| state.clone());
            head.join(state);
            state.clone_from(head);
            self.sites.insert(index, state.clone());
        }
        self.enter(Some(index), None);
    }

    fn end(&mut self, state: &mut Option<Locals>) {
        let Some(label) = self.labels.pop() else {
            return;
        };
        for other in [label.end, label.skipped].into_iter().flatten() {
            join_into(state, &other);
        }
    }

    /// Hands the set over to a label. Says whether a loop head's set grew.
    fn branch(&mut self, depth: u32, state: Option<&Locals>) -> bool {
        let Some(state) = state else { return false };
        let index = self.labels.len() - 1 - depth as usize;
        let label = &mut self.labels[index];
        match label.head {
            Some(head) => self
                .heads
                .get_mut(&head)
                .is_some_and(|head| head.join(state)),
            None => {
                join_into(&mut label.end, state);
                false
            }
        }
    }

    fn straight(&mut self, index: usize, op: &Op<'_>, state: &mut Option<Locals>) {
        let Some(state) = state else { return };
        match op.operator {
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                state.insert(local_index);
            }
            _ if is_call(op, self.imports) => {
                self.sites.insert(index, state.clone());
                state.clear();
            }
            _ => {}
        }
    }
}

fn join_into(target: &mut Option<Locals>, other: &Locals) {
    match target {
        Some(target) => {
            target.join(other);
        }
        None => *target = Some(other.clone()),
    }
}
