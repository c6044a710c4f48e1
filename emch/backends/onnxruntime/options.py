"""Options in ONNX Runtime's own form, and what a session of it really uses."""

from collections.abc import Sequence
from typing import Any

from emch.backends.onnxruntime.asked import OnnxRuntimeInfo, OnnxRuntimeOptions
from emch.backends.onnxruntime.providers import CPU, choose_provider, device_of, library
from emch.errors import InvalidInput

LEVELS = {
    "disable": "ORT_DISABLE_ALL",
    "basic": "ORT_ENABLE_BASIC",
    "extended": "ORT_ENABLE_EXTENDED",
    "layout": "ORT_ENABLE_LAYOUT",
    "all": "ORT_ENABLE_ALL",
}


def session_options(options: OnnxRuntimeOptions) -> Any:
    """Return ONNX Runtime's options for ours.

    Raises
    ------
    InvalidInput
        This release has no such level of graph optimisation.
    InvalidInput, Unavailable
        See `choose_provider`.
    """
    import onnxruntime

    chosen = onnxruntime.SessionOptions()
    chosen.intra_op_num_threads = options.threads
    chosen.log_severity_level = (
        4  # only what is fatal: its errors are raised, and emch reports them once
    )
    if options.optimization is not None:
        chosen.graph_optimization_level = _level(options.optimization)
    provider = choose_provider(options)
    if provider != CPU and device_of(provider) == "cpu":
        # One on a GPU leaves the arithmetic of shapes to the CPU, and is right to do so.
        chosen.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    return chosen


def describe(sessions: Sequence[Any], precision: str) -> OnnxRuntimeInfo:
    """Report what sessions of ONNX Runtime, one for each stream, use together."""
    first, *_ = sessions
    used, provider = first.get_session_options(), first.get_providers()[0]
    names = {level: name for name, level in _levels().items()}
    return OnnxRuntimeInfo(
        threads=sum(each.get_session_options().intra_op_num_threads for each in sessions),
        streams=len(sessions),
        precision=precision,
        provider=provider,
        library=library(),
        device=device_of(provider),
        optimization=names[used.graph_optimization_level],
    )


def _level(name: str) -> Any:
    levels = _levels()
    if name not in levels:
        raise InvalidInput(
            f"unknown graph optimisation '{name}'; {library()} has: {', '.join(levels)}"
        )
    return levels[name]


def _levels() -> dict[str, Any]:
    """Return the levels that this release has, by our names."""
    from onnxruntime import GraphOptimizationLevel

    members = GraphOptimizationLevel.__members__
    return {name: members[theirs] for name, theirs in LEVELS.items() if theirs in members}
