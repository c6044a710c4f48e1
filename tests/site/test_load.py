"""The page Load: lines of percentiles, the knee where theory has it, and what is marked."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from emch.metrics import METRICS, metric_of
from evaluation.synthetic import Synthetic
from tests.site.conftest import Visit

RATES = (25, 50, 75, 100, 150, 200, 300)
SERVICE_S = {"slow": 0.010, "fast": 0.005, "idle": 0.0005}
"""By backend: a rate of 100, 200 and 2,000 requests per second is the most that it serves."""

OWNER = "scenarios.Server"
Start = Callable[..., Visit]


def latency_s(service_s: float, rate: float) -> float:
    """Return the mean latency of M/D/1 (Pollaczek and Khinchine), or that of a growing queue."""
    load = rate * service_s
    return service_s * (2 - load) / (2 * (1 - load)) if load < 1 else 10 * load


@dataclass(frozen=True)
class Loaded(Synthetic):
    """The newest commit has the load of a queue of fixed service times."""

    late: Mapping[tuple[str, int], float] | None = None

    def write(self, folder: Path) -> None:
        super().write(folder)
        results = folder / "results"
        path = results / "benchmarks.json"
        benchmarks = json.loads(path.read_text())
        for method in self._values("", 1):
            benchmarks[f"{OWNER}.{method}"] = self._described(method)
        path.write_text(json.dumps(benchmarks))
        dated = {
            path: json.loads(path.read_text()) for path in (results / self.machine).glob("*-*.json")
        }
        path, found = max(dated.items(), key=lambda item: item[1]["date"])
        found["results"].update(self._cells())
        path.write_text(json.dumps(found))

    @property
    def params(self) -> list[list[str]]:
        return [[repr(backend) for backend in SERVICE_S], [str(rate) for rate in RATES]]

    def _described(self, method: str) -> dict[str, Any]:
        return {
            "name": f"{OWNER}.{method}", "code": "", "params": self.params, "type": "track",
            "param_names": ["backend", "request_rate"], "timeout": 60, "version": "1",
            "unit": METRICS[metric_of(method)].unit,
        }  # fmt: skip

    def _cells(self) -> Iterator[tuple[str, Any]]:
        runs = [self._values(*cell) for cell in product(SERVICE_S, RATES)]
        for method in runs[0]:
            yield f"{OWNER}.{method}", [[run[method] for run in runs], self.params]

    def _values(self, backend: str, rate: int) -> dict[str, float | None]:
        service_s = SERVICE_S.get(backend, 0.001)
        latency = latency_s(service_s, rate)
        return {
            "track_offered_rate": rate,
            "track_achieved_rate": min(rate, 1 / service_s),
            "track_latency": latency,
            "track_p95": 3 * latency,
            "track_p99": 5 * latency if rate > 25 else None,
            "track_late_share": (self.late or {}).get((backend, rate), 0.0),
        }


@pytest.fixture
def start(synthetic: Callable[..., str], visit: Start) -> Callable[..., Visit]:
    return lambda **options: visit(synthetic(Loaded(3, **options)))


def rows(page: Any, caption: str) -> list[list[str]]:
    """Return the cells of the table whose caption begins so."""
    table = page.locator("table").filter(has=page.locator(f"caption:text('{caption}')"))
    return [row.split("\t") for row in table.locator("tbody tr").all_inner_texts()]


OPTION = """() => {
    const chart = window.echarts.getInstanceByDom(document.querySelector('.emch-chart'));
    return chart.getOption().series.map((each) => ({
        name: each.name,
        points: each.data.map((point) => point.value),
        hollow: each.data.map((point) => point.itemStyle.color === 'transparent'),
        rings: each.markPoint.data.map((mark) => mark.coord),
    }));
}"""


def test_knee_is_where_the_rate_over_the_latency_is_greatest(start: Callable[..., Visit]) -> None:
    """For M/D/1 that is at a load of 2 - sqrt(2) = 0.59, and the rates that were measured have 0.5.

    Of `idle` no rate comes near, so its knee is at least the highest one.
    """
    tab = start()
    page = tab.open("load")
    assert rows(page, "Knees") == [
        ["fast", "100", "22.50 ms", "200"],
        ["idle", "at least 300", "1.63 ms", "300"],
        ["slow", "50.0", "45.00 ms", "100"],
    ]
    rings = {each["name"]: each["rings"] for each in page.evaluate(OPTION)}
    assert rings == {"fast": [[100, 0.0225]], "idle": [], "slow": [[50, 0.045]]}
    assert "Kleinrock" in page.locator("#emch-display").inner_text()
    assert tab.problems == []


def test_overloaded_backend_is_marked(start: Callable[..., Visit]) -> None:
    page = start().open("load")
    runs = rows(page, "Runs")
    marked = {(run[0], run[1]) for run in runs if run[7] == "overloaded"}
    assert marked == {("slow", "150"), ("slow", "200"), ("slow", "300"), ("fast", "300")}
    (fast,) = (each for each in page.evaluate(OPTION) if each["name"] == "fast")
    assert fast["hollow"] == [False] * 6 + [True]


def test_percentile_without_a_value_is_not_drawn(start: Callable[..., Visit]) -> None:
    page = start().open("load", "?percentile=p99_s")
    assert {run[5] for run in rows(page, "Runs") if run[1] == "25.0"} == {"n/a"}
    for line in page.evaluate(OPTION):
        assert [rate for rate, _ in line["points"]] == list(RATES[1:])


def test_one_backend_has_a_line_for_each_percentile(start: Callable[..., Visit]) -> None:
    page = start().open("load")
    page.get_by_label("Backend").select_option("fast")
    assert [each["name"] for each in page.evaluate(OPTION)] == ["p50", "p95", "p99"]
    assert [row[0] for row in rows(page, "Knees")] == ["p50", "p95", "p99"]
    assert {run[0] for run in rows(page, "Runs")} == {"fast"}


def test_run_of_a_busy_generator_says_so_first(start: Callable[..., Visit]) -> None:
    page = start(late={("slow", 75): 0.011, ("fast", 75): 0.010}).open("load")
    first = page.locator("#emch-display .emch-body > *").first.inner_text()
    assert first.startswith("In 1 of 21 runs the load generator itself sent more than 1 %")
    marked = page.locator("tr", has=page.locator(".emch-worse")).all_inner_texts()
    assert [text.split("\t")[:2] for text in marked] == [["slow", "75.0"]]


def test_generator_that_kept_its_plan_is_not_mentioned(start: Callable[..., Visit]) -> None:
    assert "load generator itself" not in start().open("load").locator("body").inner_text()
