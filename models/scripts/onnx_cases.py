"""The ONNX backend node tests as files that any runner can read.

The PyPI package `onnx` makes the cases in memory. `write` makes a folder of each:

    cases/<name>/model.onnx    the model
    cases/<name>/input.bin     the input blob in the tensor encoding; empty if it has none
    cases/<name>/expect.json   operator, opset, expected outputs, and why the case has no input blob

Cases come in groups: `node` are ONNX's tests of operators, `pytorch-converted`, `pytorch-operator` and `simple` its tests of
whole models. Tests of operators hand over as inputs what real models hold as constants (axes, shapes, scales), and
many are for operator sets that no exporter writes yet. So such a case is written a second time, as `<name>.exported` in the
group `node, as exported`, if it keeps its meaning at opset 21 at most and with such inputs as initialisers.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import common

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.case.test_case import TestCase
from onnx.backend.test.loader import load_model_tests
from onnx.reference import ReferenceEvaluator

RTOL, ATOL = 1e-3, 1e-7
"""Tolerances of ONNX's own backend tests."""
EXPORTED_OPSET, EXPORTED_IR = 21, 10
EXPORTED_SUFFIX = ".exported"

NATIVE = (bool, "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8", ml_dtypes.bfloat16)

DTYPES: dict[str, np.dtype[Any]] = {np.dtype(native).name: np.dtype(native) for native in NATIVE}
"""Element types of the tensor encoding, by their ONNX names."""


@dataclass(frozen=True)
class Tensor:
    """An output."""

    name: str
    dtype: str
    shape: list[int]
    data: str

    @classmethod
    def of(cls, name: str, array: common.Array) -> Tensor:
        """From an array; the data is hexadecimal, little endian, row major."""
        data = np.ascontiguousarray(array).tobytes().hex()
        return cls(name, array.dtype.name, list(array.shape), data)

    def array(self) -> common.Array:
        """As an array."""
        return np.frombuffer(bytes.fromhex(self.data), DTYPES[self.dtype]).reshape(self.shape)


NODE, EXPORTED = "node", "node, as exported"

STORED = ("pytorch-converted", "pytorch-operator", "simple")
"""Groups that the package holds as files."""

PLAIN = {TensorProto.FLOAT, TensorProto.BOOL}
PLAIN |= {getattr(TensorProto, f"{sign}INT{bits}") for sign in ("", "U") for bits in (8, 16, 32, 64)}
"""Element types that most models are made of."""

PLAIN_OPSET = 24


@dataclass(frozen=True)
class Case:
    """One backend test, ready to run."""

    name: str
    operator: str
    model: onnx.ModelProto
    inputs: list[Any]
    outputs: list[Any]
    group: str = NODE
    atol: float = ATOL
    rtol: float = RTOL
    maps: bool = False
    """Whether outputs that are maps are expected as matrices."""

    @property
    def opset(self) -> int:
        """The version of the default operator set, or 0."""
        return next((o.version for o in self.model.opset_import if o.domain in ("", "ai.onnx")), 0)


def to_array(value: Any) -> common.Array:
    """A numpy array of a test's value, whichever way the test states it."""
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)


def unencodable(value: onnx.ValueInfoProto) -> str | None:
    """Why a graph input or output has no place in the tensor encoding, or None if it has."""
    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        return f"{kind.removesuffix('_type')} values have no tensor encoding"
    element = value.type.tensor_type.elem_type
    if element == TensorProto.STRING or helper.tensor_dtype_to_np_dtype(element).name not in DTYPES:
        return f"elements of type {TensorProto.DataType.Name(element).lower()} have no tensor encoding"
    return None


def refusal(case: Case) -> str | None:
    """Why a case cannot be stated in the tensor encoding at all, or None."""
    outputs = [value for value in case.model.graph.output if not (case.maps and value.type.HasField("sequence_type"))]
    return next((reason for reason in map(unencodable, [*case.model.graph.input, *outputs]) if reason), None)


def is_plain(case: Case) -> bool:
    """Whether a case is of single floats and integers only, up to PLAIN_OPSET."""
    values = [*case.model.graph.input, *case.model.graph.output]
    kinds = {value.type.tensor_type.elem_type for value in values}
    kinds |= {tensor.data_type for tensor in case.model.graph.initializer}
    return case.opset <= PLAIN_OPSET and kinds <= PLAIN


def input_blob(case: Case) -> bytes:
    """The input blob; empty where an input cannot be encoded."""
    if any(unencodable(value) for value in case.model.graph.input):
        return b""
    arrays = zip(case.model.graph.input, case.inputs, strict=True)
    return common.encode_inputs(case.model, {value.name: to_array(array) for value, array in arrays})


def expectation(case: Case) -> dict[str, Any]:
    """What expect.json holds."""
    reason = refusal(case)
    expected: list[Tensor] = []
    if reason is None:
        pairs = zip(case.model.graph.output, case.outputs, strict=True)
        expected = [Tensor.of(value.name, to_array(array)) for value, array in pairs]
    return {
        "name": case.name,
        "operator": case.operator,
        "opset": case.opset,
        "group": case.group,
        "plain": is_plain(case),
        "unencodable": reason,
        "outputs": [vars(tensor) for tensor in expected],
        "rtol": case.rtol,
        "atol": case.atol,
    }


