//! The guest ABI: what the module exports and imports. The only module with unsafe code.
#![allow(
    unsafe_code,
    reason = "exports, imports and the linker's constructors are unsafe by nature"
)]

use crate::describe::describe as report;
use crate::host::{Blob, Host, Page};
use crate::refusal::Refusal;
use crate::session::Session;
use enshrine_primitives::abi::clip_message;
use enshrine_primitives::{BlobRoot, Status, blob_root};
use std::cell::RefCell;

#[link(wasm_import_module = "enshrine")]
unsafe extern "C" {
    fn blob_len(blob: u32) -> u64;
    fn blob_page(blob: u32, page: u32, destination: *mut Page);
    fn output(bytes: *const u8, len: usize, root: *const [u8; 32]);
}

unsafe extern "C" {
    /// Made by the linker: runs the constructors that register tract's kernels.
    fn __wasm_call_ctors();
}

/// The machine that runs this module.
struct Machine;

impl Host for Machine {
    fn blob_len(&self, blob: Blob) -> u64 {
        // SAFETY: takes and returns plain numbers.
        unsafe { blob_len(blob.number()) }
    }

    fn blob_page(&self, blob: Blob, page: u32, destination: &mut Page) {
        // SAFETY: the machine writes one page to a place that is aligned, large enough and exclusively borrowed.
        unsafe { blob_page(blob.number(), page, destination) }
    }

    fn output(&mut self, bytes: &[u8], root: &BlobRoot) {
        // SAFETY: the machine reads the bytes and the root while both are borrowed.
        unsafe { output(bytes.as_ptr(), bytes.len(), root.as_bytes()) }
    }
}

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

/// The `getrandom` crate calls this for entropy. Only random operators ask, and those are refused.
///
/// DETERMINISM: the machine has no randomness.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(
    destination: *mut u8,
    len: usize,
) -> Result<(), getrandom::Error> {
    // SAFETY: the caller gives a buffer of this length to write to.
    unsafe { destination.write_bytes(0, len) };
    Ok(())
}

/// Reads and prepares the model.
#[unsafe(no_mangle)]
extern "C" fn load() -> i32 {
    construct();
    let loaded = Session::load(&Machine);
    finish(
        loaded
            .map(|session| SESSION.with_borrow_mut(|slot| *slot = Some(session)))
            .map(|()| None),
    )
}

/// Runs the prepared model on the input and outputs the encoded outputs.
#[unsafe(no_mangle)]
extern "C" fn infer() -> i32 {
    finish(with_session(|session| session.infer(&Machine)).map(Some))
}

/// Outputs the encoded interface of the prepared model.
#[unsafe(no_mangle)]
extern "C" fn interface() -> i32 {
    finish(with_session(|session| session.interface().encode().map_err(Refusal::model)).map(Some))
}

/// Outputs a report on the model blob. Needs no `load`.
#[unsafe(no_mangle)]
extern "C" fn describe() -> i32 {
    construct();
    finish(Ok(Some(report(&Machine).into_bytes())))
}

/// Takes the input for [`profile_node`] and returns the count of nodes, or the negative status of a refusal.
#[unsafe(no_mangle)]
extern "C" fn profile_start() -> i32 {
    match with_session(|session| session.profile_start(&Machine)) {
        Ok(count) => i32::try_from(count).unwrap_or(i32::MAX),
        Err(refusal) => -finish(Err(refusal)),
    }
}

/// Runs one node of the plan.
#[unsafe(no_mangle)]
extern "C" fn profile_node(index: u32) -> i32 {
    finish(with_session(|session| session.profile_node(index as usize)).map(|()| None))
}

/// Outputs the names and operators of the plan's nodes.
#[unsafe(no_mangle)]
extern "C" fn profile_nodes() -> i32 {
    finish(with_session(|session| Ok(session.profile_nodes().into_bytes())).map(Some))
}

/// Runs constructors. They run once: each guards itself.
fn construct() {
    // SAFETY: constructors may run at any time before what they register is looked up.
    unsafe { __wasm_call_ctors() }
}

fn with_session<T>(use_it: impl FnOnce(&mut Session) -> Result<T, Refusal>) -> Result<T, Refusal> {
    SESSION.with_borrow_mut(|slot| match slot {
        Some(session) => use_it(session),
        None => Err(Refusal::model("no model is loaded: call load first")),
    })
}

/// Outputs the bytes or the message of a refusal, and gives the status to return.
fn finish(result: Result<Option<Vec<u8>>, Refusal>) -> i32 {
    let status = match &result {
        Ok(_) => Status::Ok,
        Err(refusal) => refusal.status,
    };
    let bytes = match &result {
        Ok(None) => return status.to_wire(),
        Ok(Some(bytes)) => bytes,
        Err(refusal) => clip_message(&refusal.message).as_bytes(),
    };
    // INVARIANT: a slice of a 32-bit address space is shorter than the largest blob.
    let root = blob_root(bytes).expect("shorter than the largest blob");
    Machine.output(bytes, &root);
    status.to_wire()
}
