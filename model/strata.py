"""Scores by what an article or a span is like: genre, region, length, place, whether training had the string."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from data.schema import Article, Span
from model.errors import surface
from model.scoring import RESAMPLES, Score, right_spans, scores_of

META = ("genre", "region", "source")
"""Meta keys of articles by which scores are split where there are several values."""

MOST_VALUES = 20
"""Values of a meta key that stand by themselves, those of the most articles; the others are taken together."""

Steps = tuple[tuple[float, str], ...]
ARTICLE_LENGTHS: Steps = (
    (150, "up to 150 words"),
    (300, "151–300 words"),
    (600, "301–600 words"),
    (float("inf"), "over 600 words"),
)
SPAN_LENGTHS: Steps = ((1, "1 word"), (2, "2 words"), (4, "3–4 words"), (float("inf"), "5 or more words"))
POSITIONS = ("first fifth", "second fifth", "third fifth", "fourth fifth", "last fifth")
SEEN = ("seen", "unseen")


@dataclass(frozen=True)
class Stratum:
    """A part of the articles, or of their spans.

    Attributes:
        articles: that belong to it, or have a gold or predicted span that does.
        gold, predicted: numbers of spans.
        score: strict, all labels together.
    """

    articles: int
    gold: int
    predicted: int
    score: Score


@dataclass(frozen=True)
class Part:
    """What a stratum's score is made from.

    Attributes:
        articles: as in `Stratum`.
        counts: gold, predicted and strictly right spans of each of all articles, shape (articles, 3).
    """

    articles: int
    counts: np.ndarray


def strata(
    pairs: Sequence[tuple[Article, Article]], mentions: Set[str] | None, seed: int, resamples: int = RESAMPLES
) -> Mapping[str, Mapping[str, Stratum]]:
    """Strict scores of all labels together, by kind of stratum and its value.

    Kinds of articles: those of `META` that have several values, and "article length". Kinds of spans: "span length",
    "position" (of the first character in the article) and, if the training data's mentions are known, "mention". A
    predicted span is where its own length, position and string put it. The strata of a kind hold each span once.

    Args:
        pairs: gold and predicted articles.
        mentions: of the training data, as `model.errors.mentions` has them; None if they are not known.
        seed, resamples: of the bootstrap.
    """
    kinds = parts(pairs, mentions)
    counts = [part.counts for rows in kinds.values() for part in rows.values()]
    scores = iter(scores_of(np.stack(counts, axis=1), resamples, seed) if counts else [])
    return {
        kind: {
            value: Stratum(part.articles, one.gold, one.predicted, one)
            for (value, part), one in zip(rows.items(), scores, strict=False)
        }
        for kind, rows in kinds.items()
    }


def parts(pairs: Sequence[tuple[Article, Article]], mentions: Set[str] | None) -> Mapping[str, Mapping[str, Part]]:
    """The counts from which `strata` makes its scores; strata to which nothing belongs are left out."""
    golds = [gold for gold, _ in pairs]
    kinds = {}
    for key in META:
        values = meta_values(golds, key)
        if len(set(values)) > 1:
            kinds[key] = _of_articles(pairs, values, sorted(set(values)))
    lengths = [_step(ARTICLE_LENGTHS, gold.text) for gold in golds]
    kinds["article length"] = _of_articles(pairs, lengths, [name for _, name in ARTICLE_LENGTHS])
    kinds["span length"] = _of_spans(
        pairs, lambda article, span: _step(SPAN_LENGTHS, article.covered(span)), [name for _, name in SPAN_LENGTHS]
    )
    kinds["position"] = _of_spans(
        pairs, lambda article, span: POSITIONS[len(POSITIONS) * span.start // len(article.text)], POSITIONS
    )
    if mentions is not None:
        kinds["mention"] = _of_spans(
            pairs, lambda article, span: SEEN[surface(article.covered(span)) not in mentions], SEEN
        )
    return kinds


def meta_values(articles: Sequence[Article], key: str) -> list[str]:
    """Each article's value of a meta key, as the report names it."""
    given = [str(article.meta[key]) if article.meta.get(key) not in (None, "") else "not given" for article in articles]
    ranked = sorted(Counter(given).items(), key=lambda item: (-item[1], item[0]))
    rest = {value for value, _ in ranked[MOST_VALUES:]}
    return [f"{len(rest)} others" if value in rest else value for value in given]


def _of_articles(
    pairs: Sequence[tuple[Article, Article]], values: Sequence[str], order: Iterable[str]
) -> dict[str, Part]:
    counts = np.array(
        [(len(gold.spans), len(predicted.spans), len(right_spans(gold, predicted))) for gold, predicted in pairs], float
    )
    belongs = np.array(values)
    return {
        value: Part(int((belongs == value).sum()), counts * (belongs == value)[:, None])
        for value in order
        if value in values
    }


def _of_spans(
    pairs: Sequence[tuple[Article, Article]], value_of: Callable[[Article, Span], str], order: Sequence[str]
) -> dict[str, Part]:
    place = {value: number for number, value in enumerate(order)}
    counts = np.zeros((len(order), len(pairs), 3))
    for index, (gold, predicted) in enumerate(pairs):
        for column, spans in enumerate((gold.spans, predicted.spans, right_spans(gold, predicted))):
            for span in spans:
                counts[place[value_of(gold, span)], index, column] += 1
    sizes = counts.any(axis=2).sum(axis=1)
    return {value: Part(int(sizes[number]), counts[number]) for value, number in place.items() if sizes[number]}


def _step(steps: Steps, text: str) -> str:
    length = len(text.split())
    return next(name for most, name in steps if length <= most)
