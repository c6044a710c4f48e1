"""Our pages inside asv's site: data.json, static files, and asv's index page that knows them."""

import json
import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from asv.console import log
from asv.graph import Graph
from asv.publishing import OutputPublisher
from asv.util import UserError

from emch.cache import replace_file
from emch.errors import EmchError, Unavailable
from emch.site.data import build
from emch.site.libraries import CHARTS, install_libraries, localize
from emch.site.report import PAGES, SCRIPTS, STATIC, STYLE, render

REPORT = "report.html"

POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'"
)
"""Nothing from elsewhere, and no script in the page itself: a name of a benchmark, stack or machine
that holds markup can run nothing, on asv's own pages too."""

_LOADING_FAILED = """    <script type="text/javascript">
      function js_load_failure() {
        window.location = "error.html";
      }
    </script>
"""
_ON_FAILURE = ' onerror="js_load_failure()"'
_FIRST_TAB = '<li id="nav-li-" class="active"><a href="#/">Benchmark grid</a></li>'


class Dashboard(OutputPublisher):  # type: ignore[misc] # asv has no types
    """Adds our pages when `asv publish` runs, and makes the site work offline."""

    name = "emch-dashboard"
    button_label = "Dashboard"
    description = "What is fastest, leanest and right, over commits and versions"
    order = 10

    @classmethod
    def publish(cls, conf: Any, _: Any, benchmarks: Any, graphs: Any, revisions: Any) -> None:
        """Write into the folder that asv has just made."""
        html = Path(conf.html_dir)
        try:
            content = build(conf, benchmarks, graphs, revisions)
        except EmchError as error:  # asv prints its own errors alone without a traceback
            raise UserError(str(error)) from error
        data = json.dumps(content, separators=(",", ":"))
        folder = html / "emch"
        shutil.copytree(STATIC, folder, ignore=shutil.ignore_patterns("report.*"))
        replace_file(folder / "data.json", data)
        page = (html / "index.html").read_text(encoding="utf-8")
        try:
            packages = install_libraries()
        except Unavailable as reason:
            log.warning(
                f"{reason}. The site takes asv's libraries from the network as asv does, and our "
                "pages show tables without charts"
            )
            charts = None
        else:
            charts = packages / CHARTS
            page = localize(page, packages, html)
            page = page.replace(_LOADING_FAILED, "").replace(_ON_FAILURE, "")
            page = _before("</title>", page, _meta(), after=True)
            shutil.copy(charts, html / "vendor")
        _write_empty_graphs(html, benchmarks, content["graphs"])
        replace_file(html / "index.html", _with_our_pages(page, charts))
        replace_file(html / REPORT, render(data, conf.project, charts))


def _write_empty_graphs(html: Path, benchmarks: Any, kinds: Sequence[dict[str, Any]]) -> None:
    """Write a graph without points wherever asv's pages ask for one that asv did not write.

    They ask for every benchmark in every environment, and take the missing ones as errors.
    """
    for kind in [*kinds, {"summary": ""}]:
        for name in benchmarks:
            path = html / f"{Graph.get_file_path(kind, name)}.json"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                replace_file(path, "[]")


def _with_our_pages(page: str, charts: Path | None) -> str:
    """Put our style, scripts and tabs into asv's index page."""
    head = f'    <link href="emch/{STYLE}" rel="stylesheet" type="text/css"/>\n'
    if charts:
        head += f'    <meta name="emch-charts" content="vendor/{charts.name}">\n'
    for name in (*SCRIPTS, "site.js"):
        head += f'    <script src="emch/{name}"></script>\n'
    tabs = "".join(
        f'<li id="nav-li-{name}"><a href="#/{name}">{escape(label)}</a></li>\n'
        for name, label in PAGES.items()
    )
    page = page.replace("<html>", '<html lang="en">', 1)
    return _before("</head>", _before(_FIRST_TAB, page, tabs), head)


def _meta() -> str:
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    return f'\n    {viewport}\n    <meta http-equiv="Content-Security-Policy" content="{POLICY}">'


def _before(anchor: str, page: str, text: str, *, after: bool = False) -> str:
    """Put a text before (or after) the one place in asv's page that has the anchor."""
    if page.count(anchor) != 1:
        raise ValueError(f"asv's index page has {page.count(anchor)} times {anchor!r}, not once")
    return page.replace(anchor, anchor + text if after else text + anchor)
