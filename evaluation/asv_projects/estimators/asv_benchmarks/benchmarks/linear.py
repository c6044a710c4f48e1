"""Lines, after few rounds and after many."""

from estimators import Line

from .common import Estimator


class FewRounds(Estimator):
    """A line that is not there yet."""

    def make(self):
        return Line(self.effort() // 2)


class ManyRounds(Estimator):
    """A line that fits."""

    def make(self):
        return Line(self.effort())
