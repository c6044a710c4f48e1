"""What is asked for is used, or there is an error; what is not asked for is the engine's choice."""

from typing import Any

import pytest

from emch.backends.base import Options, SessionInfo, require_honoured
from emch.backends.onnxruntime.asked import OnnxRuntimeInfo, OnnxRuntimeOptions
from emch.backends.registry import make_options
from emch.encoding.encoder import encoder
from emch.errors import InvalidInput, OptionNotHonoured

INFO = OnnxRuntimeInfo(
    threads=4,
    precision="fp32",
    provider="p",
    library="engine 1.0",
    streams=2,
    device="cpu",
    optimization="all",
)


def test_what_is_not_asked_for_is_the_choice_of_the_engine() -> None:
    nothing = OnnxRuntimeOptions(threads=4, streams=2)
    require_honoured(INFO, nothing, "fp32")
    everything = OnnxRuntimeOptions(threads=4, streams=2, provider="p", optimization="all")
    require_honoured(INFO, everything, "fp32")


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
    asked = OnnxRuntimeOptions(**{"threads": 4, "streams": 2, **options})
    with pytest.raises(OptionNotHonoured, match=f"engine 1.0 was asked for {words}"):
        require_honoured(INFO, asked, precision)


def test_option_that_the_account_says_nothing_of_is_not_honoured() -> None:
    info = SessionInfo(threads=4, precision="fp32", provider="p", library="engine 1.0")
    with pytest.raises(OptionNotHonoured, match="optimization all and uses None"):
        require_honoured(info, OnnxRuntimeOptions(threads=4, optimization="all"), "fp32")


def test_options_are_those_of_the_backend_and_no_others() -> None:
    made = make_options("onnxruntime", threads=1, provider="p", optimization=None)
    assert made == OnnxRuntimeOptions(threads=1, provider="p")
    assert make_options("pytorch", threads=1, provider=None) == Options(threads=1)
    with pytest.raises(OptionNotHonoured, match="'pytorch' has no provider: p was asked for"):
        make_options("pytorch", threads=1, provider="p")


@pytest.mark.usefixtures("empty_cache")
def test_unknown_device_is_invalid() -> None:
    with pytest.raises(InvalidInput, match="unknown device 'abacus'"):
        encoder("stub", device="abacus")
