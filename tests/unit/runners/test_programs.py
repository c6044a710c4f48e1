"""What `emch doctor --runner` says of a small program that is right, and of some that are not."""

import json
import sys
from pathlib import Path

import pytest

from emch.errors import Unavailable
from emch.runners.contract.programs import CHECKS, find_faults, hold_program
from emch.runners.contract.trial import Runner
from tests.stacks import ROOT

EXAMPLE = ROOT / "native" / "example" / "runner.py"


def write(folder: Path, *edits: tuple[str, str]) -> Path:
    """Write the example with some of its text replaced, as a program."""
    text = EXAMPLE.read_text()
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "runner"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return path


def test_small_runner_keeps_the_contract(tmp_path: Path, prepared_model: str) -> None:
    found = hold_program(write(tmp_path), prepared_model)
    assert {check for check, faults in found.items() if faults is None} == {
        "search counts what the dataset has",
        "sentences are encoded by parallel callers",
        "interrupted it ends and leaves nothing",
    }
    assert [fault for faults in found.values() for fault in faults or ()] == []


BROKEN = {
    "it pools the first token": (
        "probes agree with the reference",
        ("(hidden * mask[:, :, None]).sum(axis=1)", "(hidden * mask[:, :, None])[:, 0]"),
        "at batch size 1 its embeddings of the probes and those of the reference have cosine 0.",
    ),
    "it never moves its result into place": (
        "startup is done",
        ("    part.replace(path)\n", ""),
        "it leaves the files .result.json.",
    ),
    "it takes an option that it does not know": (
        "wrong input is one sentence",
        ('OPTIONS = {"threads", "streams"}', 'OPTIONS = {"threads", "streams", "no_such_option"}'),
        "an unknown option: it ends with status 0, and not with 2",
    ),
    "it ends with another status": (
        "wrong input is one sentence",
        ("status = 2 if refused", "status = 1 if refused"),
        "a contract of another version: it ends with status 1, and not with 2",
    ),
    "it shows a traceback": (
        "wrong input is one sentence",
        ("    except Refused as refused:", "    except KeyError as refused:"),
        "a contract of another version: it ends by accident: Traceback",
    ),
    "its tokens have no special ones": (
        "tokens are those of the models tokenizer",
        (
            'tokens = [encoding.ids for encoding in tokenizer.encode_batch(task["texts"])]',
            'tokens = [x.ids for x in tokenizer.encode_batch(task["texts"], False, False)]',
        ),
        "has other tokens: [",
    ),
    "it chatters": (
        "startup is done",
        ("    status, content = 0, {}\n", "    status, content = 0, {}\n    print('hello')\n"),
        "it writes to stdout: 'hello",
    ),
    "it has two threads whatever it is asked for": (
        "startup is done",
        ('"threads": threads, "streams": 1', '"threads": 2, "streams": 1'),
        "the threads asked for were 1, and its session has 2",
    ),
    "it leaves out what it used": (
        "startup is done",
        ('        "after_check": account(),\n', ""),
        "the result is not what its schema says",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_runner_is_told_what_is_wrong(
    tmp_path: Path, prepared_model: str, what: str
) -> None:
    check, edit, words = BROKEN[what]
    faults = find_faults(CHECKS[check], Runner(write(tmp_path, edit), prepared_model))
    assert faults is not None
    assert words in " ".join(faults)


def test_program_that_does_not_hear_sigterm_is_found(
    tmp_path: Path, prepared_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emch.runners.contract.programs.END_S", 1.0)
    path = tmp_path / "deaf"
    described = {
        "contract": 1, "name": "deaf", "version": "1", "tasks": ["sentence-encoding"],
        "poolings": ["mean"], "backends": ["deaf"], "libraries": {},
    }  # fmt: skip
    path.write_text(
        f"#!{sys.executable}\nimport signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"print({json.dumps(described)!r}) if sys.argv[1:] == ['--describe'] else time.sleep(60)\n"
    )
    path.chmod(0o755)
    check = CHECKS["interrupted it ends and leaves nothing"]
    assert find_faults(check, Runner(path, prepared_model)) == [
        "after SIGTERM it is still there 1 s later"
    ]


@pytest.mark.parametrize(
    "text", ["no program at all", "#!/bin/sh\necho hello", "#!/bin/sh\nexit 3"]
)
def test_program_that_does_not_describe_itself_is_unavailable(
    tmp_path: Path, prepared_model: str, text: str
) -> None:
    path = tmp_path / "runner"
    path.write_text(text)
    path.chmod(0o755)
    with pytest.raises(Unavailable, match=r"does not describe itself|is no description"):
        hold_program(path, prepared_model)
