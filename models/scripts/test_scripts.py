#!/usr/bin/env python3
"""Tests of the scripts themselves: `python -m unittest discover models/scripts`."""

from __future__ import annotations

import json
import struct
import unittest
from typing import Any, ClassVar

import common
from network import Conv3x3, Dense, Flatten, Layer, MaxPool2x2, Network, Relu
from onnx_cases import Case, Tensor, exported, input_blob, mismatch
from onnx_report import Verdict, judge, reason_of, regressions
from train_digits import output_step

import ml_dtypes
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper

FUSED = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
UNFUSED = ort.GraphOptimizationLevel.ORT_DISABLE_ALL


class Encoding(unittest.TestCase):
    """The tensor encoding."""

    def test_static_shape_is_data_alone(self) -> None:
        value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])
        self.assertEqual(common.encode_tensor(value, np.array([[1, 2]], np.float32)), struct.pack("<2f", 1, 2))

    def test_dynamic_axes_come_first(self) -> None:
        value = helper.make_tensor_value_info("x", TensorProto.INT64, ["batch", 2])
        self.assertEqual(common.encode_tensor(value, np.array([[7, 8]])), struct.pack("<I2q", 1, 7, 8))

    def test_zero_is_no_fixed_size(self) -> None:
        value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [0])
        self.assertEqual(common.encode_tensor(value, np.zeros(0, np.float32)), struct.pack("<I", 0))


class HeldOut(unittest.TestCase):
    """The committed outputs, with which the precompile's are compared, are ONNX Runtime's for the committed model.

    ONNX Runtime picks its kernels by the processor, so the last bits of floats may differ between machines: the
    tolerances are a part of what the precompile is allowed, which is 1e-4 for a logit and 1e-5 for a probability. The
    int8 model is run without the fused integer kernels, whose sums of products saturate at 16 bits on processors without
    VNNI and then differ from what ONNX says by more than any tolerance.
    """

    def reference(self, name: str, level: ort.GraphOptimizationLevel = FUSED) -> tuple[Any, dict[str, common.Array]]:
        """The held-out arrays of a model, and what ONNX Runtime answers to their inputs, by output name."""
        folder = common.MODELS / name
        arrays = np.load(folder / "heldout.npz")
        session = common.reference_session(folder / "model.onnx", level)
        names = [output.name for output in session.get_outputs()]
        rows = arrays[session.get_inputs()[0].name]
        return arrays, dict(zip(names, common.run_rows(session, rows), strict=True))

    def compare(self, name: str, expected: common.Array, got: common.Array, tolerance: float) -> None:
        """Equal in type and shape, and in value but for the tolerance."""
        self.assertEqual((got.dtype, got.shape), (expected.dtype, expected.shape), name)
        self.assertLessEqual(float(np.abs(got - expected).max()), tolerance, name)

    def compare_classes(self, name: str, arrays: Any, classes: common.Array) -> None:
        """As many are right as the manifest says."""
        held_out = json.loads((common.MODELS / name / "manifest.json").read_text())["heldout"]
        correct = int((classes == arrays["label"]).sum())
        self.assertEqual({"count": len(classes), "correct": correct}, held_out, name)

    def test_every_model_with_held_out_rows_is_here(self) -> None:
        names = sorted(path.parent.name for path in common.MODELS.glob("*/heldout.npz"))
        self.assertEqual(names, ["digits-cnn", "digits-cnn-batch", "digits-cnn-int8", "tumour-mlp"])

    def test_float32_digits(self) -> None:
        for name in ("digits-cnn", "digits-cnn-batch"):
            arrays, got = self.reference(name)
            self.compare(name, arrays["logits"], got["logits"], 2e-5)
            np.testing.assert_array_equal(got["logits"].argmax(1), arrays["logits"].argmax(1), name)
            self.compare_classes(name, arrays, got["logits"].argmax(1))

    def test_int8_digits_and_their_step(self) -> None:
        name = "digits-cnn-int8"
        step = output_step(onnx.load(common.MODELS / name / "model.onnx"))
        assert step is not None
        arrays, got = self.reference(name, UNFUSED)
        self.assertEqual(arrays["logits_step"].tolist(), [step])
        self.compare(name, arrays["logits"], got["logits"], 0)
        self.compare_classes(name, arrays, got["logits"].argmax(1))

    def test_tumours(self) -> None:
        name = "tumour-mlp"
        arrays, got = self.reference(name)
        self.compare(name, arrays["probabilities"], got["probabilities"], 1e-6)
        self.compare(name, arrays["predicted"], got["label"], 0)
        self.compare_classes(name, arrays, got["label"])