def collect() -> list[Case]:
    """Every node test of the installed `onnx`; cases of expanded functions keep the operator they expand."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        tests: list[TestCase] = collect_testcases()
    operators: dict[str, str] = {}
    return [make_case(test, operators) for test in tests]


def make_case(test: TestCase, operators: dict[str, str]) -> Case:
    """Takes a test's one data set; `operators` remembers which operator each test is of, as expansions come later."""
    if test.model is None or test.data_sets is None:
        raise SystemExit(f"{test.name} is not made in memory")
    base = test.name.split("_expanded")[0]
    operator = operators.setdefault(base, str(test.model.graph.node[0].op_type))
    ((inputs, outputs),) = test.data_sets
    return Case(test.name, operator, test.model, list(inputs), list(outputs))


def exported(case: Case) -> Case | None:
    """The case as exporters would write it: opset 21 at most, and small inputs after the first as initialisers.

    None if that changes nothing, or if the reference no longer gives the expected outputs.
    """
    if refusal(case):
        return None
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    lower_opset(model)
    inputs = [value for value in fix_parameters(model, case.inputs) if value is not None]
    if case.opset <= EXPORTED_OPSET and len(inputs) == len(case.inputs):
        return None
    candidate = Case(case.name + EXPORTED_SUFFIX, case.operator, model, inputs, case.outputs, EXPORTED)
    return candidate if keeps_meaning(candidate) else None


def lower_opset(model: onnx.ModelProto) -> None:
    """Marks a model as written for EXPORTED_OPSET, if it is for a later one."""
    for opset in model.opset_import:
        if opset.domain in ("", "ai.onnx") and opset.version > EXPORTED_OPSET:
            opset.version = EXPORTED_OPSET
            model.ir_version = min(model.ir_version, EXPORTED_IR)


def fix_parameters(model: onnx.ModelProto, inputs: list[Any]) -> list[Any]:
    """Turns graph inputs of rank 0 and 1 after the first into initialisers; returns the inputs, None for those."""
    values = list(model.graph.input)
    rest: list[Any] = []
    for value, given in zip(values, inputs, strict=True):
        if value is not values[0] and to_array(given).ndim <= 1:
            model.graph.initializer.append(numpy_helper.from_array(to_array(given), value.name))
            model.graph.input.remove(value)
            rest.append(None)
        else:
            rest.append(given)
    return rest


def keeps_meaning(case: Case) -> bool:
    """Whether the reference evaluator gives a model's expected outputs; anything it cannot do is a no."""
    names = [value.name for value in case.model.graph.input]
    feed = {name: to_array(array) for name, array in zip(names, case.inputs, strict=True)}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            onnx.checker.check_model(case.model, full_check=True)
            results = ReferenceEvaluator(case.model).run(None, feed)
    except Exception:  # The checker and the evaluator raise whatever they like.
        return False
    expected = [to_array(output) for output in case.outputs]
    return all(mismatch(np.asarray(got), want) is None for got, want in zip(results, expected, strict=True))


def mismatch(got: common.Array, want: common.Array, atol: float = ATOL, rtol: float = RTOL) -> str | None:
    """How two outputs differ beyond the tolerance, or None."""
    if got.dtype != want.dtype:
        return f"dtype: expected {want.dtype}, got {got.dtype}"
    if got.shape != want.shape:
        return f"shape: expected {list(want.shape)}, got {list(got.shape)}"
    left, right = got.astype(np.float64), want.astype(np.float64)
    close = np.isclose(left, right, rtol, atol, equal_nan=True)
    if close.all():
        return None
    where = np.unravel_index(np.argmin(close), close.shape)
    at = [int(axis) for axis in where]
    return f"{int((~close).sum())} of {close.size} elements, first at {at}: expected {want[where]}, got {got[where]}"


def stored(group: str) -> Iterator[Case]:
    """The cases of a group that the package holds as files."""
    for test in load_model_tests(kind=group):
        folder = Path(test.model_dir)
        model = onnx.load(folder / "model.onnx")
        initialised = {tensor.name for tensor in model.graph.initializer}
        given = [value for value in model.graph.input if value.name not in initialised]
        del model.graph.input[:]
        model.graph.input.extend(given)
        data = folder / "test_data_set_0"
        inputs, outputs = (read(data, kind) for kind in ("input", "output"))
        yield Case(f"{group}.{test.name}", model.graph.node[-1].op_type, model, inputs, outputs, group)


def read(folder: Path, kind: str) -> list[TensorProto]:
    """The tensors `<kind>_0.pb`, `<kind>_1.pb` ... of a folder."""
    count = len(list(folder.glob(f"{kind}_*.pb")))
    return [TensorProto.FromString((folder / f"{kind}_{index}.pb").read_bytes()) for index in range(count)]


def select(pattern: str) -> Iterator[Case]:
    """Cases whose name contains `pattern`; tests of operators are followed by their exported forms."""
    for case in collect():
        if pattern in case.name:
            yield case
            form = exported(case)
            if form is not None:
                yield form
    for group in STORED:
        yield from (case for case in stored(group) if pattern in case.name)


def write(folder: Path, cases: Iterable[Case]) -> int:
    """Writes cases below `folder`, in place of any that are there, and returns their number."""
    shutil.rmtree(folder / "cases", ignore_errors=True)
    count = 0
    for case in cases:
        target = folder / "cases" / case.name
        target.mkdir(parents=True)
        (target / "model.onnx").write_bytes(case.model.SerializeToString(deterministic=True))
        (target / "input.bin").write_bytes(input_blob(case))
        (target / "expect.json").write_text(json.dumps(expectation(case)))
        count += 1
    return count
