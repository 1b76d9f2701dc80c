//! Which operators exist, in which operator set, with how many inputs and outputs and with which attributes.

use super::operators::{ONNX, ONNX_ML};

/// Oldest operator set of `ai.onnx` that the guest takes.
pub(crate) const OPSET_FLOOR: i64 = 1;
/// Newest operator set of `ai.onnx` that the tables know. Which operators run in it, their reviews say.
pub(crate) const OPSET_CEILING: i64 = 28;
/// Newest operator set of `ai.onnx.ml` that the guest takes.
pub(crate) const ML_OPSET_CEILING: i64 = 5;

/// In place of a largest count: no limit.
pub(super) const UNBOUNDED: u8 = u8::MAX;

/// An operator's history up to the ceiling.
#[derive(Debug)]
pub(super) struct Operator {
    pub(super) name: &'static str,
    /// Oldest first.
    pub(super) signatures: &'static [Signature],
}

/// What is in force from one operator set to the next signature's.
#[derive(Debug)]
pub(super) struct Signature {
    pub(super) since: u8,
    /// Least and largest count.
    pub(super) inputs: (u8, u8),
    /// Least and largest count.
    pub(super) outputs: (u8, u8),
    /// Of the inputs; the last stands for all that follow, and none for any.
    pub(super) types: &'static [Type],
    pub(super) attributes: &'static [Attribute],
    pub(super) removed: bool,
}

/// What element types an input may have.
#[derive(Debug)]
pub(super) struct Type {
    /// Inputs of one number have the same type; [`FREE`] for those that have one of their own.
    pub(super) same: u8,
    /// A bit for each of [`Type::ORDER`].
    pub(super) allowed: u16,
}

/// In place of a number of inputs that have the same type: this one need not.
pub(super) const FREE: u8 = u8::MAX;

/// An attribute that an operator may have.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) default: Default,
}

/// What is in an attribute.
pub(super) use tract_onnx::pb::attribute_proto::AttributeType as Kind;

/// What an attribute is when it is not given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Default {
    /// It must be given.
    Required,
    /// Nothing, or what no constant says.
    None,
    Int(i32),
    Float(f32),
    Text(&'static str),
}

/// Families of operators, each with versions of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Domain {
    /// `ai.onnx`, also written as an empty string.
    Onnx,
    /// `ai.onnx.ml`
    Ml,
    /// `com.microsoft`: what ONNX Runtime's optimiser writes.
    Microsoft,
}

impl Domain {
    /// The domain of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "" | "ai.onnx" => Some(Self::Onnx),
            "ai.onnx.ml" => Some(Self::Ml),
            "com.microsoft" => Some(Self::Microsoft),
            _ => None,
        }
    }

    /// Name without a second spelling.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Onnx => "ai.onnx",
            Self::Ml => "ai.onnx.ml",
            Self::Microsoft => "com.microsoft",
        }
    }

    /// Oldest and newest version that the guest takes.
    pub(crate) const fn versions(self) -> (i64, i64) {
        match self {
            Self::Onnx => (OPSET_FLOOR, OPSET_CEILING),
            Self::Ml => (1, ML_OPSET_CEILING),
            Self::Microsoft => (1, 1),
        }
    }

    /// The operator of this name, in any version.
    pub(super) fn operator(self, name: &str) -> Option<&'static Operator> {
        let find = |table: &'static [Operator]| {
            let index = table
                .binary_search_by(|operator| operator.name.cmp(name))
                .ok()?;
            Some(&table[index])
        };
        match self {
            Self::Onnx => find(ONNX).or_else(|| SIMPLIFIED.iter().find(|o| o.name == name)),
            Self::Ml => find(ONNX_ML),
            Self::Microsoft => find(MICROSOFT),
        }
    }
}

impl Operator {
    /// The signature in force in this version, if the operator existed then.
    pub(super) fn signature(&self, version: i64) -> Option<&'static Signature> {
        self.signatures
            .iter()
            .rev()
            .find(|signature| i64::from(signature.since) <= version)
    }
}

/// An operator, as short as the generated tables need it.
pub(super) const fn o(name: &'static str, signatures: &'static [Signature]) -> Operator {
    Operator { name, signatures }
}

/// A signature.
pub(super) const fn s(
    since: u8,
    inputs: (u8, u8),
    outputs: (u8, u8),
    types: &'static [Type],
    attributes: &'static [Attribute],
) -> Signature {
    Signature {
        since,
        inputs,
        outputs,
        types,
        attributes,
        removed: false,
    }
}

/// An input's types.
pub(super) const fn t(same: u8, allowed: u16) -> Type {
    Type { same, allowed }
}

/// An attribute.
pub(super) const fn a(name: &'static str, kind: Kind, default: Default) -> Attribute {
    Attribute {
        name,
        kind,
        default,
    }
}

/// The version in which an operator was removed.
pub(super) const fn gone(since: u8) -> Signature {
    Signature {
        since,
        inputs: (0, 0),
        outputs: (0, 0),
        types: &[],
        attributes: &[],
        removed: true,
    }
}

/// ONNX Runtime writes this one into `ai.onnx`, although ONNX does not have it.
static SIMPLIFIED: &[Operator] = &[o(
    "SimplifiedLayerNormalization",
    &[s(
        1,
        (2, 2),
        (1, 2),
        &[],
        &[
            a("axis", Kind::Int, Default::Int(-1)),
            a("epsilon", Kind::Float, Default::Float(1e-5)),
            a("stash_type", Kind::Int, Default::Int(1)),
        ],
    )],
)];

