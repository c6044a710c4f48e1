"""A distribution in one line of the terminal."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BLOCKS = " ▁▂▃▄▅▆▇█"
WIDTH = 60


def draw(
    samples: Sequence[NDArray[np.float64]], width: int = WIDTH
) -> tuple[float, float, list[str]]:
    """Draw several sets of samples over one axis, which is logarithmic.

    Parameters
    ----------
    samples : sequence of ndarray of float64, shape [any]
        Positive numbers; what is not finite is left out.
    width : int
        Characters in a line.

    Returns
    -------
    least, greatest : float
        Where the axis begins and ends.
    lines : list of str
        One for each set; its highest block is where the most samples of the set are.
    """
    finite = [each[np.isfinite(each) & (each > 0)] for each in samples]
    every = np.concatenate(finite)
    least, greatest = float(every.min()), float(every.max())
    if least == greatest:
        greatest = math.nextafter(greatest, math.inf)
    edges = np.geomspace(least, greatest, width + 1)
    edges[0], edges[-1] = least, greatest  # rounding would leave the outermost samples out
    return least, greatest, [_line(np.histogram(each, edges)[0]) for each in finite]


def _line(counts: NDArray[np.int64]) -> str:
    """Return the blocks; whatever is not empty has at least the lowest one."""
    most = max(int(counts.max()), 1)
    return "".join(BLOCKS[math.ceil(count / most * (len(BLOCKS) - 1))] for count in counts)
