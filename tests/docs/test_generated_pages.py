"""The pages of figures in docs/ are what their commands make of the committed results."""

import pytest
from click.testing import CliRunner

from emch.cli.export import command
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
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert (ROOT / "docs" / page).read_text() == done.output, f"run: emch export {arguments}"


def test_methodology_has_the_counts_of_the_trials() -> None:
    text = (ROOT / "docs" / "methodology.md").read_text()
    for quantity in trials.WORDS:
        found = trials.table(trials.read(), quantity)
        assert found in text, "run: python -m evaluation.trials"
