"""Converts a model to CTranslate2's own format."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emch.models.build import copy_side_files
from emch.models.extras import needs


def convert_ctranslate2(model: Path, target: Path) -> dict[str, str]:
    """Convert an encoder to `target/model`, in fp32, with CTranslate2's converter.

    Parameters
    ----------
    model : Path
        A folder with model.safetensors and no other weights; nothing is fetched.
    target : Path
        An empty folder.

    Returns
    -------
    dict of str to str
        The precision of the weights.

    Raises
    ------
    Unavailable
        CTranslate2, or PyTorch or transformers, which it converts with, is missing.
    """
    with needs("prepare-ctranslate2"):
        from ctranslate2.converters import TransformersConverter
    with _as_of_transformers_4(model) as folder:
        # In a folder of its own: it writes a config.json too, which is not the model's.
        TransformersConverter(str(folder)).convert(str(target / "model"), quantization="float32")
    copy_side_files(model, target)
    return {"precision": "fp32"}


@contextmanager
def _as_of_transformers_4(model: Path) -> Iterator[Path]:
    """Yield a folder of links to a model's, whose config.json says what CTranslate2 4.8 asks for.

    transformers 5 knows absolute positions alone for BERT's kind, and no longer writes so.
    """
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="emch-") as made:
        folder = Path(made)
        for path in model.iterdir():
            if path.name != "config.json":
                (folder / path.name).symlink_to(path.resolve())
        text = json.dumps({"position_embedding_type": "absolute", **config})
        (folder / "config.json").write_text(text, encoding="utf-8")
        yield folder
