"""What a benchmark finds: the rounds of each case, or why there are none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emch.bench.plan import Case
from emch.errors import EmchError
from emch.scenarios.outcome import Outcome


@dataclass(frozen=True, kw_only=True)
class Round:
    """One slice of a case.

    Attributes
    ----------
    outcome : Outcome
        The times of all requests.
    cpu_s, wall_s : float
        Seconds of CPU time of all threads of the process, and seconds that passed.
    """

    outcome: Outcome
    cpu_s: float
    wall_s: float


@dataclass
class Found:
    """What is known of a case so far.

    Attributes
    ----------
    case : Case
        The case.
    loaded : mapping
        What `emch.bench.worker.Worker.loaded` has: session, load_s and so on.
    first_call_s : float or None
        Seconds of the first call after loading.
    rounds : list of Round
        Those that are done; the last one may have been cut short by Ctrl-C.
    peak_rss_bytes : int
        The largest resident set size of the process.
    error : EmchError or None
        Why it could not be measured, or not to its end.
    """

    case: Case
    loaded: Mapping[str, Any] = field(default_factory=dict)
    first_call_s: float | None = None
    rounds: list[Round] = field(default_factory=list)
    peak_rss_bytes: int = 0
    error: EmchError | None = None

    def add(self, answer: Mapping[str, Any]) -> None:
        """Take what `Worker.run` has answered."""
        outcome = Outcome.from_dict(answer["outcome"])
        self.peak_rss_bytes = max(self.peak_rss_bytes, answer["peak_rss_bytes"])
        if outcome.requests:
            self.rounds.append(
                Round(outcome=outcome, cpu_s=answer["cpu_s"], wall_s=answer["wall_s"])
            )

    @property
    def precision(self) -> str:
        """What the engine says that it computes in."""
        return str(self.loaded["session"]["precision"])

    @property
    def latencies_s(self) -> NDArray[np.float64]:
        """The latency of each request, of all rounds; infinity where it was not served."""
        every = [each.outcome.latencies_s for each in self.rounds]
        return np.concatenate(every) if every else np.empty(0)

    @property
    def served(self) -> int:
        """The requests that were served."""
        return sum(each.outcome.served for each in self.rounds)

    @property
    def requests_per_second(self) -> float:
        """How many requests were served per second, over all rounds."""
        elapsed = sum(each.outcome.elapsed_s for each in self.rounds)
        return self.served / elapsed if elapsed else 0.0

    @property
    def items_per_second(self) -> float:
        """How many items of batches were served per second."""
        return self.requests_per_second * self.case.batch_size

    @property
    def balance(self) -> str:
        """The share of the requests that each stream served, in percent; empty for one stream."""
        outcomes = [each.outcome for each in self.rounds]
        if not self.served or outcomes[0].streams == 1:
            return ""
        counts = sum(np.asarray(each.balance) * each.served for each in outcomes)
        return "/".join(f"{share:.0%}" for share in np.asarray(counts) / self.served)

    @property
    def cpu_percent(self) -> float:
        """The CPU time in percent of the time that passed; 100 is one CPU."""
        wall = sum(each.wall_s for each in self.rounds)
        return 100 * sum(each.cpu_s for each in self.rounds) / wall if wall else 0.0
