import unicodedata
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from data.errors import InputError
from data.schema import Article, Span
from model.encode import IGNORE, EncodedArticle, Encoder, training_windows
from model.tags import TagSet, spans_to_tags
from tests.conftest import byte_level, make_articles, parse, tags_to_spans, unigram, wordpiece

KINDS: list[Callable[[list[str]], Tokenizer]] = [wordpiece, byte_level, unigram]
SENTENCE = "“It’s the U.S. envoys’ deadline,” cafe\u0301 Nørland’s ministry said:\r\nby 5\u00a0p.m., no-one may stay."
TOKENIZERS = {kind.__name__: kind([SENTENCE, *(article.text for article in make_articles(12))]) for kind in KINDS}

HARD = st.lists(
    st.one_of(
        st.sampled_from(list("abc .,'’“”-\n\t")),
        st.sampled_from(
            ["\r\n", "\u00a0", "e\u0301", "👩\u200d🚒", "🇺🇦", "U.S.", "لا", "न\u0940", "中文", "\u200b", "\ufb01", "İ"]
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=120,
).map("".join)


@pytest.mark.parametrize("kind", TOKENIZERS)
@given(text=HARD, window=st.integers(8, 40), overlap=st.integers(0, 5))
def test_windows_tile_every_article(kind: str, text: str, window: int, overlap: int) -> None:
    encoder = Encoder(TOKENIZERS[kind], window, overlap)
    (encoded,) = encoder.encode([text])
    windows = encoder.windows([encoded])
    owned: list[int] = []
    at = 0
    for one in windows:
        assert one.own_start == at
        assert one.start <= one.own_start <= one.own_end <= one.end
        at = one.own_end
        ids = encoder.input_ids(encoded, one)
        assert len(ids) <= window
        words, places = encoder.owned(encoded, one)
        owned += range(len(encoded.head))[words]
        assert [ids[place] for place in places] == encoded.input_ids[encoded.head[words]].tolist()
    assert at == len(encoded.input_ids)
    assert owned == list(range(len(encoded.head)))


@given(length=st.integers(1, 400), window=st.integers(12, 60), overlap=st.integers(0, 9))
def test_windows_are_few_and_even(length: int, window: int, overlap: int) -> None:
    encoder = Encoder(TOKENIZERS["wordpiece"], window, overlap)
    place = np.arange(length)
    encoded = EncodedArticle(place, place, place, place + 1, np.zeros(length, dtype=bool))
    windows = encoder.windows([encoded])
    # One fewer could not hold the text with what they share.
    most = (len(windows) - 1) * (encoder.content - overlap) + overlap
    assert len(windows) == 1 or length > most
    sizes = [one.end - one.start for one in windows]
    assert max(sizes) - min(sizes) == 0
    shared = [left.end - right.start for left, right in pairwise(windows)]
    assert all(overlap <= one <= overlap + 1 + len(windows) for one in shared)


@pytest.mark.parametrize("kind", TOKENIZERS)
@given(text=HARD)
def test_words_are_apart_and_bare(kind: str, text: str) -> None:
    (encoded,) = Encoder(TOKENIZERS[kind], 16, 4).encode([text])
    starts, ends = encoded.word_start, encoded.word_end
    assert (starts < ends).all()
    assert (ends[:-1] <= starts[1:]).all()
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        word = text[start:end]
        assert word == word.strip()
        # No word ends between a letter and its accent.
        assert end == len(text) or not unicodedata.category(text[end]).startswith("M") or text[end] <= "\u02ff"


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_words_are_the_same_for_every_kind_of_tokenizer(kind: str) -> None:
    (encoded,) = Encoder(TOKENIZERS[kind], 32, 4).encode([SENTENCE])
    words = [SENTENCE[s:e] for s, e in zip(encoded.word_start.tolist(), encoded.word_end.tolist(), strict=True)]
    assert words == [
        "“",
        "It",
        "’",
        "s",
        "the",
        "U",
        ".",
        "S",
        ".",
        "envoys",
        "’",
        "deadline",
        ",",
        "”",
        "café",
        "Nørland",
        "’",
        "s",
        "ministry",
        "said",
        ":",
        "by",
        "5",
        "p",
        ".",
        "m",
        ".",
        ",",
        "no",
        "-",
        "one",
        "may",
        "stay",
        ".",
    ]


@pytest.mark.parametrize("kind", TOKENIZERS)
@given(data=st.data())
def test_spans_on_words_come_back_as_they_were(kind: str, data: st.DataObject) -> None:
    text = data.draw(HARD)
    (encoded,) = Encoder(TOKENIZERS[kind], 16, 4).encode([text])
    count = len(encoded.head)
    cuts = sorted(data.draw(st.sets(st.integers(0, count), max_size=8)))
    spans = [
        Span(int(encoded.word_start[first]), int(encoded.word_end[last - 1]), data.draw(st.sampled_from(["A", "B"])))
        for first, last in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    tagset = TagSet(["A", "B"])
    alignment = spans_to_tags(spans, encoded.word_start, encoded.word_end, tagset)
    assert not alignment.lost
    assert not alignment.widened
    found = tags_to_spans(alignment.tags.tolist(), encoded.word_start, encoded.word_end, tagset)
    assert [span for _, _, span in found] == spans


def test_tags_are_read_as_spans() -> None:
    start = np.arange(9) * 2
    found = tags_to_spans([1, 1, 2, 3, 4, 4, 0, 3, 1], start, start + 1, TagSet(["A", "B"]))
    assert [(first, last) for first, last, _ in found] == [(0, 1), (1, 3), (3, 6), (7, 8), (8, 9)]
    assert [span for _, _, span in found] == [
        Span(0, 1, "A"), Span(2, 5, "A"), Span(6, 11, "B"), Span(14, 15, "B"), Span(16, 17, "A")
    ]  # fmt: skip


def test_losses_are_counted() -> None:
    article = Article(
        "a",
        "Anglo-Saxon \u200b states left",
        (Span(0, 3, "ACTOR"), Span(3, 5, "DATE"), Span(12, 13, "DATE"), Span(21, 25, "ACTION")),
    )
    encoder = Encoder(TOKENIZERS["wordpiece"], 16, 4)
    made = training_windows([article], encoder, TagSet(["ACTOR", "DATE", "ACTION"]))
    assert made.spans == 4
    assert [span for _, span in made.widened] == [Span(0, 3, "ACTOR")]
    # The second shares the word of the first; under the third there is no token at all.
    assert [span for _, span in made.lost] == [Span(3, 5, "DATE"), Span(12, 13, "DATE")]
    tags = [tag for labels in made.labels for tag in labels if tag > 0]
    assert tags == [3, 1]  # B-ACTOR, B-ACTION


def test_each_word_is_trained_on_once() -> None:
    articles = make_articles(4, sentences=20)
    encoder = Encoder(TOKENIZERS["wordpiece"], 32, 10)
    made = training_windows(articles, encoder, TagSet.from_articles(articles))
    encoded = encoder.encode([article.text for article in articles])
    assert len(made.input_ids) > 2 * len(articles)
    assert sum(label != IGNORE for labels in made.labels for label in labels) == sum(len(one.head) for one in encoded)
    begins = sum(label > 0 and label % 2 == 1 for labels in made.labels for label in labels)
    assert begins == sum(len(article.spans) for article in articles)
    assert not made.lost
    assert not made.widened


def test_owners_have_most_context() -> None:
    encoder = Encoder(TOKENIZERS["wordpiece"], 34, 16)
    (encoded,) = encoder.encode([" ".join("abcde" for _ in range(60))])
    length = len(encoded.input_ids)
    windows = encoder.windows([encoded])
    for token in range(length):

        def context(index: int, token: int = token) -> int:
            left = token - windows[index].start if windows[index].start else length
            right = windows[index].end - token if windows[index].end < length else length
            return min(left, right)

        seen = [i for i, one in enumerate(windows) if one.start <= token < one.end]
        owner = next(i for i, one in enumerate(windows) if one.own_start <= token < one.own_end)
        assert context(owner) >= max(map(context, seen)) - 1


def test_a_tokenizer_that_truncates_loses_nothing() -> None:
    cutting = Tokenizer.from_str(TOKENIZERS["wordpiece"].to_str())
    cutting.enable_truncation(8)
    cutting.enable_padding(length=8)
    (encoded,) = Encoder(cutting, 16, 2).encode(["left " * 50])
    assert len(encoded.head) == 50
    assert cutting.truncation is not None  # the caller's own is left as it was


def test_empty_lines_are_breaks() -> None:
    (encoded,) = Encoder(TOKENIZERS["wordpiece"], 16, 2).encode(["one\ntwo\n\nthree\r\nfour\r\n \r\nfive\r\rsix"])
    assert encoded.breaks.tolist() == [False, False, True, False, True, True]


def test_texts_without_words() -> None:
    encoder = Encoder(TOKENIZERS["wordpiece"], 16, 2)
    for text in ("", " \n ", "\u200b"):
        (encoded,) = encoder.encode([text])
        assert len(encoded.head) == 0
        assert encoder.windows([encoded]) == []


def test_impossible_windows() -> None:
    with pytest.raises(InputError, match="exceed the overlap"):
        Encoder(TOKENIZERS["wordpiece"], 16, 14)


@settings(max_examples=20)
@given(st.integers(1, 400))
def test_one_word_longer_than_a_window(length: int) -> None:
    encoder = Encoder(TOKENIZERS["byte_level"], 12, 4)
    (encoded,) = encoder.encode(["é" * length + " left"])
    covered = np.concatenate([np.arange(w.own_start, w.own_end) for w in encoder.windows([encoded])])
    assert covered.tolist() == list(range(len(encoded.input_ids)))


def test_tag_sets() -> None:
    tagset = TagSet(["DATE", "ACTOR", "DATE"])
    assert tagset.tags == ("O", "B-ACTOR", "I-ACTOR", "B-DATE", "I-DATE")
    assert TagSet.from_names(tagset.tags) == tagset
    assert tagset.begin("DATE") == 3
    for names in (["O"], ["O", "B-X"], ["B-X", "I-X", "O"], ["LABEL_0", "LABEL_1"]):
        with pytest.raises(InputError, match="model's tags"):
            TagSet.from_names(names)
    with pytest.raises(InputError):
        TagSet([])
    assert TagSet.from_articles([parse("[x](B) [y](A)")]).labels == ("A", "B")
