"""Launches that nobody made, with the ratios that a test wants."""

import math

from emch.compare.launch import Launch


def made_up(time: float, memory: float = 0.0) -> Launch:
    """Return a launch with these logarithms of B over A."""
    return Launch(
        call_s=(1.0, math.exp(time)),
        load_s=(1, 1),
        peak_rss_bytes=(1, math.exp(memory)),
        answers=({}, {}),
    )
