#!/usr/bin/env python3
"""Small models of the kinds that exporters write, with what ONNX Runtime answers.

    exporter_cases.py FOLDER      write FOLDER/cases/<name>/{model.onnx, input.bin, expect.json}

One model for each form: recurrent layers in all directions, attention with masks and windows, depthwise and transposed
convolutions, resizing, boxes, ranking, einsum, control flow, dynamic axes, functions far from zero. `onnx_backend.py` runs them, too.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import common
import onnx_cases

import numpy as np
import onnx
from onnx import helper, numpy_helper

OPSET, IR = 20, 10


@dataclass
class Form:
    """A model under construction, and the input that it is run on."""

    name: str
    seed: int
    opset: int = OPSET
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    inputs: dict[str, tuple[common.Array, list[int | str]]] = field(default_factory=dict)
    stored: list[onnx.TensorProto] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def floats(self, *shape: int, scale: float = 1.0) -> common.Array:
        """Random numbers around zero."""
        numbers: common.Array = (self.random.standard_normal(shape) * scale).astype(np.float32)
        return numbers

    def feed(self, name: str, array: common.Array, axes: list[int | str] | None = None) -> str:
        """An input; `axes` names those that are dynamic."""
        self.inputs[name] = (array, axes if axes is not None else list(array.shape))
        return name

    def store(self, array: Any, dtype: type | None = None) -> str:
        """An initialiser."""
        name = f"stored_{len(self.stored)}"
        self.stored.append(numpy_helper.from_array(np.asarray(array, dtype), name))
        return name

    def node(self, operator: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """A node; the names of its outputs."""
        names = [f"{operator.lower()}_{len(self.nodes)}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def model(self) -> onnx.ModelProto:
        """The model, with the types of its outputs inferred."""
        kinds = {name: helper.np_dtype_to_tensor_dtype(array.dtype) for name, (array, _) in self.inputs.items()}
        given = [helper.make_tensor_value_info(name, kinds[name], axes) for name, (_, axes) in self.inputs.items()]
        outputs = [onnx.ValueInfoProto(name=name) for name in self.outputs]
        graph = helper.make_graph(self.nodes, self.name, given, outputs, self.stored)
        opsets = [helper.make_opsetid("", self.opset)]
        return onnx.shape_inference.infer_shapes(helper.make_model(graph, opset_imports=opsets, ir_version=IR))


FORMS: list[tuple[str, Callable[[Form], None]]] = []


def form(*variants: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers a model, or one for each variant that is given to its function."""

    def register(build: Callable[..., None]) -> Callable[..., None]:
        if not variants:
            FORMS.append((build.__name__, build))
        for variant in variants:
            words = variant if isinstance(variant, tuple) else (variant,)
            name = "_".join([build.__name__, *(re.sub(r"[^a-z0-9._-]", "-", str(word).lower()) for word in words)])
            FORMS.append((name, lambda model, words=words: build(model, *words)))  # type: ignore[misc]
        return build

    return register


ATOL = 1e-6
"""Sums whose terms nearly cancel depend on the order that a runtime adds in."""

DIRECTIONS = ("forward", "reverse", "bidirectional")
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


@form(*[(operator, direction, lengths) for operator in GATES for direction in DIRECTIONS for lengths in (False, True)])
def recurrent(model: Form, operator: str, direction: str, lengths: bool) -> None:
    """A recurrent layer over padded sequences, as PyTorch exports it."""
    steps, batch, width, hidden = 5, 3, 4, 6
    both, gates = 1 + (direction == "bidirectional"), GATES[operator]
    x = model.feed("x", model.floats(steps, batch, width))
    w = model.store(model.floats(both, gates * hidden, width, scale=0.5))
    r = model.store(model.floats(both, gates * hidden, hidden, scale=0.5))
    b = model.store(model.floats(both, 2 * gates * hidden, scale=0.5))
    inputs = [x, w, r, b, model.store([5, 2, 3], np.int32) if lengths else ""]
    inputs.append(model.store(model.floats(both, batch, hidden)))
    if operator == "LSTM":
        inputs.append(model.store(model.floats(both, batch, hidden)))
    attributes: dict[str, Any] = {"hidden_size": hidden, "direction": direction}
    if operator == "GRU":
        attributes["linear_before_reset"] = 1
    outputs = model.node(operator, *inputs, outputs=3 if operator == "LSTM" else 2, **attributes)
    flat = model.node("Transpose", outputs[0], perm=[0, 2, 1, 3])
    model.outputs = [model.node("Reshape", flat, model.store([0, 0, -1], np.int64)), *outputs[1:]]


