"""The network with one output, for the engines that make a graph of it."""

from typing import Any


def hidden_alone(model: Any) -> Any:
    """Return a module from tokens and mask to the last hidden states, and no others."""
    import torch

    class LastHidden(torch.nn.Module):  # type: ignore[misc] # torch is Any to mypy
        """The network with one output."""

        def __init__(self) -> None:
            super().__init__()
            self.network = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            outputs = self.network(input_ids=input_ids, attention_mask=attention_mask)
            return outputs.last_hidden_state

    return LastHidden().eval()
