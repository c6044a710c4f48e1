"""What an error is divided by so that it holds for all looks of a comparison together.

    python -m evaluation.bounds

The looks at one cell are alike, since each has the launches of the one before: an error that is
divided by their number (Bonferroni) promises more than is asked for. Launches of identical sides
are drawn from a normal distribution; the smallest of the looks' one-sided probabilities by
Student's t lies below the error over the divisor as often as the error says (Pocock, "Group
sequential methods in the design and analysis of clinical trials", Biometrika 64, 1977, for known
spreads).
"""

import numpy as np
from scipy.stats import t as student

from emch.compare.statistics import FALSE_ALARMS, FALSE_SAME, LOOKS
from emch.report.markdown import markdown_table

RUNS, BLOCK = 4_000_000, 250_000
CELLS = (1, 10, 60)


def main() -> None:
    """Print the divisor for each error."""
    errors = [FALSE_SAME, *(FALSE_ALARMS / 2 / cells for cells in CELLS)]
    smallest = np.sort(np.concatenate([_smallest(seed) for seed in range(RUNS // BLOCK)]))
    rows = [
        [f"{error:.2g}", f"{error / smallest[int(error * RUNS)]:.2f}", str(len(LOOKS))]
        for error in errors
    ]
    print(markdown_table(("error", "divisor", "Bonferroni"), rows), end="")


def _smallest(seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the smallest probability over the looks, for each of a block of runs."""
    launches = np.random.default_rng(seed).standard_normal((BLOCK, LOOKS[-1]))
    found = np.ones(BLOCK)
    for look in LOOKS:
        seen = launches[:, :look]
        statistic = seen.mean(axis=1) / seen.std(axis=1, ddof=1) * np.sqrt(look)
        found = np.minimum(found, student.sf(statistic, look - 1))
    return found


if __name__ == "__main__":
    main()
