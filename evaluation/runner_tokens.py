"""Texts of a dataset that a program in another language makes other tokens of than Hugging Face.

    python -m evaluation.runner_tokens BACKEND [--dataset NAME] [--fields title,text]

Printed are how many of the queries and documents differ, and each of them with its first tokens
that do.
"""

import argparse
import sys

from emch.backends.native.program import Program
from emch.backends.registry import get_backend
from emch.datasets.base import FIELDS, TITLE
from emch.datasets.registry import load_dataset
from emch.encoding.batching import tokenize
from emch.models.artifacts import open_artifact
from emch.models.source import DEFAULT_MODEL
from emch.models.tokenizer import load_tokenizer
from emch.runners.contract.trial import Runner

SHOWN = 60


def main() -> None:
    """Read the command line and print what differs."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.runner_tokens", description=__doc__)
    parser.add_argument("backend")
    parser.add_argument("--dataset", default="scifact")
    parser.add_argument("--fields", default=TITLE, choices=FIELDS)
    asked = parser.parse_args()
    program = get_backend(asked.backend)
    if not issubclass(program, Program):
        sys.exit(f"{asked.backend} is no program of its own")
    found = load_dataset(asked.dataset, fields=asked.fields)
    tokenizer = load_tokenizer(open_artifact(DEFAULT_MODEL, program.artifact).folder)
    runner = Runner(program.find(), DEFAULT_MODEL, asked.backend)
    for what, texts in (("documents", found.documents), ("queries", found.queries)):
        trial = runner.do(runner.job("tokens", texts=list(texts)))
        if trial.status:
            sys.exit(trial.said)
        pairs = zip(texts, trial.result["tokens"], tokenize(tokenizer, texts), strict=True)
        other = [(text, own, ids) for text, own, ids in pairs if own != ids]
        print(f"{len(other)} of {len(texts):,} {what} have other tokens")
        for text, own, ids in other:
            place = next(
                (at for at, (a, b) in enumerate(zip(own, ids, strict=False)) if a != b), len(own)
            )
            print(f"  from token {place} on, {own[place : place + 3]} and not "
                  f"{ids[place : place + 3]}: {text[:SHOWN]!r}")  # fmt: skip


if __name__ == "__main__":
    main()
