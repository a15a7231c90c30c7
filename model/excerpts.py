"""Articles and what is remarked in them, as the data of a page that a script in it lists, filters and searches.

A text is cut at the borders of all its spans into *segments*. Layers lie over it: gold, then one a prediction. The page
finds a span by the numbers of its segments and never counts characters, so nothing depends on how JavaScript does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from data.schema import Article, Span
from model.pages import clip, hue, visible

CONTEXT = 110
"""Characters around a remark that are always there."""

SLACK = 30
"""Characters by which a context may be longer where that spares a cut."""

SHOWN = 160
"""Characters at either end of a very long span that are always there."""

BUDGET = 5_000_000
"""Characters of data that whole articles may take; of further ones there is what surrounds the remarks."""


@dataclass(frozen=True)
class Remark:
    """A place in an article that the page lists.

    Attributes:
        article: its index.
        kind: by which the page filters.
        spans: the span of each layer, or None; at least one is there. Those that are there overlap.
        seen: whether the training data has the string; None if that is not known.
    """

    article: int
    kind: str
    spans: tuple[Span | None, ...]
    seen: bool | None = None

    @property
    def start(self) -> int:
        """The first code point of its spans."""
        return min(span.start for span in self.spans if span)

    @property
    def end(self) -> int:
        """The code point after its spans."""
        return max(span.end for span in self.spans if span)

    @property
    def score(self) -> float | None:
        """The highest score of its spans, or None."""
        return max((span.score for span in self.spans if span and span.score is not None), default=None)


Segment = str | int | list[Any]
"""Plain text; a number of characters left out; or text under spans with a code a layer: 0 for none, else the label's
index plus one, negative if the span goes on in the next segment."""


@dataclass(frozen=True)
class Excerpt:
    """An article cut into segments.

    Attributes:
        segments: in order.
        first: code point to the number of the segment that begins there; `last` to that of the one that ends there.
        whole: whether nothing is left out.
    """

    segments: list[Segment]
    first: Mapping[int, int]
    last: Mapping[int, int]
    whole: bool


def excerpt(
    text: str,
    layers: Sequence[Sequence[Span]],
    labels: Mapping[str, int],
    keep: Iterable[tuple[int, int]] | None = None,
) -> Excerpt:
    """Cut a text into segments.

    Args:
        text: of an article.
        layers: spans, sorted and without overlap within a layer.
        labels: label to index.
        keep: the stretches that must be there, `[start, end)`; None for all.
    """
    kept = [(0, len(text))] if keep is None else _joined(keep, len(text))
    borders = {0, len(text)} | {at for stretch in kept for at in stretch}
    borders |= {at for spans in layers for span in spans for at in (span.start, span.end)}
    ordered = sorted(borders)
    segments: list[Segment] = []
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    at_span, at_kept = [0] * len(layers), 0
    for start, end in pairwise(ordered):
        codes = []
        for layer, spans in enumerate(layers):
            while at_span[layer] < len(spans) and spans[at_span[layer]].end <= start:
                at_span[layer] += 1
            span = spans[at_span[layer]] if at_span[layer] < len(spans) else None
            code = labels[span.label] + 1 if span and span.start <= start else 0
            codes.append(code if span is None or span.end == end else -code)
        while at_kept < len(kept) and kept[at_kept][1] <= start:
            at_kept += 1
        if at_kept == len(kept) or kept[at_kept][0] >= end:
            if segments and isinstance(segments[-1], int):
                segments[-1] += end - start
            else:
                segments.append(end - start)
        else:
            shown = visible(text[start:end])
            segments.append([shown, *codes] if any(codes) else shown)
        first[start] = last[end] = len(segments) - 1
    return Excerpt(segments, first, last, len(kept) == 1 and kept[0] == (0, len(text)))


def _joined(stretches: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Stretches within `[0, length)`, sorted, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(length, end)) for start, end in stretches):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _surroundings(remarks: Iterable[Remark]) -> list[tuple[int, int]]:
    """What has to be there of an article so that its remarks can be understood."""
    stretches = []
    for remark in remarks:
        for span in filter(None, remark.spans):
            for at in (span.start, span.end):
                stretches.append((at - max(CONTEXT, SHOWN), at + max(CONTEXT, SHOWN)))
    return stretches


def page_data(
    articles: Sequence[Article],
    layers: Sequence[tuple[str, Sequence[Article]]],
    remarks: Sequence[Remark],
    kinds: Mapping[str, str],
    budget: int = BUDGET,
) -> dict[str, Any]:
    """All that the page's script gets.

    Args:
        articles: in the order of the report.
        layers: name and the same articles with the layer's spans.
        remarks: sorted by article and place.
        kinds: kind of remark to its name on the page.
        budget: characters of JSON for whole articles.

    Returns:
        `{kinds, layers, labels, hues, genres, articles, remarks, …}` of JSON-like values. An article is `[title, id,
        date, genre, whole, remarks, segments]`; a remark is `[article, kind, genre, seen, score, start, end, spans]`
        with a `[label, first segment, last segment, score]` or 0 for each layer. What was chosen from a list stands as
        an index into it, -1 for none. Control characters are visible.
    """
    names = sorted({span.label for _, found in layers for article in found for span in article.spans})
    labels = {label: index for index, label in enumerate(names)}
    genres = sorted({_genre(article) for article in articles} - {""})
    by_article: list[list[Remark]] = [[] for _ in articles]
    for remark in remarks:
        by_article[remark.article].append(remark)
    kind_index = {kind: index for index, kind in enumerate(kinds)}
    shown_articles, shown_remarks, spent = [], [], 0
    for index, article in enumerate(articles):
        of_article = by_article[index]
        spans = [found[index].spans for _, found in layers]
        made = None
        if spent + len(article.text) <= budget:
            made = excerpt(article.text, spans, labels)
            size = len(json.dumps(made.segments, ensure_ascii=False))
            made = made if spent + size <= budget else None
            spent += size if made else 0
        if made is None:
            made = excerpt(article.text, spans, labels, _surroundings(of_article))
        genre = genres.index(_genre(article)) if _genre(article) else -1
        title, name = (visible(clip(" ".join(one.split()), 200)) for one in (article.title, article.id))
        shown_articles.append(
            [title or name, name, article.date or "", genre, int(made.whole), len(of_article), made.segments]
        )
        for remark in of_article:
            marks = [
                [labels[span.label], made.first[span.start], made.last[span.end], _rounded(span.score)] if span else 0
                for span in remark.spans
            ]
            seen = -1 if remark.seen is None else int(remark.seen)
            shown_remarks.append(
                [index, kind_index[remark.kind], genre, seen, _rounded(remark.score), remark.start, remark.end, marks]
            )
    return {
        "kinds": list(kinds.values()),
        "layers": [visible(clip(name, 60)) for name, _ in layers],
        "labels": names,
        "hues": [hue(label) for label in names],
        "genres": [visible(clip(genre, 60)) for genre in genres],
        "articles": shown_articles,
        "remarks": shown_remarks,
        "context": CONTEXT,
        "slack": SLACK,
        "shown": SHOWN,
    }


def _genre(article: Article) -> str:
    return str(article.meta.get("genre", "")).strip()


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 3)


def around(segments: Sequence[Segment], first: int, last: int) -> tuple[list[Segment], list[Segment], list[Segment]]:
    """What stands before segments `first` to `last`, they themselves, and what stands behind, as the script has it."""
    before = _near(segments[:first][::-1], _tail)
    inside = [_with_text(segment, clipped(_text(segment))) for segment in segments[first : last + 1]]
    return before[::-1], inside, _near(segments[last + 1 :], _head)


def _near(segments: Iterable[Segment], cut: Callable[[str, int], str]) -> list[Segment]:
    """The segments that begin a list, about `CONTEXT` characters."""
    found: list[Segment] = []
    room = CONTEXT
    for segment in segments:
        if room <= 0:
            return [*found, " … "]
        text = _text(segment)
        if len(text) > room + SLACK:
            return [*found, _with_text(segment, cut(text, room)), " … "]
        found.append(segment)
        room -= len(text)
    return found


def clipped(text: str) -> str:
    """A very long text's two ends."""
    return text if len(text) <= 3 * SHOWN else f"{_head(text, SHOWN)} … {_tail(text, SHOWN)}"


def covered(segments: Sequence[Segment], first: int, last: int) -> str:
    """The text of some segments."""
    return "".join(map(_text, segments[first : last + 1]))


def tags(codes: Sequence[int], layers: Sequence[str], labels: Sequence[str]) -> list[str]:
    """What stands behind a segment: the labels of the spans that end with it, with their layers if not all agree."""
    ending: dict[int, list[int]] = {}
    for layer, code in enumerate(codes):
        if code > 0:
            ending.setdefault(code - 1, []).append(layer)
    return [
        ("" if len(which) == len(layers) else ", ".join(layers[one] for one in which) + " ") + labels[label]
        for label, which in ending.items()
    ]


def _text(segment: Segment) -> str:
    if isinstance(segment, str):
        return segment
    return " … " if isinstance(segment, int) else str(segment[0])


def _with_text(segment: Segment, text: str) -> Segment:
    return [text, *segment[1:]] if isinstance(segment, list) else text


def _tail(text: str, length: int) -> str:
    return re.sub(r"^\S{0,20}\s+", "", text[-length:])


def _head(text: str, length: int) -> str:
    return re.sub(r"\s+\S{0,20}$", "", text[:length])
