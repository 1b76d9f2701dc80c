#!/usr/bin/env python3
"""Trains the digits network on scikit-learn's bundled digits and writes its three ONNX forms.

digits-cnn         float32, one image a call
digits-cnn-batch   the same weights, any number of images a call
digits-cnn-int8    statically quantised (QuantizeLinear/DequantizeLinear), one image a call
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import common
import png
from graph import GraphWriter
from network import Array, Conv3x3, Dense, Flatten, Layer, MaxPool2x2, Network, Relu, Training

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from sklearn.datasets import load_digits

SEED = 8
HELD_OUT = 360
CALIBRATION = 200
BATCH_HELD_OUT = 32
RECIPE = Training(epochs=60, batch=32, rate=3e-3, decay=1e-3, seed=SEED)

LICENCE = "CC-BY-4.0"
SOURCE = (
    "trained by models/scripts/train_digits.py on the test part of Optical Recognition of Handwritten Digits "
    "(E. Alpaydin, C. Kaynak, UCI Machine Learning Repository, doi:10.24432/C50P49), as bundled with scikit-learn"
)


@dataclass(frozen=True)
class Split:
    """Images [n, 1, 8, 8] in 0 to 1 and their labels, in two parts that share no image."""

    train: Array
    train_labels: Array
    held_out: Array
    held_out_labels: Array


def load_split() -> Split:
    """Shuffles the 1,797 images once and keeps HELD_OUT of them away from training and calibration."""
    digits = load_digits()
    images, labels = digits.images[:, np.newaxis] / 16.0, digits.target
    order = np.random.Generator(np.random.PCG64(SEED)).permutation(len(images))
    held_out, train = order[:HELD_OUT], order[HELD_OUT:]
    return Split(images[train], labels[train], images[held_out], labels[held_out])


def shift_randomly(batch: Array, random: np.random.Generator) -> Array:
    """Moves each image by at most one pixel each way."""
    padded = np.pad(batch, ((0, 0), (0, 0), (1, 1), (1, 1)))
    offsets = random.integers(0, 3, (len(batch), 2))
    moved = [image[:, r : r + 8, c : c + 8] for image, (r, c) in zip(padded, offsets, strict=True)]
    return np.stack(moved)


def train(split: Split) -> list[Array]:
    """Weights and biases of two convolutions and two dense layers."""
    random = np.random.Generator(np.random.PCG64(SEED))
    convolutions: list[Layer] = [
        Conv3x3.new(1, 16, random),
        Relu(),
        MaxPool2x2(),
        Conv3x3.new(16, 32, random),
        Relu(),
        MaxPool2x2(),
    ]
    classifier: list[Layer] = [Flatten(), Dense.new(128, 64, random), Relu(), Dense.new(64, 10, random)]
    network = Network([*convolutions, *classifier])
    replace(RECIPE, augment=shift_randomly).run(network, split.train, split.train_labels)
    return network.rounded()


def build(weights: list[Array], batch: int | str) -> onnx.ModelProto:
    """The network as ONNX for a batch of fixed size, or of any size if `batch` is a name."""
    names = ["conv1", "conv2", "fc1", "fc2"]
    writer = GraphWriter()
    for name, weight, bias in zip(names, weights[::2], weights[1::2], strict=True):
        writer.weight(f"{name}.weight", weight if weight.ndim == 4 else weight.T)
        writer.weight(f"{name}.bias", bias)
    value = "image"
    for name in ("conv1", "conv2"):
        parameters = [value, f"{name}.weight", f"{name}.bias"]
        value = writer.node("Conv", parameters, f"{name}.out", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        value = writer.node("Relu", [value], f"{name}.relu")
        value = writer.node("MaxPool", [value], f"{name}.pool", kernel_shape=[2, 2], strides=[2, 2])
    value = writer.node("Flatten", [value], "flat", axis=1)
    value = writer.node("Gemm", [value, "fc1.weight", "fc1.bias"], "fc1.out", transB=1)
    value = writer.node("Relu", [value], "fc1.relu")
    writer.node("Gemm", [value, "fc2.weight", "fc2.bias"], "logits", transB=1)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, 1, 8, 8])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [batch, 10])
    return writer.finish("digits-cnn", [image], [logits])


class CalibrationImages(CalibrationDataReader):
    """Feeds training images to the quantiser, one by one."""

    def __init__(self, images: Array) -> None:
        self.rows = iter(images.astype(np.float32))

    def get_next(self) -> dict[str, Array] | None:
        """The next image, or None at the end."""
        row = next(self.rows, None)
        return None if row is None else {"image": row[np.newaxis]}


def quantise(split: Split) -> onnx.ModelProto:
    """Quantises digits-cnn to int8 weights and activations, with ranges seen on training images."""
    target = common.CACHE / "digits-cnn-int8.onnx"
    target.parent.mkdir(exist_ok=True)
    quantize_static(
        common.MODELS / "digits-cnn" / "model.onnx",
        target,
        CalibrationImages(split.train[:CALIBRATION]),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QInt8,
        weight_type=QuantType.QInt8,
        per_channel=False,
    )
    return onnx.load(target)


def output_step(model: onnx.ModelProto) -> float | None:
    """The scale of the last DequantizeLinear, if it makes the output: one quantisation step of a logit."""
    last = next((n for n in model.graph.node if n.output[0] == model.graph.output[0].name), None)
    if last is None or last.op_type != "DequantizeLinear":
        return None
    scales = {t.name: t for t in model.graph.initializer}
    return float(onnx.numpy_helper.to_array(scales[last.input[1]]))


def write(name: str, model: onnx.ModelProto, images: Array, labels: Array, title: str) -> None:
    """Writes model, manifest and held-out images with ONNX Runtime's logits; prints the accuracy."""
    folder = common.MODELS / name
    common.save_model(model, folder / "model.onnx")
    images = images.astype(np.float32)
    (logits,) = common.run_rows(common.reference_session(folder / "model.onnx"), images)
    step = output_step(model)
    extra = {} if step is None else {"logits_step": np.array([step], np.float32)}
    common.save_arrays(folder / "heldout.npz", image=images, label=labels.astype(np.int64), logits=logits, **extra)
    correct = int((logits.argmax(1) == labels).sum())
    common.write_manifest(
        model,
        folder / "manifest.json",
        name=name,
        description=title,
        licence=LICENCE,
        source=SOURCE,
        labels=[str(digit) for digit in range(10)],
        heldout={"count": len(labels), "correct": correct},
    )
    size = (folder / "model.onnx").stat().st_size
    print(f"{name}: {size:,} bytes, {correct} of {len(labels)} held-out images right ({correct / len(labels):.2%})")


