"""The best of many is found, and what fails or breaks a limit is not taken."""

import random
from collections.abc import Mapping

import pytest

from emch.compare.halving import MOST_PAIRS, Halving
from emch.compare.wishes import Wish, accuracy_wish, latency_wish, memory_wish
from emch.errors import InvalidInput, WrongAnswer


class Machine:
    """Backends whose costs are known but for noise."""

    def __init__(self, costs: Mapping[str, float], noise: float = 0.02) -> None:
        self.costs = costs
        self.runs: list[str] = []
        self._noise = noise
        self._rng = random.Random(20)  # noqa: S311 - a simulation

    def run(self, name: str) -> tuple[float, Mapping[str, float]]:
        self.runs.append(name)
        if name == "wrong":
            raise WrongAnswer("it answers wrongly")
        cost = self.costs[name] * self._rng.lognormvariate(0, self._noise)
        return cost, {"encode_s": cost}


def search(machine: Machine, budget_s: float = 60.0) -> Halving:
    found = Halving(list(machine.costs), machine.run, machine.run, budget_s)
    list(found.first_round())
    list(found.go_on([each for each in found.contenders if not each.error]))
    return found


def test_best_is_found_with_most_runs_of_the_best() -> None:
    machine = Machine({f"b{place}": 1 + place for place in range(8)})
    found = search(machine)
    assert [each.name for each in found.left] == ["b0", "b1"]
    assert found.ratio is not None
    assert found.ratio.low < 0.5 < found.ratio.high < 1
    assert machine.runs.count("b7") == 1
    assert machine.runs.count("b0") > machine.runs.count("b3") > 1


def test_second_in_the_first_round_may_be_the_better_one() -> None:
    machine = Machine({"slow": 1.1, "fast": 1.0})
    found = Halving(["slow", "fast"], machine.run, machine.run, 60)
    list(found.first_round())
    found.contenders[0].costs = [0.1]  # a lucky run
    list(found.go_on(found.contenders))
    assert found.left[0].name == "fast"
    assert found.ratio is not None
    assert found.ratio.ratio < 1


def test_equal_ones_are_not_told_apart() -> None:
    found = search(Machine({"one": 1.0, "two": 1.0}, noise=0.1))
    assert len(found.pairs) == MOST_PAIRS
    assert found.ratio is not None
    assert found.ratio.low < 1 < found.ratio.high


def test_what_fails_is_left_out_with_its_error() -> None:
    found = search(Machine({"wrong": 0.1, "right": 1.0}))
    assert [each.name for each in found.left] == ["right"]
    assert str(found.contenders[0].error) == "it answers wrongly"
    assert found.ratio is None


@pytest.mark.parametrize("runs", [1, 2, 4])
def test_what_fails_later_is_left_out_and_the_next_takes_its_place(runs: int) -> None:
    machine = Machine({f"b{place}": 1 + 0.2 * place for place in range(5)})

    def again(name: str) -> tuple[float, Mapping[str, float]]:
        if name == "b0" and machine.runs.count(name) > runs:
            raise WrongAnswer("it answers wrongly")
        return machine.run(name)

    found = Halving([*machine.costs], machine.run, again, 60)
    list(found.first_round())
    list(found.go_on(found.contenders))
    assert str(found.contenders[0].error) == "it answers wrongly"
    assert [each.name for each in found.left] == ["b1", "b2"]
    assert found.ratio is not None
    assert found.ratio.high < 1


def test_last_one_is_not_run_again() -> None:
    def fail(name: str) -> tuple[float, Mapping[str, float]]:
        raise WrongAnswer(f"{name} answers wrongly")

    machine = Machine({"b0": 1.0, "b1": 2.0, "b2": 3.0})
    found = Halving([*machine.costs], machine.run, fail, 60)
    list(found.first_round())
    list(found.go_on(found.contenders))
    assert [each.name for each in found.left] == ["b2"]
    assert found.ratio is None


def test_without_time_the_first_round_decides() -> None:
    machine = Machine({"b0": 1.0, "b1": 2.0, "b2": 3.0})
    found = search(machine, budget_s=0.0)
    assert len(machine.runs) == 3
    assert found.left[0].name == "b0"
    assert found.ratio is None


def test_nothing_fits() -> None:
    run = Machine({"b0": 1.0}).run
    found = Halving(["b0"], run, run, 60)
    list(found.first_round())
    assert list(found.go_on([])) == []
    assert found.left == []


@pytest.mark.parametrize(
    ("text", "limit"),
    [("300MiB", 300 * 2**20), ("1.5GB", 1.5e9), ("2 GiB", 2**31), ("10B", 10)],
)
def test_memory_is_a_size(text: str, limit: float) -> None:
    wish = memory_wish(text)
    assert wish == Wish(f"--memory {text}", "peak_rss_bytes", limit)
    assert wish.is_met({"peak_rss_bytes": limit})
    assert not wish.is_met({"peak_rss_bytes": limit + 1})
    assert not wish.is_met({})


@pytest.mark.parametrize("text", ["", "300", "MiB", "-3MiB", "300 MiBs"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="--memory"):
        memory_wish(text)


def test_accuracy_is_a_rate_or_a_distance() -> None:
    assert accuracy_wish("0.44", [0.5]).limit == 0.44
    near = accuracy_wish("within 0.005", [0.44, 0.4467])
    assert near.is_met({"hit_rate": 0.4417})
    assert not near.is_met({"hit_rate": 0.4416})


@pytest.mark.parametrize("text", ["", "within", "44", "1.5", "within x", "0.4 or so"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="--hit-rate"):
        accuracy_wish(text, [0.5])


def test_latency_is_a_percentile_with_or_without_a_time() -> None:
    assert latency_wish("p99") == ("p99_s", None)
    metric, wish = latency_wish("p50:20ms")
    assert (metric, wish) == ("median_s", Wish("--latency p50:20ms", "median_s", 0.02))


@pytest.mark.parametrize("text", ["", "p98", "99:20ms", "p99:20", "p99:ms"])
def test_what_is_no_latency_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="--latency"):
        latency_wish(text)
