"""What Beam calls: the handler halves what an engine refuses; parts have each input once."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from emch.errors import BrokenArtifact

pytest.importorskip("apache_beam", reason="pip install 'emch[beam]'")

from emch.beam.answers import Answer, Request
from emch.beam.figures import Distribution, Metrics
from emch.beam.handler import answered, namespace_of
from emch.beam.parts import read_parts, write_part
from emch.beam.run import _rows
from emch.beam.work.base import Loaded


class Room(Loaded):
    """An engine with room for some inputs at a time, that fails on those below zero."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.calls: list[int] = []

    def run(self, batch: Sequence[Any]) -> list[Any]:
        self.calls.append(len(batch))
        if len(batch) > self.room:
            raise MemoryError(f"no room for {len(batch)}")
        if min(batch) < 0:
            raise ValueError(f"{min(batch)} is below zero")
        return [2 * each for each in batch]


def test_batch_that_is_too_large_is_halved_until_it_fits() -> None:
    engine = Room(3)
    assert answered(list(range(10)), engine) == [(2 * each, None) for each in range(10)]
    assert engine.calls == [10, 5, 2, 3, 5, 2, 3]


def test_only_the_input_that_fails_has_no_answer() -> None:
    found = answered([1, 2, -3, 4, 5, 6, -7, 8], Room(8))
    reasons = {place: reason for place, (_, reason) in enumerate(found) if reason}
    assert reasons == {2: "ValueError: -3 is below zero", 6: "ValueError: -7 is below zero"}
    assert [answer for answer, reason in found if reason is None] == [2, 4, 8, 10, 12, 16]


def test_no_room_for_a_single_input_is_a_reason() -> None:
    assert answered([1], Room(0)) == [(None, "MemoryError: no room for 1")]


REQUEST = Request("r", 2, 0.5, "here-1")


def write(folder: Path, number: int, places: Sequence[int]) -> None:
    answers = [(place, Answer(place, None, REQUEST)) for place in places]
    write_part(str(folder), number, answers, keep_answers=True)


def test_slice_that_comes_again_is_counted_once(tmp_path: Path) -> None:
    write(tmp_path, 0, [1, 0])
    write(tmp_path, 1, [2])
    write(tmp_path, 0, [0, 1])
    found = read_parts(str(tmp_path), 3)
    assert (found.answered, found.dead, found.requests) == (3, 0, {"r": REQUEST})
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "part-00000000.jsonl",
        "part-00000001.jsonl",
    ]


@pytest.mark.parametrize("places", [[0, 1], [0, 1, 1], [0, 1, 2, 3], [0, 0, 1, 2]])
def test_lost_or_doubled_inputs_are_an_error(places: list[int], tmp_path: Path) -> None:
    write(tmp_path, 0, places)
    with pytest.raises(BrokenArtifact, match=r"the pipeline has 3 inputs, and .* has answers to"):
        read_parts(str(tmp_path), 3)


def test_dead_letters_have_their_reasons_and_no_answers_are_kept_unasked(tmp_path: Path) -> None:
    answers = [(0, Answer("secret", None, REQUEST)), (1, Answer(None, "no word", None))]
    write_part(str(tmp_path), 0, answers, keep_answers=False)
    (part,) = tmp_path.iterdir()
    lines = [json.loads(line) for line in part.read_text().splitlines()]
    assert [line["answer"] for line in lines] == [None, None]
    found = read_parts(str(tmp_path), 2)
    assert (found.answered, found.dead, found.reasons) == (1, 1, [(1, "no word")])


def test_rows_are_beam_s_figures_in_our_units() -> None:
    metrics = Metrics(
        {
            "inference_request_batch_size": Distribution(4, 50, 10, 20),
            "inference_batch_latency_micro_secs": Distribution(4, 2_000_000, 100_000, 900_000),
            "load_model_latency_milli_secs": Distribution(2, 3_000, 1_000, 2_000),
            "inference_request_batch_byte_size": Distribution(4, 4_000, 1, 2_000),
            "worker_peak_rss_bytes": Distribution(2, 30, 10, 20),
        },
        {"num_inferences": 50, "worker_cpu_milli_secs": 2_500},
    )
    values = {(row.metric, row.tags.get("statistic")): row.numbers[0] for row in _rows(metrics)}
    assert values == {
        ("mean_requested_batch_size", None): 12.5,
        ("mean_batch_latency_s", None): 0.5,
        ("mean_model_load_s", None): 1.5,
        ("requested_batch_size", "min"): 10,
        ("requested_batch_size", "max"): 20,
        ("batch_latency_s", "min"): pytest.approx(0.1),
        ("batch_latency_s", "max"): pytest.approx(0.9),
        ("model_load_s", "min"): 1,
        ("model_load_s", "max"): 2,
        ("batches", None): 4,
        ("inferences", None): 50,
        ("failed_batches", None): 0,
        ("refused_batches", None): 0,
        ("batch_bytes", None): 4_000,
        ("worker_cpu_s", None): 2.5,
        ("peak_rss_bytes", None): 20,
    }
    assert Metrics.from_dict(metrics.to_dict()) == metrics


@pytest.mark.parametrize(
    ("backend", "namespace"),
    [
        ("pytorch", "BeamML_PyTorch"),
        ("onnxruntime-int8", "BeamML_Onnx"),
        ("openvino", "BeamML_openvino"),
    ],
)
def test_namespace_is_beam_s_own_where_it_has_a_handler(backend: str, namespace: str) -> None:
    assert namespace_of(backend) == namespace
