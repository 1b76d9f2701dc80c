#!/usr/bin/env python3
"""Graphs of many nodes, grown at random: the guest and ONNX Runtime must say the same of them.

    onnx_graphs.py --count 5000 --seed 1 [--runner COMMAND]

Tests of single nodes do not see what an importer does with several: moving axes, folding constants, fusing. Each graph grows node by
node; a node that ONNX Runtime refuses is taken back. Values stay finite and small. What is said of a graph is one of

    same       within the tolerance
    declined   the guest refuses
    open       the first value that differs would differ as much if its node's inputs changed within the tolerance (`Round` near a
               half, division by nearly nothing)
    WRONG      they differ; the shortest prefix of the graph that does is listed
    FAILED     the guest ended in a trap
    DIFFERS    the two engines disagree
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import common
import onnx_mutations
from onnx_cases import Tensor

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ROOT = common.MODELS.parent
RUNNER = onnx_mutations.RUNNER

MOST_ELEMENTS, LARGEST = 4096, 1e3
"""Of a value; larger ones are not grown further."""

PERTURBATIONS = 8

IR_VERSION = 10


@dataclass
class Growing:
    """A graph, and what its values are for one input."""

    rng: random.Random
    opset: int
    generator: np.random.Generator
    inputs: list[str] = field(default_factory=list)
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, common.Array] = field(default_factory=dict)
    values: dict[str, common.Array] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    """Inputs whose axes have names in place of sizes."""
    count: int = 0

    def name(self, letter: str) -> str:
        """A new name."""
        self.count += 1
        return f"{letter}{self.count}"

    def constant(self, array: common.Array) -> str:
        """A stored tensor."""
        name = self.name("c")
        self.constants[name] = array
        return name

    def ints(self, *numbers: int) -> str:
        """A stored list of whole numbers."""
        return self.constant(np.array(numbers, np.int64))

    def normal(self, *shape: int) -> str:
        """Stored random numbers."""
        return self.constant((self.generator.standard_normal(shape) / 2).astype(np.float32))

    def pick(self, check: Callable[[common.Array], bool]) -> str:
        """A value that fits, a late one rather than an early one."""
        names = [name for name, value in self.values.items() if check(value)]
        if not names:
            raise Unfit
        return names[max(self.rng.randrange(len(names)), self.rng.randrange(len(names)))]

    def real(self, least: int = 0, most: int = 6) -> str:
        """A value of floats with so many axes."""
        return self.pick(lambda value: value.dtype == np.float32 and least <= value.ndim <= most and value.size > 0)

    def feed(self) -> dict[str, common.Array]:
        """The input."""
        return {name: self.values[name] for name in self.inputs}

    def model(self, outputs: list[str]) -> onnx.ModelProto:
        """The nodes that these values need, and no others."""
        wanted, nodes = set(outputs), []
        for node in reversed(self.nodes):
            if wanted & set(node.output):
                nodes.insert(0, node)
                wanted |= set(node.input)
        stored = [numpy_helper.from_array(array, name) for name, array in self.constants.items() if name in wanted]
        inputs = [self.info(name, name in self.named) for name in self.inputs]
        results = [self.info(name, True) for name in outputs]
        graph = helper.make_graph(nodes, "grown", inputs, results, stored)
        opsets = [helper.make_opsetid("", self.opset)]
        return helper.make_model(graph, ir_version=IR_VERSION, opset_imports=opsets)

    def info(self, name: str, named: bool) -> onnx.ValueInfoProto:
        """A declaration, with names for axes or sizes."""
        value = self.values[name]
        shape = [f"{name}_{axis}" if named else size for axis, size in enumerate(value.shape)]
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), shape)


class Unfit(Exception):
    """There is no value for a node of this kind."""


def run(model: onnx.ModelProto, feed: dict[str, common.Array]) -> list[common.Array]:
    """What ONNX Runtime says, without its own optimiser."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    results: list[common.Array] = session.run(None, feed)
    return results