def mask(kind: str, tokens: int) -> common.Array:
    """What each token may look at."""
    places = np.arange(tokens)
    distance = places[:, None] - places[None, :]
    allowed = {"all": distance == distance, "causal": distance >= 0, "window": (distance >= 0) & (distance < 3)}
    return np.where(allowed[kind], 0.0, -np.inf if kind == "causal" else -1e9).astype(np.float32)


@form("all", "causal", "window")
def attention(model: Form, kind: str) -> None:
    """Self-attention with two heads, as PyTorch decomposes it."""
    tokens, width, heads = 6, 8, 2
    x = model.feed("x", model.floats(1, tokens, width))
    split = model.store([0, 0, heads, width // heads], np.int64)
    projected = []
    for perm in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]):
        product = model.node("MatMul", x, model.store(model.floats(width, width)))
        projected.append(model.node("Transpose", model.node("Reshape", product, split), perm=perm))
    scores = model.node("MatMul", projected[0], projected[1])
    scores = model.node("Div", scores, model.store(np.sqrt(width / heads), np.float32))
    weights = model.node("Softmax", model.node("Add", scores, model.store(mask(kind, tokens))), axis=-1)
    mixed = model.node("Transpose", model.node("MatMul", weights, projected[2]), perm=[0, 2, 1, 3])
    model.outputs = [model.node("Reshape", mixed, model.store([0, 0, width], np.int64))]


@form("causal", "mask", "boolean", "grouped")
def attention_operator(model: Form, kind: str) -> None:
    """The attention of operator set 23."""
    model.opset = 23
    heads = 2 if kind == "grouped" else 4
    q = model.feed("q", model.floats(2, 4, 5, 8))
    k, v = model.store(model.floats(2, heads, 5, 8)), model.store(model.floats(2, heads, 5, 8))
    inputs = [q, k, v]
    if kind == "mask":
        inputs.append(model.store(model.floats(5, 5)))
    if kind == "boolean":
        inputs.append(model.store(np.tril(np.ones((5, 5), bool))))
    model.outputs = [model.node("Attention", *inputs, is_causal=int(kind == "causal"))]


