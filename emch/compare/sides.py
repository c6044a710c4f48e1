"""The two sides of a comparison: a commit or the working tree, in the environment of a stack."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from asv.config import Config
from asv.environment import get_environments
from asv.plugin_manager import plugin_manager
from asv.util import ProcessError, UserError

from emch.errors import InvalidInput, Unavailable
from emch.tracking.commits import open_repo

CHECKOUTS = "compare"
"""The folder beside asv's environments that holds the commits."""

MEASURED = ("emch", "benchmarks")
"""What of a commit can change a figure."""


@dataclass(frozen=True)
class Side:
    """What is measured.

    Attributes
    ----------
    label : str
        For people: the commit or 'working tree', and the stack.
    python : str
        The interpreter of the stack's environment.
    folder : Path
        The sources: the root of a git work tree.
    """

    label: str
    python: str
    folder: Path

    def digest(self) -> str:
        """Return a hash of the package and the suite as they are in the folder."""
        command = ["git", "-C", str(self.folder), "ls-files", "-z", "--cached", "--others"]
        command += ["--exclude-standard", "--", *MEASURED]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = hashlib.sha256()
        for name in sorted(filter(None, listed.split("\0"))):
            path = self.folder / name
            found.update(f"{name}\0".encode())
            if path.is_file():  # git still lists one that was removed
                found.update(hashlib.sha256(path.read_bytes()).digest())
        return found.hexdigest()


def make_side(config: Config, stack: str, commit: str | None) -> Side:
    """Build the environment and check the commit out, if that was not done before.

    Parameters
    ----------
    config : Config
        Of asv.
    stack : str
        By label.
    commit : str or None
        Its full hash; None is the working tree.

    Raises
    ------
    InvalidInput
        asv.conf.json names a plugin that is not there, or the stack is not its one environment.
    Unavailable
        asv could not make the environment, or check the commit out.
    """
    try:
        for plugin in config.plugins:  # as asv's commands do: one of them is the environment type
            plugin_manager.import_plugin(plugin)
        environments = list(get_environments(config, [f"emch-{stack}"]))
    except (ImportError, UserError) as error:
        raise InvalidInput(f"asv cannot use asv.conf.json here: {error}") from error
    if len(environments) != 1:
        raise InvalidInput(f"the stack '{stack}' has {len(environments)} environments, not one")
    try:
        environments[0].create()
        python = environments[0].find_executable("python")
        folder = _check_out(config, commit) if commit else Path(config.repo).absolute()
    except (ProcessError, UserError) as error:
        first = str(error).partition("\n")[0]
        raise Unavailable(
            f"asv could not set up '{stack}' for a comparison, its output is above: {first}"
        ) from error
    return Side(f"{commit[:8] if commit else 'working tree'}, {stack}", python, folder)


def _check_out(config: Config, commit: str) -> Path:
    folder = Path(config.env_dir).absolute().parent / CHECKOUTS / commit
    open_repo(config).checkout(str(folder), commit)
    return folder
