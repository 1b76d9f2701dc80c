"""Runs a model in ONNX Runtime and compares its outputs. Called by `enshrine check`; the argument is a folder."""

import json
import pathlib
import sys

import numpy as np
import onnxruntime


def array(folder, tensor):
    data = (folder / tensor["file"]).read_bytes()
    return np.frombuffer(data, np.dtype(tensor["dtype"])).reshape(tensor["shape"])


def difference(name, ours, theirs):
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        detail = f"ONNX Runtime gives {theirs.dtype}{list(theirs.shape)}"
        return {"name": name, "max_abs": None, "max_rel": None, "detail": detail}
    ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    with np.errstate(all="ignore"):
        absolute = np.where(same, 0.0, np.abs(ours - theirs))
        relative = np.where(same, 0.0, absolute / np.abs(theirs))

    def largest(values):
        value = float(values.max()) if values.size else 0.0
        return value if np.isfinite(value) else str(value)

    return {"name": name, "max_abs": largest(absolute), "max_rel": largest(relative), "detail": None}


def main():
    folder = pathlib.Path(sys.argv[1])
    request = json.loads((folder / "request.json").read_text())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        folder / "model.onnx", options, providers=["CPUExecutionProvider"]
    )
    inputs = {tensor["name"]: array(folder, tensor) for tensor in request["inputs"]}
    names = [tensor["name"] for tensor in request["outputs"]]
    theirs = session.run(names, inputs)
    outputs = [
        difference(tensor["name"], array(folder, tensor), np.asarray(their))
        for tensor, their in zip(request["outputs"], theirs)
    ]
    print(json.dumps({"version": onnxruntime.__version__, "outputs": outputs}))


main()
