"""Backends that fail in the ways that engines do; each is the stub in all else."""

import os
import signal
import sys
from pathlib import Path
from typing import ClassVar

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Options
from emch.backends.stub import Stub, StubSession
from emch.models.tokenizer import load_tokenizer

MARKER = "EMCH_TEST_MARKER"
"""The variable that names the file which says that a worker was killed already."""

MOST = 3
POISON = "zq"


class FragileSession(StubSession):
    def __init__(self, session: StubSession, poison: int) -> None:
        super().__init__(session._hashes, session.info)
        self._poison = poison

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        if len(input_ids) > MOST:
            raise MemoryError(f"no room for {len(input_ids)} texts")
        if (input_ids == self._poison).any():
            raise ValueError("the engine has no word for this")
        return super().run(input_ids, attention_mask)


class Fragile(Stub):
    """It has memory for three texts at a time, and cannot read a certain word."""

    requires: ClassVar[tuple[str, ...]] = ("emch",)

    @classmethod
    def load(cls, folder: Path, options: Options) -> StubSession:
        piece = load_tokenizer(folder).token_to_id("##q")
        return FragileSession(super().load(folder, options), piece)


class KillingSession(StubSession):
    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        marker = Path(os.environ[MARKER])
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().run(input_ids, attention_mask)


class Killed(Stub):
    """The first batch kills the process, as the system does when memory runs out."""

    requires: ClassVar[tuple[str, ...]] = ("emch",)

    @classmethod
    def load(cls, folder: Path, options: Options) -> StubSession:
        session = super().load(folder, options)
        return KillingSession(session._hashes, session.info)


class Unloadable(Stub):
    """It loads where the pipeline begins, and in no worker."""

    requires: ClassVar[tuple[str, ...]] = ("emch",)

    @classmethod
    def load(cls, folder: Path, options: Options) -> StubSession:
        if any("sdk_worker_main" in word for word in sys.orig_argv):
            raise RuntimeError("this worker lacks a library")
        return super().load(folder, options)
