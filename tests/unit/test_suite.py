"""Which parts of the suite a commit lacks, and how asv is told to run them."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from emch.stacks import Stack
from emch.suite import Part, missing_parts

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PINS = {"onnxruntime": "1.31.1", "numpy": "2.4.6", "tokenizers": "0.22.2"}
WALL, LOAD = "semantic_search.WholeProcess.track_wall", "startup.Startup.track_load"


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
    """Return a folder of results with two benchmarks, and one cell that has a value."""
    backends = ["'onnxruntime'", "'onnxruntime-int8'", "'pytorch'"]
    found = {name: benchmark(name, [backends]) for name in (WALL, LOAD)}
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
    return missing_parts(config, [Stack("light", PINS)], "m", commit, chosen)


def test_what_has_a_value_is_not_run_again(config: SimpleNamespace) -> None:
    found = {part.backend: part.classes for part in parts(config)}
    both = ("semantic_search.WholeProcess", "startup.Startup")
    assert found == {"onnxruntime": ("startup.Startup",), "onnxruntime-int8": both}


def test_another_commit_lacks_everything(config: SimpleNamespace) -> None:
    assert {len(part.classes) for part in parts(config, commit="f" * 40)} == {2}


def test_only_what_is_chosen_is_missed(config: SimpleNamespace) -> None:
    assert [part.classes for part in parts(config, chosen="track_load")] == [
        ("startup.Startup",),
        ("startup.Startup",),
    ]


def test_pattern_selects_the_backend_and_what_is_chosen_alone() -> None:
    part = Part("light", "onnxruntime", ("a.B", "a.C"))
    pattern = part.pattern("'mini'")
    assert re.search(pattern, "a.B.track_wall('mini', 'onnxruntime', 1)")
    for other in (
        "a.B.track_wall('mini', 'onnxruntime-int8', 1)",
        "a.B.track_wall('scifact', 'onnxruntime', 1)",
        "a.D.track_wall('mini', 'onnxruntime', 1)",
    ):
        assert not re.search(pattern, other)
