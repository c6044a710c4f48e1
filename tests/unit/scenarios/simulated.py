"""A clock that does not wait, and targets for it and for the real one."""

import threading
import time
from collections.abc import Callable, Sequence

STEP_S = 1e-5
"""How far the clock goes on when somebody sleeps for no time."""


class SimulatedClock:
    """A clock that goes on when somebody sleeps; for one stream alone."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += max(seconds, STEP_S)


class SimulatedTarget:
    """Takes a time for each request that a function tells, on a simulated clock."""

    streams = 1

    def __init__(self, clock: SimulatedClock, service_s: Callable[[int], float]) -> None:
        self._clock = clock
        self._service_s = service_s

    def serve(self, stream: int, requests: Sequence[int]) -> None:
        assert stream == 0
        for request in requests:
            self._clock.time += self._service_s(request)


class SleepingTarget:
    """Sleeps for each call, notes what it is given, and can do something first."""

    def __init__(
        self,
        streams: int,
        service_s: float = 0.0,
        on_call: Callable[[int], object] = lambda _: None,
    ) -> None:
        self.streams = streams
        self.calls: list[tuple[int, tuple[int, ...]]] = []
        self.threads: list[set[int]] = [set() for _ in range(streams)]
        self.begun = self.ended = 0
        self._service_s = service_s
        self._on_call = on_call
        self._counting = threading.Lock()

    @property
    def in_work(self) -> int:
        """Calls that have begun and not ended."""
        return self.begun - self.ended

    @property
    def requests(self) -> list[int]:
        return sorted(request for _, requests in self.calls for request in requests)

    def serve(self, stream: int, requests: Sequence[int]) -> None:
        with self._counting:
            self.begun += 1
        try:
            self.calls.append((stream, tuple(requests)))
            self.threads[stream].add(threading.get_ident())
            for request in requests:
                self._on_call(request)
            time.sleep(self._service_s)
        finally:
            with self._counting:
                self.ended += 1
