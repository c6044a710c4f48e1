"""pyproject.toml may say which cells are watched less closely."""

from pathlib import Path

import pytest

from emch.compare.schedule import Plan
from emch.compare.thresholds import read_thresholds
from emch.errors import InvalidInput
from emch.tracking.results import Cell


def written(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_last_pattern_that_fits_counts(tmp_path: Path) -> None:
    text = "[tool.emch.compare.thresholds]\n'time_' = '5%'\n'time_slow' = '12.5 %'\n"
    plan = Plan(0.03, 1.0, read_thresholds(written(tmp_path, text)))
    names = ("a.time_slow", "a.time_it", "a.track_it")
    assert [plan.threshold_of(Cell(name, ())) for name in names] == [0.125, 0.05, 0.03]


@pytest.mark.parametrize("text", ["", "[project]\nname = 'a'\n", "[tool.emch.compare]\n"])
def test_project_without_the_table_has_no_thresholds(tmp_path: Path, text: str) -> None:
    assert read_thresholds(written(tmp_path, text)) == {}
    assert read_thresholds(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.emch.compare.thresholds]\n'a(' = '5%'", "'a(' in pyproject.toml is no regular"),
        ("[tool.emch.compare.thresholds]\na = 5", "the threshold 5 of 'a' in pyproject.toml must"),
        ("[tool.emch.compare.thresholds]\na = '0%'", "the threshold '0%' of 'a'"),
        ("[tool.emch.compare.thresholds]\na = '500%'", "the threshold '500%' of 'a'"),
        ("[tool.emch.compare]\nthresholds = 3", "must map patterns to percentages"),
        ("[tool.emch]\ncompare = 3", "must map patterns to percentages"),
        ("[tool", "pyproject.toml cannot be read"),
    ],
)
def test_wrong_table_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=r"pyproject\.toml") as raised:
        read_thresholds(written(tmp_path, text))
    assert said in str(raised.value)
