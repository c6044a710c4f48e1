"""The reference embeddings: PyTorch fp32, a text at a time, with none of emch's pipeline.

No batch, no padding and no shared code: what the pipeline gets wrong shows as a distance.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emch.models.probes import PROBES
from emch.models.settings import read_settings

EMBEDDINGS = "probes.npy"


def embed_probes(model: Path) -> NDArray[np.float32]:
    """Compute the embeddings of the probe texts.

    Parameters
    ----------
    model : Path
        A folder with config.json, tokenizer.json and model.safetensors.

    Returns
    -------
    ndarray of float32, shape [probes, hidden]
        L2-normalised, in the order of `PROBES`.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    settings = read_settings(model)
    tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
    network = AutoModel.from_pretrained(
        model, local_files_only=True, use_safetensors=True, attn_implementation="eager"
    ).eval()
    rows = []
    with torch.inference_mode():
        for text in PROBES:
            tokens = tokenizer(
                text, truncation=True, max_length=settings.max_tokens, return_tensors="pt"
            )
            rows.append(_pool(network(**tokens).last_hidden_state[0], settings.pooling))
        embeddings = torch.nn.functional.normalize(torch.stack(rows), dim=1)
    result: NDArray[np.float32] = embeddings.numpy()
    return result


def _pool(hidden: Any, pooling: str) -> Any:
    """Pool one text's hidden states [tokens, hidden]; without padding every token counts."""
    return hidden[0] if pooling == "cls" else hidden.mean(dim=0)
