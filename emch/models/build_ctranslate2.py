"""Converts a model to CTranslate2's own format."""

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
    # In a folder of its own: it writes a config.json too, which is not the model's.
    TransformersConverter(str(model)).convert(str(target / "model"), quantization="float32")
    copy_side_files(model, target)
    return {"precision": "fp32"}
