"""Each quantity of a cell has the verdict of the first look that is clear."""

from collections.abc import Sequence

import pytest

from emch.compare.launched import LaunchedCell
from emch.compare.statistics import LOOKS
from emch.tracking.results import Cell
from tests.unit.launches import made_up

CELL = Cell("a.B.time_c", ("1",))
STEADY = [0.1, 0.101] * (LOOKS[1] // 2) + [0.1]
WILD = [-2.0, 2.0] * (LOOKS[1] // 2) + [0.0]


def make(times: Sequence[float], memories: Sequence[float]) -> LaunchedCell:
    launches = [made_up(*logs) for logs in zip(times, memories, strict=True)]
    return LaunchedCell(CELL, launches)


def word(each: LaunchedCell, what: str) -> tuple[str, int]:
    judgement = each.judge(what, cell_count=1, threshold=0.03)
    assert judgement is not None
    return judgement.verdict, judgement.launches


def test_clear_verdict_stays_while_the_memory_seems_to_change() -> None:
    each = make(STEADY[: LOOKS[0]] + WILD[LOOKS[0] :], [1 + each for each in WILD])
    assert word(each, "time") == ("worse", LOOKS[0])
    assert word(each, "memory") == ("unclear", LOOKS[1])
    assert not each.settled(1, 0.03)


def test_memory_that_seems_the_same_is_not_waited_for() -> None:
    memories = [-0.06, 0.06, 0.0, -0.06, 0.06]
    each = make(STEADY[: LOOKS[0]], memories)
    assert word(each, "memory")[0] == "unclear"
    assert each.settled(1, 0.03)


@pytest.mark.parametrize("count", [LOOKS[0], LOOKS[1]])
def test_cell_is_settled_when_time_and_memory_are(count: int) -> None:
    assert make(STEADY[:count], STEADY[:count]).settled(1, 0.03)


def test_nothing_is_said_before_the_first_look() -> None:
    each = make(STEADY[: LOOKS[0] - 1], STEADY[: LOOKS[0] - 1])
    assert each.judge("time", 1, 0.03) is None
    assert not each.settled(1, 0.03)


def test_last_look_is_the_end() -> None:
    many = [-2.0, 2.0] * (LOOKS[-1] // 2)
    each = make(many, many)
    assert each.settled(1, 0.03)
    assert word(each, "time")[0] == "unclear"
