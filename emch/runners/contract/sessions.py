"""What a session says of itself is true, and it uses no more than it says."""

import gc
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np

from emch.backends.base import Options
from emch.backends.network import require_fit
from emch.encoding.batching import tokenize
from emch.errors import InvalidInput, OptionNotHonoured, Unavailable
from emch.models.probes import PROBES
from emch.runners.contract.subject import THREADS, DoesNotApply, Subject, least_cosine
from emch.runners.fresh_process import run
from emch.runners.job import Job
from emch.tasks.semantic_search import SemanticSearch

ONE_CPU = 110
"""Percent of the CPU that a process with one thread may use: its start has some threads too."""

NVIDIA = Path("/proc/driver/nvidia")


def session_reports_what_was_asked_for(subject: Subject) -> Iterator[str]:
    """Look at the account that the session gives of itself."""
    yield from _faults_of(asdict(subject.loaded.info), subject, THREADS)


def loading_leaves_the_garbage_collector_on(subject: Subject) -> Iterator[str]:
    """Look at Python's collector after loading."""
    _ = subject.loaded
    if not gc.isenabled():
        yield "loading leaves Python's garbage collector off"


def one_thread_keeps_one_cpu_busy(subject: Subject) -> Iterator[str]:
    """Search in a process of its own, and count its CPU time."""
    task, options = SemanticSearch(dataset="mini", batch_size=16), Options(threads=1)
    record = run(Job(task=task, backend=subject.name, model=subject.model, options=options))
    yield from _faults_of(record.session, subject, 1)
    if (percent := record.value("cpu_percent")) >= ONE_CPU:
        yield f"with one thread the process keeps {percent:.0f} % of a CPU busy"


def padding_is_masked(subject: Subject) -> Iterator[str]:
    """Run one text bare, padded, and with another token as its padding."""
    session = subject.session
    settings = subject.loaded.settings
    (text, other) = tokenize(subject.loaded.tokenizer, ["Glaciers", "a stroke"])
    size, more = len(text), 2
    mask = np.array([[1] * size + [0] * more])
    padded, other_padding = (
        session.run(np.array([[*text, *[token] * more]]), mask)
        for token in (settings.pad_id, other[1])
    )
    bare = session.run(np.array([text]), mask[:, :size])
    wanted = (1, padded.shape[1]) if session.pools else (1, size + more, settings.hidden_size)
    if padded.shape != wanted:
        yield f"a batch of shape {mask.shape} gives states of shape {padded.shape}, not {wanted}"
        return
    if kinds := {str(found.dtype) for found in (padded, other_padding, bare)} - {"float32"}:
        yield f"the states are {', '.join(sorted(kinds))}, not float32"
    if not np.isfinite(padded).all():
        yield "the states of a padded batch are not all finite"
    if not session.pools:  # what stands at padding means nothing
        padded, other_padding = padded[:, :size], other_padding[:, :size]
    # A dynamically quantized network scales by all of a batch, so padding may move it a little.
    for what, states in (("other padding", other_padding), ("no padding", bare)):
        alike = np.corrcoef(padded.ravel(), states.ravel())[0, 1]
        if not alike > subject.limit:
            yield f"with {what} a text has other states: their correlation is {alike:.6f}"


def network_answers_as_the_session_does(subject: Subject) -> Iterator[str]:
    """Give the same tokens by the names of the inputs."""
    session = subject.session
    (text,) = tokenize(subject.loaded.tokenizer, ["Glaciers"])
    ids = np.array([text])
    feeds = {each.name: np.zeros_like(ids) for each in session.network.inputs}
    if missing := {"input_ids", "attention_mask"} - feeds.keys():
        yield f"the network has no input {', '.join(sorted(missing))}"
        return
    feeds |= {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    require_fit(session.network, feeds)
    outputs = session.network.run(feeds).values()
    states = session.run(ids, np.ones_like(ids))
    if not any(np.array_equal(states, output) for output in outputs):
        yield "the network gives other states by the names of its inputs than the session does"


def two_streams_are_honoured_or_refused(subject: Subject) -> Iterator[str]:
    """Ask for two batches at once."""
    try:
        two = subject.load(streams=2)
    except OptionNotHonoured as refused:
        if not re.search("no streams: 2|streams 2 and uses 1", str(refused)):
            yield f"two streams are refused with another reason: {refused}"
        return
    if (two.info.streams, two.info.threads) != (2, THREADS):
        yield f"two streams with {THREADS} threads are loaded as {two.info}"
    found = two.encode(PROBES, 2)
    if not np.array_equal(found, two.encode(PROBES, 2)):
        yield "with two streams two equal calls differ"
    if not (cosine := least_cosine(found, subject.loaded.encode(PROBES, 2))) >= subject.limit:
        yield f"with two streams a text has another embedding: their cosine is {cosine:.6f}"


def gpu_that_is_not_here_is_unavailable(subject: Subject) -> Iterator[str]:
    """Ask for a GPU where there is none."""
    if NVIDIA.exists():
        raise DoesNotApply
    try:
        subject.load(device="cuda")
    except Unavailable as missing:
        if "cuda" not in str(missing).lower():
            yield f"a GPU that is not here is refused without its name: {missing}"
    else:
        yield "the device 'cuda' is taken where there is no GPU"


def unknown_option_is_never_passed_over(subject: Subject) -> Iterator[str]:
    """Give nonsense for an option that no engine has, and for each of the engine's own words."""
    types = get_type_hints(subject.backend.options)
    words = {name for name, kind in types.items() if str in (kind, *get_args(kind))}
    own = words - {each.name for each in fields(Options)}
    for option in ("no_such_option", *sorted(own)):
        try:
            subject.load(**{option: "nonsense"})
        except (InvalidInput, OptionNotHonoured) as refused:
            if "nonsense" not in str(refused):
                yield f"{option} 'nonsense' is refused without its value: {refused}"
        else:
            yield f"{option} 'nonsense' is passed over"


def compilations_are_counted_once(subject: Subject) -> Iterator[str]:
    """Encode the same twice, and look at what was compiled."""
    loaded = subject.loaded
    loaded.encode(PROBES, 2)
    compiled = list(loaded.compile_s)
    if not all(seconds > 0 for seconds in compiled):
        yield f"compilations are said to take {compiled} seconds"
    loaded.encode(PROBES, 2)
    if list(loaded.compile_s) != compiled:
        yield "what was compiled for once is compiled for again"


def view_of_a_known_shape_is_not_compiled_for(subject: Subject) -> Iterator[str]:
    """Run a view of a larger array."""
    session = subject.session
    (text,) = tokenize(subject.loaded.tokenizer, ["Glaciers"])
    input_ids = np.full((1, 9), text[1])
    view, mask = input_ids[:, :6], np.ones_like(input_ids)[:, :6]
    session.run(view.copy(), mask.copy())
    compiled = list(subject.loaded.compile_s)
    session.run(view, mask)
    if list(subject.loaded.compile_s) != compiled:
        yield "a view of a shape that was seen before is compiled for"


def _faults_of(info: Mapping[str, Any], subject: Subject, threads: int) -> Iterator[str]:
    if info["threads"] != threads:
        yield f"the session was asked for {threads} threads and reports {info['threads']}"
    if info["precision"] != subject.backend.precision:
        yield f"the session reports {info['precision']}, not {subject.backend.precision}"
    if not info["provider"]:
        yield "the session does not say what executes"
    if not any(character.isdigit() for character in info["library"]):
        yield f"the session names no version of its library, only '{info['library']}'"
