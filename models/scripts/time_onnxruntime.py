#!/usr/bin/env python3
"""Times models in ONNX Runtime on one thread.

    time_onnxruntime.py [--rounds N] NAME MODEL.onnx INPUT.bin [NAME MODEL INPUT ...]

An input is a blob in the tensor encoding. Prints one JSON object: median milliseconds of a run by name.
"""

from __future__ import annotations

import common

import argparse
import json
import statistics
import struct
import time
from pathlib import Path

import numpy as np
import onnx


def decode_inputs(model: onnx.ModelProto, blob: bytes) -> dict[str, common.Array]:
    """The tensors of an input blob: for each, sizes of its dynamic axes as u32, then the data."""
    arrays, offset = {}, 0
    for value in common.graph_inputs(model):
        shape = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for axis in common.dynamic_axes(value):
            (shape[axis],) = struct.unpack_from("<I", blob, offset)
            offset += 4
        dtype = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
        count = int(np.prod(shape, dtype=np.int64))
        arrays[value.name] = np.frombuffer(blob, dtype, count, offset).reshape(shape)
        offset += count * dtype.itemsize
    if offset != len(blob):
        raise SystemExit(f"expected {offset} bytes of input, got {len(blob)}")
    return arrays


def milliseconds(model: Path, blob: Path, rounds: int) -> float:
    """Median time of a run, after one that is not measured."""
    arrays = decode_inputs(onnx.load(model), blob.read_bytes())
    session = common.reference_session(model)
    session.run(None, arrays)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        session.run(None, arrays)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def main() -> None:
    """Times each model and prints the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("cases", nargs="+", help="name, model and input, again and again")
    arguments = parser.parse_args()
    if len(arguments.cases) % 3:
        parser.error("every case is a name, a model and an input")
    cases = zip(*[iter(arguments.cases)] * 3)
    times = {name: milliseconds(Path(model), Path(blob), arguments.rounds) for name, model, blob in cases}
    print(json.dumps(times))


if __name__ == "__main__":
    main()
