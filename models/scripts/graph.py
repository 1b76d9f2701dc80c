"""Collects the nodes and weights of an ONNX graph, and makes a model of them as common exporters would."""

from __future__ import annotations

from typing import Any

import common

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET, IR_VERSION = 17, 8


class GraphWriter:
    """Collects nodes and weights in order."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[TensorProto] = []

    def weight(self, name: str, array: common.Array) -> str:
        """Adds an initialiser and returns its name."""
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Adds a node with one output, and returns the output's name."""
        self.nodes.append(helper.make_node(operator, inputs, [output], name=f"/{output}", **attributes))
        return output

    def finish(
        self, name: str, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]
    ) -> onnx.ModelProto:
        """The model."""
        graph = helper.make_graph(self.nodes, name, inputs, outputs, self.initializers)
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, producer_name="enshrine-models", ir_version=IR_VERSION, opset_imports=opsets)