def add(grown: Growing, operator: str, inputs: list[str], outputs: int = 1, **attributes: Any) -> list[str]:
    """Adds a node if ONNX Runtime runs it and its results are fit to go on with."""
    names = [grown.name("v") for _ in range(outputs)]
    node = helper.make_node(operator, inputs, names, name=grown.name("n"), **attributes)
    known = {**grown.values, **grown.constants}
    feed = {name: known[name] for name in inputs if name}
    infos = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in feed.items()
        if name not in grown.constants
    ]
    stored = [numpy_helper.from_array(array, name) for name, array in feed.items() if name in grown.constants]
    results = [helper.make_empty_tensor_value_info(name) for name in names]
    graph = helper.make_graph([node], "one", infos, results, stored)
    model = helper.make_model(graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", grown.opset)])
    given = {name: array for name, array in feed.items() if name not in grown.constants}
    try:
        arrays = run(onnx.shape_inference.infer_shapes(model, strict_mode=True), given)
    except Exception as error:  # noqa: BLE001 - ONNX Runtime raises whatever it likes
        raise Unfit from error
    for array in arrays:
        finite = array.dtype.kind != "f" or bool(np.isfinite(array).all() and np.abs(array).max(initial=0) < LARGEST)
        if array.size > MOST_ELEMENTS or array.size == 0 or array.ndim > 6 or not finite:
            raise Unfit
    grown.nodes.append(node)
    grown.values.update(zip(names, arrays, strict=True))
    return names


def axis_of(grown: Growing, value: str) -> int:
    """An axis, from either end."""
    rank = grown.values[value].ndim
    if rank == 0:
        raise Unfit
    axis = grown.rng.randrange(rank)
    return axis - rank if grown.rng.random() < 0.4 else axis


def stretched(grown: Growing, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that is stretched to this one."""
    rng = grown.rng
    form = rng.random()
    if form < 0.2:
        return ()
    if form < 0.3:
        return (1,) * rng.randrange(1, len(shape) + 1) if shape else (1,)
    own = [1 if rng.random() < 0.4 else size for size in shape]
    return tuple(own[rng.randrange(len(own) + 1) :]) if rng.random() < 0.4 else tuple(own)


UNARY = ["Abs", "Neg", "Relu", "Sigmoid", "Tanh", "Erf", "Softplus", "Softsign", "Sin", "Cos", "Identity", "HardSwish", "Selu", "Elu"]


def unary(grown: Growing) -> None:
    """A function of each element."""
    rng, value = grown.rng, grown.real()
    form = rng.random()
    if form < 0.6:
        add(grown, rng.choice(UNARY), [value])
    elif form < 0.7:
        add(grown, "LeakyRelu", [value], alpha=rng.choice([0.01, 0.25, 1.5]))
    elif form < 0.8:
        bounds = [grown.constant(np.array(number, np.float32)) for number in (-0.5, 0.75)]
        add(grown, "Clip", rng.choice([[value, *bounds], [value, bounds[0]], [value, "", bounds[1]]]))
    elif form < 0.87:
        add(grown, "Exp", add(grown, "Neg", add(grown, "Abs", [value])))
    elif form < 0.94:
        add(grown, "Sqrt", add(grown, "Abs", [value]))
    else:
        add(grown, rng.choice(["Round", "Floor", "Ceil", "Sign"]), [value])


def binary(grown: Growing) -> None:
    """Two sides, one of which may be stored and may have to be stretched."""
    rng, left = grown.rng, grown.real()
    shape = grown.values[left].shape
    form = rng.random()
    if form < 0.3:
        right = grown.pick(lambda value: value.dtype == np.float32 and fits(value.shape, shape))
    else:
        right = grown.normal(*stretched(grown, shape))
    operator = rng.choice(["Add", "Sub", "Mul", "Max", "Min", "Add", "Mul", "Div", "PRelu", "Pow", "Mean", "Sum"])
    if operator == "Div":
        [right] = add(grown, "Add", [*add(grown, "Abs", [right]), grown.constant(np.array(0.5, np.float32))])
    if operator == "Pow":
        right = grown.constant(np.array(rng.choice([2.0, 3.0, 1.0]), np.float32))
    sides = [left, right]
    if operator != "PRelu" and operator != "Pow" and rng.random() < 0.4:
        sides.reverse()
    add(grown, operator, sides)


def fits(left: tuple[int, ...], right: tuple[int, ...]) -> bool:
    """Whether two shapes can be stretched to one."""
    return all(one == other or 1 in (one, other) for one, other in zip(left[::-1], right[::-1], strict=False))


def choose(grown: Growing) -> None:
    """Elements of two sides by a condition."""
    value = grown.real()
    shape = grown.values[value].shape
    other = grown.normal(*stretched(grown, shape))
    if grown.rng.random() < 0.5:
        condition = grown.constant(grown.generator.integers(0, 2, stretched(grown, shape)).astype(bool))
    else:
        limit = grown.constant(np.array(0.123, np.float32))
        [condition] = add(grown, grown.rng.choice(["Greater", "Less"]), [value, limit])
    sides = [value, other]
    grown.rng.shuffle(sides)
    add(grown, "Where", [condition, *sides])


def factors(grown: Growing, size: int, count: int) -> list[int]:
    """Sizes with this product."""
    sizes = [1] * count
    divisor = 2
    while size > 1:
        if size % divisor:
            divisor += 1
            continue
        sizes[grown.rng.randrange(count)] *= divisor
        size //= divisor
    return sizes


def reshape(grown: Growing) -> None:
    """Other axes for the same elements."""
    rng, value = grown.rng, grown.pick(lambda value: value.size > 0)
    shape = grown.values[value].shape
    form = rng.random()
    if form < 0.35:
        sizes = factors(grown, grown.values[value].size, rng.randrange(1, 5))
        if rng.random() < 0.5:
            sizes[rng.randrange(len(sizes))] = -1
        if shape and rng.random() < 0.2 and sizes[0] == shape[0]:
            sizes[0] = 0
        add(grown, "Reshape", [value, grown.ints(*sizes)])
    elif form < 0.5:
        axes = [axis for axis, size in enumerate(shape) if size == 1 and rng.random() < 0.7]
        if not axes:
            raise Unfit
        add(grown, "Squeeze", [value, grown.ints(*axes)])
    elif form < 0.7:
        rank = len(shape) + rng.choice([1, 1, 2])
        axes = rng.sample(range(rank), rank - len(shape))
        add(grown, "Unsqueeze", [value, grown.ints(*axes)])
    elif form < 0.8:
        add(grown, "Flatten", [value], axis=rng.randrange(len(shape) + 1))
    else:
        # As exporters write it: the shape is taken apart, changed and put together.
        if len(shape) < 2:
            raise Unfit
        [whole] = add(grown, "Shape", [value])
        [first] = add(grown, "Slice", [whole, grown.ints(0), grown.ints(1)])
        [wanted] = add(grown, "Concat", [first, grown.ints(-1)], axis=0)
        add(grown, "Reshape", [value, wanted])


def transpose(grown: Growing) -> None:
    """Axes in another order."""
    value = grown.pick(lambda value: value.ndim > 1)
    order = list(range(grown.values[value].ndim))
    grown.rng.shuffle(order)
    add(grown, "Transpose", [value], perm=order)


def enlarge(grown: Growing) -> None:
    """Copies along axes, or elements around."""
    rng, value = grown.rng, grown.real(1)
    shape = grown.values[value].shape
    form = rng.random()
    if form < 0.35:
        sizes = [rng.choice([2, 3]) if size == 1 and rng.random() < 0.6 else size for size in shape]
        if rng.random() < 0.3:
            sizes.insert(0, 2)
        add(grown, "Expand", [value, grown.ints(*sizes)])
    elif form < 0.6:
        add(grown, "Tile", [value, grown.ints(*[rng.choice([1, 1, 2]) for _ in shape])])
    else:
        pads = [rng.choice([0, 0, 1, 2]) for _ in range(2 * len(shape))]
        mode = rng.choice(["constant", "constant", "edge", "reflect"])
        extra = [grown.constant(np.array(0.5, np.float32))] if mode == "constant" and rng.random() < 0.5 else []
        add(grown, "Pad", [value, grown.ints(*pads), *extra], mode=mode)


def join(grown: Growing) -> None:
    """Values side by side."""
    rng, value = grown.rng, grown.real(1)
    axis = axis_of(grown, value)
    shape = list(grown.values[value].shape)
    others = []
    for _ in range(rng.choice([1, 1, 2])):
        shape[axis] = rng.choice([1, 2, 3])
        alike = [
            name
            for name, other in grown.values.items()
            if other.dtype == np.float32
            and other.ndim == len(shape)
            and all(one == two for place, (one, two) in enumerate(zip(other.shape, shape, strict=True)) if place != axis % len(shape))
        ]
        others.append(rng.choice(alike) if alike and rng.random() < 0.6 else grown.normal(*shape))
    parts = [value, *others]
    rng.shuffle(parts)
    add(grown, "Concat", parts, axis=axis)


def cut(grown: Growing) -> None:
    """Some of the elements, or all in parts."""
    rng, value = grown.rng, grown.pick(lambda value: value.ndim > 0 and value.dtype != np.bool_)
    axis = axis_of(grown, value)
    size = grown.values[value].shape[axis]
    form = rng.random()
    if form < 0.5:
        step = rng.choice([1, 1, 1, 2, -1, -2])
        start, end = rng.randrange(-size, size + 1), rng.choice([rng.randrange(-size - 1, size + 2), 2**31 - 1, -(2**31) + 1])
        add(grown, "Slice", [value, grown.ints(start), grown.ints(end), grown.ints(axis), grown.ints(step)])
    elif form < 0.75 and size > 1:
        first = rng.randrange(1, size)
        parts = [first, size - first] if size - first < 2 or rng.random() < 0.5 else [first, 1, size - first - 1]
        add(grown, "Split", [value, grown.ints(*parts)], len(parts), axis=axis)
    else:
        shape = rng.choice([(), (1,), (2,), (3,), (2, 2)])
        indices = grown.constant(grown.generator.integers(-size, size, shape))
        add(grown, "Gather", [value, indices], axis=axis)


def scatter(grown: Growing) -> None:
    """Elements by computed places."""
    rng, value = grown.rng, grown.real(1, 4)
    shape = grown.values[value].shape
    axis = axis_of(grown, value)
    form = rng.random()
    own = tuple(rng.randrange(1, size + 1) for size in shape)
    if form < 0.4:
        indices = grown.constant(grown.generator.integers(-shape[axis], shape[axis], own))
        add(grown, "GatherElements", [value, indices], axis=axis)
    elif form < 0.7:
        wide = [1 if place == axis % len(shape) else size for place, size in enumerate(own)]
        indices = grown.constant(grown.generator.integers(0, shape[axis], wide))
        add(grown, "ScatterElements", [value, indices, grown.normal(*wide)], axis=axis)
    else:
        count = rng.randrange(1, len(shape) + 1)
        rows = np.stack([grown.generator.integers(0, size, 2) for size in shape[:count]], -1)
        if form < 0.85:
            add(grown, "GatherND", [value, grown.constant(rows)])
        else:
            rows[1] = (rows[0] + 1) % np.array(shape[:count])
            if (rows[0] == rows[1]).all():
                raise Unfit
            add(grown, "ScatterND", [value, grown.constant(rows), grown.normal(2, *shape[count:])])


REDUCTIONS = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp", "ReduceProd"]


def reduce(grown: Growing) -> None:
    """Fewer elements, or of each row its share."""
    rng, value = grown.rng, grown.real(1)
    rank = grown.values[value].ndim
    form = rng.random()
    if form < 0.5:
        operator, keep = rng.choice(REDUCTIONS), rng.randrange(2)
        axes = sorted(rng.sample(range(rank), rng.randrange(1, rank + 1)))
        if rng.random() < 0.3:
            axes = [axis - rank for axis in axes]
        if operator == "ReduceSum" or grown.opset >= 18:
            add(grown, operator, [value, grown.ints(*axes)], keepdims=keep)
        else:
            add(grown, operator, [value], axes=axes, keepdims=keep)
    elif form < 0.75:
        add(grown, rng.choice(["Softmax", "LogSoftmax"]), [value], axis=axis_of(grown, value))
    elif form < 0.85:
        add(grown, "CumSum", [value, grown.constant(np.array(axis_of(grown, value)))], exclusive=rng.randrange(2), reverse=rng.randrange(2))
    elif form < 0.9:
        add(grown, "ArgMax", [value], axis=axis_of(grown, value), keepdims=rng.randrange(2))
    elif form < 0.95:
        add(grown, "LpNormalization", [value], axis=axis_of(grown, value), p=rng.choice([1, 2]))
    else:
        axis = axis_of(grown, value)
        most = rng.randrange(1, grown.values[value].shape[axis] + 1)
        add(grown, "TopK", [value, grown.ints(most)], 2, axis=axis)


def normalise(grown: Growing) -> None:
    """By mean and variance."""
    rng, value = grown.rng, grown.real(2, 5)
    shape = grown.values[value].shape
    form = rng.random()
    if form < 0.5 and grown.opset >= 17:
        axis = axis_of(grown, value)
        rest = shape[axis:] if axis < 0 else shape[axis - len(shape) :]
        add(grown, "LayerNormalization", [value, grown.normal(*rest), grown.normal(*rest)], axis=axis)
    elif form < 0.8:
        positive = grown.constant((np.abs(grown.generator.standard_normal(shape[1])) + 0.5).astype(np.float32))
        channels = [grown.normal(shape[1]) for _ in range(3)]
        add(grown, "BatchNormalization", [value, *channels, positive])
    else:
        add(grown, "InstanceNormalization", [value, grown.normal(shape[1]), grown.normal(shape[1])])


def multiply(grown: Growing) -> None:
    """Products of matrices."""
    rng = grown.rng
    form = rng.random()
    if form < 0.25:
        value = grown.real(2, 2)
        rows, columns = grown.values[value].shape
        turned, other = rng.randrange(2), rng.randrange(2)
        depth, width = (rows, 3) if turned else (columns, 5)
        right = grown.normal(width, depth) if other else grown.normal(depth, width)
        bias = rng.choice([[], [grown.normal(width)], [grown.normal(1, width)], [grown.normal()]])
        alpha, beta = rng.choice([1.0, 0.5]), rng.choice([1.0, 2.0])
        add(grown, "Gemm", [value, right, *bias], transA=turned, transB=other, alpha=alpha, beta=beta)
        return
    value = grown.real(1, 4)
    shape = grown.values[value].shape
    if form < 0.45:
        right = grown.pick(lambda other: other.dtype == np.float32 and 0 < other.ndim < 5 and other.shape[-2:][0] == shape[-1])
    else:
        before = [size if rng.random() < 0.5 else 1 for size in shape[:-2]]
        wide = rng.choice([[], [1], [4], [4]])
        right = grown.normal(*(before if rng.random() < 0.4 and wide else []), shape[-1], *wide)
    if form > 0.8 and len(shape) == 3:
        pairs = [("bij,jk->bik", (shape[2], 3)), ("bij,bkj->bik", (shape[0], 2, shape[2])), ("bij,ij->b", shape[1:]), ("bij->bji", None)]
        equation, other = rng.choice(pairs)
        add(grown, "Einsum", [value, *([] if other is None else [grown.normal(*other)])], equation=equation)
        return
    sides = [value, right]
    if len(grown.values.get(right, np.zeros(0)).shape) > 1 and rng.random() < 0.2:
        sides.reverse()
    add(grown, "MatMul", sides)


def window(grown: Growing, kernel: list[int]) -> dict[str, Any]:
    """How a window slides."""
    rng = grown.rng
    attributes: dict[str, Any] = {"kernel_shape": kernel}
    if rng.random() < 0.5:
        attributes["strides"] = [rng.choice([1, 2]) for _ in kernel]
    if rng.random() < 0.5:
        attributes["pads"] = [rng.randrange(min(2, size)) for size in kernel * 2]
    elif rng.random() < 0.3:
        attributes["auto_pad"] = rng.choice(["SAME_UPPER", "SAME_LOWER", "VALID"])
    return attributes


def convolve(grown: Growing) -> None:
    """Windows over all axes but the first two."""
    rng, value = grown.rng, grown.real(3, 4)
    shape = grown.values[value].shape
    kernel = [rng.randrange(1, min(3, size) + 1) for size in shape[2:]]
    attributes = window(grown, kernel)
    form = rng.random()
    if form < 0.5:
        group = rng.choice([1, 1, shape[1]])
        wide = group * rng.choice([1, 2, 3])
        if rng.random() < 0.2 and "auto_pad" not in attributes:
            attributes["dilations"] = [2 for _ in kernel]
        bias = [grown.normal(wide)] if rng.random() < 0.6 else []
        add(grown, "Conv", [value, grown.normal(wide, shape[1] // group, *kernel), *bias], group=group, **attributes)
    elif form < 0.62:
        attributes.pop("auto_pad", None)
        group = rng.choice([1, 1, shape[1]])
        add(grown, "ConvTranspose", [value, grown.normal(shape[1], 2, *kernel)], group=group, **attributes)
    elif form < 0.75:
        add(grown, "MaxPool", [value], ceil_mode=0 if "auto_pad" in attributes else rng.randrange(2), **attributes)
    elif form < 0.88:
        add(grown, "AveragePool", [value], count_include_pad=rng.randrange(2), **attributes)
    elif form < 0.94:
        add(grown, rng.choice(["GlobalAveragePool", "GlobalMaxPool"]), [value])
    elif len(shape) == 4 and shape[1] % 4 == 0:
        add(grown, "DepthToSpace", [value], blocksize=2, mode=rng.choice(["CRD", "DCR"]))
    else:
        scales = grown.constant(np.array([1.0, 1.0] + [rng.choice([1.0, 2.0, 0.5, 1.5]) for _ in kernel], np.float32))
        mode = rng.choice(["nearest", "linear"])
        shift = rng.choice(["half_pixel", "asymmetric"])
        nearest = "floor" if shift == "asymmetric" else "round_prefer_floor"
        add(grown, "Resize", [value, "", scales], mode=mode, coordinate_transformation_mode=shift, nearest_mode=nearest)


def convert(grown: Growing) -> None:
    """Other element types, and what is done with them."""
    rng = grown.rng
    form = rng.random()
    whole = lambda value: value.dtype in (np.int64, np.int32) and value.size > 0  # noqa: E731
    if form < 0.3:
        kind = rng.choice([TensorProto.INT64, TensorProto.INT32, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BOOL])
        add(grown, "Cast", [grown.real()], to=kind)
    elif form < 0.6:
        add(grown, "Cast", [grown.pick(lambda value: value.dtype != np.float32)], to=TensorProto.FLOAT)
    elif form < 0.8:
        value = grown.pick(whole)
        array = grown.values[value]
        number = grown.constant(grown.generator.integers(1, 5, stretched(grown, array.shape)).astype(array.dtype))
        operator = rng.choice(["Add", "Sub", "Mul", "Div", "Max", "Equal", "Less", "Mod"])
        add(grown, operator, [value, number])
    elif form < 0.9:
        add(grown, "Not", [grown.pick(lambda value: value.dtype == np.bool_)])
    else:
        value = grown.pick(whole)
        depth, numbers = grown.constant(np.array(5)), grown.constant(np.array([0, 1], np.float32))
        [rest] = add(grown, "Mod", [value, grown.constant(np.array(5, grown.values[value].dtype))])
        add(grown, "OneHot", [rest, depth, numbers], axis=-1)


def quantise(grown: Growing) -> None:
    """To 8 bits and back, with what lies between."""
    rng, value = grown.rng, grown.real(1, 4)
    kind = rng.choice([np.uint8, np.int8])
    zero = grown.constant(np.array(rng.choice([0, 3]), kind))
    scale = grown.constant(np.array(rng.choice([0.05, 0.02]), np.float32))
    [narrow] = add(grown, "QuantizeLinear", [value, scale, zero])
    if rng.random() < 0.5:
        [narrow] = add(grown, rng.choice(["Flatten", "Identity"]), [narrow])
    [wide] = add(grown, "DequantizeLinear", [narrow, scale, zero])
    if rng.random() < 0.5:
        [wide] = add(grown, rng.choice([*UNARY, "Softmax"]), [wide])
        [narrow] = add(grown, "QuantizeLinear", [wide, scale, zero])
        add(grown, "DequantizeLinear", [narrow, scale, zero])


def pattern(grown: Growing) -> None:
    """What exporters write for one function, which importers look for."""
    rng, value = grown.rng, grown.real(1, 5)
    number = lambda value: grown.constant(np.array(value, np.float32))  # noqa: E731
    two = lambda operator, left, right: add(grown, operator, [left, right])[0]  # noqa: E731
    one = lambda operator, value: add(grown, operator, [value])[0]  # noqa: E731
    form = rng.randrange(7)
    if form == 0:
        scaled = two("Div", value, number(2**0.5))
        gate = two("Add", one("Erf", scaled), number(1.0))
        two("Mul", two("Mul", value, gate), number(0.5))
    elif form == 1:
        two("Mul", value, one("Sigmoid", value))
    elif form == 2:
        cube = two("Mul", two("Pow", value, number(3.0)), number(0.044715))
        inner = two("Mul", two("Add", value, cube), number(0.7978846))
        gate = two("Add", one("Tanh", inner), number(1.0))
        two("Mul", two("Mul", number(0.5), value), gate)
    elif form == 3:
        mean = mean_of(grown, value)
        centred = two("Sub", value, mean)
        variance = mean_of(grown, two("Pow", centred, number(2.0)))
        two("Div", centred, one("Sqrt", two("Add", variance, number(1e-2))))
    elif form == 4:
        square = mean_of(grown, two("Mul", value, value))
        root = one("Sqrt", two("Add", square, number(1e-2)))
        two("Mul", value, one("Reciprocal", root) if rng.random() < 0.5 else two("Div", number(1.0), root))
    elif form == 5:
        keys = grown.pick(lambda other: other.dtype == np.float32 and other.ndim > 1 and other.shape == grown.values[value].shape)
        order = list(range(grown.values[keys].ndim))
        order[-2:] = order[:-3:-1]
        [turned] = add(grown, "Transpose", [keys], perm=order)
        scores = two("Mul", two("MatMul", value, turned), number(0.35))
        [shares] = add(grown, "Softmax", [scores], axis=-1)
        two("MatMul", shares, rng.choice([keys, value]))
    else:
        half = grown.values[value].shape[-1] // 2
        if half == 0:
            raise Unfit
        first, last = (add(grown, "Slice", [value, grown.ints(start), grown.ints(end), grown.ints(-1)])[0] for start, end in ((0, half), (half, 2**31 - 1)))
        add(grown, "Concat", [one("Neg", last), first], axis=-1)


def mean_of(grown: Growing, value: str) -> str:
    """The mean of each row."""
    if grown.opset >= 18:
        return add(grown, "ReduceMean", [value, grown.ints(-1)])[0]
    return add(grown, "ReduceMean", [value], axes=[-1])[0]


STEPS = [pattern, pattern, unary, binary, binary, choose, reshape, reshape, transpose, enlarge, join, cut, scatter, reduce, reduce, normalise]
STEPS += [multiply, multiply, convolve, convolve, convert, unary, transpose, cut, convert, quantise]


def grow(rng: random.Random, most: int) -> Growing:
    """A graph of up to so many nodes."""
    grown = Growing(rng, rng.choice([13, 17, 21]), np.random.default_rng(rng.getrandbits(32)))
    for _ in range(rng.choice([1, 1, 2])):
        name = grown.name("x")
        shape = [rng.choice([1, 2, 3, 4, 5, 8]) for _ in range(rng.choice([1, 2, 3, 3, 4, 4]))]
        grown.values[name] = (grown.generator.standard_normal(shape)).astype(np.float32)
        grown.inputs.append(name)
        if rng.random() < 0.3:
            grown.named.add(name)
    wanted = rng.randrange(3, most)
    for _ in range(4 * most):
        if len(grown.nodes) >= wanted:
            break
        try:
            rng.choices(STEPS, [1.0] * (len(STEPS) - 1) + [0.3])[0](grown)
        except Unfit:
            continue
    return grown


def ends(grown: Growing) -> list[str]:
    """Values that nothing reads, the last one among them, and sometimes one that something does."""
    read = {name for node in grown.nodes for name in node.input}
    computed = [name for node in grown.nodes for name in node.output]
    unread = [name for name in computed if name not in read]
    return [*unread[-3:], *(grown.rng.sample(computed, 1) if grown.rng.random() < 0.2 else [])]


def answers(folder: Path, runner: str, cases: dict[str, tuple[onnx.ModelProto, dict[str, common.Array]]]) -> dict[str, Any]:
    """What the guest says of each case."""
    shutil.rmtree(folder / "cases", ignore_errors=True)
    for name, (model, feed) in cases.items():
        target = folder / "cases" / name
        target.mkdir(parents=True)
        (target / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
        (target / "input.bin").write_bytes(common.encode_inputs(model, feed))
    subprocess.run([*shlex.split(runner), str(folder)], cwd=ROOT, check=True)
    results = map(json.loads, (folder / "results.jsonl").read_text().splitlines())
    return {record["name"]: record for record in results}


def verdict(record: dict[str, Any], expected: list[common.Array]) -> str:
    """One of the words in the header, but for `open`."""
    if record["wasmtime"] != record["wasmi"]:
        return "DIFFERS"
    if record["wasmtime"]["outcome"] != "finished":
        return "FAILED"
    if record["outputs"] is None:
        return "declined"
    outputs = [Tensor(**output).array() for output in record["outputs"]]
    return "same" if onnx_mutations.same(outputs, expected) else "WRONG"


def moved(array: common.Array, generator: np.random.Generator) -> common.Array:
    """The same numbers within the tolerance."""
    if array.dtype.kind != "f":
        return array
    noise = generator.uniform(-1, 1, array.shape) * (onnx_mutations.RTOL * np.abs(array) + onnx_mutations.ATOL)
    return (array + noise).astype(array.dtype)


def is_open(grown: Growing, node: onnx.NodeProto, name: str, got: common.Array, expected: common.Array) -> bool:
    """Whether all elements that differ would if the node's inputs changed within the tolerance."""
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return False
    generator = np.random.default_rng(1)
    most = np.zeros(expected.shape)
    for _ in range(PERTURBATIONS):
        other = Growing(grown.rng, grown.opset, generator, constants=grown.constants, nodes=[node])
        other.inputs = [given for given in dict.fromkeys(node.input) if given in grown.values]
        other.values = {given: moved(grown.values[given], generator) for given in other.inputs} | {name: expected}
        [result] = run(other.model([name]), other.feed())
        if result.shape != expected.shape:
            return True
        with np.errstate(all="ignore"):
            most = np.fmax(most, np.abs(result.astype(np.float64) - expected.astype(np.float64)))
    with np.errstate(all="ignore"):
        apart = np.abs(got.astype(np.float64) - expected.astype(np.float64))
    allowed = onnx_mutations.RTOL * np.abs(expected.astype(np.float64)) + onnx_mutations.ATOL + 4 * most
    return bool((apart <= allowed).all())


def shortest(whole: str, grown: Growing, folder: Path, runner: str) -> tuple[str, str]:
    """The verdict on the first value that is wrong by itself, and the nodes that it needs; `whole` is that on the graph."""
    values = [(node, name) for node in grown.nodes for name in node.output]
    cases = {f"{index:05}": (grown.model([name]), grown.feed()) for index, (_, name) in enumerate(values)}
    records = answers(folder, runner, cases)
    for index, (node, name) in enumerate(values):
        case = f"{index:05}"
        expected = run(*cases[case])
        word = verdict(records[case], expected)
        if word in onnx_mutations.BAD:
            if word == "WRONG":
                got = Tensor(**records[case]["outputs"][0]).array()
                word = "open" if is_open(grown, node, name, got, expected[0]) else word
            listed = [f"{one.op_type}({', '.join(one.input)})->{', '.join(one.output)}" for one in cases[case][0].graph.node]
            return word, f"{name}: {' '.join(listed)}"
    return whole, "only as a whole"


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=5000, help="graphs")
    parser.add_argument("--nodes", type=int, default=24, help="most nodes of a graph, about")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "onnx-graphs", help="work folder")
    parser.add_argument("--runner", default=RUNNER, help="command that runs the cases of a folder")
    parser.add_argument("--keep", type=Path, help="folder for the graphs that are wrong")
    return parser.parse_args()


