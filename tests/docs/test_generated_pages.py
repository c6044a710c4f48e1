"""The pages of figures in docs/ are what their commands make of the committed results."""

import subprocess
import sys

import pytest

from evaluation import trials
from tests.stacks import ROOT

PAGES = {
    "backends.md": ("backends",),
    "backends-epyc.md": ("backends", "--machine", "epyc"),
    "releases-onnxruntime.md": ("releases", "onnxruntime"),
    "releases-openvino.md": ("releases", "openvino"),
}


@pytest.mark.parametrize(("page", "arguments"), PAGES.items(), ids=PAGES)
def test_page_is_what_its_command_writes(page: str, arguments: tuple[str, ...]) -> None:
    # In a process of its own: asv forks, which JAX warns of where a test has imported it.
    command = [sys.executable, "-m", "emch.cli.main", "export", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (ROOT / "docs" / page).read_text() == done.stdout, f"run: emch export {arguments}"


def test_finding_has_the_counts_of_the_trials() -> None:
    text = (ROOT / "docs" / "findings" / "verdicts.md").read_text()
    for quantity in trials.WORDS:
        found = trials.table(trials.read(), quantity)
        assert found in text, "run: python -m evaluation.trials"
