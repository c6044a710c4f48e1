"""What follows from the raw times: latencies, lateness, rates, balance; and it survives JSON."""

import json
import math
import struct
from typing import Any

import numpy as np
import pytest

from emch.scenarios.ledger import Ledger, as_outcome
from emch.scenarios.outcome import Outcome


def outcome(**changed: Any) -> Outcome:
    """Return four requests on two streams, of which the last was not served."""
    first, second = Ledger(), Ledger()
    first.add((2, 0.3, 0.3, 0.5, 0.6, 1))
    first.add((0, 0.1, 0.1005, 0.1005, 0.2, 1))
    second.add((1, 0.2, 0.2, 0.25, 0.5, 1))
    planned = np.array([0.1, 0.2, 0.3, 0.4])
    given = {"planned_s": planned, "offered_rate": 10.0, "generator_cpu_s": 0.25, **changed}
    return as_outcome([first, second], **given)


def test_requests_are_in_the_order_of_their_numbers() -> None:
    found = outcome()
    assert found.started_s.tolist() == [0.1005, 0.25, 0.5, math.inf]
    assert found.ended_s.tolist() == [0.2, 0.5, 0.6, math.inf]
    assert found.stream.tolist() == [0, 1, 0, -1]
    assert found.together.tolist() == [1, 1, 1, 0]


def test_latency_counts_from_the_planned_moment() -> None:
    found = outcome()
    assert found.latencies_s == pytest.approx([0.1, 0.3, 0.3, math.inf])
    assert found.waits_s == pytest.approx([0.0005, 0.05, 0.2, math.inf])


def test_what_was_not_served_is_counted_and_is_no_part_of_the_rate() -> None:
    found = outcome()
    assert (found.requests, found.served, found.unserved) == (4, 3, 1)
    assert found.elapsed_s == 0.6
    assert found.achieved_rate == pytest.approx(3 / 0.6)
    assert found.offered_rate == 10.0


def test_without_a_plan_there_is_nothing_unserved() -> None:
    found = outcome(planned_s=None, offered_rate=None)
    assert (found.requests, found.unserved) == (3, 0)


def test_balance_is_the_share_of_each_stream() -> None:
    assert outcome().balance == pytest.approx([2 / 3, 1 / 3])
    assert as_outcome([Ledger(), Ledger()]).balance == [0.0, 0.0]


def test_run_without_a_request_has_no_rate() -> None:
    found = as_outcome([Ledger()])
    assert (found.requests, found.achieved_rate, found.late_share) == (0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("behind_s", "latency_s", "late"),
    [
        (0.0009, 0.01, False),  # below a millisecond
        (0.0011, 0.01, True),
        (0.0059, 0.2, False),  # below three hundredths of the latency
        (0.0061, 0.2, True),
    ],
)
def test_late_is_beyond_the_tolerance(behind_s: float, latency_s: float, late: bool) -> None:
    ledger = Ledger()
    ledger.add((0, 1.0, 1.0 + behind_s, 1.0 + behind_s, 1.0 + latency_s, 1))
    found = as_outcome([ledger], planned_s=np.array([1.0, 2.0]))
    assert found.late == int(late)
    assert found.late_share == float(late)
    assert found.lateness_s == pytest.approx([behind_s])


def test_json_has_all_of_it() -> None:
    found = outcome()
    text = json.dumps(found.to_dict(), allow_nan=False)
    again = Outcome.from_dict(json.loads(text))
    assert again.to_dict() == found.to_dict()
    assert again.latencies_s == pytest.approx(found.latencies_s)
    assert again.stream.dtype == found.stream.dtype
    assert again.generator_cpu_s == 0.25
    assert json.loads(text)["ended_s"] == [0.2, 0.5, 0.6, None]


def test_ledger_adds_a_row_as_a_whole_or_not_at_all() -> None:
    ledger = Ledger()
    ledger.add((0, 1.0, 1.0, 1.0, 2.0, 1))
    with pytest.raises(struct.error):
        ledger.add((1, 1.0, 1.0, 1.0, "no number", 1))  # type: ignore[arg-type]
    assert ledger.rows.tolist() == [[0, 1, 1, 1, 2, 1]]
