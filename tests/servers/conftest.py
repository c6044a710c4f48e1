"""The records that are exported, and `emch export` as a user calls it."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from emch.cli.main import main
from emch.export.rows import from_records
from emch.records import Record
from tests.unit.ground.test_records import RECORD, rows_of

HOSTILE = 'a "quoted" name, with = and \\ and Ω\\'
RECORDS = [
    replace(RECORD, backend=HOSTILE),
    *(replace(RECORD, rows=rows_of(wall_s=[0.1 * n], user_s=[n])) for n in range(1, 40)),
]
ROWS = list(from_records(RECORDS, samples=True))

Export = Callable[..., "subprocess.CompletedProcess[str]"]


def write_records(path: Path, records: list[Record]) -> Path:
    path.write_text("".join(f"{record.to_json()}\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Export]:
    """Return what exports the records with their samples, with a cache of its own.

    It runs in this process, since the clients of the servers take seconds to import.
    """
    records = write_records(tmp_path / "records.json", RECORDS)
    monkeypatch.setenv("EMCH_CACHE", str(tmp_path / "cache"))

    def run(
        kind: str, *options: object, times: int = 1, **env: str
    ) -> "subprocess.CompletedProcess[str]":
        words = ["export", kind, *[str(records)] * times, "--samples", *map(str, options)]
        capsys.readouterr()
        with monkeypatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(words)
        said = capsys.readouterr()
        return subprocess.CompletedProcess(words, ended.value.code, said.out, said.err)  # type: ignore[arg-type] # a number

    before = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, before)