/// Domain `com.microsoft`, sorted by name: only what the importer knows. From ONNX Runtime's `ContribOperators.md`.
static MICROSOFT: &[Operator] = &[
    o("BiasGelu", &[s(1, (2, 2), (1, 1), &[], &[])]),
    o("FastGelu", &[s(1, (1, 2), (1, 1), &[], &[])]),
    o(
        "GatherBlockQuantized",
        &[s(
            1,
            (3, 4),
            (1, 1),
            &[],
            &[
                a("bits", Kind::Int, Default::Int(4)),
                a("block_size", Kind::Int, Default::Int(128)),
                a("gather_axis", Kind::Int, Default::Int(0)),
                a("quantize_axis", Kind::Int, Default::Int(1)),
            ],
        )],
    ),
    o("Gelu", &[s(1, (1, 1), (1, 1), &[], &[])]),
    o(
        "MatMulNBits",
        &[s(
            1,
            (3, 6),
            (1, 1),
            &[],
            &[
                a("K", Kind::Int, Default::Required),
                a("N", Kind::Int, Default::Required),
                a("accuracy_level", Kind::Int, Default::Int(0)),
                a("bits", Kind::Int, Default::Int(4)),
                a("block_size", Kind::Int, Default::Required),
            ],
        )],
    ),
    o(
        "QGemm",
        &[s(
            1,
            (6, 9),
            (1, 1),
            &[],
            &[
                a("alpha", Kind::Float, Default::Float(1.0)),
                a("transA", Kind::Int, Default::Int(0)),
                a("transB", Kind::Int, Default::Int(0)),
            ],
        )],
    ),
    o("QLinearAdd", &[s(1, (7, 8), (1, 1), &[], &[])]),
    o(
        "QLinearAveragePool",
        &[s(
            1,
            (4, 5),
            (1, 1),
            &[],
            &[
                a("auto_pad", Kind::String, Default::Text("NOTSET")),
                a("ceil_mode", Kind::Int, Default::Int(0)),
                CHANNELS_LAST,
                a("count_include_pad", Kind::Int, Default::Int(0)),
                a("kernel_shape", Kind::Ints, Default::Required),
                a("pads", Kind::Ints, Default::None),
                a("strides", Kind::Ints, Default::None),
            ],
        )],
    ),
    o(
        "QLinearConcat",
        &[s(
            1,
            (5, 254),
            (1, 1),
            &[],
            &[a("axis", Kind::Int, Default::Required)],
        )],
    ),
    o(
        "QLinearGlobalAveragePool",
        &[s(1, (4, 5), (1, 1), &[], &[CHANNELS_LAST])],
    ),
    o(
        "QLinearLeakyRelu",
        &[s(
            1,
            (4, 5),
            (1, 1),
            &[],
            &[a("alpha", Kind::Float, Default::Float(0.01))],
        )],
    ),
    o("QLinearMul", &[s(1, (7, 8), (1, 1), &[], &[])]),
    o("QLinearSigmoid", &[s(1, (4, 5), (1, 1), &[], &[])]),
    o(
        "QLinearSoftmax",
        &[s(
            1,
            (4, 5),
            (1, 1),
            &[],
            &[
                a("axis", Kind::Int, Default::Int(-1)),
                a("opset", Kind::Int, Default::Required),
            ],
        )],
    ),
    o(
        "QuickGelu",
        &[s(
            1,
            (1, 1),
            (1, 1),
            &[],
            &[a("alpha", Kind::Float, Default::Float(1.702))],
        )],
    ),
    o(
        "RotaryEmbedding",
        &[s(
            1,
            (4, 4),
            (1, 1),
            &[],
            &[
                a("interleaved", Kind::Int, Default::Int(0)),
                a("is_packed_batching", Kind::Int, Default::Int(0)),
                a("num_heads", Kind::Int, Default::Int(0)),
                a("rotary_embedding_dim", Kind::Int, Default::Int(0)),
                a("scale", Kind::Float, Default::Float(1.0)),
            ],
        )],
    ),
    o(
        "SkipLayerNormalization",
        &[s(1, (3, 5), (1, 4), &[], &[EPSILON])],
    ),
    o(
        "SkipSimplifiedLayerNormalization",
        &[s(1, (3, 4), (1, 4), &[], &[EPSILON])],
    ),
];

/// Whether channels are the last axis in place of the second.
const CHANNELS_LAST: Attribute = a("channels_last", Kind::Int, Default::Int(0));

/// ONNX Runtime has 1e-12 where it is not given and the importer 1e-5, so that it must be.
const EPSILON: Attribute = a("epsilon", Kind::Float, Default::Required);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_signatures_ascend() {
        for table in [ONNX, ONNX_ML, MICROSOFT] {
            assert!(table.is_sorted_by(|a, b| a.name < b.name));
            for operator in table {
                assert!(operator.signatures.is_sorted_by(|a, b| a.since < b.since));
            }
        }
    }

    #[test]
    fn the_signature_in_force_is_found() {
        let clip = Domain::Onnx.operator("Clip").expect("in the table");
        assert_eq!(clip.signature(9).expect("in force").inputs, (1, 1));
        assert_eq!(clip.signature(11).expect("in force").inputs, (1, 3));
        let trilu = Domain::Onnx.operator("Trilu").expect("in the table");
        assert!(trilu.signature(13).is_none());
        let upsample = Domain::Onnx.operator("Upsample").expect("in the table");
        assert!(upsample.signature(10).expect("in force").removed);
    }
}
