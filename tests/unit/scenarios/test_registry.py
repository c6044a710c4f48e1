"""The table has the scenarios of the command line, and each runs with its defaults."""

from dataclasses import fields

import pytest

from emch.scenarios.limits import Limits
from emch.scenarios.registry import SCENARIOS
from tests.unit.scenarios.simulated import SleepingTarget


def test_names() -> None:
    assert list(SCENARIOS) == ["sync", "async", "elastic", "server", "offline"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_runs_with_its_defaults(name: str) -> None:
    needed = {"request_rate": 1000.0} if name == "server" else {}
    scenario = SCENARIOS[name](**needed)
    scenario.require_inputs(2)
    target = SleepingTarget(2)
    outcome = scenario.run(target, Limits.by_requests(30))
    assert outcome.served == 30
    assert target.requests == list(range(30))


def test_an_option_means_the_same_in_every_scenario_that_has_it() -> None:
    found: dict[str, object] = {}
    for kind in SCENARIOS.values():
        for each in fields(kind):
            assert found.setdefault(each.name, each.metadata) is each.metadata
