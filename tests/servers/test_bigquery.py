"""Rows in a server that speaks BigQuery's protocol, through Google's client: each is there once."""

import os
from collections.abc import Iterator
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import pytest

from emch.export.bigquery import BEAM, OWN
from tests.conftest import Require
from tests.servers.conftest import ROWS, Export
from tests.servers.emulator import bqemulator
from tests.servers.processes import Server

PLACE = ("--project", "emch-test")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, require: Require) -> Iterator[Server]:
    try:
        found = bqemulator(tmp_path_factory.mktemp("bigquery"))
    except CalledProcessError as error:
        require(False, f"no emulator of BigQuery, which needs a network to PyPI: {error}")
        raise
    found.start()
    yield found
    found.stop()


@pytest.fixture
def client(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return Google's client with an empty dataset 'emch'."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import bigquery

    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", server.url)
    found = bigquery.Client("emch-test", AnonymousCredentials())  # type: ignore[no-untyped-call] # Google has no types
    found.create_dataset("emch")
    yield found
    found.delete_dataset("emch", delete_contents=True)
    found.close()


def read(client: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in client.query("SELECT * FROM emch.figures").result()]


def test_rows_are_read_back_as_they_were(client: Any, export: Export) -> None:
    for times in (2, 1):  # neither a file that is named twice nor a second export changes anything
        done = export("bigquery", *PLACE, times=times)
        assert done.returncode == 0, done.stderr
    read_back = read(client)
    found = {row["key"]: row for row in read_back}
    assert len(found) == len(read_back) == len(ROWS)
    for row in ROWS:
        kept = found[row.key]
        assert {name: kept[name] for name in OWN} == {name: getattr(row, name) for name in OWN}
        assert (kept["test_id"], kept["timestamp"], kept["metric"], kept["value"]) == (
            (row.run, row.time, row.metric, row.value)
        )
    schema = client.get_table("emch.figures").schema
    types = {each.name: (each.field_type, each.mode) for each in schema}
    assert {name: types[name] for name in BEAM} == BEAM
    assert [table.table_id for table in client.list_tables("emch")] == ["figures"]


def test_rows_wait_while_the_server_is_away(server: Server, client: Any, export: Export) -> None:
    server.stop()
    try:
        done = export("bigquery", *PLACE, "--patience", 0.1)
        assert done.returncode == 3
        assert f"0 rows were sent, and {len(ROWS)} wait in" in done.stderr
    finally:
        server.start()
    assert export("bigquery", *PLACE).returncode == 0
    assert len(read(client)) == len(ROWS)


def test_other_table_is_refused(client: Any, export: Export) -> None:
    from google.cloud import bigquery

    schema = [bigquery.SchemaField(name, *kind) for name, kind in BEAM.items()]
    client.create_table(bigquery.Table("emch-test.emch.figures", schema=schema))
    done = export("bigquery", *PLACE)
    assert done.returncode == 2
    assert "another kind of table, which lacks key, source" in done.stderr


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--dataset", "nowhere"), "no dataset emch-test.nowhere"),
        (("--table", "a`; DROP TABLE b"), "only letters, digits"),
    ],
)
def test_wrong_input_is_one_sentence(export: Export, options: tuple[str, ...], words: str) -> None:
    done = export("bigquery", *PLACE, *options)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_no_credentials_are_one_sentence(export: Export, tmp_path: Path) -> None:
    assert "BIGQUERY_EMULATOR_HOST" not in os.environ
    missing = str(tmp_path / "none.json")
    done = export("bigquery", *PLACE, GOOGLE_APPLICATION_CREDENTIALS=missing)
    assert done.returncode == 2
    assert "set GOOGLE_APPLICATION_CREDENTIALS" in done.stderr
    assert len(done.stderr.splitlines()) == 1
