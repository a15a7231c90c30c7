"""Gold and predicted articles to scores, with intervals.

A *strict* match has the same start, end and label (CoNLL-2003's measure). An *overlap* match shares at least one
character with a span of the same label: precision counts predicted spans that meet gold ones, recall gold spans that
meet predicted ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.errors import InputError
from data.schema import Article, Span
from data.statistics import words

MICRO = "micro"
"""The name of the row that counts the spans of all labels together."""

RESAMPLES = 2000
MATCHES = ("strict", "overlap")


@dataclass(frozen=True)
class Measure:
    """A value in [0, 1] and its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Score:
    """How predicted spans of one label, or of all, meet gold ones.

    Attributes:
        precision, recall, f1: with intervals.
        gold, predicted: numbers of spans.
        matched_predicted: predicted spans that match a gold one; `matched_gold` the other way (equal when strict).
    """

    precision: Measure
    recall: Measure
    f1: Measure
    gold: int
    predicted: int
    matched_predicted: int
    matched_gold: int


@dataclass(frozen=True)
class Evaluation:
    """Scores of a set of articles.

    Attributes:
        scores: kind of match ("strict", "overlap") to label (or `MICRO`) to score.
        articles, words: how much text.
        resamples, seed: of the bootstrap.
    """

    scores: Mapping[str, Mapping[str, Score]]
    articles: int
    words: int
    resamples: int
    seed: int

    @property
    def f1(self) -> float:
        """Strict micro-F1."""
        return self.scores["strict"][MICRO].f1.value


def score(
    gold: Sequence[Article],
    predicted: Sequence[Article],
    *,
    labels: Iterable[str] = (),
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Evaluation:
    """Score predictions.

    Intervals are percentiles of a bootstrap over articles (Efron, 1979): spans of one article go together, as they do
    when a new article comes.

    Args:
        gold: annotated articles, at least one.
        predicted: the same articles, in any order. A gold article without a prediction is an error, not an omission.
        labels: those to report even if no span has them.
        resamples: bootstrap samples; 0 gives intervals that are the value itself.
        seed: of the bootstrap.

    Raises:
        InputError: there is no article, or ids or texts differ.
    """
    pairs = pair(gold, predicted)
    names = sorted({span.label for pair_ in pairs for article in pair_ for span in article.spans} | set(labels))
    # counts[kind]: shape (articles, labels, 4): gold, predicted, matched gold, matched predicted
    counts = {kind: np.zeros((len(pairs), len(names), 4)) for kind in MATCHES}
    for index, (gold_article, predicted_article) in enumerate(pairs):
        for column, label in enumerate(names):
            of_gold = [span for span in gold_article.spans if span.label == label]
            of_predicted = [span for span in predicted_article.spans if span.label == label]
            same = len({(s.start, s.end) for s in of_gold} & {(s.start, s.end) for s in of_predicted})
            sizes = len(of_gold), len(of_predicted)
            counts["strict"][index, column] = *sizes, same, same
            counts["overlap"][index, column] = *sizes, *count_overlaps(of_gold, of_predicted)

    weights = np.random.default_rng(seed).multinomial(len(pairs), np.full(len(pairs), 1 / len(pairs)), size=resamples)
    scores = {}
    for kind, table in counts.items():
        samples = np.tensordot(weights, table, axes=1)  # (resamples, labels, 4)
        rows = {MICRO: _score(table.sum(axis=(0, 1)), samples.sum(axis=1))}
        for column, label in enumerate(names):
            rows[label] = _score(table[:, column].sum(axis=0), samples[:, column])
        scores[kind] = rows
    return Evaluation(scores, len(pairs), words(gold), resamples, seed)


def pair(gold: Sequence[Article], predicted: Sequence[Article]) -> list[tuple[Article, Article]]:
    """Gold articles with their predictions, in gold's order. Raises `InputError` if they are not the same articles."""
    by_id = {article.id: article for article in predicted}
    if not gold:
        raise InputError("there is no article to score")
    if len(by_id) != len(predicted) or by_id.keys() != {article.id for article in gold} or len(gold) != len(by_id):
        odd = sorted(by_id.keys() ^ {article.id for article in gold})
        raise InputError(f"gold and predicted articles differ: {', '.join(odd[:5]) or 'an id stands twice'}")
    for article in gold:
        if by_id[article.id].text != article.text:
            raise InputError(f"the text of article {article.id!r} differs between gold and prediction")
    return [(article, by_id[article.id]) for article in gold]


def count_overlaps(gold: Sequence[Span], predicted: Sequence[Span]) -> tuple[int, int]:
    """Gold spans that meet a predicted one, and the reverse. Both sorted and without overlap among themselves."""
    matched_gold: set[int] = set()
    matched_predicted: set[int] = set()
    i = j = 0
    while i < len(gold) and j < len(predicted):
        if gold[i].start < predicted[j].end and predicted[j].start < gold[i].end:
            matched_gold.add(i)
            matched_predicted.add(j)
        if gold[i].end <= predicted[j].end:
            i += 1
        else:
            j += 1
    return len(matched_gold), len(matched_predicted)


def _score(counts: np.ndarray, samples: np.ndarray) -> Score:
    """A score from counts of shape (4,) and their bootstrap samples of shape (resamples, 4)."""
    values, spread = _ratios(counts), _ratios(samples)
    precision, recall, f1 = (_measure(value, sample) for value, sample in zip(values, spread, strict=True))
    gold, predicted, matched_gold, matched_predicted = (int(count) for count in counts)
    return Score(precision, recall, f1, gold, predicted, matched_predicted, matched_gold)


def _measure(value: np.ndarray, samples: np.ndarray) -> Measure:
    low, high = np.percentile(samples, [2.5, 97.5]) if len(samples) else (value, value)
    return Measure(float(value), float(low), float(high))


def _ratios(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 of counts of shape (…, 4); 0 where nothing is there to divide by."""
    gold, predicted, matched_gold, matched_predicted = np.moveaxis(counts, -1, 0)
    precision = _divide(matched_predicted, predicted)
    recall = _divide(matched_gold, gold)
    return precision, recall, _divide(2 * precision * recall, precision + recall)


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    quotient: np.ndarray = np.divide(above, below, out=np.zeros_like(above, dtype=float), where=below > 0)
    return quotient
