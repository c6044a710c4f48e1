"""Each quantity of a cell has the verdict of the first look that is clear."""

from collections.abc import Sequence

import pytest

from emch.compare.launched import LaunchedCell, Run
from emch.compare.statistics import LOOKS
from emch.tracking.results import Cell
from tests.unit.launches import made_up

CELL = Cell("a.B.time_c", ("1",))
STEADY = [0.1, 0.101] * (LOOKS[1] // 2) + [0.1]
WILD = [-2.0, 2.0] * (LOOKS[1] // 2) + [0.0]


def make(times: Sequence[float], memories: Sequence[float]) -> LaunchedCell:
    run = Run([LaunchedCell(CELL, 0.03)])
    for logs in zip(times, memories, strict=True):
        run.add(run.cells[0], made_up(*logs))
    return run.cells[0]


def word(each: LaunchedCell, what: str) -> tuple[str, int]:
    judgement = each.judged[what]
    return judgement.verdict, judgement.launches


def test_clear_verdict_stays_while_the_memory_seems_to_change() -> None:
    each = make(STEADY[: LOOKS[0]] + WILD[LOOKS[0] :], [1 + each for each in WILD])
    assert word(each, "time") == ("worse", LOOKS[0])
    assert word(each, "memory") == ("unclear", LOOKS[1])
    assert not each.settled


def test_memory_that_seems_the_same_is_not_waited_for() -> None:
    memories = [-0.06, 0.06, 0.0, -0.06, 0.06]
    each = make(STEADY[: LOOKS[0]], memories)
    assert word(each, "memory")[0] == "unclear"
    assert each.settled


@pytest.mark.parametrize("count", [LOOKS[0], LOOKS[1]])
def test_cell_is_settled_when_time_and_memory_are(count: int) -> None:
    assert make(STEADY[:count], STEADY[:count]).settled


def test_nothing_is_said_before_the_first_look() -> None:
    each = make(STEADY[: LOOKS[0] - 1], STEADY[: LOOKS[0] - 1])
    assert not each.judged
    assert not each.settled


def test_last_look_is_the_end() -> None:
    many = [-2.0, 2.0] * (LOOKS[-1] // 2)
    each = make(many, many)
    assert each.settled
    assert word(each, "time")[0] == "unclear"


def run_of(*times: Sequence[float]) -> Run:
    """Return a run whose cells have these logarithms of ratios, one after the other."""
    run = Run(
        [LaunchedCell(Cell("a.B.time_c", (str(place),)), 0.03) for place in range(len(times))]
    )
    for each, logs in zip(run.cells, times, strict=True):
        for log in logs:
            run.add(each, made_up(log))
    return run


def test_spread_of_a_loud_cell_among_calm_ones_is_moderated() -> None:
    calm, loud = [0.001, -0.001, 0.0, 0.001, -0.001], [0.003, 0.0, -0.003, 0.001, 0.0]
    alone, among = run_of(loud), run_of(*[calm] * 9, loud)
    assert among.spread(among.cells[-1], "time").sd < alone.spread(alone.cells[0], "time").sd
    assert among.spread(among.cells[-1], "time").freedom > len(loud) - 1


def test_cells_that_changed_leave_more_probability_of_error_to_the_others() -> None:
    doubtful, equal = [0.035, 0.065, 0.06, 0.03, 0.062], [0.0, 0.02, -0.02, 0.01, -0.01]
    changed = [1 + log for log in equal]
    first, second = (
        run_of(doubtful, *[others] * 9).cells[0].judged["time"] for others in (equal, changed)
    )
    assert first.interval.low < second.interval.low
    assert first.interval.ratio == second.interval.ratio
