"""Which architectures each fp32 backend answers rightly for, on tiny models with random weights.

    python -m evaluation.architectures [--backend NAME] [--model NAME]

prints the table of docs/models.md for what is installed here; either option may be given again.
The models are prepared in the cache, EMCH_CACHE, each in a folder that is made for it.
"""

import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click

from emch.backends.base import Options
from emch.backends.registry import BACKENDS, get_backend
from emch.errors import EmchError
from emch.export.markdown import markdown_table
from emch.models.artifacts import model_folder
from emch.models.prepare import prepare
from emch.models.source import find_model
from emch.tasks.check import cosine_to_reference
from emch.tasks.encoding import load_encoder
from evaluation.tiny_models import edit_json, make_model, make_network

FP32 = [name for name in BACKENDS if get_backend(name).precision == "fp32"]
EQUAL = "equal"
BATCH_SIZE = 4


def _foreign(folder: Path, architecture: str) -> Path:
    """Make a model whose code is not transformers' own, as Nomic's and GTE's first ones are."""
    make_model(folder)
    code = {"AutoConfig": f"{architecture}--configuration.Config"}
    edit_json(folder / "config.json", model_type=architecture, auto_map=code)
    return folder


def _encoder(architecture: str, **made: Any) -> Callable[[Path], Path]:
    return partial(make_model, architecture=architecture, **made)


MODELS: Mapping[str, Callable[[Path], Path]] = {
    "BERT": _encoder("bert"),
    "BGE (BERT, first token, a prompt for queries)": _encoder(
        "bert", pooling={"pooling_mode": "cls"}, prompts={"query": "Represent this sentence: "}
    ),
    "E5 (BERT, prompts for both sides)": _encoder(
        "bert", prompts={"query": "query: ", "passage": "passage: "}
    ),
    "RoBERTa": _encoder("roberta"),
    "XLM-RoBERTa": _encoder("xlm-roberta"),
    "MPNet": _encoder("mpnet"),
    "DistilBERT": _encoder("distilbert"),
    "ELECTRA": _encoder("electra"),
    "ALBERT": _encoder("albert"),
    "ModernBERT (and GTE's)": _encoder("modernbert", pooling={"pooling_mode": "cls"}),
    "Qwen3 (last token)": _encoder("qwen3", pooling={"pooling_mode": "lasttoken"}),
    "BERT without modules.json": partial(make_network, architecture="bert"),
    "T5": partial(make_network, architecture="t5"),
    "Nomic (code of its own)": partial(_foreign, architecture="nomic_bert"),
    "GTE 1.5 (code of its own)": partial(_foreign, architecture="new"),
}


class Result(NamedTuple):
    """Of one model: `EQUAL` or the reason, by backend; or the one reason of `emch prepare`."""

    model: str
    backends: Mapping[str, str]
    refused: str | None = None


def try_model(name: str, backends: Sequence[str], folder: Path) -> Result:
    """Make a model, prepare it and hold backends against the reference."""
    made = MODELS[name](folder / name.split(maxsplit=1)[0].lower())
    source = find_model(str(made))
    try:
        list(prepare(source))
    except EmchError as reason:
        return Result(name, {}, _plain(reason, made, source.key))
    found = {}
    for backend in backends:
        try:
            encoder = load_encoder(backend, source.key, Options(threads=1))
            cosine_to_reference(encoder, source.key, BATCH_SIZE)
        except EmchError as reason:
            found[backend] = _plain(reason, made, source.key)
        else:
            found[backend] = EQUAL
    return Result(name, found)


def _plain(reason: EmchError, made: Path, key: str) -> str:
    """Return a reason without what is of this run alone."""
    text = str(reason)
    for place in (str(model_folder(key)), str(made), key):
        text = text.replace(place, "MODEL")
    return text


def table(results: Sequence[Result], backends: Sequence[str]) -> str:
    """Return the results as Markdown: a table, and under it what every number in it means."""
    reasons: list[str] = []

    def shown(reason: str) -> str:
        if reason == EQUAL:
            return EQUAL
        if reason not in reasons:
            reasons.append(reason)
        return f"[{reasons.index(reason) + 1}]"

    rows = [
        [result.model, *(shown(result.refused or result.backends[name]) for name in backends)]
        for result in results
    ]
    notes = [f"{place}. {reason}" for place, reason in enumerate(reasons, start=1)]
    headings = ["architecture", *(f"`{name}`" for name in backends)]
    return "\n".join([markdown_table(headings, rows), "", *notes])


@click.command()
@click.option("--backend", "backends", multiple=True, type=click.Choice(FP32))
@click.option("--model", "models", multiple=True, type=click.Choice(list(MODELS)))
def main(backends: Sequence[str], models: Sequence[str]) -> None:
    """Print the table of docs/models.md."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    os.environ["HF_HUB_OFFLINE"] = "1"
    chosen = list(backends) or [name for name in FP32 if not get_backend(name).unavailable()]
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        results = [try_model(name, chosen, Path(folder)) for name in models or MODELS]
    print(table(results, chosen))


if __name__ == "__main__":
    main()
