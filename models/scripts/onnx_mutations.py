#!/usr/bin/env python3
"""Valid models, changed at random: the guest and ONNX Runtime must say the same of them.

    onnx_mutations.py --count 10000 --seed 1 [--runner COMMAND]
    onnx_mutations.py --types [--runner COMMAND]

Each model is one of ONNX's node tests with one or two changes: an attribute's value, an attribute that is dropped, an input's
shape or element type, the version of the operator set. With `--types` it is each of them in each element type. Both run it on the same input. What they say is one of

    same       both answer, within the tolerance
    refused    neither answers
    declined   ONNX Runtime answers and the guest refuses
    open       they differ where floats become integers that do not have them, which ONNX leaves open
    bolder     the guest answers, and neither ONNX Runtime nor ONNX's reference evaluator does
    same as the reference    ONNX Runtime refuses, or leaves the specification, and the reference evaluator agrees with the guest
    WRONG      the guest agrees with neither
    FAILED     the guest ended in a trap
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import shlex
import shutil
import subprocess
import sys
import warnings
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import common
import onnx_cases
from onnx_cases import Tensor

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper
from onnx.reference import ReferenceEvaluator

ROOT = common.MODELS.parent
RUNNER = "cargo run --release --quiet --package enshrine-tests --bin enshrine-onnx-backend --"
RTOL, ATOL = 1e-3, 2e-5

BAD = ("WRONG", "FAILED", "DIFFERS")
"""Verdicts that nothing excuses."""
TIMEOUT_SECONDS = 20
LARGEST_AXIS = 12

DTYPES = [
    TensorProto.FLOAT, TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.INT64, TensorProto.INT32,
    TensorProto.INT8, TensorProto.UINT8, TensorProto.BOOL,
]  # fmt: skip

ALL_DTYPES = sorted({*DTYPES, TensorProto.INT16, TensorProto.UINT16, TensorProto.UINT32, TensorProto.UINT64})

WORDS = ["", "constant", "reflect", "edge", "linear", "nearest", "cubic", "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"]
WORDS += ["sum", "mean", "none", "add", "mul", "max", "min", "forward", "reverse", "bidirectional", "floor", "ceil"]
WORDS += ["half_pixel", "align_corners", "asymmetric", "tanh", "LEFT", "RIGHT", "DCR", "CRD"]

RANDOM_OPERATORS = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}


def change_attribute(attribute: AttributeProto, rng: random.Random) -> None:
    """Another value of the same kind."""
    number = rng.choice([-3, -2, -1, 0, 1, 2, 3, 4, 7])
    kind = attribute.type
    if kind == AttributeProto.INT:
        attribute.i = rng.choice([1 - attribute.i, attribute.i + 1, attribute.i - 1, number])
    elif kind == AttributeProto.FLOAT:
        attribute.f = rng.choice([-1.0, 0.0, 0.5, 1.0, 2.0, attribute.f * 2, attribute.f + 0.25])
    elif kind == AttributeProto.STRING:
        attribute.s = rng.choice(WORDS).encode()
    elif kind == AttributeProto.INTS and attribute.ints:
        place = rng.randrange(len(attribute.ints))
        attribute.ints[place] = rng.choice([attribute.ints[place] + 1, attribute.ints[place] - 1, number])
        if rng.random() < 0.15:
            attribute.ints.pop()
    elif kind == AttributeProto.FLOATS and attribute.floats:
        attribute.floats[rng.randrange(len(attribute.floats))] += rng.choice([-1.0, 0.5, 1.0])


def add_attribute(node: onnx.NodeProto, opset: int, rng: random.Random) -> None:
    """An attribute that the operator may have and this node leaves out."""
    try:
        schema = onnx.defs.get_schema(node.op_type, opset, node.domain)
    except onnx.defs.SchemaError:
        return
    given = {attribute.name for attribute in node.attribute}
    names = sorted(name for name in schema.attributes if name not in given)
    if not names:
        return
    name = rng.choice(names)
    kind = schema.attributes[name].type
    kinds = onnx.defs.OpSchema.AttrType
    if kind == kinds.INT:
        node.attribute.append(helper.make_attribute(name, rng.choice([-2, -1, 0, 1, 2, 3])))
    elif kind == kinds.FLOAT:
        node.attribute.append(helper.make_attribute(name, rng.choice([-1.0, 0.0, 0.5, 2.0])))
    elif kind == kinds.STRING:
        node.attribute.append(helper.make_attribute(name, rng.choice(WORDS)))
    elif kind == kinds.INTS:
        node.attribute.append(helper.make_attribute(name, [rng.choice([0, 1, 2]) for _ in range(rng.choice([1, 2, 4]))]))


def change_shape(value: onnx.ValueInfoProto, rng: random.Random) -> None:
    """Another size of an axis, or an axis more or less."""
    shape = value.type.tensor_type.shape
    action = rng.random()
    if action < 0.7 and shape.dim:
        dim = rng.choice(list(shape.dim))
        dim.dim_value = max(0, min(LARGEST_AXIS, rng.choice([dim.dim_value + 1, dim.dim_value - 1, 1, 2, 5])))
    elif action < 0.85:
        shape.dim.add().dim_value = rng.choice([1, 2])
    elif shape.dim:
        del shape.dim[-1]


def mutate(case: onnx_cases.Case, rng: random.Random) -> onnx.ModelProto:
    """A changed copy; outputs declare nothing but a name and an element type, for their shapes may follow."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    for _ in range(rng.choice([1, 1, 2])):
        node = rng.choice(list(model.graph.node))
        action = rng.random()
        if action < 0.3 and node.attribute:
            change_attribute(rng.choice(list(node.attribute)), rng)
        elif action < 0.4 and node.attribute:
            del node.attribute[rng.randrange(len(node.attribute))]
        elif action < 0.55:
            add_attribute(node, case.opset, rng)
        elif action < 0.75 and model.graph.input:
            change_shape(rng.choice(list(model.graph.input)), rng)
        elif action < 0.85 and model.graph.input:
            rng.choice(list(model.graph.input)).type.tensor_type.elem_type = rng.choice(DTYPES)
        else:
            for opset in model.opset_import:
                if opset.domain in ("", "ai.onnx"):
                    opset.version = rng.choice([opset.version - 1, opset.version + 1, 9, 11, 13, 17, 21, 23])
    return model


