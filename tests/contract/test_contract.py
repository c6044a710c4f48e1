"""What every backend owes its user; `emch doctor --backend` makes the same checks."""

import pytest

from emch.runners.contract.hold import CHECKS, find_faults
from emch.runners.contract.subject import Subject


@pytest.mark.parametrize("check", CHECKS)
def test_contract_is_held(subject: Subject, check: str) -> None:
    faults = find_faults(CHECKS[check], subject)
    if faults is None:
        pytest.skip("it does not apply to a backend of this kind, or on this machine")
    assert faults == []
