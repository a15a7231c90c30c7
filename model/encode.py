"""From articles to the windows that a model sees, and from the model's scores back to the words of an article.

An article of any length is tokenized once, without truncation, and cut into overlapping windows. Every word is *owned*
by one window, the one that shows most context around it: only there is it trained on and only from there is its score
taken. So nothing is read twice and nothing is dropped, and every word of every article has exactly one score.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from data.errors import InputError
from data.schema import Article, Span
from model.tags import TagSet, spans_to_tags

IGNORE = -100
"""The label of tokens that carry no loss, as torch's cross entropy has it."""

Teacher = Callable[[Article, int], np.ndarray | None]
"""Gives a teacher's probabilities of tags for the words of an article, shape (words, tags), if it has any."""


@dataclass(frozen=True)
class EncodedArticle:
    """An article's tokens and words.

    Attributes:
        input_ids: token numbers without special tokens, shape (tokens,).
        head: the first token of each word, ascending, shape (words,).
        word_start, word_end: code points of each word in the article's text, shape (words,).
        breaks: whether an empty line stands before a word, shape (words,). No span runs over one.
    """

    input_ids: np.ndarray
    head: np.ndarray
    word_start: np.ndarray
    word_end: np.ndarray
    breaks: np.ndarray

    def words_of(self, spans: Sequence[Span]) -> tuple[np.ndarray, np.ndarray]:
        """The words of spans: each one's first, and the one behind its last, both of shape (spans,).

        A span on characters that are no word has none; it is given the one beside it.
        """
        starts = np.array([span.start for span in spans], dtype=np.int64)
        ends = np.array([span.end for span in spans], dtype=np.int64)
        first = np.searchsorted(self.word_end, starts, side="right").clip(max=max(len(self.head) - 1, 0))
        return first, np.maximum(np.searchsorted(self.word_start, ends, side="left"), first + 1)


@dataclass(frozen=True)
class Window:
    """A stretch of an article's tokens, and the part of it whose words it owns.

    Attributes:
        article: index into the encoded articles.
        start, end: tokens, half-open.
        own_start, own_end: tokens, half-open, within `[start, end)`. Over an article the owned parts tile its tokens.
    """

    article: int
    start: int
    end: int
    own_start: int
    own_end: int


