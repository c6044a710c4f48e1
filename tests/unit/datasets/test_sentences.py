"""Sentences have the tokens that their name says, are the same every time, and are real words."""

import re
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import BPE, Unigram, WordLevel
from tokenizers.pre_tokenizers import ByteLevel, Metaspace
from tokenizers.trainers import BpeTrainer, UnigramTrainer

from emch.backends.stub import MAX_TOKENS, make_tokenizer
from emch.datasets.registry import load_dataset
from emch.datasets.sentences import make_sentences, sentence_lengths
from emch.encoding.batching import tokenize
from emch.errors import InvalidInput, Unavailable
from emch.models.artifacts import open_artifact
from emch.models.tokenizer import load_tokenizer

TOY = make_tokenizer()
UNKNOWN_PIECE = "<unk>"
UNKNOWN = [
    "",
    "sentences",
    "sentences-",
    "sentences-0",
    "sentences--3",
    "sentences-016",
    "sentences-12345",
    "sentences-3.5",
    "sentences-1\N{ARABIC-INDIC DIGIT THREE}",
    "sentences-16 ",
    "Sentences-16",
    "abstracts",
    "abstracts-x",
    "titles-13",
    "mini",
]
ABSTRACTS = """\
{"_id": "d1", "title": "t", "text": "Glaciers move (slowly)."}
{"_id": "d2", "title": "t", "text": "Aspirin prevents strokes"}
{"_id": "d3", "title": "t", "text": "and some more of these words"}
"""


@pytest.fixture(scope="module")
def real(prepared_model: str) -> Tokenizer:
    return load_tokenizer(open_artifact(prepared_model, "onnx").folder)


def lengths(tokenizer: Tokenizer, sentences: list[str]) -> list[int]:
    return [len(tokens) for tokens in tokenize(tokenizer, sentences)]


@pytest.mark.parametrize("tokens", [3, 16, 128, 256])
def test_every_sentence_has_just_so_many_tokens(real: Tokenizer, tokens: int) -> None:
    sentences = make_sentences(f"sentences-{tokens}", real, 20)
    assert lengths(real, sentences) == [tokens] * 20


def test_titles_are_as_long_as_titles_of_web_pages(real: Tokenizer) -> None:
    found = lengths(real, make_sentences("titles", real, 800))
    assert set(found) == set(range(8, 19))
    assert mean(found) == pytest.approx(13, abs=0.3)
    assert found == sentence_lengths("titles", 800)


@pytest.mark.parametrize("name", ["sentences-16", "titles"])
def test_sentences_are_the_same_at_each_call_and_however_many(real: Tokenizer, name: str) -> None:
    sentences = make_sentences(name, real, 24)
    assert make_sentences(name, real, 24) == sentences
    assert make_sentences(name, real, 9) == sentences[:9]
    assert make_sentences(name, real, 0) == []


def test_sentences_differ(real: Tokenizer) -> None:
    sentences = make_sentences("sentences-32", real, 64)
    assert len(set(sentences)) == 64


def test_long_sentences_are_the_texts_of_mini_almost_to_their_end(real: Tokenizer) -> None:
    mini = load_dataset("mini")
    (sentence,) = make_sentences("sentences-128", real, 1)
    text = " ".join(mini.documents)
    kept = 0
    while text.startswith(sentence[: kept + 1]) and kept < len(sentence):
        kept += 1
    assert kept > 0.9 * len(sentence)


@pytest.mark.parametrize("tokens", [1, 2])
def test_too_short_for_a_word_is_refused(real: Tokenizer, tokens: int) -> None:
    with pytest.raises(InvalidInput, match=f"sentences-{tokens}"):
        make_sentences(f"sentences-{tokens}", real, 1)


@pytest.mark.parametrize("tokens", [257, 9999])
def test_longer_than_the_model_takes_is_refused(real: Tokenizer, tokens: int) -> None:
    with pytest.raises(InvalidInput, match="cuts texts off at 256 tokens"):
        make_sentences(f"sentences-{tokens}", real, 1)


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_name_is_refused_and_the_known_are_listed(name: str) -> None:
    with pytest.raises(InvalidInput, match="sentences-N, abstracts-N, titles"):
        sentence_lengths(name, 1)
    with pytest.raises(InvalidInput, match=f"unknown dataset '{name}'"):
        make_sentences(name, TOY, 1)


@settings(max_examples=30)
@given(st.integers(3, MAX_TOKENS), st.integers(0, 12))
def test_any_length_can_be_made(tokens: int, count: int) -> None:
    sentences = make_sentences(f"sentences-{tokens}", TOY, count)
    assert lengths(TOY, sentences) == [tokens] * count
    assert all(sentence == " ".join(sentence.split()) for sentence in sentences)


@settings(max_examples=10)
@given(st.integers(MAX_TOKENS + 1, 9999))
def test_no_length_beyond_the_limit_can_be_made(tokens: int) -> None:
    with pytest.raises(InvalidInput, match=f"cuts texts off at {MAX_TOKENS} tokens"):
        make_sentences(f"sentences-{tokens}", TOY, 1)


