"""What a run of a scenario found: the raw times of every request."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOLERANCE_S = 1e-3
"""A request is late where the generator itself delayed it by more than this, ..."""

TOLERANCE_SHARE = 0.03
"""... and by more than this share of its latency: changes below that do not matter elsewhere."""

MOST_LATE = 0.01
"""A run with more late requests than this share says more of the generator than of the target."""

Seconds = NDArray[np.float64]

_SECONDS = ("planned_s", "sent_s", "started_s", "ended_s")


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """The times of every request, by its number; seconds since the run's start.

    Attributes
    ----------
    planned_s : ndarray of float64, shape [requests]
        When the request should be sent. Where each request waits for the end of another one
        (sync, async, elastic), that is when it was sent.
    sent_s : ndarray of float64, shape [requests]
        The planned time, and what the generator itself was late by.
    started_s, ended_s : ndarray of float64, shape [requests]
        When the call that served it began and ended; infinity where it was not served before
        the run was cut off.
    stream : ndarray of int64, shape [requests]
        Which stream served it; -1 where none did.
    together : ndarray of int64, shape [requests]
        The requests that were served in the same call; 0 where it was not served.
    streams : int
        How many streams there were.
    elapsed_s : float
        From the start to the end of the last call.
    offered_rate : float or None
        Requests per second that were planned, in the scenario `server`; None in the others.
    generator_cpu_s : float or None
        Seconds of CPU time that the generator itself used; None where it does next to nothing.
    """

    planned_s: Seconds
    sent_s: Seconds
    started_s: Seconds
    ended_s: Seconds
    stream: NDArray[np.int64]
    together: NDArray[np.int64]
    streams: int
    elapsed_s: float
    offered_rate: float | None = None
    generator_cpu_s: float | None = None

    @property
    def requests(self) -> int:
        """How many requests were planned."""
        return len(self.planned_s)

    @cached_property
    def served(self) -> int:
        """How many requests were served."""
        return int(np.isfinite(self.ended_s).sum())

    @property
    def unserved(self) -> int:
        """How many requests were not served before the run was cut off."""
        return self.requests - self.served

    @cached_property
    def latencies_s(self) -> Seconds:
        """From when each request should be sent to its answer; infinity where none came."""
        return self.ended_s - self.planned_s

    @cached_property
    def waits_s(self) -> Seconds:
        """From when each request should be sent to the start of the call that served it."""
        return self.started_s - self.planned_s

    @cached_property
    def lateness_s(self) -> Seconds:
        """By how much the generator itself delayed each request that was served."""
        served = np.isfinite(self.ended_s)
        return self.sent_s[served] - self.planned_s[served]

    @cached_property
    def late(self) -> int:
        """How many requests the generator delayed by more than the tolerance.

        That is more than `TOLERANCE_S`, and more than `TOLERANCE_SHARE` of the latency.
        """
        latencies = self.latencies_s[np.isfinite(self.ended_s)]
        tolerated = np.maximum(TOLERANCE_S, TOLERANCE_SHARE * latencies)
        return int((self.lateness_s > tolerated).sum())

    @property
    def late_share(self) -> float:
        """The share of the served requests that were late."""
        return self.late / self.served if self.served else 0.0

    @property
    def mean_service_s(self) -> float:
        """The mean length of the calls that served the requests."""
        served = np.isfinite(self.ended_s)
        return float((self.ended_s[served] - self.started_s[served]).mean())

    @property
    def achieved_rate(self) -> float:
        """Requests that were served, per second."""
        return self.served / self.elapsed_s if self.served else 0.0

    @property
    def balance(self) -> list[float]:
        """The share of the served requests that each stream served."""
        counts = np.bincount(self.stream[self.stream >= 0], minlength=self.streams)
        return [float(count) for count in counts / max(self.served, 1)]

    def until(self, moment: float) -> "Outcome":
        """Return it without the requests that should be sent after a moment."""
        kept = self.planned_s <= moment
        names = (*_SECONDS, "stream", "together")
        return replace(self, **{name: getattr(self, name)[kept] for name in names})

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it: nanoseconds are kept, and infinity is null."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in _SECONDS:
            found[name] = [round(s, 9) if math.isfinite(s) else None for s in found[name].tolist()]
        return {**found, "stream": self.stream.tolist(), "together": self.together.tolist()}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Outcome":
        """Read what `to_dict` returned."""
        seconds = {name: _read_seconds(found[name]) for name in _SECONDS}
        numbers = {name: np.array(found[name], dtype=np.int64) for name in ("stream", "together")}
        return cls(**{**found, **seconds, **numbers})


def _read_seconds(values: Sequence[float | None]) -> Seconds:
    return np.array([math.inf if value is None else value for value in values], dtype=np.float64)


def join(outcomes: Sequence[Outcome]) -> Outcome:
    """Return runs of the same load one behind another, as if there had been no pause."""
    starts = np.cumsum([0.0, *(each.elapsed_s for each in outcomes)])
    placed = [*zip(starts, outcomes, strict=False)]
    return Outcome(
        planned_s=np.concatenate([start + each.planned_s for start, each in placed]),
        sent_s=np.concatenate([start + each.sent_s for start, each in placed]),
        started_s=np.concatenate([start + each.started_s for start, each in placed]),
        ended_s=np.concatenate([start + each.ended_s for start, each in placed]),
        stream=np.concatenate([each.stream for each in outcomes]),
        together=np.concatenate([each.together for each in outcomes]),
        streams=outcomes[0].streams,
        elapsed_s=float(starts[-1]),
        offered_rate=outcomes[0].offered_rate,
    )


class Interrupted(KeyboardInterrupt):
    """Ctrl-C came while a scenario ran.

    Attributes
    ----------
    outcome : Outcome
        What was measured until then; it may have no request at all.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome
