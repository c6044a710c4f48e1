"""Files that are named as networks and are none, or none that any engine here has code for."""

from pathlib import Path

from evaluation.networks import graphs


def text(path: Path, small: bool) -> None:  # noqa: ARG001 - a text has no sizes
    """Write a text."""
    path.write_text("This is a text, and not a network.\n" * 20, encoding="utf-8")


def truncated(path: Path, small: bool) -> None:
    """Write the first half of a network, as a download that broke off leaves it."""
    graphs.nan(path, small)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def unknown_opset(path: Path, small: bool) -> None:
    """Write a network in an opset of the future."""
    import onnx

    graphs.nan(path, small)
    model = onnx.load(path)
    model.opset_import[0].version = 99
    path.write_bytes(model.SerializeToString())


def unknown_operator(path: Path, small: bool) -> None:
    """Write a network with an operator that there is not."""
    import onnx

    graphs.nan(path, small)
    model = onnx.load(path)
    model.graph.node[1].op_type = "Frobnicate"
    path.write_bytes(model.SerializeToString())
