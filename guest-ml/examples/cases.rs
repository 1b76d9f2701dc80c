//! Runs a folder of ONNX cases natively, as `enshrine-onnx-backend` does in the machine, only at once and on one engine.
//!
//! For those who write operators: `models/scripts/onnx_backend.py --runner` takes it, and building the guest is not needed.

#![allow(clippy::unwrap_used, reason = "a tool for those who write operators")]

use enshrine_guest_ml::Session;
use enshrine_guest_ml::host::{Blob, Host, Page};
use enshrine_primitives::tensor::{DType, layout};
use enshrine_primitives::{BlobRoot, PAGE_SIZE};
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, panic};

struct Memory([Vec<u8>; 2]);

impl Memory {
    fn blob(&self, blob: Blob) -> &[u8] {
        match blob {
            Blob::Model => &self.0[0],
            Blob::Input => &self.0[1],
        }
    }
}

impl Host for Memory {
    fn blob_len(&self, blob: Blob) -> u64 {
        self.blob(blob).len() as u64
    }

    fn blob_page(&self, blob: Blob, page: u32, destination: &mut Page) {
        let bytes = self.blob(blob).chunks(PAGE_SIZE).nth(page as usize);
        let bytes = bytes.unwrap_or_default();
        destination.0.fill(0);
        destination.0[..bytes.len()].copy_from_slice(bytes);
    }

    fn output(&mut self, _: &[u8], _: &BlobRoot) {}
}

fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let folder = Path::new(&folder);
    if std::env::args().nth(2).is_none() {
        panic::set_hook(Box::new(|_| {}));
    }
    let cases = fs::read_dir(folder.join("cases")).unwrap();
    let mut cases: Vec<_> = cases.map(|case| case.unwrap().path()).collect();
    cases.sort();
    let lines: Vec<String> = cases.iter().map(|case| line(case)).collect();
    fs::write(folder.join("results.jsonl"), lines.concat()).unwrap();
}

fn line(case: &Path) -> String {
    let blob = |name| fs::read(case.join(name)).unwrap();
    let host = Memory([blob("model.onnx"), blob("input.bin")]);
    let ran = panic::catch_unwind(|| run(&host));
    let (outcome, status, message, outputs) = match ran {
        Ok(Ok(outputs)) => ("finished", 0, "null".to_owned(), outputs),
        Ok(Err((status, message))) => ("finished", status, quoted(&message), "null".to_owned()),
        Err(_) => ("failed", 0, "null".to_owned(), "null".to_owned()),
    };
    let engine = format!("{{\"outcome\": \"{outcome}\", \"status\": {status}}}");
    let name = quoted(&case.file_name().unwrap().to_string_lossy());
    format!(
        "{{\"name\": {name}, \"outputs\": {outputs}, \"message\": {message}, \"wasmtime\": {engine}, \"wasmi\": {engine}}}\n"
    )
}

fn run(host: &Memory) -> Result<String, (i32, String)> {
    let refused = |refusal: enshrine_guest_ml::Refusal| (refusal.status.to_wire(), refusal.message);
    let mut session = Session::load(host).map_err(refused)?;
    let bytes = session.infer(host).map_err(refused)?;
    let types = &session.interface().outputs;
    let sizes = |offset: u64| {
        let at = usize::try_from(offset).unwrap();
        bytes[at..at + 4].try_into().unwrap()
    };
    let regions = layout(types, bytes.len() as u64, sizes).unwrap();
    let mut json = String::new();
    let mut start = 0;
    for (ty, region) in types.iter().zip(regions) {
        start += 4 * ty.dynamic_count();
        let count: usize = region.shape.iter().map(|size| *size as usize).product();
        let end = start + count * ty.dtype.size_bytes() as usize;
        let data: String = bytes[start..end]
            .iter()
            .fold(String::new(), |mut data, byte| {
                let _ = write!(data, "{byte:02x}");
                data
            });
        let comma = if json.is_empty() { "" } else { ", " };
        let (name, dtype, shape) = (quoted(&ty.name), word(ty.dtype), &region.shape);
        let _ = write!(
            json,
            "{comma}{{\"name\": {name}, \"dtype\": \"{dtype}\", \"shape\": {shape:?}, \"data\": \"{data}\"}}"
        );
        start = end;
    }
    Ok(format!("[{json}]"))
}

/// numpy's name of an element type.
fn word(dtype: DType) -> &'static str {
    match dtype {
        DType::F16 => "float16",
        DType::F32 => "float32",
        DType::F64 => "float64",
        DType::BF16 => "bfloat16",
        DType::Bool => "bool",
        DType::U8 => "uint8",
        DType::U16 => "uint16",
        DType::U32 => "uint32",
        DType::U64 => "uint64",
        DType::I8 => "int8",
        DType::I16 => "int16",
        DType::I32 => "int32",
        DType::I64 => "int64",
    }
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
        .replace("\\'", "'")
        .replace("\\u{", "?{")
}
