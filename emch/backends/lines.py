"""The lines of Python that load an engine without emch, as each backend has them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Lines:
    """What a program needs in place of a backend.

    Attributes
    ----------
    imports : str
        The lines that import the engine.
    load : str
        The lines that load the network from `folder` with `threads`.
    call : str
        The lines that make `states` [batch, tokens, hidden] as an array of numpy's out of `ids` and
        `mask`, arrays [batch, tokens] of int64; or, where it takes texts, that return embeddings.
    takes_texts : bool
        Whether the engine has a tokenizer and pooling of its own.
    poolings : mapping of str to str, or None
        Where such an engine has to be told the pooling: its words for those that it has, by ours.
        `load` can then use the variables `pooling`, `normalize` and `size`.
    """

    imports: str
    load: str
    call: str
    takes_texts: bool = False
    poolings: Mapping[str, str] | None = None
