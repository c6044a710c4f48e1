"""One file that works by itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from emch.site.report import PAGES
from evaluation.synthetic import Synthetic
from tests.site.conftest import Visit, publish


def test_report_needs_nothing_beside_it(
    tmp_path: Path,
    browser: Any,  # noqa: ARG001 - the libraries
    visit: Callable[..., Visit],
) -> None:
    Synthetic(12, backends=("</script><b>one", "two"), stacks=("s-1", "s-2")).write(tmp_path / "p")
    publish(tmp_path / "p")
    report = tmp_path / "alone" / "report.html"
    report.parent.mkdir()
    (tmp_path / "p" / "html" / "report.html").rename(report)
    tab = visit("nowhere://")
    tab.page.goto(report.as_uri())
    tab.page.locator("body[data-ready]").wait_for()
    for name in PAGES:
        assert tab.page.locator(f"section#{name} :is(table, .emch-empty)").count() > 0
    assert "</script><b>one" in tab.page.locator("section#heatmap tbody").inner_text()
    assert tab.page.locator("section#versions canvas").count() > 0
    assert tab.problems == []
