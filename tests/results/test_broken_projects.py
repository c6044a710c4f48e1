"""What is broken about git, asv.conf.json or asv's files is one sentence, and no traceback."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.results.conftest import FEW, READERS, Repository

ASV = ("track", "--stack", "onnxruntime-1", "--machine", "fresh")
COMPARE = ("compare", "main", "--stack", "onnxruntime-1")
WITH_GIT = {**FEW, "track": ASV, "compare": COMPARE}
WITH_CONFIG = {"table": ("site",), "track": ASV, "stacks": ("list", "stacks")}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_missing_branch_is_named_with_the_file(
    repository: Repository, reader: tuple[str, ...]
) -> None:
    repository.git("branch", "--move", "main", "trunk")
    sentence = repository.fails(2, *reader)
    assert "the branch 'main' of \"branches\" in asv.conf.json" in sentence
    assert "git fetch origin main:main" in sentence


@pytest.mark.parametrize("command", WITH_GIT.values(), ids=WITH_GIT)
def test_folder_without_git_is_one_sentence(
    repository: Repository, command: tuple[str, ...], tmp_path: Path
) -> None:
    shutil.rmtree(repository.folder / ".git")
    sentence = repository.fails(2, *command, HOME=str(tmp_path))
    assert "the repository '.' that asv.conf.json names" in sentence
    assert "clone the project with git" in sentence


@pytest.mark.parametrize("command", WITH_GIT.values(), ids=WITH_GIT)
def test_machine_without_git_is_one_sentence(
    repository: Repository, command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    sentence = repository.fails(3, *command, PATH=str(tmp_path / "bin"), HOME=str(tmp_path))
    assert "git is not installed" in sentence


@pytest.mark.parametrize("command", WITH_GIT.values(), ids=WITH_GIT)
def test_repository_that_git_cannot_read_is_one_sentence(
    repository: Repository, command: tuple[str, ...], tmp_path: Path
) -> None:
    (repository.folder / ".git" / "HEAD").write_text("nonsense\n")
    sentence = repository.fails(3, *command, HOME=str(tmp_path))
    assert "git cannot read the repository '.' of asv.conf.json: fatal: " in sentence


def test_repository_without_a_commit_has_none_to_track(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("checkout", "--quiet", "--orphan", "anew")
    assert "git knows no commit 'HEAD'" in repository.fails(2, *ASV, HOME=str(tmp_path))


CONFIGS: dict[str, tuple[Callable[[dict[str, object]], object], str]] = {
    "syntax": (lambda _: "{", "asv.conf.json cannot be read"),
    "no object": (lambda _: [], "asv.conf.json"),
    "no repository": (lambda config: {**config, "repo": ""}, "No repo specified"),
    "repository of a number": (lambda config: {**config, "repo": 5}, '"repo" in asv.conf.json'),
    "branch instead of a list": (
        lambda config: {**config, "branches": "main"},
        "\"branches\" in asv.conf.json is 'main', and must list names",
    ),
    "stack that is a label": (
        lambda config: {**config, "include": ["current"]},
        '"include" in asv.conf.json',
    ),
    "later version": (lambda config: {**config, "version": 9}, "newer than"),
}


@pytest.mark.parametrize("command", WITH_CONFIG.values(), ids=WITH_CONFIG)
@pytest.mark.parametrize(("change", "words"), CONFIGS.values(), ids=CONFIGS)
def test_broken_configuration_is_one_sentence(
    repository: Repository,
    command: tuple[str, ...],
    change: Callable[[dict[str, object]], object],
    words: str,
) -> None:
    path = repository.folder / "asv.conf.json"
    changed = change(json.loads(path.read_text()))
    path.write_text(changed if isinstance(changed, str) else json.dumps(changed))
    sentence = repository.fails(2, *command)
    assert words in sentence
    assert "asv.conf.json" in sentence


@pytest.mark.parametrize("stack", [{}, {"env_nobuild": ["x"]}])
@pytest.mark.parametrize("command", [("site",), ("list", "stacks"), ("export", "backends"), ASV])
def test_stack_without_a_label_is_one_sentence(
    repository: Repository, command: tuple[str, ...], stack: dict[str, object]
) -> None:
    path = repository.folder / "asv.conf.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "include": [stack]}))
    assert "each stack in asv.conf.json needs" in repository.fails(2, *command)


def test_no_stack_at_all_cannot_be_tracked(repository: Repository) -> None:
    path = repository.folder / "asv.conf.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "include": []}))
    assert "no stacks" in repository.fails(2, "track", "--machine", "fresh")


def test_plugin_that_is_not_there_is_one_sentence(repository: Repository) -> None:
    path = repository.folder / "asv.conf.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "plugins": [".absent"]}))
    done = repository.emch("site")
    assert done.returncode == 3
    assert "asv broke (ModuleNotFoundError: No module named 'absent')" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in repository.emch("--debug", "site").stderr
    assert "No module named 'absent'" in repository.fails(2, *COMPARE)


BROKEN = {"syntax": '{"commit_hash": ', "list": "[]", "empty": "{}", "old": '{"version": 1}'}


@pytest.mark.parametrize("reader", FEW.values(), ids=FEW)
@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("file", ["benchmarks.json", "machine.json", "results"])
def test_broken_file_of_asv_is_named(
    repository: Repository, reader: tuple[str, ...], file: str, content: str
) -> None:
    results = repository.folder / "results"
    path = {
        "benchmarks.json": results / "benchmarks.json",
        "machine.json": results / "synthetic" / "machine.json",
        "results": repository.results(repository.hash_of("main")),
    }[file]
    path.write_text(content)
    assert str(path.relative_to(repository.folder)) in repository.fails(2, *reader)


@pytest.mark.parametrize("reader", FEW.values(), ids=FEW)
def test_results_of_another_shape_are_named(
    repository: Repository, reader: tuple[str, ...]
) -> None:
    path = repository.results(repository.hash_of("main"))
    found = json.loads(path.read_text())
    for row in found["results"].values():
        row[0] = 5
    path.write_text(json.dumps(found))
    sentence = repository.fails(2, *reader)
    assert f"results/synthetic/{path.name} does not have what asv writes" in sentence


@pytest.mark.parametrize("wrong", [{"commit_hash": ["x"]}, {"commit_hash": 5}, {"date": "today"}])
def test_results_of_no_commit_are_named(repository: Repository, wrong: dict[str, object]) -> None:
    path = repository.results(repository.lose())
    path.write_text(json.dumps({**json.loads(path.read_text()), **wrong}))
    assert f"results/synthetic/{path.name} " in repository.fails(2, "site")


@pytest.mark.parametrize("reader", FEW.values(), ids=FEW)
def test_no_file_of_results_says_to_measure(
    repository: Repository, reader: tuple[str, ...]
) -> None:
    for path in (repository.folder / "results" / "synthetic").glob("*-*"):
        path.unlink()
    assert "no results in results: run 'emch track'" in repository.fails(3, *reader)
    (repository.folder / "results" / "benchmarks.json").unlink()
    assert "no results in results: run 'emch track'" in repository.fails(3, *reader)


@pytest.mark.parametrize("command", [("machine",), ASV[:-1]])
@pytest.mark.parametrize("content", ["{", "[]"])
def test_broken_facts_beside_the_results_are_named(
    repository: Repository, tmp_path: Path, command: tuple[str, ...], content: str
) -> None:
    (repository.folder / "results" / "synthetic" / "machine.json").write_text(content)
    sentence = repository.fails(2, *command, "synthetic", HOME=str(tmp_path))
    assert "results/synthetic/machine.json" in sentence


@pytest.mark.parametrize("command", [("machine",), ASV[:-1]])
@pytest.mark.parametrize("content", ["{", "[]"])
def test_broken_facts_at_home_are_named(
    repository: Repository, tmp_path: Path, command: tuple[str, ...], content: str
) -> None:
    (tmp_path / ".asv-machine.json").write_text(content)
    sentence = repository.fails(2, *command, "fresh", HOME=str(tmp_path))
    assert str(tmp_path / ".asv-machine.json") in sentence
