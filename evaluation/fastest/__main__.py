"""See the package."""

import json
import math
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import numpy as np

from emch.arrays import FloatArray
from emch.backends.base import Session
from emch.backends.registry import get_backend
from emch.datasets import scifact
from emch.datasets.base import RetrievalDataset
from emch.measure.gemm import gemm_peak
from emch.models.agreement import COSINE_LIMITS, agreement
from emch.models.head import normalize
from emch.models.settings import read_settings
from emch.models.tokenizer import load_tokenizer
from emch.report.markdown import markdown_table
from evaluation.fastest.attempts import folder_of
from evaluation.fastest.worker import ATTEMPTS, VARIABLES
from evaluation.ratios import ratio

PROFILED = ("openvino", "openvino-int8", "onnxruntime-fused-int8")
BATCH = (32, 24)
"""Texts and tokens of the batch that is profiled, which is what SciFact's titles have."""

CALLS = 30


class Attempt:
    """An attempt's process."""

    def __init__(self, name: str, tokens: Path) -> None:
        variables = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", **VARIABLES.get(name, {})}
        command = [sys.executable, "-W", "ignore", "-m", "evaluation.fastest.worker", name]
        self.name = name
        self._process = subprocess.Popen(
            [*command, str(tokens)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=variables,
        )  # fmt: skip
        self.fault = "" if self._line().startswith("ready") else self._last_words()

    def seconds(self) -> float:
        """Encode an eighth of the texts."""
        return float(self._ask("seconds"))

    def embeddings(self, which: str, path: Path) -> FloatArray:
        """Encode the texts of a `part` or `all`, to unit length."""
        self._ask(f"{which} {path}")
        found: FloatArray = np.load(path)
        return normalize(found)

    def end(self) -> None:
        """Let the process end, and with it those that it started."""
        self._process.communicate()

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        return self._process.stdout.readline()

    def _last_words(self) -> str:
        assert self._process.stderr is not None  # noqa: S101 - it is a pipe
        return self._process.stderr.read().strip().splitlines()[-1][:120]


def profile(backend: str) -> list[list[str]]:
    """Return where the time of a batch goes, by kind of layer, on one thread."""
    settings = read_settings(folder_of(backend))
    used = get_backend(backend)
    session = used.load(folder_of(backend), used.options(threads=1))
    assert isinstance(session, Session)  # noqa: S101 - all take tokens
    ids = np.random.default_rng(0).integers(1000, 20000, BATCH)
    every = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": 0 * ids}
    feeds = {each.name: every[each.name] for each in session.network.inputs}
    kinds: dict[str, float] = {}
    for each in session.network.profile([feeds], CALLS):
        kinds[each.kind] = kinds.get(each.kind, 0.0) + each.seconds
    whole = sum(kinds.values())
    flop = 2.0 * ids.size * settings.linear_size
    rows = []
    for kind, seconds in sorted(kinds.items(), key=lambda item: -item[1]):
        rate = f"{flop / seconds / 1e9:.0f}" if kind == "FullyConnected" else ""
        if seconds > 0.01 * whole:
            rows.append([backend, kind, f"{1e3 * seconds:.2f}", f"{seconds / whole:.0%}", rate])
    return rows


def hits(embeddings: FloatArray, dataset: RetrievalDataset) -> int:
    """Return how many queries have a right title at the first place."""
    count = len(dataset.queries)
    best = (embeddings[:count] @ embeddings[count:].T).argmax(axis=1)
    return sum(int(place) in right for place, right in zip(best, dataset.relevant, strict=True))


def compare(attempts: Sequence[Attempt], rounds: int) -> Mapping[str, list[float]]:
    """Return the logarithms of each attempt's ratio to the first one, a round each."""
    logs: dict[str, list[float]] = {each.name: [] for each in attempts}
    order = random.Random(0)  # noqa: S311 - an order, and no secret
    for _ in range(rounds):
        taken = {each.name: each.seconds() for each in order.sample(attempts, len(attempts))}
        for name, seconds in taken.items():
            logs[name].append(math.log(seconds / taken[attempts[0].name]))
        print(f"{taken[attempts[0].name]:.2f} s", file=sys.stderr, flush=True)
    return logs


@click.command(help=__doc__)
@click.option("--data", required=True, help="The folder of SciFact.")
@click.option("--rounds", default=6, show_default=True)
@click.option("--attempt", "names", multiple=True, type=click.Choice([*ATTEMPTS]))
def main(data: str, rounds: int, names: Sequence[str]) -> None:
    """Run the attempts and print the tables."""
    dataset = scifact.load(Path(data))
    tokenizer = load_tokenizer(folder_of("onnxruntime"))
    texts = [*dataset.queries, *dataset.documents]
    tokens = [each.ids for each in tokenizer.encode_batch_fast(texts)]
    print(f"peak fp32 {np.median(gemm_peak('fp32', 1)) / 1e9:.0f} GFLOP/s of one thread\n")
    heads = ["backend", "kind of layer", "ms", "of the batch", "GFLOP/s"]
    print(markdown_table(heads, [row for each in PROFILED for row in profile(each)]), flush=True)
    wanted = [name for name in ATTEMPTS if not names or name in names]
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        path = Path(folder) / "tokens.json"
        path.write_text(json.dumps(tokens), encoding="utf-8")
        every = [Attempt(name, path) for name in dict.fromkeys([next(iter(ATTEMPTS)), *wanted])]
        attempts = [each for each in every if not each.fault]
        logs = compare(attempts, rounds)
        rows, target = [], Path(folder) / "found.npy"
        first = attempts[0].embeddings("part", target)
        for each in attempts:
            mean, low, high = ratio(logs[each.name])
            cosine = agreement(each.embeddings("part", target), first).cosine
            right = ""
            if each is attempts[0] or cosine < COSINE_LIMITS["fp32"]:
                right = str(hits(each.embeddings("all", target), dataset))
            span = f"{low:.3f} to {high:.3f}"
            rows.append([each.name, f"{mean:.3f}", span, f"{cosine:.5f}", right])
            each.end()
        rows += [[each.name, each.fault, "", "", ""] for each in every if each.fault]
    print(markdown_table(["attempt", "of the first", "95 % interval", "cosine", "hits"], rows))


if __name__ == "__main__":
    main()
