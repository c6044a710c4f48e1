"""`emch machine` gives asv the facts of this machine, and keeps two machines apart."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stacks import ROOT

Emch = Callable[..., subprocess.CompletedProcess[str]]
Fails = Callable[..., str]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder that has the project's configuration, and is the home folder too."""
    (tmp_path / "asv.conf.json").write_bytes((ROOT / "asv.conf.json").read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_machine_is_known_with_its_cpu(emch: Emch, project: Path) -> None:
    done = emch("machine", "desk", HOME=project)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    known = json.loads((project / ".asv-machine.json").read_text())["desk"]
    assert known["machine"] == "desk"
    assert all(known[fact] for fact in ("cpu", "num_cpu", "arch", "ram", "os"))


def test_name_of_another_machine_is_refused(fails: Fails, project: Path) -> None:
    measured = {"machine": "desk", "arch": "pdp11", "version": 1}
    (project / "results" / "desk").mkdir(parents=True)
    (project / "results" / "desk" / "machine.json").write_text(json.dumps(measured))
    for verb in (("machine", "desk"), ("track", "--machine", "desk")):
        sentence = fails(2, *verb, HOME=project)
        assert "'desk' are of a machine whose arch is 'pdp11'" in sentence
        assert sentence.endswith("choose another name")
    assert not (project / ".asv-machine.json").exists()


@pytest.mark.parametrize(
    "verb", [("machine", "nobody"), ("track", "--machine", "nobody")], ids=["machine", "track"]
)
def test_home_that_cannot_be_written_is_named(
    fails: Fails, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"  # not even root can make it
    sentence = fails(3, *verb, HOME=home)
    assert f"asv keeps its machines in {home / '.asv-machine.json'}" in sentence
