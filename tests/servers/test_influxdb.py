"""Rows in a real InfluxDB 1.x: each is there once, whatever happened on the way."""

import json
import re
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from emch.export.influxdb import MEASUREMENT, SAMPLES, TAGS, InfluxDB
from emch.export.rows import ExportRow
from tests.conftest import Require
from tests.servers.conftest import HOSTILE, ROWS, Export
from tests.servers.processes import Server, influxd
from tests.stacks import ROOT
from tests.unit.export.test_beam_names import ROWS as BEAM_ROWS

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


def read(client: Any, measurement: str) -> list[dict[str, Any]]:
    found = client.query(f"SELECT * FROM {measurement}", epoch="ns")  # noqa: S608 - a name of ours
    return list(found.get_points())


def count(client: Any) -> int:
    return sum(len(read(client, measurement)) for measurement in (MEASUREMENT, SAMPLES))


def tags_of(row: ExportRow) -> dict[str, str | None]:
    """Return what the tags of a row are read back as; a backslash cannot end one."""
    values = {name: getattr(row, name) for name in TAGS}
    texts = {name: None if value is None else str(value) for name, value in values.items()}
    return {**texts, "backend": f"{HOSTILE} " if row.backend == HOSTILE else row.backend}


def test_rows_are_read_back_as_they_were(server: Server, client: Any, export: Export) -> None:
    done = export("influxdb", "--url", server.url)
    assert done.returncode == 0, done.stderr
    assert f"all {len(ROWS)} rows are at influxdb" in done.stderr
    for measurement in (MEASUREMENT, SAMPLES):
        points = read(client, measurement)
        rows = [row for row in ROWS if (row.sample is None) == (measurement == MEASUREMENT)]
        names = ("run", "metric", "parameters", "sample")
        found = {tuple(point.get(name) for name in names): point for point in points}
        assert len(found) == len(points) == len(rows)
        for row in rows:
            point = found[row.run, row.metric, row.parameters, row.sample]
            assert (point["value"], point.get("commit")) == (row.value, row.commit)
            assert 0 <= point["time"] - row.time.timestamp() * 1e9 < 1e9
            assert {name: point.get(name) for name in TAGS} == tags_of(row)


def test_history_of_a_cell_is_one_series(server: Server, client: Any, export: Export) -> None:
    """InfluxDB keeps an index of all series in memory, and takes a million at most."""
    assert export("influxdb", "--url", server.url).returncode == 0
    found = client.query(f"SHOW SERIES FROM {MEASUREMENT}")
    cells = {tuple(tags_of(row).items()) for row in ROWS if row.sample is None}
    assert len(list(found.get_points())) == len(cells)


def test_second_export_adds_nothing(server: Server, client: Any, export: Export) -> None:
    for _ in range(2):
        assert export("influxdb", "--url", server.url).returncode == 0
    assert count(client) == len(ROWS)


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
    assert count(client) == 0
    assert export("influxdb", "--url", server.url).returncode == 0
    assert count(client) == len(ROWS)


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
    done = export("influxdb", "--url", server.url, *options, INFLUXDB_TOKEN="s3cret")  # noqa: S106 - none
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


def test_panel_of_beam_finds_its_figures(server: Server, client: Any) -> None:
    """Ask what Beam's own dashboard asks; a second delivery adds nothing."""
    destination = InfluxDB(server.url, "emch", "1")
    for _ in range(2):
        destination.send([*BEAM_ROWS.values()])
    label = "BeamML_PyTorch_pytorchruninference/beamml_runinference_mean_{}"
    for name, value in (
        ("inference_batch_latency_micro_secs", 1.25e6),
        ("inference_request_batch_size", None),
    ):
        query = (
            'SELECT mean("value"), count("value") FROM "torch_inference_imagenet_resnet101" '  # noqa: S608 - names of ours
            f"WHERE metric = '{label.format(name)}' GROUP BY \"metric\""
        )
        points = list(client.query(query).get_points())
        assert [(point["mean"], point["count"]) for point in points] == (
            [(value, 1)] if value else []
        )
