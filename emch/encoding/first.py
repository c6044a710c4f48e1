"""The first answers of a backend that brings its own model, which later ones are held against.

There is no reference for such a model. The embeddings that it had at one commit are kept in a file,
and a later commit has to come near them.
"""

from pathlib import Path

import numpy as np

from emch.arrays import FloatArray
from emch.cache import replacing
from emch.encoding.encoder import Encoder
from emch.errors import Unavailable, WrongAnswer
from emch.models.agreement import COSINE_LIMITS, agreement
from emch.models.probes import PROBES

TEXTS = tuple(text for text in PROBES if text)
"""The probes; a function need not have an answer to an empty text."""


def answer_texts(encoder: Encoder, batch_size: int) -> FloatArray:
    """Return a backend's embeddings of `TEXTS`, shape [texts, size]."""
    return encoder.encode(TEXTS, batch_size)


def write_first(found: FloatArray, path: Path) -> None:
    """Keep what `answer_texts` returned in a file of numpy's."""
    with replacing(path) as unfinished, unfinished.open("xb") as file:
        np.save(file, found)


def hold_against_first(found: FloatArray, name: str, precision: str, path: Path) -> float:
    """Return the least cosine between a backend's answers and its first ones.

    Raises
    ------
    WrongAnswer
        The cosine is below the limit of the precision, or NaN.
    Unavailable
        The file of the first answers is not there, or broken.
    """
    try:
        first = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"the first answers of '{name}' cannot be read from {path} ({error}): restore the file "
            "with git"
        ) from error
    agreed = agreement(found, first)
    if not agreed.reaches(precision):
        raise WrongAnswer(
            f"the backend '{name}' does not answer as it did first: its embeddings and those in "
            f"{path.name} {agreed}, and a cosine of {COSINE_LIMITS[precision]} is needed; if that "
            f"is meant, remove {path.name} and call 'emch quickstart' again"
        )
    return agreed.cosine
