"""A ratio is to the baseline of the same run and of the same cell, or there is none."""

import pytest

from emch.report.baseline import Ratios, show_ratio
from emch.tracking.results import BASELINE, Figure


def figure(value: float, backend: str = "b", **other: object) -> Figure:
    place = {"machine": "m", "stack": "s", "commit": "c", "benchmark": "search.Whole.track_wall"}
    cell = {"dataset": "mini", "backend": backend, "batch_size": str(other.pop("batch", 16))}
    return Figure(
        **{**place, **other}, date=0, params=cell, value=value, samples=(), interval=None,
        requirements={}, cpus=2,
    )  # type: ignore[arg-type] # fmt: skip


RATIOS = Ratios([figure(1.0), figure(4.0, BASELINE), figure(8.0, BASELINE, commit="d")])


@pytest.mark.parametrize(
    ("of", "ratio", "shown"),
    [
        (figure(1.0), 0.25, "0.25"),
        (figure(4.0, BASELINE), 1.0, "1.00"),
        (figure(1.0, commit="d"), 0.125, "0.12"),
        (figure(1.0, commit="e"), None, ""),
        (figure(1.0, stack="other"), None, ""),
        (figure(1.0, machine="other"), None, ""),
        (figure(1.0, benchmark="search.Whole.track_encode"), None, ""),
        (figure(1.0, batch=1), None, ""),
    ],
)
def test_ratio_is_within_a_run(of: Figure, ratio: float | None, shown: str) -> None:
    assert RATIOS.ratio(of) == ratio
    assert show_ratio(RATIOS.ratio(of)) == shown


def test_nothing_has_a_ratio_to_nought() -> None:
    assert Ratios([figure(0.0, BASELINE)]).ratio(figure(1.0)) is None
