"""`emch quickstart` in repositories of all kinds, on the stub: what it writes and refuses."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import json5
import numpy as np
import pytest
import yaml

from emch.errors import InvalidInput
from emch.tracking.quickstart.repo import find_repo
from tests.asv.conftest import Project
from tests.conftest import WriteBeir

from .prepared import EMCH

Ran = subprocess.CompletedProcess[str]
STUB = ("quickstart", "--backend", "stub")
BENCHMARK = "benchmarks/semantic_search.py"
WRITTEN = {
    "asv.conf.json", "benchmarks/__init__.py", BENCHMARK, ".github/workflows/emch.yml",
    "README.md", ".gitignore",
}  # fmt: skip
PACKAGE = {
    "pyproject.toml": '[project]\nname = "myenc"\nversion = "1"\ndependencies = ["numpy"]\n',
    "src/myenc/__init__.py": "def encode(texts):\n    return [[len(t), 1.0] for t in texts]\n",
}


class Repo(Project):
    """A git repository of somebody's."""

    def __init__(self, folder: Path, cache: Path) -> None:
        super().__init__(folder)
        self.cache = cache
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def env(self) -> dict[str, str]:
        return {**super().env, "EMCH_CACHE": str(self.cache), "HOME": str(self.cache)}

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)

    def commit_files(self, **files: str) -> None:
        self.write(**files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Something")

    def emch(self, *arguments: object) -> Ran:
        return self.run(str(EMCH), *map(str, arguments))

    def fails(self, code: int, *arguments: object) -> str:
        """Require one sentence, and that nothing is written; return the sentence."""
        before = self.files()
        done = self.emch(*arguments)
        assert done.returncode == code, done.stdout + done.stderr
        assert self.files() == before
        (sentence,) = done.stderr.splitlines()
        assert sentence.startswith("emch: ")
        return sentence.removeprefix("emch: ")

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and ".git" not in path.relative_to(self.folder).parts
            and "__pycache__" not in path.parts
        }  # fmt: skip


@pytest.fixture
def empty(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "a new folder", tmp_path / "cache")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "my repo", tmp_path / "cache")
    made.git("init", "--quiet", "--initial-branch", "trunk")
    made.commit_files(**{"code.txt": "x\n"})
    return made


def config(repo: Repo) -> dict[str, object]:
    found: dict[str, object] = json5.loads((repo.folder / "asv.conf.json").read_text())
    return found


def test_new_folder_becomes_a_repository_with_one_commit(empty: Repo) -> None:
    done = empty.emch(*STUB)
    assert done.returncode == 0, done.stderr
    assert empty.files().keys() == WRITTEN
    assert empty.git("status", "--porcelain") == ""
    assert len(empty.git("log", "--format=%s").splitlines()) == 1
    assert "of stub" in done.stdout
    for command in ("emch track --machine", "emch site", "emch compare HEAD~1"):
        assert f"  {command}" in done.stdout


def test_repository_gets_files_and_no_commit(repo: Repo) -> None:
    assert repo.emch(*STUB).returncode == 0
    assert repo.files().keys() == {*WRITTEN, "code.txt"}
    assert len(repo.git("log", "--format=%s").splitlines()) == 1
    found = config(repo)
    assert found["project"] == "my-repo"
    assert found["branches"] == ["trunk"]
    assert found["build_command"] == []
    assert yaml.safe_load((repo.folder / ".github/workflows/emch.yml").read_text())["jobs"]


def test_second_time_changes_nothing(repo: Repo) -> None:
    repo.emch(*STUB)
    before = repo.files()
    repo.commit_files()
    done = repo.emch(*STUB, "--json")
    assert done.returncode == 0, done.stderr
    assert repo.files() == before
    assert {*json.loads(done.stdout)["files"].values()} == {"there already"}


