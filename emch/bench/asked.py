"""What a user asks for, as the command line has it, and the plan that it comes to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from emch.backends.base import Options
from emch.backends.network import Input, free_axis
from emch.backends.registry import get_backend, make_options, require_available
from emch.bench.inputs import Inputs
from emch.bench.lengths import read_lengths
from emch.bench.model import Model, find_model
from emch.bench.npz import with_sizes_of
from emch.bench.placement import place
from emch.bench.plan import Case, Plan
from emch.bench.shapes import Axes, Shape, parse_dims, parse_shapes, resolve
from emch.bench.signature import Signature, read_onnx
from emch.errors import InvalidInput
from emch.measure.cpus import usable_cpus
from emch.scenarios.closed_loop import Sync
from emch.scenarios.elastic import Elastic
from emch.scenarios.goodput import Bound
from emch.scenarios.scenario import Scenario

SECONDS = 10.0
WARMUP_S = 2.0
TIMEOUT_S = 300.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be measured, in the user's words.

    Attributes
    ----------
    model : str
        A file of a network; or a folder, name or Hub id of a prepared model.
    engines : sequence of str
        Backends by their names; none for the usual one of the file.
    batch_sizes : sequence of int
        None for that of the shapes or of the file, or 1.
    shapes, lengths : str or None
        See `parse_shapes` and `read_lengths`.
    dims : sequence of str
        See `parse_dims`.
    inputs : Path or None
        See `read_npz`.
    cores : int or None
        The threads of an engine; None for all usable CPUs.
    streams : int or None
        The calls of an engine at once; None for `default_streams`, or 1 in the scenario `sync`.
    oversubscribe : bool
        Whether there may be more threads than usable CPUs.
    scenario, seconds, iterations, warmup_s, timeout_s, tolerance
        See `Plan`.
    pinning, cpus : str, and str or None
        See `place`.
    goodput, search : str or None
        See `Bound.parse`.
    loadgen, slice_s, profile
        See `Plan`.
    seed : int
        Of all random numbers.
    """

    model: str
    scenario: Scenario = field(default_factory=Sync)
    engines: Sequence[str] = ()
    batch_sizes: Sequence[int] = ()
    shapes: str | None = None
    dims: Sequence[str] = ()
    inputs: Path | None = None
    lengths: str | None = None
    cores: int | None = None
    streams: int | None = None
    oversubscribe: bool = False
    seconds: float = SECONDS
    iterations: int | None = None
    warmup_s: float = WARMUP_S
    timeout_s: float = TIMEOUT_S
    tolerance: float | None = None
    pinning: str = "none"
    cpus: str | None = None
    goodput: str | None = None
    search: str | None = None
    loadgen: Path | None = None
    slice_s: float | None = None
    profile: bool = False
    seed: int = 0


Probe = Callable[[Model, str, Options], tuple[Input, ...]]
"""Loads a model in an engine by its name, and returns what it takes."""


def plan_of(asked: Asked, probe: Probe) -> Plan:
    """Find what is meant, and refuse what cannot be measured.

    Parameters
    ----------
    asked : Asked
        What is asked for.
    probe : callable
        Asks an engine for the inputs of a file that emch cannot read itself.

    Raises
    ------
    InvalidInput
        Something of it has no meaning, or contradicts the network or the machine.
    Unavailable, BrokenEngine, BrokenArtifact
        An engine or a model is not here, or is damaged.
    """
    model = find_model(asked.model)
    engines = list(dict.fromkeys(asked.engines)) or [model.default_engine]
    for engine in engines:
        require_available(engine)
    placement = place(asked.cpus, asked.pinning)
    usable = min(usable_cpus(), len(placement.cpus) or usable_cpus())
    threads = asked.cores or usable
    options = {
        engine: make_options(
            engine, threads=threads, streams=_streams(asked, engine, threads),
            oversubscribe=asked.oversubscribe,
        )
        for engine in engines
    }  # fmt: skip
    options[engines[0]].require_cpus()
    asked.scenario.require_inputs(options[engines[0]].streams)
    shapes = None if asked.shapes is None else parse_shapes(asked.shapes)
    signature = _signature(model, engines[0], options[engines[0]], probe)
    signature = replace(signature, inputs=_with_shapes(model, signature.inputs, shapes))
    axes = resolve(signature.inputs, shapes, parse_dims(asked.dims))
    if asked.inputs is not None:
        axes = with_sizes_of(asked.inputs, signature, axes)
    inputs = _inputs(asked, model, engines[0], signature, axes)
    sizes = _batch_sizes(asked, axes)
    _require_joints(asked.scenario, axes)
    return Plan(
        model=model,
        inputs=inputs,
        cases=[
            Case(engine=engine, batch_size=size, options=options[engine])
            for size in sizes
            for engine in engines
        ],
        scenario=asked.scenario,
        seconds=asked.seconds,
        iterations=asked.iterations,
        warmup_s=asked.warmup_s,
        timeout_s=asked.timeout_s,
        tolerance=asked.tolerance,
        placement=placement,
        goodput=None if asked.goodput is None else Bound.parse(asked.goodput),
        search=None if asked.search is None else Bound.parse(asked.search),
        loadgen=asked.loadgen,
        slice_s=asked.slice_s,
        profile=asked.profile,
    )


