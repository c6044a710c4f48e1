"""What disturbed is reported, and what did not is not."""

import os
from dataclasses import replace

import psutil

from emch.compare.conditions import Conditions

CPUS = os.cpu_count() or 1
BEFORE = Conditions(
    wall_s=0.0, steal_s=1.0, swapped_bytes=4096, frequency_mhz=2000.0,
    others_s={(7, 0.5): ("neighbour", 10.0), (8, 0.5): ("kworker/0:1-events", 60.0)},
)  # fmt: skip
AFTER_10_S = replace(BEFORE, wall_s=10.0 * CPUS)


def test_quiet_machine_has_nothing_to_say() -> None:
    assert AFTER_10_S.since(BEFORE) == []


def test_each_disturbance_is_named_with_its_size() -> None:
    busy = {**BEFORE.others_s, (7, 0.5): ("neighbour", 12.0), (9, 3.0): ("new", 1.0)}
    disturbed = replace(
        AFTER_10_S,
        steal_s=1.0 + 0.2 * CPUS,
        swapped_bytes=8192,
        frequency_mhz=1500.0,
        others_s=busy,
    )
    assert disturbed.since(BEFORE) == [
        "the hypervisor took 2 % of the CPU time",
        "4096 bytes were swapped",
        "the CPU frequency changed by -25%",
        "neighbour (7) used 20 % of a CPU",
        "new (9) used 10 % of a CPU",
    ]


def test_kernel_thread_that_changes_its_name_is_the_same_one() -> None:
    renamed = {**BEFORE.others_s, (8, 0.5): ("kworker/0:1-writeback", 60.1)}
    assert replace(AFTER_10_S, others_s=renamed).since(BEFORE) == []


def test_this_process_and_its_ancestors_are_no_others() -> None:
    ours = {os.getpid(), *(each.pid for each in psutil.Process().parents())}
    assert not ours & {pid for pid, _ in Conditions.now().others_s}
