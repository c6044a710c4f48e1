"""`emch bench`: any network, on any engine, under any load."""

import sys
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from emch.bench.alternate import Bench
from emch.bench.asked import Asked, plan_of
from emch.bench.probe import probe
from emch.bench.result import to_json
from emch.bench.table import to_csv
from emch.cli.bench_options import ASKED, OUTPUT, SCENARIO, of_scenarios
from emch.cli.bench_progress import following
from emch.cli.console import out, require_writable, say_quota, table, write_whole
from emch.report import bench as report
from emch.scenarios.registry import SCENARIOS
from emch.scenarios.scenario import Scenario
from emch.scenarios.server import Server

SETTINGS = {
    "help_option_names": ["-h", "--help"],
    # The names of deepsparse.benchmark have underscores.
    "token_normalize_func": lambda name: name.replace("_", "-"),
}


SUMMARY = """Measure the latency and the throughput of MODEL under a load.

MODEL is an ONNX file, one of OpenVINO (.xml), or a prepared model by its folder, name or Hub id.
It is not written to. Several engines and batch sizes are measured in turn, each in a process of
its own, and their outputs are compared.
"""


def bench(export: str | None, csv: str | None, quiet: bool, **given: Any) -> None:
    """Do what the command line says."""
    for option, target in (("--export-path", export), ("--csv", csv)):
        if target not in (None, "-"):
            require_writable(option, Path(str(target)))
    scenario = _scenario(given)
    asked = Asked(scenario=scenario, **given)
    if not quiet:
        say_quota()
    plan = plan_of(asked, partial(probe, timeout_s=asked.timeout_s))
    with following(plan, quiet=quiet) as told:
        found = Bench(plan, told)
        stopped = _measure(found)
    _hand_over(found, export, csv)
    if stopped is not None:
        raise stopped
    found.require_fine()


def _measure(bench: Bench) -> KeyboardInterrupt | None:
    """Measure; return what stopped it early, if something did."""
    try:
        bench.measure()
    except KeyboardInterrupt as stop:
        if not any(found.rounds for found in bench.found):
            raise
        return stop
    return None


def _scenario(given: dict[str, Any]) -> Scenario:
    """Take the scenario and its parameters out of the options.

    Raises
    ------
    UsageError
        An option is given that the scenario does not have, or one that it needs is not.
    """
    kind = SCENARIOS[given.pop("scenario")]
    context = click.get_current_context()
    own = {"seed": given["seed"]} if "seed" in _names(kind) else {}
    for name, option in of_scenarios().items():
        value = given.pop(name)
        if name in _names(kind):
            own[name] = value
        elif context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            owners = [each for each, other in SCENARIOS.items() if name in _names(other)]
            raise click.UsageError(
                f"{option.opts[0]} belongs to the scenario {' or '.join(owners)}, "
                f"and not to {kind.name}"
            )
    if kind is Server and own["request_rate"] is None:
        raise click.UsageError("the scenario 'server' needs --request-rate, in requests per second")
    return kind(**own)


def _names(kind: type[Scenario]) -> set[str]:
    return {each.name for each in fields(kind)}


def _hand_over(bench: Bench, export: str | None, csv: str | None) -> None:
    """Write the files that are asked for, and the tables unless one of them goes to stdout."""
    if export is not None:
        _write("--export-path", export, to_json(bench, ["emch", *sys.argv[1:]]) + "\n")
    if csv is not None:
        _write("--csv", csv, to_csv(bench.found))
    if "-" not in (export, csv):
        _show(bench)


def _write(option: str, target: str, text: str) -> None:
    if target == "-":
        click.echo(text, nl=False)
    else:
        write_whole(option, Path(target), text)


def _show(bench: Bench) -> None:
    """Print what was measured, for people."""
    for line in report.introduce(bench):
        out.print(line)
    for headings, rows in ((report.SPEED, report.speeds(bench)), (report.REST, report.rest(bench))):
        made = table(*headings, numbers=frozenset(headings[1:]))
        for row in rows:
            made.add_row(*row)
        out.print()
        out.print(made)
    for lines in (report.distributions(bench), report.answers(bench)):
        out.print()
        for line in lines:
            out.print(line)


command = click.Command(
    "bench",
    params=[
        click.Argument(["model"]),
        SCENARIO,
        *ASKED,
        *of_scenarios().values(),
        *OUTPUT,
    ],
    callback=bench,
    help=SUMMARY,
    context_settings=SETTINGS,
)
