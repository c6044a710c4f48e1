"""emch: how fast, how big and how right transformer inference is."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emch.encoding.encoder import Encoder, encoder

__all__ = ["Encoder", "encoder"]


def __getattr__(name: str) -> Any:
    """Import the front door when it is first used, so that `import emch` is quick."""
    if name in __all__:
        from emch.encoding import encoder

        return getattr(encoder, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
