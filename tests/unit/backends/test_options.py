"""What is asked for is used, or there is an error; what is not asked for is the engine's choice."""

from typing import Any

import pytest

from emch.backends.base import Options, SessionInfo, require_honoured
from emch.encoding.encoder import encoder
from emch.errors import InvalidInput, OptionNotHonoured

INFO = SessionInfo(
    threads=4,
    precision="fp32",
    provider="p",
    library="engine 1.0",
    streams=2,
    device="cpu",
    optimization="all",
)


def test_what_is_not_asked_for_is_the_choice_of_the_engine() -> None:
    require_honoured(INFO, Options(threads=4, streams=2), "fp32")
    require_honoured(INFO, Options(threads=4, streams=2, provider="p", optimization="all"), "fp32")


@pytest.mark.parametrize(
    ("options", "precision", "words"),
    [
        ({"threads": 2}, "fp32", "threads 2 and uses 4"),
        ({}, "int8", "precision int8 and uses fp32"),
        ({"streams": 1}, "fp32", "streams 1 and uses 2"),
        ({"device": "cuda"}, "fp32", "device cuda and uses cpu"),
        ({"provider": "q"}, "fp32", "provider q and uses p"),
        ({"optimization": "basic"}, "fp32", "optimization basic and uses all"),
    ],
)
def test_option_that_is_not_honoured_is_an_error(
    options: dict[str, Any], precision: str, words: str
) -> None:
    asked = Options(**{"threads": 4, "streams": 2, **options})
    with pytest.raises(OptionNotHonoured, match=f"engine 1.0 was asked for {words}"):
        require_honoured(INFO, asked, precision)


@pytest.mark.usefixtures("empty_cache")
def test_unknown_device_is_invalid() -> None:
    with pytest.raises(InvalidInput, match="unknown device 'abacus'"):
        encoder("stub", device="abacus")
