//! `enshrine models`

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use enshrine_primitives::BlobRoot;
use enshrine_runtime::{
    Model,
    engine::EngineKind,
    store::{Manifest, ManifestTensor, ModelStore, Verification},
};
use serde_json::{Value, json};

use crate::{app::App, find, output};

/// Works on the store.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Add a model file
    Add(AddArgs),
    /// List all models
    List,
    /// Show a model's manifest
    Show {
        /// An address, or a name in the store
        model: String,
    },
    /// Read models again and compare their bytes with their addresses
    Verify {
        /// Addresses, or names in the store
        #[arg(required_unless_present = "all")]
        models: Vec<String>,
        /// All models of the store
        #[arg(long, conflicts_with = "models")]
        all: bool,
    },
}

/// A file and what is known of it.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// The .onnx file
    file: PathBuf,
    /// A JSON file with name, licence, source, inputs and outputs
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Name of the model [default: the manifest's, else the file's]
    #[arg(long)]
    name: Option<String>,
    /// SPDX expression
    #[arg(long)]
    licence: Option<String>,
    /// Where it comes from
    #[arg(long)]
    source: Option<String>,
}

pub(crate) fn models(app: &App, command: &ModelsCommand) -> Result<ExitCode> {
    match command {
        ModelsCommand::Add(args) => add(app, args),
        ModelsCommand::List => list(app),
        ModelsCommand::Show { model } => show(app, model),
        ModelsCommand::Verify { models, all } => verify(app, models, *all),
    }
}

fn add(app: &App, args: &AddArgs) -> Result<ExitCode> {
    let manifest = manifest(app, args)?;
    let file =
        File::open(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    let store = app.store()?;
    let working = app.working("adding the model");
    let root = store.put(file, manifest.clone())?;
    drop(working);
    if app.json() {
        output::json(
            &json!({ "model_address": root.to_string(), "name": manifest.name, "store": store.location() }),
        )?;
    } else {
        output::line(format_args!("{root}  {}", manifest.name))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn manifest(app: &App, args: &AddArgs) -> Result<Manifest> {
    let mut manifest = match &args.manifest {
        Some(path) => read_manifest(path)?,
        None => Manifest::named(file_name(&args.file)),
    };
    if let Some(name) = &args.name {
        manifest.name.clone_from(name);
    }
    if manifest.name.is_empty() || manifest.name.parse::<BlobRoot>().is_ok() {
        bail!(
            "`{}` is no name for a model: give one with --name",
            manifest.name
        );
    }
    manifest.licence = args.licence.clone().or(manifest.licence);
    manifest.source = args.source.clone().or(manifest.source);
    if manifest.inputs.is_empty() && manifest.outputs.is_empty() {
        return Ok(with_interface(app, &args.file, manifest));
    }
    Ok(manifest)
}

/// Adds inputs and outputs where the model can be loaded without an input. A store takes any bytes, so nothing else is
/// an error here; `check` is the command that judges.
fn with_interface(app: &App, file: &Path, manifest: Manifest) -> Manifest {
    let interface = || {
        let model = Model::new(fs::read(file).ok()?).ok()?;
        let runtime = app.warm(EngineKind::Wasmtime).ok()?;
        let _working = app.working("loading the model");
        runtime.interface(&model, &[]).ok()
    };
    match interface() {
        Some(interface) => manifest.with_interface(&interface),
        None => manifest,
    }
}

fn file_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let folder = path.parent().and_then(Path::file_name);
    match folder {
        // Exporters call the file so, and the folder tells which it is.
        Some(folder) if stem == "model" => folder.to_string_lossy().into_owned(),
        _ => stem.into_owned(),
    }
}

fn read_manifest(path: &Path) -> Result<Manifest> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let value: Value =
        serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", path.display()))?;
    parse_manifest(&value).with_context(|| format!("{} is no manifest", path.display()))
}

/// A manifest as the store writes it, or with `dims`, whose dynamic axes have names, as the model scripts write it.
pub(super) fn parse_manifest(value: &Value) -> Result<Manifest> {
    let text = |key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    };
    let tensors = |key: &str| -> Result<Vec<ManifestTensor>> {
        let list = value
            .get(key)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        list.iter()
            .map(|tensor| parse_tensor(tensor).with_context(|| format!("in its {key}")))
            .collect()
    };
    Ok(Manifest {
        inputs: tensors("inputs")?,
        outputs: tensors("outputs")?,
        licence: text("licence"),
        source: text("source"),
        ..Manifest::named(text("name").context("it has no `name`")?)
    })
}

