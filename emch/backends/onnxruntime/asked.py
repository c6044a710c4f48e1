"""What ONNX Runtime can be asked for beyond what every engine can, and says that it uses."""

from dataclasses import dataclass, field

from emch.backends.base import Options, SessionInfo


@dataclass(frozen=True, kw_only=True)
class OnnxRuntimeOptions(Options):
    """Options of ONNX Runtime; None leaves the choice to it.

    Attributes
    ----------
    provider : str or None
        The execution provider, by ONNX Runtime's name for it.
    optimization : str or None
        The level of graph optimisation, by ONNX Runtime's name: disable, basic, extended, all.
    """

    provider: str | None = field(
        default=None, metadata={"help": "Execution provider of ONNX Runtime.", "metavar": "NAME"}
    )
    optimization: str | None = field(
        default=None, metadata={"help": "Graph optimisation of ONNX Runtime.", "metavar": "LEVEL"}
    )


@dataclass(frozen=True, kw_only=True)
class OnnxRuntimeInfo(SessionInfo):
    """What a session of ONNX Runtime uses, with its level of graph optimisation."""

    optimization: str
