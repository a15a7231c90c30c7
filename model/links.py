"""Who did it, to whom, when, by when: links from the acts of an article to its actors and times.

`docs/links.md` says what a link is, `model.pairs` which spans are looked at and what is seen of them. Boosted decision
trees (Friedman, 2001) turn that into the probability of a link. A run that was trained with links brings a head of its
own (`model.link_head`), which sees the encoder's states as well, and decides together with the trees. The trees stand
in `links.json`, fitted on annotated articles by `python -m benchmarks.fit_links`; walking them needs numpy alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from data.link_annotations import KINDS
from data.schema import Article, Span
from model.link_head import LinkHead
from model.pairs import Pairs, pairs

TREES = Path(__file__).with_name("links.json")

CERTAIN = 0.8
"""The probability from which on a link is called certain."""

LONE = 0.2
"""Nearly every limit has an act: one that would have none gets its likeliest, from this probability (chosen on dev)."""


@dataclass(frozen=True)
class Link:
    """A link from an act to another span of its article, with the model's probability."""

    span: Span
    probability: float

    @property
    def certain(self) -> bool:
        """Whether the model is sure enough to be believed without a look."""
        return self.probability >= CERTAIN


@dataclass
class Linked:
    """An act and its links, each kind in the order of the text."""

    action: Span
    links: dict[str, list[Link]] = field(default_factory=lambda: {kind: [] for kind in KINDS})


def link(article: Article, head: LinkHead | None = None, vectors: np.ndarray | None = None) -> list[Linked]:
    """The links of every ACTION of an article, in the order of the text.

    Args:
        article: with its spans, gold or predicted.
        head: of a run; None decides by the trees alone.
        vectors: of the article's spans, from the same run; needed with a head.
    """
    linked = {index: Linked(span) for index, span in enumerate(article.spans) if span.label == "ACTION"}
    thresholds = head.thresholds if head else {kind: trees.threshold for kind, trees in _trees().items()}
    for label, found in pairs(article).items():
        if not len(found.acts):
            continue
        kinds = [kind for kind, of in KINDS.items() if of == label]
        for kind, chances in probabilities(found, kinds, head, vectors).items():
            for pair in np.flatnonzero(linked_pairs(kind, found.others, chances, thresholds[kind])).tolist():
                other = article.spans[found.others[pair]]
                linked[int(found.acts[pair])].links[kind].append(Link(other, float(chances[pair])))
    return list(linked.values())


def probabilities(
    found: Pairs, kinds: Iterable[str], head: LinkHead | None = None, vectors: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """The probability of each of these kinds of link for pairs, each of shape (pairs,).

    Where there is a head, its log odds and the trees' are averaged, since the two err on different pairs (a logarithmic
    opinion pool; Genest and Zidek, 1986). A kind means nothing for pairs of another label than it leads to.

    Raises:
        ValueError: a head without vectors.
    """
    odds = {kind: _trees()[kind].odds(found.features) for kind in kinds}
    if head is not None:
        if vectors is None:
            raise ValueError("a head needs the vectors of the article's spans")
        by_head = dict(zip(KINDS, head.odds(vectors, found).T, strict=True))
        odds = {kind: (of_trees + by_head[kind]) / 2 for kind, of_trees in odds.items()}
    return {kind: 1 / (1 + np.exp(-of_kind)) for kind, of_kind in odds.items()}


def linked_pairs(kind: str, others: np.ndarray, chances: np.ndarray, threshold: float) -> np.ndarray:
    """Which pairs are linked, shape (pairs,).

    Args:
        kind: of link.
        others: each pair's span that its act may be linked to, by its place in the article, shape (pairs,).
        chances: the pairs' probabilities, of the same shape.
        threshold: of the kind. A DEADLINE all of whose pairs lie below it keeps the likeliest, if that has `LONE`.
    """
    linked: np.ndarray = chances >= threshold
    if kind == "deadline":
        for other in np.setdiff1d(others, others[linked]):
            (its,) = np.nonzero(others == other)
            likeliest = its[chances[its].argmax()]
            linked[likeliest] = chances[likeliest] >= LONE
    return linked


# --- the trees --------------------------------------------------------------------------------------------------------


class Trees:
    """Boosted trees for one kind of link, walked all at once.

    Args:
        record: `bias`, `threshold`, and `trees`, each a list of nodes [feature, limit, left, right] or [value].
    """

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.threshold = float(record["threshold"])
        self._bias = float(record["bias"])
        trees = record["trees"]
        shape = len(trees), max(map(len, trees))
        self._feature = np.zeros(shape, dtype=np.int64)
        self._limit = np.full(shape, np.inf)
        # A leaf leads to itself, so that every tree can be walked for as many steps as the deepest needs.
        self._left = np.tile(np.arange(shape[1]), (shape[0], 1))
        self._right = self._left.copy()
        self._value = np.zeros(shape)
        self._depth = 0
        for number, tree in enumerate(trees):
            depths = {0: 0}
            for place, node in enumerate(tree):
                if len(node) == 1:
                    self._value[number, place] = node[0]
                    continue
                self._feature[number, place], self._limit[number, place] = int(node[0]), node[1]
                for side, child in ((self._left, int(node[2])), (self._right, int(node[3]))):
                    side[number, place] = child
                    depths[child] = depths[place] + 1
            self._depth = max(self._depth, *depths.values())
        self._index = np.arange(shape[0])

    def odds(self, rows: np.ndarray) -> np.ndarray:
        """The log odds of a link for rows of features, shape (pairs, features)."""
        node = np.zeros((len(rows), len(self._index)), dtype=np.int64)
        pairs = np.arange(len(rows))[:, None]
        for _ in range(self._depth):
            left = rows[pairs, self._feature[self._index, node]] <= self._limit[self._index, node]
            node = np.where(left, self._left[self._index, node], self._right[self._index, node])
        odds: np.ndarray = self._bias + self._value[self._index, node].sum(axis=1)
        return odds


_in_use: dict[str, Trees] = {}


def use(trees: Mapping[str, Trees]) -> None:
    """Link with these trees from now on, in place of those that the file holds."""
    _in_use.clear()
    _in_use.update(trees)


def _trees() -> Mapping[str, Trees]:
    if not _in_use:
        record = json.loads(TREES.read_text(encoding="utf-8"))
        use({kind: Trees(record[kind]) for kind in KINDS})
    return _in_use
