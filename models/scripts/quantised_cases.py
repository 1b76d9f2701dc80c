"""The bundled digits network in the forms of ONNX Runtime's quantiser, with what ONNX Runtime answers.

Dynamic (weights in 8 bits, activations quantised as they come), and static in both formats: QDQ, which keeps the plain operators
between pairs of QuantizeLinear and DequantizeLinear, and QOperator, which fuses them.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import common
import onnx_cases

import numpy as np
import onnx
from onnxruntime import GraphOptimizationLevel
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

GROUP = "quantised"
MODEL = common.MODELS / "digits-cnn"
ROWS = 32
ATOL = 1e-4


class Reader(CalibrationDataReader):  # type: ignore[misc]
    """Hands the calibration one set of inputs at a time."""

    def __init__(self, feeds: Iterable[dict[str, common.Array]]) -> None:
        self.feeds = iter(feeds)

    def get_next(self) -> dict[str, common.Array] | None:
        """The next inputs, or None."""
        return next(self.feeds, None)


def dynamic(source: Path, target: Path, _: Reader) -> None:
    """Weights in 8 bits."""
    quantize_dynamic(source, target, weight_type=QuantType.QInt8)


def static(form: QuantFormat, per_channel: bool) -> Callable[[Path, Path, Reader], None]:
    """Weights and activations in 8 bits."""

    def quantise(source: Path, target: Path, reader: Reader) -> None:
        quantize_static(source, target, reader, quant_format=form, per_channel=per_channel)

    return quantise


FORMS: dict[str, Callable[[Path, Path, Reader], None]] = {
    "dynamic": dynamic,
    "static_qdq": static(QuantFormat.QDQ, False),
    "static_qdq_per_channel": static(QuantFormat.QDQ, True),
    "static_qoperator": static(QuantFormat.QOperator, False),
}


def pictures(value: onnx.ValueInfoProto) -> common.Array:
    """Held-out pictures, each in the shape of the model's input."""
    with np.load(MODEL / "heldout.npz") as stored:
        inputs = next(array for array in stored.values() if array.ndim > 1)
    shape = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
    dtype = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
    return inputs.reshape(-1, *shape).astype(dtype)


def collect() -> Iterator[onnx_cases.Case]:
    """A case for each form and a few pictures that it was not calibrated with."""
    original = onnx.load(MODEL / "model.onnx")
    value = original.graph.input[0]
    all_pictures = pictures(value)
    for name, quantise in FORMS.items():
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target = Path(folder) / "quantised.onnx"
            feeds = ({value.name: picture} for picture in all_pictures[ROWS : 3 * ROWS])
            quantise(MODEL / "model.onnx", target, Reader(feeds))
            model = onnx.load(target)
        # Without its optimiser, which takes other kernels and rounds another way.
        level = GraphOptimizationLevel.ORT_DISABLE_ALL
        session = common.reference_session(model.SerializeToString(), level)
        for index, picture in enumerate(all_pictures[:4]):
            outputs: list[Any] = session.run(None, {value.name: picture})
            title = f"digits_{name}_{index}"
            yield onnx_cases.Case(title, "quantised", model, [picture], outputs, GROUP, ATOL)
