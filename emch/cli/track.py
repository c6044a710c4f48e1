"""`emch track`: the asv suite, over all stacks."""

import re
import time
from datetime import timedelta

import click

from emch.cli.console import log, say_quota
from emch.cli.parameters import parse_regex
from emch.errors import InvalidInput
from emch.tracking.commits import HEAD, resolve
from emch.tracking.machine import register_machine
from emch.tracking.parts import discover, missing_parts, run_part
from emch.tracking.stacks import find_stacks, load_config, read_stacks


@click.command()
@click.option("--stack", "labels", multiple=True, help="A stack; may be given again.")
@click.option(
    "--bench", "chosen", default=".", metavar="REGEX", callback=parse_regex,
    help="Cells by asv's names of them.",
)  # fmt: skip
@click.option("--machine", required=True, help="The name that the results are kept under.")
def command(labels: tuple[str, ...], chosen: re.Pattern[str], machine: str) -> None:
    """Run the asv suite on the commit that is checked out, in every stack.

    What has a result is left alone, so it can be interrupted and called again. Before each backend
    it says how far it is and how long the rest will take if it goes on as before.
    """
    config = load_config()
    stacks = find_stacks(config, labels) or read_stacks(config)
    if not stacks:
        raise InvalidInput('asv.conf.json has no stacks under "include": add one')
    register_machine(config, machine)
    commit = resolve(config, HEAD)
    discover(stacks[0], machine)
    parts = missing_parts(config, stacks, machine, commit, chosen)
    say_quota()
    start = time.monotonic()
    for done, part in enumerate(parts):
        spent = time.monotonic() - start
        left = f", about {_duration(spent / done * (len(parts) - done))} left" if done else ""
        log(f"[{done + 1} of {len(parts)}] {part.what} in {part.stack}{left}")
        run_part(part, machine)
    log(f"nothing is left to run; that took {_duration(time.monotonic() - start)}")


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
