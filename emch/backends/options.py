"""What a session is asked to use, and what it says that it uses.

The fields of `Options`, of its subclasses and of the tasks are options of the command line: what
`emch.cli.fields` reads is in their metadata.
"""

from dataclasses import asdict, dataclass, field

from emch.errors import OptionNotHonoured
from emch.measure.cpus import require_cpus

DEVICES = ("cpu", "cuda")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What every session can be asked to use; an engine adds its own options in a subclass.

    Each field of a subclass has a default, None for the engine's own choice. A session that has one
    of them reports it in the field of that name of its `SessionInfo`.

    Attributes
    ----------
    threads : int
        Threads of the engine, over all its streams.
    streams : int
        Batches that the engine works on at once; each has an equal part of the threads.
    device : {"cpu", "cuda"}
        What computes.
    oversubscribe : bool
        Whether there may be more threads than usable CPUs.
    """

    threads: int = field(metadata={"help": "Of the engine.", "otherwise": "usable CPUs"})
    streams: int = field(default=1, metadata={"help": "Batches at once."})
    device: str = field(default="cpu", metadata={"help": "What computes.", "choices": DEVICES})
    oversubscribe: bool = field(
        default=False, metadata={"help": "Allow more threads than usable CPUs."}
    )

    def require_cpus(self, callers: int = 1) -> None:
        """Raise `InvalidInput` where sessions of some callers need what `require_cpus` refuses."""
        require_cpus(
            self.threads, streams=self.streams, callers=callers, oversubscribe=self.oversubscribe
        )


@dataclass(frozen=True, kw_only=True)
class SessionInfo:
    """What a session really uses, as the engine itself reports it after loading.

    An engine that has options of its own has a subclass with a field for each of them.

    Attributes
    ----------
    threads, streams, device
        As in `Options`.
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


def require_honoured(info: SessionInfo, options: Options, precision: str) -> None:
    """Raise `OptionNotHonoured` where a session does not use what was asked for."""
    wanted = {**asdict(options), "precision": precision}
    del wanted["oversubscribe"]  # a permission: no session uses it
    for what, asked in wanted.items():
        used = getattr(info, what, None)
        if asked is not None and asked != used:
            raise OptionNotHonoured(f"{info.library} was asked for {what} {asked} and uses {used}")