def main() -> int:
    """Grows, runs, judges."""
    arguments = parse_arguments()
    graphs, cases = [], {}
    rng = random.Random(arguments.seed)
    while len(graphs) < arguments.count:
        grown = grow(random.Random(rng.getrandbits(64)), arguments.nodes)
        outputs = ends(grown)
        if not outputs:
            continue
        try:
            model = grown.model(outputs)
            expected = run(model, grown.feed())
        except Exception:  # noqa: BLE001 - ONNX Runtime raises whatever it likes
            continue
        name = f"{len(graphs):05}"
        graphs.append((name, grown, model, expected))
        cases[name] = (model, grown.feed())
    records = answers(arguments.folder, arguments.runner, cases)
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    lines = []
    for name, grown, model, expected in graphs:
        word = verdict(records[name], expected)
        if word in onnx_mutations.BAD:
            word, listed = shortest(word, grown, arguments.folder / "prefixes", arguments.runner)
            lines.append(f"  {word} {name}: {listed}")
            if arguments.keep:
                arguments.keep.mkdir(parents=True, exist_ok=True)
                onnx.save(model, arguments.keep / f"{name}.onnx")
        if word == "declined":
            reasons[re.sub(r"[0-9][0-9,]*", "#", records[name]["message"])[-160:]] += 1
        counts[word] += 1
    for word, count in counts.most_common():
        print(f"{count:6} {word}")
    for reason, count in reasons.most_common(20):
        print(f"  declined {count}: {reason}")
    print("\n".join(lines))
    return 1 if any(counts[word] for word in onnx_mutations.BAD) else 0


if __name__ == "__main__":
    sys.exit(main())
