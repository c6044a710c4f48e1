"""Names are text, whatever is in them."""

from collections.abc import Callable

import pytest

from emch.site.report import PAGES
from evaluation.synthetic import Synthetic
from tests.site.conftest import Visit

MARKUP = "<img src=x onerror='window.ran=1'>"
LONG = "long-" * 40
SCRIPT = '"><script>window.ran=1<!--'


@pytest.mark.parametrize("name", [*PAGES, "", "summarylist", "regressions"])
def test_hostile_names_are_shown_as_text(
    synthetic: Callable[..., str], visit: Callable[..., Visit], name: str
) -> None:
    made = Synthetic(
        12,
        backends=(MARKUP, LONG, SCRIPT),
        stacks=("<b>stack", "<b>other"),
        machine="<i onclick=run>",
        shift={("track_wall", MARKUP): 2.0},
    )
    tab = visit(synthetic(made), viewport={"width": 1280, "height": 800})
    page = tab.open(name)
    assert page.evaluate("window.ran") is None
    if name in PAGES:
        assert page.locator("#emch-display img, #emch-display i, #emch-display b").count() == 0
        assert page.evaluate("document.querySelector('#emch-display').scrollWidth") <= 1280
        assert tab.problems == []
    if name == "heatmap":
        assert MARKUP in page.locator("tbody").inner_text()
        assert page.get_by_label("Machine").input_value() == "<i onclick=run>"
