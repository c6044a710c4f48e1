"""Whoever interrupts a verb that runs asv: what it started ends, and no file is half-written."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.asv.conftest import BATCH, Project
from tests.interrupting import WAYS, interrupt, require_clean_end

pytestmark = pytest.mark.xdist_group("asv")  # the project and its environment are made once

COMPARE = ("compare", "HEAD", "--stack", "tiny", "--bench", BATCH, "--budget", "30s", "--anyway")
TRACK = ("track", "--machine", "test", "--stack", "tiny", "--bench")
ON_THE_SITE = r"WholeProcess.*'mini', 'onnxruntime', 16\)"


def running(*words: str) -> Callable[[psutil.Process], bool]:
    """Return what says whether a process with a word in its command has begun to work."""

    def is_time(process: psutil.Process) -> bool:
        for each in process.children(recursive=True):
            try:
                line, used = " ".join(each.cmdline()), each.cpu_times().user
            except psutil.Error:
                continue
            if all(word in line for word in words) and used > 0.3:
                return True
        return False

    return is_time


@pytest.fixture(scope="module")
def tracked(project: Project) -> Project:
    """Make the environment, and results for the site."""
    done = project.run(sys.executable, "-m", "emch.cli.main", *TRACK, ON_THE_SITE)
    assert done.returncode == 0, done.stderr
    return project


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("verb", "is_time"),
    [
        ((*COMPARE, "--json", "interrupted.json"), running("emch_side", "measure")),
        ((*TRACK, r"time_search.*'mini', 'onnxruntime', 1\)"), running("run", "benchmark")),
        (("site",), running("emch.site.publish")),
        (("site", "--report", "interrupted.html"), running("emch.site.publish")),
    ],
    ids=["compare", "track", "site", "report"],
)
def test_interrupted_verb_leaves_no_process_and_no_half_file(
    tracked: Project, way: str, verb: tuple[str, ...], is_time: Callable[[psutil.Process], bool]
) -> None:
    command = [sys.executable, "-m", "emch.cli.main", *verb]
    found = interrupt(command, way, is_time, cwd=tracked.folder, env=tracked.env)
    require_clean_end(found, way)
    assert found.stdout == ""
    assert not list(tracked.folder.glob("interrupted*"))
    for result in Path(tracked.folder, "results").rglob("*.json"):
        json.loads(result.read_text())
