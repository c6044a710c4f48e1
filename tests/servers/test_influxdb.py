"""Rows in a real InfluxDB 1.x: each is there once, whatever happened on the way."""

import json
import re
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from emch.export.influxdb import MEASUREMENT, TAGS
from tests.conftest import Require
from tests.servers.conftest import HOSTILE, ROWS, Export
from tests.servers.processes import Server, influxd
from tests.stacks import ROOT

PATIENCE = ("--patience", 0.1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, require: Require) -> Iterator[Server]:
    require(shutil.which("influxd"), "InfluxDB is not installed: apt-get install influxdb")
    found = influxd(tmp_path_factory.mktemp("influxdb"))
    found.start()
    yield found
    found.stop()


@pytest.fixture
def client(server: Server) -> Iterator[Any]:
    """Return a client of an empty database 'emch'."""
    from influxdb import InfluxDBClient

    port = urlsplit(server.url).port
    with InfluxDBClient("127.0.0.1", port, database="emch") as found:
        found.drop_database("emch")
        found.create_database("emch")
        yield found


def read(client: Any) -> list[dict[str, Any]]:
    return list(client.query(f"SELECT * FROM {MEASUREMENT}", epoch="ns").get_points())  # noqa: S608


def test_rows_are_read_back_as_they_were(server: Server, client: Any, export: Export) -> None:
    done = export("influxdb", "--url", server.url)
    assert done.returncode == 0, done.stderr
    assert f"all {len(ROWS)} rows are at influxdb" in done.stderr
    names = ("backend", "metric", "parameters", "run", "sample")
    found = {tuple(point[name] for name in names): point for point in read(client)}
    assert len(found) == len(ROWS)
    for row in ROWS:
        backend = f"{HOSTILE} " if row.backend == HOSTILE else row.backend
        sample = None if row.sample is None else str(row.sample)
        point = found[backend, row.metric, row.parameters, row.run, sample]
        assert point["value"] == row.value
        assert point["time"] == row.time.timestamp() * 1e9
        assert {name: point.get(name) for name in TAGS} == {
            name: None if getattr(row, name) is None else str(getattr(row, name)) for name in TAGS
        } | {"backend": backend}


def test_second_export_adds_nothing(server: Server, client: Any, export: Export) -> None:
    for _ in range(2):
        assert export("influxdb", "--url", server.url).returncode == 0
    assert len(read(client)) == len(ROWS)


def test_rows_wait_while_the_server_is_away(server: Server, client: Any, export: Export) -> None:
    server.stop()
    try:
        done = export("influxdb", "--url", server.url, *PATIENCE)
        assert done.returncode == 3
        assert f"does not answer (ConnectionError): 0 rows were sent, and {len(ROWS)} wait" in (
            done.stderr
        )
    finally:
        server.start()
    assert read(client) == []
    assert export("influxdb", "--url", server.url).returncode == 0
    assert len(read(client)) == len(ROWS)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--database", "none"), ["no database 'none'"]),
        (("--api", "3"), ["of another release than --api 3"]),
        (("--url", "http://me:s3cret@localhost:1"), ["http://localhost:1", "environment"]),
        (("--url", "localhost"), ["localhost: not an address"]),
        (("--api", "2"), ["--org"]),
    ],
)
def test_wrong_input_is_one_sentence_without_a_secret(
    server: Server, export: Export, options: tuple[str, ...], words: list[str]
) -> None:
    done = export("influxdb", "--url", server.url, *options, INFLUXDB_TOKEN="s3cret")  # noqa: S106
    assert done.returncode == 2
    assert all(word in done.stderr for word in words), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "s3cret" not in done.stdout + done.stderr


def test_panel_of_grafana_finds_its_figures(server: Server, client: Any, export: Export) -> None:
    """Ask the database what the first panel asks, in the place of Grafana."""
    assert export("influxdb", "--url", server.url).returncode == 0
    panel = json.loads((ROOT / "tools" / "grafana" / "emch.json").read_text())["panels"][0]
    query = panel["targets"][0]["query"].replace("$timeFilter", "time > 0")
    query = re.sub(r"\$\w+(?=\$)", ".*", query)
    found = client.query(query)
    values = [point["value"] for _, points in found.items() for point in points]
    wanted = [row.value for row in ROWS if row.metric == "wall_s" and row.sample is None]
    assert sorted(values) == sorted(wanted)
