"""The environment type `emch`: a stack, installed in one resolve.

asv's own virtualenv type rewrites requirement strings, installs them one by one and never records
what it got. This one installs a stack in one resolve and writes the outcome beside the results.

Where the project under test is emch, asv installs it for each commit. In a repo of another project
the benchmarks import emch too, so a stack has the very emch that runs asv.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from asv import util
from asv.console import log
from asv.plugins.virtualenv import Virtualenv

from emch.cache import replace_file
from emch.errors import EmchError
from emch.tracking import own_package
from emch.tracking.reader import load_results
from emch.tracking.results import pins_of
from emch.tracking.stacks import LABEL, NO_LABEL

OWN_PACKAGE = "emch-installed.txt"
"""The file in an environment's folder that says which emch is in it."""


class StackEnvironment(Virtualenv):  # type: ignore[misc] # asv has no types
    """A virtual environment with the exact versions of one stack, named after its label."""

    tool_name = "emch"

    @property
    def name(self) -> str:
        """The stack's label, so that `asv run -E emch-current` reads well."""
        return str(util.sanitize_filename(f"{self.tool_name}-{self.stack}"))

    @property
    def stack(self) -> str:
        """The label that asv.conf.json gives the stack in EMCH_STACK."""
        label = self.env_vars.get(LABEL)
        if not label:
            raise util.UserError(NO_LABEL)
        return str(label)

    @property
    def _has_emch_as_dependency(self) -> bool:
        return not own_package.is_emch(self._project)

    def check_presence(self) -> bool:
        """Say whether the environment is there, and has the emch that runs asv if it needs it."""
        if self._has_emch_as_dependency:
            path = Path(self._path, OWN_PACKAGE)
            if not path.is_file() or path.read_text(encoding="utf-8") != _fingerprint():
                return False
        return bool(super().check_presence())

    def _install_requirements(self) -> None:
        """Install everything in one resolve, with uv where it is there."""
        wanted = [*_exact(self._requirements), *_exact(self._base_requirements)]
        with TemporaryDirectory() as folder:
            try:
                if self._has_emch_as_dependency:
                    wanted += own_package.arguments(Path(folder))
                else:  # its wheel is installed without dependencies
                    wanted += own_package.core_requirements()
            except EmchError as error:  # asv prints its own errors alone without a traceback
                raise util.UserError(str(error)) from error
            self._install(wanted)
        if self._has_emch_as_dependency:
            replace_file(Path(self._path, OWN_PACKAGE), _fingerprint())

    def _install(self, wanted: list[str]) -> None:
        if uv := find_uv():
            options = ["--quiet", "--compile-bytecode", "--python", self.find_executable("python")]
            command = [uv, "pip", "install", *options, *wanted]
            try:
                util.check_call(command, timeout=self._install_timeout, display_error=False)
            except util.ProcessError as error:
                if not _is_offline(error):
                    log.error(error.stderr)
                    raise
                log.info("the package index does not answer: uv takes what it has in its cache")
                util.check_call([*command, "--offline"], timeout=self._install_timeout)
        else:
            self._run_pip(["install", "--quiet", *wanted], timeout=self._install_timeout)

    def install_project(self, conf: Any, repo: Any, commit_hash: str) -> None:
        """Install the project at a commit, and record every version beside the results."""
        self._refuse_other_pins(Path(conf.results_dir), commit_hash)
        super().install_project(conf, repo, commit_hash)
        target = Path(conf.results_dir) / "installed" / f"{commit_hash[:8]}-{self.name}.txt"
        target.parent.mkdir(parents=True, exist_ok=True)
        # pip would write a folder of this machine for what did not come from an index.
        left_out = [f"--exclude={name}" for name in (self._project, own_package.NAME, "pip")]
        frozen = str(self._run_pip(["freeze", *left_out]))
        if self._has_emch_as_dependency:
            frozen += f"{own_package.NAME}=={own_package.version()}\n"
        replace_file(target, frozen)

    def install_dependencies(self, conf: Any, repo: Any, commit_hash: str) -> None:
        """Install what a commit of the project requires, for who takes the project elsewhere.

        What emch requires is part of every stack; of another project its installer alone knows.
        """
        if self._has_emch_as_dependency:
            super().install_project(conf, repo, commit_hash)

    def _refuse_other_pins(self, results: Path, commit_hash: str) -> None:
        """Never mix, under one stack's name, results of one commit with different pins."""
        for path in results.glob(f"*/{commit_hash[:8]}-{self.name}.json"):
            try:
                measured = pins_of(load_results(path, path.parent.name))
            except EmchError as error:  # asv prints its own errors alone without a traceback
                raise util.UserError(str(error)) from error
            if measured != self._requirements:
                raise util.UserError(
                    f"{path} was measured with other versions than the stack '{self.stack}' has "
                    "now: give the stack a new label, or remove the file"
                )


def _is_offline(error: util.ProcessError) -> bool:
    """Say whether uv failed since it could not connect."""
    return "Connect" in error.stderr or "dns error" in error.stderr


def _fingerprint() -> str:
    try:
        return own_package.fingerprint()
    except EmchError as error:
        raise util.UserError(str(error)) from error


def _exact(requirements: dict[str, str]) -> list[str]:
    """Turn asv's {"pip+name": "1.2"} into pip's name==1.2; no version means any."""
    return [
        f"{name.removeprefix('pip+')}=={version}" if version else name.removeprefix("pip+")
        for name, version in requirements.items()
    ]


def find_uv() -> str | None:
    """Return the uv beside the interpreter that runs here, or the one on the path."""
    try:
        from uv import find_uv_bin
    except ImportError:
        found = shutil.which("uv")
        if found is None:
            log.info("uv is not here: pip installs the stack, which takes minutes")
        return found
    return str(find_uv_bin())
