"""Compares a backend with the references of prepared models, in this process and its stack.

    python -m evaluation.check_models BACKEND KEY ...

prints a JSON object: `equal`, or the reason, by the key of each model.
"""

import json
import logging
import os
import sys
import warnings

from emch.backends.base import Options
from emch.encoding.check import cosine_to_reference
from emch.encoding.encoder import load_encoder
from emch.errors import EmchError

EQUAL = "equal"
BATCH_SIZE = 4


def check(backend: str, key: str) -> str:
    """Return `EQUAL`, or why a backend has no right answer for a model."""
    try:
        encoder = load_encoder(backend, key, Options(threads=1))
        cosine_to_reference(encoder, key, BATCH_SIZE)
    except EmchError as reason:
        return str(reason)
    return EQUAL


def main(backend: str, *keys: str) -> None:
    """Print as described above."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    os.environ["HF_HUB_OFFLINE"] = "1"
    print(json.dumps({key: check(backend, key) for key in keys}))


if __name__ == "__main__":
    main(*sys.argv[1:])
