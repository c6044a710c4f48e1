"""Sentence encoding: texts in, embeddings out, whatever the backend."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from emch.arrays import FloatArray
from emch.backends.base import Options, Session, SessionInfo, TextSession
from emch.backends.load import load_session
from emch.backends.registry import (
    make_options,
    open_model,
    require_available,
    resolve_model_for,
)
from emch.encoding.batching import BATCH_SIZE, Batch, batches, require_texts, tokenize
from emch.errors import InvalidInput
from emch.measure.cpus import usable_cpus
from emch.models import head
from emch.models.artifacts import Artifact
from emch.models.settings import EncoderSettings, Role, read_settings
from emch.models.source import DEFAULT_MODEL
from emch.models.tokenizer import load_tokenizer


@dataclass
class Spent:
    """Tokens and operations that were counted, seconds of the parts, and of each batch.

    A backend that encodes texts by itself has its calls in `batch_s` and nothing else.
    """

    tokens: int = 0
    flop: int = 0
    tokenize_s: float = 0.0
    pool_s: float = 0.0
    batch_s: list[float] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """What was counted, by name; a backend that encodes texts by itself says nothing of it."""
        return {"tokens": self.tokens, "flop": self.flop} if self.tokens else {}

    @property
    def parts(self) -> dict[str, list[float]]:
        """The seconds of tokenizing and pooling, by name; as for `counts`."""
        if not self.tokens:
            return {}
        return {"tokenize_s": [self.tokenize_s], "pool_s": [self.pool_s]}


class _Ran(NamedTuple):
    """One batch that went through the engine: pooled states [batch, hidden], and the seconds."""

    rows: NDArray[np.int64]
    states: FloatArray
    run_s: float
    pool_s: float


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
    session : Session or TextSession
        The loaded engine.
    settings : EncoderSettings
        What emch knows of tokens, prompts, sizes and pooling.
    tokenizer : Tokenizer
        The model's; it cuts texts at the model's limit and pads nothing.
    """

    def __init__(self, name: str, artifact: Artifact, options: Options) -> None:
        self.name = name
        self.artifact = artifact
        self.session = load_session(name, artifact, options)
        self._options = options
        self.settings: EncoderSettings = read_settings(artifact.folder)
        self.tokenizer: Tokenizer = load_tokenizer(artifact.folder)

    @property
    def info(self) -> SessionInfo:
        """What the session really uses."""
        return self.session.info

    def again(self) -> "Encoder":
        """Load the same once more, as a session of its own."""
        return Encoder(self.name, self.artifact, self._options)

    @property
    def compile_s(self) -> Sequence[float]:
        """Seconds of each compilation that the session has made; see `Session.compile_s`."""
        return self.session.compile_s if isinstance(self.session, Session) else ()

    def encode(
        self,
        texts: Sequence[str],
        batch_size: int = BATCH_SIZE,
        *,
        role: Role = "text",
        normalize: bool = False,
        spent: Spent | None = None,
    ) -> FloatArray:
        """Encode texts.

        Parameters
        ----------
        texts : sequence of str
            Any number of texts; longer ones than the model takes are cut.
        batch_size : int
            Texts that go through the engine at a time.
        role : {"text", "query", "document"}
            What the texts are: it decides which of the model's prompts comes before them.
        normalize : bool
            Scale the embeddings to length 1 (L2) also where the model does not.
        spent : Spent, optional
            The seconds spent are added to it.

        Returns
        -------
        ndarray of float32, shape [texts, size]
            What the model itself returns, in the order of the texts.

        Raises
        ------
        InvalidInput
            `batch_size` is below 1, or `texts` is a single string, or has what is no text.
        """
        if batch_size < 1:
            raise InvalidInput(f"the batch size must be at least 1, not {batch_size}")
        if isinstance(texts, str):
            raise InvalidInput("texts must be a list of texts, not a single text")
        require_texts(texts)
        spent = Spent() if spent is None else spent
        if not texts:
            return np.empty((0, self.settings.embedding_size), dtype=np.float32)
        if isinstance(self.session, TextSession):
            found = self._encode_by_itself(self.session, texts, batch_size, role, spent)
            return head.normalize(found) if normalize else found
        prompt = self.settings.prompts[role]
        if prompt.text:
            texts = [prompt.text + text for text in texts]
        pooled = self._pool(self.session, texts, batch_size, prompt.skipped, spent)
        return self.settings.finish(pooled, unit=normalize)

    def _pool(
        self,
        session: Session,
        texts: Sequence[str],
        batch_size: int,
        skipped: int,
        spent: Spent,
    ) -> FloatArray:
        """Return the pooled states of texts, [texts, hidden x poolings]."""
        start = time.perf_counter()
        tokens = tokenize(self.tokenizer, texts)
        spent.tokenize_s += time.perf_counter() - start
        spent.tokens += sum(map(len, tokens))
        spent.flop += sum(self.settings.count_flop(len(text)) for text in tokens)
        size = self.settings.hidden_size * len(self.settings.pooling)
        pooled = np.empty((len(texts), size), dtype=np.float32)
        run = partial(self._run, session, skipped)
        with ThreadPoolExecutor(session.info.streams) as streams:
            each = map if session.info.streams == 1 else streams.map
            for ran in each(run, batches(tokens, batch_size, self.settings.pad_id)):
                pooled[ran.rows] = ran.states
                spent.batch_s.append(ran.run_s)
                spent.pool_s += ran.pool_s
        return pooled

    def _run(self, session: Session, skipped: int, batch: Batch) -> "_Ran":
        start = time.perf_counter()
        states = session.run(batch.input_ids, batch.attention_mask)
        ran = time.perf_counter()
        if not session.pools:
            mask = batch.attention_mask
            if skipped:
                mask = mask * (np.arange(mask.shape[1]) >= skipped)
            states = head.pool(states, mask, self.settings.pooling)
        return _Ran(batch.rows, states, ran - start, time.perf_counter() - ran)

    def _encode_by_itself(
        self,
        session: TextSession,
        texts: Sequence[str],
        batch_size: int,
        role: Role,
        spent: Spent,
    ) -> FloatArray:
        start = time.perf_counter()
        embeddings = session.encode(texts, batch_size, role)
        spent.batch_s.append(time.perf_counter() - start)
        return embeddings