class Encoder:
    """Cuts articles for one tokenizer.

    Args:
        tokenizer: a `tokenizers.Tokenizer`; it is copied, and the copy neither truncates nor pads.
        window: tokens in a window, special tokens included.
        overlap: tokens that neighbouring windows share.

    Raises:
        InputError: the window is too small for its special tokens and overlap.
    """

    def __init__(self, tokenizer: Tokenizer, window: int, overlap: int) -> None:
        # A saved tokenizer may carry truncation (MiniLM's package cuts at 128 tokens): text would be lost in silence.
        self._tokenizer = Tokenizer.from_str(tokenizer.to_str())
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.prefix, self.suffix = self._special_tokens()
        self.window, self.overlap = window, overlap
        self.content = window - len(self.prefix) - len(self.suffix)
        if overlap < 0 or self.content <= overlap:
            raise InputError(
                f"a window of {window} tokens leaves {self.content} for text,"
                f" which must exceed the overlap of {overlap}"
            )

    def _special_tokens(self) -> tuple[list[int], list[int]]:
        """The special tokens that the tokenizer puts before and after a text."""
        full = self._tokenizer.encode("a")
        bare = len(self._tokenizer.encode("a", add_special_tokens=False).ids)
        at = full.special_tokens_mask.index(0)
        return full.ids[:at], full.ids[at + bare :]

    def encode(self, texts: Sequence[str]) -> list[EncodedArticle]:
        """Tokenize whole texts and find their words."""
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [
            _find_words(text, encoding.ids, encoding.offsets) for text, encoding in zip(texts, encodings, strict=True)
        ]

    def windows(self, encoded: Sequence[EncodedArticle]) -> list[Window]:
        """The windows of all articles, in order. An article without tokens has none."""
        return [window for index, article in enumerate(encoded) for window in self._cut(index, article)]

    def _cut(self, index: int, article: EncodedArticle) -> list[Window]:
        length = len(article.input_ids)
        if length == 0:
            return []
        # As few windows as will do, all of one length: they read least, and none shows little context.
        count = 1 + max(0, -((self.content - length) // (self.content - self.overlap)))
        size = -(-(length + (count - 1) * self.overlap) // count)
        starts, ends = [0], [size]
        for number in range(1, count):
            start = number * (length - size) // (count - 1)
            # A window begins with a whole word, unless one word fills all that the windows share.
            head = int(np.searchsorted(article.head, start))
            whole = int(article.head[head]) if head < len(article.head) else length
            starts.append(whole if whole < ends[-1] else start)
            ends.append(min(starts[-1] + size, length))
        # Neighbours part in the middle of what they share, where both show equally much context.
        borders = [0, *((starts[i + 1] + ends[i]) // 2 for i in range(count - 1)), length]
        return [Window(index, starts[i], ends[i], borders[i], borders[i + 1]) for i in range(count)]

    def input_ids(self, article: EncodedArticle, window: Window) -> list[int]:
        """The tokens of a window with its special tokens, at most `self.window` of them."""
        return [*self.prefix, *article.input_ids[window.start : window.end].tolist(), *self.suffix]

    def owned(self, article: EncodedArticle, window: Window) -> tuple[slice, np.ndarray]:
        """The words that a window owns: as a slice of the article's words, and their places among its `input_ids`."""
        first, last = np.searchsorted(article.head, [window.own_start, window.own_end])
        words = slice(int(first), int(last))
        return words, article.head[words] - window.start + len(self.prefix)


@dataclass(frozen=True)
class TrainingWindows:
    """What a model is trained on.

    Attributes:
        input_ids, labels: a list of tokens and of tag numbers (or `IGNORE`) for each window, of equal lengths.
        targets: with a teacher, what each tag's probability should be, for each window of shape (tokens, tags); rows of
            zeros carry no loss.
        taught: articles that the teacher has probabilities for.
        tokens: tokens of text, each counted once.
        spans, widened, lost: gold spans, those whose borders fall inside a word, and those that cannot be tagged.
    """

    input_ids: list[list[int]]
    labels: list[list[int]]
    targets: list[np.ndarray] | None
    taught: int
    tokens: int
    spans: int
    widened: list[tuple[str, Span]]
    lost: list[tuple[str, Span]]


def training_windows(
    articles: Sequence[Article],
    encoder: Encoder,
    tagset: TagSet,
    teacher: Teacher | None = None,
    teacher_weight: float = 0.0,
) -> TrainingWindows:
    """Encode annotated articles for training. Spans that cannot be tagged are returned, with their article's id.

    Args:
        articles: with their spans.
        encoder: cuts them.
        tagset: has all of their labels.
        teacher: gives targets beside the annotation, in the tagset's order.
        teacher_weight: the share of a target that is the teacher's, in [0, 1]; the rest is the annotation's.
    """
    encoded = encoder.encode([article.text for article in articles])
    widened: list[tuple[str, Span]] = []
    lost: list[tuple[str, Span]] = []
    tags, wanted, taught = [], [], 0
    for article, one in zip(articles, encoded, strict=True):
        alignment = spans_to_tags(article.spans, one.word_start, one.word_end, tagset)
        tags.append(alignment.tags)
        widened += [(article.id, span) for span in alignment.widened]
        lost += [(article.id, span) for span in alignment.lost]
        if teacher is not None:
            target = np.eye(len(tagset), dtype=np.float32)[alignment.tags]
            probabilities = teacher(article, len(one.head))
            if probabilities is not None:
                taught += 1
                target = (1 - teacher_weight) * target + teacher_weight * probabilities
            wanted.append(target)
    all_ids, all_labels, all_targets = [], [], []
    for window in encoder.windows(encoded):
        ids = encoder.input_ids(encoded[window.article], window)
        words, places = encoder.owned(encoded[window.article], window)
        labels = np.full(len(ids), IGNORE)
        labels[places] = tags[window.article][words]
        all_ids.append(ids)
        all_labels.append(labels.tolist())
        if teacher is not None:
            targets = np.zeros((len(ids), len(tagset)), dtype=np.float32)
            targets[places] = wanted[window.article][words]
            all_targets.append(targets)
    return TrainingWindows(
        all_ids,
        all_labels,
        all_targets if teacher is not None else None,
        taught,
        tokens=sum(len(one.input_ids) for one in encoded),
        spans=sum(len(article.spans) for article in articles),
        widened=widened,
        lost=lost,
    )


def _find_words(text: str, ids: list[int], offsets: list[tuple[int, int]]) -> EncodedArticle:
    """Group tokens into words by what stands in the text, whatever kind of tokenizer made them."""
    head: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    breaks: list[bool] = []
    for token, (start, end) in enumerate(offsets):
        # Byte-level and sentencepiece tokens bring the space before them along.
        while start < end and text[start].isspace():
            start += 1
        while start < end and text[end - 1].isspace():
            end -= 1
        if start == end:
            continue
        while end < len(text) and _is_mark(text[end]):
            end += 1
        if starts and _continues(text, ends[-1], start):
            ends[-1] = max(end, ends[-1])
            continue
        breaks.append(bool(starts) and _is_break(text[ends[-1] : start]))
        head.append(token)
        starts.append(start)
        ends.append(end)
    return EncodedArticle(
        np.array(ids, dtype=np.int64),
        np.array(head, dtype=np.int64),
        np.array(starts, dtype=np.int64),
        np.array(ends, dtype=np.int64),
        np.array(breaks, dtype=bool),
    )


def _continues(text: str, end: int, start: int) -> bool:
    """Whether a token at `start` goes on with the word that so far ends at `end`."""
    if start < end:  # one character in several tokens, as bytes of an emoji
        return True
    return start == end and _is_wordlike(text[end - 1]) and _is_wordlike(text[start])


def _is_wordlike(character: str) -> bool:
    return character.isalnum() or _is_mark(character)


def _is_mark(character: str) -> bool:
    return character > "\u02ff" and unicodedata.category(character).startswith("M")


def _is_break(gap: str) -> bool:
    """Whether there is an empty line in a gap between words."""
    return gap.replace("\r\n", "\n").replace("\r", "\n").count("\n") > 1
