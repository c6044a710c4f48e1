"""Changes of files that must fit."""

from pathlib import Path


def replace_once(path: Path, old: str, new: str) -> None:
    """Replace a part of a file that it has once; end with a sentence where it has not."""
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise SystemExit(f"{path} has {text.count(old)} times {old!r}, not once")
    path.write_text(text.replace(old, new), encoding="utf-8")
