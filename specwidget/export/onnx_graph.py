"""Building an ONNX graph node by node, and the model around it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

OPSET, IR_VERSION = 13, 7
"""The oldest operator set with all operators used here, and the version of the file format that came with it."""


class GraphBuilder:
    """Builds a graph node by node; methods take and return the names of results.

    Parameters
    ----------
    onnx : module
        The package onnx.
    """

    def __init__(self, onnx: Any) -> None:
        self.onnx = onnx
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node, and return the name of its result."""
        name = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operator, list(inputs), [name], name, **attributes))
        return name

    def add_constant(self, values: Any, name: str) -> str:
        """Add an array; a name that exists is replaced."""
        self.constants[name] = self.onnx.numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def integers(self, *values: int) -> str:
        """Add a vector of integers."""
        return self.add_constant(np.array(values, np.int64), "integers_" + "_".join(map(str, values)))

    def cast(self, name: str, dtype: str) -> str:
        """Add a cast to a NumPy dtype."""
        return self.add("Cast", name, to=self.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def size(self, name: str, axis: int) -> str:
        """Add the length of an axis, as a vector of 1 element."""
        return self.add("Gather", self.add("Shape", name), self.integers(axis), axis=0)

    def make_model(
        self, name: str, axes: list[str | int], output_axes: list[str | int], dtype: str, config: dict[str, Any]
    ) -> Any:
        """Make the model of the nodes, from a result "inputs" to a result "outputs".

        Parameters
        ----------
        name : str
            Name of the graph.
        axes, output_axes : list of str or int
            Axes of input and output, by name or by length where it is fixed.
        dtype : str
            Type of both.
        config : dict
            Configuration of the layer, which becomes part of the metadata.

        Returns
        -------
        onnx.ModelProto
            The model.
        """
        helper = self.onnx.helper
        element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        graph = helper.make_graph(
            self.nodes,
            name,
            [helper.make_tensor_value_info("inputs", element, axes)],
            [helper.make_tensor_value_info("outputs", element, output_axes)],
            list(self.constants.values()),
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="specwidget"
        )
        helper.set_model_props(model, {"specwidget": json.dumps(config)})
        return model
