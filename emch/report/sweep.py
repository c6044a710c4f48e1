"""A sweep of settings for people."""

from collections.abc import Iterator

from emch.bench.found import Found
from emch.bench.sweep import Swept, median_s, pareto
from emch.report.bench import Texts, show_latency

SETTING = ("batch", "threads", "streams")
HEADINGS = (*SETTING, "items/s", "of default", "median", "of default", "")


def sweep_tables(swept: Swept) -> Iterator[tuple[str, list[Texts]]]:
    """Yield what a table is, and its rows under `HEADINGS`: all settings, then the best again."""
    tried = [found for found in swept.tried if found.rounds]
    best = pareto(tried)
    yield "each setting alone", [_row(found, tried[0], best) for found in tried]
    again = [found for found in swept.again.found if found.rounds]
    yield (
        "the default and the best, in turn",
        [_row(found, swept.default, pareto(again)) for found in again],
    )


def _row(found: Found, default: Found, best: list[Found]) -> Texts:
    options = found.case.options
    faster = found.items_per_second / default.items_per_second
    slower = median_s(found) / median_s(default)
    return (
        str(found.case.batch_size),
        str(options.threads),
        str(options.streams),
        f"{found.items_per_second:,.1f}",
        f"{faster:.2f}x",
        show_latency(median_s(found)),
        f"{slower:.2f}x",
        "default" if found.case == default.case else "Pareto-best" if found in best else "",
    )


def advise(swept: Swept) -> Iterator[str]:
    """Yield the settings to take, each as a command line."""
    default = swept.default
    for what, found in (
        ("latency", swept.for_latency),
        ("throughput", swept.for_throughput),
    ):
        ratio = found.items_per_second / default.items_per_second
        yield (
            f"for {what}: {show_latency(median_s(found))} median, "
            f"{found.items_per_second:,.1f} items/s, {ratio:.2f} of the default's throughput"
        )
        yield f"  {_command(swept, found)}"
    for found in swept.tried:
        if found.error:
            yield f"not measured: {found.case.label}: {found.error}"
    if swept.left_out:
        yield f"{swept.left_out} settings were left out: give a longer --budget"


def _command(swept: Swept, found: Found) -> str:
    case, options = found.case, found.case.options
    return (
        f"emch bench {swept.again.plan.model.name} -e {case.engine} -b {case.batch_size} "
        f"-ncores {options.threads} -nstreams {options.streams} -s async"
    )
