"""How often `asv continuous` is wrong on identical code, and how often it finds a slowdown.

    python -m evaluation.continuous_power [--runs N] [--slowdown PERCENT ...] [--beside burner]

The trials of `evaluation.compare_power`, with asv alone: each run compares two commits of a clone
over the same cells, and `asv compare` is asked at several factors. A slowdown of 0 is an empty
commit. Each verdict is appended to `evaluation/trials.jsonl`; the seconds are those of the run,
divided by its cells.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from evaluation import changed
from evaluation.trials import Trial, append, read_arguments

FACTORS = (1.03, 1.05, 1.10)
MACHINE = ["--machine", "evaluation"]
WORDS = {"+": "slower", "-": "faster", "": "same", "~": "same"}
"""Of asv's marks; ~ is a change that its statistics do not bear out."""


def main() -> None:
    """Run the trials, and print each."""
    chosen = read_arguments("runs", 14)
    with tempfile.TemporaryDirectory() as name:
        clone = Path(name) / "emch"
        _run("git", "clone", "--quiet", ".", str(clone), folder=Path())
        _run(sys.executable, "-m", "asv", "machine", "--yes", *MACHINE, folder=clone)
        commits = {percent: commit_change(clone, percent) for percent in chosen.slowdown}
        with changed.burner(running=chosen.beside == "burner"):
            for _ in range(chosen.runs):
                for percent, commit in commits.items():
                    for trial in trials(clone, percent, commit, chosen.beside):
                        append(trial)
                        print(
                            trial.tool, f"{percent:g} %", trial.verdicts, trial.seconds, flush=True
                        )


def commit_change(clone: Path, percent: float) -> str:
    """Commit the change on a branch of its own, beside main, and return the branch."""
    branch = f"slower-{percent:g}"
    _run("git", "checkout", "--quiet", "-b", branch, "main", folder=clone)
    if percent:
        changed.slow(clone, percent / 100)
    author = ["-c", "user.name=evaluation", "-c", "user.email=evaluation@localhost"]
    _run("git", *author, "commit", "-a", "--quiet", "--allow-empty", "-m", branch, folder=clone)
    return branch


def trials(clone: Path, percent: float, commit: str, beside: str) -> Iterator[Trial]:
    """Run both commits, and yield the verdicts of each factor on each cell."""
    cells = "|".join(map(re.escape, changed.CELLS))
    both = ["main", commit, *MACHINE]
    start = time.perf_counter()
    asv = [sys.executable, "-m", "asv"]
    _run(*asv, "continuous", "-E", "emch-current", "--bench", f"^({cells})$", *both, folder=clone)
    seconds = round((time.perf_counter() - start) / len(changed.CELLS), 1)
    for factor in FACTORS:
        table = _run(*asv, "compare", "--factor", str(factor), *both, folder=clone)
        for cell, mark in marks(table).items():
            yield Trial(
                tool=f"asv continuous at {factor:.2f}",
                slowdown=percent,
                beside=beside,
                cell=cell,
                verdicts={"time": WORDS[mark]},
                seconds=seconds,
            )


def marks(table: str) -> dict[str, str]:
    """Return the mark in the first column of asv's table for each cell."""
    found = {}
    for line in table.splitlines():
        columns = [column.strip() for column in line.strip("|").split("|")]
        cell = columns[-1].split(" [")[0]
        if cell in changed.CELLS:
            found[cell] = columns[0]
    if len(found) != len(changed.CELLS):
        raise SystemExit(f"asv compared other cells:\n{table}")
    return found


def _run(*command: str, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1):  # 1 is a regression
        raise SystemExit(f"'{' '.join(command)}' ended with {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    main()
