"""The facts of the machine and of the installed packages that a record keeps."""

import json
import os
import platform
import shutil
import subprocess
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from emch.measure.cpus import cpu_quota, usable_cpus

BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})
"""Either means that the CPU multiplies bf16 by itself; without them engines emulate it."""

VNNI_FLAGS = frozenset({"avx512_vnni", "avx_vnni"})
"""Either means that the CPU multiplies int8 without overflow in between."""

AVX512_FLAG = "avx512f"
"""It means that the CPU has registers of 512 bits."""

GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
LSCPU_FIELDS = {
    "Model name": "cpu",
    "Socket(s)": "sockets",
    "L1d cache": "l1d_cache",
    "L2 cache": "l2_cache",
    "L3 cache": "l3_cache",
    "Hypervisor vendor": "hypervisor",
    "Flags": "cpu_flags",
}


def describe_machine() -> dict[str, Any]:
    """Return what is known of this machine: CPU, cores, caches, flags, governor, memory, system.

    `usable_cpus` and `cpu_quota` are those of this process, in CPUs. A fact that the system does
    not tell is left out.
    """
    import psutil  # here, since backends that only ask for flags are measured

    facts: dict[str, Any] = {
        "system": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "cpus": psutil.cpu_count(),
        "physical_cores": psutil.cpu_count(logical=False),
        "usable_cpus": usable_cpus(),
        "memory_bytes": psutil.virtual_memory().total,
        "load_average": list(psutil.getloadavg()),
    }
    if (quota := cpu_quota()) is not None:
        facts["cpu_quota"] = quota
    if GOVERNOR.is_file():
        facts["governor"] = GOVERNOR.read_text().strip()
    lscpu = _lscpu()
    facts |= {name: lscpu[field] for field, name in LSCPU_FIELDS.items() if field in lscpu}
    return facts


def cpu_flags() -> frozenset[str]:
    """Return the instruction set extensions of the CPU, as Linux names them."""
    return frozenset(_lscpu().get("Flags", "").split())


def _lscpu() -> dict[str, str]:
    """Return what util-linux's lscpu says, flat; empty where there is none."""
    if shutil.which("lscpu") is None:
        return {}
    output = subprocess.run(
        ["lscpu", "--json"],
        env={**os.environ, "LC_ALL": "C"},  # the fields' names are translated otherwise
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found: dict[str, str] = {}

    def collect(entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            if entry.get("data") is not None:
                found[entry["field"].rstrip(":")] = entry["data"]
            collect(entry.get("children", []))

    collect(json.loads(output)["lscpu"])
    return found


def installed_versions() -> dict[str, str]:
    """Return the version of every distribution that this interpreter can import, by name."""
    return {
        distribution.metadata["Name"]: distribution.version
        for distribution in sorted(distributions(), key=lambda found: str(found.metadata["Name"]))
    }
