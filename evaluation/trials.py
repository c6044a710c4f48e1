"""The trials of the evaluation: a JSON object a line, and the table of their verdicts.

    python -m evaluation.trials

prints the table of `evaluation/trials.jsonl`, which docs/methodology.md shows.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from emch.export.markdown import markdown_table

FILE = Path(__file__).with_name("trials.jsonl")


@dataclass(frozen=True)
class Trial:
    """One comparison of one cell.

    Attributes
    ----------
    tool : str
        What compared: emch compare, or asv continuous with its factor.
    change : str
        What one side had: none, or the slowdown in percent.
    beside : str
        What else ran: nothing, or a burner.
    cell : str
        What was measured.
    verdicts : dict of str to str
        By quantity: time, load, memory, answers.
    seconds : float
        That it took, environments and checkouts left out.
    """

    tool: str
    change: str
    beside: str
    cell: str
    verdicts: dict[str, str]
    seconds: float


def append(trial: Trial) -> None:
    """Keep a trial."""
    with FILE.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(trial)) + "\n")


def read() -> list[Trial]:
    """Return all that were kept."""
    return [Trial(**json.loads(line)) for line in FILE.read_text(encoding="utf-8").splitlines()]


def table(trials: Sequence[Trial], quantity: str) -> str:
    """Return the counts of verdicts on a quantity as Markdown."""
    groups: dict[tuple[str, str, str], list[Trial]] = defaultdict(list)
    for trial in trials:
        if quantity in trial.verdicts:
            groups[trial.change, trial.beside, trial.tool].append(trial)
    rows = []
    for key, group in sorted(groups.items()):
        counts = Counter(trial.verdicts[quantity] for trial in group)
        said = ", ".join(f"{count} {word}" for word, count in counts.most_common())
        rows.append([*key, str(len(group)), said, f"{median(each.seconds for each in group):.0f}"])
    return markdown_table(("change", "beside", "tool", "trials", "verdicts", "median s"), rows)


if __name__ == "__main__":
    for quantity in ("time", "load", "memory", "answers"):
        print(f"{quantity}\n\n{table(read(), quantity)}")
