"""Runs a model in ONNX Runtime and compares its outputs. Called by `enshrine check`; the argument is a folder."""

import json
import pathlib
import sys

import numpy as np
import onnxruntime

RTOL, ATOL = 1e-3, 1e-5


def array(folder, tensor):
    data = (folder / tensor["file"]).read_bytes()
    return np.frombuffer(data, np.dtype(tensor["dtype"])).reshape(tensor["shape"])


def difference(name, ours, theirs):
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        detail = f"ONNX Runtime gives {theirs.dtype}{list(theirs.shape)}"
        return {"name": name, "max_abs": None, "max_rel": None, "agrees": False, "detail": detail}
    exact = ours.dtype.kind != "f"
    ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    with np.errstate(all="ignore"):
        absolute = np.where(same, 0.0, np.abs(ours - theirs))
        relative = np.where(same, 0.0, absolute / np.abs(theirs))

    close = same if exact else np.isclose(ours, theirs, RTOL, ATOL, equal_nan=True)

    def largest(values):
        value = float(values.max()) if values.size else 0.0
        return value if np.isfinite(value) else str(value)

    return {
        "name": name,
        "max_abs": largest(absolute),
        "max_rel": largest(relative),
        "agrees": bool(close.all()),
        "detail": None,
    }


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
    agrees = all(output["agrees"] for output in outputs)
    print(json.dumps({"version": onnxruntime.__version__, "agrees": agrees, "outputs": outputs}))


main()
