"""The two sides of a comparison: a commit or the working tree, in the environment of a stack."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from asv.config import Config
from asv.environment import get_environments
from asv.plugin_manager import plugin_manager
from asv.repo import NoSuchNameError, get_repo

from emch.errors import InvalidInput

CHECKOUTS = "compare"
"""The folder beside asv's environments that holds the commits."""


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
        The sources.
    """

    label: str
    python: str
    folder: Path


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
    """
    for plugin in config.plugins:  # as asv's commands do: one of them is the environment type
        plugin_manager.import_plugin(plugin)
    environments = list(get_environments(config, [f"emch-{stack}"]))
    if len(environments) != 1:
        raise InvalidInput(f"the stack '{stack}' has {len(environments)} environments, not one")
    environments[0].create()
    python = environments[0].find_executable("python")
    if commit is None:
        return Side(f"working tree, {stack}", python, Path(config.repo).absolute())
    folder = Path(config.env_dir).absolute().parent / CHECKOUTS / commit
    get_repo(config).checkout(str(folder), commit)
    return Side(f"{commit[:8]}, {stack}", python, folder)


def resolve(config: Config, commit: str) -> str:
    """Return the full hash of a commit.

    Raises
    ------
    InvalidInput
        git knows no such commit.
    """
    try:
        return str(get_repo(config).get_hash_from_name(commit))
    except (NoSuchNameError, subprocess.CalledProcessError) as error:
        raise InvalidInput(f"git knows no commit '{commit}'") from error
