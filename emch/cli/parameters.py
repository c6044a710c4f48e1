"""Callbacks that read the values of options which click has no type for."""

import re

import click

UNITS = {"s": 1, "m": 60, "h": 3600}


def parse_percent(_: click.Context, __: click.Parameter, text: str) -> float:
    """Read '3%' as 0.03."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", text)
    if match is None:
        raise click.BadParameter(f"'{text}' is not a percentage such as 3%")
    return float(match[1]) / 100


def parse_duration(_: click.Context, __: click.Parameter, text: str) -> float:
    """Read '10m' as 600.0."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh])", text)
    if match is None or float(match[1]) == 0:
        raise click.BadParameter(f"'{text}' is not a duration such as 90s, 10m or 1h")
    return float(match[1]) * UNITS[match[2]]


def parse_regex(_: click.Context, __: click.Parameter, text: str | None) -> re.Pattern[str] | None:
    """Read a regular expression."""
    if text is None:
        return None
    try:
        return re.compile(text)
    except re.error as error:
        raise click.BadParameter(f"'{text}' is no regular expression ({error})") from error


def parse_seconds(_: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    """Read '10', '500ms' or '2m' as seconds; 0 is no time, unless that is for warming up."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|[smh]?)", text)
    zero = parameter.name == "warmup_s"
    if match is None or (float(match[1]) == 0 and not zero):
        least = "of 0 or more" if zero else "above 0"
        raise click.BadParameter(f"'{text}' is no time {least}, such as 10, 500ms or 2m")
    return float(match[1]) * {**UNITS, "": 1, "ms": 1e-3}[match[2]]


def parse_numbers(_: click.Context, __: click.Parameter, text: str | None) -> tuple[int, ...]:
    """Read '1,8,32' as whole numbers from 1 on, each once."""
    parts = [part.strip() for part in (text or "").split(",")]
    if text is None:
        return ()
    if not all(part.isdecimal() and int(part) >= 1 for part in parts):
        raise click.BadParameter(f"'{text}' are no whole numbers from 1 on, such as 8 or 1,8,32")
    return tuple(dict.fromkeys(map(int, parts)))


def parse_names(_: click.Context, __: click.Parameter, text: str | None) -> tuple[str, ...]:
    """Read 'one,two' as names, each once."""
    names = [part.strip() for part in (text or "").split(",")]
    if text is None:
        return ()
    if not all(names):
        raise click.BadParameter(f"'{text}' has an empty name in it")
    return tuple(dict.fromkeys(names))
