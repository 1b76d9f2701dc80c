//! Which versions of operators, and which values of their attributes, the importer computes as ONNX says.
//!
//! Written by hand after reading the importer's source beside ONNX's documentation of each version: an operator or a
//! version that is not here is refused by name. To add an operator that the guest computes itself, add its line.

use super::signature::Domain;

/// What was reviewed of an operator.
#[derive(Debug)]
pub(super) struct Review {
    pub(super) name: &'static str,
    /// Oldest and newest version of the operator (the operator set that brought it) that is computed right.
    pub(super) versions: (u8, u8),
    /// Attributes that are followed whatever they are, or that mean nothing where no model is trained.
    free: &'static [&'static str],
    /// Attributes that are followed for some values only.
    bound: &'static [(&'static str, Rule)],
}

/// Which values of an attribute are followed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    /// All.
    Any,
    /// The default alone, because nothing looks at the attribute.
    Default,
    /// These whole numbers.
    Int(&'static [i64]),
    /// These words.
    Text(&'static [&'static str]),
}

use Rule::{Int, Text};

impl Review {
    /// The review of an operator of this name.
    pub(super) fn of(domain: Domain, name: &str) -> Option<&'static Self> {
        let table = match domain {
            Domain::Onnx | Domain::Ml => REVIEWS,
            Domain::Microsoft => MICROSOFT,
        };
        let index = table
            .binary_search_by(|review| review.name.cmp(name))
            .ok()?;
        Some(&table[index])
    }

    /// Which values of an attribute are followed.
    pub(super) fn rule(&self, attribute: &str) -> Rule {
        let bound = self.bound.iter().find(|(name, _)| *name == attribute);
        match bound {
            Some((_, rule)) => *rule,
            None if self.free.contains(&attribute) => Rule::Any,
            None => Rule::Default,
        }
    }
}

/// Operators that `normalise` rewrites into others, so that the importer need not know them.
pub(super) const REWRITTEN: &[&str] = &["Upsample", "ZipMap"];

/// Why an operator is refused whatever its attributes are, and what to do about it.
pub(super) fn refused(name: &str) -> Option<(&'static str, &'static str)> {
    let found = REFUSED.iter().find(|(names, ..)| names.contains(&name))?;
    Some((found.1, found.2))
}

/// A review: name, oldest and newest version, attributes that are followed, those that are for some values only.
const fn r(
    name: &'static str,
    oldest: u8,
    newest: u8,
    free: &'static [&'static str],
    bound: &'static [(&'static str, Rule)],
) -> Review {
    Review {
        name,
        versions: (oldest, newest),
        free,
        bound,
    }
}

/// A switch. Other numbers count as on in one runtime and as off in another.
const SWITCH: Rule = Int(&[0, 1]);
/// Not where the operator learns: dropping elements, following means.
const INFERENCE: Rule = Int(&[0]);
/// The same, where older versions ask for it.
const TEST: Rule = Int(&[1]);
const NOT_SET: Rule = Int(&[0]);
/// Element types that the guest has: float32, integers of 8 to 64 bits, bool, float16 and float64.
const TYPES: Rule = Int(&[1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13]);
const FLOAT32: Rule = Int(&[1]);
const AUTO_PAD: Rule = Text(&["NOTSET", "SAME_LOWER", "SAME_UPPER", "VALID"]);
const SCORES: Rule = Text(&["LOGISTIC", "NONE", "PROBIT", "SOFTMAX", "SOFTMAX_ZERO"]);
const SIMILARITY: Rule = Text(&["LINEAR", "POLY", "RBF", "SIGMOID"]);
const REDUCTION: Rule = Text(&["mean", "none", "sum"]);
const ROUNDING: Rule = Text(&["down", "nearest", "up"]);
const DIRECTION: Rule = Text(&["bidirectional", "forward", "reverse"]);
const SCATTER: Rule = Text(&["add", "max", "min", "mul", "none"]);

