"""One reader decides which commits count, and the table and the dashboard say the same."""

import shutil
import subprocess

import pytest

from tests.results.conftest import FEW, LATER, READERS, Repository

NOTE = "left out: results of 1 commit ({}) that git reaches neither from the branches"


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_commit_that_was_rebased_away_is_named_once_and_left_out(
    repository: Repository, reader: tuple[str, ...]
) -> None:
    lost = repository.lose()
    done = repository.emch(*reader)
    assert done.returncode == 0, done.stderr
    (note,) = [line for line in done.stderr.splitlines() if lost[:8] in line]
    assert note.startswith(NOTE.format(lost[:8]))
    assert "asv.conf.json (main)" in note
    repository.results(lost).unlink()
    without = repository.emch(*reader)
    assert "left out" not in without.stderr
    assert done.stdout == without.stdout


def test_dashboard_has_the_commits_of_the_table(repository: Repository) -> None:
    lost = repository.lose()
    assert repository.table() == {repository.hash_of("main")}
    data = repository.data()
    assert data["commits"][-1] == repository.hash_of("main")
    assert lost not in data["commits"]
    assert lost not in (repository.folder / "html" / "report.html").read_text()


def test_only_a_few_of_many_are_named(repository: Repository) -> None:
    repository.git("reset", "--quiet", "--hard", "HEAD~5")
    done = repository.emch("export", "csv")
    (note,) = done.stderr.splitlines()
    assert note.startswith("left out: results of 5 commits (")
    assert note.count(", ...)") == 1
    assert len(note) < 200


def test_what_a_branch_of_another_has_is_left_out_too(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "other")
    other = repository.commit()
    repository.measure(other)
    repository.git("checkout", "--quiet", "main")
    assert repository.table() == {repository.hash_of("main")}
    assert other not in repository.data()["commits"]


@pytest.mark.parametrize("detached", [False, True])
def test_fresh_figures_of_a_branch_of_ones_own_are_shown(
    repository: Repository, detached: bool
) -> None:
    repository.git("checkout", "--quiet", *(["--detach"] if detached else ["-b", "mine"]))
    mine = repository.commit()
    repository.measure(mine)
    assert repository.table() == {mine}
    data = repository.data()
    assert data["commits"] == [*repository.git("rev-list", "--reverse", "main").split(), mine]
    for series in data["series"]:
        assert [point[0] for point in series["points"]] == list(range(9))
        assert data["graphs"][series["graph"]]["branch"] == "HEAD"


def test_commit_that_was_measured_before_its_branch_was_merged_counts(
    repository: Repository,
) -> None:
    repository.git("checkout", "--quiet", "-b", "topic")
    topic = repository.commit()
    repository.measure(topic)
    repository.git("checkout", "--quiet", "main")
    later = LATER.replace("08", "09")
    dates = {"GIT_AUTHOR_DATE": later, "GIT_COMMITTER_DATE": later}
    repository.git("merge", "--quiet", "--no-ff", "--message", "merge", "topic", **dates)
    assert repository.table() == {topic}
    data = repository.data()
    assert data["commits"][-1] == topic
    assert {series["points"][-1][0] for series in data["series"]} == {8}


def test_tagged_commit_counts_as_it_does_for_asv(repository: Repository) -> None:
    lost = repository.lose()
    tagged = repository.lose()
    repository.git("tag", "v1", tagged)
    assert repository.table() == {tagged}
    assert tagged in repository.data()["commits"]
    assert lost not in repository.data()["commits"]


def test_newest_is_the_last_in_history_and_not_that_of_the_latest_author(
    repository: Repository,
) -> None:
    picked = repository.commit(GIT_AUTHOR_DATE="2023-01-01T00:00:00Z")
    repository.measure(picked)
    assert repository.table() == {picked}
    assert repository.data()["commits"][-1] == picked


def test_tag_without_results_is_no_commit_of_the_dashboard(repository: Repository) -> None:
    tip = repository.hash_of("main")
    repository.git("tag", "v1", repository.commit())
    assert repository.table() == {tip}
    assert repository.data()["commits"][-1] == tip


def test_machine_without_results_to_show_is_not_on_the_pages(repository: Repository) -> None:
    lost = repository.lose()
    machine = repository.folder / "results" / "other"
    shutil.copytree(repository.folder / "results" / "synthetic", machine)
    for path in machine.iterdir():
        path.write_text(path.read_text().replace('"synthetic"', '"other"'))
        if path.name != "machine.json" and not path.name.startswith(lost[:8]):
            path.unlink()
    repository.table()
    assert set(repository.data()["machines"]) == {"synthetic"}
    for reader in (("site",), ("export", "backends")):
        done = repository.emch(*reader, "--machine", "other")
        assert done.returncode == 3
        assert "all results of the machine 'other' are left out" in done.stderr
        assert repository.emch(*reader, "--machine", "none").returncode == 2


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_shallow_clone_says_how_to_get_the_rest(
    repository: Repository, reader: tuple[str, ...]
) -> None:
    repository.commit()
    shallow = Repository(repository.folder.with_name("shallow"))
    origin = f"file://{repository.folder}"
    command = ["git", "clone", "--quiet", "--depth", "1", origin, str(shallow.folder)]
    subprocess.run(command, check=True)
    for name in ("asv.conf.json", "pyproject.toml"):
        shutil.copy(repository.folder / name, shallow.folder)
    shutil.copytree(repository.folder / "results", shallow.folder / "results")
    sentence = shallow.fails(3, *reader)
    assert "results of 8 commits" in sentence
    assert "'git fetch --unshallow'" in sentence
    assert not (shallow.folder / "html").exists()
    shallow.git("fetch", "--quiet", "--unshallow")
    assert shallow.emch(*reader).returncode == 0


@pytest.mark.parametrize("reader", FEW.values(), ids=FEW)
def test_nothing_left_says_to_measure(repository: Repository, reader: tuple[str, ...]) -> None:
    repository.git("checkout", "--quiet", "--orphan", "anew")
    repository.commit()
    repository.git("branch", "--force", "main")
    sentence = repository.fails(3, *reader)
    assert "results of 8 commits" in sentence
    assert "emch track" in sentence
    assert not (repository.folder / "html").exists()
