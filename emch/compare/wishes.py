"""What a user wants beside speed: a limit of memory, of accuracy, of latency."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emch.errors import InvalidInput
from emch.metrics import METRICS, PERCENTS

UNITS = {"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
PERCENTILES = {"p50": "median_s"} | {f"p{rank}": metric for metric, rank in PERCENTS.items()}


@dataclass(frozen=True)
class Wish:
    """A limit of one metric.

    Attributes
    ----------
    option : str
        The option with its value, as the user gave it.
    metric : str
        What is limited.
    limit : float
        In the metric's unit; it is the least where more is better, and else the greatest.
    """

    option: str
    metric: str
    limit: float

    def is_met(self, figures: Mapping[str, float]) -> bool:
        """Say whether figures keep the limit; one that is not known does not."""
        value = figures.get(self.metric)
        if value is None:
            return False
        return (
            value >= self.limit if METRICS[self.metric].better == "higher" else value <= self.limit
        )


def memory_wish(text: str) -> Wish:
    """Read `300MiB`.

    Raises
    ------
    InvalidInput
        It is no size.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]i?B|B)", text)
    if match is None:
        raise InvalidInput(f"--memory {text}: give a size such as 300MiB")
    return Wish(f"--memory {text}", "peak_rss_bytes", float(match[1]) * UNITS[match[2]])


def accuracy_wish(text: str, rates: Sequence[float]) -> Wish:
    """Read `0.44`, or `within 0.005` of the best hit rate that was measured.

    Parameters
    ----------
    text : str
        What the user gave.
    rates : sequence of float
        The hit rates of all that were measured in fp32, or else of all.

    Raises
    ------
    InvalidInput
        It is neither.
    """
    match = re.fullmatch(r"(within\s+)?(0?\.\d+|0|1|1\.0+)", text.strip())
    if match is None:
        raise InvalidInput(f"--hit-rate {text}: give a rate such as 0.44, or 'within 0.005'")
    limit = float(match[2])
    # Rates are counts over queries, so that a limit of the last digit has to hold.
    return Wish(
        f"--hit-rate '{text}'", "hit_rate", max(rates) - limit - 1e-9 if match[1] else limit
    )


def latency_wish(text: str) -> tuple[str, Wish | None]:
    """Read `p99` or `p99:20ms`; return the metric, and the limit if there is one.

    Raises
    ------
    InvalidInput
        It is neither.
    """
    match = re.fullmatch(r"(p50|p90|p95|p99)(?::(\d+(?:\.\d+)?)\s*(us|ms|s))?", text)
    if match is None:
        raise InvalidInput(f"--latency {text}: give p50, p90, p95 or p99, as p99 or p99:20ms")
    metric = PERCENTILES[match[1]]
    if match[2] is None:
        return metric, None
    seconds = float(match[2]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[match[3]]
    return metric, Wish(f"--latency {text}", metric, seconds)
