"""What `emch recommend` tells: a table, a choice, a program."""

from collections.abc import Mapping, Sequence
from typing import Any

from emch.backends.registry import get_backend, open_model
from emch.cli.console import log, out, table
from emch.cli.recommend_asked import Asked
from emch.compare.halving import Contender, Halving
from emch.compare.wishes import Wish
from emch.encoding.without_emch import python_lines
from emch.errors import EmchError
from emch.measure.cpus import usable_cpus
from emch.metrics import METRICS
from emch.models.source import DEFAULT_MODEL

SHOWN = ("peak_rss_bytes", "hit_rate", "cosine_to_reference")


def as_found(
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


def show(
    asked: Asked, model: str, search: Halving, wishes: Sequence[Wish], found: Mapping[str, Any]
) -> None:
    """Print the table, what failed, the choice with its price, and how to take it."""
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
        if len(search.contenders) == 1:
            return ""
        able = [each for each in search.contenders if not each.error]
        return f"; no other {'keeps the limits' if len(able) > 1 else 'could be measured'}"
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
