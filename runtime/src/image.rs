//! Prepared models: the state that `load` leaves, kept to start inferences from.

use std::io::{self, Read, Write};

use crate::{error::RuntimeError, meter::NanMode};

/// State of a guest after `load` returned 0.
#[derive(Debug)]
pub(crate) struct Image {
    pub(crate) memory: ImageMemory,
    /// Mutable globals by number.
    pub(crate) globals: Vec<(usize, u128)>,
    /// Steps of `load`, its call and its end included.
    pub(crate) load_steps: u64,
    /// The build in which `load` ran to its end.
    pub(crate) mode: NanMode,
}

impl Image {
    /// Writes memory, then a trailer: globals, steps, mode, trailer length.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self {
            memory,
            globals,
            load_steps,
            mode,
        } = self;
        memory.write(out)?;
        let mut trailer = Vec::new();
        for (number, bits) in globals {
            trailer.extend((*number as u64).to_le_bytes());
            trailer.extend(bits.to_le_bytes());
        }
        trailer.extend(load_steps.to_le_bytes());
        trailer.push(u8::from(*mode == NanMode::Exact));
        let length = u32::try_from(trailer.len()).map_err(io::Error::other)?;
        out.write_all(&trailer)?;
        out.write_all(&length.to_le_bytes())
    }

    /// The image in `bytes` that [`Self::write`] wrote.
    pub(crate) fn read(mut bytes: ImageWriter) -> io::Result<Self> {
        let malformed = || io::Error::new(io::ErrorKind::InvalidData, "malformed image trailer");
        let end = bytes.len;
        let mut length = [0; 4];
        bytes.read_at(&mut length, end.checked_sub(4).ok_or_else(malformed)?)?;
        let length = u32::from_le_bytes(length) as usize;
        let start = end.checked_sub(4 + length as u64).ok_or_else(malformed)?;
        if length % 24 != 9 {
            return Err(malformed());
        }
        let mut trailer = vec![0; length];
        bytes.read_at(&mut trailer, start)?;
        let (globals, rest) = trailer.split_at(length - 9);
        let globals = globals.chunks_exact(24).map(|entry| {
            let number = u64::from_le_bytes(entry[..8].try_into().expect("8 bytes"));
            let bits = u128::from_le_bytes(entry[8..].try_into().expect("16 bytes"));
            usize::try_from(number)
                .map(|number| (number, bits))
                .map_err(|_| malformed())
        });
        Ok(Self {
            globals: globals.collect::<Result<_, _>>()?,
            load_steps: u64::from_le_bytes(rest[..8].try_into().expect("8 bytes")),
            mode: if rest[8] == 0 {
                NanMode::Speculative
            } else {
                NanMode::Exact
            },
            memory: bytes.finish(start)?,
        })
    }
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{ImageMemory, ImageWriter};
#[cfg(not(target_os = "linux"))]
pub(crate) use portable::{ImageMemory, ImageWriter};

const BLOCK: usize = 64 << 10;

fn image_error(action: &'static str) -> impl FnOnce(io::Error) -> RuntimeError {
    RuntimeError::io(action)
}

/// Memory in a sealed memory file, mapped copy-on-write into each instance: an inference pays for the pages that it
/// writes, and for mapping those that it reads.
#[cfg(target_os = "linux")]
mod linux {
    use std::{fs::File, os::fd::OwnedFd, os::unix::fs::FileExt};

    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

    use super::{BLOCK, Read, RuntimeError, Write, image_error, io};
    use crate::native;

    /// An image's memory.
    #[derive(Debug)]
    pub(crate) struct ImageMemory {
        file: OwnedFd,
        len: usize,
    }

    /// A memory file in the making. Blocks of zeros stay holes.
    #[derive(Debug)]
    pub(crate) struct ImageWriter {
        file: File,
        pub(crate) len: u64,
    }

    impl ImageWriter {
        pub(crate) fn new() -> io::Result<Self> {
            let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
            let file = memfd_create("enshrine-image", flags)?;
            Ok(Self {
                file: File::from(file),
                len: 0,
            })
        }

        pub(crate) fn read_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
            self.file.read_exact_at(bytes, offset)
        }

