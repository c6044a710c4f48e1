"""`emch machine`: a name for this machine."""

import click

from emch.tracking.machine import register_machine
from emch.tracking.stacks import load_config


@click.command()
@click.argument("name")
def command(name: str) -> None:
    """Tell asv the facts of this machine, to keep its results under NAME.

    It refuses a name whose results are of another machine.
    """
    register_machine(load_config(), name)
