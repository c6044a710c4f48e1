"""What two mappings have that is not the same."""

from emch.compare.differences import changes, differences

OLD, NEW = {"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2", "d": "1"}


def test_changes_name_both_versions() -> None:
    assert changes(OLD, NEW) == [("b", "1", "2"), ("c", "1", "none"), ("d", "none", "1")]


def test_differences_are_the_same_as_texts() -> None:
    assert differences(OLD, NEW, "->") == ["b 1 -> 2", "c 1 -> none", "d none -> 1"]
