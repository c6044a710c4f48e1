"""Changes to a network of OpenVINO before it is compiled."""

from typing import Any

import numpy as np


def feed_token_types(network: Any) -> None:
    """Let the graph make the zeros for its input `token_type_ids` itself, if it has one."""
    ops = operations()
    for parameter in network.get_parameters():
        if "token_type_ids" in parameter.output(0).get_names():
            shape = ops.shape_of(network.input("input_ids"))
            parameter.output(0).replace(ops.broadcast(np.int64(0), shape).output(0))
            network.remove_parameter(parameter)


def append_pooling(network: Any, pooling: str) -> Any:
    """Return the network with what `emch.models.head.pool` does at its end.

    Its one output has shape [batch, hidden].
    """
    import openvino

    ops = operations()
    hidden = network.output("last_hidden_state").get_node().input_value(0)
    if pooling == "cls":
        pooled = ops.gather(hidden, np.int64(0), np.int64(1))
    else:
        mask = ops.convert(network.input("attention_mask"), "f32")
        weights = ops.divide(mask, ops.reduce_sum(mask, np.int64(1), keep_dims=True))
        sums = ops.matmul(ops.unsqueeze(weights, np.int64(1)), hidden, False, False)
        pooled = ops.squeeze(sums, np.int64(1))
    return openvino.Model([pooled], network.get_parameters(), "encoder")


def operations() -> Any:
    """Return OpenVINO's module of operations, which was elsewhere in 2024."""
    try:
        from openvino import opset13
    except ImportError:
        from openvino.runtime import opset13
    return opset13
