"""`emch export` of records: rows on stdout or in a file, and wrong input as one sentence."""

import csv
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from emch.export.rows import COLUMNS
from tests.unit.ground.test_records import RECORD

Emch = Callable[..., subprocess.CompletedProcess[str]]
Fails = Callable[..., str]


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.json"
    path.write_text(f"{RECORD.to_json()}\n", encoding="utf-8")
    return path


def test_rows_go_to_stdout_alone(emch: Emch, records: Path) -> None:
    done = emch("export", "csv", records)
    assert done.returncode == 0
    assert done.stderr == ""
    found = list(csv.DictReader(done.stdout.splitlines()))
    assert tuple(found[0]) == COLUMNS
    assert {row["metric"]: float(row["value"]) for row in found} == RECORD.values()


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_file_is_written_and_counted(emch: Emch, records: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "rows"
    done = emch("export", kind, records, "--out", target)
    assert done.returncode == 0
    assert done.stdout == ""
    assert done.stderr == f"wrote {len(RECORD.values())} rows to {target}\n"
    assert {path.name for path in tmp_path.iterdir()} == {"records.json", "rows"}


GOOD = RECORD.to_json()
WRONG = {
    "a record that is none": (("csv",), "{}", "not a record"),
    "a record after a good one": (("csv",), f"{GOOD}\n[1]", "not a record"),
    "bytes that are no text": (("csv",), "\udcff", "cannot be read as text"),
    "a machine beside records": (("csv", "--machine", "m"), GOOD, "--machine is for"),
    "an option that it has not": (("csv", "--rows", "3"), GOOD, "--rows"),
    "Parquet to nowhere": (("parquet",), GOOD, "--out"),
    "a file in no folder": (("csv", "--out", "/none/x"), GOOD, "--out /none/x"),
    "a folder for a file": (("parquet", "--out", "/"), GOOD, "--out /"),
    "no time to wait": (("influxdb", "--patience", "-1"), GOOD, "--patience"),
    "no address": (("influxdb", "--url", "here"), GOOD, "--url here"),
    "an unknown release": (("influxdb", "--api", "4"), GOOD, "--api"),
    "no project": (("bigquery",), GOOD, "--project"),
    "no such name": (("bigquery", "--project", "p", "--dataset", "a.b"), GOOD, "'a.b'"),
}


@pytest.mark.parametrize(("command", "text", "words"), WRONG.values(), ids=WRONG)
def test_wrong_input_is_one_sentence(
    fails: Fails, tmp_path: Path, command: tuple[str, ...], text: str, words: str
) -> None:
    path = tmp_path / "records.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    kind, *options = command
    assert words in fails(2, "export", kind, path, *options)


def test_no_record_is_no_result(fails: Fails, tmp_path: Path) -> None:
    (tmp_path / "records.json").touch()
    assert "no records" in fails(3, "export", "csv", tmp_path / "records.json")


def test_unknown_machine_is_named(fails: Fails) -> None:
    assert "no results of the machine 'abacus'" in fails(2, "export", "csv", "--machine", "abacus")
