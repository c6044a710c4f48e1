"""Options that `emch compare` and `emch upgrade` share."""

from pathlib import Path

import click

from emch.cli.console import require_writable
from emch.cli.parameters import parse_duration, parse_percent

FILE = click.Path(path_type=Path)

threshold_option = click.option(
    "--threshold", default="3%", show_default=True, callback=parse_percent, metavar="PERCENT",
    help="The change that does not matter.",
)  # fmt: skip
budget_option = click.option(
    "--budget", default="10m", show_default=True, callback=parse_duration, metavar="DURATION",
    help="The time for all launches.",
)  # fmt: skip
resume_option = click.option(
    "--resume", is_flag=True, help="Go on where the same comparison was interrupted."
)
json_option = click.option(
    "--json", "json_file", type=FILE, metavar="FILE", help="Write JSON as well."
)
markdown_option = click.option(
    "--markdown", type=FILE, metavar="FILE", help="Write a table for a pull request."
)


def require_files(json_file: Path | None, markdown: Path | None) -> None:
    """Refuse files that cannot be written before anything is measured for them."""
    for option, path in (("--json", json_file), ("--markdown", markdown)):
        if path is not None:
            require_writable(option, path)
