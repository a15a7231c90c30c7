"""Gold and predicted articles to scores, with intervals.

Four kinds of match, those of MUC and of SemEval-2013 task 9.1 (Segura-Bedmar et al., 2013) as nervaluate counts them:

- *strict*: the same borders and the same label (also CoNLL-2003's measure);
- *exact*: the same borders, whatever the label;
- *partial*: some characters in common, whatever the label; a half where the borders are not the same;
- *type*: some characters in common and the same label.

Spans are paired one to one, the predicted ones in the order of the text. A label's row looks at the spans of that label
alone, on both sides; so there exact is strict. As in nervaluate 1.2.1, for *type* a predicted span takes the gold span
of its label whose borders are nearest, and without one it uses up the first gold span that it meets: a further
predicted span, even of the right label, then finds nothing there. So type scores can change a little when gold and
predicted change places; the other kinds cannot. Two habits of nervaluate are not followed: its pairs depend on the
order in which spans are listed (an `Article` keeps the text's), and by default it ignores a common part of less than a
hundredth of the gold span.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from data.errors import InputError
from data.pairing import meetings
from data.schema import Article, Span
from data.statistics import words

MICRO = "micro"
"""The name of the row that counts the spans of all labels together."""

RESAMPLES = 2000
MATCHES = ("strict", "exact", "partial", "type")
_BLOCK = 10_000_000
"""Cells of bootstrap weights that are in memory at once."""


@dataclass(frozen=True)
class Measure:
    """A value and its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Score:
    """How predicted spans of one label, or of all, match gold ones.

    Attributes:
        precision, recall, f1: in [0, 1], with intervals; 0 where there is nothing to divide by.
        gold, predicted: numbers of spans.
        correct: matches; for partial ones a half counts.
    """

    precision: Measure
    recall: Measure
    f1: Measure
    gold: int
    predicted: int
    correct: float


