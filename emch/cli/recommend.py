"""`emch recommend`: which backend to take, under one's own limits."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click

from emch.backends.registry import get_backend, make_options, open_model, require_available
from emch.cli.console import log, out, progress, say_quota, table
from emch.cli.parameters import parse_duration
from emch.compare.halving import Contender, Halving
from emch.compare.wishes import Wish, accuracy_wish, latency_wish, memory_wish
from emch.encoding.batching import BATCH_SIZE, tokenize
from emch.encoding.without_emch import python_lines
from emch.errors import EmchError, InvalidInput, Unavailable
from emch.measure.cpus import usable_cpus
from emch.metrics import METRICS
from emch.models.artifacts import open_artifact
from emch.models.resolve import resolve_model
from emch.models.source import DEFAULT_MODEL
from emch.models.tokenizer import load_tokenizer
from emch.percentiles import samples_needed
from emch.runners import fresh_process
from emch.runners.job import Job
from emch.tasks.base import Task
from emch.tasks.semantic_search import SemanticSearch
from emch.tasks.sentence_encoding import SentenceEncoding
from emch.tasks.text_encoding import TextEncoding
from emch.tracking.quickstart.choice import candidates
from emch.tracking.quickstart.subject import make_subject

PLACE = click.Path(path_type=Path)
THROUGHPUT = "encode_s"
SHOWN = ("peak_rss_bytes", "hit_rate", "cosine_to_reference")
SAMPLED_TEXTS = 1000


@dataclass(frozen=True)
class Asked:
    """What is measured.

    Attributes
    ----------
    model : str
        The key of the model.
    task : Task
        Encodes all texts, and searches where there are answers.
    latency : Task or None
        Times single calls, where latency is what counts.
    metric : str
        What is to be small.
    """

    model: str
    task: Task
    latency: Task | None
    metric: str

    def run(self, backend: str) -> tuple[float, Mapping[str, float]]:
        """Run a backend once, its answers checked; return the cost and all figures."""
        figures = self._run(backend, self.task)
        if self.latency is not None:
            figures = {**figures, **self._run(backend, self.latency)}
        if self.metric not in figures:
            raise Unavailable(f"the backend '{backend}' has too few calls for {self.metric}")
        return figures[self.metric], figures

    def again(self, backend: str) -> tuple[float, Mapping[str, float]]:
        """Run what gives the cost alone."""
        figures = self._run(backend, self.latency or self.task)
        return figures[self.metric], figures

    def _run(self, backend: str, task: Task) -> Mapping[str, float]:
        options = make_options(backend, threads=usable_cpus())
        job = Job(task=task, backend=backend, model=self.model, options=options)
        return fresh_process.run(job).values()


@click.command()
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="A prepared model.")
@click.option(
    "--data", type=PLACE, metavar="DIR", help="Queries, documents and answers, as BEIR has them."
)
@click.option("--texts", type=PLACE, metavar="FILE", help="Texts alone: one a line, or JSON lines.")
@click.option("--memory", metavar="SIZE", help="The most memory of the process, such as 300MiB.")
@click.option(
    "--hit-rate", "rate", metavar="RATE",
    help="The least hit rate: 0.44, or 'within 0.005' of that in fp32.",
)  # fmt: skip
@click.option(
    "--latency", metavar="PERCENTILE[:TIME]",
    help="What counts is a call, as p99; with a time, as p99:20ms, no call takes more.",
)  # fmt: skip
@click.option("--throughput", is_flag=True, help="What counts is all texts.  [default]")
@click.option(
    "--batch", type=click.IntRange(1), help="Texts at a time.  [default: 16; 1 of a call]"
)
@click.option("--backend", "named", multiple=True, metavar="NAME", help="One of these; again.")
@click.option(
    "--budget", default="10m", show_default=True, callback=parse_duration, metavar="DURATION",
    help="The time for all runs; each backend has its first one in any case.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(
    model: str, data: Path | None, texts: Path | None, memory: str | None, rate: str | None,
    latency: str | None, throughput: bool, batch: int | None, named: tuple[str, ...],
    budget: float, as_json: bool,
) -> None:  # fmt: skip
    """Say which backend to take for a model and texts, and how a program loads it without emch.

    Every backend that is here is run once in a fresh process, its answers checked against the
    reference; those that keep your limits are halved again and again by speed, and the last two
    are run in turn. It ends with 1 if none keeps the limits.
    """
    if latency and throughput:
        raise click.UsageError("--latency and --throughput: choose one of them")
    if rate and texts:
        raise click.UsageError("--hit-rate needs answers: give --data in place of --texts")
    wishes = [memory_wish(memory)] if memory else []
    if latency and (wish := latency_wish(latency)[1]):
        wishes.append(wish)
    if rate:
        accuracy_wish(rate, [1.0])  # a wrong one is told at once
    key = resolve_model(model)
    asked = _ask(key, data, texts, batch, latency)
    names = _names(key, named)
    say_quota()
    search = Halving(names, asked.run, budget)
    with progress.status("") as status:
        for each in search.first_round():
            status.update(f"{each.name}: {'failed' if each.error else 'measured'} ...")
    measured = [each for each in search.contenders if not each.error]
    if not measured:
        raise Unavailable(f"no backend could be measured; {names[0]}: {search.contenders[0].error}")
    if rate:
        wishes.append(accuracy_wish(rate, _rates(measured)))
    fit = [each for each in measured if all(wish.is_met(each.figures) for wish in wishes)]
    search.run_by(asked.again)
    with progress.status("") as status:
        for each in search.go_on(fit):
            status.update(f"{each.name}: run {len(each.costs)} ...")
    found = _found(asked, search, measured, wishes)
    click.echo(json.dumps(found)) if as_json else _show(asked, model, search, wishes, found)
    raise SystemExit(0 if fit else 1)


def _ask(
    key: str, data: Path | None, texts: Path | None, batch: int | None, latency: str | None
) -> Asked:
    """Make the tasks.

    Raises
    ------
    InvalidInput
        The texts cannot be read.
    """
    subject = make_subject(key, key, data, texts, None)
    size = batch if batch and not latency else BATCH_SIZE
    task: Task
    if texts:
        task = TextEncoding(dataset=subject.dataset, file=str(subject.file), batch_size=size)
    else:
        folder = str(subject.data) if subject.data else None
        task = SemanticSearch(dataset=subject.dataset, data=folder, batch_size=size)
    task.require_inputs(make_options("stub", threads=usable_cpus()))
    if latency is None:
        return Asked(key, task, None, THROUGHPUT)
    metric, _ = latency_wish(latency)
    calls = max(100, samples_needed(int(latency[1:3])))
    timed = SentenceEncoding(
        dataset=f"sentences-{_usual_tokens(key, task)}", batch_size=batch or 1, min_calls=calls
    )
    return Asked(key, task, timed, metric)


def _usual_tokens(key: str, task: Task) -> int:
    """Return the median of the tokens of the texts, which a call is timed on."""
    texts = task.texts.documents if isinstance(task, SemanticSearch) else task.texts  # type: ignore[attr-defined]
    tokenizer = load_tokenizer(open_artifact(key, "safetensors").folder)
    return int(median(map(len, tokenize(tokenizer, texts[:SAMPLED_TEXTS]))))


def _names(key: str, named: Sequence[str]) -> list[str]:
    for name in named:
        require_available(name)
    if names := [*named] or candidates(key):
        return names
    raise Unavailable("no backend here can load this model: 'emch list' says what each lacks")


def _rates(measured: Sequence[Contender]) -> list[float]:
    """Return the hit rates that others are held against: those in fp32, or all."""
    every = {each.name: each.figures["hit_rate"] for each in measured if "hit_rate" in each.figures}
    if not every:
        raise InvalidInput("--hit-rate: nothing that was measured has one")
    exact = [rate for name, rate in every.items() if get_backend(name).precision == "fp32"]
    return exact or [*every.values()]


def _found(
    asked: Asked, search: Halving, measured: Sequence[Contender], wishes: Sequence[Wish]
) -> dict[str, Any]:
    """Return all that was found, as JSON has it."""
    ratio = search.ratio
    take = search.left[0] if search.left else None
    return {
        "metric": asked.metric,
        "take": take.name if take else None,
        "runner_up": search.left[1].name if len(search.left) > 1 else None,
        "ratio": [ratio.ratio, ratio.low, ratio.high] if ratio else None,
        "limits": {wish.option: _price(wish, wishes, measured, take) for wish in wishes},
        "backends": {
            each.name: {"costs": each.costs, "error": str(each.error or ""), **each.figures}
            for each in search.contenders
        },
    }


def _price(
    wish: Wish, wishes: Sequence[Wish], measured: Sequence[Contender], take: Contender | None
) -> dict[str, Any]:
    """Return what would be taken without a limit, and its cost relative to what is."""
    others = [each for each in wishes if each is not wish]
    able = [each for each in measured if all(other.is_met(each.figures) for other in others)]
    best = min(able, key=lambda each: each.cost, default=None)
    ratio = best.cost / take.cost if best and take else None
    return {"without": best.name if best else None, "ratio": ratio}


def _show(
    asked: Asked, model: str, search: Halving, wishes: Sequence[Wish], found: Mapping[str, Any]
) -> None:
    _show_table(asked, search, wishes)
    for each in search.contenders:
        if each.error:
            out.print(f"{each.name} has no figures: {each.error}", soft_wrap=True)
    out.print()
    if not search.left:
        wanted = ", ".join(wish.option for wish in wishes)
        log(f"no backend here keeps {wanted}: allow more, or measure others with --backend")
        return
    take = search.left[0]
    out.print(f"Take {take.name}{_against(search)}.", soft_wrap=True)
    for option, price in found["limits"].items():
        if price["without"] == take.name:
            out.print(f"{option} costs nothing: {take.name} is the best without it too.")
        elif price["without"]:
            out.print(
                f"Without {option} it would be {price['without']}, at {price['ratio']:.2f} of the "
                "time.",
                soft_wrap=True,
            )
    _show_program(asked, model, take.name)


def _show_table(asked: Asked, search: Halving, wishes: Sequence[Wish]) -> None:
    measured = [each for each in search.contenders if not each.error]
    best = min(each.cost for each in measured)
    shown = [name for name in SHOWN if any(name in each.figures for each in measured)]
    headings = [METRICS[asked.metric].heading, "of the best", "runs"]
    headings += [METRICS[name].heading for name in shown]
    made = table("backend", *headings, "limits", numbers=frozenset(headings))
    for each in sorted(measured, key=lambda each: each.cost):
        broken = [wish.option.split()[0] for wish in wishes if not wish.is_met(each.figures)]
        made.add_row(
            each.name,
            METRICS[asked.metric].show(each.cost),
            f"{each.cost / best:.2f}",
            str(len(each.costs)),
            *(METRICS[n].show(each.figures[n]) if n in each.figures else "" for n in shown),
            f"not {', '.join(broken)}" if broken else "",
        )
    out.print(made)


def _against(search: Halving) -> str:
    """Say how the best stands to the second."""
    if len(search.left) < 2:
        return "; no other keeps the limits" if len(search.contenders) > 1 else ""
    ratio, second = search.ratio, search.left[1].name
    if ratio is None:
        return f"; {second} comes next, and the budget ended before both were run in turn"
    words = f"{ratio.ratio:.3f} ({ratio.low:.3f} to {ratio.high:.3f}) of {second}, run in turn"
    return f": {words}" if ratio.high < 1 else f", or {second}: {words}, so they are the same"


def _show_program(asked: Asked, model: str, name: str) -> None:
    task = asked.latency or asked.task
    options = [f"--backend {name}", f"--batch-size {task.batch_size}"]
    options += [f"--model {model}"] if model != DEFAULT_MODEL else []
    options.append(f"--dataset {task.dataset}")
    if folder := getattr(task, "data", None):
        options.append(f"--data {folder}")
    if file := getattr(task, "file", None):
        options.append(f"--file {file}")
    out.print(f"\n  emch run {task.name} {' '.join(options)}", soft_wrap=True)
    try:
        folder = open_model(name, asked.model).folder
    except EmchError:
        return
    if lines := python_lines(get_backend(name), folder, usable_cpus()):
        out.print("\nWithout emch:\n")
        out.print(lines, soft_wrap=True)
    else:
        out.print(f"\nFrom Python: emch.encoder({name!r}).encode(texts)")
