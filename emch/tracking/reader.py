"""The one reader of the files that asv keeps under `results_dir`; who needs one reads it here.

A broken file is one sentence that names it. What asv itself reads to publish it hands to the site,
which takes it as it is.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from asv.benchmarks import Benchmarks
from asv.commands.publish import check_benchmark_params
from asv.config import Config
from asv.machine import Machine, iter_machine_files
from asv.results import Results, get_filename, iter_results_paths
from asv.util import load_json

from emch.errors import Unavailable
from emch.tracking.files import reading
from emch.tracking.results import BROKEN


def load_benchmarks(config: Config) -> Benchmarks:
    """Load what asv knows of the benchmarks.

    Raises
    ------
    Unavailable
        There are no results.
    InvalidInput
        benchmarks.json is broken, or another asv wrote it.
    """
    path = Path(Benchmarks.get_benchmark_file_path(config.results_dir))
    if not path.is_file():
        raise Unavailable(f"no results in {config.results_dir}: run 'emch track'")
    with reading(path, "'asv run --bench just-discover' writes it again"):
        benchmarks = Benchmarks.load(config)
        for name, benchmark in benchmarks.items():
            check_benchmark_params(name, benchmark)
        return benchmarks


def results_path(config: Config, machine: str, commit: str, environment: str) -> Path:
    """Return where asv keeps the results of a commit in an environment; it need not be there."""
    return Path(config.results_dir, get_filename(machine, commit, environment))


def load_results(path: Path, machine: str) -> Results:
    """Load one file of results.

    Raises
    ------
    InvalidInput
        It is broken.
    """
    with reading(path, BROKEN):
        results = Results.load(str(path), machine_name=machine)
        if not isinstance(results.commit_hash, str) or not isinstance(results.date, int):
            raise ValueError(f"of the commit {results.commit_hash!r} of {results.date!r}")
        return results


def load_all_results(config: Config) -> Iterator[tuple[Path, Results]]:
    """Yield every file of results with its path.

    Raises
    ------
    InvalidInput
        One is broken, or the facts of a machine are: asv would leave out its results.
    """
    load_machines(config)
    for folder, file, machine in iter_results_paths(config.results_dir):
        path = Path(folder, file)
        yield path, load_results(path, machine)


def load_machine(path: Path) -> dict[str, Any]:
    """Load the facts of a machine, which asv keeps beside its results.

    Raises
    ------
    InvalidInput
        The file is broken.
    """
    with reading(path, BROKEN):
        facts: dict[str, Any] = load_json(str(path), Machine.api_version)
        facts["machine"].strip()
        return facts


def load_machines(config: Config) -> list[dict[str, Any]]:
    """Load the facts of every machine that has results; see `load_machine`."""
    return [load_machine(Path(path)) for path in iter_machine_files(config.results_dir)]