@dataclass(frozen=True)
class Evaluation:
    """Scores of a set of articles.

    Attributes:
        scores: kind of match (of `MATCHES`) to label (or `MICRO`) to score.
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
    rows = [MICRO, *label_set(pairs, labels)]
    # Shape (articles, kinds, rows, 3): gold, predicted, correct.
    counts = np.zeros((len(pairs), len(MATCHES), len(rows), 3))
    for index, (gold_article, predicted_article) in enumerate(pairs):
        found = meetings(gold_article.spans, predicted_article.spans)
        for row, label in enumerate(rows):
            every = label == MICRO
            counts[index, :, row, 0] = sum(every or span.label == label for span in gold_article.spans)
            counts[index, :, row, 1] = sum(every or span.label == label for span in predicted_article.spans)
            counts[index, :, row, 2] = _correct([(g, p) for g, p in found if every or g.label == p.label == label])
    scores = scores_of(counts.reshape(len(pairs), -1, 3), resamples, seed)
    by_kind = {kind: dict(zip(rows, scores[number * len(rows) :], strict=False)) for number, kind in enumerate(MATCHES)}
    return Evaluation(by_kind, len(pairs), words(gold), resamples, seed)


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


def label_set(pairs: Iterable[tuple[Article, Article]], labels: Iterable[str] = ()) -> list[str]:
    """The labels of all spans, gold or predicted, and those given, in alphabetical order."""
    return sorted({span.label for both in pairs for article in both for span in article.spans} | set(labels))


def same_borders(first: Span, second: Span) -> bool:
    """Whether two spans cover the same characters."""
    return first.start == second.start and first.end == second.end


def right_spans(gold: Article, predicted: Article) -> set[Span]:
    """The predicted spans that are strictly right: gold has them with the same borders and label."""
    there = {(span.start, span.end, span.label) for span in gold.spans}
    return {span for span in predicted.spans if (span.start, span.end, span.label) in there}


def scores_of(counts: np.ndarray, resamples: int, seed: int) -> list[Score]:
    """Scores with intervals, one for each row of counts.

    Intervals are percentiles of a bootstrap over articles (Efron, 1979): spans of one article go together, as they do
    when a new article comes. A sample in which a measure is undefined, because it happens to hold no span of a row,
    says nothing of it and is left out. Where a single article holds all spans of a row, nothing is known of others, and
    the interval is all of [0, 1].

    Args:
        counts: gold, predicted and correct spans, shape (articles, rows, 3).
        resamples, seed: of the bootstrap; without resamples an interval is the value itself.
    """
    totals = counts.sum(axis=0)
    values = np.nan_to_num(ratios(totals))
    spread = ratios(bootstrap(counts, resamples, seed)) if resamples else values[None]
    lows, highs = percentiles(spread, values)
    if resamples:
        alone = (below(counts) > 0).sum(axis=0) == 1
        lows, highs = np.where(alone, 0, lows), np.where(alone, 1, highs)
    scores = []
    for row, (gold, predicted, correct) in enumerate(totals):
        precision, recall, f1 = (
            Measure(float(values[row, i]), float(lows[row, i]), float(highs[row, i])) for i in range(3)
        )
        scores.append(Score(precision, recall, f1, int(gold), int(predicted), float(correct)))
    return scores


def bootstrap(counts: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Totals over articles drawn with replacement.

    Args:
        counts: of each article, shape (articles, …).
        resamples: how many times as many articles are drawn as there are.
        seed: the same seed draws the same articles, whatever the counts.

    Returns:
        shape (resamples, …).
    """
    random = np.random.default_rng(seed)
    articles = len(counts)
    shares = np.full(articles, 1 / articles)
    step = max(1, _BLOCK // articles)
    blocks = [
        np.tensordot(random.multinomial(articles, shares, size=min(step, resamples - start)).astype(float), counts, 1)
        for start in range(0, resamples, step)
    ]
    return np.concatenate(blocks)


def ratios(counts: np.ndarray) -> np.ndarray:
    """Precision, recall and F1, shape (…, 3), of gold, predicted and correct spans, shape (…, 3).

    Each is NaN where there is nothing to divide by.
    """
    divisors = below(counts)
    quotient: np.ndarray = np.divide(counts[..., 2:], divisors, out=np.full(divisors.shape, np.nan), where=divisors > 0)
    return quotient


def below(counts: np.ndarray) -> np.ndarray:
    """What correct spans are divided by for precision, recall and F1: shape (…, 3) from counts of that shape."""
    gold, predicted, _ = np.moveaxis(counts, -1, 0)
    return np.stack([predicted, gold, (gold + predicted) / 2], axis=-1)


def percentiles(samples: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ends of 95% intervals, each of the shape of `values`.

    Args:
        samples: shape (resamples, …); NaN is left out.
        values: shape (…); what stands where no sample is left.
    """
    missing = np.isnan(samples).all(axis=0)
    ends = np.nanpercentile(np.where(missing, values, samples), [2.5, 97.5], axis=0)
    return ends[0], ends[1]


def _correct(found: Sequence[tuple[Span, Span]]) -> tuple[float, float, float, float]:
    """Matches by kind, in the order of `MATCHES`, among the pairs of spans that meet."""
    strict = exact = 0
    partial = typed = 0.0
    taken: set[Span] = set()  # gold spans, by partial matching
    typed_taken: set[Span] = set()
    for predicted, group in groupby(found, key=lambda both: both[1]):
        golds = [gold for gold, _ in group]
        if same_borders(golds[0], predicted):  # then it meets no other
            exact += 1
            strict += golds[0].label == predicted.label
            partial += 1
            typed += golds[0].label == predicted.label
            continue
        free = [gold for gold in golds if gold not in taken]
        if free:
            taken.add(free[0])
            partial += 0.5
        free = [gold for gold in golds if gold not in typed_taken]
        alike = [gold for gold in free if gold.label == predicted.label]
        if alike:
            typed += 1
            typed_taken.add(
                min(alike, key=lambda gold: abs(gold.start - predicted.start) + abs(gold.end - predicted.end))
            )
        elif free:
            typed_taken.add(free[0])
    return strict, exact, partial, typed