def make_bytes_tokenizer() -> Tokenizer:
    """Return a tokenizer as RoBERTa's: a word has other tokens behind a space than without one."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    texts = load_dataset("mini")
    trainer = BpeTrainer(vocab_size=500, initial_alphabet=ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator([*texts.documents, *texts.queries], trainer)
    return tokenizer


def make_pieces_tokenizer() -> Tokenizer:
    """Return a tokenizer as XLM-R's: SentencePiece's unigrams."""
    tokenizer = Tokenizer(Unigram())
    tokenizer.pre_tokenizer = Metaspace()
    texts = load_dataset("mini")
    trainer = UnigramTrainer(
        vocab_size=500, unk_token=UNKNOWN_PIECE, special_tokens=[UNKNOWN_PIECE], show_progress=False
    )
    tokenizer.train_from_iterator([*texts.documents, *texts.queries], trainer)
    return tokenizer


@pytest.mark.parametrize("make", [make_bytes_tokenizer, make_pieces_tokenizer])
@pytest.mark.parametrize("name", ["sentences-5", "sentences-16", "sentences-128", "titles"])
def test_tokenizers_that_are_not_berts_make_every_length(
    make: Callable[[], Tokenizer], name: str
) -> None:
    tokenizer = make()
    sentences = make_sentences(name, tokenizer, 40)
    assert lengths(tokenizer, sentences) == sentence_lengths(name, 40)
    assert len(set(sentences)) > 30


def test_tokenizer_whose_words_do_not_keep_their_tokens_is_refused() -> None:
    one_token_for_all = Tokenizer(WordLevel({"one": 0, "[UNK]": 1}, unk_token="[UNK]"))  # noqa: S106
    with pytest.raises(InvalidInput, match=r"cannot be made with this tokenizer: .* 1 tokens"):
        make_sentences("sentences-3", one_token_for_all, 1)


def test_tokenizer_without_words_to_fill_up_with_is_refused() -> None:
    with pytest.raises(InvalidInput, match="tokenizer"):
        make_sentences("sentences-3", make_tokenizer(words=()), 1)


@pytest.fixture
def abstracts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_beir_folder: Callable[..., Path]
) -> Callable[[str], None]:
    """Return what makes some abstracts those of SciFact."""

    def here(corpus: str) -> None:
        write_beir_folder(tmp_path / "scifact", corpus=corpus)
        monkeypatch.setenv("EMCH_DATA_DIR", str(tmp_path))

    return here


def test_abstracts_are_taken_in_their_order(abstracts: Callable[[str], None]) -> None:
    abstracts(ABSTRACTS)
    words = re.findall("[a-z]+", ABSTRACTS.lower())
    tokenizer = make_tokenizer(dict.fromkeys(words))
    first, second = make_sentences("abstracts-9", tokenizer, 2)
    assert lengths(tokenizer, [first, second]) == [9, 9]
    # "(slowly)." has four tokens, and two are special; "prevents" was the word that did not fit.
    assert first == "Glaciers move (slowly). Aspirin"
    assert second == "strokes and some more of these words"


def test_few_abstracts_begin_again(abstracts: Callable[[str], None]) -> None:
    abstracts('{"_id": "d1", "title": "t", "text": "one two three"}\n')
    sentences = make_sentences("abstracts-12", TOY, 5)
    assert lengths(TOY, sentences) == [12] * 5
    assert sentences[0].startswith("one two three one two three")


def test_no_more_of_the_abstracts_is_tokenized_than_is_taken(
    abstracts: Callable[[str], None],
) -> None:
    """All words of SciFact one by one take a minute."""
    text = " ".join(["one two three"] * 1000)
    abstracts(f'{{"_id": "d1", "title": "t", "text": "{text}"}}\n')

    class Counting:
        encoded = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(TOY, name)

        def encode(self, *arguments: Any, **options: Any) -> Any:
            self.encoded += 1
            return TOY.encode(*arguments, **options)

    counting = Counting()
    assert len(make_sentences("abstracts-12", counting, 5)) == 5
    assert counting.encoded < 200


@pytest.mark.usefixtures("empty_cache")
def test_abstracts_without_scifact_are_unavailable_with_the_remedy() -> None:
    assert sentence_lengths("abstracts-16", 2) == [16, 16]
    with pytest.raises(Unavailable, match="emch prepare --dataset scifact"):
        make_sentences("abstracts-16", TOY, 1)


def test_abstract_that_is_empty_is_named_with_its_line(abstracts: Callable[[str], None]) -> None:
    abstracts('{"_id": "d1", "title": "t", "text": ""}\n')
    with pytest.raises(InvalidInput, match=r"corpus\.jsonl, line 1: the text of 'd1'"):
        make_sentences("abstracts-16", TOY, 1)
