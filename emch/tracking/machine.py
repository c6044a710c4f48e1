"""The facts of this machine, which asv keeps under a name, at home and beside the results."""

from pathlib import Path
from typing import Any

from asv.config import Config
from asv.machine import Machine, MachineCollection
from asv.util import UserError

from emch.errors import InvalidInput, Unavailable
from emch.tracking.files import reading
from emch.tracking.reader import load_machine

FACTS = ("arch", "cpu", "num_cpu")
"""The facts, by asv's names, that tell two machines apart; the system may be upgraded."""


def register_machine(config: Config, machine: str) -> None:
    """Register the facts of this machine with asv under a name, unless asv has them.

    `asv machine --yes --machine NAME` would keep the name alone.

    Raises
    ------
    InvalidInput
        The name's results are of another machine: asv would put both into one history; or a file
        that asv keeps of machines is broken.
    Unavailable
        The home folder, where asv keeps them, cannot be written.
    """
    path = Path(config.results_dir, machine, "machine.json")
    measured = load_machine(path) if path.is_file() else {}
    home = MachineCollection.get_machine_file_path()
    remedy = "correct or remove it"
    with reading(home, remedy):
        here = _known_facts(machine) or {**Machine.get_defaults(), "machine": machine}
    for fact in FACTS:
        theirs = measured.get(fact, here[fact])
        if theirs != here[fact]:
            raise InvalidInput(
                f"the results of '{machine}' are of a machine whose {fact} is '{theirs}', "
                f"and it is '{here[fact]}' here: choose another name"
            )
    with reading(home, remedy):  # asv adds to what is there
        try:
            MachineCollection.save(machine, here)
        except OSError as error:
            raise Unavailable(
                f"asv keeps its machines in {home}, which cannot be written ({error.strerror}): "
                "set HOME to a folder that can be"
            ) from error


def _known_facts(machine: str) -> dict[str, Any]:
    """Return the facts that asv has of a machine, by its user perhaps; empty if one is missing."""
    try:
        known: dict[str, Any] = MachineCollection.load(machine)
    except UserError:
        return {}
    # asv takes the only machine that it knows for one of any name.
    whole = known["machine"] == machine and all(fact in known for fact in FACTS)
    return known if whole else {}
