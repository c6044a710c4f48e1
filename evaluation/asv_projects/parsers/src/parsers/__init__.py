"""Numbers and words in texts."""

EXTRA = 0.0
"""The share of all work that is done once more; a slower commit raises it."""


def numbers(text: str) -> list[int]:
    """Return the whole numbers of a text, digit by digit."""
    found, digits = [], ""
    for letter in text + text[: int(EXTRA * len(text))] + " ":
        if letter.isdigit():
            digits += letter
        elif digits:
            found.append(int(digits))
            digits = ""
    return found


def words(text: str) -> dict[str, int]:
    """Count the words of a text."""
    found: dict[str, int] = {}
    for word in (text + text[: int(EXTRA * len(text))]).split():
        found[word] = found.get(word, 0) + 1
    return found
