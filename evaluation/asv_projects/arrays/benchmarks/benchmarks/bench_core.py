"""Sums, orders and grids."""

import arrays

from .common import Benchmark


class Sums(Benchmark):
    """Of lists and of halves of them."""

    params = [[100, 1000, 3000, 10000], ["all", "half"]]
    param_names = ["count", "part"]

    def setup(self, count, part):
        self.values = self.numbers(count if part == "all" else count // 2)

    def time_total(self, count, part):
        arrays.total(self.values)

    def track_total(self, count, part):
        return arrays.total([1.0 for _ in self.values])


class Orders(Benchmark):
    """Of lists that are sorted in place, so that each call needs its own."""

    params = [50, 100, 150]

    def setup(self, count):
        self.values = self.numbers(count)

    def time_ordered(self, count):
        arrays.ordered(self.values)


class Grids(Benchmark):
    """Of rows of zeros."""

    params = [8, 32]
    param_names = ["rows"]

    def time_grid(self, rows):
        arrays.grid(rows)

    def peakmem_grid(self, rows):
        return arrays.grid(rows)

    def mem_row(self, rows):
        return arrays.grid(1)[0]
