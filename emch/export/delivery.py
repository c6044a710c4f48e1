"""Rows sent to a server in batches: nothing is lost when it is away, and nothing is there twice.

Each row has a key, and a destination keeps one row a key, so a batch can be sent again whenever it
is not sure that it came. What could not be sent waits in a file of the cache, the spool, and goes
first at the next delivery to the same place.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from emch.cache import cache_dir, locked, replacing
from emch.errors import InvalidInput, ServerAway
from emch.export.rows import ExportRow

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0


class Destination(Protocol):
    """A table of a server.

    Attributes
    ----------
    name : str
        Which one, without a secret: the same for the same place.
    rows_a_batch : int
        How many rows `send` takes at most.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - the class tells

    rows_a_batch: int

    def send(self, rows: list[ExportRow]) -> None:
        """Bring rows there, each once however often it is sent.

        Raises
        ------
        ServerAway
            It does not answer, or says that it cannot now.
        InvalidInput
            It refuses the rows, the address or who sends them.
        """


def deliver(
    rows: Iterable[ExportRow],
    destination: Destination,
    patience_s: float,
    report: Callable[[int], None],
) -> int:
    """Send the rows that wait in the spool, then `rows`; return how many were sent.

    Parameters
    ----------
    rows : iterable of ExportRow
        They are taken a batch at a time.
    destination : Destination
        Where they go.
    patience_s : float
        How long a server may be away before the rest is put into the spool, in seconds.
    report : callable
        Called with the number of rows that have been sent, after each batch.

    Raises
    ------
    ServerAway
        The server stayed away; the spool has what was not sent.
    """
    spool = spool_of(destination)
    with locked(spool.parent):
        batch: list[ExportRow] = []
        sent, left = 0, iter(rows)
        try:
            for batch in _batches(_read(spool), destination):
                _send_waiting(batch, destination, patience_s, spool)
                report(sent := sent + len(batch))
            spool.unlink(missing_ok=True)
            for batch in _batches(left, destination):
                _send(batch, destination, patience_s)
                report(sent := sent + len(batch))
        except ServerAway as error:
            count = _keep(spool, batch, left)
            raise ServerAway(
                f"{error}: {sent} rows were sent, and {count} wait in {spool}; the next export to "
                "the same place sends them first"
            ) from error
    return sent


def _batches(rows: Iterator[ExportRow], destination: Destination) -> Iterator[list[ExportRow]]:
    while batch := list(islice(rows, destination.rows_a_batch)):
        yield batch


def spool_of(destination: Destination) -> Path:
    """Return the file in which the rows for a destination wait."""
    name = hashlib.sha256(destination.name.encode()).hexdigest()[:16]
    return cache_dir() / "export" / name / "waiting.ndjson"


def _send(batch: list[ExportRow], destination: Destination, patience_s: float) -> None:
    """Send a batch, again after a pause that grows for as long as the server is away."""
    again = Retrying(
        retry=retry_if_exception_type(ServerAway),
        wait=wait_random_exponential(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S),
        stop=stop_after_delay(patience_s),
        reraise=True,
    )
    again(destination.send, batch)


def _send_waiting(
    batch: list[ExportRow], destination: Destination, patience_s: float, spool: Path
) -> None:
    """Send a batch of the spool; where it is refused, say that it is not of this export."""
    try:
        _send(batch, destination, patience_s)
    except InvalidInput as error:
        raise InvalidInput(
            f"{error}; these rows are of an earlier export, and wait in {spool}: remove that file "
            "to do without them"
        ) from error


def _keep(spool: Path, batch: list[ExportRow], left: Iterator[ExportRow]) -> int:
    """Write all that was not sent to the spool, a row a key; return the count.

    A row that waits already has an older value, if it has another: what came last stays.
    """
    known = set()
    with replacing(spool) as unfinished, unfinished.open("x", encoding="utf-8") as file:
        for row in chain(left, batch, _read(spool)):
            if row.key not in known:
                known.add(row.key)
                file.write(json.dumps(row.to_dict(), ensure_ascii=False) + "\n")
    return len(known)


def _read(spool: Path) -> Iterator[ExportRow]:
    with suppress(FileNotFoundError), spool.open(encoding="utf-8") as file:
        for line in file:
            yield ExportRow.from_dict(json.loads(line))
