"""Options of the command line out of the fields of a dataclass, so that each is declared once.

A field is an option where its metadata has a `help`. Beside it the metadata may have

default    what stands where the option is left out; else it is the field's own default
otherwise  what a default of None comes to, in words
choices    the values that there are
metavar    what stands for the value
path       that the value is a file or a folder, which becomes an absolute path
"""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click


class AbsolutePath(click.Path):
    """A file or a folder, which the measured process is told by its absolute path."""

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Return the absolute path."""
        return str(Path(str(super().convert(value, param, ctx))).absolute())


def options_of(kind: type) -> Iterator[click.Option]:
    """Yield an option for each field of a dataclass that has a help, in their order.

    Whole numbers are 1 or more and others above 0; what is true or false is a flag.
    """
    types = get_type_hints(kind)
    for each in fields(kind):
        if "help" in each.metadata:
            yield _option(each, types[each.name])


def _option(field: Field[Any], kind: Any) -> click.Option:
    default = field.metadata.get("default", field.default)
    words = field.metadata["help"]
    if otherwise := field.metadata.get("otherwise"):
        words, default = f"{words}  [default: {otherwise}]", None
    # To click a default of None is a default, and what has one is never missing.
    given = {} if default in (MISSING, None) else {"default": default}
    return click.Option(
        [f"--{field.name.replace('_', '-')}"],
        type=_type(field, (kind, *get_args(kind))),
        is_flag=kind is bool,
        required=default is MISSING,
        show_default=bool(given) and kind is not bool,
        metavar=field.metadata.get("metavar"),
        help=words,
        **given,
    )


def _type(field: Field[Any], kinds: tuple[Any, ...]) -> Any:
    if choices := field.metadata.get("choices"):
        return click.Choice(choices)
    if field.metadata.get("path"):
        return AbsolutePath()
    if bool in kinds:
        return bool
    if float in kinds:
        return click.FloatRange(0, min_open=True)
    return click.IntRange(1) if int in kinds else str
