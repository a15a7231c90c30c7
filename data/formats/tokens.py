"""Words and punctuation marks of a text, for formats that hold tokens."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from data.schema import Span

_PIECE = re.compile(r"\w+|[^\w\s]")


def words(text: str) -> Iterator[tuple[int, int]]:
    """The tokens' places, half-open: unbroken runs of letters, digits, "_" and their accents, or one other mark."""
    start = end = -1
    in_word = False
    for piece in _PIECE.finditer(text):
        # Python's \w leaves out the accents that are characters of their own.
        is_word = piece[0].isalnum() or len(piece[0]) > 1 or unicodedata.category(piece[0])[0] in "LMN_"
        if piece.start() == end and in_word and is_word:
            end = piece.end()
            continue
        if end > start:
            yield start, end
        start, end, in_word = piece.start(), piece.end(), is_word
    if end > start:
        yield start, end


def refine(tokens: Iterable[tuple[int, int]], spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """The same tokens cut where a span begins or ends inside one, so that tags on tokens can say every span."""
    borders = sorted({border for span in spans for border in (span.start, span.end)})
    for start, end in tokens:
        first = bisect_right(borders, start)
        while first < len(borders) and borders[first] < end:
            yield start, borders[first]
            start = borders[first]
            first += 1
        yield start, end
