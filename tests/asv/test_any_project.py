"""`emch compare --asv` in projects that know nothing of emch, in asv's own environments."""

import json
import sys
from pathlib import Path

import pytest

from evaluation.projects import commit, commit_extra, make_project
from tests.asv.conftest import Project

pytestmark = pytest.mark.xdist_group("any-project")
FINDINGS = dict[tuple[str, str], dict[str, object]]


@pytest.fixture(scope="module")
def parsers(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make three commits: one does nothing else, and the third twice as much."""
    folder = tmp_path_factory.mktemp("home") / "parsers"
    make_project("parsers", folder)
    commit(folder, "empty")
    commit_extra("parsers", folder, 1.0)
    return Project(folder)


def compare(project: Project, *words: str) -> tuple[int, str, FINDINGS]:
    done = project.run(
        sys.executable, "-m", "emch.cli.main", "compare", "--asv", *words, "--json", "../found.json"
    )
    path = project.folder.parent / "found.json"
    found = json.loads(path.read_text())["findings"] if path.is_file() else []
    path.unlink(missing_ok=True)
    return done.returncode, done.stderr, {(each["cell"], each["what"]): each for each in found}


FAST = r"time_words|track_words|timeraw|1600, 'words'"


def test_commit_that_does_twice_as_much_is_slower(parsers: Project) -> None:
    code, said, found = compare(parsers, "HEAD~1", "HEAD", "--bench", FAST)
    assert code == 1, said
    words = {cell: each["verdict"] for (cell, _), each in found.items()}
    assert words == {
        "parsing.time_words": "slower",
        "parsing.timeraw_numbers": "slower",
        "parsing.track_words": "worse",
        "parsing.Long.time_parse(1600, 'words')": "skipped",
    }
    assert found["parsing.track_words", "value"]["unit"] == "words"
    assert found["parsing.Long.time_parse(1600, 'words')", "time"]["note"] == "too long for words"
    assert "4 of 4 cells have a verdict" in said


def test_commits_that_do_the_same_have_the_same_figures(parsers: Project) -> None:
    code, said, found = compare(parsers, "HEAD~2", "HEAD~1", "--bench", "track_words")
    assert code == 0, said
    assert found["parsing.track_words", "value"]["verdict"] == "same"


def test_checkout_is_left_as_it_was(parsers: Project) -> None:
    assert {path.name for path in parsers.folder.iterdir()} - {"env"} == {
        ".git", "asv.conf.json", "benchmarks", "pyproject.toml", "src",
    }  # fmt: skip
    changed = parsers.git("status", "--porcelain").splitlines()
    # asv leaves the bytecode of the suite as well
    assert {line.split()[-1] for line in changed} <= {"env/", "benchmarks/__pycache__/"}


def test_commit_with_itself_is_told_at_once(parsers: Project) -> None:
    code, said, found = compare(parsers, "HEAD", "HEAD")
    assert (code, found) == (0, {})
    assert "have the same code and the same packages" in said


def test_setup_that_raises_and_benchmark_of_one_side_are_a_sentence_each(
    parsers: Project,
) -> None:
    suite = parsers.folder / "benchmarks" / "odd.py"
    suite.write_text(
        "import parsers\n\n"
        "class Odd:\n"
        "    def setup(self):\n"
        "        if parsers.EXTRA:\n"
        "            raise ValueError('no such thing')\n\n"
        "    def time_it(self):\n        pass\n\n"
        "if parsers.EXTRA:\n    def time_new():\n        pass\n"
    )
    try:
        code, said, found = compare(parsers, "HEAD~1", "HEAD", "--bench", "odd")
    finally:
        suite.unlink()
    assert code == 1
    assert "only B has odd.time_new" in said
    (finding,) = found.values()
    assert (finding["cell"], finding["verdict"]) == ("odd.Odd.time_it", "broke")
    assert finding["note"] == "ValueError: no such thing"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["HEAD~1", "--stack", "conda-py2"], 2, "unknown environment 'conda-py2'"),
        (["nowhere"], 2, "git knows no commit 'nowhere'"),
        (["HEAD~1", "--bench", "nothing"], 2, "no benchmark that both"),
        (["--command", "true", "--command", "true"], 2, "compares two commands, and nothing else"),
        (["--history"], 2, "--history reads results and compares nothing"),
    ],
)
def test_wrong_words_are_one_sentence(
    parsers: Project, words: list[str], code: int, said: str
) -> None:
    found, printed, _ = compare(parsers, *words)
    assert (found, printed.count("Traceback")) == (code, 0)
    assert said in printed


def test_suite_in_a_folder_of_its_own_with_a_setup_cache_is_measured_too(tmp_path: Path) -> None:
    conf = make_project("estimators", tmp_path / "home" / "estimators")
    commit_extra("estimators", tmp_path / "home" / "estimators", 1.0)
    track = r"FewRounds.track_error\(200"
    code, said, found = compare(Project(conf), "HEAD~1", "--bench", track)
    assert code == 1, said
    (finding,) = found.values()
    assert finding["verdict"] == "worse"
