//! What is written beside a model.

use std::time::SystemTime;

use enshrine_primitives::tensor::{Dim, Interface, TensorType};
use serde::{Deserialize, Serialize};

use super::{MAX_MANIFEST_BYTES, StoreError};

/// A note on a model, stored as JSON. Only `name` and `length` are required.
///
/// ```
/// use enshrine_runtime::store::Manifest;
///
/// let manifest: Manifest = serde_json::from_str(r#"{ "name": "digits", "length": 101376 }"#)?;
/// assert_eq!(manifest.licence, None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What people call it.
    pub name: String,
    /// Inputs in the graph's order.
    #[serde(default)]
    pub inputs: Vec<ManifestTensor>,
    /// Outputs in the graph's order.
    #[serde(default)]
    pub outputs: Vec<ManifestTensor>,
    /// SPDX expression or a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Where it comes from: a URL, a package or a script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Bytes of the model. Set by the store.
    pub length: u64,
    /// When it was first added, in RFC 3339. Set by the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<String>,
}

/// An input or output in a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestTensor {
    /// Name in the graph.
    pub name: String,
    /// Element type by its ONNX name, such as `float32`.
    pub dtype: String,
    /// Sizes of the axes; `null` for a dynamic one.
    pub shape: Vec<Option<u32>>,
}

impl Manifest {
    /// A manifest with a name and nothing else.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// The manifest with the inputs and outputs of an interface.
    ///
    /// ```
    /// use enshrine_primitives::tensor::{DType, Dim, Interface, TensorType};
    /// use enshrine_runtime::store::Manifest;
    ///
    /// let input = TensorType::new("x", DType::F32, [Dim::Static(1), Dim::Dynamic]);
    /// let interface = Interface { inputs: vec![input], outputs: vec![] };
    /// let manifest = Manifest::named("example").with_interface(&interface);
    /// assert_eq!(manifest.inputs[0].shape, [Some(1), None]);
    /// ```
    #[must_use]
    pub fn with_interface(self, interface: &Interface) -> Self {
        let tensors = |types: &[TensorType]| types.iter().map(ManifestTensor::from).collect();
        let Interface { inputs, outputs } = interface;
        Self {
            inputs: tensors(inputs),
            outputs: tensors(outputs),
            ..self
        }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("strings and numbers only");
        json.push(b'\n');
        json
    }

    /// Refuses before any byte is stored what could not be read back.
    pub(super) fn check_size(&self) -> Result<(), StoreError> {
        /// What the store adds: 20 digits of the length and 20 characters of the time, with its key.
        const ROOM: u64 = 64;
        let got = self.to_json().len() as u64;
        if got + ROOM > MAX_MANIFEST_BYTES {
            return Err(StoreError::ManifestTooLarge {
                expected: MAX_MANIFEST_BYTES,
                got,
            });
        }
        Ok(())
    }
}

impl From<&TensorType> for ManifestTensor {
    fn from(TensorType { name, dtype, dims }: &TensorType) -> Self {
        let size = |dim: &Dim| match dim {
            Dim::Static(size) => Some(*size),
            Dim::Dynamic => None,
        };
        Self {
            name: name.clone(),
            dtype: dtype.name().to_owned(),
            shape: dims.iter().map(size).collect(),
        }
    }
}

/// The time in RFC 3339, in seconds and UTC.
pub(super) fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}
