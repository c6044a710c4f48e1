"""The texts on which every session is compared with the reference before it may be timed.

The fixed ones are chosen to go wrong where encoders do: nothing to encode, more than fits, letters
the vocabulary has to break up, and the same text twice, which must give the same embedding. To them
each model adds its own: its added tokens, and its prompts.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from emch.models.settings import Prompt, Role

PROBES: tuple[str, ...] = (
    "",
    "Neutrophils",
    "Vitamin D deficiency is unrelated to birth weight.",
    "The half-life of caffeine in adults is between three and seven hours.",
    "A randomised, double-blind, placebo-controlled trial of low-dose aspirin in 2,539 adults.",
    "Глубокое обучение ускоряет поиск новых антибиотиков.",
    "深度学习可以预测蛋白质的三维结构。",
    "يقلل النشاط البدني من خطر الإصابة بأمراض القلب.",
    "🧬 DNA → RNA → protein 🦠",
    "TNF-α, IL-1β and IL-6 rise 3.5× after 24 h at 37 °C (p < 0.001).",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaa",
    " ".join(["Long texts are cut where the model's limit is, and not one token later."] * 60),
    "Neutrophils",
)

ADDED_IN_A_TEXT = 16


class Probe(NamedTuple):
    """A text in its role."""

    text: str
    role: Role = "text"


FIXED = tuple(Probe(text) for text in PROBES)


def own_probes(tokenizer: Any, prompts: Mapping[str, Prompt]) -> list[Probe]:
    """Return the probes of one model: its added tokens, and texts for prompts of their own.

    Parameters
    ----------
    tokenizer : transformers.PreTrainedTokenizerFast
        The model's tokenizer.
    prompts : mapping of str to Prompt
        The prompts by role.
    """
    numbers = tokenizer.get_added_vocab()
    # Inside of a text the padding token means something to some libraries, and nothing to others.
    added = sorted(numbers.keys() - {tokenizer.pad_token}, key=lambda token: numbers[token])
    probes = [
        Probe(" ".join(added[start : start + ADDED_IN_A_TEXT]))
        for start in range(0, len(added), ADDED_IN_A_TEXT)
    ]
    for role in ("query", "document"):
        if prompts[role] != prompts["text"]:
            probes += [Probe(text, role) for text in PROBES[1:5]]
    return probes
