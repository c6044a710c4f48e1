"""Rows in a table of BigQuery, through Google's own client.

The first five columns are those of the table that Apache Beam's benchmarks publish to (`SCHEMA` in
apache_beam/testing/load_tests/load_test_metrics_utils.py, 2.77); the others are emch's.
"""

import io
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from emch.errors import InvalidInput, ServerAway, Unavailable
from emch.export.rows import COLUMNS, ExportRow

if TYPE_CHECKING:
    from google.cloud import bigquery

BEAM = {
    "test_id": ("STRING", "REQUIRED"),
    "timestamp": ("TIMESTAMP", "REQUIRED"),
    "metric": ("STRING", "REQUIRED"),
    "value": ("FLOAT", "REQUIRED"),
    "job_id": ("STRING", "NULLABLE"),
}
INTEGERS = frozenset({"batch_size", "threads", "sample"})
OWN = tuple(name for name in COLUMNS if name not in {"run", "time", "metric", "value"})
"""The columns of emch's own; the run is Beam's test_id, and the time its timestamp."""

EMULATOR = "BIGQUERY_EMULATOR_HOST"
"""Google's client goes to the address in this variable, where it is set."""

TIMEOUT_S = 120


@dataclass
class BigQuery:
    """A table of BigQuery; it is made where the dataset has none of the name.

    Attributes
    ----------
    project, dataset, table : str
        Where it is.
    """

    project: str
    dataset: str
    table: str
    rows_a_batch: int = 50_000
    _client: Any = field(init=False, repr=False)
    _ready: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        try:
            from google.auth.credentials import AnonymousCredentials
            from google.auth.exceptions import DefaultCredentialsError
            from google.cloud import bigquery
        except ModuleNotFoundError as error:
            raise Unavailable(
                "Google's client is not installed: pip install 'emch[bigquery]'"
            ) from error
        anonymous = AnonymousCredentials() if os.environ.get(EMULATOR) else None
        try:
            self._client = bigquery.Client(project=self.project, credentials=anonymous)
        except DefaultCredentialsError as error:
            raise InvalidInput(
                "no credentials for Google Cloud: set GOOGLE_APPLICATION_CREDENTIALS to the file "
                "that has them"
            ) from error

    @property
    def name(self) -> str:
        """Where the table is."""
        return f"bigquery {os.environ.get(EMULATOR, '')} {self._place}"

    @property
    def _place(self) -> str:
        return f"{self.project}.{self.dataset}.{self.table}"

    def send(self, rows: list[ExportRow]) -> None:
        """Load rows into a table of their own, and merge that by their keys.

        See `Destination.send`. A batch that is sent again changes nothing, which BigQuery promises
        neither of inserted rows nor of load jobs.
        """
        with self._asking():
            if not self._ready:
                self._make_table()
                self._ready = True
            staged = f"{self._place}_staged_{secrets.token_hex(8)}"
            try:
                self._load(rows, staged)
                self._query(_merge(self._place, staged))
            finally:
                self._client.delete_table(staged, not_found_ok=True, timeout=TIMEOUT_S)

    def _make_table(self) -> None:
        from google.cloud import bigquery

        place = f"{self.project}.{self.dataset}"
        self._client.get_dataset(place, retry=None, timeout=TIMEOUT_S)
        wanted = bigquery.Table(self._place, schema=_schema())
        found = self._client.create_table(wanted, exists_ok=True, retry=None, timeout=TIMEOUT_S)
        names = {each.name for each in found.schema}
        missing = [name for name in (*BEAM, *OWN) if name not in names]
        if missing:
            raise InvalidInput(
                f"{self._place} is another kind of table, which lacks {', '.join(missing)}: give "
                "--table a name that is free"
            )

    def _load(self, rows: list[ExportRow], staged: str) -> None:
        """Load rows into a new table, which goes by itself if nobody lives to delete it."""
        from google.cloud import bigquery

        table = bigquery.Table(staged, schema=_schema())
        table.expires = datetime.now(UTC) + timedelta(days=1)
        self._client.create_table(table, retry=None, timeout=TIMEOUT_S)
        once = {row.key: row for row in rows}.values()
        lines = (json.dumps(_row(row), ensure_ascii=False) + "\n" for row in once)
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.NEWLINE_DELIMITED_JSON, schema=_schema()
        )
        job = self._client.load_table_from_file(
            io.BytesIO("".join(lines).encode()), staged, job_config=config, timeout=TIMEOUT_S
        )
        job.result(timeout=TIMEOUT_S)

    def _query(self, text: str) -> None:
        self._client.query(text, retry=None, job_retry=None, timeout=TIMEOUT_S).result(
            timeout=TIMEOUT_S, job_retry=None
        )

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Turn what Google's client raises into the errors of a destination."""
        from google.api_core import exceptions
        from google.auth.exceptions import TransportError
        from requests.exceptions import RequestException

        try:
            yield
        except (exceptions.Unauthorized, exceptions.Forbidden) as error:
            raise InvalidInput(
                f"BigQuery refuses who writes to {self._place}: {error.message}"
            ) from error
        except exceptions.NotFound as error:
            raise InvalidInput(
                f"there is no dataset {self.project}.{self.dataset}: make it first"
            ) from error
        except exceptions.TooManyRequests as error:
            raise ServerAway(f"BigQuery takes no more for now: {error.message}") from error
        except exceptions.ClientError as error:
            raise InvalidInput(f"BigQuery refuses the rows: {error.message}") from error
        except (exceptions.GoogleAPIError, TransportError, RequestException, TimeoutError) as error:
            raise ServerAway(f"BigQuery does not answer ({type(error).__name__})") from error


def _schema() -> "list[bigquery.SchemaField]":
    from google.cloud import bigquery

    beam = [bigquery.SchemaField(name, *kind) for name, kind in BEAM.items()]
    own = [bigquery.SchemaField(name, "INTEGER" if name in INTEGERS else "STRING") for name in OWN]
    return [*beam, *own]


def _row(row: ExportRow) -> dict[str, Any]:
    """Return a row under the table's columns."""
    return {
        "test_id": row.run,
        "timestamp": row.time.isoformat(),
        "metric": row.metric,
        "value": row.value,
        "job_id": None,
        **{name: getattr(row, name) for name in OWN},
    }


def _merge(table: str, staged: str) -> str:
    """Return the statement that keeps one row a key, the one that came last."""
    names = [*BEAM, *OWN]
    changed = ", ".join(f"{name} = new.{name}" for name in names if name != "key")
    added = ", ".join(f"new.{name}" for name in names)
    return (
        f"MERGE `{table}` AS old USING `{staged}` AS new ON old.key = new.key "  # noqa: S608 - the verb checks names
        f"WHEN MATCHED THEN UPDATE SET {changed} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(names)}) VALUES ({added})"
    )
