#!/usr/bin/env python3
"""Trains a tabular classifier on scikit-learn's bundled breast-cancer data and writes it as ONNX.

Standardisation is inside the graph, so callers send the 30 measurements as they are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import common
from graph import GraphWriter
from network import Array, Dense, Network, Relu, Training

import numpy as np
import onnx
from onnx import TensorProto, helper
from sklearn.datasets import load_breast_cancer

NAME = "tumour-mlp"
SEED = 8
HELD_OUT = 114
HIDDEN = 16
RECIPE = Training(epochs=60, batch=32, rate=3e-3, decay=1e-2, seed=SEED)

LICENCE = "CC-BY-4.0"
SOURCE = (
    "trained by models/scripts/train_tumours.py on Breast Cancer Wisconsin (Diagnostic) "
    "(W. Wolberg, O. Mangasarian, N. Street, W. Street, UCI Machine Learning Repository, doi:10.24432/C5DW2B), "
    "as bundled with scikit-learn"
)


@dataclass(frozen=True)
class Split:
    """Measurements [n, 30] and labels (0 malignant, 1 benign), in two parts that share no row."""

    train: Array
    train_labels: Array
    held_out: Array
    held_out_labels: Array


def load_split() -> Split:
    """Shuffles the 569 rows once, as float32 as a caller sends them, and keeps HELD_OUT of them away from training."""
    data = load_breast_cancer()
    rows, labels = data.data.astype(np.float32), data.target
    order = np.random.Generator(np.random.PCG64(SEED)).permutation(len(rows))
    held_out, train = order[:HELD_OUT], order[HELD_OUT:]
    return Split(rows[train], labels[train], rows[held_out], labels[held_out])


def train(split: Split) -> tuple[Array, Array, list[Array]]:
    """Mean and deviation of the training rows (float32), and the weights and biases of two dense layers."""
    rows = split.train.astype(np.float64)
    mean, deviation = rows.mean(0).astype(np.float32), rows.std(0).astype(np.float32)
    random = np.random.Generator(np.random.PCG64(SEED))
    network = Network([Dense.new(30, HIDDEN, random), Relu(), Dense.new(HIDDEN, 2, random)])
    RECIPE.run(network, (rows - mean) / deviation, split.train_labels)
    return mean, deviation, network.rounded()


def build(mean: Array, deviation: Array, weights: list[Array]) -> onnx.ModelProto:
    """Standardise, two dense layers, softmax; the outputs are the likelier class and both probabilities."""
    writer = GraphWriter()
    writer.weight("mean", mean)
    writer.weight("deviation", deviation)
    for name, array in zip(("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"), weights, strict=True):
        writer.weight(name, array)
    value = writer.node("Sub", ["features", "mean"], "centred")
    value = writer.node("Div", [value, "deviation"], "standardised")
    value = writer.node("Gemm", [value, "fc1.weight", "fc1.bias"], "fc1.out")
    value = writer.node("Relu", [value], "fc1.relu")
    value = writer.node("Gemm", [value, "fc2.weight", "fc2.bias"], "fc2.out")
    writer.node("Softmax", [value], "probabilities", axis=1)
    writer.node("ArgMax", [value], "label", axis=1, keepdims=0)
    features = helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, 30])
    label = helper.make_tensor_value_info("label", TensorProto.INT64, [1])
    probabilities = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, 2])
    return writer.finish(NAME, [features], [label, probabilities])


def write_samples(rows: Array) -> None:
    """The first held-out row as .npy, .json and .bin."""
    folder = common.MODELS / "samples"
    folder.mkdir(exist_ok=True)
    row = rows[:1]
    np.save(folder / "tumour.npy", row)
    (folder / "tumour.json").write_text(json.dumps({"features": row.tolist()}) + "\n")
    (folder / "tumour.bin").write_bytes(row.astype("<f4").tobytes())


def main() -> None:
    """Trains and writes."""
    split = load_split()
    model = build(*train(split))
    folder = common.MODELS / NAME
    common.save_model(model, folder / "model.onnx")
    rows, labels = split.held_out, split.held_out_labels.astype(np.int64)
    predicted, probabilities = common.run_rows(common.reference_session(folder / "model.onnx"), rows)
    correct = int((predicted == labels).sum())
    common.save_arrays(
        folder / "heldout.npz", features=rows, label=labels, predicted=predicted, probabilities=probabilities
    )
    common.write_manifest(
        model,
        folder / "manifest.json",
        name=NAME,
        description="malignant or benign from 30 measurements of cell nuclei, float32",
        licence=LICENCE,
        source=SOURCE,
        labels=["malignant", "benign"],
        heldout={"count": len(labels), "correct": correct},
    )
    write_samples(rows)
    size = (folder / "model.onnx").stat().st_size
    print(f"{NAME}: {size:,} bytes, {correct} of {len(labels)} held-out rows right ({correct / len(labels):.2%})")


if __name__ == "__main__":
    main()
