"""Registry, extras, stacks, asv suite and docs must name the same backends."""

import ast
import re
import tomllib
from importlib import import_module
from inspect import isabstract
from pathlib import Path

import pytest

from emch.backends.base import Backend
from emch.backends.registry import BACKENDS, STUB, get_backend
from emch.datasets.registry import DATASETS
from emch.metrics import METRICS, metric_of
from emch.models.agreement import COSINE_LIMITS
from emch.models.artifacts import KINDS
from emch.tracking.stacks import read_stacks
from tests.stacks import ROOT, load_config

EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
STACKS = read_stacks(load_config())
CURRENT = next(stack for stack in STACKS if stack.label == "current")


def assigned(file: Path, name: str) -> list[str]:
    """Return a list literal of a module without importing it."""
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            value: list[str] = ast.literal_eval(node.value)
            return value
    raise AssertionError(f"{name} is no literal in {file}")


@pytest.mark.parametrize("name", BACKENDS)
def test_backend_has_an_extra_a_stack_and_a_line_in_the_docs(name: str) -> None:
    backend = get_backend(name)
    assert backend.extra in EXTRAS
    assert any(stack.fulfils(backend.extra) for stack in STACKS)
    assert f"| `{name}` |" in (ROOT / "README.md").read_text()
    assert backend.precision in COSINE_LIMITS
    assert backend.artifact in KINDS


def test_suite_runs_every_backend_and_dataset() -> None:
    suite = ROOT / "benchmarks"
    assert assigned(suite / "names.py", "BACKENDS") == list(BACKENDS)
    assert assigned(suite / "semantic_search.py", "DATASETS") == list(DATASETS)


def test_every_backend_is_registered() -> None:
    defined = set()
    for path in (ROOT / "emch" / "backends").rglob("*.py"):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        defined |= {
            f"{module.__name__}:{name}"
            for name, value in vars(module).items()
            if isinstance(value, type)
            and issubclass(value, Backend)
            and value.__module__ == module.__name__
            and not isabstract(value)
        }
    assert defined == {*BACKENDS.values(), *STUB.values()}


def test_venv_gets_the_versions_of_the_current_stack() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    constraints = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    for name, version in CURRENT.pins.items():
        assert constraints[name] == version


METHODS = [
    (path.stem, owner.__name__, name)
    for path in sorted((ROOT / "benchmarks").glob("*.py"))
    for owner in vars(import_module(f"benchmarks.{path.stem}")).values()
    if isinstance(owner, type) and owner.__module__ == f"benchmarks.{path.stem}"
    for name in dir(owner)
    if name.startswith(("time_", "track_", "peakmem_"))
]


UNITS_OF_ASV = {"time": "seconds", "peakmem": "bytes"}


@pytest.mark.parametrize(("file", "owner", "name"), METHODS)
def test_every_benchmark_has_a_metric_of_its_unit(file: str, owner: str, name: str) -> None:
    method = getattr(getattr(import_module(f"benchmarks.{file}"), owner), name)
    unit = UNITS_OF_ASV.get(name.partition("_")[0]) or method.unit
    assert unit == METRICS[metric_of(name)].unit


def test_every_tracker_of_the_table_is_in_the_suite() -> None:
    trackers = {tracker for metric in METRICS.values() for tracker in metric.trackers}
    assert trackers == {name for _, _, name in METHODS}


def test_asv_judges_no_benchmark_whose_metric_is_better_when_it_is_higher() -> None:
    names = [".".join(method) for method in METHODS]
    excluded = load_config().regressions_first_commits
    assert set(excluded.values()) == {None}, "asv takes a commit here for the first that it judges"
    left_out = {name for name in names if any(re.match(each, name) for each in excluded)}
    higher = {name for name in names if METRICS[metric_of(name)].better == "higher"}
    assert left_out == higher, "correct regressions_first_commits in asv.conf.json"
