"""A run in slices of time: how much was served in each, and how fast."""

from dataclasses import dataclass

import numpy as np

from emch.scenarios.outcome import Outcome


@dataclass(frozen=True)
class Slice:
    """What happened in one slice of a run.

    Attributes
    ----------
    start_s : float
        Seconds since the run's start.
    requests : int
        Requests whose answer came in it.
    rate : float
        These per second.
    mean_s : float or None
        Their mean latency; None where there are none.
    """

    start_s: float
    requests: int
    rate: float
    mean_s: float | None


def cut(outcome: Outcome, seconds: float = 1.0) -> list[Slice]:
    """Cut a run into slices; what is left at its end, shorter than one, is left out."""
    whole = int(outcome.elapsed_s // seconds)
    ended, latencies = outcome.ended_s, outcome.latencies_s
    place = np.minimum(ended // seconds, whole)  # infinity too is beyond the last
    slices = []
    for number in range(whole):
        found = latencies[place == number]
        mean = float(found.mean()) if len(found) else None
        slices.append(Slice(number * seconds, len(found), len(found) / seconds, mean))
    return slices
