"""What nobody launched for and is unclear does not fill the page."""

from emch.compare.findings import Finding
from emch.report.comparison import comparison_markdown, left_out, shown, texts_of

CLEAR = Finding("a", "time", "same", 1.0, 1.0, 1.0, 0.99, 1.01)
DOUBT = [Finding("a", what, "unclear") for what in ("time", "load", "memory")]


def test_unclear_load_and_memory_are_counted_and_not_shown() -> None:
    findings = [CLEAR, *DOUBT, Finding("b", "load", "unclear"), Finding("b", "memory", "worse")]
    assert shown(findings) == [CLEAR, DOUBT[0], findings[-1]]
    said = "Too noisy for a verdict, and left out: the load of 2 and the memory of 1 cells."
    assert left_out(findings) == said
    assert said in comparison_markdown(("x", "y"), findings, {})


def test_nothing_is_said_where_nothing_is_left_out() -> None:
    assert left_out([CLEAR]) == ""
    assert "left out" not in comparison_markdown(("x", "y"), [CLEAR], {})


def test_markdown_has_what_differs() -> None:
    text = comparison_markdown(("x", "y"), [CLEAR], {"a": ["packages: numpy 1 -> 2"]})
    assert text.endswith("- `a`: packages: numpy 1 -> 2\n")


def test_short_times_are_shown_in_microseconds() -> None:
    shown_as = {
        seconds: texts_of(Finding("a", "time", "same", seconds, seconds))[3]
        for seconds in (2.5e-7, 1.234e-5, 0.00123, 0.0)
    }
    assert [*shown_as.values()] == ["0.25 us", "12.3 us", "1.23 ms", "0.00 ms"]