def test_dry_run_shows_all_and_writes_nothing(repo: Repo) -> None:
    before = repo.files()
    done = repo.emch(*STUB, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert repo.files() == before
    for name in WRITTEN - {"benchmarks/__init__.py"}:
        assert f"+++ b/{name}" in done.stdout
    assert "+from emch.suite import (" in done.stdout


def test_what_the_user_has_is_added_to(repo: Repo) -> None:
    repo.commit_files(**{".gitignore": "*.log\n/html/", "README.md": "# Mine"})
    assert repo.emch(*STUB).returncode == 0
    assert (repo.folder / ".gitignore").read_text().startswith("*.log\n/html/\n/.asv/\n")
    assert (repo.folder / ".gitignore").read_text().count("/html/") == 1
    assert (repo.folder / "README.md").read_text().startswith("# Mine\n\n## Speed")


def test_other_kinds_of_readme_are_left_alone(repo: Repo) -> None:
    repo.commit_files(**{"README.rst": "Mine\n====\n"})
    repo.emch(*STUB)
    assert repo.files()["README.rst"] == b"Mine\n====\n"
    assert "README.md" not in repo.files()


@pytest.mark.parametrize("has", ["remote", "file"])
def test_gitlab_gets_its_own_workflow(repo: Repo, has: str) -> None:
    if has == "remote":
        repo.git("remote", "add", "origin", "https://gitlab.example/me/mine.git")
    else:
        repo.commit_files(**{".gitlab-ci.yml": "test:\n  script: [make test]\n"})
    done = repo.emch(*STUB)
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(repo.files()[".gitlab/emch.yml"])["emch-compare"]
    if has == "remote":
        assert b"local: .gitlab/emch.yml" in repo.files()[".gitlab-ci.yml"]
    else:
        assert repo.files()[".gitlab-ci.yml"] == b"test:\n  script: [make test]\n"
        assert "+  - local: .gitlab/emch.yml" in done.stdout


def test_project_of_asv_keeps_its_configuration(repo: Repo) -> None:
    text = '{\n    // mine\n    "version": 1, "project": "mine", "benchmark_dir": "perf/suite"\n}\n'
    repo.commit_files(**{"asv.conf.json": text, "perf/suite/__init__.py": ""})
    done = repo.emch(*STUB)
    assert done.returncode == 0, done.stderr
    assert (repo.folder / "asv.conf.json").read_text() == text
    assert "asv.conf.json is yours, and would have to become" in done.stdout
    assert '+    "environment_type": "emch",' in done.stdout
    benchmark = (repo.folder / "perf/suite/semantic_search.py").read_text()
    assert "parents[2]" in benchmark


def test_function_is_measured_and_its_first_answers_are_kept(repo: Repo) -> None:
    repo.commit_files(**PACKAGE)
    done = repo.emch(*STUB, "--callable", "myenc:encode")
    assert done.returncode == 0, done.stderr
    assert "of myenc:encode" in done.stdout
    assert "emch compare HEAD~1 --bench 'time_.*myenc:encode'" in done.stdout
    first = repo.folder / "benchmarks" / "first_answers.npy"
    assert np.load(first).shape == (12, 2)
    found = config(repo)
    assert found["project"] == "myenc"
    assert 'BACKENDS = ["myenc:encode", "stub"]' in (repo.folder / BENCHMARK).read_text()
    repo.write(**{"src/myenc/__init__.py": PACKAGE["src/myenc/__init__.py"].replace("1.0", "9")})
    repo.commit_files()
    said = repo.fails(1, *STUB, "--callable", "myenc:encode")
    assert "does not answer as it did first" in said


def test_texts_alone_have_no_accuracy(repo: Repo, tmp_path: Path) -> None:
    texts = tmp_path / "my texts.txt"
    texts.write_text("one text\nanother text\n")
    done = repo.emch(*STUB, "--texts", texts)
    assert done.returncode == 0, done.stderr
    assert "hit rate" not in done.stdout
    assert "benchmarks/text_encoding.py" in repo.files()


def test_data_in_the_repository_is_named_by_its_place_there(
    repo: Repo, write_beir_folder: WriteBeir
) -> None:
    write_beir_folder(repo.folder / "data" / "mini")
    repo.commit_files()
    done = repo.emch(*STUB, "--data", "data/mini")
    assert done.returncode == 0, done.stderr
    text = (repo.folder / BENCHMARK).read_text()
    assert 'DATA = str(ROOT / "data/mini")' in text
    assert '["own-mini"]' in text


def test_data_elsewhere_is_named_by_its_path(
    repo: Repo, tmp_path: Path, write_beir_folder: WriteBeir
) -> None:
    folder = write_beir_folder(tmp_path / "claims")
    assert repo.emch(*STUB, "--data", folder).returncode == 0
    assert f'DATA = "{folder}"' in (repo.folder / BENCHMARK).read_text()


def test_worktree_is_a_repository_too(repo: Repo) -> None:
    repo.git("worktree", "add", "--quiet", "-b", "side", "../side")
    other = Repo(repo.folder.parent / "side", repo.cache)
    assert other.emch(*STUB).returncode == 0
    assert config(other)["branches"] == ["side"]


NO_REPOSITORY: dict[str, tuple[Callable[[Repo], object], str]] = {
    "no git": (
        lambda repo: (repo.git("status"), shutil.rmtree(repo.folder / ".git")),
        "is in no git repository, and not empty",
    ),
    "no commits": (
        lambda repo: (
            shutil.rmtree(repo.folder / ".git"),
            repo.git("init", "--quiet"),
        ),
        "has no commits",
    ),
    "dirty tree": (lambda repo: repo.write(**{"code.txt": "y\n"}), "not committed (code.txt)"),
    "staged": (
        lambda repo: (repo.write(**{"new.txt": "y\n"}), repo.git("add", "new.txt")),
        "not committed (new.txt)",
    ),
    "detached head": (lambda repo: repo.git("checkout", "--quiet", "--detach"), "is detached"),
    "name of a folder taken": (
        lambda repo: repo.commit_files(benchmarks="no folder\n"),
        "benchmarks",
    ),
    "name of a file taken": (
        lambda repo: repo.commit_files(**{BENCHMARK: "mine\n"}),
        f"{BENCHMARK} is there already",
    ),
    "name of the workflow taken": (
        lambda repo: repo.commit_files(**{".github/workflows/emch.yml": "on: push\n"}),
        "emch.yml is there already",
    ),
    "broken configuration": (
        lambda repo: repo.commit_files(**{"asv.conf.json": "{"}),
        "asv.conf.json cannot be read",
    ),
    "broken package": (
        lambda repo: repo.commit_files(**{"pyproject.toml": "[project\n"}),
        "pyproject.toml cannot be read",
    ),
    "broken requirement": (
        lambda repo: repo.commit_files(
            **{"pyproject.toml": '[project]\nname = "x"\ndependencies = ["a b c"]\n'}
        ),
        "'a b c'",
    ),
    "no text": (
        lambda repo: (
            (repo.folder / "README.md").write_bytes(b"\xff\xfe\x00"),
            repo.commit_files(),
        ),
        "README.md cannot be read as text",
    ),
}


@pytest.mark.parametrize("kind", NO_REPOSITORY)
def test_repository_that_cannot_be_tracked(repo: Repo, kind: str) -> None:
    make, said = NO_REPOSITORY[kind]
    make(repo)
    assert said in repo.fails(2, *STUB)


def test_folder_in_a_repository(repo: Repo) -> None:
    inner = Repo(repo.folder / "inner", repo.cache)
    assert f"is inside of the repository {repo.folder}" in inner.fails(2, *STUB)


def test_shallow_clone(repo: Repo) -> None:
    repo.commit_files()
    repo.git("clone", "--quiet", "--depth", "1", f"file://{repo.folder}", "../shallow")
    shallow = Repo(repo.folder.parent / "shallow", repo.cache)
    assert "is shallow" in shallow.fails(2, *STUB)


def test_folder_that_cannot_be_written(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everywhere, so the answer of the system is made up."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InvalidInput, match="cannot be written to"):
        find_repo(repo.folder)


OPTIONS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "no folder and no Hub id": (("quickstart", "no such/model/at all"), 2, "no such/model/at all"),
    "no folder": (("quickstart", "./none"), 2, "./none"),
    "a folder that is no model": (("quickstart", "empty"), 2, "empty"),
    "data that is not there": ((*STUB, "--data", "none"), 2, "no such folder"),
    "data without qrels": ((*STUB, "--data", "noqrels"), 2, "qrels/test.tsv: no such file"),
    "texts that are not there": ((*STUB, "--texts", "none.txt"), 2, "none.txt: no such file"),
    "texts and data": ((*STUB, "--texts", "a.txt", "--data", "b"), 2, "give one of them"),
    "unknown backend": (("quickstart", "--backend", "onyx"), 2, "unknown backend 'onyx'"),
    "function without a package": (
        (*STUB, "--callable", "code:encode"),
        2,
        "no pyproject.toml or setup.py",
    ),
}


@pytest.mark.parametrize("kind", OPTIONS)
def test_options_that_cannot_be_followed(repo: Repo, kind: str) -> None:
    arguments, code, said = OPTIONS[kind]
    (repo.folder / "empty").mkdir()
    repo.commit_files(**{"noqrels/corpus.jsonl": '{"_id": "1", "title": "x"}\n'})
    repo.commit_files(**{"noqrels/queries.jsonl": '{"_id": "1", "text": "x"}\n'})
    assert said in repo.fails(code, *arguments)


@pytest.mark.parametrize(
    ("function", "code", "said"),
    [
        ("other:encode", 2, "'other' of 'other:encode' is neither at the root"),
        ("myenc:none", 2, "must be a class"),
        ("myenc:broken", 3, "ValueError: no"),
        ("myenc", 2, "'myenc'"),
    ],
)
def test_function_that_cannot_be_called(repo: Repo, function: str, code: int, said: str) -> None:
    repo.commit_files(**PACKAGE)
    repo.commit_files(
        **{"src/myenc/__init__.py": "def broken(texts):\n    raise ValueError('no')\n"}
    )
    assert said in repo.fails(code, *STUB, "--callable", function)