fn parse_tensor(value: &Value) -> Result<ManifestTensor> {
    let text = |key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    };
    let axes = value
        .get("shape")
        .or_else(|| value.get("dims"))
        .and_then(Value::as_array);
    let size = |axis: &Value| axis.as_u64().and_then(|size| u32::try_from(size).ok());
    Ok(ManifestTensor {
        name: text("name").context("a tensor has no `name`")?,
        dtype: text("dtype").context("a tensor has no `dtype`")?,
        shape: axes
            .context("a tensor has no `shape`")?
            .iter()
            .map(size)
            .collect(),
    })
}

/// The name in a model's manifest, or what stands in for it.
fn name(store: &ModelStore, root: BlobRoot) -> String {
    match store.manifest(root) {
        Ok(Some(manifest)) => manifest.name,
        Ok(None) => "(no manifest)".to_owned(),
        Err(_) => "(damaged manifest)".to_owned(),
    }
}

fn list(app: &App) -> Result<ExitCode> {
    let store = app.store()?;
    let models = store.list()?;
    if app.json() {
        let models = models.iter().map(|model| {
            json!({ "model_address": model.root.to_string(), "length": model.size_bytes, "name": name(store, model.root) })
        });
        output::json(&models.collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    for model in &models {
        let size = output::bytes(model.size_bytes);
        output::line(format_args!(
            "{}  {size:>10}  {}",
            model.root,
            name(store, model.root)
        ))?;
    }
    if models.is_empty() {
        eprintln!(
            "the store {} is empty: add a model with `enshrine models add FILE`",
            store.location()
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn show(app: &App, text: &str) -> Result<ExitCode> {
    let store = app.store()?;
    let root = find::root(store, text)?;
    if !store.contains(root)? {
        bail!("the store {} has no model {root}", store.location());
    }
    let manifest = store.manifest(root)?;
    if app.json() {
        output::json(&json!({ "model_address": root.to_string(), "manifest": manifest }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(format_args!("address  {root}"))?;
    let Some(manifest) = manifest else {
        output::line("no manifest")?;
        return Ok(ExitCode::SUCCESS);
    };
    let Manifest {
        name,
        inputs,
        outputs,
        licence,
        source,
        length,
        added,
    } = manifest;
    output::line(format_args!("name     {name}"))?;
    inputs
        .iter()
        .try_for_each(|input| output::line(format_args!("input    {}", tensor(input))))?;
    outputs
        .iter()
        .try_for_each(|out| output::line(format_args!("output   {}", tensor(out))))?;
    output::line(format_args!("length   {} bytes", output::grouped(length)))?;
    for (label, text) in [("licence", licence), ("source", source), ("added", added)] {
        if let Some(text) = text {
            output::line(format_args!("{label:<8} {text}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn tensor(tensor: &ManifestTensor) -> String {
    let axes = tensor
        .shape
        .iter()
        .map(|axis| axis.map_or("?".to_owned(), |size| size.to_string()));
    format!(
        "{}: {}[{}]",
        tensor.name,
        tensor.dtype,
        axes.collect::<Vec<_>>().join(", ")
    )
}

fn verify(app: &App, models: &[String], all: bool) -> Result<ExitCode> {
    let store = app.store()?;
    let working = app.working("verifying");
    let verified = if all {
        store.verify_all()?
    } else {
        let roots = models.iter().map(|text| find::root(store, text));
        let roots = roots.collect::<Result<Vec<_>>>()?;
        let verify = |root| Verification {
            root,
            size_bytes: store.verify(root),
        };
        roots.into_iter().map(verify).collect()
    };
    drop(working);
    let good = verified.iter().all(|model| model.size_bytes.is_ok());
    if app.json() {
        output::json(&verified.iter().map(verification_json).collect::<Vec<_>>())?;
    } else {
        for Verification { root, size_bytes } in &verified {
            match size_bytes {
                Ok(size) => output::line(format_args!("{root}  ok  {}", output::bytes(*size)))?,
                Err(error) => output::line(format_args!("{root}  BAD  {error}"))?,
            }
        }
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn verification_json(Verification { root, size_bytes }: &Verification) -> Value {
    let error = size_bytes.as_ref().err().map(ToString::to_string);
    json!({
        "model_address": root.to_string(),
        "ok": error.is_none(),
        "length": size_bytes.as_ref().ok(),
        "error": error,
    })
}
