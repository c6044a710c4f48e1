"""What a cell loaded and where its time goes, for `emch compare` where that has changed."""

from collections import defaultdict
from contextlib import suppress
from typing import Any

import numpy as np

from emch.backends.base import Session
from emch.encoding.encoder import Encoder
from emch.errors import Unavailable
from emch.models.source import DEFAULT_MODEL
from emch.suite.cells import loaded
from emch.tasks.sentence_encoding import batches_for

CALLS = 20


def explanation(
    backend: str, dataset: str | None = None, batch_size: int = 1, model: str = DEFAULT_MODEL
) -> dict[str, Any]:
    """Return the artifact and the operators of a backend that was loaded before.

    Parameters
    ----------
    backend : str
        The name of the backend.
    dataset : str, optional
        Of sentences; without one the operators are left out.
    batch_size : int
        Sentences at a time.
    model : str
        The model, by the name that it was loaded by.

    Returns
    -------
    dict
        `artifact`, its kind and its sha256; `operators`, the seconds of a call by the kind of
        operator, where the engine tells them.
    """
    used = loaded(backend, model)
    found: dict[str, Any] = {"artifact": f"{used.artifact.kind} {used.artifact.sha256[:12]}"}
    if dataset is not None and isinstance(used.session, Session):
        with suppress(Unavailable):
            found["operators"] = _operators(used, used.session, dataset, batch_size)
    return found


def _operators(used: Encoder, session: Session, dataset: str, batch_size: int) -> dict[str, float]:
    batch = batches_for(used, dataset, batch_size)[0].batch
    network = session.network
    known = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
    feeds = {
        each.name: known.get(each.name, np.zeros_like(batch.input_ids)) for each in network.inputs
    }
    seconds: dict[str, float] = defaultdict(float)
    for operator in network.profile([feeds], CALLS):
        seconds[operator.kind] += operator.seconds
    return dict(seconds)
