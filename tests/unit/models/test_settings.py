"""Settings are read as they were written, and what is no settings is a broken artifact."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emch.backends.stub import HIDDEN, SETTINGS
from emch.errors import BrokenArtifact
from emch.models.head import Step
from emch.models.settings import SETTINGS as FILE
from emch.models.settings import EncoderSettings, Prompt, read_settings, write_settings

WEIGHT = np.arange(3 * HIDDEN, dtype=np.float32).reshape(3, HIDDEN)
DENSE = Step("Dense", "Tanh", weight=WEIGHT, bias=WEIGHT[:, 0])
NORM = Step("LayerNorm", epsilon=1e-5, weight=WEIGHT[0, :3], bias=WEIGHT[1, :3])


def with_steps(*steps: Step) -> EncoderSettings:
    return replace(SETTINGS, steps=steps)


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS,
        with_steps(),
        with_steps(DENSE, NORM, Step("Normalize")),
        with_steps(replace(DENSE, bias=None)),
        replace(SETTINGS, pooling=("cls", "max"), prompts={"text": Prompt("p: ", 3)}),
    ],
)
def test_settings_are_read_as_they_were_written(tmp_path: Path, settings: EncoderSettings) -> None:
    write_settings(tmp_path, settings)
    found = read_settings(tmp_path)
    assert replace(found, steps=()) == replace(settings, steps=())
    assert len(found.steps) == len(settings.steps)
    for ours, theirs in zip(found.steps, settings.steps, strict=True):
        assert (ours.kind, ours.activation, ours.epsilon) == (
            theirs.kind,
            theirs.activation,
            theirs.epsilon,
        )
        for name in ("weight", "bias"):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


@pytest.mark.parametrize("content", [None, "{", "[1]", "{}", '{"steps": [{"kind": 1, "no": 2}]}'])
def test_what_is_no_settings_is_broken_with_the_remedy(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / FILE).write_text(content)
    with pytest.raises(BrokenArtifact, match=r"encoder\.json cannot be read .*'emch prepare'"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        (SETTINGS, HIDDEN),
        (replace(SETTINGS, pooling=("mean", "max")), 2 * HIDDEN),
        (with_steps(DENSE, Step("Normalize")), 3),
        (with_steps(DENSE, NORM), 3),
    ],
)
def test_embedding_has_the_size_of_what_comes_last(settings: EncoderSettings, size: int) -> None:
    pooled = np.ones((2, HIDDEN * len(settings.pooling)), dtype=np.float32)
    assert settings.embedding_size == settings.finish(pooled).shape[1] == size


def test_embedding_is_normalised_only_where_the_model_or_the_caller_says_so() -> None:
    pooled = np.full((1, HIDDEN), 3, dtype=np.float32)
    bare = with_steps()
    np.testing.assert_array_equal(bare.finish(pooled), pooled)
    assert np.linalg.norm(bare.finish(pooled, unit=True)) == pytest.approx(1)
    assert np.linalg.norm(SETTINGS.finish(pooled)) == pytest.approx(1)


def test_operations_of_a_text_are_those_of_its_matrix_products() -> None:
    tokens, layers, width, inner = 7, 6, 384, 1536
    squares = 4 * 2 * tokens * width * width
    feed_forward = 2 * (2 * tokens * width * inner)
    scores_and_values = 2 * (2 * tokens * tokens * width)
    expected = layers * (squares + feed_forward + scores_and_values)
    linear = layers * (4 * width * width + 2 * width * inner)
    settings = replace(SETTINGS, linear_size=linear, attention_size=layers * width)
    assert settings.count_flop(tokens) == expected
