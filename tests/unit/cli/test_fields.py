"""A field of a dataclass is an option of the command line, with its type, default and words."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest

from emch.cli.fields import options_of


@dataclass(frozen=True, kw_only=True)
class Made:
    """Every kind of field that there is."""

    needed: str = field(metadata={"help": "Needed."})
    suggested: str = field(metadata={"default": "one", "help": "Suggested."})
    count: int = field(default=3, metadata={"help": "Count."})
    limit: int | None = field(default=None, metadata={"help": "Limit.", "otherwise": "all"})
    loud: bool = field(default=False, metadata={"help": "Loud."})
    rate: float = field(default=2.5, metadata={"help": "Rate."})
    kind: str = field(default="a", metadata={"choices": ("a", "b"), "help": "Kind."})
    where: str | None = field(default=None, metadata={"path": True, "help": "Where."})
    hidden: float = 1.0


def parse(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    params: list[click.Parameter] = [*options_of(Made)]
    command = click.Command("made", params=params, callback=lambda **given: found.update(given))
    command.main([*arguments], standalone_mode=False)
    return found


def test_what_is_left_out_has_its_default() -> None:
    assert parse("--needed", "x") == {
        "needed": "x", "suggested": "one", "count": 3, "limit": None, "loud": False,
        "rate": 2.5, "kind": "a", "where": None,
    }  # fmt: skip


def test_values_have_the_type_of_the_field() -> None:
    found = parse(
        "--needed",
        "x",
        "--count",
        "7",
        "--limit",
        "2",
        "--loud",
        "--where",
        "there",
        "--rate",
        "0.1",
    )
    assert (found["count"], found["limit"], found["loud"]) == (7, 2, True)
    assert found["rate"] == 0.1
    assert found["where"] == str(Path("there").absolute())


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--needed", "x", "--count", "0"),
        ("--needed", "x", "--count", "many"),
        ("--needed", "x", "--rate", "0"),
        ("--needed", "x", "--rate", "fast"),
        ("--needed", "x", "--kind", "c"),
        ("--needed", "x", "--hidden", "2"),
    ],
)
def test_what_the_field_does_not_take_is_bad_usage(arguments: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError):
        parse(*arguments)


def test_help_has_the_words_and_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    params: list[click.Parameter] = [*options_of(Made)]
    click.Command("made", params=params).main(["--help"], standalone_mode=False)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "--needed TEXT Needed. [required]" in lines
    assert "--suggested TEXT Suggested. [default: one]" in lines
    assert "--limit INTEGER RANGE Limit. [default: all] [x>=1]" in lines
    assert "--loud Loud." in lines
