"""An estimator that is fitted once for all that is measured of it."""

import os
import pickle
import random
from abc import ABC, abstractmethod
from pathlib import Path


class Estimator(ABC):
    """Times of fitting and predicting, and the error, for each count of points."""

    param_names = ["points"]
    params = ([200, 600, 1000],)
    timeout = 60

    @abstractmethod
    def make(self):
        """Return an estimator."""

    def setup_cache(self):
        """Fit one for each count, into files of the folder that asv keeps."""
        for count in self.params[0]:
            xs, ys = self.points(count)
            Path(f"{count}.pickle").write_bytes(pickle.dumps(self.make().fit(xs, ys)))
        return {"made": len(self.params[0])}

    def points(self, count):
        rng = random.Random(count)
        xs = [rng.random() for _ in range(count)]
        return xs, [2 * x + rng.gauss(0, 0.1) for x in xs]

    def effort(self):
        return int(os.environ["ROUNDS"])

    def setup(self, cache, count):
        assert cache["made"] == 3
        self.fitted = pickle.loads(Path(f"{count}.pickle").read_bytes())
        self.xs, self.ys = self.points(count)

    def time_fit(self, cache, count):
        self.make().fit(self.xs, self.ys)

    def peakmem_fit(self, cache, count):
        self.make().fit(self.xs, self.ys)

    def time_predict(self, cache, count):
        self.fitted.predict(self.xs)

    def track_error(self, cache, count):
        return self.fitted.error(self.xs, self.ys)
