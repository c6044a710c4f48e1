"""Part of the table in docs/models.md, made anew by the command that made it."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from evaluation.architectures import MODELS, table, try_models

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
TRIED = [
    ("E5 (BERT, prompts for both sides)", "ModernBERT (and GTE's)"),
    pytest.param(("MPNet", "T5"), marks=pytest.mark.matrix),
]
BACKENDS = ("pytorch", "onnxruntime", "openvino", "xla", "ctranslate2", "sentence-transformers")


def cells(page: str) -> dict[tuple[str, str], str]:
    """Return `equal` or the reason, by model and backend, of a page that has the table."""
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    (start,) = (place for place, line in enumerate(lines) if line[0] == "model")
    _, *backends = (heading.strip("`") for heading in lines[start])
    reasons = dict(
        line.split(". ", 1) for line in page.splitlines() if line.partition(". ")[0].isdigit()
    )
    return {
        (model, backend): reasons.get(text.strip("()"), text)
        for model, *texts in lines[start + 2 :]
        for backend, text in zip(backends, texts, strict=True)
    }


def test_page_has_every_model() -> None:
    assert {model for model, _ in cells(PAGE.read_text())} == set(MODELS)


@pytest.mark.parametrize("tried", TRIED)
@pytest.mark.usefixtures("empty_cache")
@pytest.mark.filterwarnings(
    "ignore"
)  # exporters warn their own code, and `emch prepare` ignores it
def test_page_says_what_its_command_finds(
    require: Callable[[object, str], None], tried: tuple[str, ...]
) -> None:
    for module in ("onnxruntime", "openvino", "jax", "ctranslate2"):
        require(find_spec(module), f"{module} is not installed")
    written = cells(PAGE.read_text())
    found = cells(table(try_models(tried, BACKENDS, {}), BACKENDS))
    assert len(found) == len(tried) * len(BACKENDS)
    assert found == {cell: written[cell] for cell in found}
