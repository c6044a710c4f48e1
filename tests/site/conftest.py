"""A browser without a network, and sites to open in it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from emch.errors import Unavailable
from emch.site.libraries import install_libraries
from emch.site.pictures import open_browser, serve, wait_until_drawn
from emch.site.report import PAGES
from evaluation.synthetic import Synthetic
from tests.conftest import Require
from tests.stacks import ROOT, load_config


@dataclass
class Visit:
    """A tab of the browser that keeps what went wrong in it."""

    page: Any
    address: str
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on(
            "requestfailed", lambda request: self.problems.append(f"failed: {request.url}")
        )
        self.page.on("response", self._answered)

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")

    def open(self, name: str, query: str = "") -> Any:
        """Open one of our pages, or one of asv's."""
        self.page.goto(f"{self.address}/#/{name}{query}")
        if name in PAGES:
            wait_until_drawn(self.page, name)
        else:
            self.page.wait_for_load_state("networkidle")
        return self.page


@pytest.fixture(scope="session")
def browser(require: Require) -> Iterator[Any]:
    try:
        install_libraries()
    except Unavailable as reason:
        require(False, str(reason))
    opened = open_browser()
    try:
        found = opened.__enter__()
    except Unavailable as reason:
        require(False, str(reason))
    yield found
    opened.__exit__(None, None, None)


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Visit]]:
    """Return what opens a site in a fresh browser that reaches this machine and nothing else."""
    contexts = []

    def start(address: str, **options: Any) -> Visit:
        context = browser.new_context(**options)
        contexts.append(context)
        context.route(
            lambda url: not url.startswith((address, "file://")), lambda route: route.abort()
        )
        return Visit(context.new_page(), address)

    yield start
    for context in contexts:
        context.close()


def publish(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "asv", *options, "publish", "--no-pull"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[str]:  # noqa: ARG001
    """Publish the committed results of the reference machine alone, and return the address."""
    folder = tmp_path_factory.mktemp("reference")
    chosen = ("results/benchmarks.json", "results/installed", "results/reference")
    command = ["git", "ls-files", "-z", *chosen]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    places = {"results_dir": str(folder / "results"), "html_dir": str(folder / "html")}
    config = {"version": 1, **vars(load_config()), **places, "repo": str(ROOT)}
    (folder / "asv.conf.json").write_text(json.dumps(config))
    publish(ROOT, "--config", str(folder / "asv.conf.json"))
    with serve(folder / "html") as address:
        yield address


@pytest.fixture
def synthetic(tmp_path: Path) -> Iterator[Callable[[Synthetic], str]]:
    """Return what publishes made-up results, and says at which address."""
    servers = []

    def start(made: Synthetic) -> str:
        made.write(tmp_path / "project")
        publish(tmp_path / "project")
        server = serve(tmp_path / "project" / "html")
        servers.append(server)
        return server.__enter__()

    yield start
    for server in servers:
        server.__exit__(None, None, None)
