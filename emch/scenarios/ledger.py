"""What a stream notes down of its requests, and how the notes of all become an outcome."""

from array import array
from collections.abc import Sequence
from struct import Struct

import numpy as np

from emch.scenarios.outcome import Outcome, Seconds

Row = tuple[int, float, float, float, float, int]
"""Request, planned_s, sent_s, started_s, ended_s, together; see `Outcome`."""

COLUMNS = 6
_PACK = Struct(f"{COLUMNS}d").pack


class Ledger:
    """The requests that one stream served.

    They are rows of plain numbers in one block of memory, 48 bytes each, and a row is added as a
    whole: an interrupt never leaves a part of one.

    Attributes
    ----------
    generator_cpu_s : float
        Seconds of CPU time that this stream's thread used outside of the target's calls.
    """

    def __init__(self) -> None:
        self._numbers = array("d")
        self.generator_cpu_s = 0.0

    def add(self, row: Row) -> None:
        """Note a request down that was served."""
        self._numbers.frombytes(_PACK(*row))  # extend() keeps what comes before a failure

    @property
    def rows(self) -> Seconds:
        """The notes, shape [requests, COLUMNS]."""
        return np.frombuffer(bytes(self._numbers)).reshape(-1, COLUMNS)


def as_outcome(
    ledgers: Sequence[Ledger],
    *,
    planned_s: Seconds | None = None,
    offered_rate: float | None = None,
    generator_cpu_s: float | None = None,
) -> Outcome:
    """Put the notes of all streams in the order of the requests.

    Parameters
    ----------
    ledgers : sequence of Ledger
        One for each stream.
    planned_s : ndarray of float64, shape [requests], optional
        All requests that were planned; those that no ledger has were not served. Without it the
        ledgers have all that there are.
    offered_rate, generator_cpu_s
        See `Outcome`.
    """
    stream = np.repeat(np.arange(len(ledgers)), [len(ledger.rows) for ledger in ledgers])
    rows = np.concatenate([ledger.rows for ledger in ledgers])
    order = np.argsort(rows[:, 0], kind="stable")
    rows, stream = rows[order], stream[order]
    ended = float(rows[:, 4].max(initial=0.0))
    if planned_s is not None:
        every = np.full((len(planned_s), COLUMNS), np.inf)
        every[:, 1], every[:, 5] = planned_s, 0
        by = np.full(len(planned_s), -1)
        numbers = rows[:, 0].astype(np.int64)
        every[numbers], by[numbers] = rows, stream
        rows, stream = every, by
    return Outcome(
        planned_s=rows[:, 1],
        sent_s=rows[:, 2],
        started_s=rows[:, 3],
        ended_s=rows[:, 4],
        stream=stream.astype(np.int64),
        together=rows[:, 5].astype(np.int64),
        streams=len(ledgers),
        elapsed_s=ended,
        offered_rate=offered_rate,
        generator_cpu_s=generator_cpu_s,
    )
