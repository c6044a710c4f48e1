"""Two hit rates of the same queries are compared by McNemar's exact test."""

import pytest

from emch.compare.accuracy import ERROR, FEWEST, Hits, told_apart
from emch.compare.findings import find
from emch.compare.launch import Answer, Launch
from emch.compare.launched import LaunchedCell, Run
from emch.tracking.results import Cell
from tests.unit.launches import made_up


def hits(both: int, lost: int, gained: int, neither: int = 10) -> Hits:
    """Return hits by how many queries both, only A, only B and neither hit."""
    one = [True] * (both + lost) + [False] * (gained + neither)
    other = [True] * both + [False] * lost + [True] * gained + [False] * neither
    return Hits(one, other)


@pytest.mark.parametrize(
    ("both", "lost", "gained", "verdict"),
    [
        (134, 0, 0, "same"),
        (133, 1, 2, "same"),
        (130, 0, 5, "same"),
        (130, 0, 6, "better"),
        (130, 6, 0, "worse"),
        (100, 30, 36, "same"),
        (100, 40, 20, "worse"),
    ],
)
def test_verdict_is_that_of_the_test(both: int, lost: int, gained: int, verdict: str) -> None:
    assert hits(both, lost, gained).verdict == verdict


def test_probability_is_that_of_a_coin() -> None:
    assert hits(10, 1, 3).p == pytest.approx(2 * (1 + 4) / 2**4)
    assert hits(10, 0, FEWEST).p < ERROR < hits(10, 0, FEWEST - 1).p


@pytest.mark.parametrize(
    ("one", "other", "queries", "apart"),
    [
        (134, 135, 300, False),
        (134, 139, 300, False),
        (134, 140, 300, True),
        (140, 134, 300, True),
        (134, 135, None, True),
        (134, 134, None, False),
    ],
)
def test_counts_alone_tell_what_no_test_can_tell_apart(
    one: int, other: int, queries: int | None, apart: bool
) -> None:
    assert told_apart(one / 300, other / 300, queries) is apart


@pytest.mark.parametrize(
    ("old", "new", "word", "note"),
    [
        ([True] * 9, [True] * 8 + [False], "same", "9 and 8 of 9; only A hits 1, only B 0: p = 1"),
        ([True, False], [True, False], "same", "1 and 1 of 2, the same ones"),
        ([True] * 9, [False] * 9, "worse", "9 and 0 of 9; only A hits 9, only B 0: p = 0.0039"),
        (0.5, 0.4, "worse", ""),
        (0.5, [True, False], "same", ""),
        ([True, False], [True], "better", ""),
    ],
)
def test_finding_has_the_verdict_and_what_it_is_from(
    old: Answer, new: Answer, word: str, note: str
) -> None:
    run = Run([LaunchedCell(Cell("a.B.time_c", ()), 0.03)])
    launch = made_up(0.0)
    answered = Launch(
        call_s=launch.call_s, load_s=launch.load_s, peak_rss_bytes=launch.peak_rss_bytes,
        answers=({"hit rate": old}, {"hit rate": new}),
    )  # fmt: skip
    run.add(run.cells[0], answered)
    (found,) = (each for each in find(run) if each.what == "hit rate")
    assert (found.verdict, found.note) == (word, note)
