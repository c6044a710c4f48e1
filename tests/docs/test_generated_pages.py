"""The pages of figures in docs/ are what their commands make of the committed results."""

import pytest
from click.testing import CliRunner

from emch.cli.export import command
from tests.stacks import ROOT

PAGES = {
    "backends.md": ("backends",),
    "releases-onnxruntime.md": ("releases", "onnxruntime"),
    "releases-openvino.md": ("releases", "openvino"),
}


@pytest.mark.parametrize(("page", "arguments"), PAGES.items(), ids=PAGES)
def test_page_is_what_its_command_writes(page: str, arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert (ROOT / "docs" / page).read_text() == done.output, f"run: emch export {arguments}"
