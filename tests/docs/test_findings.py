"""Each finding says when, where and by which command it was made, and the list has it."""

import re
from pathlib import Path

import pytest

from tests.stacks import ROOT

FOLDER = ROOT / "docs" / "findings"
LIST = FOLDER / "README.md"
PAGES = sorted(set(FOLDER.glob("*.md")) - {LIST})
DAY = r"\d{4}-\d\d-\d\d"
HEAD = re.compile(
    rf"# (?P<title>.+)\n\n- Date: (?P<date>{DAY}(?: and {DAY})?)\n- Machine: (?P<machine>.+)\n"
    r"- Command: .*`.+`"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_finding_has_its_head_and_its_row_in_the_list(page: Path) -> None:
    head = HEAD.match(page.read_text())
    assert head is not None, "begin with the title, and lines for Date, Machine and Command"
    row = f"| [{head['title']}]({page.name}) | {head['date']} | {head['machine']} |\n"
    assert row in LIST.read_text()


def test_methodology_names_no_machine() -> None:
    """What was found on a machine is a finding, and methodology links to it."""
    text = (ROOT / "docs" / "methodology.md").read_text()
    machines = [path.parent.name for path in (ROOT / "results").glob("*/machine.json")]
    assert machines
    for name in machines:
        assert not re.search(rf"(on|machine)\s+`{name}`|{name}\s+machine", text)
