"""Where the time of a network goes: the seconds of its operators, as the engine itself tells."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Operator:
    """A node of the graph that an engine executes.

    Attributes
    ----------
    name : str
        Of the node, in the engine's own graph.
    kind : str
        The type of operator, in the engine's words.
    seconds : float
        The mean time that a call of the network spends in it.
    """

    name: str
    kind: str
    seconds: float
