"""The first slow commit of a history, by comparisons in pairs at a controlled rate of error.

The commit in the middle of what is left is compared with the good one. It is fast or slow by the
side of halfway on which its ratio lies: halfway between 1 and what the bad commit has, on the scale
of logarithms. One wrong step makes the answer wrong, so the probability of error is divided by the
number of steps, and within a step by the number of looks (Bonferroni).
"""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from emch.cache import replace_file
from emch.compare.moderation import common_spread, moderated_spread
from emch.compare.observed import alike
from emch.compare.statistics import LOOKS, WRONG_AT_LOOK, Interval, interval

Word = Literal["fast", "slow", "skipped"]

Ask = Callable[[int], float | str]
"""Launches a commit, by its place, beside the good one; returns the logarithm of the ratio of their
times, or why the commit cannot be measured."""


@dataclass(frozen=True)
class Step:
    """What was found of a commit.

    Attributes
    ----------
    commit : str
        Its hash.
    word : {"fast", "slow", "skipped"}
        The side of the good commit, that of the bad one, or neither: it could not be measured, or
        the noise hid its side.
    ratio, low, high : float or None
        Its time over that of the good commit, with the interval that the word is from.
    note : str
        Why it was skipped.
    """

    commit: str
    word: Word
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass
class Search:
    """A bisection.

    Attributes
    ----------
    commits : sequence of str
        The hashes from the good commit to the bad one, both among them.
    halfway : float
        The logarithm of the ratio that tells fast commits from slow ones.
    steps : list of Step
        What was found so far.
    launched : list of sequences of float
        The logarithms of the ratios of the launches so far, by the commit that was compared with
        the good one: how far one commit's spread says how far those of the others do.
    """

    commits: Sequence[str]
    halfway: float
    steps: list[Step]
    launched: list[Sequence[float]] = field(default_factory=list)

    @property
    def most_steps(self) -> int:
        """How many steps a search without a skipped commit takes at most."""
        return max(1, math.ceil(math.log2(len(self.commits) - 1)))

    @property
    def left(self) -> Sequence[str]:
        """The commits of which one is the first slow one, the oldest first."""
        fast, slow = 0, len(self.commits) - 1
        places = {commit: place for place, commit in enumerate(self.commits)}
        for step in self.steps:
            if step.word == "fast":
                fast = max(fast, places[step.commit])
            elif step.word == "slow":
                slow = min(slow, places[step.commit])
        return self.commits[fast + 1 : slow + 1]

    def next(self) -> int | None:
        """Return the place of the commit to look at, or None where nothing is left to look at.

        It is the one nearest to the middle that was not skipped, as `git bisect` takes it.
        """
        skipped = {step.commit for step in self.steps if step.word == "skipped"}
        candidates = self.left[:-1]  # the last one is known to be slow
        middle = (len(candidates) - 1) / 2
        order = sorted(range(len(candidates)), key=lambda place: abs(place - middle))
        for place in order:
            if candidates[place] not in skipped:
                return self.commits.index(candidates[place])
        return None

    def run(self, ask: Ask) -> Iterator[Step]:
        """Look at one commit after another until one is left, or those left are all skipped."""
        while (place := self.next()) is not None:
            step = self._look_at(place, ask)
            self.steps.append(step)
            yield step

    def _look_at(self, place: int, ask: Ask) -> Step:
        logs: list[float] = []
        self.launched.append(logs)
        found = Interval(1.0, 0.0, math.inf)
        for look in LOOKS:
            while len(logs) < look:
                told = ask(place)
                if isinstance(told, str):
                    return Step(self.commits[place], "skipped", note=told)
                logs.append(told)
            spread = moderated_spread(alike(logs), common_spread([*map(alike, self.launched)]))
            found = interval(alike(logs), spread, WRONG_AT_LOOK / self.most_steps)
            numbers = asdict(found)
            if math.log(found.high) < self.halfway:
                return Step(self.commits[place], "fast", **numbers)
            if math.log(found.low) > self.halfway:
                return Step(self.commits[place], "slow", **numbers)
        note = f"the noise is too large for {LOOKS[-1]} launches"
        return Step(self.commits[place], "skipped", **asdict(found), note=note)


def keep(path: Path, ends: Sequence[float], steps: Sequence[Step]) -> None:
    """Keep the launches of both ends, and the steps, so that a search can go on later."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [{"ends": list(ends)}, *map(asdict, steps)]
    replace_file(path, "".join(f"{json.dumps(line)}\n" for line in lines))


def read_kept(path: Path) -> tuple[list[float], list[Step]]:
    """Return the launches of both ends, and the steps; none of either where there is no file."""
    if not path.is_file():
        return [], []
    ends, *steps = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return ends["ends"], [Step(**step) for step in steps]
