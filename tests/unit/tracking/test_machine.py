"""What asv is told of this machine, and which results it may be added to."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from asv.machine import Machine

from emch.errors import InvalidInput
from emch.tracking.machine import register_machine

OWN = {"arch": "x86_64", "cpu": "One", "num_cpu": "2", "os": "Linux 6", "ram": "8"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home folder, on a machine with the facts of `OWN`."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(Machine, "get_defaults", lambda: {**OWN, "machine": "host"})
    return tmp_path


@pytest.fixture
def config(tmp_path: Path) -> SimpleNamespace:
    """Return a configuration whose folder of results is empty."""
    return SimpleNamespace(results_dir=str(tmp_path / "results"))


def write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**content, "version": 1}))


def known(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / ".asv-machine.json").read_text())
    return found


def test_all_facts_are_kept_under_the_name(home: Path, config: SimpleNamespace) -> None:
    register_machine(config, "m")
    assert known(home)["m"] == {**OWN, "machine": "m"}


@pytest.mark.parametrize(
    "before", [{"m": {"machine": "m"}}, {"other": {**OWN, "machine": "other"}}]
)
def test_name_alone_or_another_machine_is_no_knowledge(
    home: Path, config: SimpleNamespace, before: dict[str, Any]
) -> None:
    write(home / ".asv-machine.json", before)
    register_machine(config, "m")
    assert known(home)["m"] == {**OWN, "machine": "m"}


def test_facts_in_the_words_of_the_user_are_left_alone(home: Path, config: SimpleNamespace) -> None:
    written = {**OWN, "machine": "m", "cpu": "The fast one under the desk"}
    write(home / ".asv-machine.json", {"m": written})
    register_machine(config, "m")
    assert known(home)["m"] == written


@pytest.mark.parametrize(
    ("fact", "value"), [("arch", "aarch64"), ("cpu", "Another"), ("num_cpu", "64")]
)
def test_results_of_another_machine_are_not_added_to(
    home: Path, config: SimpleNamespace, fact: str, value: str
) -> None:
    write(Path(config.results_dir, "m", "machine.json"), {**OWN, "machine": "m", fact: value})
    with pytest.raises(InvalidInput, match=f"whose {fact} is '{value}', and it is '{OWN[fact]}'"):
        register_machine(config, "m")
    assert not (home / ".asv-machine.json").exists()


def test_upgraded_machine_is_the_same(home: Path, config: SimpleNamespace) -> None:
    write(Path(config.results_dir, "m", "machine.json"), {**OWN, "machine": "m", "os": "Linux 5"})
    register_machine(config, "m")
    assert known(home)["m"]["os"] == "Linux 6"
