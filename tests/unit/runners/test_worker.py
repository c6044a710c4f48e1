"""What the measured process reports of a task, and how a job gets there and back."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from emch.arrays import FloatArray
from emch.backends.base import Options, SessionInfo
from emch.backends.onnxruntime.asked import OnnxRuntimeOptions
from emch.errors import ChildFailed, EmchError, InvalidInput
from emch.measure.process import Account
from emch.metrics import METRICS
from emch.runners import worker
from emch.runners.fresh_process import run_worker
from emch.runners.job import CONTRACT, Job
from emch.tasks.base import Outcome, Task
from emch.tasks.registry import TASKS, make_task
from emch.tasks.semantic_search import SemanticSearch
from emch.tasks.sentence_encoding import SentenceEncoding
from emch.tasks.startup import Startup
from tests.unit.ground.test_errors import KINDS

JOBS = [
    SemanticSearch(
        dataset="scifact",
        batch_size=4,
        fields="title,text",
        exclude_self=True,
        data="/a folder/ü",
        limit=7,
    ),
    SentenceEncoding(dataset="titles", batch_size=16, callers=2, max_seconds=0.5),
    Startup(dataset="sentences-16", batch_size=1),
]


class ToyEncoder:
    name = "toy"
    info = SessionInfo(threads=1, precision="fp32", provider="toy", library="toy 1")
    artifact = SimpleNamespace(own=False)

    def __init__(self, compile_s: list[float] | None = None) -> None:
        self.compile_s: Sequence[float] = compile_s or []


def job(task: Task) -> Job:
    options = OnnxRuntimeOptions(threads=1, provider="P", optimization="all")
    return Job(task=task, backend="onnxruntime", model="all-MiniLM-L6-v2", options=options)


class ToyTask(Startup):
    def run(self, encoder: Any) -> Any:
        if encoder.compile_s:
            encoder.compile_s.append(0.5)
        return Outcome(counts={"calls": 3}, samples={"call_s": [1.0, 2.0, 3.0]})


def work(monkeypatch: pytest.MonkeyPatch, encoder: ToyEncoder) -> dict[str, Any]:
    """Do a job with a toy encoder, whose check against the reference compiles if it ever does."""

    def answer(*_: object) -> FloatArray:
        if encoder.compile_s:
            encoder.compile_s.append(100.0)  # type: ignore[attr-defined]
        return np.ones((2, 3), dtype=np.float32)

    monkeypatch.setattr(worker, "load_encoder", lambda *_: encoder)
    monkeypatch.setattr(worker, "answer_probes", answer)
    monkeypatch.setattr(worker, "_import_engine", lambda _: None)
    return worker.work(job(ToyTask(dataset="sentences-16", batch_size=1)))


@pytest.mark.parametrize("task", JOBS, ids=lambda task: task.name)
def test_job_survives_its_json(task: Task) -> None:
    made = job(task)
    assert Job.from_json(made.to_json()) == made
    assert len(made.to_json().splitlines()) == 1


@pytest.mark.parametrize("name", TASKS)
def test_task_is_registered_under_its_own_name(name: str) -> None:
    module, _, attribute = TASKS[name].partition(":")
    assert getattr(import_module(module), attribute).name == name


def test_unknown_task_is_invalid_and_the_known_are_listed() -> None:
    with pytest.raises(InvalidInput, match=r"unknown task 'search'; known are: .*semantic-search"):
        make_task("search", {"dataset": "mini", "batch_size": 1})


def test_outcome_has_what_every_task_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = work(monkeypatch, ToyEncoder())
    samples = dict(outcome["samples"])
    assert samples.keys() == {"import_s", "load_s", "rss_after_load_bytes", "call_s"}
    assert samples.keys() - {"call_s"} <= METRICS.keys()
    assert 0 <= samples["import_s"][0] <= samples["load_s"][0]
    assert samples["rss_after_load_bytes"][0] > 2**20
    assert outcome["counts"] == [("calls", 3)]
    assert outcome["session"]["streams"] == 1
    assert outcome["answers"] == [[[1.0] * 3] * 2]
    assert outcome["contract"] == CONTRACT
    json.dumps(outcome, allow_nan=False)


def test_name_that_a_task_gives_once_more_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    again = Outcome(samples={"import_s": [7.0]}, score=lambda: {"load_s": [8.0]})
    monkeypatch.setattr(ToyTask, "run", lambda *_: again)
    names = [name for name, _ in work(monkeypatch, ToyEncoder())["samples"]]
    assert names == ["import_s", "load_s", "rss_after_load_bytes", "import_s", "load_s"]


def test_compilations_of_the_check_are_not_those_of_the_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcome = work(monkeypatch, ToyEncoder([0.25]))
    assert dict(outcome["counts"])["compilations"] == 2
    assert dict(outcome["samples"])["compile_s"] == [0.75]


def test_score_is_computed_once_the_account_of_the_task_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = []
    score = {"ndcg_at_10": [0.5, 1.0]}
    taken = Account.so_far()
    monkeypatch.setattr(
        worker,
        "Account",
        SimpleNamespace(so_far=lambda: events.append("account") or taken),
    )
    monkeypatch.setattr(
        ToyTask, "run", lambda *_: Outcome(score=lambda: events.append("score") or score)
    )
    outcome = work(monkeypatch, ToyEncoder())
    assert events == ["account", "score", "account"]
    assert dict(outcome["samples"]).items() >= score.items()


def run_to_the_end(tmp_path: Path, work: str) -> Any:
    """Run a worker, in a process of its own, whose work is a line of Python."""
    lines = (
        "import os, sys",
        "from emch import errors",
        "from emch.runners import worker",
        f"def work(job): {work}",
        "worker.work = work",
        "worker.main(*sys.argv[1:])",
    )
    path, result = tmp_path / "job", tmp_path / "result"
    path.write_text(job(JOBS[0]).to_json())
    command = [sys.executable, "-c", "\n".join(lines), str(path), str(result)]
    return run_worker(command, result, {})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_foreseen_error_is_a_result(tmp_path: Path, kind: type[EmchError]) -> None:
    with pytest.raises(EmchError) as found:
        run_to_the_end(tmp_path, f"raise errors.{kind.__name__}('in one sentence')")
    raised = found.value
    assert (type(raised), str(raised)) == (kind, "in one sentence")
    assert raised.exit_code == kind.exit_code


@pytest.mark.parametrize(
    ("work", "words"),
    [
        ("raise IndexError('no such row\\n\\nsee the manual')", "(IndexError: no such row)"),
        ("next(iter(()))", "(StopIteration in work)"),
        ("print('a footer', file=sys.stderr); raise MemoryError", "(MemoryError in work)"),
        ("raise KeyboardInterrupt", "(KeyboardInterrupt in work)"),
        ("os.kill(os.getpid(), 9)", "killed by signal 9 (Killed), as the system does when memory"),
        ("os.kill(os.getpid(), 11)", "killed by signal 11 (Segmentation fault)"),
        ("sys.exit('enough')", "ended with status 1: enough"),
        ("os._exit(0)", "ended with status 0 and left no result"),
    ],
)  # fmt: skip
def test_failure_is_told_by_its_exception(tmp_path: Path, work: str, words: str) -> None:
    with pytest.raises(ChildFailed) as raised:
        run_to_the_end(tmp_path, work)
    assert words in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {"account.json", "stderr.txt", "job", "result"}


def test_traceback_of_the_process_is_kept_for_debug(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed) as raised:
        run_to_the_end(tmp_path, "raise IndexError('of the engine')")
    assert isinstance(raised.value.__cause__, ChildFailed)
    (said,) = raised.value.__cause__.__notes__
    assert said.startswith("Traceback")
    assert said.endswith("IndexError: of the engine")


def test_result_is_no_outcome_where_the_process_dies_after_it(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="Segmentation fault"):
        run_to_the_end(
            tmp_path, "import atexit; atexit.register(os.kill, os.getpid(), 11); return {}"
        )


@pytest.mark.parametrize("dataset", ["mini", "sentences-0"])
def test_startup_refuses_what_is_no_dataset_of_sentences(dataset: str) -> None:
    with pytest.raises(InvalidInput, match=f"unknown dataset '{dataset}'"):
        Startup(dataset=dataset, batch_size=1).require_inputs(Options(threads=1))


def test_every_session_that_was_measured_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = ToyEncoder(), ToyEncoder()

    class TwoCallers(ToyTask):
        def run(self, encoder: Any) -> Any:
            return replace(super().run(encoder), further=[other])

    answers = {one: 1.0, other: 0.5}
    monkeypatch.setattr(worker, "load_encoder", lambda *_: one)
    monkeypatch.setattr(worker, "answer_probes", lambda each, *_: np.full((1, 1), answers[each]))
    monkeypatch.setattr(worker, "_import_engine", lambda _: None)
    outcome = worker.work(job(TwoCallers(dataset="sentences-16", batch_size=1)))
    assert outcome["answers"] == [[[1.0]], [[0.5]]]
