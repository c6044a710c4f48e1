"""`emch quickstart`: a repository of the user's, tracked."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from platform import node
from typing import Any

import click

from emch.backends.base import Options
from emch.backends.registry import get_backend, require_available
from emch.cli.console import log, out, progress
from emch.cli.prepare import quiet_exporters
from emch.cli.quickstart_measure import Measured, measure, show
from emch.encoding.encoder import encoder
from emch.encoding.first import answer_texts, write_first
from emch.errors import Unavailable
from emch.measure.cpus import usable_cpus
from emch.models.artifacts import open_artifact
from emch.models.layout import read_json
from emch.models.prepare import prepare
from emch.models.settings import read_settings
from emch.models.source import DEFAULT_MODEL, Source, find_model
from emch.tracking.quickstart import choice, files, render, setup
from emch.tracking.quickstart.config import stack_entry
from emch.tracking.quickstart.importable import make_importable
from emch.tracking.quickstart.repo import Repo, begin, commit_first, find_repo
from emch.tracking.quickstart.subject import Subject, make_subject
from emch.tracking.stacks import DEFAULT
from emch.tracking.upgrades import newest_pins

PLACE = click.Path(path_type=Path)
MEASURED = 3
NEWEST = "newest"
"""The label of the stack of --upgrade."""


@click.command()
@click.argument("model", required=False)
@click.option(
    "--data", type=PLACE, metavar="DIR", help="Queries, documents and answers, as BEIR has them."
)
@click.option("--texts", type=PLACE, metavar="FILE", help="Texts alone: one a line, or JSON lines.")
@click.option(
    "--backend", "backends", multiple=True, metavar="NAME",
    help="What to measure; may be given again.  [default: three that are here]",
)  # fmt: skip
@click.option(
    "--callable", "function", metavar="PACKAGE.MODULE:FUNCTION",
    help="Measure a function of the repository too, which takes texts and returns an array.",
)  # fmt: skip
@click.option("--upgrade", is_flag=True, help="Add a stack of the newest releases.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(
    model: str | None, data: Path | None, texts: Path | None, backends: tuple[str, ...],
    function: str | None, upgrade: bool, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Track MODEL in the git repository that you are in: on each engine, at every commit.

    MODEL is a folder or a Hub id, or left out for the one that comes with emch. It measures three
    backends, and writes asv.conf.json with the versions that are installed here, a benchmark file,
    a workflow for CI and a part of the README. It overwrites nothing.
    """
    repo = find_repo(Path.cwd())
    if function:
        make_importable(repo, function)
    named = [*([function] if function else []), *backends]
    for name in named:
        require_available(name)
    source = None if backends and _bring_their_own(backends) else find_model(model or DEFAULT_MODEL)
    key = source.key if source else DEFAULT_MODEL
    subject = make_subject(model or DEFAULT_MODEL, key, data, texts, function=function)
    subject.task.require_inputs(Options(threads=usable_cpus()))
    guess = named if backends else [*named, *choice.PREFERRED[:MEASURED]]
    planned = setup.plan_all(repo, subject, guess, _stacks(repo, guess, upgrade=upgrade))
    if dry_run:
        _show_plan(repo, planned)
        return
    if source:
        _prepare(source)
    tried = named if backends else [*named, *choice.candidates(key)]
    found = _measure(repo, subject, named, tried, len(named) + (0 if backends else MEASURED))
    chosen = [each.backend for each in found if each.record]
    planned = setup.plan_all(repo, subject, chosen, _stacks(repo, chosen, upgrade=upgrade))
    _write(repo, subject, planned)
    if as_json:
        kept = {str(each.path.relative_to(repo.root)): each.way for each in planned}
        click.echo(json.dumps({"files": kept, "rows": [each.to_dict() for each in found]}))
        return
    show(found)
    _say_what_is_next(repo, subject, planned)


