//! Host calls of the guest ABI.

use enshrine_primitives::BlobRoot;
use enshrine_runtime::{
    isa::{Word, op},
    tree::PAGE_LEVELS,
};

use super::{check_range, pop_u32};
use crate::access::{StateAccess, Step, Stop};

/// Blobs of a run: 0 is the model, 1 the input.
const BLOBS: u32 = 2;

/// A page is a tree of leaves of 32 bytes.
const PAGE_BYTES: u32 = 32 << PAGE_LEVELS;

pub(super) fn step<A: StateAccess>(state: &mut A, word: &Word) -> Step<(), A::Error> {
    match word.opcode {
        op::BLOB_LEN => blob_len(state),
        op::BLOB_PAGE => blob_page(state),
        op::OUTPUT => output(state),
        _ => Err(Stop::Failed),
    }
}

fn check_blob<E>(blob: u32) -> Step<(), E> {
    if blob < BLOBS {
        Ok(())
    } else {
        Err(Stop::Failed)
    }
}

fn blob_len<A: StateAccess>(state: &mut A) -> Step<(), A::Error> {
    let blob = pop_u32(state)?;
    check_blob(blob)?;
    let length = state.blob_len(blob)?;
    state.push(length.into())
}

fn blob_page<A: StateAccess>(state: &mut A) -> Step<(), A::Error> {
    let target = pop_u32(state)?;
    let page = pop_u32(state)?;
    let blob = pop_u32(state)?;
    check_blob(blob)?;
    if !target.is_multiple_of(PAGE_BYTES) {
        return Err(Stop::Failed);
    }
    check_range(state, target.into(), PAGE_BYTES.into())?;
    Ok(state.copy_blob_page(blob, page, target / PAGE_BYTES)?)
}

fn output<A: StateAccess>(state: &mut A) -> Step<(), A::Error> {
    let root = pop_u32(state)?;
    let length = pop_u32(state)?;
    let bytes = pop_u32(state)?;
    check_range(state, bytes.into(), length.into())?;
    check_range(state, root.into(), 32)?;
    let root = state.load_root(root.into())?;
    state.registers().output_root = BlobRoot::new(root);
    Ok(())
}
