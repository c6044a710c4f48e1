"""The two sides of a comparison: a commit or the working tree, in the environment of a stack."""

import hashlib
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asv.config import Config
from asv.environment import get_environments
from asv.plugin_manager import plugin_manager
from asv.util import ProcessError, UserError

from emch.errors import InvalidInput, Unavailable
from emch.tracking.commits import HEAD, open_repo, resolve


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes
    ----------
    label : str
        The commit or 'working tree', and the stack, as people read them.
    python : str
        The interpreter of the stack's environment.
    folder : Path
        The sources: the root of a git work tree.
    suite : str
        The folder of the benchmarks, by its name in `folder`, or an absolute one of both sides.
    packages : tuple of str
        The folders in `folder` that the project's packages may be in.
    project : str
        The distribution under test.
    timeout_s : float
        Of a benchmark that names none.
    whole_process : bool
        Whether the time of loading and the peak of memory are told of beside a timing.
    variables : mapping of str to str
        Of the environment of its processes.
    content : str
        The same for two sides whose code cannot differ.
    """

    label: str
    python: str
    folder: Path
    suite: str
    packages: tuple[str, ...]
    project: str
    timeout_s: float = 60.0
    whole_process: bool = True
    variables: Mapping[str, str] = field(default_factory=dict)
    content: str = ""


def make_side(config: Config, stack: str, commit: str | None) -> Side:
    """Build the environment and check the commit out, if that was not done before.

    Parameters
    ----------
    config : Config
        asv's configuration.
    stack : str
        The label of the stack.
    commit : str or None
        The full hash of the commit; None is the working tree.

    Raises
    ------
    InvalidInput
        asv.conf.json names a plugin that is not there, or the stack is not its one environment.
    Unavailable
        asv could not make the environment, or check the commit out.
    """
    environment, root = _environment(config, stack), root_of(config)
    if commit is None and root is None:
        raise InvalidInput(
            f"the repository '{config.repo}' of asv.conf.json is no folder here, so that it has no "
            "working tree: name two commits"
        )
    try:
        environment.create()
        environment.install_dependencies(config, open_repo(config), commit or resolve(config, HEAD))
        python = environment.find_executable("python")
        folder = _check_out(config, commit) if commit else root
    except (ProcessError, UserError) as error:
        first = str(error).partition("\n")[0]
        raise Unavailable(
            f"asv could not set up '{stack}' for a comparison, its output is above: {first}"
        ) from error
    assert folder is not None  # noqa: S101 - it is one of the two
    label = f"{commit[:8] if commit else 'working tree'}, {stack}"
    subdir = Path(config.repo_subdir or ".")
    packages = (str(subdir), str(subdir / "src"))
    return Side(
        label,
        python,
        folder,
        suite_of(config, root),
        packages,
        config.project,
        timeout_s=float(config.default_benchmark_timeout),
        content=_digest(folder),
    )


def _digest(folder: Path) -> str:
    """Return a hash of what can change a figure: all that is in a folder with Python in it."""
    command = ["git", "-C", str(folder), "ls-files", "-z", "--cached", "--others"]
    command += ["--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = sorted(filter(None, listed.split("\0")))
    holding = {name.partition("/")[0] for name in names if name.endswith(".py")}
    found = hashlib.sha256()
    for name in (each for each in names if each.partition("/")[0] in holding):
        path = folder / name
        found.update(f"{name}\0".encode())
        if path.is_file():  # git still lists one that was removed
            found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _environment(config: Config, stack: str) -> Any:
    environments = environments_of(config, [f"emch-{stack}"])
    if len(environments) != 1:
        raise InvalidInput(f"the stack '{stack}' has {len(environments)} environments, not one")
    return environments[0]


def environments_of(config: Config, names: Sequence[str] | None) -> list[Any]:
    """Return asv's environments of some names, or with None those of the whole matrix.

    Raises
    ------
    InvalidInput
        asv.conf.json names a plugin or a kind of environment that is not there.
    """
    try:
        for plugin in config.plugins:  # as asv's commands do: one may be the environment type
            plugin_manager.import_plugin(plugin)
        return list(get_environments(config, names))
    except (ImportError, UserError) as error:
        raise InvalidInput(f"asv cannot use asv.conf.json here: {error}") from error


def root_of(config: Config) -> Path | None:
    """Return the project's folder; None where asv.conf.json names a repository from elsewhere."""
    return Path(config.repo).resolve() if Path(config.repo).is_dir() else None


def suite_of(config: Config, root: Path | None) -> str:
    """Return the folder of the benchmarks: each side has its own, if they are in the repository."""
    suite = Path(config.benchmark_dir).resolve()
    if root is not None and suite.is_relative_to(root):
        return str(suite.relative_to(root))
    return str(suite)


def state_file(config: Config, what: Sequence[str], kind: str = "") -> Path:
    """Return the file, beside the checkouts, that keeps what is known of one comparison.

    Parameters
    ----------
    config : Config
        asv's configuration.
    what : sequence of str
        All that tells the comparison from others.
    kind : str
        The beginning of the file's name.
    """
    key = hashlib.sha256("\n".join(what).encode()).hexdigest()[:16]
    return kept_in(config) / f"{kind}{key}.jsonl"


def kept_in(config: Config) -> Path:
    """Return the folder, among asv's environments, for what comparisons keep."""
    return Path(config.env_dir).absolute() / "compare"


def _check_out(config: Config, commit: str) -> Path:
    folder = kept_in(config) / commit
    open_repo(config).checkout(str(folder), commit)
    return folder
