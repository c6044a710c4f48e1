"""Jobs that a program in another language must refuse, and how it must do that."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from emch.runners.contract.trial import Runner, Trial

INVALID, UNAVAILABLE = (2,), (3,)
EITHER = (2, 3)

NO_SENTENCE = re.compile(
    r"Traceback \(most recent call last\)|panicked at|goroutine \d+ \[|stack backtrace|"
    r"terminate called|Segmentation fault|^\s+at .+\(.+:\d+:\d+\)",
    re.MULTILINE,
)
"""What a program writes that ends by accident."""

Edit = Callable[[dict[str, Any]], object]


def wrong_jobs(
    runner: Runner, task: str
) -> Iterator[tuple[str, Mapping[str, Any], str, tuple[int, ...]]]:
    """Yield what is wrong, the job, the target, and the statuses with which it may end."""
    edits: dict[str, tuple[Edit, tuple[int, ...]]] = {
        "a contract of another version": (lambda job: job.update(contract=99), INVALID),
        "an unknown task": (lambda job: job["task"].update(name="no-such-task"), INVALID),
        "an unknown option": (lambda job: job["options"].update(no_such_option=1), INVALID),
        "two streams": (lambda job: job["options"].update(streams=2), EITHER),
        "no network": (lambda job: job["model"].update(network="/no/such/model.onnx"), UNAVAILABLE),
        "no tokenizer": (
            lambda job: job["model"].update(tokenizer="/no/such/tokenizer.json"), UNAVAILABLE,
        ),
        "a network that is none": (lambda job: job["model"].update(network=__file__), UNAVAILABLE),
        "a tokenizer that is none": (
            lambda job: job["model"].update(tokenizer=__file__), UNAVAILABLE,
        ),
    }  # fmt: skip
    if "semantic-search" in runner.description.tasks:
        edits["a dataset that is not there"] = (
            lambda job: job["task"].update(folder="/no/such/folder"), INVALID
        )  # fmt: skip
    for what, (edit, statuses) in edits.items():
        searched = "dataset" in what
        job = runner.job("semantic-search" if searched else task)
        edit(job)
        yield what, job, "result.json", statuses
    yield "a result in no folder", runner.job(task), "no/such/result.json", INVALID


def faults(trial: Trial, target: str, statuses: tuple[int, ...]) -> Iterator[str]:
    """Yield what is wrong with how a program refused a job."""
    if trial.status not in statuses:
        wanted = " or ".join(map(str, statuses))
        yield f"it ends with status {trial.status}, and not with {wanted}"
    if NO_SENTENCE.search(trial.said):
        yield f"it ends by accident: {trial.said.strip().splitlines()[0][:120]}"
    elif len(trial.said.strip().splitlines()) != 1:
        yield f"it says {len(trial.said.strip().splitlines())} lines on stderr, and not one"
    if trial.printed:
        yield f"it writes to stdout: {trial.printed[:80]!r}"
    if not Path(target).parent.name:
        yield from _left(trial)


def _left(trial: Trial) -> Iterator[str]:
    if trial.left not in (["result.json"], []):
        yield f"it leaves the files {', '.join(trial.left)}"
    elif not isinstance(trial.result, dict) or not trial.result.get("error"):
        yield "it leaves no result with the error"
    elif trial.result["error"] not in trial.said:
        yield f"its result has another sentence than stderr: {trial.result['error'][:120]}"
