"""Energy is added up from the counters of a made-up powercap, over their turn too."""

from pathlib import Path

from emch.measure.energy import EnergyMeter, energy_meter, why_no_energy


def zone(root: Path, folder: str, name: str, used: int) -> Path:
    place = root / folder
    place.mkdir(parents=True)
    (place / "name").write_text(f"{name}\n")
    (place / "max_energy_range_uj").write_text("1000000\n")
    (place / "energy_uj").write_text(f"{used}\n")
    return place / "energy_uj"


def test_packages_and_memory_are_added_and_cores_are_part_of_them(tmp_path: Path) -> None:
    one, two = (zone(tmp_path, f"intel-rapl:{n}", f"package-{n}", 100_000) for n in (0, 1))
    dram = zone(tmp_path, "intel-rapl:0:1", "dram", 5_000)
    core = zone(tmp_path, "intel-rapl:0:0", "core", 1_000)
    meter = EnergyMeter(tmp_path)
    for file, used in ((one, 300_000), (two, 150_000), (dram, 6_000), (core, 900_000)):
        file.write_text(str(used))
    assert meter.read() == {"package": 0.25, "dram": 0.001}


def test_counter_that_turned_over_goes_on(tmp_path: Path) -> None:
    counter = zone(tmp_path, "intel-rapl:0", "package-0", 900_000)
    meter = EnergyMeter(tmp_path)
    counter.write_text("100000")
    assert meter.read() == {"package": 0.2}
    counter.write_text("200000")
    assert meter.read() == {"package": 0.3}


def test_machine_that_tells_nothing_is_said_and_has_no_meter(tmp_path: Path) -> None:
    assert "counts no energy" in str(why_no_energy(tmp_path))
    assert energy_meter(tmp_path) is None
