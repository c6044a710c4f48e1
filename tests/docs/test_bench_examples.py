"""The examples of docs/bench.md run, for a shorter time, and print what the page shows."""

import re
import shlex
import subprocess
from collections.abc import Iterator

import pytest

from tests.cli.prepared import EMCH
from tests.stacks import ROOT

EXAMPLE = re.compile(r"```console\n\$ (emch bench [^\n]*)\n```\n```\n(.*?)```\n", re.DOTALL)
EXAMPLES = EXAMPLE.findall((ROOT / "docs" / "bench.md").read_text())
SHORT = ("-t", "400ms", "-w", "50ms", "-q")


def frame(text: str) -> Iterator[str]:
    """Yield what does not depend on the machine: the inputs, the headings and the cases."""
    for line in text.splitlines():
        if line.startswith("engine "):
            yield " ".join(line.split())
        elif re.match(r"\w+: \w+ \[|lengths ", line):
            yield line
        elif found := re.match(r"(onnxruntime|openvino)\S* +\d+ ", line):
            yield " ".join(found[0].split())


def test_page_has_an_example_of_each_scenario() -> None:
    asked = {(re.findall(r"-s (\w+)", command) or ["sync"])[0] for command, _ in EXAMPLES}
    assert asked == {"sync", "async", "elastic", "server", "offline"}


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[each for each, _ in EXAMPLES])
def test_example_prints_what_the_page_shows(command: str, shown: str, prepared_model: str) -> None:
    assert prepared_model in command
    _, *words = shlex.split(command)
    done = subprocess.run([EMCH, *words, *SHORT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list(frame(done.stdout)) == list(frame(shown))
