"""No number without a right answer: a session's output against the stored reference."""

import numpy as np

from emch.backends.base import COSINE_LIMITS
from emch.errors import WrongAnswer
from emch.models.artifacts import open_artifact
from emch.models.probes import PROBES
from emch.models.reference import EMBEDDINGS
from emch.tasks.encoding import Encoder


def cosine_to_reference(encoder: Encoder, model: str, batch_size: int) -> float:
    """Return the least cosine between a backend's and the reference embeddings of the probes.

    Parameters
    ----------
    encoder : Encoder
        The backend to check.
    model : str
        The short name of its model.
    batch_size : int
        The batch size that will be timed; a dynamically quantized network depends on it.

    Raises
    ------
    WrongAnswer
        It is below the limit of the backend's precision, or no number at all.
    Unavailable, BrokenArtifact
        The reference was never made, or is damaged.
    """
    reference = np.load(open_artifact(model, "reference", thorough=True).folder / EMBEDDINGS)
    found = encoder.encode(PROBES, batch_size)
    cosine = float(np.einsum("td,td->t", found, reference).min())
    limit = COSINE_LIMITS[encoder.info.precision]
    if not cosine >= limit:  # also true of NaN
        raise WrongAnswer(
            f"the backend '{encoder.name}' answers wrongly: its embeddings have cosine "
            f"{cosine:.6f} to the reference, and {encoder.info.precision} needs {limit}"
        )
    return cosine
