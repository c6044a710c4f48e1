"""The works of all tasks by name, and the check that comes before a pipeline."""

from collections.abc import Callable, Mapping
from typing import Any

from emch.beam.asked import Asked
from emch.beam.work.base import Work
from emch.beam.work.images import ImageClassification
from emch.beam.work.network import NetworkWork
from emch.beam.work.network_file import NetworkFile
from emch.beam.work.sentences import SentenceEncoding
from emch.beam.work.words import LanguageModeling

WORKS: Mapping[str, Callable[[Asked], Work]] = {
    "image-classification": ImageClassification,
    "language-modeling": LanguageModeling,
    "sentence-encoding": SentenceEncoding,
}


Checked = tuple[NetworkFile | None, dict[str, Any], float | None]
"""What `check` returns."""


def check(asked: Asked) -> Checked:
    """Make the network of a pipeline where it is not here, and hold its answers to the reference.

    Returns
    -------
    network : NetworkFile or None
        The file; None where the engine loads a prepared model.
    session, cosine
        See `Work.check`.
    """
    work = WORKS[asked.task](asked)
    network = work.found if isinstance(work, NetworkWork) else None
    return network, *work.check()
