"""`emch list`: what can be run here."""

import json
from typing import Any

import click

from emch.backends.base import Backend
from emch.backends.native.program import Program
from emch.backends.registry import get_backend, known_backends
from emch.cache import cache_dir
from emch.cli.console import out, table
from emch.datasets.registry import DATASETS, load_dataset
from emch.errors import EmchError
from emch.models.artifacts import KINDS, open_artifact


@click.command()
@click.argument("what", type=click.Choice(["here", "stacks"]), default="here")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(what: str, as_json: bool) -> None:
    """List backends, datasets and prepared models here, or the stacks; what is missing says why."""
    found = _stacks() if what == "stacks" else _here()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    models = found.pop("models", None)
    for title, rows in found.items():
        shown = table(title, *next(iter(rows.values()), {}))
        for name, row in rows.items():
            shown.add_row(name, *map(_text, row.values()))
        out.print(shown)
        out.print()
    if models is not None:
        _show_models(models)


def _show_models(models: dict[str, Any]) -> None:
    """Print a line for each artifact: there are too many kinds for a column each."""
    shown = table("models", "artifact", "state")
    for name, states in models.items():
        for kind, state in states.items():
            shown.add_row(name, kind, state)
    out.print(shown)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {version}" for name, version in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)


def _here() -> dict[str, Any]:
    return {"backends": _backends(), "datasets": _datasets(), "models": _models()}


def _stacks() -> dict[str, Any]:
    """Describe each stack of asv.conf.json; the package asv is needed for this alone."""
    from emch.tracking.stacks import find_installed, load_config, read_stacks

    config = load_config()
    rows = {}
    for stack in read_stacks(config):
        installed = find_installed(config, stack)
        rows[stack.label] = {
            "pins": stack.pins,
            "backends": stack.backends,
            "installed": f"{len(installed.versions)} packages" if installed else "no",
            "disk": f"{_mebibytes(installed.own_bytes)} of {_mebibytes(installed.total_bytes)}"
            if installed
            else "",
        }
    return {"stacks": rows}


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"


def _backends() -> dict[str, Any]:
    rows = {}
    for name in known_backends():
        try:
            backend = get_backend(name)
            state = backend.unavailable() or _ready(backend)
            row = {"precision": backend.precision, "artifact": backend.artifact, "state": state}
        except EmchError as error:  # of another package, which cannot be imported
            row = {"precision": "", "artifact": "", "state": str(error)}
        rows[name] = row
    return rows


def _ready(backend: type[Backend]) -> str:
    """Return what a backend that can be used is; of a program also what it was built from."""
    if issubclass(backend, Program) and (built := backend.built()):
        return f"ready ({built})"
    return "ready"


def _datasets() -> dict[str, Any]:
    rows = {}
    for name in DATASETS:
        try:
            dataset = load_dataset(name)
            rows[name] = {
                "queries": len(dataset.queries),
                "titles": len(dataset.documents),
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
