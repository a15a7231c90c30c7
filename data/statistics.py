"""Counts that describe a set of annotated articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.schema import Article


@dataclass(frozen=True)
class LabelStatistics:
    """One label's spans: how many, how many different strings (case folded), and the mean length in words."""

    spans: int
    distinct: int
    mean_words: float


def label_statistics(articles: Iterable[Article]) -> dict[str, LabelStatistics]:
    """The statistics of every label found, by name."""
    surfaces: dict[str, list[str]] = {}
    for article in articles:
        for span in article.spans:
            surfaces.setdefault(span.label, []).append(article.covered(span))
    return {
        label: LabelStatistics(
            spans=len(found),
            distinct=len({surface.lower() for surface in found}),
            mean_words=sum(len(surface.split()) for surface in found) / len(found),
        )
        for label, found in sorted(surfaces.items())
    }


def words(articles: Iterable[Article]) -> int:
    """Words, counted as stretches between white space."""
    return sum(len(article.text.split()) for article in articles)


def meta_counts(articles: Sequence[Article], key: str) -> Counter[str]:
    """How many articles have each value of a meta key ("" where it is missing)."""
    return Counter(str(article.meta.get(key, "")) for article in articles)
