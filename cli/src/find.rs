//! From what a person calls a model to its bytes.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use enshrine_primitives::{
    BlobRoot, Status,
    tensor::{DType, Dim, TensorType},
};
use enshrine_runtime::{Model, Outcome, Run, engine::EngineKind, store::ModelStore};
use serde::Deserialize;

use crate::app::App;

/// Finds a model by a root, a path or a name in the store.
///
/// # Errors
/// If there is none, or several of the name.
pub(crate) fn model(app: &App, text: &str) -> Result<Model> {
    if let Ok(root) = text.parse() {
        return stored(app.store()?, root);
    }
    let path = Path::new(text);
    if path.exists() {
        let _working = app.working(format!("reading {text}"));
        return from_file(path);
    }
    let store = app.store()?;
    stored(store, root_of_name(store, text)?)
}

/// The root that a root or a name in the store stands for.
///
/// # Errors
/// If there is none, or several of the name.
pub(crate) fn root(store: &ModelStore, text: &str) -> Result<BlobRoot> {
    text.parse().or_else(|_| root_of_name(store, text))
}

fn from_file(path: &Path) -> Result<Model> {
    if path.is_dir() {
        bail!("{} is a folder: give the .onnx file in it", path.display());
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Model::new(bytes)?)
}

fn stored(store: &ModelStore, root: BlobRoot) -> Result<Model> {
    store.model(root)?.with_context(|| {
        format!(
            "the store {} has no model {root}: add its file with `enshrine models add FILE`",
            store.location()
        )
    })
}

fn root_of_name(store: &ModelStore, name: &str) -> Result<BlobRoot> {
    let mut found = Vec::new();
    for model in store.list()? {
        // A manifest that cannot be read names nothing; `models verify` tells.
        let manifest = store.manifest(model.root).ok().flatten();
        if manifest.is_some_and(|manifest| manifest.name == name) {
            found.push(model.root);
        }
    }
    match found[..] {
        [root] => Ok(root),
        [] => bail!(
            "there is no file `{name}`, and no model of that name in the store {}: see `enshrine models list`",
            store.location()
        ),
        _ => {
            let roots: Vec<_> = found.iter().map(ToString::to_string).collect();
            bail!(
                "several models are called `{name}`: say which by its address, one of {}",
                roots.join(", ")
            )
        }
    }
}

/// What the guest says of a model without preparing it.
#[derive(Debug, Deserialize)]
pub(crate) struct Description {
    #[serde(default)]
    pub(crate) ir_version: Option<i64>,
    #[serde(default)]
    pub(crate) opsets: std::collections::BTreeMap<String, i64>,
    #[serde(default)]
    pub(crate) producer: String,
    #[serde(default)]
    pub(crate) inputs: Vec<Declared>,
    #[serde(default)]
    pub(crate) outputs: Vec<Declared>,
    #[serde(default)]
    pub(crate) initializer_bytes: u64,
    #[serde(default)]
    pub(crate) quantisable_bytes: u64,
    #[serde(default)]
    pub(crate) nodes: u64,
    #[serde(default)]
    pub(crate) operators: std::collections::BTreeMap<String, u64>,
    #[serde(default)]
    pub(crate) problems: Vec<Problem>,
}

/// An input or output as the file declares it.
#[derive(Debug, Deserialize)]
pub(crate) struct Declared {
    pub(crate) name: String,
    #[serde(default)]
    dtype: Option<String>,
    #[serde(default)]
    shape: Option<Vec<Axis>>,
}

/// An axis: its size, or a name for it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Axis {
    Size(i64),
    Name(String),
}