def retype(case: onnx_cases.Case, dtype: int) -> onnx.ModelProto:
    """A copy whose first input, and whatever has the same element type, is of another one."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    values = [*model.graph.input, *model.graph.output]
    old = values[0].type.tensor_type.elem_type
    for value in values:
        if value.type.tensor_type.elem_type == old:
            value.type.tensor_type.elem_type = dtype
    return model


def inputs_for(model: onnx.ModelProto, case: onnx_cases.Case, rng: random.Random) -> dict[str, common.Array]:
    """The test's own inputs where they still fit, and others like them where not."""
    given = dict(zip((value.name for value in case.model.graph.input), case.inputs, strict=True))
    generator = np.random.default_rng(rng.getrandbits(32))
    feed = {}
    # What a float becomes as an integer that does not have it, ONNX leaves open.
    casts = any(node.op_type in ("Cast", "CastLike") for node in model.graph.node)
    for value in model.graph.input:
        tensor = value.type.tensor_type
        dtype = helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        shape = tuple(dim.dim_value for dim in tensor.shape.dim)
        old = onnx_cases.to_array(given[value.name])
        if old.dtype == dtype and old.shape == shape:
            feed[value.name] = np.abs(np.nan_to_num(old, posinf=1, neginf=1)) % 100 if casts and dtype.kind == "f" else old
        elif dtype.kind == "f":
            numbers = generator.standard_normal(shape)
            feed[value.name] = (np.abs(numbers) if casts else numbers).astype(dtype)
        else:
            feed[value.name] = generator.integers(0, 2 if dtype.kind == "b" else 4, shape).astype(dtype)
    return feed