def encoder(
    backend: str, *, model: str = DEFAULT_MODEL, threads: int | None = None, **options: Any
) -> Encoder:
    """Load a backend; the package's front door.

    Parameters
    ----------
    backend : str
        A name that `emch list` shows, or `package.module:Class`.
    model : str
        A model that `emch prepare` has prepared, by name, folder or Hub id.
    threads : int, optional
        Threads of the engine; by default as many as there are usable CPUs.
    **options
        What else is in `Options`, or in the backend's own: streams, device, oversubscribe;
        provider and optimization of ONNX Runtime.

    Raises
    ------
    InvalidInput
        No such backend, fewer than one thread, threads that the streams cannot share, or more
        threads than usable CPUs without `oversubscribe`.
    Unavailable
        The engine is not installed, the device is not here, or the model is not prepared.
    BrokenArtifact
        The prepared model is damaged.
    OptionNotHonoured
        The engine does not use what was asked for.

    Examples
    --------
    >>> import emch
    >>> embeddings = emch.encoder("onnxruntime").encode(["a text", "another"])
    >>> embeddings.shape
    (2, 384)
    """
    threads = usable_cpus() if threads is None else threads
    asked = make_options(backend, threads=threads, **options)
    return load_encoder(backend, resolve_model_for(backend, model), asked)


def load_encoder(backend: str, model: str, options: Options) -> Encoder:
    """Load a backend with its tokenizer and pooling, of a model by its key; see `encoder`."""
    options.require_cpus()
    require_available(backend)
    return Encoder(backend, open_model(backend, model), options)