def _bring_their_own(backends: Sequence[str]) -> bool:
    return all(get_backend(name).own_model() is not None for name in backends)


def _stacks(repo: Repo, backends: Sequence[str], *, upgrade: bool) -> list[dict[str, Any]]:
    """Return the stack of what is installed here, and that of the newest releases."""
    requires = repo.package.requires if repo.package else ()
    known = [name for name in backends if ":" not in name]
    pins, python = choice.installed_pins(known, requires), render.python_version()
    stacks = [stack_entry(DEFAULT, pins, python)]
    if upgrade:
        stacks.append(stack_entry(NEWEST, newest_pins(pins, known, requires), python))
    return stacks


def _prepare(source: Source) -> None:
    """Bring the model into the cache, and say what it is."""
    quiet_exporters()
    with progress.status("") as status:
        for _ in prepare(source, lambda kind: status.update(f"preparing {kind} ...")):
            pass
    settings = read_settings(open_artifact(source.key, "safetensors").folder)
    kind = read_json(source.layout.network / "config.json").get("model_type", "")
    log(
        f"{source.name}: {kind}, {' and '.join(settings.pooling)} pooling, texts of up to "
        f"{settings.max_tokens} tokens, embeddings of {settings.embedding_size}"
    )


def _measure(
    repo: Repo, subject: Subject, named: Sequence[str], tried: Sequence[str], most: int
) -> list[Measured]:
    """Measure backends until there are figures of enough.

    Raises
    ------
    EmchError
        One that the user named could not be measured.
    Unavailable
        None that is here can load the model.
    """
    first = setup.benchmark_folder(repo) / render.FIRST
    found = measure(subject, tried, most, first if first.is_file() else None)
    for each in found:
        if each.error and each.backend in named:
            raise each.error
    if not any(each.record for each in found):
        reasons = "; ".join(f"{each.backend}: {each.error}" for each in found)
        raise Unavailable(
            f"no backend here can measure '{subject.model}' ({reasons or 'none loads it'}): "
            "'emch list' says what each lacks"
        )
    return found


def _write(repo: Repo, subject: Subject, planned: Sequence[files.Planned]) -> None:
    """Write all files, the first answers of a function among them."""
    path = setup.benchmark_folder(repo) / render.FIRST
    answers = None
    if subject.function and not path.is_file():
        answers = answer_texts(encoder(subject.function), subject.batch_size)
    files.write(planned)
    if answers is not None:
        write_first(answers, path)
    begin(repo)
    if repo.is_new:
        commit_first(repo)


def _show_plan(repo: Repo, planned: Sequence[files.Planned]) -> None:
    """Print what would be written, as `diff -u` has it."""
    for each in planned:
        out.print(f"{each.path.relative_to(repo.root)}: {each.way}", soft_wrap=True)
    for each in planned:
        out.print(each.difference(repo.root), end="", soft_wrap=True)


def _say_what_is_next(repo: Repo, subject: Subject, planned: Sequence[files.Planned]) -> None:
    out.print()
    for each in planned:
        if each.way != "proposed":
            out.print(f"{each.path.relative_to(repo.root)}: {each.way}", soft_wrap=True)
    for each in planned:
        if each.way == "proposed":
            name = each.path.relative_to(repo.root)
            out.print(f"\n{name} is yours, and would have to become:", soft_wrap=True)
            out.print(each.difference(repo.root), end="", soft_wrap=True)
    begun = "All of it is committed" if repo.is_new else "Look at it and commit it"
    out.print(f"\n{begun}. Then:")
    says = {
        f"emch track --machine {shlex.quote(node())}": "the figures of this commit, by asv",
        "emch site": "a dashboard of all figures",
        f"emch compare HEAD~1{subject.compared}": "did the newest commit make it slower?",
    }
    width = max(map(len, says))
    for line, what in says.items():
        out.print(f"  {line:{width}}    # {what}", soft_wrap=True)
