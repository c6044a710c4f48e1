"""The work that any network does on arrays by name: loaded from its file, checked, run in turn."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import asdict
from threading import Lock
from typing import Any

import numpy as np

from emch.arrays import FloatArray
from emch.backends.load import load_network
from emch.backends.network import Feeds, Network
from emch.backends.registry import make_options
from emch.beam.asked import Asked
from emch.beam.work.base import Loaded, Work
from emch.beam.work.network_file import NetworkFile, network_file
from emch.errors import Unavailable, WrongAnswer
from emch.models.agreement import COSINE_LIMITS, agreement

LOGITS = "logits"


class LoadedNetwork(Loaded):
    """A network, and what the work makes of batches and of logits."""

    def __init__(self, network: Network, work: "NetworkWork") -> None:
        self.network = network
        self._work = work
        self._takes = {each.name for each in network.inputs}
        self._alone = Lock()  # a runner may call from several threads, and a network has one stream

    def run(self, batch: Sequence[Any]) -> list[Any]:
        """See `Loaded.run`."""
        with self._alone:
            logits = self.logits(self._work.feeds(batch))
        return self._work.answers(batch, logits)

    def logits(self, feeds: Feeds) -> FloatArray:
        """Run the network on what it takes of some arrays; an exporter drops unused inputs."""
        found = self.network.run({name: feeds[name] for name in feeds if name in self._takes})
        logits: FloatArray = found[LOGITS]
        return logits


class NetworkWork(Work):
    """A task of a network that is made from its weights."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self._found: NetworkFile | None = network_file(asked)
        self._key = self._found.folder.name

    def __getstate__(self) -> dict[str, Any]:
        """Leave out where the network is here: a worker on another machine has its own cache."""
        return {**self.__dict__, "_found": None}

    @property
    def found(self) -> NetworkFile:
        """The network's file, made where it is not in the cache of this machine.

        Raises
        ------
        Unavailable
            The weights that this machine finds are others than those where the pipeline began.
        """
        if self._found is None:
            self._found = network_file(self.asked)
            if self._found.folder.name != self._key:
                raise Unavailable(
                    f"a worker finds other weights for '{self.asked.model}' than the machine where "
                    "the pipeline began: let them share EMCH_CACHE"
                )
        return self._found

    def load(self) -> LoadedNetwork:
        """See `Work.load`."""
        options = make_options(self.asked.backend, threads=self.asked.threads)
        return LoadedNetwork(load_network(self.asked.backend, self.found.file, options), self)

    def check(self) -> tuple[dict[str, Any], float]:
        """Hold its logits against those of PyTorch itself; see `Work.check`."""
        loaded = self.load()
        feeds, wanted = self.found.probe()
        info = loaded.network.info
        rows = (-1, wanted.shape[-1])
        found = agreement(loaded.logits(feeds).reshape(rows), wanted.reshape(rows))
        if not found.reaches(info.precision):
            raise WrongAnswer(
                f"the backend '{self.asked.backend}' answers wrongly: its logits and those of "
                f"PyTorch {found}; {info.precision} needs a cosine of "
                f"{COSINE_LIMITS[info.precision]}"
            )
        return asdict(info), found.cosine

    @abstractmethod
    def feeds(self, batch: Sequence[Any]) -> Feeds:
        """Return prepared inputs as the arrays of one call."""

    @abstractmethod
    def answers(self, batch: Sequence[Any], logits: FloatArray) -> list[Any]:
        """Return an answer to each input out of the logits of a call."""

    def count_bytes(self, ready: Any) -> int:
        """See `Work.count_bytes`."""
        return int(np.asarray(ready).nbytes)

    def length(self, ready: Any) -> int:
        """See `Work.length`."""
        return len(ready)