def _streams(asked: Asked, engine: str, threads: int) -> int:
    """Return the streams of an engine; one that has no streams gets several only if asked to."""
    if not isinstance(asked.scenario, Sync):
        backend = get_backend(engine)
        several = backend.has_streams or backend.network_streams
        return asked.streams or (default_streams(threads) if several else 1)
    if asked.streams not in (None, 1):
        raise InvalidInput(
            f"the scenario 'sync' has one request at a time, so {asked.streams} streams have "
            "nothing to do: take the scenario 'async'"
        )
    return 1


def default_streams(threads: int) -> int:
    """Return half as many streams as threads, as DeepSparse has it, but 2 where there are 2.

    Where that many cannot share the threads equally it is the next lower number that can.
    """
    most = min(threads, max(2, threads // 2))
    return next(streams for streams in range(most, 0, -1) if threads % streams == 0)


def _signature(model: Model, engine: str, options: Options, probe: Probe) -> Signature:
    file, _ = model.place(engine)
    if file is not None and file.suffix == ".onnx":
        return read_onnx(file)
    return Signature(probe(model, engine, options))


def _with_shapes(
    model: Model, inputs: Sequence[Input], shapes: Sequence[Shape] | None
) -> tuple[Input, ...]:
    """Give inputs whose file tells no shape as many free axes as the shapes have that are asked."""
    if all(each.told for each in inputs):
        return tuple(inputs)
    if shapes is None or len(shapes) != len(inputs):
        raise InvalidInput(
            f"{model.name} tells no shapes: give --input-shapes, one for each of "
            f"{', '.join(each.name for each in inputs)}"
        )
    return tuple(
        each
        if each.told
        else Input(
            each.name, each.dtype, tuple(free_axis(each.name, axis) for axis in range(len(shape)))
        )
        for each, shape in zip(inputs, shapes, strict=True)
    )


def _inputs(asked: Asked, model: Model, engine: str, signature: Signature, axes: Axes) -> Inputs:
    if asked.inputs is not None and asked.lengths is not None:
        raise InvalidInput("the inputs in a file have their own lengths: leave --lengths out")
    lengths: list[int] = []
    origin = ""
    if asked.lengths is not None:
        lengths, origin = read_lengths(asked.lengths, model.folder(engine))
    return Inputs(
        signature=signature,
        axes=axes,
        lengths=lengths,
        lengths_origin=origin,
        file=asked.inputs,
        seed=asked.seed,
    )


def _batch_sizes(asked: Asked, axes: Axes) -> list[int]:
    """Return the batch sizes: those asked for, or that of the shapes or of the file, or 1."""
    given = axes.given_batch or axes.fixed_batch
    sizes = list(dict.fromkeys(asked.batch_sizes)) or [given or 1]
    for size in sizes:
        if axes.fixed_batch is not None and size != axes.fixed_batch:
            raise InvalidInput(
                f"the network has the batch size {axes.fixed_batch} fixed in it, which "
                f"{size} contradicts: leave the batch size out, or export it with a free axis"
            )
        if not axes.has_batch and size != 1:
            raise InvalidInput(
                f"the network has no axis for a batch, so a batch size of {size} has no meaning: "
                "leave the batch size out"
            )
        if axes.given_batch not in (None, 1, size):
            raise InvalidInput(
                f"the shapes have the batch size {axes.given_batch}, which {size} contradicts"
            )
    return sizes


def _require_joints(scenario: Scenario, axes: Axes) -> None:
    """Refuse to join requests to a call where the batch size is fixed, or where there is none."""
    if isinstance(scenario, Elastic) and scenario.most > 1 and not axes.batch:
        raise InvalidInput(
            "the scenario 'elastic' joins requests along the axis of the batch, which is fixed in "
            "the network or not there: export it with a free axis, or take 'async'"
        )
