//! Host calls: blobs in, output out.

use std::sync::Arc;

use enshrine_runtime::isa::{Word, op};

use super::{Failed, Machine, Step, memory::range};

/// Size of a blob page in bytes.
const PAGE: usize = 4096;

/// The committed blobs.
#[derive(Clone, Debug, Default)]
pub struct Blobs {
    /// Blob 0.
    pub model: Arc<[u8]>,
    /// Blob 1.
    pub input: Arc<[u8]>,
}

/// What the program handed to `output`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What the program says their root is.
    pub root: [u8; 32],
}

pub(super) fn step(m: &mut Machine, word: &Word) -> Step {
    match word.opcode {
        op::BLOB_LEN => blob_len(m),
        op::BLOB_PAGE => blob_page(m),
        op::OUTPUT => output(m),
        _ => Err(Failed::Trap),
    }
}

fn blob(m: &Machine, number: u32) -> Result<Arc<[u8]>, Failed> {
    match number {
        0 => Ok(m.blobs.model.clone()),
        1 => Ok(m.blobs.input.clone()),
        _ => Err(Failed::Trap),
    }
}

fn blob_len(m: &mut Machine) -> Step {
    let number = m.pop_as()?;
    let length = blob(m, number)?.len();
    m.push(length as u128);
    Ok(())
}

fn blob_page(m: &mut Machine) -> Step {
    let to: u32 = m.pop_as()?;
    let page: u32 = m.pop_as()?;
    let number = m.pop_as()?;
    let blob = blob(m, number)?;
    let to = range(to.into(), PAGE as u64, m.memory.len())?;
    if !to.start.is_multiple_of(PAGE) {
        return Err(Failed::Trap);
    }
    let from = (page as usize * PAGE).min(blob.len());
    let source = &blob[from..(from + PAGE).min(blob.len())];
    let memory = m.memory_mut();
    memory[to.clone()].fill(0);
    memory[to.start..to.start + source.len()].copy_from_slice(source);
    m.writes += 1;
    Ok(())
}

fn output(m: &mut Machine) -> Step {
    let root: u32 = m.pop_as()?;
    let size: u32 = m.pop_as()?;
    let start: u32 = m.pop_as()?;
    let bytes = range(start.into(), size.into(), m.memory.len())?;
    let root = range(root.into(), 32, m.memory.len())?;
    let root = m.memory[root].try_into().map_err(|_| Failed::Trap)?;
    m.output = Some(Output {
        bytes: m.memory[bytes].to_vec(),
        root,
    });
    Ok(())
}
