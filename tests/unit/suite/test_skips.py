"""What becomes a skip in asv, and what does not."""

import pytest
from asv_runner.benchmarks.mark import SkipNotImplemented

from emch.errors import EmchError, LoadFailed, Overloaded, Unavailable, WrongAnswer
from emch.suite import skipped_if_unavailable


@pytest.mark.parametrize("error", [Unavailable, Overloaded])
def test_what_cannot_be_measured_here_is_skipped_with_its_reason(
    error: type[EmchError], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SkipNotImplemented, match="the reason"), skipped_if_unavailable():
        raise error("the reason")
    assert capsys.readouterr().err == "skipped: the reason\n"


@pytest.mark.parametrize("error", [WrongAnswer, LoadFailed])
def test_what_is_wrong_fails(error: type[EmchError]) -> None:
    with pytest.raises(error), skipped_if_unavailable():
        raise error("the reason")
