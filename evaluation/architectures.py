"""Which architectures each fp32 backend answers rightly for, on tiny models with random weights.

    python -m evaluation.architectures [--backend NAME] [--model NAME] [--python NAME=PATH]

prints the table of docs/models.md. The first two options may be given again; the last names the
Python of another stack for a backend that needs it. The models are made in a folder that is gone
afterwards, and prepared in the cache, EMCH_CACHE.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from emch.backends.registry import BACKENDS, get_backend
from emch.errors import EmchError
from emch.models.artifacts import model_folder
from emch.models.prepare import prepare
from emch.models.source import find_model
from emch.report.markdown import markdown_table
from evaluation.check_models import EQUAL
from evaluation.tiny_models import edit_json, make_model, make_network

FP32 = [name for name in BACKENDS if get_backend(name).precision == "fp32"]
REFUSED = "refused"
LONGEST = 240
"""Characters of a reason: some libraries list all that they know."""


def _foreign(folder: Path, architecture: str) -> Path:
    """Make a model whose code is not transformers' own, as Jina's and GTE's first ones are."""
    make_model(folder)
    code = {"AutoConfig": f"{architecture}--configuration.Config"}
    edit_json(folder / "config.json", model_type=architecture, auto_map=code)
    return folder


def _encoder(architecture: str, pooling: str = "mean", **made: Any) -> Callable[[Path], Path]:
    return partial(make_model, architecture=architecture, pooling={"pooling_mode": pooling}, **made)


MODELS: Mapping[str, Callable[[Path], Path]] = {
    "BERT": _encoder("bert"),
    "BGE (BERT, first token, a prompt for queries)": _encoder(
        "bert", "cls", prompts={"query": "Represent this sentence: "}
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
    "ModernBERT (and GTE's)": _encoder("modernbert", "cls"),
    "Qwen3 (last token)": _encoder("qwen3", "lasttoken"),
    "BERT without modules.json": partial(make_network, architecture="bert"),
    "T5": partial(make_network, architecture="t5"),
    "Jina 2 (code of its own)": partial(_foreign, architecture="jina_bert"),
    "GTE 1.5 (code of its own)": partial(_foreign, architecture="new"),
}

Results = Mapping[str, Mapping[str, str]]
"""`EQUAL` or the reason, by model and backend; by REFUSED where `emch prepare` refuses a model."""


def try_models(
    models: Sequence[str], backends: Sequence[str], pythons: Mapping[str, str]
) -> Results:
    """Make and prepare models, and hold backends against their references.

    Parameters
    ----------
    models, backends : sequence of str
        Keys of `MODELS`, and of the registry.
    pythons : mapping of str to str
        The interpreter of a backend that is not in this stack.
    """
    results: dict[str, dict[str, str]] = {}
    keys: dict[str, str] = {}
    places: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        for name in models:
            made = MODELS[name](Path(folder) / name.split(maxsplit=1)[0].lower())
            source = find_model(str(made))
            try:
                list(prepare(source))
            except EmchError as reason:
                results[name] = {REFUSED: _plain(str(reason), str(made))}
            else:
                results[name], keys[name], places[name] = {}, source.key, str(made)
        for backend in backends:
            found = _check(backend, list(keys.values()), pythons.get(backend, sys.executable))
            for name, key in keys.items():
                results[name][backend] = _plain(
                    found[key], str(model_folder(key)), places[name], key
                )
    return results


def _check(backend: str, keys: Sequence[str], python: str) -> dict[str, str]:
    command = [python, "-m", "evaluation.check_models", backend, *keys]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


def _plain(reason: str, *places: str) -> str:
    """Return a reason without what is of this run alone, and without a library's long lists."""
    for place in places:
        reason = reason.replace(place, "MODEL")
    return textwrap.shorten(reason, LONGEST, placeholder=" ...")


def table(results: Results, backends: Sequence[str]) -> str:
    """Return the results as Markdown: a table, and under it what every number in it means."""
    reasons: list[str] = []

    def shown(reason: str) -> str:
        if reason == EQUAL:
            return EQUAL
        if reason not in reasons:
            reasons.append(reason)
        return f"({reasons.index(reason) + 1})"

    rows = [
        [name, *(shown(found.get(REFUSED) or found[backend]) for backend in backends)]
        for name, found in results.items()
    ]
    notes = [f"{place}. {reason}" for place, reason in enumerate(reasons, start=1)]
    headings = ["model", *(f"`{name}`" for name in backends)]
    return "\n".join([markdown_table(headings, rows), *notes])


@click.command()
@click.option("--backend", "backends", multiple=True, type=click.Choice(FP32))
@click.option("--model", "models", multiple=True, type=click.Choice(list(MODELS)))
@click.option("--python", "pythons", multiple=True, metavar="NAME=PATH")
def main(backends: Sequence[str], models: Sequence[str], pythons: Sequence[str]) -> None:
    """Print the table of docs/models.md."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    os.environ["HF_HUB_OFFLINE"] = "1"
    elsewhere = dict(each.split("=", 1) for each in pythons)
    chosen = list(backends) or [
        name for name in FP32 if name in elsewhere or not get_backend(name).unavailable()
    ]
    print(table(try_models(models or list(MODELS), chosen, elsewhere), chosen))


if __name__ == "__main__":
    main()
