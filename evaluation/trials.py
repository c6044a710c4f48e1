"""The trials of the evaluation: a JSON object a line, and the table of their verdicts.

    python -m evaluation.trials

prints the table of `evaluation/trials.jsonl`, which docs/findings/verdicts.md shows.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from emch.report.markdown import markdown_table

WORDS = {
    "time": ("faster", "same", "unclear", "slower"),
    "load": ("faster", "same", "unclear", "slower"),
    "memory": ("better", "same", "unclear", "worse"),
    "answers": ("same", "changed"),
}
FILE = Path(__file__).with_name("trials.jsonl")


@dataclass(frozen=True)
class Trial:
    """One comparison of one cell.

    Attributes
    ----------
    tool : str
        The tool that compared: emch compare, or asv continuous with its factor.
    slowdown : float
        The slowdown of one side, in percent; 0 is identical code.
    beside : {"nothing", "burner"}
        The process that ran beside it.
    cell : str
        The name of the cell.
    verdicts : dict of str to str
        The verdicts by quantity: time, load, memory, answers.
    seconds : float
        Seconds that the comparison took.
    """

    tool: str
    slowdown: float
    beside: str
    cell: str
    verdicts: dict[str, str]
    seconds: float


def read_arguments(counted: str, default: int) -> argparse.Namespace:
    """Read the arguments that the trials of both tools have in common."""
    parser = argparse.ArgumentParser()
    parser.add_argument(f"--{counted}", type=int, default=default)
    parser.add_argument("--slowdown", type=float, nargs="+", default=[0, 3, 5, 10, 20])
    parser.add_argument("--beside", choices=["nothing", "burner"], default="nothing")
    return parser.parse_args()


def append(trial: Trial) -> None:
    """Append a trial to the file of trials."""
    with FILE.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(trial)) + "\n")


def read() -> list[Trial]:
    """Return all trials in the file."""
    return [Trial(**json.loads(line)) for line in FILE.read_text(encoding="utf-8").splitlines()]


def table(trials: Sequence[Trial], quantity: str) -> str:
    """Return, as Markdown, the counts of verdicts on a quantity and the seconds of a trial."""
    groups: dict[tuple[float, str, str], list[Trial]] = defaultdict(list)
    for trial in trials:
        if quantity in trial.verdicts:
            groups[trial.slowdown, trial.beside, trial.tool].append(trial)
    rows = []
    for (percent, beside, tool), group in sorted(groups.items()):
        counts = Counter(trial.verdicts[quantity] for trial in group)
        seconds = sorted(trial.seconds for trial in group)
        took = f"{median(seconds):.0f} ({seconds[-1]:.0f})"
        words = [str(counts[word]) for word in WORDS[quantity]]
        rows.append([f"{percent:g} %", f"{tool}, beside {beside}", str(len(group)), *words, took])
    headings = ("slowdown", f"{quantity}, by", "trials", *WORDS[quantity], "median (most) s")
    return markdown_table(headings, rows)


if __name__ == "__main__":
    print("\n".join(table(read(), quantity) for quantity in WORDS), end="")
