"""Every link of README and docs leads to a file that is there, and to one of its headings."""

import re
from pathlib import Path

import pytest

from tests.docs.test_examples import BLOCK, PAGES
from tests.stacks import ROOT

LINK = re.compile(r"\]\((?!https?:)(?P<file>[^)#\s]*)(?:#(?P<heading>[^)\s]+))?\)")
NAMED = re.compile(r"`((?:benchmarks|docs|emch|evaluation|results|tests)/[a-z0-9_/.-]+)`")
NOT_YET = {
    "emch/tasks/duplicates.py",
    "benchmarks/duplicates.py",
    "tests/cli/goldens/run-duplicates.txt",
}
"""Files that the example of docs/adding-a-task.md would add."""

HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    titles = HEADING.findall(BLOCK.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.finditer(BLOCK.sub("", page.read_text())):
        target = page.parent / link["file"] if link["file"] else page
        assert target.exists(), f"{link[0]} leads nowhere"
        if link["heading"]:
            assert link["heading"] in anchors(target), f"{link[0]} has no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_are_there(page: Path) -> None:
    named = set(NAMED.findall(page.read_text())) - NOT_YET
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_there_are_links_to_follow() -> None:
    texts = [page.read_text() for page in PAGES]
    assert any(link["heading"] for text in texts for link in LINK.finditer(text))
