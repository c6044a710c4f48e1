"""The programs in Rust and Go: the contract, whole runs, and how they are refused."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from emch.backends.native.program import Program
from emch.backends.registry import BACKENDS, get_backend
from emch.models.agreement import COSINE_LIMITS
from emch.runners.contract.programs import CHECKS, find_faults
from emch.runners.contract.trial import Runner

PROGRAMS = [name for name in BACKENDS if issubclass(get_backend(name), Program)]

Emch = Callable[..., subprocess.CompletedProcess[str]]
Require = Callable[[object, str], None]


@pytest.fixture
def program(request: pytest.FixtureRequest, require: Require) -> type[Program]:
    """Return a backend that is a program, if it is built."""
    backend = get_backend(request.param)
    assert issubclass(backend, Program)
    reason = backend.unavailable()
    require(reason is None, str(reason))
    return backend


@pytest.mark.parametrize("program", PROGRAMS, indirect=True)
@pytest.mark.parametrize("check", CHECKS)
def test_program_keeps_the_contract(
    program: type[Program], prepared_model: str, check: str
) -> None:
    runner = Runner(program.find(), prepared_model, program.name)
    faults = find_faults(CHECKS[check], runner)
    assert faults == []


@pytest.mark.parametrize(
    "program",
    # The engine in Go takes minutes on a slow machine, and its contract is held above.
    [
        pytest.param(name, marks=pytest.mark.matrix if name == "gomlx-go" else ())
        for name in PROGRAMS
    ],
    indirect=True,
)
def test_program_is_run_like_every_backend(program: type[Program], emch: Emch) -> None:
    done = emch("run", "semantic-search", "--backend", program.name, "--threads", 2, "--json", "-")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["values"]["cosine_to_reference"] >= COSINE_LIMITS[program.precision]
    (hits,) = [row["value"] for row in record["rows"] if row["metric"] == "hits"]
    assert hits > 90  # of 120; in fp32 93
    assert record["session"]["precision"] == program.precision
    assert record["session"]["threads"] == 2


REFUSED = {
    "a dataset that is not there": (2, ("--dataset", "nosuch"), "unknown dataset 'nosuch'"),
    "fields that it cannot search": (3, ("--fields", "title,text"), "search titles alone"),
    "two streams": (3, ("--streams", 2), "has no streams: 2 was asked for"),
    "a GPU": (3, ("--device", "cuda"), "no device 'cuda'"),
    "a model that is not there": (3, ("--model", "nosuch"), "nosuch"),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("program", ["rust-onnxruntime"], indirect=True)
def test_wrong_usage_is_a_sentence(
    program: type[Program], fails: Callable[..., str], what: str
) -> None:
    status, options, words = REFUSED[what]
    assert words in fails(status, "run", "semantic-search", "--backend", program.name, *options)


@pytest.mark.parametrize("program", ["rust-onnxruntime"], indirect=True)
def test_library_that_is_truncated_is_a_sentence(
    program: type[Program], prepared_model: str, tmp_path: Path
) -> None:
    runner = Runner(program.find(), prepared_model, program.name)
    library = Path(program.libraries()["onnxruntime"])
    cut = tmp_path / library.name
    cut.write_bytes(library.read_bytes()[:100_000])
    job = runner.job("startup")
    job["libraries"] = {"onnxruntime": str(cut)}
    done = runner.do(job)
    assert done.status == 3
    assert len(done.said.strip().splitlines()) == 1
    assert str(cut) in done.said
