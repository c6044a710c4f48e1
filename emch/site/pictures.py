"""Pictures of the pages, by a browser without a window that sees the published folder alone."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from emch.errors import Unavailable
from emch.site.report import PAGES

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1280, "height": 800}
WAIT_MS = 30_000
DRAWN = "() => !document.querySelector('.emch-chart:not([data-drawn])')"


def take_pictures(html: Path, folder: Path, machine: str | None) -> list[Path]:
    """Write a PNG of each of our pages.

    Parameters
    ----------
    html : Path
        What `asv publish` made.
    folder : Path
        Where the pictures go; it is made if need be.
    machine : str or None
        Whose results they show; the pages choose if it is None.

    Raises
    ------
    Unavailable
        There is no browser, it does not start or it fails, or Playwright is not installed.
    """
    query = "" if machine is None else f"?{urlencode({'machine': machine})}"
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with serve(html) as address, open_browser() as browser:
        page = browser.new_page(viewport=SIZE)
        for name in PAGES:
            page.goto(f"{address}/#/{name}{query}")
            wait_until_drawn(page, name)
            made.append(folder / f"{name}.png")
            page.screenshot(path=made[-1])
    return made


def wait_until_drawn(page: Any, name: str) -> None:
    """Wait for one of our pages and all charts on it."""
    page.locator(f"#emch-display[data-ready={name}]").wait_for(timeout=WAIT_MS)
    page.wait_for_function(DRAWN, timeout=WAIT_MS)


@contextmanager
def serve(html: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine, and yield the address."""
    handler = partial(_Silent, directory=str(html))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of requests."""


@contextmanager
def open_browser() -> Iterator[Any]:
    """Yield Playwright's browser: the system's Chromium."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise Unavailable(
            f"Playwright is not installed ({error}): pip install 'emch[pictures]'"
        ) from error
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise Unavailable(f"no browser ({', '.join(BROWSERS)}): install Chromium")
    with sync_playwright() as playwright:
        # Chromium's own sandbox cannot start in containers, where root runs it.
        try:
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        except Error as error:
            raise Unavailable(f"{found} does not start: {error.message.splitlines()[0]}") from error
        try:
            yield browser
        except Error as error:
            raise Unavailable(f"the browser failed: {error.message.splitlines()[0]}") from error
        finally:
            browser.close()
