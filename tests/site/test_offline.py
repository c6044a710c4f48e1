"""Every page of the published reference results works without a network, in any window."""

import re
from collections.abc import Callable

import pytest

from emch.site.report import PAGES
from tests.site.conftest import Visit

STOCK = {
    "": "#summarygrid-display",
    "summarylist": "#summarylist-body",
    "regressions": "#regressions-display",
    "semantic_search.WholeProcess.track_wall": "#main-graph canvas",
}
NOT_MEASURED = {"load"}
"""Pages of which `results/reference` has no figures yet: they say so."""

Start = Callable[..., Visit]


@pytest.mark.parametrize("width", [360, 3840])
@pytest.mark.parametrize("name", PAGES)
def test_our_page_has_its_figures_and_fits_any_width(
    reference: str, visit: Start, name: str, width: int
) -> None:
    tab = visit(reference, viewport={"width": width, "height": 800})
    page = tab.open(name)
    figures = page.locator("#emch-display table tbody tr, #emch-display .emch-card").count()
    assert (figures > 1) == (name not in NOT_MEASURED)
    assert page.locator("#emch-display .emch-empty").count() == (name in NOT_MEASURED)
    assert page.locator(f"#nav-li-{name}.active").count() == 1
    assert page.evaluate("document.querySelector('#emch-display').scrollWidth") <= width
    assert tab.problems == []


@pytest.mark.parametrize("name", STOCK)
def test_page_of_asv_opens(reference: str, visit: Start, name: str) -> None:
    tab = visit(reference)
    page = tab.open(name)
    page.locator(STOCK[name]).first.wait_for(state="visible")
    assert page.locator("#emch-display").is_hidden()
    assert tab.problems == []


def test_without_an_address_it_is_the_overview(reference: str, visit: Start) -> None:
    tab = visit(reference)
    tab.page.goto(f"{reference}/")
    tab.page.locator("#emch-display[data-ready=overview]").wait_for()
    assert tab.problems == []


def test_between_our_pages_and_those_of_asv(reference: str, visit: Start) -> None:
    tab = visit(reference)
    page = tab.open("heatmap")
    page.get_by_role("link", name="Benchmark list").click()
    page.locator("#summarylist-body").wait_for(state="visible")
    assert page.locator("#emch-display").is_hidden()
    page.get_by_role("link", name="Heatmap").click()
    page.locator("#emch-display").wait_for(state="visible")
    assert page.locator("#summarylist-body").is_hidden()
    assert tab.problems == []


def test_point_of_the_trade_off_leads_to_its_history(reference: str, visit: Start) -> None:
    tab = visit(reference)
    page = tab.open("tradeoff")
    page.locator("#emch-display tbody a").first.click()
    page.locator("#main-graph canvas").first.wait_for(state="visible")
    page.wait_for_load_state("networkidle")
    assert "track_wall" in page.locator("#title").inner_text()
    assert tab.problems == []


def test_dark_mode_is_dark(reference: str, visit: Start) -> None:
    tab = visit(reference, color_scheme="dark")
    page = tab.open("versions")
    paint = "getComputedStyle(document.querySelector('#emch-display')).backgroundColor"
    assert sum(map(int, re.findall(r"\d+", page.evaluate(paint)))) < 3 * 64
    assert tab.problems == []
