"""The Grafana dashboard asks for what `emch export influxdb` writes."""

import json
import re
from pathlib import Path
from typing import Any

from emch.export.influxdb import MEASUREMENT, TAGS
from emch.metrics import METRICS

FILE = Path(__file__).parents[3] / "tools" / "grafana" / "emch.json"
DASHBOARD: dict[str, Any] = json.loads(FILE.read_text())
QUERIES = [target["query"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
VARIABLES = DASHBOARD["templating"]["list"]


def test_measurement_is_that_of_the_rows() -> None:
    asked = QUERIES + [each["query"] for each in VARIABLES[1:]]
    assert {re.search(r'FROM "(\w+)"', query)[1] for query in asked} == {MEASUREMENT}  # type: ignore[index] # it matches


def test_every_name_in_quotes_is_a_column() -> None:
    for query in QUERIES:
        names = set(re.findall(r'"(\w+)"', query)) - {MEASUREMENT}
        assert names <= {*TAGS, "value"}


def test_every_metric_is_known_and_shown_once() -> None:
    found = [re.search(r"\"metric\" = '(\w+)'", query)[1] for query in QUERIES]  # type: ignore[index] # it matches
    assert set(found) <= METRICS.keys()
    assert len(set(found)) == len(found)


def test_every_variable_is_a_tag_and_used() -> None:
    names = [each["name"] for each in VARIABLES[1:]]
    assert set(names) <= set(TAGS)
    assert all(f"${name}" in query for name in names for query in QUERIES)
