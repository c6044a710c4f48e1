"""What MLPerf LoadGen says of a run, read from its log."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emch.scenarios.outcome import Outcome

DETAIL = "mlperf_log_detail.txt"
MARK = ":::MLLOG "


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What LoadGen says of a run.

    Attributes
    ----------
    valid : bool
        Whether the run keeps MLPerf's rules.
    reason : str
        Why it does not, and what LoadGen recommends; empty where it does.
    early_stopping : str
        What its test of early stopping says, such as how many more requests it needs.
    results : mapping
        All results by LoadGen's own keys, `result_99.00_percentile_latency_ns` for example.
    version : str
        Of LoadGen.
    folder : str
        Where its logs are.
    outcome : Outcome
        The times of the requests by our clock; they count from when LoadGen issued them, and its
        own from when it had planned to.
    """

    valid: bool
    reason: str
    early_stopping: str
    results: Mapping[str, Any]
    version: str
    folder: str
    outcome: Outcome


def read_verdict(folder: Path, outcome: Outcome) -> Verdict:
    """Read LoadGen's log of a run in a folder; the outcome is the run by our own clock."""
    log = dict(_read_log(folder / DETAIL))
    return Verdict(
        valid=log["result_validity"] == "VALID",
        reason=_in_one_line(log.get("result_invalid_reason", "")),
        early_stopping=_in_one_line(log.get("early_stopping_result", "")),
        results={key: value for key, value in log.items() if key.startswith("result_")},
        version=log["loadgen_version"],
        folder=str(folder),
        outcome=outcome,
    )


def _read_log(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the keys and values of LoadGen's log."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(MARK):
            found = json.loads(line.removeprefix(MARK))
            yield found["key"], found["value"]


def _in_one_line(text: str) -> str:
    return " ".join(text.replace("*", " ").split())
