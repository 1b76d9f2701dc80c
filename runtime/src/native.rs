//! The crate's unsafe operations, all of them.
#![allow(
    unsafe_code,
    reason = "mapping memory and loading compiled code need it; each block says why it is sound"
)]

use wasmtime::{Engine, Module};

/// Loads machine code that [`Engine::precompile_module`] made.
///
/// `code` must come from `precompile_module` of the same configuration: from this process, or through the code cache,
/// which checks a hash. The cache folder is trusted as much as this program's own file.
pub(crate) fn load_compiled(engine: &Engine, code: &[u8]) -> wasmtime::Result<Module> {
    // SAFETY: the caller's contract; the engine itself checks version and configuration.
    unsafe { Module::deserialize(engine, code) }
}

/// Replaces the pages of `target` by private copy-on-write pages of `file`, from its start.
///
/// `target` must be page aligned, a whole number of pages, no longer than `file`, and part of a private anonymous
/// mapping that is unmapped as a whole.
#[cfg(target_os = "linux")]
pub(crate) fn map_private(
    target: &mut [u8],
    file: &std::os::fd::OwnedFd,
) -> Result<(), rustix::io::Errno> {
    use rustix::mm::{MapFlags, ProtFlags, mmap};
    let flags = MapFlags::PRIVATE | MapFlags::FIXED | MapFlags::NORESERVE;
    let start = target.as_mut_ptr().cast();
    // SAFETY: `target` is exclusively borrowed and its pages belong to one anonymous mapping of the caller, so replacing
    // them affects nobody else; bytes of a sealed file are plain data, valid for reads and, privately, writes.
    unsafe {
        mmap(
            start,
            target.len(),
            ProtFlags::READ | ProtFlags::WRITE,
            flags,
            file,
            0,
        )
    }?;
    Ok(())
}
