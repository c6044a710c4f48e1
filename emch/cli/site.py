"""`emch site`: asv's results published, and their summary printed."""

import json
from pathlib import Path
from typing import Any

import click
from asv.config import Config

from emch.cli.console import log, out, require_writable, table, write_whole
from emch.cli.results import read_results
from emch.errors import EmchError, InvalidInput
from emch.report.pull_request import pull_request
from emch.report.summary import HEADINGS, Row, sections, summarize
from emch.site.pictures import take_pictures
from emch.site.publisher import REPORT
from emch.tracking.command import run_module
from emch.tracking.results import SEARCH
from emch.tracking.stacks import load_config, read_stacks

FILE = click.Path(path_type=Path)


@click.command()
@click.option("--machine", help="Print the figures of this machine only.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--markdown", is_flag=True, help="Print Markdown for a pull request.")
@click.option("--report", type=FILE, metavar="FILE", help="Write one file that needs no network.")
@click.option("--png", type=FILE, metavar="DIR", help="Write a picture of each page to a folder.")
def command(
    machine: str | None, as_json: bool, markdown: bool, report: Path | None, png: Path | None
) -> None:
    """Publish the asv results to html/ and print the newest figures of each stack."""
    if as_json and markdown:
        raise InvalidInput("--json and --markdown: choose one of them")
    if report is not None:
        require_writable("--report", report)
    if png is not None and ((png.exists() and not png.is_dir()) or not png.parent.is_dir()):
        raise InvalidInput(f"--png {png}: not a folder, and not in one")
    config = load_config()
    read_stacks(config)  # one without a label would break what asv runs
    counted = read_results(config)
    rows = [row for row in summarize(counted) if machine in (None, row.machine)]
    if machine is not None and machine not in counted.machines:
        raise counted.none_of(machine, config.results_dir)
    _publish()
    if report is not None:
        page = Path(config.html_dir, REPORT).read_text(encoding="utf-8")
        write_whole("--report", report, page)
    if png is not None:
        for picture in take_pictures(Path(config.html_dir), png, machine):
            log(f"wrote {picture}")
    if as_json:
        click.echo(json.dumps([row.to_dict() for row in rows]))
    elif markdown:
        series = [each for each in _series(config) if machine in (None, each["machine"])]
        click.echo(pull_request(rows, series), nl=False)
    else:
        _print(rows, Path(config.html_dir).absolute() / REPORT)


def _series(config: Config) -> list[dict[str, Any]]:
    text = Path(config.html_dir, "emch", "data.json").read_text(encoding="utf-8")
    series: list[dict[str, Any]] = json.loads(text)["series"]
    return series


def _print(rows: list[Row], report: Path) -> None:
    if not rows:
        out.print(f"No results of {SEARCH} to show in a table; the pages have all there is.")
    for section in sections(rows):
        shown = table(*HEADINGS, numbers=frozenset(HEADINGS[1:]))
        for row in section:
            shown.add_row(*row.texts())
        first = section[0]
        out.print(f"{first.dataset}, stack {first.stack}, machine {first.machine}")
        out.print(shown)
        out.print()
    out.print(f"Look at file://{report} (one file), or at the whole site with 'asv preview'.")


def _publish() -> None:
    status = run_module("emch.site.publish")
    if status != 0:
        raise EmchError(f"'asv publish' ended with status {status}; its output is above")
