"""Holds a backend against the whole contract, in a process of its own.

    python -m emch.runners.contract.hold BACKEND MODEL RESULT

RESULT becomes a JSON file with {check: [what fails, a sentence each]}, or with the error; null
in place of a list means that a check does not apply.
"""

import json
import sys
import tempfile
from functools import partial
from pathlib import Path

from emch.backends.registry import require_available
from emch.cache import replace_file
from emch.errors import CheckRaised, in_words
from emch.runners.contract import answers, sessions
from emch.runners.contract.subject import Check, DoesNotApply, Found, Subject
from emch.runners.fresh_process import run_worker
from emch.runners.job import CONTRACT
from emch.runners.worker import hand_over

CHECKS: dict[str, Check] = {
    check.__name__.replace("_", " "): check
    for check in (
        answers.embeddings_are_rows_of_float32,
        answers.probes_agree_with_the_reference,
        answers.padding_changes_no_embedding,
        answers.order_of_texts_is_kept,
        answers.empty_text_has_an_embedding_of_its_own,
        answers.no_texts_give_no_rows,
        answers.overlong_text_is_cut_at_the_limit,
        answers.same_call_gives_the_same_bits,
        sessions.session_reports_what_was_asked_for,
        sessions.loading_leaves_the_garbage_collector_on,
        sessions.one_thread_keeps_one_cpu_busy,
        sessions.padding_is_masked,
        sessions.network_answers_as_the_session_does,
        sessions.two_streams_are_honoured_or_refused,
        sessions.gpu_that_is_not_here_is_unavailable,
        sessions.unknown_option_is_never_passed_over,
        sessions.compilations_are_counted_once,
        sessions.view_of_a_known_shape_is_not_compiled_for,
    )
}
"""The contract, by the words for each part of it."""


def hold(backend: str, model: str) -> Found:
    """Hold a backend against the contract in a process of its own.

    Parameters
    ----------
    backend, model : str
        The backend by its name, and the key of the prepared model.

    Raises
    ------
    EmchError
        The backend cannot be loaded; see `emch.backends.registry.load_session`.
    ChildFailed
        The engine ended the process.
    """
    require_available(backend)
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, "-P", "-m", __name__, backend, model, str(result)]
        _, found = run_worker(command, result, {"HF_HUB_OFFLINE": "1"})
    checks: Found = found["checks"]
    return checks


def find_faults(check: Check, subject: Subject) -> list[str] | None:
    """Return what a check finds, or None; an engine that raises in it fails it."""
    try:
        return _check(check, subject)
    except DoesNotApply:
        return None
    except CheckRaised as raised:
        return [str(raised)]


def _check(check: Check, subject: Subject) -> list[str]:
    try:
        return list(check(subject))
    except DoesNotApply:
        raise
    except Exception as error:  # every engine raises its own types
        raise CheckRaised(f"the backend raises {in_words(error)}") from error


def main(backend: str, model: str, result: str) -> None:
    """Run as described above; a backend that cannot be loaded is an error, and no finding."""
    sys.excepthook = partial(hand_over, Path(result))
    subject = Subject(backend, model)
    _ = subject.loaded
    found = {name: find_faults(check, subject) for name, check in CHECKS.items()}
    replace_file(Path(result), json.dumps({"contract": CONTRACT, "checks": found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
