"""`emch bisect` on a repo that is not emch: a slow commit among others, and one that is broken."""

import json
import subprocess
import sys

import pytest

from tests.asv.conftest import Project, write_repo
from tests.asv.test_elsewhere import CONFIG

PACKAGE = "counting/__init__.py"
FILES = {
    "pyproject.toml": """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "counting"
version = "1"

[tool.setuptools]
packages = ["counting"]
""",
    PACKAGE: "def count():\n    return sum(range(20_000))\n",
    "suite/__init__.py": "",
    "suite/counting_suite.py": """\
from counting import count


def time_count():
    count()


def time_twice():
    count()
    count()
""",
    ".gitignore": "/.asv/\n/html/\n/results/\n__pycache__/\n",
}
BARE = {
    **CONFIG,
    "project": "counting",
    "include": [
        {
            "python": "3.11",
            "req": {"pip+asv_runner": "0.3.2"},
            "env_nobuild": {"EMCH_STACK": "bare"},
        }
    ],
}
SLOW, BROKEN = 5, 3


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make eight commits: the third cannot be imported, and the fifth is three times as slow."""
    files = {**FILES, "asv.conf.json": json.dumps(BARE)}
    made = write_repo(tmp_path_factory.mktemp("home") / "counting", files)
    for number in range(1, 8):
        if number == SLOW:
            made.replace(PACKAGE, "20_000", "60_000")
        before = (made.folder / PACKAGE).read_text()
        text = "raise ImportError\n" if number == BROKEN else f"{before}# {number}\n"
        (made.folder / PACKAGE).write_text(text)
        made.commit(str(number))
        if number == BROKEN:
            (made.folder / PACKAGE).write_text(before)
    return made


def bisect(repo: Project, *words: str) -> "subprocess.CompletedProcess[str]":
    return repo.run(sys.executable, "-m", "emch.cli.main", "bisect", *words)


def test_first_slow_commit_is_found_and_what_was_found_is_kept(repo: Project) -> None:
    done = bisect(repo, "HEAD~7", "HEAD", "--bench", "time_count$")
    assert done.returncode == 0, done.stderr
    slow = repo.git("rev-parse", "HEAD~2")
    assert done.stdout.startswith(f"{slow} is the first slow commit: {SLOW}\n")
    assert f"{repo.git('rev-parse', 'HEAD~4')[:8]}: skipped, " in done.stderr
    again = bisect(repo, "HEAD~7", "HEAD", "--bench", "time_count$", "--resume")
    assert again.stdout.startswith(f"{slow} is the first slow commit: {SLOW}\n")
    assert " left" not in again.stderr, "no commit is measured again"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("HEAD", "HEAD~7", "--bench", "time_count$"), "name the older commit first"),
        (("HEAD", "HEAD", "--bench", "time_count$"), "name the older commit first"),
        (("nonsense", "HEAD", "--bench", "time_count$"), "git knows no commit 'nonsense'"),
        (("HEAD~7", "HEAD", "--bench", "nothing"), "'nothing' is like 0 benchmarks that both ends"),
        (("HEAD~7", "HEAD", "--bench", "time_"), "is like 2 benchmarks that both ends have: "),
        pytest.param(
            ("HEAD~7", "HEAD~6", "--bench", "time_count$"),
            "'HEAD~6' is not slower than 'HEAD~7'",
            marks=pytest.mark.matrix,
        ),
    ],
)
def test_what_cannot_be_searched_is_one_sentence(
    repo: Project, words: tuple[str, ...], sentence: str
) -> None:
    done = bisect(repo, *words)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
