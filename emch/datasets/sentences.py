"""Sentences with exact numbers of tokens, made of real words with a fixed seed.

sentences-N   N tokens each: texts of `mini`, filled up with words of the model's vocabulary
abstracts-N   N tokens each: abstracts of SciFact, where it is here
titles        8 to 18 tokens, 13 in the mean, as titles of web pages have: texts of `mini`
"""

import random
import re
from collections.abc import Iterator, Sequence
from itertools import chain, cycle

from tokenizers import Tokenizer

from emch.datasets import scifact
from emch.datasets.registry import load_dataset
from emch.errors import InvalidInput

NAMES = ("sentences-N", "abstracts-N", "titles")
NAMES_HELP = "sentences-N, abstracts-N (of N tokens) or titles."
ABSTRACTS = "abstracts-"
TITLE_LENGTHS = range(8, 19)
SEED = 20

BEFORE = "a"
"""A word, since many tokenizers have another token for a word with a space before it."""

SPACES = "Ġ▁"
"""How tokenizers of bytes, and SentencePiece, write the space before a word."""

ATTEMPTS = 8
"""To mend the length of a sentence; with words of one token the first or second does it."""


def sentence_lengths(name: str, count: int) -> list[int]:
    """Return how many tokens each sentence of a dataset has, the special ones included.

    Raises
    ------
    InvalidInput
        There is no such dataset.
    """
    if name == "titles":
        rng = random.Random(SEED)  # noqa: S311 - a sample to measure with, no secret
        return rng.choices(TITLE_LENGTHS, k=count)
    if match := re.fullmatch(r"(?:sentences|abstracts)-([1-9][0-9]{0,3})", name):
        return [int(match[1])] * count
    raise InvalidInput(f"unknown dataset '{name}'; of sentences there are: {', '.join(NAMES)}")


def require_sentences(name: str) -> None:
    """Raise what `make_sentences` raises for a dataset that is unknown or not here."""
    sentence_lengths(name, 1)
    if name.startswith(ABSTRACTS):
        scifact.find(None)


def make_sentences(name: str, tokenizer: Tokenizer, count: int) -> list[str]:
    """Make the first `count` sentences of a dataset; they are the same at every call.

    Parameters
    ----------
    name : str
        One of `NAMES`, with a number of tokens for N.
    tokenizer : Tokenizer
        The model's own; it cuts nothing off at the lengths that are asked for.
    count : int
        The number of sentences.

    Raises
    ------
    InvalidInput
        There is no such dataset, or the tokenizer cannot make such a length: it is too short for
        a word, longer than the model takes, or words do not keep their tokens in a sentence.
    Unavailable
        SciFact is asked for and is not here.
    """
    lengths = sentence_lengths(name, count)
    words = _words(_source(name), tokenizer)
    fillers = _fillers(tokenizer)
    special = len(tokenizer.encode("").ids)
    if special >= min(lengths, default=special + 1):
        raise InvalidInput(
            f"the dataset '{name}' cannot be made with this tokenizer: "
            f"{special} tokens of each sentence are special ones, and none is left for a word"
        )
    most = (tokenizer.truncation or {}).get("max_length", 0)
    if most and max(lengths, default=0) > most:
        raise InvalidInput(
            f"the dataset '{name}' cannot be made with this tokenizer: "
            f"it cuts texts off at {most} tokens"
        )
    sentences = [
        _fit(_fill(length - special, words, fillers), length, tokenizer, fillers)
        for length in lengths
    ]
    for length, encoding in zip(lengths, tokenizer.encode_batch(sentences), strict=True):
        if len(encoding.ids) != length:
            raise InvalidInput(
                f"the dataset '{name}' cannot be made with this tokenizer: "
                f"a sentence has {len(encoding.ids)} tokens in place of {length}"
            )
    return sentences


def _source(name: str) -> Sequence[str]:
    if name.startswith(ABSTRACTS):
        return scifact.load_abstracts()
    mini = load_dataset("mini")
    return mini.documents + mini.queries


def _words(texts: Sequence[str], tokenizer: Tokenizer) -> Iterator[tuple[str, int]]:
    """Yield the words of the texts, without end, each with its number of tokens behind another."""
    before = _count(tokenizer, BEFORE)
    for word in chain.from_iterable(text.split() for text in cycle(texts)):
        yield word, max(1, _count(tokenizer, f"{BEFORE} {word}") - before)


def _count(tokenizer: Tokenizer, text: str) -> int:
    return len(tokenizer.encode(text, add_special_tokens=False).ids)


def _fillers(tokenizer: Tokenizer) -> Iterator[str]:
    """Yield words of one token from the vocabulary, without end, in an order of the seed."""
    found = [re.fullmatch(f"([{SPACES}]?)([a-z]{{3,}})", token) for token in tokenizer.get_vocab()]
    matches = [match for match in found if match]
    spaced = any(match[1] for match in matches)  # then a token without a space is no whole word
    words = sorted({match[2] for match in matches if bool(match[1]) == spaced})
    if not words:
        raise InvalidInput("this tokenizer has no words of one token to fill sentences up with")
    rng = random.Random(SEED)  # noqa: S311 - as above
    while True:
        yield rng.choice(words)


def _fit(sentence: str, length: int, tokenizer: Tokenizer, fillers: Iterator[str]) -> str:
    """Mend the length of a sentence whose words have other tokens together than one by one."""
    words = sentence.split(" ")
    for _ in range(ATTEMPTS):
        missing = length - len(tokenizer.encode(" ".join(words)).ids)
        if missing == 0:
            break
        words = [*words, *(next(fillers) for _ in range(missing))] if missing > 0 else words[:-1]
    return " ".join(words)


def _fill(tokens: int, words: Iterator[tuple[str, int]], fillers: Iterator[str]) -> str:
    """Take words while they fit, then fill what is left with words of one token."""
    sentence = []
    for word, size in words:
        if size > tokens:
            break
        sentence.append(word)
        tokens -= size
    return " ".join([*sentence, *(next(fillers) for _ in range(tokens))])
