"""Train, dev and test splits by document: seeded, with near-duplicates kept together, and a leak check."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import CountVectorizer

from data.schema import Article, DataError

SPLITS = ("train", "dev", "test")
HELD_OUT = "none"
"""A pin that keeps an article out of every split, such as one that a demonstration tags."""

NGRAM = 8
"""Words in a shingle. Eight in a row are rarely the same by chance in news."""

NEAR_DUPLICATE = 0.2
"""Share of the shorter article's shingles that makes two articles near-duplicates."""


@dataclass(frozen=True)
class Leak:
    """Two articles of different splits that share text: `share` of the shorter one's 8-word shingles."""

    first: str
    second: str
    splits: tuple[str, str]
    share: float


def shingles(text: str, n: int = NGRAM) -> set[str]:
    """All runs of `n` words, case and punctuation ignored; a shorter text is one shingle."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


def overlaps(articles: Sequence[Article]) -> csr_matrix:
    """Pairwise overlap, shape (articles, articles): shared shingles over those of the shorter article, in [0, 1]."""
    present = CountVectorizer(analyzer=lambda article: shingles(article.text), dtype=np.float64).fit_transform(articles)
    size = present.sum(axis=1).A1
    shared = (present @ present.T).tocoo()
    share = shared.data / np.minimum(size[shared.row], size[shared.col])
    return csr_matrix((share, (shared.row, shared.col)), shape=shared.shape)


def near_duplicate_groups(articles: Sequence[Article], threshold: float = NEAR_DUPLICATE) -> np.ndarray:
    """A group number an article, shape (articles,): near-duplicates, also through others, share one."""
    return groups_of(overlaps(articles), threshold) if articles else np.zeros(0, dtype=int)


def groups_of(close: csr_matrix, threshold: float = NEAR_DUPLICATE) -> np.ndarray:
    """The same from the overlaps, shape (articles, articles)."""
    close = close.copy()
    close.data = (close.data >= threshold).astype(float)
    close.eliminate_zeros()
    groups: np.ndarray = connected_components(close, directed=False)[1]
    return groups


def split(
    articles: Sequence[Article],
    *,
    dev: float = 0.1,
    test: float = 0.15,
    seed: int = 0,
    stratify: str | None = "genre",
) -> dict[str, list[Article]]:
    """Assign each article to a split.

    An article whose meta has `split: train|dev|test` goes there, with its near-duplicates; one with `split: none` goes
    nowhere. The others are ordered by
    stratum and a seeded hash, and dealt out along a golden-ratio sequence, which spreads each stratum over the splits
    in proportion. The same articles and seed give the same splits in whatever order they come.

    Args:
        articles: with unique ids.
        dev, test: shares of the documents, together below 1.
        seed: changes the assignment.
        stratify: a meta key whose values are spread evenly, or None.

    Raises:
        DataError: a share or a pinned split is impossible, or near-duplicates are pinned to different splits.
    """
    if min(dev, test) < 0 or dev + test >= 1:
        raise DataError(f"dev ({dev}) and test ({test}) must be shares that leave something for train")
    articles = sorted(articles, key=lambda article: article.id)
    groups: dict[int, list[Article]] = {}
    for article, group in zip(articles, near_duplicate_groups(articles).tolist(), strict=True):
        groups.setdefault(group, []).append(article)

    result: dict[str, list[Article]] = {name: [] for name in SPLITS}
    free: list[tuple[str, str, list[Article]]] = []
    for members in groups.values():
        pinned = {article.meta["split"] for article in members if "split" in article.meta}
        if not pinned <= {*SPLITS, HELD_OUT}:
            choices = ", ".join((*SPLITS, HELD_OUT))
            raise DataError(f"article {members[0].id!r} is pinned to {sorted(pinned)}; splits are {choices}")
        if len(pinned) > 1:
            ids = ", ".join(article.id for article in members)
            raise DataError(f"near-duplicates are pinned to different splits ({', '.join(sorted(pinned))}): {ids}")
        if pinned == {HELD_OUT}:
            continue
        if pinned:
            result[pinned.pop()] += members
        else:
            stratum = str(members[0].meta.get(stratify, "")) if stratify else ""
            order = hashlib.sha256(f"{seed}:{members[0].id}".encode()).hexdigest()
            free.append((stratum, order, members))

    start = int(hashlib.sha256(str(seed).encode()).hexdigest()[:8], 16) / 2**32
    for index, (_, _, members) in enumerate(sorted(free, key=lambda item: item[:2])):
        place = (start + index * 0.6180339887498949) % 1
        name = "test" if place < test else "dev" if place < test + dev else "train"
        result[name] += members
    return {name: sorted(members, key=lambda article: article.id) for name, members in result.items()}


def check(splits: dict[str, list[Article]], shares: dict[str, float]) -> None:
    """Raise `DataError` if a split that has a share is empty, or two splits share text."""
    empty = [name for name, share in shares.items() if share and not splits[name]]
    if empty:
        count = sum(map(len, splits.values()))
        raise DataError(f"{count} articles leave {', '.join(empty)} empty; bring more, or pin some in their headers")
    for leak in leaks(splits)[:1]:
        raise DataError(
            f"{leak.first} and {leak.second} share {leak.share:.0%} of their text across splits"
            f" ({' and '.join(leak.splits)})"
        )


def leaks(splits: dict[str, list[Article]], threshold: float = NEAR_DUPLICATE) -> list[Leak]:
    """Pairs over the threshold whose articles stand in different splits, largest share first."""
    articles = [(name, article) for name, members in splits.items() for article in members]
    close = overlaps([article for _, article in articles]).tocoo()
    found = []
    for row, column, share in zip(close.row.tolist(), close.col.tolist(), close.data.tolist(), strict=True):
        (split_a, a), (split_b, b) = articles[row], articles[column]
        if row < column and split_a != split_b and share >= threshold:
            found.append(Leak(a.id, b.id, (split_a, split_b), share))
    return sorted(found, key=lambda leak: -leak.share)


def largest_overlap(splits: dict[str, list[Article]]) -> float:
    """The largest share of shingles that articles of different splits have in common; 0 if they share none."""
    return max((leak.share for leak in leaks(splits, threshold=0.0)), default=0.0)
