"""Under load: requests arrive at a loaded session as a scenario says; how long each takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from emch.arrays import IntArray
from emch.backends.base import Options
from emch.datasets.sentences import NAMES_HELP, require_sentences
from emch.encoding.batching import Batch
from emch.encoding.encoder import Encoder
from emch.errors import CompiledWhileTimed, InvalidInput, Overloaded
from emch.percentiles import samples_needed
from emch.scenarios.elastic import Elastic
from emch.scenarios.limits import Limits
from emch.scenarios.outcome import Outcome as Served
from emch.scenarios.registry import SCENARIOS
from emch.scenarios.scenario import Scenario
from emch.scenarios.server import Server
from emch.tasks.base import BATCH_SIZE_OPTION, Outcome, Task
from emch.tasks.sentence_encoding import WARM_ROUNDS, Work, batches_for


def _as_in(kind: type[Scenario], name: str) -> Any:
    """Return a field as a scenario has it."""
    (own,) = (each for each in fields(kind) if each.name == name)
    return field(default=own.metadata.get("default", own.default), metadata=own.metadata)


@dataclass(frozen=True, kw_only=True)
class UnderLoad(Task):
    """Put a load on sessions; a request is one batch of a dataset of sentences.

    Attributes
    ----------
    scenario : str
        A name of `SCENARIOS`.
    callers : int
        Sessions that are at work at once, each on as many threads of ours as it has streams.
    request_rate, arrival, burstiness, most, deadline_ms, concurrency
        The parameters of the scenario; see `Server` and `Elastic`.
    min_calls, min_seconds, max_seconds
        How long requests are sent; see `Limits`.
    """

    name: ClassVar[str] = "under-load"
    summary: ClassVar[str] = "Send requests to a loaded session as a scenario says: latencies."

    dataset: str = field(metadata={"default": "sentences-128", "help": NAMES_HELP})
    batch_size: int = field(metadata=BATCH_SIZE_OPTION)
    scenario: str = field(
        metadata={"default": "server", "choices": tuple(SCENARIOS), "help": "How requests arrive."}
    )
    callers: int = field(default=1, metadata={"help": "Sessions at work at once."})
    request_rate: float | None = _as_in(Server, "request_rate")
    arrival: str = _as_in(Server, "arrival")
    burstiness: float = _as_in(Server, "burstiness")
    most: int = _as_in(Elastic, "most")
    deadline_ms: float = _as_in(Elastic, "deadline_ms")
    concurrency: int | None = _as_in(Elastic, "concurrency")
    min_calls: int = samples_needed(99)
    min_seconds: float = 2.0
    max_seconds: float = 20.0

    @cached_property
    def load(self) -> Scenario:
        """The scenario with its parameters."""
        kind = SCENARIOS[self.scenario]
        own = {each.name for each in fields(kind)} & {each.name for each in fields(self)}
        return kind(**{name: getattr(self, name) for name in own})

    def require_inputs(self, options: Options) -> None:
        """See `Task.require_inputs`."""
        options.require_cpus(self.callers)
        require_sentences(self.dataset)
        if self.scenario not in SCENARIOS:
            known = ", ".join(SCENARIOS)
            raise InvalidInput(f"unknown scenario '{self.scenario}'; known are: {known}")
        if self.scenario == Server.name and self.request_rate is None:
            raise InvalidInput("the scenario 'server' needs a rate: give --request-rate")
        self.load.require_inputs(self.callers * options.streams)

    def run(self, encoder: Encoder) -> Outcome:
        """Warm up, then put the load on; `call_s` has the latency of each request."""
        work = batches_for(encoder, self.dataset, self.batch_size)
        encoders = [encoder, *(encoder.again() for _ in range(self.callers - 1))]
        target = SessionTarget(encoders, work)
        target.warm(self.most if self.scenario == Elastic.name else 1)
        compiled = [len(each.compile_s) for each in encoders]
        served = self.load.run(target, Limits(self.min_calls, self.min_seconds, self.max_seconds))
        if compiled != [len(each.compile_s) for each in encoders]:
            raise CompiledWhileTimed(f"{encoder.name} compiled while it was timed")
        if served.unserved:
            raise Overloaded(
                f"{encoder.name} served {served.achieved_rate:.3g} requests per second, and "
                f"{served.unserved} of {served.requests} were left when the run was cut off: "
                "give a lower rate"
            )
        latencies_s = np.round(served.latencies_s, 9).tolist()  # the clock has nanoseconds
        samples = {"call_s": latencies_s, "elapsed_s": [served.elapsed_s]}
        if served.offered_rate is not None:
            samples["offered_rate"] = [served.offered_rate]
        return Outcome(counts=self._count(served, work), samples=samples, further=encoders[1:])

    def _count(self, served: Served, work: Sequence[Work]) -> dict[str, int]:
        made = [work[request % len(work)] for request in range(served.requests)]
        return {
            "requests": served.requests,
            "late": served.late,
            "sentences": self.batch_size * len(made),
            "tokens": sum(item.tokens for item in made),
        }


class SessionTarget:
    """Sessions as a target of scenarios: each stream has a session, shared where that has several.

    Attributes
    ----------
    streams : int
        Of all sessions.
    """

    def __init__(self, encoders: Sequence[Encoder], work: Sequence[Work]) -> None:
        self._encoders = [each for each in encoders for _ in range(each.info.streams)]
        self._work = work

    @property
    def streams(self) -> int:
        """How many calls the sessions take at once."""
        return len(self._encoders)

    def serve(self, stream: int, requests: Sequence[int]) -> None:
        """Run the batches of some requests as one; see `Target.serve`."""
        encoder = self._encoders[stream]
        found = [self._work[request % len(self._work)] for request in requests]
        work = found[0] if len(found) == 1 else join(found, encoder.settings.pad_id)
        work.call(encoder)()

    def warm(self, most: int) -> None:
        """Run every batch on every stream, and every number of them up to `most` as one.

        So no timed call is the first of its kind.
        """
        for stream in range(self.streams):
            for request in [*range(len(self._work))] * WARM_ROUNDS:
                self.serve(stream, (request,))
            for size in range(2, most + 1):
                self.serve(stream, range(size))


def join(works: Sequence[Work], pad_id: int) -> Work:
    """Return several batches as one, padded to the longest."""
    tokens = max(work.batch.input_ids.shape[1] for work in works)

    def joined(parts: Sequence[IntArray], filler: int) -> IntArray:
        wide = [
            np.pad(part, ((0, 0), (0, tokens - part.shape[1])), constant_values=filler)
            for part in parts
        ]
        return np.concatenate(wide)

    batch = Batch(
        np.concatenate([work.batch.rows for work in works]),
        joined([work.batch.input_ids for work in works], pad_id),
        joined([work.batch.attention_mask for work in works], 0),
    )
    texts = [text for work in works for text in work.texts]
    return Work(texts, batch, sum(work.flop for work in works))
