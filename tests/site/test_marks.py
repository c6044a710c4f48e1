"""A slowdown and a loss of accuracy are marked where people look for them, and nothing else is."""

from collections.abc import Callable

from evaluation.synthetic import Synthetic
from tests.site.conftest import Visit

Start = Callable[..., Visit]
COMMITS = 40
SLOWER = {("track_wall", "engine-3"): 1.3}
WRONG = {("track_hitrate", "engine-5"): 0.9, ("track_missrate", "engine-5"): 1.4}


SHIFT = {**SLOWER, **WRONG}


def test_overview_marks_both(synthetic: Callable[..., str], visit: Start) -> None:
    tab = visit(synthetic(Synthetic(COMMITS, shift=SHIFT)))
    rows = tab.open("overview").locator("tbody tr").all_inner_texts()
    found = {(cells[0], cells[1], cells[2]) for cells in (row.split("\t") for row in rows)}
    assert found == {("worse", "engine-3", "wall"), ("worse", "engine-5", "hit rate")}
    assert tab.problems == []


def test_regressions_of_asv_list_both(synthetic: Callable[..., str], visit: Start) -> None:
    # asv takes a single slow commit for an outlier, and needs some more of them.
    tab = visit(synthetic(Synthetic(COMMITS, shift=SHIFT, shifted=8)))
    rows = tab.open("regressions").locator("#regressions-body tbody tr").all_inner_texts()
    found = sorted(engine for row in rows for engine in ("engine-3", "engine-5") if engine in row)
    assert found == ["engine-3", "engine-5"]  # once each: the hit rate is not judged
    assert len(rows) == 2
    assert tab.problems == []


def test_identical_commits_have_no_mark(synthetic: Callable[..., str], visit: Start) -> None:
    page = visit(synthetic(Synthetic(COMMITS))).open("overview")
    assert "Nothing changed beyond noise" in page.locator("#emch-display").inner_text()


def test_jump_between_releases_is_marked(synthetic: Callable[..., str], visit: Start) -> None:
    stacks = ("engine-a", "engine-b", "engine-c")
    made = Synthetic(COMMITS, stacks=stacks, slow_stack="engine-b")
    tab = visit(synthetic(made))
    rows = tab.open("versions").locator("tbody tr").all_inner_texts()
    marked = {row.split("\t")[2] for row in rows if "beyond noise" in row}
    assert marked == {"engine-b", "engine-c"}  # up, and down again
    assert tab.problems == []
