"""Every kind of benchmark that asv knows has its value, with the folder that asv would give it."""

from pathlib import Path

import pytest

from emch.compare.pair import launch_pair
from emch.compare.sides import Side
from emch.compare.statistics import LOOKS
from emch.compare.workers import list_cells
from emch.tracking.results import Cell
from tests.compare.toy import compare, launch, make

OTHERS = """
import time
from asv_runner.benchmarks.mark import SkipNotImplemented

def timeraw_import():
    return "import json"

def peakmem_much():
    return bytearray(2**25)

def track_seven():
    return 7.0

track_seven.unit = "hits"

def track_samples():
    return {"samples": [3.0, 1.0, 2.0], "number": 1}

def track_nothing():
    return 0.0

def track_skipped():
    raise SkipNotImplemented("not here")

class Cached:
    def setup_cache(self):
        with open("made", "w") as stream:
            stream.write(str(time.time_ns()))
        return "a"

    def time_it(self, text):
        open("made").close()

    def track_made(self, text):
        assert text == "a"
        return float(open("made").read())

class Worn:
    def setup(self):
        self.left = [1]

    def time_it(self):
        self.left.pop()
"""


def others(folder: Path) -> Side:
    """Return a side with benchmarks of the kinds that are no plain timings."""
    side = make(folder)
    (side.folder / "benchmarks" / "toy.py").write_text(OTHERS)
    return side


def cell_of(side: Side, name: str) -> Cell:
    (cell,) = (each for each in list_cells(side) if each.benchmark == name)
    return cell


@pytest.mark.parametrize(
    ("name", "what", "least", "most"),
    [
        ("toy.timeraw_import", "time", 0, 1),
        ("toy.peakmem_much", "value", 2**25, 2**27),
        ("toy.track_seven", "value", 7, 7),
        ("toy.track_samples", "value", 2, 2),
        ("toy.Worn.time_it", "time", 0, 0.001),
    ],
)
def test_every_kind_of_benchmark_has_its_value(
    tmp_path: Path, name: str, what: str, least: float, most: float
) -> None:
    side = others(tmp_path / "a")
    found = launch(side, side, cell_of(side, name))
    assert found.failed is None
    assert found.quantities[0] == what
    assert least <= min(found.values(what)) <= max(found.values(what)) <= most


def test_cache_of_a_timing_is_made_once_and_that_of_a_figure_in_each_launch(
    tmp_path: Path,
) -> None:
    side, kept = others(tmp_path / "a"), tmp_path / "kept"
    kept.mkdir()
    timing, figure = (cell_of(side, f"toy.Cached.{name}") for name in ("time_it", "track_made"))
    for _ in range(2):
        assert launch_pair((side, side), timing, "A", kept, 0.1).failed is None
    made = [path.read_text() for path in sorted(kept.glob("*/made"))]
    assert len(made) == 2
    values = [launch_pair((side, side), figure, "A", kept).value for _ in range(2)]
    assert len({*map(float, made), *values[0], *values[1]}) == 6
    assert not list(side.folder.glob("**/made"))


def test_figure_that_is_skipped_while_it_runs_is_skipped(tmp_path: Path) -> None:
    side = others(tmp_path / "a")
    (found,) = compare(side, side, tmp_path, cell_of(side, "toy.track_skipped"))
    assert (found.verdict, found.note) == ("skipped", "not here")


def test_figure_of_nothing_has_no_ratio_and_a_verdict_all_the_same(tmp_path: Path) -> None:
    side = others(tmp_path / "a")
    (found,) = compare(side, side, tmp_path, cell_of(side, "toy.track_nothing"))
    assert (found.verdict, found.ratio, found.launches) == ("same", None, LOOKS[0])


def test_figure_without_noise_is_told_apart_at_once(tmp_path: Path) -> None:
    one, other = others(tmp_path / "a"), others(tmp_path / "b")
    toy = other.folder / "benchmarks" / "toy.py"
    toy.write_text(toy.read_text().replace("7.0", "8.0"))
    (found,) = compare(one, other, tmp_path, cell_of(one, "toy.track_seven"))
    assert (found.verdict, found.old, found.new, found.launches) == ("worse", 7, 8, LOOKS[0])
    assert found.unit == "hits"


def test_setup_cache_that_fails_is_a_finding(tmp_path: Path) -> None:
    one, other = others(tmp_path / "a"), others(tmp_path / "b")
    toy = other.folder / "benchmarks" / "toy.py"
    toy.write_text(toy.read_text().replace('return "a"', 'raise ValueError("no such thing")'))
    (found,) = compare(one, other, tmp_path, cell_of(one, "toy.Cached.time_it"))
    assert (found.verdict, found.note) == ("broke", "ValueError: no such thing")
