"""The sides of a comparison in any asv project: each commit is installed, as asv would do it.

The two sides have an environment each, made and filled by asv's own classes by the project's
asv.conf.json. The benchmarks are those of the working tree for both sides, as with asv.
"""

import copy
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asv.config import Config
from asv.environment import EnvironmentUnavailable
from asv.util import ProcessError, UserError

from emch.compare.sides import Side, environments_of, kept_in, root_of, suite_of
from emch.errors import InvalidInput, Unavailable
from emch.tracking.commits import open_repo


def environment_names(config: Config) -> list[str]:
    """Return asv's names of the environments in the matrix of asv.conf.json.

    Raises
    ------
    InvalidInput
        asv.conf.json names a plugin or a kind of environment that is not there.
    Unavailable
        asv can make none of them on this machine.
    """
    return [environment.name for environment in _environments(config)]


def make_asv_side(config: Config, place: str, name: str, commit: str) -> Side:
    """Install a commit into the environment of a side, which is made if it is not there.

    Parameters
    ----------
    config : Config
        asv's configuration.
    place : {"A", "B"}
        The side.
    name : str
        The environment, by asv's name.
    commit : str
        The full hash.

    Raises
    ------
    InvalidInput
        asv.conf.json is wrong, or has no such environment.
    Unavailable
        The environment cannot be made, or the commit cannot be built or installed.
    """
    own = copy.copy(config)
    own.env_dir = str(kept_in(config) / place)
    environments = {each.name: each for each in _environments(own)}
    if name not in environments:
        known = ", ".join(environments)
        raise InvalidInput(f"unknown environment '{name}'; asv.conf.json has: {known}")
    environment = environments[name]
    with _asking_asv(f"set up '{name}' with {commit[:8]}"):
        environment.create()
        environment.install_project(own, open_repo(config), commit)
        python = environment.find_executable("python")
    root = root_of(config)
    return Side(
        label=f"{commit[:8]}, {name}",
        python=python,
        folder=root or Path.cwd(),
        suite=str(Path(config.benchmark_dir).resolve()),
        packages=(),
        project=config.project,
        timeout_s=float(config.default_benchmark_timeout),
        whole_process=False,
        variables=_variables(environment, Path(python).parent),
        content=f"{commit} {suite_of(config, root)}",
    )


def _environments(config: Config) -> list[Any]:
    found = environments_of(config, None)
    if not found:
        raise Unavailable(
            "asv can make none of the environments of asv.conf.json here: it has to find their "
            f"Python ({', '.join(map(str, config.pythons)) or 'none is named'}), and the tool for "
            "environment_type"
        )
    return found


def _variables(environment: Any, programs: Path) -> dict[str, str]:
    """Return what asv sets for a benchmark: the matrix's variables, and the programs' folder."""
    path = os.pathsep.join([str(programs), os.environ.get("PATH", "")])
    return {**environment.env_vars, **environment.build_env_vars, "ASV": "true", "PATH": path}


@contextmanager
def _asking_asv(what: str) -> Iterator[None]:
    """Turn what asv raises into a sentence; what its programs printed is above it."""
    try:
        yield
    except UserError as error:
        raise InvalidInput(f"asv cannot use asv.conf.json here: {error}") from error
    except (ProcessError, EnvironmentUnavailable, OSError) as error:
        said = [line for line in str(error).splitlines() if line.strip()]
        reason = said[0] if said else type(error).__name__
        raise Unavailable(f"asv could not {what}: {reason}") from error
