"""`emch recommend`: which backend to take, under one's own limits."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from emch.backends.registry import get_backend, require_available
from emch.cli.console import progress, say_quota
from emch.cli.parameters import parse_duration
from emch.cli.recommend_asked import ask
from emch.cli.recommend_result import as_found, show
from emch.compare.halving import Contender, Halving
from emch.compare.wishes import accuracy_wish, latency_wish, memory_wish
from emch.errors import InvalidInput, Unavailable
from emch.models.resolve import resolve_model
from emch.models.source import DEFAULT_MODEL
from emch.tracking.quickstart.choice import candidates

PLACE = click.Path(path_type=Path)


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
    asked = ask(key, data, texts, batch, latency)
    names = _names(key, named)
    say_quota()
    search = Halving(names, asked.run, asked.again, budget)
    with progress.status("") as status:
        for each in search.first_round():
            status.update(f"{each.name}: {'failed' if each.error else 'measured'} ...")
    measured = _measured(search)
    if rate:
        wishes.append(accuracy_wish(rate, _rates(measured)))
    fit = [each for each in measured if all(wish.is_met(each.figures) for wish in wishes)]
    with progress.status("") as status:
        for each in search.go_on(fit):
            status.update(f"{each.name}: run {len(each.costs)} ...")
    found = as_found(asked, search, _measured(search), wishes)
    click.echo(json.dumps(found)) if as_json else show(asked, model, search, wishes, found)
    raise SystemExit(0 if search.left else 1)


def _names(key: str, named: Sequence[str]) -> list[str]:
    for name in named:
        require_available(name)
    if names := [*named] or candidates(key):
        return names
    raise Unavailable("no backend here can load this model: 'emch list' says what each lacks")


def _measured(search: Halving) -> list[Contender]:
    """Return those none of whose runs failed, at least one."""
    if found := [each for each in search.contenders if not each.error]:
        return found
    one = search.contenders[0]
    raise Unavailable(f"no backend could be measured; {one.name}: {one.error}")


def _rates(measured: Sequence[Contender]) -> list[float]:
    """Return the hit rates that others are held against: those in fp32, or all."""
    every = {each.name: each.figures["hit_rate"] for each in measured if "hit_rate" in each.figures}
    if not every:
        raise InvalidInput("--hit-rate: nothing that was measured has one")
    exact = [rate for name, rate in every.items() if get_backend(name).precision == "fp32"]
    return exact or [*every.values()]
