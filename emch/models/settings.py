"""What emch has to know around a network: tokens, prompts, pooling and what comes after it.

`emch prepare` takes it from the model's own library and writes it beside each artifact, as
encoder.json, with the weights of Dense and LayerNorm modules in encoder.npz.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from emch.arrays import FloatArray
from emch.errors import BrokenArtifact
from emch.models.head import Step, normalize

SETTINGS = "encoder.json"
WEIGHTS = "encoder.npz"

Role = Literal["text", "query", "document"]
ROLES: tuple[Role, ...] = ("text", "query", "document")
"""What a text is: nothing in particular, or one of the two sides of a search."""


@dataclass(frozen=True)
class Prompt:
    """What stands before every text of a role.

    Attributes
    ----------
    text : str
        The prompt; it may be empty.
    skipped : int
        How many tokens at the beginning are left out of pooling.
    """

    text: str = ""
    skipped: int = 0


@dataclass(frozen=True, kw_only=True)
class EncoderSettings:
    """How texts become embeddings around the network.

    Attributes
    ----------
    max_tokens : int
        Longer texts are cut to this many tokens, the special ones included.
    pad_id : int
        The token that a batch is filled up with.
    hidden_size : int
        The length of a token's last hidden state.
    linear_size : int
        The weights of linear layers that a token meets on its way, in all layers.
    attention_size : int
        The sum over all layers of the length that attention compares.
    pooling : tuple of str
        The poolings that `emch.models.head.pool` takes.
    prompts : mapping of str to Prompt
        The prompts by role.
    steps : tuple of Step
        What follows pooling, in this order.
    """

    max_tokens: int
    pad_id: int
    hidden_size: int
    linear_size: int
    attention_size: int
    pooling: tuple[str, ...]
    prompts: Mapping[str, Prompt]
    steps: tuple[Step, ...] = ()

    @property
    def embedding_size(self) -> int:
        """The length of an embedding."""
        sizes = [len(step.weight) for step in self.steps if step.weight is not None]
        return sizes[-1] if sizes else self.hidden_size * len(self.pooling)

    @property
    def skips(self) -> bool:
        """Whether the tokens of a prompt are left out of pooling."""
        return any(prompt.skipped for prompt in self.prompts.values())

    @property
    def has_prompts(self) -> bool:
        """Whether something stands before texts of some role."""
        return any(prompt.text for prompt in self.prompts.values())

    @property
    def only_pooling(self) -> str | None:
        """The one pooling that there is, if nothing but scaling to length 1 comes after it.

        None where a library that pools and normalises by itself could not follow.
        """
        if (
            len(self.pooling) > 1
            or self.skips
            or {step.kind for step in self.steps} - {"Normalize"}
        ):
            return None
        return self.pooling[0]

    def finish(self, pooled: FloatArray, *, unit: bool = False) -> FloatArray:
        """Take pooled states to embeddings.

        Parameters
        ----------
        pooled : ndarray of float32, shape [texts, hidden x poolings]
        unit : bool
            Scale them to length 1 (L2) also where the model does not.
        """
        for step in self.steps:
            pooled = step(pooled)
        return normalize(pooled) if unit else pooled

    def count_flop(self, tokens: int) -> int:
        """Return the floating-point operations of one text's matrix products, without padding.

        In each layer a token takes the matrices of attention and of the feed-forward network, and
        meets each token of its text twice; a multiplication with its addition counts as 2, as
        usual (Kaplan et al. 2020, section 2.1). Embedding, biases, norms, softmax and activation
        are left out, and so is what follows pooling: they are below 1 % here.
        """
        return 2 * tokens * (self.linear_size + 2 * self.attention_size * tokens)


def write_settings(folder: Path, settings: EncoderSettings) -> None:
    """Write the settings into an artifact's folder."""
    content = asdict(settings)
    arrays = {}
    for place, step in enumerate(content["steps"]):
        for name in ("weight", "bias"):
            if (array := step.pop(name)) is not None:
                arrays[f"{place}.{name}"] = array
    (folder / SETTINGS).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    if arrays:
        np.savez(folder / WEIGHTS, **arrays)


def read_settings(folder: Path) -> EncoderSettings:
    """Read the settings from an artifact's folder.

    Raises
    ------
    BrokenArtifact
        They are not there, or not what `write_settings` writes.
    """
    try:
        found = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        found["steps"] = _read_steps(folder, found["steps"])
        found["pooling"] = tuple(found["pooling"])
        found["prompts"] = {role: Prompt(**prompt) for role, prompt in found["prompts"].items()}
        return EncoderSettings(**found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenArtifact(
            f"{folder / SETTINGS} cannot be read ({type(error).__name__}: {error}): "
            "run 'emch prepare' for this model"
        ) from error


def _read_steps(folder: Path, steps: Sequence[dict[str, Any]]) -> tuple[Step, ...]:
    path = folder / WEIGHTS
    arrays = dict(np.load(path, allow_pickle=False)) if path.is_file() else {}
    return tuple(
        Step(**step, weight=arrays.get(f"{place}.weight"), bias=arrays.get(f"{place}.bias"))
        for place, step in enumerate(steps)
    )
