"""`emch site`: asv's results published, and their summary printed."""

import json
import subprocess
import sys
from pathlib import Path

import click

from emch.cli.console import out, table
from emch.errors import EmchError, InvalidInput
from emch.site.publisher import PAGE
from emch.site.summary import HEADINGS, sections, summarize
from emch.stacks import load_config


@click.command()
@click.option("--machine", help="Print the figures of this machine only.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(machine: str | None, as_json: bool) -> None:
    """Publish the asv results to html/ and print the newest figures of each stack."""
    config = load_config()
    rows = [row for row in summarize(config) if machine in (None, row.machine)]
    if not rows:
        raise InvalidInput(f"no results of the machine '{machine}' in {config.results_dir}")
    _publish()
    if as_json:
        click.echo(json.dumps([row.to_dict() for row in rows]))
        return
    for section in sections(rows):
        shown = table(*HEADINGS, numbers=frozenset(HEADINGS[1:]))
        for row in section:
            shown.add_row(*row.cells())
        first = section[0]
        out.print(f"{first.dataset}, stack {first.stack}, machine {first.machine}")
        out.print(shown)
        out.print()
    page = Path(config.html_dir).absolute() / PAGE
    out.print(f"Look at file://{page} (works offline), or at all graphs with 'make site'.")


def _publish() -> None:
    command = [sys.executable, "-m", "asv", "publish", "--no-pull"]
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    if done.returncode != 0:
        raise EmchError(f"'asv publish' ended with status {done.returncode}; its words are above")
