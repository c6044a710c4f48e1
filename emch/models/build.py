"""What every artifact has beside its main file, and the artifact of the reference."""

import shutil
from pathlib import Path

from emch.models import reference
from emch.models.extras import needs
from emch.models.settings import SETTINGS
from emch.models.settings import WEIGHTS as SETTINGS_WEIGHTS
from emch.models.tokenizer import TOKENIZER

SIDE_FILES = (
    SETTINGS,
    SETTINGS_WEIGHTS,
    TOKENIZER,
    "config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    # Of these, earlier commits of emch read what they know of tokens and pooling.
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "1_Pooling/config.json",
)


def copy_side_files(model: Path, target: Path) -> None:
    """Copy configuration and tokenizer, so that each artifact can be loaded from its own folder."""
    for name in SIDE_FILES:
        if (model / name).is_file():
            (target / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(model / name, target / name)


def write_reference(model: Path, target: Path) -> dict[str, str]:
    """Compare emch's reading of a model with its library's, and keep the library's embeddings."""
    with needs("prepare"):
        reference.hold_against(model)
    for name in reference.FILES:
        shutil.copyfile(model / name, target / name)
    return {"precision": "fp32"}
