"""The options of `emch bench`, with the names that people know from deepsparse.benchmark."""

from pathlib import Path
from typing import Any

import click

from emch.bench.asked import SECONDS, TIMEOUT_S, WARMUP_S
from emch.cli.fields import options_of
from emch.cli.parameters import parse_names, parse_numbers, parse_seconds
from emch.scenarios.registry import SCENARIOS


def _option(names: str, words: str, **more: Any) -> click.Option:
    """Return an option; its names are separated by spaces."""
    return click.Option(names.split(), help=words, **more)


def _seconds(names: str, words: str, default: float) -> click.Option:
    return _option(
        names,
        words,
        metavar="SECONDS",
        default=f"{default:g}",
        show_default=True,
        callback=parse_seconds,
    )


def _count(names: str, words: str) -> click.Option:
    return _option(names, words, type=click.IntRange(1))


ASKED = (
    _option(
        "-e --engine engines",
        "Backends as 'emch list' shows them, or package.module:Class, with commas between.  "
        "[default: that of the file]",
        metavar="NAMES",
        callback=parse_names,
    ),
    _option(
        "-b --batch-size batch_sizes",
        "Items of a request, with commas between.  [default: that of the shapes, or 1]",
        metavar="NUMBERS",
        callback=parse_numbers,
    ),
    _option(
        "-shapes --input-shapes shapes",
        'Of the inputs, in their order, as in "[1,128],[1,128]".',
        metavar="SHAPES",
    ),
    _option("--dim dims", "Size of a free axis.", multiple=True, metavar="NAME=SIZE"),
    _option(
        "--lengths",
        "What the lengths of sequences are drawn from: 16,32,128, or a file with a text in each "
        "line.",
        metavar="LENGTHS",
    ),
    _option(
        "--inputs",
        "An .npz file with an array for each input.",
        type=click.Path(path_type=Path),
        metavar="FILE",
    ),
    _option(
        "--seed",
        "Of the inputs and the arrivals.",
        type=click.IntRange(0),
        default=0,
        show_default=True,
    ),
    _count("-ncores --num-cores cores", "Threads of an engine.  [default: usable CPUs]"),
    _count(
        "-nstreams --num-streams streams",
        "Calls of an engine at once.  [default: half the cores, at least 2; 1 for sync]",
    ),
    _option("--oversubscribe", "Allow more threads than usable CPUs.", is_flag=True),
    _seconds("-t --time seconds", "How long each case is measured.", SECONDS),
    _count("--iterations", "Requests of each case, in place of a time."),
    _seconds(
        "-w --warmup-time warmup_s", "How long each case runs before it is measured.", WARMUP_S
    ),
    _seconds(
        "--timeout timeout_s",
        "How long an engine may take to load, or to answer when its time is over, before it is "
        "killed.",
        TIMEOUT_S,
    ),
    _option(
        "--tolerance",
        "What the outputs of engines may differ by, in parts of their greatest number.  "
        "[default: 0.001 in fp32, 0.1 in bf16, 0.5 in int8]",
        type=click.FloatRange(0),
        metavar="PART",
    ),
)
"""What `emch.bench.asked.Asked` has a field for."""

SCENARIO = _option(
    "-s --scenario",
    "How requests arrive.",
    type=click.Choice([*SCENARIOS]),
    default="sync",
    show_default=True,
)

OUTPUT = (
    _option("-q --quiet", "Write no progress and no remarks.", is_flag=True),
    _option(
        "-x --export-path export",
        "Write all samples and the environment as JSON to FILE; - is stdout.",
        metavar="FILE",
    ),
    _option("--csv", "Write the table to FILE; - is stdout.", metavar="FILE"),
)


def of_scenarios() -> dict[str, click.Option]:
    """Return the options of all scenarios, by their names."""
    every = (option for kind in SCENARIOS.values() for option in options_of(kind))
    return {str(option.name): option for option in every}
