"""The same texts give the same embeddings, come what may."""

from collections.abc import Iterator

import numpy as np

from emch.encoding.check import cosine_to_reference
from emch.errors import WrongAnswer
from emch.models.probes import PROBES
from emch.runners.contract.subject import DoesNotApply, Subject, least_cosine

TEXTS = [
    "Aspirin lowers the risk of a second stroke.",
    "Glaciers",
    "A long title about the seasonal migration of arctic terns between the two polar regions",
    "β-blockers",
]
SAME = 0.9999
"""The least cosine of two embeddings of what are the same tokens."""

OTHER = 0.9
"""The greatest cosine of a text and of no text."""


def embeddings_are_rows_of_float32(subject: Subject) -> Iterator[str]:
    """Hold shape and type, and that every value is finite."""
    wanted = (len(TEXTS), subject.loaded.settings.embedding_size)
    found = subject.loaded.encode(TEXTS, batch_size=3)
    if found.shape != wanted:
        yield f"the embeddings of {len(TEXTS)} texts have shape {found.shape}, not {wanted}"
    if found.dtype != np.float32:
        yield f"the embeddings are {found.dtype}, not float32"
    if not np.isfinite(found).all():
        yield "the embeddings are not all finite"


def probes_agree_with_the_reference(subject: Subject) -> Iterator[str]:
    """Compare the probe texts with the model's own library, at three batch sizes."""
    if subject.loaded.artifact.own:
        raise DoesNotApply
    for batch_size in (1, 4, 16):
        try:
            cosine_to_reference(subject.loaded, subject.model, batch_size)
        except WrongAnswer as wrong:
            yield f"at batch size {batch_size}, {wrong}"


def padding_changes_no_embedding(subject: Subject) -> Iterator[str]:
    """Encode texts alone, and together with longer ones."""
    alone = subject.loaded.encode(TEXTS, batch_size=1)
    together = subject.loaded.encode(TEXTS, batch_size=len(TEXTS))
    cosine = least_cosine(alone, together)
    if not cosine >= subject.limit:
        yield (
            f"a text has another embedding beside longer texts: their cosine is {cosine:.6f}, and "
            f"{subject.backend.precision} needs {subject.limit}"
        )


def order_of_texts_is_kept(subject: Subject) -> Iterator[str]:
    """Encode texts one by one, and in the reverse order in batches."""
    found = subject.loaded.encode(TEXTS, batch_size=1)
    turned = subject.loaded.encode(TEXTS[::-1], batch_size=2)[::-1]
    order = (found @ turned.T).argmax(axis=1).tolist()
    if order != [*range(len(TEXTS))]:
        yield f"texts that are given in the reverse order come back as {order}"


def empty_text_has_an_embedding_of_its_own(subject: Subject) -> Iterator[str]:
    """Encode a text of nothing."""
    found = subject.loaded.encode(["", "not empty"], batch_size=2)
    if not np.isfinite(found).all():
        yield "the embedding of the empty text is not finite"
    elif found[0].any() and (cosine := least_cosine(found[:1], found[1:])) >= OTHER:
        yield f"the empty text has the embedding of another text: their cosine is {cosine:.4f}"


def no_texts_give_no_rows(subject: Subject) -> Iterator[str]:
    """Encode no text at all."""
    found, size = subject.loaded.encode([]), subject.loaded.settings.embedding_size
    if found.shape != (0, size):
        yield f"no texts have embeddings of shape {found.shape}, not {(0, size)}"


def overlong_text_is_cut_at_the_limit(subject: Subject) -> Iterator[str]:
    """Encode more than the model takes, with two ends."""
    limit = "word " * subject.loaded.settings.max_tokens
    longer = limit + "something else altogether " * 100
    one, other = (subject.loaded.encode([text], 1) for text in (limit, longer))
    if not (cosine := least_cosine(one, other)) > SAME:
        yield f"what is past the model's limit of tokens counts: a cosine is {cosine:.6f}, not 1"


def same_call_gives_the_same_bits(subject: Subject) -> Iterator[str]:
    """Encode the probes twice."""
    first, second = subject.loaded.encode(PROBES, 4), subject.loaded.encode(PROBES, 4)
    if not np.array_equal(first, second):
        yield f"two equal calls differ by up to {np.abs(first - second).max():.2g}"