        /// Cuts the file to its first `len` bytes and seals it.
        pub(crate) fn finish(self, len: u64) -> io::Result<ImageMemory> {
            self.file.set_len(len)?;
            let file = OwnedFd::from(self.file);
            fcntl_add_seals(
                &file,
                SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE,
            )?;
            let len = usize::try_from(len).map_err(io::Error::other)?;
            Ok(ImageMemory { file, len })
        }
    }

    impl Write for ImageWriter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let bytes = &bytes[..bytes.len().min(BLOCK)];
            if bytes.iter().any(|byte| *byte != 0) {
                self.file.write_all_at(bytes, self.len)?;
            }
            self.len += bytes.len() as u64;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl ImageMemory {
        pub(crate) fn new(bytes: &[u8]) -> io::Result<Self> {
            let mut writer = ImageWriter::new()?;
            bytes
                .chunks(4096)
                .try_for_each(|page| writer.write_all(page))?;
            writer.finish(bytes.len() as u64)
        }

        pub(crate) fn len(&self) -> usize {
            self.len
        }

        /// Makes `target`, an instance's whole memory, equal to the image without copying it.
        pub(crate) fn restore(&self, target: &mut [u8]) -> Result<(), RuntimeError> {
            if self.len == 0 {
                return Ok(());
            }
            native::map_private(&mut target[..self.len], &self.file)
                .map_err(|error| image_error("map a prepared image")(error.into()))
        }

        pub(crate) fn copy_to(&self, target: &mut [u8]) -> Result<(), RuntimeError> {
            let mut file = io::BufReader::with_capacity(
                BLOCK,
                FileAt {
                    file: &self.file,
                    at: 0,
                },
            );
            file.read_exact(&mut target[..self.len])
                .map_err(image_error("read a prepared image"))
        }

        pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
            let file = FileAt {
                file: &self.file,
                at: 0,
            };
            io::copy(&mut file.take(self.len as u64), out).map(drop)
        }
    }

    /// Reads without a shared position, so that threads can read one file at once.
    struct FileAt<'f> {
        file: &'f OwnedFd,
        at: u64,
    }

    impl Read for FileAt<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            let read = rustix::io::pread(self.file, bytes, self.at)?;
            self.at += read as u64;
            Ok(read)
        }
    }
}

/// Memory that is copied into each instance.
#[cfg(not(target_os = "linux"))]
mod portable {
    use super::{RuntimeError, Write, io};

    /// An image's memory.
    #[derive(Debug)]
    pub(crate) struct ImageMemory(Vec<u8>);

    /// Memory in the making.
    #[derive(Debug)]
    pub(crate) struct ImageWriter {
        bytes: Vec<u8>,
        pub(crate) len: u64,
    }

    impl ImageWriter {
        pub(crate) fn new() -> io::Result<Self> {
            Ok(Self {
                bytes: Vec::new(),
                len: 0,
            })
        }

        pub(crate) fn read_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
            let offset = usize::try_from(offset).map_err(io::Error::other)?;
            let source = self
                .bytes
                .get(offset..)
                .and_then(|rest| rest.get(..bytes.len()));
            bytes.copy_from_slice(source.ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        }

        pub(crate) fn finish(mut self, len: u64) -> io::Result<ImageMemory> {
            self.bytes
                .truncate(usize::try_from(len).map_err(io::Error::other)?);
            Ok(ImageMemory(self.bytes))
        }
    }

    impl Write for ImageWriter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.bytes.extend_from_slice(bytes);
            self.len += bytes.len() as u64;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl ImageMemory {
        pub(crate) fn new(bytes: &[u8]) -> io::Result<Self> {
            Ok(Self(bytes.to_vec()))
        }

        pub(crate) fn len(&self) -> usize {
            self.0.len()
        }

        pub(crate) fn restore(&self, target: &mut [u8]) -> Result<(), RuntimeError> {
            self.copy_to(target)
        }

        pub(crate) fn copy_to(&self, target: &mut [u8]) -> Result<(), RuntimeError> {
            target[..self.0.len()].copy_from_slice(&self.0);
            Ok(())
        }

        pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
            out.write_all(&self.0)
        }
    }
}
