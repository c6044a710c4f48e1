"""The times of the operators, by ONNX Runtime's own profile."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from emch.backends.network import Feeds
from emch.backends.profile import Operator

WARM_CALLS = 2
"""Calls of each input that come before, and are left out."""

MICROSECONDS = 1e-6
"""The unit of the profile's `dur`."""

NODE = "_kernel_time"
"""How the name of an event ends that is the execution of a node."""


def profile(
    options: Any, make: Callable[[Any], Any], feeds: Sequence[Feeds], calls: int
) -> list[Operator]:
    """Return the operators of a network, slowest first; see `Network.profile`.

    Parameters
    ----------
    options : onnxruntime.SessionOptions
        Those of a session of the network.
    make : callable
        Makes a session of the network with such options.
    feeds : sequence of Feeds
        Inputs, taken in turn.
    calls : int
        Calls that are counted.
    """
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "profile")
        session = make(options)
        before = WARM_CALLS * len(feeds)
        for call in range(before + calls):
            session.run(None, feeds[call % len(feeds)])
        written = Path(session.end_profiling())
        events = json.loads(written.read_text(encoding="utf-8"))
    return _operators(events, before, calls)


def _operators(events: list[dict[str, Any]], before: int, calls: int) -> list[Operator]:
    """Add up the events of each node in the calls that count, which are the last ones."""
    seconds: Counter[tuple[str, str]] = Counter()
    seen: Counter[str] = Counter()
    for event in events:
        name = event["name"].removesuffix(NODE)
        if event.get("cat") != "Node" or name == event["name"]:
            continue
        seen[name] += 1
        if seen[name] > before:
            seconds[name, event["args"]["op_name"]] += event["dur"] * MICROSECONDS
    return [Operator(name, kind, spent / calls) for (name, kind), spent in seconds.most_common()]
