"""What all benchmarks have in common."""

import random


class Benchmark:
    """A class with a seed of its own."""

    timeout = 20.0

    def numbers(self, count: int) -> list[float]:
        """Return as many numbers, the same ones each time."""
        rng = random.Random(count)
        return [rng.random() for _ in range(count)]
