"""The measuring process of one case: loads a network once, and runs it whenever it is told to.

    python -P -m emch.bench.worker JOB

JOB is the JSON of a `Job`. It reads a JSON object a line, whose `do` names a method of `Worker`,
and answers with one. An error of emch is an answer too, and the end. Answers go to the standard
output as it was at the start; whatever else prints there goes to stderr.
"""

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emch.backends.base import Options, Session
from emch.backends.load import load_network, load_session
from emch.backends.network import Feeds, Network, require_fit
from emch.backends.registry import make_options, open_model, require_available
from emch.bench.npz import load, save
from emch.bench.target import Joint, NetworkTarget
from emch.errors import ChildFailed, EmchError, InvalidInput, Unavailable, handed_over, in_words
from emch.measure.process import Account, die_with_parent, peak_bytes, resident_bytes
from emch.scenarios.closed_loop import Concurrent
from emch.scenarios.limits import Limits
from emch.scenarios.outcome import Interrupted
from emch.scenarios.registry import SCENARIOS

CHECKED_BYTES = 256 * 2**20
"""The bytes of outputs that are kept for the comparison of engines, at most by one call more."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a measuring process holds.

    Attributes
    ----------
    engine : str
        A backend by its name.
    file : str or None
        The file of the network; None for an artifact of a prepared model.
    key : str
        The key of the prepared model; empty where there is a file.
    options : Options
        What the engine is asked to use.
    """

    engine: str
    file: str | None
    key: str
    options: Options

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """Read what `to_json` wrote."""
        found = json.loads(text)
        return cls(**{**found, "options": make_options(found["engine"], **found["options"])})


class Worker:
    """A loaded network, and the methods that the parent may call."""

    def __init__(self, job: Job) -> None:
        start = time.perf_counter()
        self._import_engine(job.engine)
        imported = time.perf_counter()
        self._network = open_network(job)
        self._streams = job.options.streams
        self._target: NetworkTarget
        self._feeds: list[Feeds] = []
        self.loaded = {
            "import_s": imported - start,
            "load_s": time.perf_counter() - start,
            "rss_after_load_bytes": resident_bytes(),
            "session": asdict(self._network.info),
            "inputs": [asdict(each) for each in self._network.inputs],
        }

    @staticmethod
    def _import_engine(name: str) -> None:
        require_available(name).import_engine()

    def feed(self, path: str, joints: dict[str, Any]) -> dict[str, Any]:
        """Read the prepared inputs, and refuse them where the network cannot take them."""
        wanted = [each.name for each in self._network.inputs]
        every = load(Path(path))
        if missing := set(wanted) - every[0].keys():
            raise InvalidInput(
                f"{self._network.info.library} has inputs of other names than the file: "
                f"{', '.join(sorted(missing))}"
            )
        self._feeds = [{name: each[name] for name in wanted} for each in every]
        for feeds in self._feeds:
            require_fit(self._network, feeds)
        made = {name: Joint(**joint) for name, joint in joints.items()}
        self._target = NetworkTarget(self._network, self._feeds, self._streams, made)
        return {"feeds": len(self._feeds)}

    def answer(self, path: str, most: int) -> dict[str, Any]:
        """Run the first inputs once each and write the outputs; the first call is timed."""
        start = time.perf_counter()
        outputs = [self._run(self._feeds[0])]
        first_call_s = time.perf_counter() - start
        for feeds in self._feeds[1:most]:
            if sum(a.nbytes for each in outputs for a in each.values()) > CHECKED_BYTES:
                break
            outputs.append(self._run(feeds))
        save(Path(path), [{name: np.asarray(a) for name, a in each.items()} for each in outputs])
        return {"first_call_s": first_call_s, "answers": len(outputs)}

    def _run(self, feeds: Feeds) -> Feeds:
        try:
            return self._network.run(feeds)
        except EmchError:
            raise
        except Exception as error:  # every engine raises its own types
            raise EmchError(
                f"{self._network.info.library} loads the network and cannot run it "
                f"({in_words(error)}): give other shapes or inputs"
            ) from error

    def warm(self, seconds: float, most: int) -> dict[str, Any]:
        """Run every shape once, and every number of requests in a call; then for some time."""
        seen = set()
        for number, feeds in enumerate(self._feeds):
            shapes = tuple(array.shape for array in feeds.values())
            if shapes not in seen:
                seen.add(shapes)
                self._target.serve(0, [number])
        for size in range(2, most + 1):
            self._target.serve(0, range(size))
        if seconds:
            Concurrent().run(self._target, Limits.by_seconds(seconds))
        return {}

    def run(
        self, scenario: str, parameters: dict[str, Any], limits: dict[str, Any]
    ) -> dict[str, Any]:
        """Put a load on the network, and account for it."""
        load = SCENARIOS[scenario](**parameters)
        before = Account.so_far()
        interrupted = False
        try:
            outcome = load.run(self._target, Limits(**limits))
        except Interrupted as stop:
            outcome, interrupted = stop.outcome, True
        after = Account.so_far()
        return {
            "outcome": outcome.to_dict(),
            "cpu_s": after.user_s + after.kernel_s - before.user_s - before.kernel_s,
            "wall_s": after.wall_s - before.wall_s,
            "peak_rss_bytes": peak_bytes(),
            "interrupted": interrupted,
        }


def open_network(job: Job) -> Network:
    """Load what a job names."""
    if job.file is not None:
        return load_network(job.engine, Path(job.file), job.options)
    session = load_session(job.engine, open_model(job.engine, job.key), job.options)
    if not isinstance(session, Session):
        raise Unavailable(f"the backend '{job.engine}' takes texts alone: take another one")
    return session.network


def main(job: str) -> None:
    """Load, say so, and do what the lines say until the input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    die_with_parent()
    try:
        worker = Worker(Job.from_json(job))
        print(json.dumps(worker.loaded), file=answers)
        for line in sys.stdin:
            told = json.loads(line)
            found = getattr(worker, told.pop("do"))(**told)
            print(json.dumps(found), file=answers)
    except EmchError as error:
        print(json.dumps(handed_over(error)), file=answers)
    except Exception as error:  # an engine may raise anything in a run; the parent tells of it
        failed = ChildFailed(f"the engine failed while it was measured ({in_words(error)})")
        print(json.dumps(handed_over(failed)), file=answers)
        raise


if __name__ == "__main__":
    main(*sys.argv[1:])
