"""The usable CPUs: what a control group allows counts, of whichever version and however deep."""

from pathlib import Path

import pytest

from emch.cli import console
from emch.errors import InvalidInput
from emch.measure import cpus, machine
from emch.measure.cpus import cpu_quota, require_cpus, usable_cpus

V1 = "9:pids:/a/b\n1:cpu,cpuacct:{path}\n"
V2 = "0::{path}\n"


class Groups:
    """A made-up /proc/PID beside made-up trees of control groups."""

    def __init__(self, folder: Path) -> None:
        self.proc = folder / "proc"
        self.proc.mkdir()
        self.top = {"cgroup2": folder / "unified", "cgroup": folder / "cpu"}

    def be_in(self, cgroup: str, root: str = "/") -> Path:
        """Write down which group the process is in, and what part of the trees is mounted."""
        (self.proc / "cgroup").write_text(cgroup)
        lines = (
            f"35 24 0:30 / {self.proc} rw,relatime shared:9 - proc proc rw",
            f"36 25 0:31 {root} {self.top['cgroup2']} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate",
            f"37 25 0:32 {root} {self.top['cgroup']} rw shared:4 - cgroup cgroup rw,cpu,cpuacct",
            f"38 25 0:33 {root} {self.top['cgroup']}set rw - cgroup cgroup rw,cpuset",
        )
        (self.proc / "mountinfo").write_text("\n".join(lines))
        return self.proc

    def limit(self, kind: str, group: str, quota: int | None, period: int = 100_000) -> None:
        """Give a group a quota in microseconds of each period; None is no limit."""
        folder = self.top[kind] / group
        folder.mkdir(parents=True, exist_ok=True)
        if kind == "cgroup2":
            (folder / "cpu.max").write_text(f"{'max' if quota is None else quota} {period}\n")
        else:
            (folder / "cpu.cfs_quota_us").write_text(f"{-1 if quota is None else quota}\n")
            (folder / "cpu.cfs_period_us").write_text(f"{period}\n")


@pytest.fixture
def groups(tmp_path: Path) -> Groups:
    return Groups(tmp_path)


BOTH = pytest.mark.parametrize(("kind", "line"), [("cgroup2", V2), ("cgroup", V1)])


@BOTH
@pytest.mark.parametrize(
    ("quotas", "found"),
    [
        ((None, None), None),
        ((None, 50_000), 0.5),
        ((50_000, None), 0.5),
        ((150_000, 300_000), 1.5),
        ((400_000, 25_000), 0.25),
    ],
)
def test_smallest_quota_of_all_groups_around_counts(
    groups: Groups, kind: str, line: str, quotas: tuple[int | None, ...], found: float | None
) -> None:
    proc = groups.be_in(line.format(path="/slice/service"))
    for group, quota in zip(("slice", "slice/service"), quotas, strict=True):
        groups.limit(kind, group, quota)
    groups.limit(kind, "slice/another", 1_000)
    assert cpu_quota(proc) == found


@BOTH
def test_quota_is_over_its_own_period(groups: Groups, kind: str, line: str) -> None:
    proc = groups.be_in(line.format(path="/a"))
    groups.limit(kind, "a", 30_000, period=20_000)
    assert cpu_quota(proc) == 1.5


@BOTH
def test_group_of_a_container_is_at_the_top_of_what_it_has_mounted(
    groups: Groups, kind: str, line: str
) -> None:
    groups.limit(kind, ".", 50_000)
    groups.limit(kind, "part", 20_000)
    assert cpu_quota(groups.be_in(line.format(path="/docker/1"), root="/docker/1")) == 0.5
    assert cpu_quota(groups.be_in(line.format(path="/docker/1/part"), root="/docker/1")) == 0.2
    assert cpu_quota(groups.be_in(line.format(path="/../.."), root="/docker/1")) == 0.5


def test_both_versions_at_once_count(groups: Groups) -> None:
    proc = groups.be_in(V1.format(path="/a") + V2.format(path="/b"))
    groups.limit("cgroup", "a", 70_000)
    groups.limit("cgroup2", "b", 40_000)
    assert cpu_quota(proc) == 0.4


def test_system_without_control_groups_sets_no_limit(tmp_path: Path) -> None:
    assert cpu_quota(tmp_path) is None


@pytest.mark.parametrize(
    ("quota", "usable"), [(None, 4), (0.1, 1), (0.5, 1), (1.0, 1), (1.5, 2), (3.2, 4), (64.0, 4)]
)
def test_quota_is_rounded_up_and_gives_no_cpu_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, quota: float | None, usable: int
) -> None:
    monkeypatch.setattr(cpus, "allowed_cpus", lambda: 4)
    monkeypatch.setattr(cpus, "cpu_quota", lambda: quota)
    assert usable_cpus() == usable


@pytest.mark.parametrize("quota", [0.5, 2.0, None])
def test_more_threads_than_usable_cpus_are_refused_unless_it_is_said(
    monkeypatch: pytest.MonkeyPatch, quota: float | None
) -> None:
    monkeypatch.setattr(cpus, "allowed_cpus", lambda: 4)
    monkeypatch.setattr(cpus, "cpu_quota", lambda: quota)
    usable = usable_cpus()
    require_cpus(usable)
    with pytest.raises(InvalidInput, match=f"{usable + 1} threads need {usable + 1} CPUs"):
        require_cpus(usable + 1)
    require_cpus(usable + 1, oversubscribe=True)


@pytest.mark.parametrize(("threads", "streams"), [(0, 1), (3, 2), (2, 4)])
def test_oversubscribing_lets_no_streams_go_without_their_part(threads: int, streams: int) -> None:
    with pytest.raises(InvalidInput, match=f"by {streams} streams"):
        require_cpus(threads, streams=streams, oversubscribe=True)


@pytest.mark.parametrize("quota", [None, 0.5])
def test_record_has_the_quota_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, quota: float | None
) -> None:
    monkeypatch.setattr(machine, "cpu_quota", lambda: quota)
    assert machine.describe_machine().get("cpu_quota") == quota


@pytest.mark.parametrize(
    ("quota", "said"),
    [
        (None, ""),
        (4.0, ""),
        (
            0.5,
            "a control group's quota allows this process 0.5 of 4 CPUs; emch counts 1 as usable\n",
        ),
    ],
)
def test_command_line_says_that_a_quota_limits(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    quota: float | None,
    said: str,
) -> None:
    for module in (cpus, console):
        monkeypatch.setattr(module, "allowed_cpus", lambda: 4)
        monkeypatch.setattr(module, "cpu_quota", lambda: quota)
    console.say_quota()
    assert capsys.readouterr().err == said
