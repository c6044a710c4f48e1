"""The mean of ratios that were measured in alternation, with its interval."""

import math
from collections.abc import Sequence

from scipy.stats import t as student

ERROR = 0.05


def ratio(logs: Sequence[float]) -> tuple[float, float, float]:
    """Return the geometric mean of ratios and its 95 % interval, of their logarithms (Student)."""
    mean = sum(logs) / len(logs)
    deviation = math.sqrt(sum((each - mean) ** 2 for each in logs) / (len(logs) - 1))
    half = float(student.ppf(1 - ERROR / 2, len(logs) - 1)) * deviation / math.sqrt(len(logs))
    return math.exp(mean), math.exp(mean - half), math.exp(mean + half)
