"""Threads are tied to CPUs, which is read back."""

import os
import threading
from collections.abc import Callable

import pytest

from emch.errors import InvalidInput, OptionNotHonoured
from emch.measure.pinning import Pinning, confine, tie
from emch.measure.topology import choose_cpus, read_topology

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="only Linux ties threads to CPUs"
)


@pytest.fixture
def cpus() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def in_a_thread(work: Callable[[], object]) -> list[BaseException]:
    """Run something in a thread of its own, whose affinity ends with it; return what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except (OptionNotHonoured, AssertionError) as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised


def test_thread_that_is_tied_runs_there(cpus: list[int]) -> None:
    def work() -> None:
        tie(0, frozenset(cpus[:1]))
        assert os.sched_getaffinity(0) == set(cpus[:1])

    assert in_a_thread(work) == []
    assert sorted(os.sched_getaffinity(0)) == cpus


def test_cpu_that_is_not_there_is_an_error() -> None:
    (raised,) = in_a_thread(lambda: tie(0, frozenset({4000})))
    assert "ties no thread to the CPUs 4000" in str(raised)


def test_every_thread_of_the_process_is_confined(cpus: list[int]) -> None:
    """To all CPUs that it had, so that the tests beside it keep theirs."""
    waits, started = threading.Event(), threading.Event()
    seen: list[set[int]] = []

    def other() -> None:
        started.set()
        waits.wait()
        seen.append(os.sched_getaffinity(0))

    thread = threading.Thread(target=other)
    thread.start()
    started.wait()
    confine(cpus)
    waits.set()
    thread.join()
    assert seen == [set(cpus)]


def test_more_threads_than_cpus_are_refused() -> None:
    choice = choose_cpus(read_topology(), count=1)
    with pytest.raises(InvalidInput, match="2"):
        Pinning("core", choice.cpus, streams=1, threads=2)
