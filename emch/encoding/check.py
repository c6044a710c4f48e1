"""No number without a right answer: a session's output against the stored reference."""

import numpy as np

from emch.arrays import FloatArray
from emch.encoding.encoder import Encoder
from emch.errors import WrongAnswer
from emch.models import reference
from emch.models.agreement import COSINE_LIMITS, agreement
from emch.models.artifacts import open_artifact
from emch.models.settings import ROLES


def cosine_to_reference(encoder: Encoder, model: str, batch_size: int) -> float | None:
    """Return the least cosine between a backend's and the reference embeddings of the probes.

    It is None where the backend brings its own model, of which there is no reference.

    Parameters
    ----------
    encoder : Encoder
        The backend to check.
    model : str
        The key of its model.
    batch_size : int
        The batch size that will be timed; a dynamically quantized network depends on it.

    Raises
    ------
    WrongAnswer
        See `hold_against_reference`.
    Unavailable, BrokenArtifact
        The reference was never made, or is damaged.
    """
    if encoder.artifact.own:
        return None
    found = answer_probes(encoder, model, batch_size)
    return hold_against_reference(found, encoder.name, encoder.info.precision, model)


def answer_probes(encoder: Encoder, model: str, batch_size: int) -> FloatArray:
    """Return a backend's embeddings of the probes of its model, shape [probes, size].

    Raises
    ------
    Unavailable
        The reference was never made, whose probes these are.
    """
    probes, _ = reference.load(open_artifact(model, "reference").folder)
    found = np.empty((len(probes), encoder.settings.embedding_size), dtype=np.float32)
    for role in ROLES:
        places = [place for place, probe in enumerate(probes) if probe.role == role]
        texts = [probes[place].text for place in places]
        found[places] = encoder.encode(texts, batch_size, role=role)
    return found


def hold_against_reference(found: FloatArray, name: str, precision: str, model: str) -> float:
    """Return the least cosine between embeddings of the probes and those of the reference.

    Parameters
    ----------
    found : ndarray of float32, shape [probes, size]
        What `answer_probes` returned, or a program of another language wrote.
    name, precision : str
        The backend that they are of, and what it computes in.
    model : str
        The key of its model.

    Raises
    ------
    WrongAnswer
        The cosine is below the limit of the precision, or NaN, or the embeddings have other
        lengths than the reference.
    Unavailable, BrokenArtifact
        The reference was never made, or is damaged.
    """
    _, wanted = reference.load(open_artifact(model, "reference", thorough=True).folder)
    agreed = agreement(found, wanted)
    if not agreed.reaches(precision):
        raise WrongAnswer(
            f"the backend '{name}' answers wrongly: its embeddings and those of the "
            f"reference {agreed}; {precision} needs a cosine of {COSINE_LIMITS[precision]}"
        )
    return agreed.cosine
