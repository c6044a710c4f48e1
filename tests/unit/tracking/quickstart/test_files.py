"""All files of a plan are written, or none: an error or an interrupt takes back what was."""

from pathlib import Path

import pytest

from emch.errors import InvalidInput, Unavailable
from emch.tracking.quickstart import files
from emch.tracking.quickstart.files import Planned, plan_added, plan_lines, plan_new, write
from emch.tracking.quickstart.repo import find_repo


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_plan_is_written_whole(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("one")
    write([plan_new(tmp_path / "a" / "b", "new\n"), plan_lines(tmp_path / "list", ["one", "two"])])
    assert texts(tmp_path) == {"b": "new\n", "list": "one\ntwo\n"}


def test_what_is_there_already_or_proposed_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "same").write_text("x")
    planned = plan_new(tmp_path / "same", "x")
    assert planned.way == "there already"
    write([planned, Planned(tmp_path / "theirs", "y", "proposed")])
    assert texts(tmp_path) == {"same": "x"}


def test_part_is_added_once(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("# Mine")
    for _ in range(2):
        write([plan_added(path, "## Part\n\nwords\n", "## Part")])
    assert path.read_text() == "# Mine\n\n## Part\n\nwords\n"


@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyboardInterrupt()])
def test_what_was_written_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    (tmp_path / "mine").write_text("before\n")
    planned = [
        plan_lines(tmp_path / "mine", ["added"]),
        plan_new(tmp_path / "new", "x"),
        plan_new(tmp_path / "last", "y"),
    ]
    real = files.replace_file

    def failing(path: Path, text: str) -> None:
        if path.name == "last":
            raise error
        real(path, text)

    monkeypatch.setattr(files, "replace_file", failing)
    expected = InvalidInput if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write(planned)
    assert texts(tmp_path) == {"mine": "before\n"}


@pytest.mark.parametrize("made", ["folder", "link", "other"])
def test_name_that_is_taken_is_refused(tmp_path: Path, made: str) -> None:
    path = tmp_path / "taken"
    if made == "folder":
        path.mkdir()
    elif made == "link":
        path.symlink_to(tmp_path / "nowhere")
    else:
        path.write_text("other")
    with pytest.raises(InvalidInput, match="taken is there already"):
        plan_new(path, "ours")


def test_git_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="git is not installed"):
        find_repo(tmp_path)
