"""What the parts of a model give, one after another, is what the whole gives."""

from typing import Any

import numpy as np
import pytest

from emch.arrays import FloatArray
from emch.backends.base import Session
from emch.encoding.encoder import Encoder, encoder
from emch.errors import InvalidInput, Unavailable
from emch.models.artifacts import open_artifact
from emch.tasks.model_parts import ModelParts, part_calls
from emch.tasks.sentence_encoding import BATCHES, Work, batches_for

PARTS_OF_THE_NETWORK = {"embeddings": 0, "layer": 1, "encoder": -1, "whole": -1}
"""And which of transformers' hidden states each of them ends in."""


@pytest.fixture(scope="module", params=["pytorch", "onnxruntime"])
def loaded(request: pytest.FixtureRequest, prepared_model: str) -> Encoder:
    return encoder(str(request.param), model=prepared_model, threads=1)


@pytest.fixture(scope="module")
def work(loaded: Encoder) -> list[Work]:
    """Return batches with padding."""
    return batches_for(loaded, "titles", 4)


@pytest.fixture(scope="module")
def hidden_states(prepared_model: str, work: list[Work]) -> list[FloatArray]:
    """Return the states before, between and after the layers, for the first batch."""
    import torch
    from transformers import AutoModel

    model: Any = AutoModel.from_pretrained(open_artifact(prepared_model, "safetensors").folder)
    batch = work[0].batch
    with torch.inference_mode():
        outputs = model.eval()(
            input_ids=torch.from_numpy(batch.input_ids),
            attention_mask=torch.from_numpy(batch.attention_mask),
            output_hidden_states=True,
        )
    return [states.numpy() for states in outputs.hidden_states]


@pytest.mark.parametrize(("part", "place"), PARTS_OF_THE_NETWORK.items())
def test_part_starts_and_ends_between_layers(
    loaded: Encoder, work: list[Work], hidden_states: list[FloatArray], part: str, place: int
) -> None:
    assert not work[0].batch.attention_mask.all()
    found = part_calls(loaded, part, work[:1])[0]()
    np.testing.assert_allclose(found, hidden_states[place], atol=1e-4)


def test_pooling_gives_the_embeddings(loaded: Encoder, work: list[Work]) -> None:
    found = part_calls(loaded, "pooling", work[:1])[0]()
    np.testing.assert_allclose(found, loaded.encode(work[0].texts, 4), atol=1e-4)


def test_tokenizer_gives_the_tokens_of_the_batch(loaded: Encoder, work: list[Work]) -> None:
    found: Any = part_calls(loaded, "tokenizer", work[:1])[0]()
    assert [len(ids) for ids in found] == work[0].batch.attention_mask.sum(axis=1).tolist()


@pytest.mark.parametrize("part", ["tokenizer", "layer"])
def test_outcome_counts_each_call(loaded: Encoder, part: str) -> None:
    task = ModelParts(
        dataset="sentences-16", batch_size=2, part=part, min_calls=BATCHES, min_seconds=0
    )
    outcome = task.run(loaded)
    assert outcome.counts == {"calls": 8, "sentences": 16, "tokens": 256}
    assert len(outcome.samples["call_s"]) == 8
    assert sum(outcome.samples["call_s"]) == outcome.samples["elapsed_s"][0]


def test_unknown_part_and_dataset_are_refused(loaded: Encoder) -> None:
    for dataset, part, message in [
        ("titles", "tail", "unknown part 'tail'; there are: tokenizer, "),
        ("tales", "layer", "unknown dataset 'tales'"),
    ]:
        task = ModelParts(dataset=dataset, batch_size=1, part=part)
        with pytest.raises(InvalidInput, match=message):
            task.require_inputs(loaded._options)


def test_engine_that_cannot_be_cut_says_so(loaded: Encoder) -> None:
    class Uncut(Session):
        info = loaded.info

        def run(self, input_ids: object, attention_mask: object) -> FloatArray:
            raise NotImplementedError

    with pytest.raises(Unavailable, match=r"\d cannot be cut into parts"):
        Uncut().part("layer")
