"""The environment type's own decisions: names, requirement strings, labels."""

from pathlib import Path

import pytest
from asv.environment import get_environments
from asv.results import Results
from asv.util import UserError

from emch.tracking.environment import _exact
from emch.tracking.stacks import read_stacks
from tests.stacks import load_config


def test_stacks_are_named_after_their_labels() -> None:
    config = load_config()
    names = [environment.name for environment in get_environments(config, None)]
    assert names == [f"emch-{stack.label}" for stack in read_stacks(load_config())]


def test_requirement_strings_reach_pip_as_written() -> None:
    wanted = {"torch": "2.13.0", "pip+asv_runner": "0.3.2", "pip+setuptools>=77": "", "wheel": ""}
    assert _exact(wanted) == ["torch==2.13.0", "asv_runner==0.3.2", "setuptools>=77", "wheel"]


def test_stack_without_a_label_is_refused() -> None:
    config = load_config()
    config.include = [{"python": "3.11", "req": {"numpy": "2.4.6"}}]
    with pytest.raises(UserError, match="EMCH_STACK"):
        list(get_environments(config, None))


COMMIT = "0123456789abcdef"


def test_results_of_other_pins_are_never_mixed_with_these(tmp_path: Path) -> None:
    stack = next(iter(get_environments(load_config(), None)))
    for pins in (dict(stack._requirements), {"numpy": "1.0"}):
        Results({"machine": "m"}, pins, COMMIT, 0, "3.11", stack.name, {}).save(str(tmp_path))
        if pins == stack._requirements:
            stack._refuse_other_pins(tmp_path, COMMIT)
    (path,) = tmp_path.glob("m/*.json")
    with pytest.raises(UserError, match="measured with other versions"):
        stack._refuse_other_pins(tmp_path, COMMIT)
    path.write_text("{")
    with pytest.raises(UserError, match=rf"{path.name} cannot be read"):
        stack._refuse_other_pins(tmp_path, COMMIT)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"version": 2}'])
def test_broken_results_of_the_commit_are_named(tmp_path: Path, content: str) -> None:
    environment = next(iter(get_environments(load_config(), None)))
    path = tmp_path / "machine" / f"01234567-{environment.name}.json"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(UserError, match=f"{path} .*restore it with git"):
        environment._refuse_other_pins(tmp_path, "0123456789")
