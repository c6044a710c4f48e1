"""What two mappings of names to words have that is not the same, as people read it."""

from collections.abc import Mapping, Sequence


def differences(one: Mapping[str, str], other: Mapping[str, str], arrow: str) -> list[str]:
    """Return a text for each name whose words differ, in the order of the names."""
    names = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    return [f"{name} {one.get(name, 'none')} {arrow} {other.get(name, 'none')}" for name in names]


def the_first(words: Sequence[str], most: int) -> str:
    """Return some texts in a row; of more than `most` the others are counted."""
    more = f", and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
