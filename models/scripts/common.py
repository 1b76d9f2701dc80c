"""Paths, the tensor encoding, manifests and reference runs shared by the model scripts.

Import this module before numpy: it pins the kernels numpy's linear algebra picks, because
training must give the same bytes on every x86-64 machine.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

MODELS = Path(__file__).resolve().parent.parent
CACHE = MODELS / ".cache"

Array = np.ndarray[Any, Any]


def dynamic_axes(value: onnx.ValueInfoProto) -> list[int]:
    """Axes of a graph input or output that have no fixed positive size."""
    dims = value.type.tensor_type.shape.dim
    return [axis for axis, dim in enumerate(dims) if dim.dim_value <= 0]


def encode_tensor(value: onnx.ValueInfoProto, array: Array) -> bytes:
    """One tensor of the encoding: sizes of its dynamic axes as u32, then the data, little endian."""
    sizes = [array.shape[axis] for axis in dynamic_axes(value)]
    data = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return struct.pack(f"<{len(sizes)}I", *sizes) + data.tobytes()


def graph_inputs(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    """The graph inputs a caller must give: those without an initialiser of the same name."""
    initialised = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in initialised]


def encode_inputs(model: onnx.ModelProto, arrays: Mapping[str, Array]) -> bytes:
    """The input blob of a call: every graph input in order, in the tensor encoding."""
    return b"".join(encode_tensor(value, arrays[value.name]) for value in graph_inputs(model))


def reference_session(
    model: Path | bytes,
    level: ort.GraphOptimizationLevel = ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
) -> ort.InferenceSession:
    """An ONNX Runtime session on one thread: the reference all answers are compared with."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.graph_optimization_level = level
    options.log_severity_level = 3
    source = str(model) if isinstance(model, Path) else model
    return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def run_rows(session: ort.InferenceSession, rows: Array) -> list[Array]:
    """Runs a single-input model on each row by itself, as a caller of the machine does."""
    name = session.get_inputs()[0].name
    results = [session.run(None, {name: row[np.newaxis]}) for row in rows]
    return [np.concatenate(column) for column in zip(*results)]


def save_model(model: onnx.ModelProto, path: Path) -> None:
    """Checks a model in full and writes its bytes."""
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def describe_values(values: Sequence[onnx.ValueInfoProto]) -> list[dict[str, Any]]:
    """Names, element types and dimensions of graph inputs or outputs, for a manifest."""
    described = []
    for value in values:
        tensor = value.type.tensor_type
        dims = [d.dim_value if d.dim_value > 0 else (d.dim_param or None) for d in tensor.shape.dim]
        dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type).name
        described.append({"name": value.name, "dtype": dtype, "dims": dims})
    return described


def write_manifest(model: onnx.ModelProto, path: Path, **fields: Any) -> None:
    """Writes a model's manifest: its interface and whatever the caller adds (name, licence, source)."""
    manifest = {
        "name": fields.pop("name"),
        "inputs": describe_values(graph_inputs(model)),
        "outputs": describe_values(model.graph.output),
        **fields,
    }
    path.write_text(json.dumps(manifest, indent=2) + "\n")


def save_arrays(path: Path, **arrays: Array) -> None:
    """Writes arrays as an uncompressed .npz, whose bytes depend on nothing but the arrays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, allow_pickle=False, **arrays)
