"""The address keeps the view, the keyboard reaches everything, and everything has a name."""

import copy
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs

from emch.metrics import METRICS
from emch.site.report import PAGES
from evaluation.synthetic import Synthetic
from tests.site.conftest import Visit
from tests.stacks import ROOT

Start = Callable[..., Visit]


def test_address_restores_the_view(reference: str, visit: Start) -> None:
    page = visit(reference).open("heatmap", "?metric=hit_rate&stack=bettertransformer")
    assert page.get_by_label("Metric").input_value() == "hit_rate"
    assert page.get_by_label("Stack").input_value() == "bettertransformer"
    assert "pytorch-bettertransformer" in page.locator("table").inner_text()


def test_view_goes_into_the_address(reference: str, visit: Start) -> None:
    page = visit(reference).open("heatmap")
    page.get_by_label("Metric").select_option("peak_rss_bytes")
    query = parse_qs(page.url.partition("?")[2])
    assert query["metric"] == ["peak_rss_bytes"]
    assert "MiB" in page.locator("tbody td").first.inner_text()


class TwoMachines(Synthetic):
    """Another machine, the first of the alphabet, has no results of the newest commit."""

    def write(self, folder: Path) -> None:
        super().write(folder)
        own, other = folder / "results" / self.machine, folder / "results" / "another"
        other.mkdir()
        dated = sorted(own.glob("*-*.json"), key=lambda path: json.loads(path.read_text())["date"])
        for path in (own / "machine.json", *dated[:-1]):
            text = path.read_text().replace(f'"{self.machine}"', '"another"')
            (other / path.name).write_text(text)


def test_machine_of_the_newest_figure_is_shown(
    synthetic: Callable[[Synthetic], str], visit: Start
) -> None:
    tab = visit(synthetic(TwoMachines(3)))
    chosen = tab.open("overview").get_by_label("Machine")
    assert chosen.input_value() == "synthetic"
    assert chosen.locator("option").all_inner_texts() == ["synthetic", "another"]


def test_unknown_state_in_the_address_is_ignored(reference: str, visit: Start) -> None:
    tab = visit(reference)
    page = tab.open("heatmap", "?metric=nonsense&machine=nobody&relative=%00")
    assert page.locator("tbody tr").count() > 1
    assert tab.problems == []


def test_heatmap_is_relative_to_a_baseline(reference: str, visit: Start) -> None:
    page = visit(reference).open("heatmap", "?relative=sentence-transformers")
    row = page.locator("tbody tr", has=page.get_by_role("rowheader", name="sentence-transformers"))
    assert row.locator("td").first.inner_text() == "1.00"


def test_backends_of_all_stacks_are_shown_together(reference: str, visit: Start) -> None:
    tab = visit(reference)
    page = tab.open("tradeoff", "?stack=all")
    rows = page.locator("tbody tr").all_inner_texts()
    backends = [row.split("\t")[1] for row in rows]
    assert len(backends) == len(set(backends))
    assert {"onnxruntime", "deepsparse", "pytorch-bettertransformer"} <= set(backends)
    assert {row.split("\t")[-2] for row in rows} >= {"current", "deepsparse"}
    shown = tab.open("engines", "?stack=all").locator("tbody tr").all_inner_texts()
    assert {"onnxruntime", "deepsparse"} <= {row.partition("\t")[0] for row in shown}


def test_versions_compares_releases_that_were_there(reference: str, visit: Start) -> None:
    page = visit(reference).open("versions")
    offered = page.get_by_label("Dependency").locator("option").all_inner_texts()
    compared = []
    for dependency in offered:
        page.get_by_label("Dependency").select_option(dependency)
        rows = [row.split("\t") for row in page.locator("tbody tr").all_inner_texts()]
        assert 1 not in Counter(backend for backend, *_ in rows).values()
        compared += [dependency] * bool(rows)
        for _, release, stack, *_, commit in rows:
            installed = ROOT / "results" / "installed" / f"{commit}-emch-{stack}.txt"
            assert f"{dependency}=={release}" in installed.read_text().splitlines()
    assert "onnxruntime" in compared


