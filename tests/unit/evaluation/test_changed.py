"""The evaluation's changes still fit the code that they change."""

import py_compile
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation import changed
from tests.stacks import ROOT


@pytest.mark.parametrize(
    ("change", "path"),
    [(changed.slow, changed.CELLS_OF_TASKS), (changed.fatten, changed.SUITE)],
)
def test_change_fits_and_compiles(
    change: Callable[[Path, float], None], path: str, tmp_path: Path
) -> None:
    changed.copy_project(ROOT, tmp_path)
    change(tmp_path, 0.1)
    assert (tmp_path / path).read_text() != (ROOT / path).read_text()
    py_compile.compile(str(tmp_path / path), doraise=True)


def test_change_that_does_not_fit_is_an_error(tmp_path: Path) -> None:
    (tmp_path / changed.CELLS_OF_TASKS).parent.mkdir(parents=True)
    (tmp_path / changed.CELLS_OF_TASKS).write_text("")
    with pytest.raises(SystemExit, match="0 times"):
        changed.slow(tmp_path, 0.1)
