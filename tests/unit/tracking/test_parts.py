"""Which parts of the suite a commit lacks, and how asv is told to run them."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from emch.tracking.parts import Part, missing_parts
from emch.tracking.results import Cell
from emch.tracking.stacks import Stack

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PINS = {"onnxruntime": "1.31.1", "numpy": "2.4.6", "tokenizers": "0.22.2"}
WALL, USER, LOAD = (
    "semantic_search.WholeProcess.track_wall",
    "semantic_search.WholeProcess.track_user",
    "startup.Startup.track_load",
)


def benchmark(name: str, params: list[list[str]]) -> dict[str, object]:
    return {
        "name": name,
        "params": params,
        "param_names": ["backend"],
        "version": "1",
        "type": "track",
        "unit": "",
    }


@pytest.fixture
def config(tmp_path: Path) -> SimpleNamespace:
    """Return a folder of results: of WALL one cell has a value, one was skipped, one failed."""
    backends = ["'onnxruntime'", "'onnxruntime-int8'", "'pytorch'"]
    found = {name: benchmark(name, [backends]) for name in (WALL, USER, LOAD)}
    (tmp_path / "benchmarks.json").write_text(json.dumps({**found, "version": 2}))
    results = {
        "version": 2,
        "commit_hash": COMMIT,
        "date": 1,
        "env_name": "emch-light",
        "params": {"machine": "m"},
        "python": "3.11",
        "requirements": PINS,
        "env_vars": {"EMCH_STACK": "light"},
        "result_columns": ["result", "params", "version"],
        "results": {WALL: [[1.5, float("nan"), None], [backends], "1"]},
        "durations": {},
    }
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / f"{COMMIT[:8]}-emch-light.json").write_text(json.dumps(results))
    (tmp_path / "m" / "machine.json").write_text(json.dumps({"machine": "m", "version": 1}))
    return SimpleNamespace(results_dir=str(tmp_path), benchmark_dir="benchmarks")


def parts(config: SimpleNamespace, commit: str = COMMIT, chosen: str = ".") -> list[Part]:
    stacks = [Stack("light", PINS)]
    return missing_parts(config, stacks, "m", commit, re.compile(chosen))


def names(part: Part) -> set[str]:
    return {cell.benchmark for cell in part.cells}


def test_cell_with_a_value_is_not_run_again_and_its_neighbours_are(
    config: SimpleNamespace,
) -> None:
    found = {part.backend: names(part) for part in parts(config)}
    assert found == {"onnxruntime": {USER, LOAD}, "onnxruntime-int8": {WALL, USER, LOAD}}


def test_another_commit_lacks_everything(config: SimpleNamespace) -> None:
    assert all(names(part) == {WALL, USER, LOAD} for part in parts(config, commit="f" * 40))


@pytest.mark.parametrize(
    ("params", "names"), [([], []), ([["1", "2"]], ["size"]), ([["'numpy'"]], ["backend"])]
)
def test_benchmark_that_names_no_backend_is_run_in_every_stack(
    config: SimpleNamespace, params: list[list[str]], names: list[str]
) -> None:
    path = Path(config.results_dir, "benchmarks.json")
    sort = {**benchmark("sorting.time_sort", params), "param_names": names}
    path.write_text(json.dumps({"sorting.time_sort": sort, "version": 2}))
    stacks = [Stack("light", PINS), Stack("bare", {})]
    parts = missing_parts(config, stacks, "m", COMMIT, re.compile("."))
    assert [(part.stack, part.backend) for part in parts] == [("light", None), ("bare", None)]
    assert [len(part.cells) for part in parts] == 2 * [max(1, *map(len, params), 0)]


def test_pattern_of_a_benchmark_without_parameters_is_its_name() -> None:
    pattern = Part("light", None, frozenset({Cell("sorting.time_sort", ())})).pattern
    assert re.search(pattern, "sorting.time_sort")  # as asv names it
    assert not re.search(pattern, "sorting.time_sort_all")


def test_only_what_is_chosen_is_missed(config: SimpleNamespace) -> None:
    assert [names(part) for part in parts(config, chosen="track_load")] == [{LOAD}, {LOAD}]


def test_pattern_selects_the_cells_and_no_other() -> None:
    mini, scifact = ("'mini'", "'onnxruntime'", "1"), ("'scifact'", "'onnxruntime'", "1")
    chosen = [("a.B.wall", mini), ("a.B.user", mini), ("a.B.load", mini), ("a.B.load", scifact)]
    cells = {Cell(*each) for each in chosen}
    pattern = Part("light", "onnxruntime", frozenset(cells)).pattern
    known = {
        Cell(f"a.{owner}.{name}", (dataset, backend, size))
        for owner in ("B", "D")
        for name in ("wall", "user", "load", "load_all")
        for dataset in ("'mini'", "'scifact'")
        for backend in ("'onnxruntime'", "'onnxruntime-int8'")
        for size in ("1", "16")
    }
    assert cells < known
    assert {cell for cell in known if re.search(pattern, cell.name)} == cells
