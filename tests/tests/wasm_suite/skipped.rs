//! The committed list of modules that the profile refuses.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
};

use enshrine_conformance::script::Reasons;

const HEADER: &str = "\
# Modules of the WebAssembly test suite that the guest profile refuses: file, lines of the modules, reason.
# Calls of a refused module are not made. Written by `ENSHRINE_UPDATE=1 cargo test --test wasm_suite`.
";

/// Refused modules by file.
#[derive(Debug, Default)]
pub(crate) struct Skipped(BTreeMap<String, Reasons>);

impl Skipped {
    pub(crate) fn path() -> PathBuf {
        PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/vectors/wast-skipped.txt"
        ))
    }

    pub(crate) fn read() -> io::Result<Self> {
        let mut this = Self::default();
        let text = match std::fs::read_to_string(Self::path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => text?,
        };
        for line in text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let malformed = || io::Error::other(format!("not `file | lines | reason`: {line}"));
            let mut fields = line.splitn(3, " | ");
            let mut field = || fields.next().ok_or_else(malformed);
            let (file, lines, reason) = (field()?, field()?, field()?);
            let lines = lines.split(' ').map(str::parse).collect::<Result<_, _>>();
            let lines = lines.map_err(|_| malformed())?;
            this.0
                .entry(file.to_owned())
                .or_default()
                .insert(reason.to_owned(), lines);
        }
        Ok(this)
    }

    pub(crate) fn add(&mut self, file: &str, reasons: Reasons) {
        if !reasons.is_empty() {
            self.0.insert(file.to_owned(), reasons);
        }
    }

    pub(crate) fn write(&self) -> io::Result<()> {
        let mut text = HEADER.to_owned();
        for (file, reasons) in &self.0 {
            for (reason, lines) in reasons {
                let lines: Vec<_> = lines.iter().map(usize::to_string).collect();
                text += &format!("{file} | {} | {reason}\n", lines.join(" "));
            }
        }
        std::fs::write(Self::path(), text)
    }

    /// Says what differs between the list and what was refused in `file`.
    pub(crate) fn compare(&self, file: &str, refused: &Reasons) -> Result<(), String> {
        let none = Reasons::new();
        let listed = flat(self.0.get(file).unwrap_or(&none));
        let refused = flat(refused);
        if let Some((line, reason)) = refused.difference(&listed).next() {
            return Err(format!("{file}:{line} is refused and not listed: {reason}"));
        }
        if let Some((line, reason)) = listed.difference(&refused).next() {
            return Err(format!(
                "{file}:{line} is listed but not refused for: {reason}"
            ));
        }
        Ok(())
    }
}

fn flat(reasons: &Reasons) -> BTreeSet<(usize, &str)> {
    reasons
        .iter()
        .flat_map(|(reason, lines)| lines.iter().map(|line| (*line, reason.as_str())))
        .collect()
}
