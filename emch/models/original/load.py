"""Loads a model with its own library: sentence-transformers or transformers."""

from emch.errors import InvalidInput
from emch.models.extras import needs
from emch.models.layout import Layout, read_json
from emch.models.original.base import Original


def load_original(layout: Layout) -> Original:
    """Load a model with its own library, from local files alone and without foreign code.

    Raises
    ------
    InvalidInput
        The library refuses the model, or the model does what emch has no code for.
    Unavailable
        The library is not installed.
    """
    require_native_code(layout)
    if layout.has_modules:
        from emch.models.original.sentence_transformers import load
    else:
        from emch.models.original.transformers import load
    return load(layout)


def require_native_code(layout: Layout) -> None:
    """Refuse an architecture whose code comes with the model, and not with transformers."""
    with needs("prepare"):
        from transformers import CONFIG_MAPPING
    path = layout.network / "config.json"
    config = read_json(path)
    architecture = config.get("model_type") if isinstance(config, dict) else None
    if architecture not in CONFIG_MAPPING:
        raise InvalidInput(
            f"{path}: transformers has no code for the model_type '{architecture}', and emch runs "
            "none that comes with a model"
        )
