"""What quickstart measures, and how it shows that."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emch.backends.registry import make_options
from emch.cli.console import out, progress, table
from emch.errors import EmchError
from emch.measure.cpus import usable_cpus
from emch.metrics import METRICS
from emch.records import Record
from emch.runners import fresh_process
from emch.runners.job import Job
from emch.tracking.quickstart.subject import Subject
from emch.tracking.results import BASELINE

SHOWN = ("wall_s", "peak_rss_bytes", "hit_rate", "cosine_to_reference")


@dataclass(frozen=True)
class Measured:
    """A backend with its record, or with what went wrong.

    Attributes
    ----------
    backend : str
        By name.
    record : Record or None
        Of one run in a fresh process.
    error : EmchError or None
        Why there is none.
    """

    backend: str
    record: Record | None = None
    error: EmchError | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        values = self.record.values() if self.record else {}
        return {"backend": self.backend, "error": str(self.error or ""), "values": values}


def measure(
    subject: Subject, backends: Sequence[str], most: int, first: Path | None
) -> list[Measured]:
    """Measure backends one after another until so many have figures.

    Parameters
    ----------
    subject : Subject
        What is measured.
    backends : sequence of str
        By name, the best first.
    most : int
        How many are wanted.
    first : Path or None
        The first answers of a function, where they are kept already.
    """
    found: list[Measured] = []
    for name in backends:
        with progress.status(f"measuring {name} ..."):
            found.append(_measure_one(subject, name, first if name == subject.function else None))
        if sum(each.record is not None for each in found) == most:
            break
    return found


def _measure_one(subject: Subject, backend: str, first: Path | None) -> Measured:
    options = make_options(backend, threads=usable_cpus())
    job = Job(
        task=subject.task, backend=backend, model=subject.key, options=options,
        first=str(first) if first else None,
    )  # fmt: skip
    try:
        return Measured(backend, fresh_process.run(job))
    except EmchError as error:  # another may be able to
        return Measured(backend, error=error)


def show(found: Sequence[Measured]) -> None:
    """Print a table of what was measured, and why the others were not."""
    records = [each.record for each in found if each.record is not None]
    base = next((each for each in records if each.backend == BASELINE), records[0])
    known = [name for name in SHOWN if any(name in record.values() for record in records)]
    headings = [METRICS[name].heading for name in known]
    headings.insert(1, f"of {base.backend}")
    shown = table("backend", *headings, numbers=frozenset(headings))
    for record in sorted(records, key=lambda record: record.value("wall_s")):
        texts = [*_texts(record, known)]
        texts.insert(1, f"{record.value('wall_s') / base.value('wall_s'):.2f}")
        shown.add_row(record.backend, *texts)
    out.print(shown)
    for each in found:
        if each.record is None:
            out.print(f"{each.backend} has no figures: {each.error}", soft_wrap=True)


def _texts(record: Record, metrics: Sequence[str]) -> Iterator[str]:
    for name in metrics:
        text = ""
        with suppress(KeyError):
            text = METRICS[name].show(record.value(name))
        yield text
