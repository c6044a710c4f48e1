"""How near embeddings must be to the reference."""

import math
from dataclasses import dataclass

import numpy as np

from emch.arrays import FloatArray

COSINE_LIMITS = {"fp32": 0.99999, "fp16": 0.9999, "bf16": 0.999, "int8": 0.96, "any": 0.96}
"""The least cosine to the reference, over all probe texts, at each precision.

A function of the user's computes in `any`: it does not say in which.
"""


@dataclass(frozen=True)
class Agreement:
    """How two sets of embeddings agree.

    Attributes
    ----------
    cosine : float
        The least cosine of a text's two embeddings.
    length : float
        The greatest difference of their lengths, relative to the second one's.
    """

    cosine: float
    length: float

    def reaches(self, precision: str) -> bool:
        """Say whether the agreement is enough for a precision; NaN never is.

        Of unit vectors with cosine c the distance is sqrt(2 - 2c); lengths may differ by as much.
        """
        limit = COSINE_LIMITS[precision]
        return self.cosine >= limit and self.length <= math.sqrt(2 - 2 * limit)

    def __str__(self) -> str:
        """Return the wording that messages use."""
        return f"have cosine {self.cosine:.6f}, and lengths that differ by {self.length:.2%}"


def agreement(found: FloatArray, reference: FloatArray) -> Agreement:
    """Compare embeddings of the same texts, both of shape [texts, size].

    Embeddings of other sizes do not agree at all: the cosine is -1.
    """
    if found.shape != reference.shape:
        return Agreement(-1.0, math.inf)
    lengths = np.linalg.norm(found, axis=1), np.linalg.norm(reference, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # of zeros there is no cosine, but NaN
        cosines = np.einsum("td,td->t", found, reference) / (lengths[0] * lengths[1])
        differences = np.abs(lengths[0] / lengths[1] - 1)
    return Agreement(float(cosines.min()), float(differences.max()))
