//! `cargo xtask guest`: builds the guest program and writes it, packed, to `runtime/guest/`.
//!
//! The program hash is consensus data, so the result must not depend on where it is built: paths are remapped, what
//! names them is taken out, and crates are told apart by name, version and features alone (see [`wrapped_rustc`]). It does
//! depend on the compiler, which is therefore recorded.
//!
//! Another program takes other steps, so `cargo xtask vectors` belongs after it: it writes the committed results of calls
//! anew.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wasm_encoder::{ExportKind, ExportSection, Module, RawSection};
use wasmparser::{ExternalKind, Parser, Payload};

use crate::repository;

const TARGET: &str = "wasm32-unknown-unknown";

/// Exports that stay: the machine's, then those for tools.
const EXPORTS: [&str; 8] = [
    "memory",
    "load",
    "infer",
    "interface",
    "describe",
    "profile_start",
    "profile_node",
    "profile_nodes",
];

/// Compiler options with either toolchain.
///
/// The shadow stack has 8 MiB, because the importer recurses into nested graphs and symbolic sizes, and pages that are
/// never touched cost nothing. It lies below all data, so that overflowing it traps.
const FLAGS: [&str; 4] = [
    "-Ctarget-feature=+simd128",
    "--cfg=getrandom_backend=\"custom\"",
    "-Clink-arg=-zstack-size=8388608",
    "-Clink-arg=--stack-first",
];

/// The program's panics carry no message that anybody could read, so their formatting is left out.
const ABORT_FLAGS: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];

/// zstd's highest level whose window every decoder accepts.
const COMPRESSION_LEVEL: i32 = 19;

/// What Debian's packages `rustc-web`, `rust-web-src` and `lld-22` install.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_SOURCES: &str = "/usr/lib/rustlib/src/rust";
const DEBIAN_LINKER: &str = "wasm-ld-22";

/// Set where this command stands in for the compiler.
const WRAPPER_VARIABLE: &str = "ENSHRINE_GUEST_RUSTC";

/// Whether cargo has called this command in place of the compiler.
pub(crate) fn is_wrapped_rustc() -> bool {
    env::var_os(WRAPPER_VARIABLE).is_some()
}

/// Runs the compiler, with crates told apart by name, version and features.
///
/// Cargo tells them apart by hashes of its own, of the folders of path dependencies among others. They get into type
/// identities, and so into the program.
///
/// # Errors
/// When the compiler cannot be started.
pub(crate) fn wrapped_rustc() -> Result<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    let rustc = arguments.next().context("cargo names the compiler first")?;
    let arguments: Vec<OsString> = arguments.collect();
    let features = arguments
        .iter()
        .filter_map(|argument| argument.to_str()?.strip_prefix("feature="));
    let package = ["CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_CRATE_NAME"]
        .map(|name| env::var(name).unwrap_or_default());
    let identity: Vec<&str> = package.iter().map(String::as_str).chain(features).collect();
    let identity = hex(&Sha256::digest(identity.join(" ")));
    let fixed = arguments.iter().map(|argument| match argument.to_str() {
        Some(text) if text.starts_with("metadata=") => format!("metadata={identity}").into(),
        _ => argument.clone(),
    });
    let status = Command::new(rustc)
        .args(fixed)
        .status()
        .context("starting the compiler")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Options of `cargo xtask guest`.
#[derive(Debug, clap::Args)]
pub(crate) struct GuestArgs {
    /// Write nothing: fail if the committed program does not come from these sources, and, where the recorded compiler
    /// is installed, if building again gives another program.
    #[arg(long)]
    check: bool,
    /// Build even if the sources have not changed since the committed program was built.
    #[arg(long)]
    force: bool,
}

/// Builds the guest, or checks the committed one.
///
/// # Errors
/// When no compiler for WASM is installed, the build fails, or `--check` finds a difference.
pub(crate) fn run(args: &GuestArgs) -> Result<()> {
    let repository = Repository::find()?;
    let sources = repository.sources()?;
    let record = repository.record()?;
    let same_sources = record["sources_sha256"] == sources.as_str();
    if args.check {
        ensure!(
            same_sources,
            "the guest's sources changed since it was built: run `cargo xtask guest`"
        );
        return check(&repository, &record);
    }
    if same_sources && !args.force {
        println!("the guest is up to date; --force builds it again");
        return Ok(());
    }
    let toolchain = Toolchain::find()?;
    let wasm = toolchain.build(&repository)?;
    repository.write(&wasm, &sources, &toolchain)
}