def write_samples(split: Split) -> None:
    """The first held-out image of each digit as PNG, one of them enlarged, and one as .npy, .json and .bin."""
    folder = common.MODELS / "samples"
    for digit in range(10):
        image = split.held_out[np.flatnonzero(split.held_out_labels == digit)[0]]
        grey = np.round(image[0] * 255).astype(np.uint8)
        png.write_grey(folder / f"digit-{digit}.png", grey)
        if digit == 7:
            png.write_grey(folder / "digit-7-64x64.png", np.kron(grey, np.ones((8, 8), np.uint8)))
            row = image[np.newaxis].astype(np.float32)
            np.save(folder / "digit-7.npy", row)
            (folder / "digit-7.json").write_text(json.dumps({"image": row.tolist()}) + "\n")
            (folder / "digit-7.bin").write_bytes(row.astype("<f4").tobytes())


def main() -> None:
    """Trains, quantises, writes."""
    split = load_split()
    weights = train(split)
    few = slice(0, BATCH_HELD_OUT)
    one, batch = build(weights, 1), build(weights, "batch")
    held_out, labels = split.held_out, split.held_out_labels
    write("digits-cnn", one, held_out, labels, "handwritten digits, two convolutions, float32")
    write("digits-cnn-batch", batch, held_out[few], labels[few], "digits-cnn with a dynamic batch axis")
    write("digits-cnn-int8", quantise(split), held_out, labels, "digits-cnn, statically quantised to int8")
    write_samples(split)


if __name__ == "__main__":
    main()
