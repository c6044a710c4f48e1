"""Rows as points of InfluxDB: 1.x through its own client, 2.x and 3 through the newer one."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from emch.errors import InvalidInput, ServerAway, Unavailable
from emch.export.beam_names import as_beam_has_it
from emch.export.rows import ExportRow

MEASUREMENT = "emch"
SAMPLES = "emch_samples"
"""The measurement of the raw samples, which a query for figures must not meet."""

TAGS = (
    "source",
    "machine",
    "stack",
    "benchmark",
    "backend",
    "model",
    "dataset",
    "batch_size",
    "threads",
    "parameters",
    "metric",
    "unit",
)
"""What stays the same over commits, so that a cell is one series however long its history is."""

TOKEN = "INFLUXDB_TOKEN"  # noqa: S105 - the variable's name
SECOND_NS = 10**9
APIS = ("1", "2", "3")
TIMEOUT_S = 60
AWAY = frozenset({408, 429, 500, 502, 503, 504})
"""The statuses of HTTP that say that the server cannot now."""


@dataclass
class InfluxDB:
    """A database of InfluxDB 1.x, or a bucket of 2.x or 3.

    Attributes
    ----------
    url : str
        The server, such as http://localhost:8086.
    database : str
        The database or bucket, which has to be there.
    api : {"1", "2", "3"}
        The server's major release.
    org : str
        The organisation that 2.x wants.
    """

    url: str
    database: str
    api: str
    org: str = ""
    rows_a_batch: int = 5_000
    _write: Callable[[list[str]], Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput(f"--url {self.url}: not an address such as http://localhost:8086")
        if parts.username or parts.password:
            shown = self.url.replace(parts.netloc, parts.netloc.rpartition("@")[2])
            raise InvalidInput(
                f"--url with a user or a password (of {shown}): emch takes secrets from the "
                "environment alone, see 'emch export influxdb --help'"
            )
        try:
            self._write = _writer_1(self) if self.api == "1" else _writer_2(self)
        except ModuleNotFoundError as error:
            raise Unavailable(
                f"{error.name} is not installed: pip install 'emch[influxdb]'"
            ) from error

    @property
    def name(self) -> str:
        """The address and the database."""
        return f"influxdb {self.url} {self.org} {self.database}"

    def send(self, rows: list[ExportRow]) -> None:
        """Write points; see `Destination.send`."""
        further = (beam_line(row) for row in rows if row.sample is None)
        self._write([*map(line, rows), *(each for each in further if each is not None)])

    def refused(self, status: int | None, text: str) -> Exception:
        """Return the error for a status of HTTP."""
        where = f"InfluxDB at {self.url}"
        if status is None or status in AWAY:
            return ServerAway(f"{where} cannot now (status {status})")
        if status in (401, 403):
            secrets = "INFLUXDB_USER and INFLUXDB_USER_PASSWORD" if self.api == "1" else TOKEN
            return InvalidInput(f"{where} refuses who writes (status {status}): set {secrets}")
        if status == 404:
            return InvalidInput(
                f"{where} has no database '{self.database}', or is of another release than "
                f"--api {self.api} (status 404: {_first(text)})"
            )
        return InvalidInput(f"{where} refuses the rows (status {status}: {_first(text)})")


def line(row: ExportRow) -> str:
    """Return a row in InfluxDB's line protocol, with a time in nanoseconds.

    A point takes the place of one that has its tags and its time, so a row that is sent again
    changes nothing. Commits are often of the same second: the run decides where in it a figure is.
    The samples of a run are a nanosecond apart.
    """
    from influxdb_client import Point, WritePrecision

    point = Point(MEASUREMENT if row.sample is None else SAMPLES).field("value", row.value)
    for name in TAGS:
        if (value := getattr(row, name)) is not None:
            point.tag(name, _one_line(str(value)))
    if row.sample is None:
        point.field("run", row.run).field("commit", row.commit)
        moment = int(row.run, 16) % SECOND_NS
    else:
        point.tag("run", row.run).field("sample", row.sample)
        moment = row.sample
    point.time(_nanoseconds(row.time) + moment, WritePrecision.NS)
    return str(point.to_line_protocol())


def beam_line(row: ExportRow) -> str | None:
    """Return a row as Beam's own benchmarks publish it; None where they have no such figure."""
    from influxdb_client import Point, WritePrecision

    found = as_beam_has_it(row)
    if found is None:
        return None
    point = Point(found.measurement).tag("metric", found.label).tag("test_id", row.run)
    point.field("value", found.value).time(_nanoseconds(row.time), WritePrecision.NS)
    return str(point.to_line_protocol())


def _nanoseconds(time: datetime) -> int:
    since = time - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * SECOND_NS + since.microseconds * 1_000


def _one_line(text: str) -> str:
    """Make a tag that the line protocol can carry: no line break, and no backslash at the end."""
    joined = " ".join(text.splitlines())
    return f"{joined} " if joined.endswith("\\") else joined


def _writer_1(server: InfluxDB) -> Callable[[list[str]], Any]:
    """Return what writes lines to a server of 1.x."""
    from influxdb import InfluxDBClient
    from influxdb.exceptions import InfluxDBClientError, InfluxDBServerError
    from requests.exceptions import RequestException

    parts = urlsplit(server.url)
    client = InfluxDBClient(
        host=parts.hostname,
        port=parts.port or (443 if parts.scheme == "https" else 8086),
        path=parts.path,
        username=os.environ.get("INFLUXDB_USER"),
        password=os.environ.get("INFLUXDB_USER_PASSWORD"),
        database=server.database,
        ssl=parts.scheme == "https",
        verify_ssl=True,
        timeout=TIMEOUT_S,
        retries=1,  # emch itself tries again
        gzip=True,
    )

    def write(lines: list[str]) -> None:
        try:
            client.write_points(lines, time_precision="n", protocol="line")
        except (InfluxDBClientError, InfluxDBServerError) as error:
            status = getattr(error, "code", None)
            raise server.refused(status, str(error)) from error
        except RequestException as error:
            raise _away(server, error) from error

    return write


def _writer_2(server: InfluxDB) -> Callable[[list[str]], Any]:
    """Return what writes lines to a server of 2.x or 3, which has the same address for them."""
    from influxdb_client import InfluxDBClient, WritePrecision
    from influxdb_client.client.write_api import SYNCHRONOUS
    from influxdb_client.rest import ApiException
    from urllib3.exceptions import HTTPError

    client = InfluxDBClient(
        url=server.url,
        token=os.environ.get(TOKEN, ""),
        org=server.org,
        timeout=TIMEOUT_S * 1000,
        enable_gzip=True,
    )
    writing = client.write_api(write_options=SYNCHRONOUS)

    def write(lines: list[str]) -> None:
        try:
            writing.write(server.database, server.org, lines, WritePrecision.NS)
        except ApiException as error:
            raise server.refused(error.status or None, str(error.body or error.reason)) from error
        except HTTPError as error:
            raise _away(server, error) from error

    return write


def _away(server: InfluxDB, error: Exception) -> ServerAway:
    return ServerAway(f"InfluxDB at {server.url} does not answer ({type(error).__name__})")


def _first(text: str) -> str:
    """Return the first line of what a server says."""
    return next(iter(text.strip().splitlines()), "")[:200]