@form((1, 1, 1), (2, 2, 1), (4, 1, 2), (4, 2, 1))
def convolution(model: Form, group: int, stride: int, dilation: int) -> None:
    """Convolutions, the last of them depthwise."""
    x = model.feed("x", model.floats(1, 4, 9, 7))
    w = model.store(model.floats(8, 4 // group, 3, 3))
    window = {"pads": [1, 1, 1, 1], "strides": [stride] * 2, "dilations": [dilation] * 2}
    y = model.node("Conv", x, w, model.store(model.floats(8)), group=group, **window)
    model.outputs = [model.node("HardSwish", y)]


@form((1, 2, 0), (2, 2, 1), (1, 3, 2), (4, 2, 1))
def transposed_convolution(model: Form, group: int, stride: int, extra: int) -> None:
    """Transposed convolutions with output padding."""
    x = model.feed("x", model.floats(1, 4, 5, 4))
    w = model.store(model.floats(4, 8 // group, 3, 3))
    extra = min(extra, stride - 1)
    window = {"pads": [1, 1, 1, 1], "strides": [stride] * 2, "output_padding": [extra] * 2}
    model.outputs = [model.node("ConvTranspose", x, w, model.store(model.floats(8)), group=group, **window)]


RESIZES = [("nearest", place) for place in ("asymmetric", "half_pixel", "align_corners")]
RESIZES += [(mode, place) for mode in ("linear", "cubic") for place in ("half_pixel", "align_corners", "pytorch_half_pixel")]


@form(*[(mode, place, scale) for mode, place in RESIZES for scale in (2.0, 0.6)])
def resize(model: Form, mode: str, place: str, scale: float) -> None:
    """An image made larger, and smaller."""
    x = model.feed("x", model.floats(1, 2, 5, 7))
    attributes: dict[str, Any] = {"mode": mode, "coordinate_transformation_mode": place}
    if mode == "nearest":
        attributes["nearest_mode"] = "floor" if place == "asymmetric" else "round_prefer_floor"
    if mode == "cubic":
        attributes["cubic_coeff_a"] = -0.75
    scales = model.store([1.0, 1.0, scale, scale], np.float32)
    model.outputs = [model.node("Resize", x, "", scales, **attributes)]


@form("bilinear", "nearest", "bicubic")
def grid_sample(model: Form, mode: str) -> None:
    """An image looked at through a grid."""
    x = model.feed("x", model.floats(1, 2, 5, 6))
    grid = model.store(model.random.uniform(-1.2, 1.2, (1, 4, 3, 2)), np.float32)
    name = {"bilinear": "linear", "nearest": "nearest", "bicubic": "cubic"}[mode]
    model.outputs = [model.node("GridSample", x, grid, mode=name, padding_mode="border", align_corners=0)]


@form()
def non_max_suppression(model: Form) -> None:
    """Boxes of a detector: the best of those that overlap."""
    corners = model.random.uniform(0, 8, (1, 12, 2)).astype(np.float32)
    boxes = np.concatenate([corners, corners + model.random.uniform(1, 4, (1, 12, 2)).astype(np.float32)], axis=2)
    scores = model.feed("scores", model.random.uniform(0, 1, (1, 2, 12)).astype(np.float32))
    stored = [model.store([5], np.int64), model.store([0.4], np.float32), model.store([0.3], np.float32)]
    chosen = model.node("NonMaxSuppression", model.feed("boxes", boxes), scores, *stored)
    picked = model.node("Gather", chosen, model.store(2, np.int64), axis=1)
    model.outputs = [chosen, model.node("Gather", "boxes", picked, axis=1)]


@form((1, 1), (1, 0), (0, 1))
def top_k(model: Form, largest: int, ordered: int) -> None:
    """The best of each row, among equals too."""
    x = model.feed("x", np.round(model.floats(4, 9) * 2).astype(np.float32))
    values, places = model.node("TopK", x, model.store([3], np.int64), outputs=2, largest=largest, sorted=1, axis=ordered)
    model.outputs = [values, places]


EQUATIONS = ("bij,bjk->bik", "bhid,bhjd->bhij", "ij->ji", "ii->i", "bij->b", "i,j->ij", "...ij,...jk->...ik")


@form(*enumerate(EQUATIONS))
def einsum(model: Form, _: int, equation: str) -> None:
    """Products by their letters."""
    left = equation.split("->")[0].split(",")
    inputs = []
    for index, word in enumerate(left):
        letters = word.replace("...", "b")
        shape = [{"b": 2, "h": 3, "i": 4, "j": 5, "k": 6, "d": 7}[letter] for letter in letters]
        if letters == "ii":
            shape = [4, 4]
        inputs.append(model.feed(f"x{index}", model.floats(*shape)))
    model.outputs = [model.node("Einsum", *inputs, equation=equation)]


@form(1.0, -1.0)
def branch(model: Form, sign: float) -> None:
    """A condition that only a run can tell."""
    x = model.feed("x", np.abs(model.floats(3, 4)) * np.float32(sign))
    total = model.node("ReduceSum", x, keepdims=0)
    positive = model.node("Greater", total, model.store(0.0, np.float32))
    branches = {}
    for name, operator in (("then_branch", "Exp"), ("else_branch", "Neg")):
        result = helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [3, 4])
        branches[name] = helper.make_graph([helper.make_node(operator, [x], [name])], name, [], [result])
    model.outputs = [model.node("If", positive, **branches)]


@form(1, 4)
def loop(model: Form, turns: int) -> None:
    """A loop that carries a state and collects rows."""
    x = model.feed("x", model.floats(3))
    count = model.feed("count", np.asarray(turns, np.int64))
    info = helper.make_tensor_value_info
    inputs = [info("turn", onnx.TensorProto.INT64, []), info("go", onnx.TensorProto.BOOL, [])]
    inputs.append(info("state", onnx.TensorProto.FLOAT, [3]))
    nodes = [
        helper.make_node("Identity", ["go"], ["go_on"]),
        helper.make_node("Mul", ["state", "state"], ["square"]),
        helper.make_node("Add", ["square", x], ["next"]),
        helper.make_node("Tanh", ["next"], ["row"]),
    ]
    outputs = [info("go_on", onnx.TensorProto.BOOL, [])]
    outputs += [info("next", onnx.TensorProto.FLOAT, [3]), info("row", onnx.TensorProto.FLOAT, [3])]
    body = helper.make_graph(nodes, "body", inputs, outputs)
    go = model.store(np.asarray(True))
    model.outputs = model.node("Loop", count, go, x, outputs=2, body=body)


@form()
def scan(model: Form) -> None:
    """A running sum by Scan."""
    x = model.feed("x", model.floats(5, 3))
    info = helper.make_tensor_value_info
    values = [info(name, onnx.TensorProto.FLOAT, [3]) for name in ("sum", "row", "next", "copy")]
    nodes = [helper.make_node("Add", ["sum", "row"], ["next"]), helper.make_node("Identity", ["next"], ["copy"])]
    body = helper.make_graph(nodes, "body", values[:2], values[2:])
    model.outputs = model.node("Scan", model.store(np.zeros(3), np.float32), x, outputs=2, num_scan_inputs=1, body=body)


@form()
def dynamic_axes(model: Form) -> None:
    """Batch and length are the caller's; the shape is computed."""
    x = model.feed("x", model.floats(2, 5, 6), ["batch", "length", 6])
    shape = model.node("Shape", x)
    batch = model.node("Gather", shape, model.store([0], np.int64))
    target = model.node("Concat", batch, model.store([-1, 3, 2], np.int64), axis=0)
    heads = model.node("Transpose", model.node("Reshape", x, target), perm=[0, 2, 1, 3])
    model.outputs = [model.node("ReduceMean", heads, model.store([-1], np.int64), keepdims=0)]


@form()
def masked_selection(model: Form) -> None:
    """What is above zero, and where: sizes that only a run can tell."""
    x = model.feed("x", model.floats(4, 5))
    places = model.node("NonZero", model.node("Greater", x, model.store(0.0, np.float32)))
    model.outputs = [places, model.node("GatherND", x, model.node("Transpose", places, perm=[1, 0]))]


@form("reflect", "edge", "constant")
def padding(model: Form, mode: str) -> None:
    """Borders of an image."""
    x = model.feed("x", model.floats(1, 2, 4, 5))
    pads = model.store([0, 0, 1, 2, 0, 0, 2, 1], np.int64)
    model.outputs = [model.node("Pad", x, pads, mode=mode)]


@form()
def classifier(model: Form) -> None:
    """A block of a small image classifier, with everything that is folded away."""
    x = model.feed("x", model.random.integers(0, 256, (1, 3, 16, 16)).astype(np.uint8))
    x = model.node("Div", model.node("Cast", x, to=onnx.TensorProto.FLOAT), model.store(255.0, np.float32))
    y = model.node("Conv", x, model.store(model.floats(8, 3, 3, 3)), pads=[1, 1, 1, 1])
    parameters = [model.floats(8), model.floats(8), model.floats(8), np.abs(model.floats(8)) + np.float32(0.5)]
    y = model.node("BatchNormalization", y, *map(model.store, parameters))
    y = model.node("Clip", y, model.store(0.0, np.float32), model.store(6.0, np.float32))
    y = model.node("MaxPool", y, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)
    y = model.node("Flatten", model.node("GlobalAveragePool", y))
    y = model.node("Gemm", y, model.store(model.floats(5, 8)), model.store(model.floats(5)), transB=1)
    probabilities = model.node("Softmax", y, axis=1)
    model.outputs = [probabilities, model.node("ArgMax", probabilities, axis=1, keepdims=0)]


FAR = ("Elu", "Erf", "Exp", "Gelu", "HardSwish", "LogSoftmax", "Mish", "ReduceLogSumExp", "Selu", "Sigmoid", "Softmax", "Softplus", "Softsign", "Tanh")


@form(*FAR)
def far_from_zero(model: Form, operator: str) -> None:
    """A function of numbers at which its steps overflow, or nothing is left of them."""
    sizes = np.array([1e-3, 0.5, 1, 2.5, 5, 10, 20, 50, 85, 89, 110, 1e3, 1e4, 1e6, 1e10, 1e18], np.float32)
    numbers = np.concatenate([sizes, -sizes, [0]])
    if operator == "Exp":
        numbers = numbers[np.abs(numbers) < 88]
    if operator.endswith(("Softmax", "SumExp")):
        # Each beside each.
        numbers = np.stack(np.broadcast_arrays(numbers[:, None], numbers, 1), -1)
    x = model.feed("x", numbers.astype(np.float32))
    attributes = {"axis": -1} if operator.endswith("Softmax") else {}
    axes = [model.store([-1], np.int64)] if operator.startswith("Reduce") else []
    model.outputs = [model.node(operator, x, *axes, **attributes)]


@form()
def shares_left_out(model: Form) -> None:
    """Every second of a softmax, whose sum has all."""
    x = model.feed("x", model.floats(2, 8))
    bounds = [model.store([number], np.int64) for number in (0, 8, 1, 2)]
    model.outputs = [model.node("Slice", model.node("Softmax", x, axis=1), *bounds)]


@form("Expand", "Tile")
def copies_added_up(model: Form, operator: str) -> None:
    """A product that adds up copies."""
    x = model.feed("x", model.floats(2, 3, 1))
    copies = model.node(operator, x, model.store([1, 1, 4], np.int64))
    model.outputs = [model.node("MatMul", copies, model.store(model.floats(4, 2)))]


@form(*[(taken, kind) for taken in (0, 1) for kind in ("Mul", "Reshape", "Neg")])
def constant_branches(model: Form, taken: int, kind: str) -> None:
    """A condition that only a run knows, and branches that say a constant each."""
    x = model.feed("x", model.floats(2, 3))
    condition = model.feed("condition", np.array(bool(taken)))
    values = [np.array([3, 2], np.int64), np.array([2, 3], np.int64)] if kind == "Reshape" else [np.float32(1), np.float32(2)]
    branches = []
    for value in values:
        name = f"constant_{len(branches)}"
        node = helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(value)))
        kind_of = helper.np_dtype_to_tensor_dtype(np.asarray(value).dtype)
        info = helper.make_tensor_value_info(name, kind_of, np.asarray(value).shape)
        branches.append(helper.make_graph([node], f"branch_{len(branches)}", [], [info]))
    chosen = model.node("If", condition, then_branch=branches[0], else_branch=branches[1])
    model.outputs = [model.node(kind, chosen) if kind == "Neg" else model.node(kind, x, chosen)]
    if kind == "Neg":
        model.outputs.append(model.node("Identity", x))


@form("float32", "float64", "uint32", "int64")
def large_integers(model: Form, kind: str) -> None:
    """Numbers of more than 32 bits, as times in milliseconds are."""
    numbers = np.array([3e9, 1.7e12, -5e9, 7]) if kind != "uint32" else np.array([3e9, 7, 2**31, 2**32 - 1])
    x = model.feed("x", numbers.astype(kind))
    whole = model.node("Cast", x, to=onnx.TensorProto.INT64)
    days = model.node("Div", whole, model.store(86_400_000, np.int64))
    shifted = model.node("Add", whole, model.store(2**33, np.int64))
    model.outputs = [whole, days, shifted, model.node("Mul", model.node("Shape", x), model.store([2**33], np.int64))]


@form("ReduceSum", "ReduceMean", "ReduceL1", "ReduceSumSquare")
def sums_of_large_integers(model: Form, operator: str) -> None:
    """Sums that leave 32 bits."""
    scale = 1 if operator == "ReduceSumSquare" else 2**20
    x = model.feed("x", model.random.integers(-(2**30), 2**30, (3, 4)) * scale)
    axes = model.store([1], np.int64)
    rows = model.node(operator, x, axes) if operator == "ReduceSum" else model.node(operator, x, axes, keepdims=0)
    model.outputs = [rows]


EQUATIONS = ("...ij,jk->...ik", "...d,d->...", "b...d,df->b...f", "...ij,...jk", "...i,...i", "...i,...i->...", "i...j->...ji")


@form(*EQUATIONS)
def hidden_axes(model: Form, equation: str) -> None:
    """Sums of products whose equations leave axes unnamed."""
    shapes = {
        "...ij,jk->...ik": [(2, 5, 2, 3), (3, 4)],
        "...d,d->...": [(2, 3, 4), (4,)],
        "b...d,df->b...f": [(2, 3, 5, 4), (4, 6)],
        "...ij,...jk": [(2, 2, 3), (2, 3, 4)],
        "...i,...i": [(2, 3), (2, 3)],
        "...i,...i->...": [(2, 2, 3), (2, 2, 3)],
        "i...j->...ji": [(2, 3, 4, 5)],
    }[equation]
    inputs = [model.feed(f"x{index}", model.floats(*shape)) for index, shape in enumerate(shapes)]
    model.outputs = [model.node("Einsum", *inputs, equation=equation)]


@form()
def variance_of_doubles(model: Form) -> None:
    """A mean of squares less the square of a mean, which needs all digits."""
    x = model.feed("x", 1e3 + model.floats(2, 16).astype(np.float64))
    axes = model.store([1], np.int64)
    mean = model.node("ReduceMean", x, axes)
    squares = model.node("ReduceMean", model.node("Mul", x, x), axes)
    model.outputs = [model.node("Sub", squares, model.node("Mul", mean, mean))]


@form()
def small_halves(model: Form) -> None:
    """Quotients whose divisors have no reciprocal of 16 bits."""
    x = model.feed("x", np.array([1e-5, 2e-6, 3.0], np.float16))
    y = model.feed("y", np.array([1e-5, 1e-6, 2.0], np.float16))
    model.outputs = [model.node("Div", x, y)]


def declare(value: onnx.ValueInfoProto, output: common.Array) -> None:
    """Names the axes of an output of which shape inference knows nothing."""
    if not value.type.tensor_type.HasField("shape"):
        axes = [f"{value.name}_{axis}" for axis in range(output.ndim)]
        value.CopyFrom(helper.make_tensor_value_info(value.name, helper.np_dtype_to_tensor_dtype(output.dtype), axes))


def collect() -> Iterator[onnx_cases.Case]:
    """All forms, with ONNX Runtime's answers."""
    for seed, (name, build) in enumerate(FORMS):
        model = Form(name, seed)
        build(model)
        proto = model.model()
        feed = {key: array for key, (array, _) in model.inputs.items()}
        outputs = common.reference_session(proto.SerializeToString()).run(None, feed)
        for value, output in zip(proto.graph.output, outputs, strict=True):
            declare(value, np.asarray(output))
        onnx.checker.check_model(proto, full_check=True)
        yield onnx_cases.Case(name, name.split("_")[0], proto, list(feed.values()), list(outputs), "exporters", ATOL)


if __name__ == "__main__":
    print(f"{onnx_cases.write(Path(sys.argv[1]), collect())} cases")
