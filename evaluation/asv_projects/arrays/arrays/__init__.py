"""Sums and orders of numbers."""

EXTRA = 0.0
"""The share of all work that is done once more; a slower commit raises it."""


def total(values: list[float]) -> float:
    """Return the sum of numbers, one after another."""
    found = 0.0
    for value in values:
        found += value
    for value in values[: int(EXTRA * len(values))]:
        found += value
    return found


def ordered(values: list[float]) -> list[float]:
    """Sort numbers by insertion, in place."""
    for last in range(1, len(values)):
        place, value = last, values[last]
        while place and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value
    total([0.0] * int(EXTRA * len(values) ** 2 / 2))
    return values


def grid(size: int) -> list[bytearray]:
    """Return some rows of zeros."""
    return [bytearray(int((1 + EXTRA) * 2**20)) for _ in range(size)]