def answer(evaluator: str, model: bytes, feed: dict[str, common.Array]) -> list[common.Array] | None:
    """What an evaluator says; None if it refuses."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if evaluator == "reference":
                results = ReferenceEvaluator(onnx.load_from_string(model)).run(None, feed)
            else:
                import onnxruntime

                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads, options.log_severity_level = 1, 4
                results = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"]).run(None, feed)
    except Exception:  # noqa: BLE001 - either raises whatever it likes
        return None
    return [np.asarray(result) for result in results]


def in_process(evaluator: str, model: bytes, feed: dict[str, common.Array], pool: Any) -> list[common.Array] | None:
    """The same, where a crash or an endless run is a refusal."""
    try:
        result: list[common.Array] | None = pool.apply_async(answer, (evaluator, model, feed)).get(TIMEOUT_SECONDS)
    except multiprocessing.TimeoutError:
        return None
    return result


def write(folder: Path, index: int, case: onnx_cases.Case, model: onnx.ModelProto, feed: dict[str, common.Array]) -> None:
    """Writes a case for a runner."""
    target = folder / "cases" / f"{index:05}-{case.name}"
    target.mkdir(parents=True)
    (target / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    (target / "input.bin").write_bytes(common.encode_inputs(model, feed))


def close(got: common.Array, want: common.Array) -> bool:
    """Whether two outputs are the same, within the tolerance; half floats to a hundredth."""
    if got.dtype != want.dtype or got.shape != want.shape:
        return False
    rtol, atol = (1e-2, 1e-2) if got.dtype == np.float16 else (RTOL, ATOL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Terms of sums that nearly cancel are as large as the largest results.
        finite = np.abs(want[np.isfinite(want)].astype(np.float64)) if want.dtype.kind == "f" else np.zeros(0)
        atol = max(atol, 1e-6 * finite.max(initial=0.0))
        # ONNX Runtime masks with the lowest float in place of minus infinity.
        left, right = (np.where(side < LOWEST, -np.inf, side) for side in (got.astype(np.float64), want.astype(np.float64)))
        return bool(np.isclose(left, right, rtol, atol, equal_nan=True).all())


LOWEST = -3.4e38

NO_JUDGES = ("Loop", "OneHot")
"""Operators that the reference evaluator stretches in another way, or gives no whole numbers: it says nothing of these."""


def is_judged(model: onnx.ModelProto, feed: dict[str, common.Array]) -> bool:
    """Whether the reference evaluator follows the specification for this model and input."""
    operators = {node.op_type for node in model.graph.node}
    scales = [array for name, array in feed.items() if name.endswith("scale")]
    # It makes the least number of infinity where a scale is zero, and rounds products of half scales.
    quantises = any("Quantize" in name or name.startswith("QLinear") for name in operators)
    if quantises and any((scale == 0).any() or scale.dtype == np.float16 for scale in scales):
        return False
    # It takes a mask of one row for all there is to see.
    masks = [value.type.tensor_type.shape.dim for value in model.graph.input if value.name == "attn_mask"]
    masked = any(len(axes) < 2 or axes[-2].dim_value == 1 for axes in masks) and "Attention" in operators
    # It does not clip what recurrent layers sum up.
    clipped = any(attribute.name == "clip" for node in model.graph.node for attribute in node.attribute)
    return not operators & set(NO_JUDGES) and not masked and not clipped


def makes_integers(model: onnx.ModelProto) -> bool:
    """Whether it casts to integers what may be any number."""
    casts = any(node.op_type in ("Cast", "CastLike") for node in model.graph.node)
    values = [*model.graph.input, *model.graph.output]
    types = [helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type) for value in values]
    return casts and any(dtype.kind in "iu" for dtype in types)


def same(ours: list[common.Array], theirs: list[common.Array]) -> bool:
    """Whether all outputs are the same."""
    return len(ours) == len(theirs) and all(map(close, ours, theirs))


def verdict(
    ours: list[common.Array] | None, theirs: list[common.Array] | None, reference: list[common.Array] | None
) -> str:
    """One of the words in the header."""
    if ours is None:
        return "refused" if theirs is None else "declined"
    if theirs is None:
        if reference is None:
            return "bolder"
        return "same as the reference" if same(ours, reference) else "WRONG"
    if same(ours, theirs):
        return "same"
    # Where ONNX Runtime leaves the specification, the reference evaluator decides.
    return "same as the reference" if reference is not None and same(ours, reference) else "WRONG"


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=10000, help="models")
    parser.add_argument("--types", action="store_true", help="every test in every element type, and nothing at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "onnx-mutations", help="work folder")
    parser.add_argument("--runner", default=RUNNER, help="command that runs the cases of a folder")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases whose name contains TEXT")
    parser.add_argument("--list", default="", metavar="VERDICTS", help="verdicts whose cases are listed, beside bad ones")
    return parser.parse_args()


def suitable(case: onnx_cases.Case) -> bool:
    """Whether a case has a place in the tensor encoding, is small, and draws nothing at random."""
    draws = any(node.op_type in RANDOM_OPERATORS for node in case.model.graph.node)
    return not draws and onnx_cases.refusal(case) is None and case.model.ByteSize() < 100_000


def main() -> int:
    """Mutates, runs, judges."""
    arguments = parse_arguments()
    folder = arguments.folder
    shutil.rmtree(folder / "cases", ignore_errors=True)
    rng = random.Random(arguments.seed)
    cases = [case for case in onnx_cases.collect() if arguments.only in case.name and suitable(case)]
    mutants = []
    # How often loops run would be anybody's guess.
    retyped = [case for case in cases if case.inputs and all(node.op_type != "Loop" for node in case.model.graph.node)]
    types = iter([(case, retype(case, dtype)) for case in retyped for dtype in ALL_DTYPES])
    while arguments.types or len(mutants) < arguments.count:
        try:
            if arguments.types:
                case, model = next(types)
            else:
                case = rng.choice(cases)
                model = mutate(case, rng)
            feed = inputs_for(model, case, rng)
            write(folder, len(mutants), case, model, feed)
        except StopIteration:
            break
        except (ValueError, TypeError, KeyError):
            continue
        mutants.append((case, model, feed))
    ended = subprocess.run([*shlex.split(arguments.runner), str(folder)], cwd=ROOT, check=False).returncode
    if ended != 0:
        print("the runner failed", file=sys.stderr)
        return 1
    results = map(json.loads, (folder / "results.jsonl").read_text().splitlines())
    ours = {record["name"]: record for record in results}
    return judge(arguments, mutants, ours)


def judge(arguments: argparse.Namespace, mutants: list[Any], ours: dict[str, Any]) -> int:
    """Compares, prints the counts, and lists the cases of one verdict."""
    counts: Counter[str] = Counter()
    listed: dict[str, list[str]] = defaultdict(list)
    with multiprocessing.Pool(1, maxtasksperchild=500) as pool:
        for index, (case, model, feed) in enumerate(mutants):
            record = ours[f"{index:05}-{case.name}"]
            outputs = record["outputs"]
            mine = None if outputs is None else [Tensor(**output).array() for output in outputs]
            raw = model.SerializeToString()
            theirs = in_process("onnxruntime", raw, feed, pool)
            reference = None
            if mine is not None and (theirs is None or not same(mine, theirs)):
                reference = in_process("reference", raw, feed, pool) if is_judged(model, feed) else None
            word = "FAILED" if record["wasmtime"]["outcome"] != "finished" else verdict(mine, theirs, reference)
            if word == "WRONG" and makes_integers(model):
                word = "open"
            if record["wasmtime"] != record["wasmi"]:
                word = "DIFFERS"
            counts[word] += 1
            listed[word].append(f"{index:05}-{case.name} ({case.operator}): {record['message'] or ''}")
    for word, count in counts.most_common():
        print(f"{count:6} {word}")
    for word in {*BAD, *arguments.list.split()}:
        for line in listed[word]:
            print(f"  {word} {line[:300]}")
    return 1 if any(counts[word] for word in BAD) else 0


if __name__ == "__main__":
    sys.exit(main())
