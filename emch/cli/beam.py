"""`emch beam`: a task inside of Apache Beam's RunInference, and Flink's cluster for it."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from emch.backends.registry import require_available, resolve_model_for
from emch.beam.asked import BATCH_SIZES, COUNT, RUNNERS, SEED, Asked, threads_for
from emch.beam.run import run
from emch.cli.beam_result import show
from emch.cli.console import log, out, progress, require_writable, say_quota, write_whole
from emch.errors import InvalidInput, Unavailable
from emch.measure.cpus import require_cpus
from emch.models.source import DEFAULT_MODEL

UNTESTED = ("spark", "dataflow")
COUNTS = click.IntRange(1)


@click.group()
def command() -> None:
    """Run a task inside of Apache Beam's RunInference, on many inputs.

    Its figures are the three that Beam's own benchmarks publish (the mean of the requested batch
    size, of the latency of a batch, and of the latency of loading the model), with what the
    workers used. Options of Beam itself follow after --.
    """


def _option(names: str, words: str, **more: Any) -> Callable[..., Any]:
    return click.option(*names.split(), help=words, **more)


def _common(task: str) -> Callable[..., Any]:
    """Return what gives a command the options that every task has."""
    least, most = BATCH_SIZES[task]
    options = (
        _option("--backend", "As 'emch list' shows, or package.module:Class.", default="pytorch",
                show_default=True),
        _option("--count -n", "Inputs.", type=COUNTS, default=COUNT, show_default=True),
        _option("--seed", "Of generated inputs.", type=click.IntRange(0), default=SEED,
                show_default=True),
        _option("--min-batch-size", "The least inputs of a batch.", type=COUNTS, default=least,
                show_default=True),
        _option("--max-batch-size", "The most inputs of a batch; Beam tries which size is best.",
                type=COUNTS, default=most, show_default=True),
        _option("--runner", "What runs the pipeline.", type=click.Choice(RUNNERS),
                default="embedded", show_default=True),
        _option("--workers", "Processes that infer.", type=COUNTS, default=1, show_default=True),
        _option("--threads", "Of the engine in each worker.  [default: usable CPUs / workers]",
                type=COUNTS),
        _option("--oversubscribe", "Allow more threads than usable CPUs.", is_flag=True),
        _option("--out", "Write the answers of each input to this folder, a file for each slice.",
                metavar="FOLDER"),
        _option("--json target", "Write the record to FILE; - is stdout.", metavar="FILE"),
        click.argument("beam_options", nargs=-1, metavar="[-- BEAM OPTIONS]"),
    )  # fmt: skip

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return add


@command.command("image-classification")
@_option("--model", "resnet101, resnet152, a folder or a Hub id.", required=True)
@_option("--random-weights", "Take random weights even where there are others.", is_flag=True)
@_option("--images data", "A folder of images.  [default: generated]", metavar="FOLDER")
@_common("image-classification")
def image_classification(**given: Any) -> None:
    """Find the class of images, by a ResNet of torchvision's or any classifier of transformers'."""
    _run("image-classification", **given)


@command.command("language-modeling")
@_option("--model", "bert-base-uncased, bert-large-uncased, a folder or a Hub id.", required=True)
@_option("--random-weights", "Take random weights even where there are others.", is_flag=True)
@_option("--texts data", "A file with a text in each line.  [default: generated]", metavar="FILE")
@_option("--by-length", "Put texts of like length together in batches.", is_flag=True)
@_common("language-modeling")
def language_modeling(**given: Any) -> None:
    """Find the masked word of sentences, by BERT."""
    _run("language-modeling", **given)


@command.command("sentence-encoding")
@_option("--model", "A prepared model.", default=DEFAULT_MODEL, show_default=True)
@_option("--texts data", "A file with a text in each line.  [default: generated]", metavar="FILE")
@_option("--by-length", "Put texts of like length together in batches.", is_flag=True)
@_common("sentence-encoding")
def sentence_encoding(model: str, backend: str, **given: Any) -> None:
    """Find the embeddings of sentences, on any backend and any prepared model."""
    require_available(backend)
    key = resolve_model_for(backend, model)
    _run("sentence-encoding", model=key, backend=backend, **given)


@command.group("flink")
def flink() -> None:
    """Start and stop a cluster of Apache Flink on this machine."""


@flink.command("start")
@_option("--task-managers", "Processes that work.", type=COUNTS, default=2, show_default=True)
def start_flink(task_managers: int) -> None:
    """Start a cluster: a job manager, task managers, and Beam's job server.

    The jars come from Maven Central into the cache, once. A task manager that is lost is started
    again.
    """
    _require_beam()
    from emch.beam.flink.cluster import start

    with progress.status("Flink starts"):
        found = start(task_managers)
    log(
        f"a Flink cluster with {found.task_managers} task managers runs: its pages are at "
        f"http://127.0.0.1:{found.rest}, its logs in {found.folder}"
    )


@flink.command("stop")
def stop_flink() -> None:
    """Stop the cluster."""
    from emch.beam.flink.cluster import stop

    stop()
    log("the Flink cluster has ended")


def _run(
    task: str, *, target: str | None, out: str | None, oversubscribe: bool, **given: Any
) -> None:
    _require_beam()
    given["threads"] = given["threads"] or threads_for(given["workers"])
    options = given.pop("beam_options")
    if given["runner"] in UNTESTED:
        log(
            f"The runner '{given['runner']}' is untested: emch passes its options on to Beam, and "
            "has never run a pipeline on it."
        )
    else:
        require_cpus(given["threads"], callers=given["workers"], oversubscribe=oversubscribe)
    if target not in (None, "-"):
        require_writable("--json", Path(str(target)))
    say_quota()
    with _folder(out) as folder:
        asked = Asked(task=task, out=folder, keep_answers=out is not None, options=options, **given)
        _measure(asked, target)


def _measure(asked: Asked, target: str | None) -> None:
    words = f"{asked.task}: {asked.model} on {asked.backend}, {asked.workers} workers"
    progress.print(words)
    with progress.status("the network is made ready, and checked; then the pipeline runs"):
        ended = run(asked)
    if target == "-":
        click.echo(ended.record.to_json())
        return
    if target is not None:
        write_whole("--json", Path(target), ended.record.to_json() + "\n")
    show(ended, out)


def _require_beam() -> None:
    if find_spec("apache_beam") is None:
        raise Unavailable("Apache Beam is not installed: pip install 'emch[beam]'")


@contextmanager
def _folder(named: str | None) -> Iterator[str]:
    """Yield the folder of the answers: the one that is named, or one that goes again."""
    if named is None:
        with tempfile.TemporaryDirectory(prefix="emch-") as folder:
            yield folder
        return
    if "://" not in named:  # a system of Beam's, as gs://, has no folders that must be there
        path = Path(named).absolute()
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise InvalidInput(f"--out {named}: the folder is not empty")
        except OSError as error:
            raise InvalidInput(f"--out {named}: not a folder ({error.strerror})") from error
        named = str(path)
    yield named
