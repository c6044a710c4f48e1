"""A change on the dashboard comes with the packages and the machine's facts that differ."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emch.site.causes import explain_changes
from emch.site.series import Series

HASHES = ["a" * 40, "b" * 40]


def explained(
    tmp_path: Path, installed: tuple[str, ...], facts: tuple[dict[str, str], ...], verdict: str
) -> Any:
    folder = tmp_path / "installed"
    folder.mkdir()
    for commit, text in zip(HASHES, installed, strict=True):
        if text:
            (folder / f"{commit[:8]}-emch-current.txt").write_text(text)
    graphs = [
        SimpleNamespace(
            params={"machine": "m", "env-EMCH_STACK": "current", **each}, data_points={place: []}
        )
        for place, each in enumerate(facts)
    ]
    series = Series(
        "m", "current", "a.track_wall", "wall_s", {}, 0, [[0, 1.0, None], [1, 2.0, None]]
    )
    series.change = {"from": 0, "verdict": verdict}
    config = SimpleNamespace(results_dir=str(tmp_path))
    explain_changes(config, [series], graphs, {0: 0, 1: 1}, HASHES)
    return series.change.get("why")


@pytest.mark.parametrize(
    ("installed", "facts", "why"),
    [
        (("a==1\nb==1\n", "a==1\nb==2\n"), ({}, {}), "b 1 → 2"),
        (("a==1\n", "a==1\n"), ({}, {}), "the code alone"),
        (("a==1\n", ""), ({}, {}), "packages were not recorded"),
        (("a==1\n", "a==1\n"), ({"cpu": "old"}, {"cpu": "new"}), "cpu old → new"),
        (
            ("".join(f"p{n}==1\n" for n in range(6)), "".join(f"p{n}==2\n" for n in range(6))),
            ({}, {}),
            "p0 1 → 2, p1 1 → 2, p2 1 → 2, p3 1 → 2, and 2 more",
        ),
    ],
)
def test_what_differs_is_named(
    tmp_path: Path, installed: tuple[str, str], facts: tuple[dict[str, str], ...], why: str
) -> None:
    assert explained(tmp_path, installed, facts, "worse") == why


def test_what_did_not_change_needs_no_cause(tmp_path: Path) -> None:
    assert explained(tmp_path, ("a==1\n", "a==2\n"), ({}, {}), "same") is None
