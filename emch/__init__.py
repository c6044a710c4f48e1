"""emch: how fast, how big and how right transformer inference is."""

from emch.tasks.encoding import Encoder, encoder

__all__ = ["Encoder", "encoder"]
