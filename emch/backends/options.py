"""What a session is asked to use, and what it says that it uses."""

from dataclasses import asdict, dataclass

from emch.errors import OptionNotHonoured
from emch.measure.cpus import require_cpus

DEVICES = ("cpu", "cuda")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a session is asked to use; None leaves the choice to the engine.

    Attributes
    ----------
    threads : int
        Threads of the engine, over all its streams.
    streams : int
        Batches that the engine works on at once; each has an equal part of the threads.
    device : {"cpu", "cuda"}
        What computes.
    provider : str or None
        The execution provider, by ONNX Runtime's name for it.
    optimization : str or None
        The level of graph optimisation, by ONNX Runtime's name: disable, basic, extended, all.
    oversubscribe : bool
        Whether there may be more threads than usable CPUs.
    """

    threads: int
    streams: int = 1
    device: str = "cpu"
    provider: str | None = None
    optimization: str | None = None
    oversubscribe: bool = False

    def require_cpus(self, callers: int = 1) -> None:
        """Raise `InvalidInput` where sessions of some callers need what `require_cpus` refuses."""
        require_cpus(
            self.threads, streams=self.streams, callers=callers, oversubscribe=self.oversubscribe
        )


@dataclass(frozen=True, kw_only=True)
class SessionInfo:
    """What a session really uses, as the engine itself reports it after loading.

    Attributes
    ----------
    threads, streams, device, optimization
        As in `Options`; None where the engine knows no such thing.
    precision : str
        A key of `emch.models.agreement.COSINE_LIMITS`.
    provider : str
        The engine's own name for what executes.
    library : str
        The engine and its version.
    """

    threads: int
    precision: str
    provider: str
    library: str
    streams: int = 1
    device: str = "cpu"
    optimization: str | None = None


def require_honoured(info: SessionInfo, options: Options, precision: str) -> None:
    """Raise `OptionNotHonoured` where a session does not use what was asked for."""
    wanted = {**asdict(options), "precision": precision}
    del wanted["oversubscribe"]  # a permission: no session uses it
    for what, asked in wanted.items():
        used = getattr(info, what)
        if asked is not None and asked != used:
            raise OptionNotHonoured(f"{info.library} was asked for {what} {asked} and uses {used}")
