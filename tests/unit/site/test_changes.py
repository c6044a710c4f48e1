"""Which commit is judged against the one before."""

from emch.site.changes import judge_changes
from emch.site.series import Series


def made(metric: str, *points: tuple[int, float]) -> Series:
    return Series("m", "s", f"own.{metric}", metric, {}, 0, [[*point, None] for point in points])


def judged(*series: Series) -> list[tuple[str, int]]:
    """Return the metric of each series with a verdict, and the commit that it is judged against."""
    judge_changes(series, {})
    return [(each.metric, each.change["from"]) for each in series if each.change]


def test_figures_of_the_newest_commit_are_judged() -> None:
    older, newer = made("wall_s", (0, 1.0), (1, 1.1)), made("load_s", (0, 2.0), (2, 2.2))
    assert judged(older, newer) == [("load_s", 0)]


def test_commit_with_new_cells_alone_is_passed_over() -> None:
    known, new = made("wall_s", (0, 1.0), (1, 1.1)), made("p99_s", (2, 0.1))
    assert judged(known, new) == [("wall_s", 0)]


def test_first_commit_has_nothing_to_be_judged_on() -> None:
    assert judged(made("wall_s", (0, 1.0))) == []
