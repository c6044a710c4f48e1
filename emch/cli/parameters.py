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
