"""Pictures of the pages, taken in a process of its own: a browser of Playwright is open in ours."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from emch.site.report import PAGES
from evaluation.synthetic import Synthetic

SCRIPT = """
import sys
from pathlib import Path
from emch.errors import Unavailable
from emch.site import pictures
pictures.WAIT_MS = int(sys.argv[3])
try:
    pictures.take_pictures(Path(sys.argv[1]), Path(sys.argv[2]), None)
except Unavailable as error:
    sys.exit(str(error))
"""


def take(html: Path, folder: Path, wait_ms: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SCRIPT, str(html), str(folder), str(wait_ms)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("browser")
def test_every_page_has_its_picture(synthetic: Callable[..., str], tmp_path: Path) -> None:
    synthetic(Synthetic(3))
    done = take(tmp_path / "project" / "html", tmp_path / "pictures", 30_000)
    assert done.returncode == 0, done.stderr
    made = {path.name: path.read_bytes() for path in (tmp_path / "pictures").iterdir()}
    assert made.keys() == {f"{name}.png" for name in PAGES}
    assert all(picture.startswith(b"\x89PNG") for picture in made.values())


@pytest.mark.usefixtures("browser")
def test_page_that_is_never_drawn_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>not a page of ours</p>")
    done = take(tmp_path, tmp_path / "pictures", 300)
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("the browser failed: ")
    assert "Timeout 300ms exceeded" in sentence