fn check(repository: &Repository, record: &Value) -> Result<()> {
    let toolchain = match Toolchain::find() {
        Ok(toolchain) => toolchain,
        Err(reason) => {
            println!("sources match; not rebuilt: {reason}");
            return Ok(());
        }
    };
    let (expected, got) = (&record["toolchain"], toolchain.version()?);
    if *expected != got.as_str() {
        println!(
            "sources match; not rebuilt, because the compiler was {expected} and this one is \"{got}\""
        );
        return Ok(());
    }
    let digest = hex(&Sha256::digest(toolchain.build(repository)?));
    let expected = &record["wasm_sha256"];
    ensure!(
        *expected == digest.as_str(),
        "rebuilding gives another program: expected {expected}, got {digest}"
    );
    println!("rebuilding gives the same program");
    Ok(())
}

/// The folders that matter.
struct Repository {
    root: PathBuf,
}

impl Repository {
    fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest
            .parent()
            .context("xtask has no parent folder")?
            .to_owned();
        Ok(Self { root })
    }

    fn guest(&self) -> PathBuf {
        self.root.join("guest-ml")
    }

    /// Where cargo puts what it builds for the program; tests have the folder above.
    fn built(&self) -> PathBuf {
        self.guest().join("target/program")
    }

    fn packed(&self) -> PathBuf {
        self.root.join("runtime/guest/guest-ml.wasm.zst")
    }

    fn record_path(&self) -> PathBuf {
        self.root.join("runtime/guest/guest-ml.json")
    }

    /// What is known about the committed program; null before the first build.
    fn record(&self) -> Result<Value> {
        match fs::read(self.record_path()) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).context("reading runtime/guest/guest-ml.json")
            }
            Err(_) => Ok(Value::Null),
        }
    }

    /// Hash of everything that decides what the program is, apart from the compiler.
    fn sources(&self) -> Result<String> {
        let mut files = vec![];
        for folder in ["guest-ml/src", "guest-ml/kernels/src", "primitives/src"] {
            collect(&self.root.join(folder), &mut files)?;
        }
        let manifests = [
            "guest-ml/Cargo.toml",
            "guest-ml/Cargo.lock",
            "guest-ml/kernels/Cargo.toml",
            "primitives/Cargo.toml",
        ];
        files.extend(manifests.map(|file| self.root.join(file)));
        files.retain(|file| file.file_name().is_none_or(|name| name != "tests.rs"));
        files.sort();
        let mut hash = Sha256::new();
        for flag in FLAGS.iter().chain(&ABORT_FLAGS) {
            hash.update(format!("{flag}\n"));
        }
        for file in files {
            let name = file
                .strip_prefix(&self.root)?
                .to_string_lossy()
                .replace('\\', "/");
            let text = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
            hash.update(format!("{name} {}\n", hex(&Sha256::digest(text))));
        }
        Ok(hex(&hash.finalize()))
    }

    /// What the command says of a module. Built with the whole workspace: for itself it would want other features of the
    /// engines, and so another build of them.
    fn program(&self, wasm: &[u8]) -> Result<Value> {
        let build = [
            "build",
            "--release",
            "--locked",
            "--workspace",
            "--bin",
            "enshrine",
        ];
        repository::run(&mut repository::cargo(".", &build)?)?;
        let file = self.built().join("guest-ml.wasm");
        fs::write(&file, wasm).with_context(|| format!("writing {}", file.display()))?;
        let mut command = Command::new(self.root.join("target/release/enshrine"));
        let report = output(command.args(["program", "--json", "--guest"]).arg(file))?;
        serde_json::from_str(&report).context("reading what `enshrine program` says")
    }

    fn write(&self, wasm: &[u8], sources: &str, toolchain: &Toolchain) -> Result<()> {
        let program = self.program(wasm)?;
        let packed = zstd::encode_all(wasm, COMPRESSION_LEVEL).context("compressing")?;
        let record = json!({
            "wasm_sha256": hex(&Sha256::digest(wasm)),
            "wasm_bytes": wasm.len(),
            "packed_bytes": packed.len(),
            "program_hash": program["program_hash"],
            "words": program["words"],
            "sources_sha256": sources,
            "toolchain": toolchain.version()?,
            "built_with": toolchain.flags(),
        });
        fs::create_dir_all(self.packed().parent().context("no folder")?)?;
        fs::write(self.packed(), packed)?;
        let text = serde_json::to_string_pretty(&record)?;
        fs::write(self.record_path(), format!("{text}\n"))?;
        println!("{text}");
        println!("now write the committed steps and gas anew: cargo xtask vectors");
        Ok(())
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// A compiler for WASM.
enum Toolchain {
    /// The repository's own, with the target added by rustup: brings a built standard library.
    Rustup,
    /// Debian's, which brings the standard library's sources.
    Debian,
}

impl Toolchain {
    fn find() -> Result<Self> {
        let libraries =
            output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
        if libraries.is_ok_and(|folder| Path::new(&folder).is_dir()) {
            return Ok(Self::Rustup);
        }
        let linker = Command::new(DEBIAN_LINKER).arg("--version").output();
        let library = Path::new(DEBIAN_SOURCES).join("library");
        if library.is_dir() && linker.is_ok() && Path::new(DEBIAN_RUSTC).is_file() {
            return Ok(Self::Debian);
        }
        bail!(
            "no compiler for {TARGET}: run `rustup target add {TARGET}`, or on Debian \
             `apt install rustc-web rust-web-src lld-22`"
        )
    }

    fn rustc(&self) -> &'static str {
        match self {
            Self::Rustup => "rustc",
            Self::Debian => DEBIAN_RUSTC,
        }
    }

    /// The line by which two compilers are told apart.
    fn version(&self) -> Result<String> {
        output(Command::new(self.rustc()).arg("--version"))
    }

    fn flags(&self) -> Vec<&'static str> {
        match self {
            Self::Rustup => FLAGS.to_vec(),
            Self::Debian => [&FLAGS[..], &ABORT_FLAGS].concat(),
        }
    }

    fn build(&self, repository: &Repository) -> Result<Vec<u8>> {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(repository.guest());
        cargo.args([
            "build",
            "--locked",
            "--profile",
            "guest",
            "--target",
            TARGET,
        ]);
        cargo.env("CARGO_ENCODED_RUSTFLAGS", self.encoded_flags(repository)?);
        cargo.env("CARGO_TARGET_DIR", repository.built());
        cargo.env("RUSTC_WRAPPER", env::current_exe()?);
        cargo.env(WRAPPER_VARIABLE, "1");
        if matches!(self, Self::Debian) {
            cargo.args(["-Z", "build-std=std,panic_abort"]);
            cargo.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER);
        }
        ensure!(
            cargo.status().context("starting cargo")?.success(),
            "the guest does not build"
        );
        let built = format!("{TARGET}/guest/enshrine_guest_ml.wasm");
        trim(&fs::read(repository.built().join(built)).context("reading the built guest")?)
    }

    /// Flags with this machine's folders replaced by fixed names.
    fn encoded_flags(&self, repository: &Repository) -> Result<String> {
        let home = || env::home_dir().map(|home| home.join(".cargo"));
        let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home);
        let cargo_home = cargo_home.context("neither CARGO_HOME nor a home folder")?;
        let sysroot = output(Command::new(self.rustc()).args(["--print", "sysroot"]))?;
        let folders = [
            (repository.root.clone(), "/enshrine"),
            (cargo_home, "/cargo"),
            (Path::new(&sysroot).join("lib/rustlib/src/rust"), "/rust"),
        ];
        let remap =
            folders.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
        let flags = self.flags().into_iter().map(str::to_owned).chain(remap);
        Ok(flags.collect::<Vec<_>>().join("\u{1f}"))
    }
}

/// Takes out custom sections and exports outside the ABI.
fn trim(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("parsing the built guest")? {
            Payload::CustomSection(_) => {}
            Payload::ExportSection(exports) => {
                let mut kept = ExportSection::new();
                for export in exports {
                    let export = export?;
                    let kind = match export.kind {
                        ExternalKind::Func => ExportKind::Func,
                        ExternalKind::Memory => ExportKind::Memory,
                        _ => continue,
                    };
                    if EXPORTS.contains(&export.name) {
                        kept.export(export.name, kind, export.index);
                    }
                }
                ensure!(
                    kept.len() as usize == EXPORTS.len(),
                    "expected the exports {EXPORTS:?}"
                );
                module.section(&kept);
            }
            payload => {
                if let Some((id, range)) = payload.as_section() {
                    module.section(&RawSection {
                        id,
                        data: &wasm[range],
                    });
                }
            }
        }
    }
    Ok(module.finish())
}

fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("starting {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed");
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
