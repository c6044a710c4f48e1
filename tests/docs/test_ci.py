"""docs/ci.md has the workflows that quickstart writes."""

from pathlib import Path

import pytest

from emch.models.source import DEFAULT_MODEL
from emch.tracking.quickstart import render
from emch.tracking.quickstart.repo import Repo
from emch.tracking.quickstart.subject import make_subject
from tests.stacks import ROOT


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_page_has_the_workflow(kind: str) -> None:
    subject = make_subject(DEFAULT_MODEL, DEFAULT_MODEL, None, None)
    text = render.workflow(kind, subject, Repo(Path("anywhere"), "main"))
    assert f"```yaml\n{text}```" in (ROOT / "docs" / "ci.md").read_text()