class Gradients(unittest.TestCase):
    """Hand-written gradients against differences."""

    def test_every_layer(self) -> None:
        random = np.random.Generator(np.random.PCG64(1))
        layers: list[Layer] = [Conv3x3.new(1, 2, random), Relu(), MaxPool2x2(), Flatten(), Dense.new(8, 3, random)]
        network, labels = Network(layers), np.array([0, 2])
        x = random.normal(size=(2, 1, 4, 4))

        def loss() -> float:
            logits = network.forward(x)
            return float((np.log(np.exp(logits).sum(1)) - logits[[0, 1], labels]).mean())

        gradients = network.gradients(network.forward(x), labels)
        for parameter, gradient in zip(network.parameters(), gradients, strict=True):
            at, kept = (0,) * parameter.ndim, parameter[(0,) * parameter.ndim]
            parameter[at] = kept + 1e-6
            above = loss()
            parameter[at] = kept - 1e-6
            below = loss()
            parameter[at] = kept
            self.assertAlmostEqual((above - below) / 2e-6, gradient[at], places=6)


class Comparison(unittest.TestCase):
    """Outputs and verdicts."""

    expect: ClassVar[dict[str, Any]] = {
        "name": "test_x",
        "operator": "X",
        "opset": 13,
        "group": "node",
        "plain": True,
        "unencodable": None,
        "rtol": 1e-3,
        "atol": 1e-7,
        "outputs": [vars(Tensor.of("y", np.array([1, np.nan], np.float32)))],
    }

    def result(self, status: int, **fields: object) -> dict[str, object]:
        engine = {"outcome": "finished", "status": status, "output_root": "0x", "load_steps": 1}
        return {"outputs": self.expect["outputs"], "wasmtime": engine, "wasmi": dict(engine), **fields}

    def test_element_type_shape_and_value_count(self) -> None:
        one = np.array([1], np.float32)
        self.assertIn("dtype", mismatch(one, one.astype(np.float64)) or "")
        self.assertIn("shape", mismatch(one, one.reshape(1, 1)) or "")
        self.assertIn("expected 1.5, got 1.0", mismatch(one, np.array([1.5], np.float32)) or "")
        self.assertIsNone(mismatch(one, np.array([1.0009], np.float32)))
        self.assertIsNone(mismatch(np.array([np.nan]), np.array([np.nan])))
        self.assertIsNotNone(mismatch(np.array([True]), np.array([False])))

    def test_bfloat16_keeps_its_bits(self) -> None:
        array = np.array([[1.5, -2]], ml_dtypes.bfloat16)
        tensor = Tensor.of("y", array)
        self.assertEqual((tensor.dtype, tensor.shape, tensor.data), ("bfloat16", [1, 2], "c03f00c0"))
        self.assertIsNone(mismatch(tensor.array(), array))

    def test_verdicts(self) -> None:
        self.assertEqual(judge(self.expect, self.result(0)).kind, "passed")
        self.assertEqual(judge(self.expect, self.result(0, outputs=[])).kind, "wrong")
        self.assertEqual(judge(self.expect, self.result(1, message="no `X` yet. More.")).line(), "refused: no … yet")
        self.assertEqual(judge(self.expect, self.result(0, wasmi={"outcome": "failed"})).kind, "differs")
        self.assertEqual(judge(self.expect, None).kind, "missing")

    def test_reasons_lose_names_and_numbers(self) -> None:
        self.assertEqual(reason_of("node `a/b` (Foo): axis 3 of 2; use 1"), "node … (Foo): axis N of N")
        prefix = "the model cannot be prepared for inputs of shapes [[1, 2], []]: "
        self.assertEqual(reason_of(prefix + "X"), "the model cannot be prepared: X")
        self.assertEqual(reason_of("the model is refused for 2 problems: uses Y; do Z"), "uses Y")

    def test_exported_form_has_constant_parameters_and_opset_21(self) -> None:
        nodes = [helper.make_node("ReduceSum", ["x", "axes"], ["y"], keepdims=0)]
        values = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])]
        values.append(helper.make_tensor_value_info("axes", TensorProto.INT64, [1]))
        output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
        graph = helper.make_graph(nodes, "g", values, [output])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)])
        inputs = [np.array([[1, 2]], np.float32), np.array([1])]
        form = exported(Case("test_x", "ReduceSum", model, inputs, [np.array([3], np.float32)]))
        assert form is not None
        self.assertEqual((form.name, form.opset, len(form.model.graph.input)), ("test_x.exported", 21, 1))
        self.assertEqual(input_blob(form), struct.pack("<2f", 1, 2))
        self.assertEqual(len(model.graph.input), 2)

    def test_only_worse_is_a_regression(self) -> None:
        now = [Verdict("a", "A", 13, "node", True, kind, "") for kind in ("passed", "refused", "wrong", "differs")]
        self.assertEqual(len(regressions(now, {"a": "refused: because"})), 2)
        self.assertEqual(len(regressions(now, {})), 3)


if __name__ == "__main__":
    unittest.main()
