"""However often and whenever the server is away: every row comes, and each once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from emch.errors import InvalidInput, ServerAway
from emch.export import delivery
from emch.export.delivery import deliver, spool_of
from emch.export.rows import ExportRow, from_records
from tests.unit.ground.test_records import RECORD

ROWS = list(from_records([RECORD], samples=True))


class Table:
    """A destination in memory.

    Attributes
    ----------
    kept : dict
        The rows by their keys.
    away : list of bool
        Of the next calls, whether the server is away; of those after them it is not.
    calls : int
        How often rows were sent.
    """

    name = "table"
    rows_a_batch = 4

    def __init__(self) -> None:
        self.kept: dict[str, ExportRow] = {}
        self.away: list[bool] = []
        self.calls = 0

    def send(self, rows: list[ExportRow]) -> None:
        self.calls += 1
        assert len(rows) <= self.rows_a_batch
        # The answer is lost, and not the rows: nobody can tell.
        self.kept.update({row.key: row for row in rows[: len(rows) // 2]})
        if self.away and self.away.pop(0):
            raise ServerAway("away")
        self.kept.update({row.key: row for row in rows})

    def has(self, rows: list[ExportRow]) -> bool:
        return sorted(self.kept.values(), key=key) == sorted(rows, key=key)


def key(row: ExportRow) -> str:
    return row.key


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMCH_CACHE", str(tmp_path))
    monkeypatch.setattr(delivery, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(delivery, "LONGEST_WAIT_S", 0.002)


def send(table: Table, rows: list[ExportRow], patience_s: float = 0.0) -> int:
    return deliver(iter(rows), table, patience_s, lambda _: None)


def test_all_rows_come_in_batches() -> None:
    table, told = Table(), []
    assert deliver(iter(ROWS), table, 0, told.append) == len(ROWS)
    assert table.has(ROWS)
    assert told[:2] == [4, 8]
    assert told[-1] == len(ROWS)
    assert not spool_of(table).exists()


def test_server_that_comes_back_in_time_gets_all() -> None:
    table = Table()
    table.away = [False, True, True, True]
    send(table, ROWS, patience_s=60)
    assert table.has(ROWS)
    assert not spool_of(table).exists()


@pytest.mark.parametrize("before", range(-(-len(ROWS) // Table.rows_a_batch)))
def test_what_could_not_be_sent_goes_first_next_time(before: int) -> None:
    table = Table()
    table.away = [*[False] * before, True]
    with pytest.raises(ServerAway, match=rf"away: {4 * before} rows were sent, and .* wait in"):
        send(table, ROWS)
    assert spool_of(table).is_file()
    assert send(table, []) == len(ROWS) - 4 * before
    assert table.has(ROWS)
    assert not spool_of(table).exists()


def test_rows_that_wait_are_not_kept_twice() -> None:
    table = Table()
    for _ in range(3):
        table.away = [True]
        with pytest.raises(ServerAway, match=f"and {len(ROWS)} wait in"):
            send(table, ROWS)
    assert send(table, []) == len(ROWS)


@pytest.mark.parametrize("away", [1, 2, 3])
def test_figure_that_was_measured_again_replaces_the_one_that_waits(away: int) -> None:
    table = Table()
    newer = [replace(row, value=-1.0) for row in ROWS]
    for rows in (ROWS, *[newer] * away):
        table.away = [True]
        with pytest.raises(ServerAway):
            send(table, rows)
    send(table, [])
    assert table.has(newer)


def test_server_that_goes_again_while_the_spool_is_sent_loses_nothing() -> None:
    table = Table()
    table.away = [True]
    with pytest.raises(ServerAway):
        send(table, ROWS[:8])
    table.away = [False, True]
    with pytest.raises(ServerAway):
        send(table, ROWS[8:])
    send(table, [])
    assert table.has(ROWS)


def test_rows_are_taken_a_batch_at_a_time() -> None:
    table, taken = Table(), []

    def rows() -> Iterator[ExportRow]:
        for row in ROWS:
            taken.append(len(table.kept))
            yield row

    deliver(rows(), table, 0, lambda _: None)
    assert taken[:9] == [0, 0, 0, 0, 4, 4, 4, 4, 8]


def test_refusal_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()

    def refuse(_: object) -> None:
        table.calls += 1
        raise InvalidInput("no such database")

    monkeypatch.setattr(table, "send", refuse)
    with pytest.raises(InvalidInput, match="no such database"):
        send(table, ROWS, patience_s=60)
    assert table.calls == 1
    assert not spool_of(table).exists()


def test_refused_rows_of_an_earlier_export_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    table.away = [True]
    with pytest.raises(ServerAway):
        send(table, ROWS)

    def refuse(_: object) -> None:
        raise InvalidInput("a field has another type")

    monkeypatch.setattr(table, "send", refuse)
    with pytest.raises(InvalidInput, match=f"another type; .* wait in {spool_of(table)}: remove"):
        send(table, [])
    assert spool_of(table).is_file()


def test_places_do_not_share_what_waits() -> None:
    one, other = Table(), Table()
    other.name = "another table"
    one.away = [True]
    with pytest.raises(ServerAway):
        send(one, ROWS)
    assert send(other, []) == 0
    assert spool_of(one) != spool_of(other)
