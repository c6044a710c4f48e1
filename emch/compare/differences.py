"""What two mappings of names to words have that is not the same, as people read it."""

from collections.abc import Mapping, Sequence


def differences(one: Mapping[str, str], other: Mapping[str, str], arrow: str) -> list[str]:
    """Return a text for each name whose words differ, in the order of the names."""
    return [f"{name} {before} {arrow} {after}" for name, before, after in changes(one, other)]


def changes(one: Mapping[str, str], other: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return each name whose words differ, with both; what is not there is `none`."""
    names = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    return [(name, one.get(name, "none"), other.get(name, "none")) for name in names]


def the_first(words: Sequence[str], most: int) -> str:
    """Return some texts in a row; of more than `most` the others are counted."""
    more = f", and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
