"""A record says on which machine and with which versions it was measured."""

import json
import shutil
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from emch.measure import machine
from emch.measure.machine import cpu_flags, describe_machine, installed_versions

ALWAYS = {
    "system", "architecture", "python", "cpus", "physical_cores", "memory_bytes", "load_average",
}  # fmt: skip
Require = Callable[[object, str], None]


def test_facts_have_the_promised_keys() -> None:
    facts = describe_machine()
    assert facts.keys() >= ALWAYS
    assert facts["cpus"] >= 1
    assert facts["memory_bytes"] > 2**28
    assert len(facts["load_average"]) == 3
    json.dumps(facts, allow_nan=False)


def test_lscpu_adds_model_caches_and_flags(require: Require) -> None:
    require(shutil.which("lscpu"), "install util-linux, which has lscpu")
    facts = describe_machine()
    assert facts.keys() >= {"cpu", "cpu_flags"}
    assert cpu_flags() == set(facts["cpu_flags"].split())
    assert cpu_flags() & {"sse2", "asimd"}


def test_lscpu_is_asked_for_the_names_of_its_fields_in_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = {}

    def answer(*_: object, env: dict[str, str], **__: object) -> SimpleNamespace:
        asked.update(env)
        return SimpleNamespace(stdout='{"lscpu": [{"field": "Flags:", "data": "sse2"}]}')

    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setattr(machine.shutil, "which", lambda _: "/usr/bin/lscpu")
    monkeypatch.setattr(machine.subprocess, "run", answer)
    assert cpu_flags() == {"sse2"}
    assert asked["LC_ALL"] == "C"


def test_machine_without_lscpu_has_the_other_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda _: None)
    assert describe_machine().keys() >= ALWAYS
    assert cpu_flags() == frozenset()


def test_installed_versions_have_what_is_installed() -> None:
    import numpy as np

    versions = installed_versions()
    assert versions["numpy"] == np.__version__
    assert {"emch", "pytest", "tokenizers"} <= versions.keys()
    assert all(isinstance(version, str) for version in versions.values())
