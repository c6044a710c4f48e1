"""The spread of a few launches, moderated by those of the other cells of a run.

Five launches tell little of how far launches spread, so Student's t has to allow for a spread that
is several times as large. The cells of a run are measured on one machine on one day: that their
spreads are alike, or how unlike they are, says what that of one cell can be. This is the empirical
Bayes estimate of Smyth, "Linear models and empirical Bayes methods for assessing differential
expression in microarray experiments" (Stat. Appl. Genet. Mol. Biol. 3(1), 2004, section 6.2): the
variances of the cells are taken for draws of a scaled inverse chi-squared distribution.
"""

import math
from collections.abc import Sequence
from statistics import fmean, variance

from emch.compare.observed import Observed, Spread

MOST_BORROWED = 4.0
"""The most degrees of freedom that are taken from the other cells; see docs/findings/cheaper.md."""


LARGE = 1e6


def common_spread(run: Sequence[Observed]) -> Spread | None:
    """Return what the spreads of cells have in common, with the degrees of freedom of that.

    Parameters
    ----------
    run : sequence of Observed
        The launches of each cell.

    Returns
    -------
    Spread or None
        None where fewer than two cells have a spread.
    """
    known = [each.spread for each in run if each.launches > 2]
    known = [each for each in known if each.sd > 0]  # a figure without noise says nothing of noise
    if len(known) < 2:
        return None
    from scipy.special import polygamma

    halves = [each.freedom / 2 for each in known]
    logs = [
        2 * math.log(each.sd) - float(polygamma(0, half)) + math.log(half)
        for each, half in zip(known, halves, strict=True)
    ]
    beyond_chance = variance(logs) - fmean(float(polygamma(1, half)) for half in halves)
    half = _inverse_trigamma(beyond_chance)
    skewed = float(polygamma(0, half)) - math.log(half) if math.isfinite(half) else 0.0
    return Spread(math.exp((fmean(logs) + skewed) / 2), min(2 * half, MOST_BORROWED))


def moderated_spread(observed: Observed, common: Spread | None) -> Spread:
    """Return the spread of a cell's launches, moderated by what the cells of a run have in common.

    Parameters
    ----------
    observed : Observed
        The launches of the cell.
    common : Spread or None
        As `common_spread` returns it of all cells, this one among them.
    """
    own = observed.spread
    if common is None or own.sd == 0:
        return own
    freedom = own.freedom + common.freedom
    moderated = (own.freedom * own.sd**2 + common.freedom * common.sd**2) / freedom
    return Spread(math.sqrt(moderated), freedom)


def _inverse_trigamma(value: float) -> float:
    """Return where the trigamma function has a value; infinity for one that is not above 0."""
    from scipy.optimize import brentq
    from scipy.special import polygamma

    if value <= float(polygamma(1, LARGE)):
        return math.inf
    return float(brentq(lambda half: float(polygamma(1, half)) - value, 1e-6, LARGE))
