"""Registries, extras, stacks, asv suite and docs must name the same backends and datasets."""

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from emch.backends.registry import BACKENDS, get_backend
from emch.backends.stub import Stub
from emch.datasets.registry import DATASETS
from emch.metrics import METRICS, metric_of
from emch.models.agreement import COSINE_LIMITS
from emch.models.artifacts import KINDS
from emch.tracking.stacks import read_stacks
from tests.consistency import write
from tests.stacks import ROOT, load_config

STACKS = read_stacks(load_config())
DERIVED = write.derived()


DECLARED = write.declared()


@pytest.mark.parametrize("path", DERIVED, ids=str)
def test_file_has_what_backends_and_datasets_declare(path: Path) -> None:
    said = "python -m tests.consistency.write"
    assert (ROOT / path).read_text() == DERIVED[path], f"call '{said}'"


def test_new_backend_is_written_wherever_a_literal_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class New(Stub):
        name = "new"
        extra = "newengine"
        requires = ("newengine>=3", "numpy<3")
        modules = ("newengine.core",)

    monkeypatch.setattr(write, "declared", lambda: {"new": New, **DECLARED})
    texts = write.derived()
    assert f'    "new": "{__name__}:New",\n}}' in texts[write.REGISTRY]
    assert '    "new",\n]' in texts[write.NAMES]
    assert '\nnewengine = ["newengine>=3", "numpy<3"]\nengines = ' in texts[write.PROJECT]
    assert '    "newengine.*",\n' in texts[write.PROJECT]
    assert tomllib.loads(texts[write.PROJECT])["project"]["name"] == "emch"


def test_registry_finds_each_backend_by_its_name() -> None:
    assert {name: get_backend(name) for name in BACKENDS} == DECLARED


@pytest.mark.parametrize("name", BACKENDS)
def test_backend_has_a_stack_and_a_line_in_the_readme(name: str) -> None:
    backend = get_backend(name)
    assert any(stack.fulfils(backend.requires) for stack in STACKS)
    assert f"| `{name}` |" in (ROOT / "README.md").read_text()
    assert backend.precision in COSINE_LIMITS
    assert backend.artifact in KINDS


def test_extra_means_the_same_to_every_backend_that_names_it() -> None:
    pairs = {(backend.extra, backend.requires) for backend in DECLARED.values()}
    assert len(pairs) == len({extra for extra, _ in pairs})


def test_new_dataset_is_written_wherever_a_literal_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = write.declared_datasets()
    monkeypatch.setattr(write, "declared_datasets", lambda: {"another": "own.another", **known})
    texts = write.derived()
    assert '    "another": "own.another",\n}' in texts[write.DATASET_REGISTRY]
    assert '    "another",\n]' in texts[write.NAMES]


def test_suite_runs_every_dataset() -> None:
    search = import_module("benchmarks.semantic_search")
    assert search.WholeProcess.params[0] == search.Warm.params[0] == list(DATASETS)


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
