"""The texts of the files that quickstart writes, from the templates beside."""

import json
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

from emch.models.source import DEFAULT_MODEL
from emch.tracking.quickstart.repo import Repo
from emch.tracking.quickstart.subject import Subject, model_in_words, path_in_words

FIRST = "first_answers.npy"
"""The file beside the benchmarks that has the first answers of the project's function."""

IGNORED = ("/.asv/", "/html/", "__pycache__/")
README_MARK = "## Speed, memory and accuracy"


class _Template(Template):
    delimiter = "%"  # a workflow of GitHub, and a shell, have another use for the dollar


def benchmark(subject: Subject, backends: Sequence[str], repo: Repo, folder: Path) -> str:
    """Return the benchmark file for a folder."""
    given = subject.data or subject.file
    first = f'    first = Path(__file__).resolve().with_name("{FIRST}")\n'
    return _rendered(
        f"{subject.module}.py",
        MODEL_NAME=subject.key.partition("~")[0],
        MODEL=model_in_words(subject, repo),
        DEPTH=str(len(folder.relative_to(repo.root).parts)),
        DATASET=json.dumps(subject.dataset),
        DATA=path_in_words(given, repo) if given else "None",
        BACKENDS=_listed(backends),
        HITS=_hits(subject),
        HITS_IMPORT="    hits,\n" if subject.is_small else "",
        FIRST=first if subject.function else "",
    )


def workflow(kind: str, subject: Subject, repo: Repo) -> str:
    """Return the workflow for a service, `github` or `gitlab`."""
    return _rendered(
        f"{kind}.yml",
        BRANCH=repo.branch,
        PREPARE=_prepare(subject),
        PYTHON=python_version(),
        COMPARED=subject.compared,
    )


def readme(subject: Subject) -> str:
    """Return the part for the project's README."""
    return _rendered(
        "readme.md", MARK=README_MARK, MODEL_NAME=subject.key.partition("~")[0],
        DATASET=subject.dataset, COMPARED=subject.compared, PREPARE=_prepare(subject),
        MODULE=subject.module,
    )  # fmt: skip


def python_version() -> str:
    """Return the release of Python that runs here, as asv.conf.json has it."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _prepare(subject: Subject) -> str:
    if subject.model == DEFAULT_MODEL:
        return "emch prepare"
    return f"emch prepare --model {subject.model}"


def _hits(subject: Subject) -> str:
    if not subject.is_small:
        return ""
    return '\n            "hit rate": hits(search(dataset, batch_size), backend, MODEL),'


def _listed(names: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def _rendered(name: str, **words: str) -> str:
    text = (files(__package__) / "templates" / f"{name}.txt").read_text(encoding="utf-8")
    return _Template(text).substitute(words)