const WINDOW: &[&str] = &["dilations", "group", "kernel_shape", "pads", "strides"];
/// How shapes were stretched to one before operator set 7; rewritten in `normalise`.
const LEGACY: &[(&str, Rule)] = &[("broadcast", SWITCH)];
const RECURRENT: &[&str] = &[
    "activation_alpha",
    "activation_beta",
    "activations",
    "clip",
    "hidden_size",
    "output_sequence",
];
const REDUCE: &[(&str, Rule)] = &[("keepdims", SWITCH), ("noop_with_empty_axes", SWITCH)];

/// Domains `ai.onnx` and `ai.onnx.ml`, sorted by name.
#[rustfmt::skip]
static REVIEWS: &[Review] = &[
    r("Abs", 6, 13, &[], &[]),
    r("Acos", 7, 22, &[], &[]),
    r("Acosh", 9, 22, &[], &[]),
    r("Add", 6, 14, &["axis"], LEGACY),
    r("AffineGrid", 20, 20, &[], &[("align_corners", SWITCH)]),
    r("And", 1, 7, &["axis"], LEGACY),
    r("ArgMax", 1, 13, &["axis"], &[("keepdims", SWITCH), ("select_last_index", SWITCH)]),
    r("ArgMin", 1, 13, &["axis"], &[("keepdims", SWITCH), ("select_last_index", SWITCH)]),
    r("ArrayFeatureExtractor", 1, 1, &[], &[]),
    r("Asin", 7, 22, &[], &[]),
    r("Asinh", 9, 22, &[], &[]),
    r("Atan", 7, 22, &[], &[]),
    r("Atanh", 9, 22, &[], &[]),
    r("Attention", 23, 25, &["kv_num_heads", "left_window_size", "q_num_heads", "right_window_size", "scale", "softcap"], &[("is_causal", SWITCH), ("qk_matmul_output_mode", Int(&[0, 1, 2, 3])), ("softmax_precision", Int(&[1, 10, 11]))]),
    r("AveragePool", 1, 22, WINDOW, &[("auto_pad", AUTO_PAD), ("ceil_mode", SWITCH), ("count_include_pad", SWITCH)]),
    r("BatchNormalization", 6, 15, &["epsilon", "momentum"], &[("is_test", TEST), ("spatial", Int(&[1])), ("training_mode", INFERENCE)]),
    r("Binarizer", 1, 1, &["threshold"], &[]),
    r("BitCast", 26, 26, &[], &[("to", TYPES)]),
    r("BitShift", 11, 28, &[], &[("direction", Text(&["LEFT", "RIGHT"]))]),
    r("BitwiseAnd", 18, 18, &[], &[]),
    r("BitwiseNot", 18, 18, &[], &[]),
    r("BitwiseOr", 18, 18, &[], &[]),
    r("BitwiseXor", 18, 18, &[], &[]),
    r("BlackmanWindow", 17, 17, &[], &[("output_datatype", FLOAT32), ("periodic", SWITCH)]),
    // How to round and saturate matters to types of 8 bits and fewer only.
    r("Cast", 6, 28, &[], &[("round_mode", ROUNDING), ("saturate", SWITCH), ("to", TYPES)]),
    r("CastLike", 15, 25, &[], &[("round_mode", ROUNDING), ("saturate", SWITCH)]),
    r("CausalConvWithState", 27, 27, &[], &[("activation", Text(&["none", "silu", "swish"]))]),
    r("Ceil", 6, 13, &[], &[]),
    r("Celu", 12, 28, &["alpha"], &[]),
    r("CenterCropPad", 18, 18, &["axes"], &[]),
    r("Clip", 6, 13, &["max", "min"], &[]),
    r("Col2Im", 18, 18, &["dilations", "pads", "strides"], &[]),
    r("Compress", 9, 28, &["axis"], &[]),
    r("Concat", 4, 13, &["axis"], &[]),
    r("ConcatFromSequence", 11, 11, &["axis", "new_axis"], &[]),
    r("Constant", 1, 25, &["value", "value_float", "value_floats", "value_int", "value_ints"], &[]),
    r("ConstantOfShape", 9, 25, &["value"], &[]),
    r("Conv", 1, 22, WINDOW, &[("auto_pad", AUTO_PAD)]),
    r("ConvInteger", 10, 10, WINDOW, &[("auto_pad", AUTO_PAD)]),
    r("ConvTranspose", 1, 22, &["dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads", "strides"], &[("auto_pad", AUTO_PAD)]),
    r("Cos", 7, 22, &[], &[]),
    r("Cosh", 9, 22, &[], &[]),
    r("CumProd", 26, 26, &[], &[("exclusive", SWITCH), ("reverse", SWITCH)]),
    r("CumSum", 11, 14, &[], &[("exclusive", SWITCH), ("reverse", SWITCH)]),
    r("DFT", 17, 20, &["axis"], &[("inverse", SWITCH), ("onesided", SWITCH)]),
    r("DeformConv", 19, 22, &["dilations", "group", "kernel_shape", "offset_group", "pads", "strides"], &[]),
    r("DepthToSpace", 1, 28, &["blocksize"], &[("mode", Text(&["CRD", "DCR"]))]),
    r("DequantizeLinear", 10, 28, &["axis", "block_size"], &[("output_dtype", Int(&[0, 1, 10, 11]))]),
    r("Det", 11, 22, &[], &[]),
    r("Div", 6, 14, &["axis"], LEGACY),
    r("Dropout", 6, 22, &["ratio", "seed"], &[("is_test", TEST)]),
    r("DynamicQuantizeLinear", 11, 11, &[], &[]),
    r("Einsum", 12, 28, &["equation"], &[]),
    r("Elu", 6, 22, &["alpha"], &[]),
    r("Equal", 1, 19, &["axis"], LEGACY),
    r("Erf", 9, 13, &[], &[]),
    r("Exp", 6, 13, &[], &[]),
    r("Expand", 8, 13, &[], &[]),
    r("EyeLike", 9, 22, &["k"], &[("dtype", TYPES)]),
    r("FeatureVectorizer", 1, 1, &["inputdimensions"], &[]),
    r("Flatten", 1, 25, &["axis"], &[]),
    r("Floor", 6, 13, &[], &[]),
    r("GRU", 3, 22, RECURRENT, &[("direction", DIRECTION), ("layout", SWITCH), ("linear_before_reset", SWITCH)]),
    r("Gather", 1, 13, &["axis"], &[]),
    r("GatherElements", 11, 13, &["axis"], &[]),
    r("GatherND", 11, 13, &["batch_dims"], &[]),
    r("Gelu", 20, 20, &[], &[("approximate", Text(&["none", "tanh"]))]),
    r("Gemm", 6, 13, &["alpha", "beta"], &[("broadcast", SWITCH), ("transA", SWITCH), ("transB", SWITCH)]),
    r("GlobalAveragePool", 1, 22, &[], &[]),
    r("GlobalLpPool", 2, 22, &["p"], &[]),
    r("GlobalMaxPool", 1, 22, &[], &[]),
    r("Greater", 1, 13, &["axis"], LEGACY),
    r("GreaterOrEqual", 12, 16, &[], &[]),
    r("GridSample", 16, 22, &[], &[("align_corners", SWITCH), ("mode", Text(&["bicubic", "bilinear", "cubic", "linear", "nearest"])), ("padding_mode", Text(&["border", "reflection", "zeros"]))]),
    r("GroupNormalization", 21, 21, &["epsilon", "num_groups"], &[("stash_type", FLOAT32)]),
    r("HammingWindow", 17, 17, &[], &[("output_datatype", FLOAT32), ("periodic", SWITCH)]),
    r("HannWindow", 17, 17, &[], &[("output_datatype", FLOAT32), ("periodic", SWITCH)]),
    r("HardSigmoid", 6, 22, &["alpha", "beta"], &[]),
    r("HardSwish", 14, 22, &[], &[]),
    r("Hardmax", 1, 13, &["axis"], &[]),
    r("Identity", 1, 25, &[], &[]),
    r("If", 1, 25, &["else_branch", "then_branch"], &[]),
    r("Imputer", 1, 1, &["imputed_value_floats", "imputed_value_int64s", "replaced_value_float", "replaced_value_int64"], &[]),
    r("InstanceNormalization", 6, 22, &["epsilon"], &[]),
    r("IsInf", 10, 20, &[], &[("detect_negative", SWITCH), ("detect_positive", SWITCH)]),
    r("IsNaN", 9, 20, &[], &[]),
    r("LRN", 1, 13, &["alpha", "beta", "bias", "size"], &[]),
    r("LSTM", 1, 22, RECURRENT, &[("direction", DIRECTION), ("input_forget", SWITCH), ("layout", SWITCH)]),
    r("LabelEncoder", 2, 4, &["default_float", "default_int64", "default_string", "default_tensor", "keys_floats", "keys_int64s", "keys_strings", "keys_tensor", "values_floats", "values_int64s", "values_strings", "values_tensor"], &[]),
    r("LayerNormalization", 17, 17, &["axis", "epsilon"], &[("stash_type", FLOAT32)]),
    r("LeakyRelu", 6, 16, &["alpha"], &[]),
    r("Less", 1, 13, &["axis"], LEGACY),
    r("LessOrEqual", 12, 16, &[], &[]),
    r("LinearAttention", 27, 27, &["chunk_size", "kv_num_heads", "q_num_heads", "scale"], &[("update_rule", Text(&["delta", "gated", "gated_delta", "linear"]))]),
    r("LinearClassifier", 1, 1, &["classlabels_ints", "classlabels_strings", "coefficients", "intercepts"], &[("multi_class", SWITCH), ("post_transform", SCORES)]),
    r("LinearRegressor", 1, 1, &["coefficients", "intercepts", "targets"], &[("post_transform", SCORES)]),
    r("Log", 6, 13, &[], &[]),
    r("LogSoftmax", 1, 13, &["axis"], &[]),
    r("Loop", 1, 25, &["body"], &[]),
    r("LpNormalization", 1, 22, &["axis"], &[("p", Int(&[1, 2]))]),
    r("LpPool", 2, 22, &["dilations", "kernel_shape", "p", "pads", "strides"], &[("auto_pad", AUTO_PAD), ("ceil_mode", SWITCH)]),
    r("MatMul", 1, 13, &[], &[]),
    r("MatMulInteger", 10, 10, &[], &[]),
    r("Max", 6, 13, &[], &[]),
    r("MaxPool", 1, 22, WINDOW, &[("auto_pad", AUTO_PAD), ("ceil_mode", SWITCH), ("storage_order", SWITCH)]),
    r("MaxUnpool", 9, 22, &["kernel_shape", "pads", "strides"], &[]),
    r("Mean", 6, 13, &[], &[]),
    r("MeanVarianceNormalization", 9, 13, &["axes"], &[]),
    r("MelWeightMatrix", 17, 17, &[], &[("output_datatype", FLOAT32)]),
    r("Min", 6, 13, &[], &[]),
    r("Mish", 18, 22, &[], &[]),
    r("Mod", 10, 28, &[], &[("fmod", SWITCH)]),
    r("Mul", 6, 14, &["axis"], LEGACY),
    r("Neg", 6, 13, &[], &[]),
    r("NegativeLogLikelihoodLoss", 12, 22, &["ignore_index"], &[("reduction", REDUCTION)]),
    r("NonMaxSuppression", 10, 11, &[], &[("center_point_box", SWITCH)]),
    r("NonZero", 9, 13, &[], &[]),
    r("Normalizer", 1, 1, &[], &[("norm", Text(&["L1", "L2", "MAX"]))]),
    r("Not", 1, 1, &[], &[]),
    r("OneHot", 9, 28, &["axis"], &[]),
    r("OneHotEncoder", 1, 1, &["cats_int64s", "cats_strings"], &[("zeros", SWITCH)]),
    r("Optional", 15, 15, &["type"], &[]),
    r("OptionalGetElement", 15, 28, &[], &[]),
    r("OptionalHasElement", 15, 28, &[], &[]),
    r("Or", 1, 7, &["axis"], LEGACY),
    r("PRelu", 6, 16, &[], &[]),
    r("Pad", 2, 25, &["pads", "value"], &[("mode", Text(&["constant", "edge", "reflect"]))]),
    r("Pow", 1, 15, &["axis"], LEGACY),
    r("QLinearConv", 10, 10, WINDOW, &[("auto_pad", AUTO_PAD)]),
    r("QLinearMatMul", 10, 21, &[], &[]),
    r("QuantizeLinear", 10, 28, &["axis", "block_size"], &[("output_dtype", Int(&[0, 2, 3, 4, 5])), ("precision", Int(&[0, 1])), ("saturate", SWITCH)]),
    r("RMSNormalization", 23, 23, &["axis", "epsilon"], &[("stash_type", FLOAT32)]),
    r("RNN", 1, 22, RECURRENT, &[("direction", DIRECTION), ("layout", SWITCH)]),
    r("Range", 11, 27, &[], &[("stash_type", FLOAT32)]),
    r("Reciprocal", 6, 13, &[], &[]),
    r("ReduceL1", 1, 18, &["axes"], REDUCE),
    r("ReduceL2", 1, 18, &["axes"], REDUCE),
    r("ReduceLogSum", 1, 28, &["axes"], REDUCE),
    r("ReduceLogSumExp", 1, 28, &["axes"], REDUCE),
    r("ReduceMax", 1, 20, &["axes"], REDUCE),
    r("ReduceMean", 1, 18, &["axes"], REDUCE),
    r("ReduceMin", 1, 20, &["axes"], REDUCE),
    r("ReduceProd", 1, 18, &["axes"], REDUCE),
    r("ReduceSum", 1, 13, &["axes"], REDUCE),
    r("ReduceSumSquare", 1, 18, &["axes"], REDUCE),
    r("Relu", 6, 14, &[], &[]),
    r("Reshape", 5, 25, &[], &[("allowzero", SWITCH)]),
    r("Resize", 10, 19, &["axes", "cubic_coeff_a", "extrapolation_value"], &[
        ("antialias", SWITCH),
        ("coordinate_transformation_mode", Text(&["align_corners", "asymmetric", "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "tf_crop_and_resize", "tf_half_pixel_for_nn"])),
        ("exclude_outside", SWITCH),
        ("keep_aspect_ratio_policy", Text(&["not_larger", "not_smaller", "stretch"])),
        ("mode", Text(&["cubic", "linear", "nearest"])),
        ("nearest_mode", Text(&["ceil", "floor", "round_prefer_ceil", "round_prefer_floor"])),
    ]),
    r("ReverseSequence", 10, 28, &["batch_axis", "time_axis"], &[]),
    r("RoiAlign", 10, 22, &["output_height", "output_width", "sampling_ratio", "spatial_scale"], &[("coordinate_transformation_mode", Text(&["half_pixel", "output_half_pixel"])), ("mode", Text(&["avg", "max"]))]),
    r("RotaryEmbedding", 23, 23, &["num_heads", "rotary_embedding_dim"], &[("interleaved", SWITCH)]),
    r("Round", 11, 22, &[], &[]),
    r("STFT", 17, 17, &[], &[("onesided", SWITCH)]),
    r("SVMClassifier", 1, 1, &["classlabels_ints", "classlabels_strings", "coefficients", "kernel_params", "prob_a", "prob_b", "rho", "support_vectors", "vectors_per_class"], &[("kernel_type", SIMILARITY), ("post_transform", SCORES)]),
    r("SVMRegressor", 1, 1, &["coefficients", "kernel_params", "n_supports", "rho", "support_vectors"], &[("kernel_type", SIMILARITY), ("one_class", SWITCH), ("post_transform", Text(&["NONE"]))]),
    r("Scaler", 1, 1, &["offset", "scale"], &[]),
    // Version 8 has an axis for the batch.
    r("Scan", 9, 25, &["body", "num_scan_inputs", "scan_input_axes", "scan_input_directions", "scan_output_axes", "scan_output_directions"], &[]),
    r("Scatter", 9, 9, &["axis"], &[]),
    r("ScatterElements", 11, 18, &["axis"], &[("reduction", SCATTER)]),
    r("ScatterND", 11, 18, &[], &[("reduction", SCATTER)]),
    r("Selu", 6, 22, &["alpha", "gamma"], &[]),
    r("SequenceAt", 11, 11, &[], &[]),
    r("SequenceConstruct", 11, 11, &[], &[]),
    r("SequenceEmpty", 11, 11, &["dtype"], &[]),
    r("SequenceErase", 11, 11, &[], &[]),
    r("SequenceInsert", 11, 11, &[], &[]),
    r("SequenceLength", 11, 11, &[], &[]),
    r("SequenceMap", 17, 17, &["body"], &[]),
    r("Shape", 1, 25, &["end", "start"], &[]),
    r("Shrink", 9, 9, &["bias", "lambd"], &[]),
    r("Sigmoid", 6, 13, &[], &[]),
    r("Sign", 9, 13, &[], &[]),
    r("SimplifiedLayerNormalization", 1, 1, &["axis", "epsilon"], &[("stash_type", FLOAT32)]),
    r("Sin", 7, 22, &[], &[]),
    r("Sinh", 9, 22, &[], &[]),
    r("Size", 1, 25, &[], &[]),
    r("Slice", 1, 13, &["axes", "ends", "starts"], &[]),
    r("Softmax", 1, 13, &["axis"], &[]),
    r("SoftmaxCrossEntropyLoss", 12, 13, &["ignore_index"], &[("reduction", REDUCTION)]),
    r("Softplus", 1, 22, &[], &[]),
    r("Softsign", 1, 22, &[], &[]),
    r("SpaceToDepth", 1, 28, &["blocksize"], &[("mode", Text(&["CRD", "DCR"]))]),
    r("Split", 2, 18, &["axis", "num_outputs", "split"], &[]),
    r("SplitToSequence", 11, 24, &["axis", "keepdims"], &[]),
    r("Sqrt", 6, 13, &[], &[]),
    r("Squeeze", 1, 25, &["axes"], &[]),
    r("Sub", 6, 14, &["axis"], LEGACY),
    r("Sum", 6, 13, &[], &[]),
    r("SwiGLU", 28, 28, &["alpha"], &[]),
    r("Swish", 24, 24, &["alpha"], &[]),
    r("Tan", 7, 22, &[], &[]),
    r("Tanh", 6, 13, &[], &[]),
    r("TensorScatter", 24, 24, &["axis"], &[("mode", Text(&["circular", "linear"]))]),
    r("TfIdfVectorizer", 9, 9, &["max_gram_length", "max_skip_count", "min_gram_length", "ngram_counts", "ngram_indexes", "pool_int64s", "weights"], &[("mode", Text(&["IDF", "TF", "TFIDF"]))]),
    r("ThresholdedRelu", 10, 22, &["alpha"], &[]),
    r("Tile", 6, 13, &[], &[]),
    // Sorted or not, the elements come sorted.
    r("TopK", 1, 24, &["axis", "k", "sorted"], &[("largest", SWITCH)]),
    r("Transpose", 1, 25, &["perm"], &[]),
    // ONNX Runtime takes SOFTMAX for LOGISTIC here.
    r("TreeEnsemble", 5, 5, &["leaf_targetids", "leaf_weights", "membership_values", "n_targets", "nodes_falseleafs", "nodes_falsenodeids", "nodes_featureids", "nodes_hitrates", "nodes_missing_value_tracks_true", "nodes_modes", "nodes_splits", "nodes_trueleafs", "nodes_truenodeids", "tree_roots"], &[("aggregate_function", Int(&[0, 1, 2, 3])), ("post_transform", Int(&[0]))]),
    r("TreeEnsembleClassifier", 1, 3, &["base_values", "base_values_as_tensor", "nodes_falsenodeids", "nodes_featureids", "nodes_hitrates", "nodes_hitrates_as_tensor", "nodes_missing_value_tracks_true", "nodes_modes", "nodes_nodeids", "nodes_treeids", "nodes_truenodeids", "nodes_values", "nodes_values_as_tensor", "class_ids", "class_nodeids", "class_treeids", "class_weights", "class_weights_as_tensor", "classlabels_int64s", "classlabels_strings"], &[("post_transform", SCORES)]),
    r("TreeEnsembleRegressor", 1, 3, &["base_values", "base_values_as_tensor", "nodes_falsenodeids", "nodes_featureids", "nodes_hitrates", "nodes_hitrates_as_tensor", "nodes_missing_value_tracks_true", "nodes_modes", "nodes_nodeids", "nodes_treeids", "nodes_truenodeids", "nodes_values", "nodes_values_as_tensor", "n_targets", "target_ids", "target_nodeids", "target_treeids", "target_weights", "target_weights_as_tensor"], &[("aggregate_function", Text(&["AVERAGE", "MAX", "MIN", "SUM"])), ("post_transform", SCORES)]),
    r("Trilu", 14, 14, &[], &[("upper", SWITCH)]),
    r("Unique", 11, 28, &["axis"], &[("sorted", SWITCH)]),
    r("Unsqueeze", 1, 25, &["axes"], &[]),
    r("Upsample", 7, 9, &["scales"], &[("mode", Text(&["nearest"]))]),
    r("Where", 9, 16, &[], &[]),
    r("Xor", 1, 7, &["axis"], LEGACY),
    r("ZipMap", 1, 1, &["classlabels_int64s", "classlabels_strings"], &[]),
];

/// Domain `com.microsoft`, sorted by name. Blocks of 32 are left out because the importer rounds their scales to
/// float16, and RotaryEmbedding because it takes one position for all of a sequence's.
#[rustfmt::skip]
static MICROSOFT: &[Review] = &[
    r("BiasGelu", 1, 1, &[], &[]),
    r("FastGelu", 1, 1, &[], &[]),
    r("GatherBlockQuantized", 1, 1, &[], &[("bits", Int(&[4])), ("block_size", BLOCKS), ("gather_axis", Int(&[0])), ("quantize_axis", Int(&[-1, 1]))]),
    r("Gelu", 1, 1, &[], &[]),
    r("MatMulNBits", 1, 1, &["K", "N"], &[("bits", Int(&[4])), ("block_size", BLOCKS)]),
    // What of these is not taken apart, `families` knows.
    r("QGemm", 1, 1, &["alpha", "transA", "transB"], &[]),
    r("QLinearAdd", 1, 1, &[], &[]),
    r("QLinearAveragePool", 1, 1, &["kernel_shape", "pads", "strides"], &[("auto_pad", AUTO_PAD), ("ceil_mode", SWITCH), ("channels_last", NOT_SET), ("count_include_pad", SWITCH)]),
    r("QLinearConcat", 1, 1, &["axis"], &[]),
    r("QLinearGlobalAveragePool", 1, 1, &[], &[("channels_last", NOT_SET)]),
    r("QLinearLeakyRelu", 1, 1, &["alpha"], &[]),
    r("QLinearMul", 1, 1, &[], &[]),
    r("QLinearSigmoid", 1, 1, &[], &[]),
    r("QLinearSoftmax", 1, 1, &["axis", "opset"], &[]),
    r("QuickGelu", 1, 1, &["alpha"], &[]),
    r("SkipLayerNormalization", 1, 1, &["epsilon"], &[]),
    r("SkipSimplifiedLayerNormalization", 1, 1, &["epsilon"], &[]),
];

const BLOCKS: Rule = Int(&[16, 64, 128, 256]);

/// Names, what is wrong with operators of these names in any domain, and what to do about it.
static REFUSED: &[(&[&str], &str, &str)] = &[
    (
        &[
            "Bernoulli",
            "Multinomial",
            "RandomNormal",
            "RandomNormalLike",
            "RandomUniform",
            "RandomUniformLike",
        ],
        "draws random numbers, and the machine has none",
        "make the random tensor an input of the model",
    ),
    (
        &["CategoryMapper"],
        "maps strings",
        "process text outside the model",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::importer;

    fn tables() -> impl Iterator<Item = (Domain, &'static Review)> {
        let onnx = REVIEWS.iter().map(|review| (Domain::Onnx, review));
        onnx.chain(MICROSOFT.iter().map(|review| (Domain::Microsoft, review)))
    }

    #[test]
    fn tables_are_sorted() {
        for table in [REVIEWS, MICROSOFT] {
            assert!(table.is_sorted_by(|a, b| a.name < b.name));
        }
    }

    #[test]
    fn all_that_the_importer_knows_is_reviewed_or_refused() {
        let importer = importer();
        let mut names: Vec<&str> = importer.op_register.0.keys().map(String::as_str).collect();
        names.retain(|name| !name.starts_with("unguarded "));
        names.sort_unstable();
        assert!(names.len() > 150, "{names:?}");
        for name in names {
            let domains = [Domain::Onnx, Domain::Ml, Domain::Microsoft];
            let exists = domains.iter().any(|domain| domain.operator(name).is_some());
            let reviewed = tables().any(|(_, review)| review.name == name);
            assert!(
                reviewed || refused(name).is_some() || !exists,
                "the importer knows {name}: read how it computes it, and add a review or a reason to refuse it"
            );
        }
    }

    #[test]
    fn reviews_are_of_operators_that_the_importer_knows() {
        let importer = importer();
        for (_, review) in tables() {
            let name = review.name;
            let known = importer.op_register.0.contains_key(name) || crate::eager::runs(name);
            let rewritten = REWRITTEN.contains(&name) || crate::normalise::is_fused(name);
            assert!(
                known || rewritten,
                "{name} is reviewed, but the importer does not know it"
            );
        }
    }

    #[test]
    fn reviews_are_of_versions_and_attributes_that_exist() {
        for (domain, review) in tables() {
            let name = review.name;
            let operator = domain
                .operator(name)
                .or_else(|| Domain::Ml.operator(name))
                .expect("reviewed operators exist");
            let signatures = operator.signatures;
            for version in [review.versions.0, review.versions.1] {
                assert!(
                    signatures.iter().any(|s| s.since == version && !s.removed),
                    "{name} has no version {version}"
                );
            }
            let known = |attribute: &str| {
                let of_any = signatures.iter().flat_map(|s| s.attributes);
                of_any.map(|known| known.name).any(|name| name == attribute)
            };
            // Windows share one list of attributes, of which poolings lack the groups and some the dilations.
            let free = review.free.iter().filter(|_| *review.free != *WINDOW);
            for attribute in free.chain(review.bound.iter().map(|(attribute, _)| attribute)) {
                assert!(known(attribute), "{name} has no attribute '{attribute}'");
            }
        }
    }
}
