"""Counts that describe a set of annotated articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.schema import Article


@dataclass(frozen=True)
class LabelStatistics:
    """One label's spans: how many, how many different strings (case folded), and their length in words."""

    spans: int
    distinct: int
    words: int
    mean_words: float
    max_words: int


def label_statistics(articles: Iterable[Article]) -> dict[str, LabelStatistics]:
    """The statistics of every label found, by name."""
    surfaces: dict[str, list[str]] = {}
    for article in articles:
        for span in article.spans:
            surfaces.setdefault(span.label, []).append(article.covered(span))
    result = {}
    for label, found in sorted(surfaces.items()):
        lengths = [len(surface.split()) for surface in found]
        result[label] = LabelStatistics(
            spans=len(found),
            distinct=len({surface.lower() for surface in found}),
            words=sum(lengths),
            mean_words=sum(lengths) / len(found),
            max_words=max(lengths),
        )
    return result


def foreign_labels(articles: Iterable[Article], labels: Iterable[str]) -> Counter[str]:
    """How many spans there are of each label that is not among those given."""
    counts = Counter(span.label for article in articles for span in article.spans)
    for label in labels:
        del counts[label]
    return Counter(dict(sorted(counts.items())))


def words(articles: Iterable[Article]) -> int:
    """Words, counted as stretches between white space."""
    return sum(len(article.text.split()) for article in articles)


def meta_counts(articles: Sequence[Article], key: str) -> Counter[str]:
    """How many articles have each value of a meta key ("" where it is missing)."""
    return Counter(str(article.meta.get(key, "")) for article in articles)
