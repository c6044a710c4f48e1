"""A bisection names the first slow commit, skips what cannot be measured, and can go on."""

import math
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emch.compare.bisection import Search, Step, keep, read_kept
from emch.compare.statistics import WRONG_COMMIT

SLOW = math.log(1.1)


def made_up(
    first_slow: int, noise: float, seed: int, broken: frozenset[int] = frozenset()
) -> Callable[[int], float | str]:
    """Return what launches a commit of a made-up history: 10 % slower from one commit on."""
    rng = random.Random(seed)  # noqa: S311 - noise, no secret

    def ask(place: int) -> float | str:
        if place in broken:
            return "it does not build"
        return rng.gauss(SLOW if place >= first_slow else 0.0, noise)

    return ask


def search(count: int, steps: list[Step] | None = None) -> Search:
    return Search([f"{place:08d}" for place in range(count)], SLOW / 2, steps or [])


@given(st.integers(2, 60), st.data())
@settings(deadline=None)
def test_every_place_is_found_in_few_steps(count: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, count - 1))
    made = search(count)
    steps = list(made.run(made_up(first, 0.001, 1)))
    assert made.left == [f"{first:08d}"]
    assert len(steps) <= made.most_steps


def test_ten_percent_in_thirty_commits_are_found_through_noise() -> None:
    wrong = 0
    for seed in range(200):
        first = 1 + seed % 29
        made = search(30)
        list(made.run(made_up(first, 0.02, seed)))
        wrong += f"{first:08d}" not in made.left
    assert wrong <= 200 * WRONG_COMMIT


@given(st.data())
@settings(deadline=None)
def test_answer_is_among_those_left_when_commits_are_skipped(data: st.DataObject) -> None:
    count, first = 20, data.draw(st.integers(1, 19))
    broken = data.draw(st.frozensets(st.integers(1, 18)))
    made = search(count)
    list(made.run(made_up(first, 0.001, 1, broken)))
    assert f"{first:08d}" in made.left
    assert {int(commit) for commit in made.left[:-1]} <= broken


def test_noise_that_hides_the_side_of_a_commit_skips_it() -> None:
    made = search(3)
    (step,) = made.run(made_up(1, 0.5, 4))
    assert step.word == "skipped"
    assert step.note == "the noise is too large for 28 launches"
    assert made.left == ["00000001", "00000002"]


def test_search_goes_on_after_the_steps_that_were_kept(tmp_path: Path) -> None:
    whole = search(30)
    steps = list(whole.run(made_up(17, 0.001, 1)))
    file = tmp_path / "place" / "steps.jsonl"
    assert read_kept(file) == ([], [])
    keep(file, [0.1, 0.2], steps[:2])
    ends, kept = read_kept(file)
    assert ends == [0.1, 0.2]
    asked = []
    ask = made_up(17, 0.001, 1)

    def note(place: int) -> float | str:
        asked.append(f"{place:08d}")
        return ask(place)

    again = search(30, kept)
    list(again.run(note))
    assert again.left == whole.left == ["00000017"]
    assert not set(asked) & {step.commit for step in steps[:2]}


@pytest.mark.parametrize("count", [2, 3])
def test_short_histories_need_no_search_or_one_step(count: int) -> None:
    made = search(count)
    assert len(list(made.run(made_up(count - 1, 0.001, 1)))) == count - 2
    assert made.left == [f"{count - 1:08d}"]