def test_table_sorts_by_keyboard(reference: str, visit: Start) -> None:
    page = visit(reference).open("heatmap", "?relative=sentence-transformers")
    heading = page.locator("thead th").nth(1)
    heading.locator("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    texts = page.locator("tbody tr td:nth-child(2)").all_inner_texts()
    values = [float(text) for text in texts if text]
    assert values == sorted(values)
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"


def test_control_keeps_the_focus(reference: str, visit: Start) -> None:
    page = visit(reference).open("heatmap")
    page.get_by_label("Metric").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") == "emch-heatmap-metric"


def test_less_accurate_backends_are_left_out(synthetic: Callable[..., str], visit: Start) -> None:
    accurate = {("track_hitrate", f"engine-{place}"): 1.1 for place in range(1, 3)}
    made = Synthetic(12, backends=("engine-0", "engine-1", "engine-2"), shift=accurate)
    page = visit(synthetic(made)).open("overview")
    assert page.locator(".emch-best").all_inner_texts()[0] == "engine-0"
    page.get_by_label("Hit rate at least").focus()
    page.keyboard.press("End")
    assert page.locator(".emch-best").all_inner_texts()[0] == "engine-1"
    assert page.get_by_text("Left out, less accurate than that: engine-0").is_visible()


def test_every_control_and_chart_has_a_name(reference: str, visit: Start) -> None:
    tab = visit(reference)
    for name in PAGES:
        page = tab.open(name)
        for control in page.locator("#emch-display select, #emch-display input").all():
            assert control.evaluate("element => element.labels[0].textContent.trim()")
        for chart in page.locator(".emch-chart").all():
            assert len(chart.get_attribute("aria-label") or "") > 10


def test_page_without_results_says_what_to_run(synthetic: Callable[..., str], visit: Start) -> None:
    page = visit(synthetic(Synthetic(1))).open("versions")
    assert "emch track" in page.locator(".emch-empty").inner_text()


PRINTED = """async (cases) => {
    const data = await (await fetch('emch/data.json')).json();
    return cases.map(([metric, value]) => emch.format.value(data, metric, value));
}"""


def test_pages_print_a_value_as_the_command_line_does(reference: str, visit: Start) -> None:
    page = visit(reference).open("overview")
    values = {"bytes": 2.5 * 2**30, "FLOP / second": 4.15e11, "seconds squared": 1.23}
    cases = [(name, values.get(metric.unit, 123.456)) for name, metric in METRICS.items()]
    printed = page.evaluate(PRINTED, cases)
    assert printed == [METRICS[name].show(value) for name, value in cases]
    assert page.evaluate(PRINTED, [("search_s", 0.000448)]) == ["0.448 ms"]


class Elsewhere(Synthetic):
    """A suite of somebody's own: no name of emch's benchmarks or datasets is in it.

    One class, the first of the alphabet, has one backend alone.
    """

    NAMES: ClassVar = {
        "semantic_search.WholeProcess": "own.Search",
        "sentence_latency.Tokens128": "own.Calls",
        "'mini'": "'books'",
        '"batch_size"': '"rows"',
    }

    def write(self, folder: Path) -> None:
        super().write(folder)
        for path in (folder / "results").rglob("*.json"):
            text = path.read_text()
            for name, own in self.NAMES.items():
                text = text.replace(name, own)
            found = json.loads(text)
            cells = found.get("results", found)  # of a commit, or benchmarks.json
            if calls := copy.deepcopy(cells.get("own.Calls.track_latency")):
                if cells is found:
                    calls["name"] = "own.Aside.track_latency"
                else:
                    calls[0][1:] = [None] * len(calls[0][1:])
                cells["own.Aside.track_latency"] = calls
            path.write_text(json.dumps(found))


def test_suite_of_somebodys_own_is_shown(synthetic: Callable[..., str], visit: Start) -> None:
    tab = visit(synthetic(Elsewhere(12, stacks=("onnxruntime-1", "onnxruntime-2"))))
    texts = {name: tab.open(name).locator(".emch-empty").all_inner_texts() for name in PAGES}
    assert [name for name in texts if texts[name]] == ["overview", "heatmap", "load", "roofline"]
    for name, measurement in {
        "tradeoff": "Search, dataset books, rows 16",
        "latency": "Calls, rows 16: median",
        "versions": "Calls, rows 16",
    }.items():
        assert tab.open(name).get_by_label("Measurement").input_value() == measurement
    assert "Calls, rows 16" in tab.open("overview").locator(".emch-card").first.inner_text()
    assert tab.problems == []
