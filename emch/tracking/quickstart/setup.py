"""All that quickstart writes into a repository, as one plan."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emch.tracking.quickstart import config, render
from emch.tracking.quickstart.files import Planned, plan_added, plan_lines, plan_new
from emch.tracking.quickstart.repo import Repo
from emch.tracking.quickstart.subject import Subject
from emch.tracking.stacks import LABEL


def plan_all(
    repo: Repo, subject: Subject, backends: Sequence[str], stacks: list[dict[str, Any]]
) -> list[Planned]:
    """Plan every file.

    Parameters
    ----------
    repo : Repo
        Where they go.
    subject : Subject
        What is measured.
    backends : sequence of str
        On which engines.
    stacks : list of dict
        The stacks as asv.conf.json has them.

    Raises
    ------
    InvalidInput
        A file of ours has a name that is taken, or one of the user's cannot be read.
    """
    folder = benchmark_folder(repo)
    planned = [_config(repo, stacks)]
    if not (folder / "__init__.py").exists():
        planned.append(plan_new(folder / "__init__.py", ""))
    text = render.benchmark(subject, backends, repo, folder)
    planned.append(plan_new(folder / f"{subject.module}.py", text))
    planned += _workflows(repo, subject)
    if (repo.root / "README.md").exists() or not [*repo.root.glob("README*")]:
        part = render.readme(subject)
        planned.append(plan_added(repo.root / "README.md", part, render.README_MARK))
    planned.append(plan_lines(repo.root / ".gitignore", render.IGNORED))
    return planned


def benchmark_folder(repo: Repo) -> Path:
    """Return the folder of the benchmarks: what asv.conf.json says, if there is one."""
    path = repo.root / config.FILE
    return repo.root / (config.read_benchmark_dir(path) if path.is_file() else "benchmarks")


def _config(repo: Repo, stacks: list[dict[str, Any]]) -> Planned:
    path, own = repo.root / config.FILE, config.new_config(repo, stacks)
    if not path.exists():
        return plan_new(path, own)
    text = path.read_text(encoding="utf-8")
    if text == own or LABEL in text:  # it has stacks, by this or by its user
        return Planned(path, text, "there already")
    return Planned(path, config.proposed(text, stacks), "proposed")


def _workflows(repo: Repo, subject: Subject) -> list[Planned]:
    """Plan what the service that has the repository runs; without one it is GitHub's."""
    entry = repo.root / ".gitlab-ci.yml"
    if not entry.exists() and "gitlab" not in repo.remote:
        path = repo.root / ".github" / "workflows" / "emch.yml"
        return [plan_new(path, render.workflow("github", subject, repo))]
    path = repo.root / ".gitlab" / "emch.yml"
    planned = [plan_new(path, render.workflow("gitlab", subject, repo))]
    include = "include:\n  - local: .gitlab/emch.yml\n"
    if not entry.exists():
        return [*planned, plan_new(entry, include)]
    text = entry.read_text(encoding="utf-8")
    included = ".gitlab/emch.yml" in text
    return [
        *planned,
        Planned(
            entry, text if included else include + text, "there already" if included else "proposed"
        ),
    ]
