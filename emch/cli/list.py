"""`emch list`: what can be run here."""

import json
from typing import Any

import click

from emch.backends.registry import BACKENDS, get_backend
from emch.cache import cache_dir
from emch.cli.console import out, table
from emch.datasets.registry import DATASETS, load_dataset
from emch.errors import EmchError
from emch.models.artifacts import KINDS, open_artifact


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(as_json: bool) -> None:
    """List backends, datasets and prepared models; what is missing says why."""
    found = {"backends": _backends(), "datasets": _datasets(), "models": _models()}
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for what, rows in found.items():
        shown = table(what, *next(iter(rows.values()), {}))
        for name, row in rows.items():
            shown.add_row(name, *map(str, row.values()))
        out.print(shown)
        out.print()


def _backends() -> dict[str, Any]:
    rows = {}
    for name in BACKENDS:
        backend = get_backend(name)
        rows[name] = {
            "precision": backend.precision,
            "artifact": backend.artifact,
            "state": backend.unavailable() or "ready",
        }
    return rows


def _datasets() -> dict[str, Any]:
    rows = {}
    for name in DATASETS:
        try:
            dataset = load_dataset(name)
            rows[name] = {
                "queries": len(dataset.queries),
                "titles": len(dataset.titles),
                "state": "ready",
            }
        except EmchError as error:
            rows[name] = {"queries": "", "titles": "", "state": str(error)}
    return rows


def _models() -> dict[str, Any]:
    models = sorted((cache_dir() / "models").glob("[!.]*"))
    return {folder.name: {kind: _state(folder.name, kind) for kind in KINDS} for folder in models}


def _state(model: str, kind: str) -> str:
    try:
        return open_artifact(model, kind).sha256[:8]
    except EmchError as error:
        return type(error).__name__
