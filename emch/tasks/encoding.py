"""Sentence encoding: texts in, embeddings out, whatever the backend."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from tokenizers import Tokenizer

from emch.backends.base import FloatArray, Options, Session, SessionInfo, TextSession
from emch.backends.registry import load_session, require_available
from emch.errors import InvalidInput
from emch.models.artifacts import Artifact, open_artifact
from emch.models.settings import EncoderSettings, read_settings
from emch.models.source import DEFAULT_MODEL, model_name
from emch.tasks.batching import batches, load_tokenizer, tokenize
from emch.tasks.pooling import normalize, pool


@dataclass
class Spent:
    """Seconds that went into the parts of encoding, and into each batch of the engine.

    A backend that encodes texts by itself has its calls in `batch_s` and nothing in the others.
    """

    tokenize_s: float = 0.0
    pool_s: float = 0.0
    batch_s: list[float] = field(default_factory=list)


class Encoder:
    """A loaded backend with its tokenizer and pooling.

    Attributes
    ----------
    name : str
        The backend's name.
    info : SessionInfo
        What the session really uses.
    artifact : Artifact
        What it was loaded from.
    """

    def __init__(
        self,
        name: str,
        artifact: Artifact,
        session: Session | TextSession,
        settings: EncoderSettings,
    ) -> None:
        self.name = name
        self.artifact = artifact
        self._session = session
        self._settings = settings
        self._tokenizer: Tokenizer = load_tokenizer(artifact.folder, settings.max_tokens)

    @property
    def info(self) -> SessionInfo:
        """What the session really uses."""
        return self._session.info

    def encode(
        self, texts: Sequence[str], batch_size: int = 32, *, spent: Spent | None = None
    ) -> FloatArray:
        """Encode texts.

        Parameters
        ----------
        texts : sequence of str
            Any number of texts; longer ones than the model takes are cut.
        batch_size : int
            Texts that go through the engine at a time.
        spent : Spent, optional
            The seconds spent are added to it.

        Returns
        -------
        ndarray of float32, shape [texts, hidden]
            L2-normalised, in the order of the texts.

        Raises
        ------
        InvalidInput
            `batch_size` is below 1, or `texts` is a single string.
        """
        if batch_size < 1:
            raise InvalidInput(f"the batch size must be at least 1, not {batch_size}")
        if isinstance(texts, str):
            raise InvalidInput("texts must be a list of texts, not a single text")
        spent = Spent() if spent is None else spent
        if not texts:
            return np.empty((0, self._settings.hidden_size), dtype=np.float32)
        if isinstance(self._session, TextSession):
            return self._encode_by_itself(self._session, texts, batch_size, spent)
        return self._encode(self._session, texts, batch_size, spent)

    def _encode(
        self, session: Session, texts: Sequence[str], batch_size: int, spent: Spent
    ) -> FloatArray:
        start = time.perf_counter()
        tokens = tokenize(self._tokenizer, texts)
        spent.tokenize_s += time.perf_counter() - start
        embeddings = np.empty((len(texts), self._settings.hidden_size), dtype=np.float32)
        for batch in batches(tokens, batch_size):
            start = time.perf_counter()
            hidden = session.run(batch.input_ids, batch.attention_mask)
            ran = time.perf_counter()
            embeddings[batch.rows] = pool(hidden, batch.attention_mask, self._settings.pooling)
            spent.batch_s.append(ran - start)
            spent.pool_s += time.perf_counter() - ran
        return normalize(embeddings)

    def _encode_by_itself(
        self, session: TextSession, texts: Sequence[str], batch_size: int, spent: Spent
    ) -> FloatArray:
        start = time.perf_counter()
        embeddings = session.encode(texts, batch_size)
        spent.batch_s.append(time.perf_counter() - start)
        return embeddings


def usable_cpus() -> int:
    """Return how many CPUs this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def encoder(backend: str, *, model: str = DEFAULT_MODEL, threads: int | None = None) -> Encoder:
    """Load a backend; the package's front door.

    Parameters
    ----------
    backend : str
        A name that `emch list` shows.
    model : str
        A model that `emch prepare` has prepared, by name, folder or Hub id.
    threads : int, optional
        Threads that work on one batch; by default as many as there are usable CPUs.

    Raises
    ------
    InvalidInput
        No such backend, or fewer than one thread.
    Unavailable
        The engine is not installed, or the model is not prepared.
    BrokenArtifact
        The prepared model is damaged.

    Examples
    --------
    >>> import emch
    >>> embeddings = emch.encoder("onnxruntime").encode(["a text", "another"], batch_size=32)
    >>> embeddings.shape
    (2, 384)
    """
    threads = usable_cpus() if threads is None else threads
    if threads < 1:
        raise InvalidInput(f"there must be at least 1 thread, not {threads}")
    artifact = open_artifact(model_name(model), require_available(backend).artifact)
    settings = read_settings(artifact.folder)
    session = load_session(backend, artifact, Options(threads=threads))
    return Encoder(backend, artifact, session, settings)