/// Something that keeps a model from running.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
pub(crate) struct Problem {
    /// Name of the node; empty when it is about the whole model.
    #[serde(default)]
    pub(crate) node: String,
    /// Its operator.
    #[serde(default)]
    pub(crate) operator: String,
    /// What is wrong.
    #[serde(default)]
    pub(crate) reason: String,
    /// What to do about it.
    #[serde(default)]
    pub(crate) fix: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            node,
            operator,
            reason,
            fix,
        } = self;
        match (&**node, &**operator) {
            ("", "") => write!(f, "{reason}")?,
            ("", operator) => write!(f, "{operator}: {reason}")?,
            (node, operator) => write!(f, "node '{node}' ({operator}): {reason}")?,
        }
        if fix.is_empty() {
            Ok(())
        } else {
            write!(f, " -> {fix}")
        }
    }
}

impl std::fmt::Display for Declared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {}[",
            self.name,
            self.dtype.as_deref().unwrap_or("?")
        )?;
        let Some(shape) = &self.shape else {
            return f.write_str("unknown shape]");
        };
        for (index, axis) in shape.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            match axis {
                Axis::Size(size) => write!(f, "{size}")?,
                Axis::Name(name) if name.is_empty() => f.write_str("?")?,
                Axis::Name(name) => f.write_str(name)?,
            }
        }
        f.write_str("]")
    }
}

impl Declared {
    fn tensor_type(&self) -> Result<TensorType> {
        let name = &self.name;
        let dtype = self.dtype.as_deref().unwrap_or("nothing");
        let dtype = DType::ALL
            .into_iter()
            .find(|known| known.name() == dtype)
            .with_context(|| {
                format!("input '{name}' has elements of type {dtype}, which do not run")
            })?;
        let shape = self.shape.as_ref().with_context(|| {
            format!("input '{name}' declares no shape: export the model with shapes, or give a .bin file")
        })?;
        let dims: Vec<_> = shape.iter().map(Axis::dim).collect();
        Ok(TensorType::new(name, dtype, dims))
    }
}

impl Axis {
    fn dim(&self) -> Dim {
        match self {
            Self::Size(size @ 1..) => u32::try_from(*size).map_or(Dim::Dynamic, Dim::Static),
            _ => Dim::Dynamic,
        }
    }
}

/// The guest's report on a model.
///
/// # Errors
/// If the host cannot ask.
pub(crate) fn describe(app: &App, model: &Model) -> Result<Description> {
    let _working = app.working("reading the model (the first time compiles the exact build)");
    let json = app.runtime()?.describe(model)?;
    serde_json::from_str(&json).context("the guest's report is not what this command expects")
}

/// The inputs of a model.
///
/// # Errors
/// With all problems of the model if it cannot be loaded.
pub(crate) fn input_types(app: &App, model: &Model) -> Result<Vec<TensorType>> {
    let runtime = app.warm(EngineKind::Wasmtime)?;
    let working = app.working("loading the model");
    let interface = runtime.interface(model, &[]);
    drop(working);
    if let Ok(interface) = interface {
        return Ok(interface.inputs.clone());
    }
    // Either the model is refused, or its loading needs the sizes of an input: the declaration tells.
    let description = describe(app, model)?;
    if !description.problems.is_empty() {
        let problems: Vec<_> = description
            .problems
            .iter()
            .map(|p| format!("\n  {p}"))
            .collect();
        bail!("model {} does not run:{}", model.root(), problems.concat());
    }
    description
        .inputs
        .iter()
        .map(Declared::tensor_type)
        .collect()
}

/// Why a run gave no output; `None` if it did.
pub(crate) fn declined(run: &Run) -> Option<String> {
    let message = String::from_utf8_lossy(&run.output);
    match run.outcome {
        Outcome::Finished { status: 0, .. } => None,
        Outcome::Finished { status, .. } => Some(match Status::from_wire(status) {
            Some(Status::ModelRefused) => format!("the model is refused: {message}"),
            Some(Status::InputMalformed) => format!("the input does not fit the model: {message}"),
            _ => format!("the guest declined with status {status}: {message}"),
        }),
        Outcome::Failed => Some(
            "the run failed: it trapped, ran out of fuel or hit a limit; with --fuel it may have more".to_owned(),
        ),
    }
}
