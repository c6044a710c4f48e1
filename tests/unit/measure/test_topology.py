"""CPUs are chosen from a made-up /sys/devices: cores first, fast ones, one node, as asked."""

from pathlib import Path

import pytest

from emch.errors import InvalidInput
from emch.measure.topology import choose_cpus, parse_cpus, read_topology, show_cpus


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Make four cores of two CPUs each, on two nodes."""
    for cpu in range(8):
        topology = tmp_path / "system" / "cpu" / f"cpu{cpu}" / "topology"
        write(topology / "physical_package_id", str(cpu % 4 // 2))
        write(topology / "core_id", str(cpu % 4))
    write(tmp_path / "system" / "node" / "node0" / "cpulist", "0-1,4-5")
    write(tmp_path / "system" / "node" / "node1" / "cpulist", "2-3,6-7")
    return tmp_path


def numbers(machine: Path, count: int | None = None, which: str | None = None) -> list[int]:
    chosen = choose_cpus(read_topology(machine, range(8)), count, which)
    return [cpu.number for cpu in chosen.cpus]


def test_each_core_comes_before_the_second_cpu_of_any(machine: Path) -> None:
    assert numbers(machine) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert numbers(machine, 3) == [0, 1, 2]
    assert numbers(machine, None, "0,4-5") == [0, 5, 4]
    assert {cpu.node for cpu in read_topology(machine, (2, 3, 6))} == {1}


def test_hybrid_machine_uses_its_fast_cores_and_says_so(machine: Path) -> None:
    for cpu in range(8):
        write(
            machine / "system" / "cpu" / f"cpu{cpu}" / "cpu_capacity", str(1024 - 700 * (cpu > 3))
        )
    cpus = read_topology(machine, range(8))
    chosen = choose_cpus(cpus)
    assert [cpu.number for cpu in chosen.cpus] == [0, 1, 2, 3]
    assert "performance cores (0-3) and not the others (4-7)" in chosen.note
    assert numbers(machine, None, "efficiency") == [4, 5, 6, 7]
    assert len(numbers(machine, None, "all")) == 8


@pytest.mark.parametrize(
    ("count", "which", "words"),
    [
        (9, None, "9 CPUs are asked for, and there are 8"),
        (None, "7-9", "the CPUs 7-9 are asked for"),
        (None, "few", "is no list of CPUs"),
        (None, "3-1", "is no list of CPUs"),
        (None, "efficiency", "no efficiency cores"),
    ],
)
def test_cpus_that_are_not_there_are_refused(
    machine: Path, count: int | None, which: str | None, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        choose_cpus(read_topology(machine, range(8)), count, which)


def test_lists_of_cpus_are_read_and_written_as_linux_has_them() -> None:
    assert parse_cpus("0-3,8\n") == [0, 1, 2, 3, 8]
    assert show_cpus([8, 0, 1, 3]) == "0-1,3,8"
