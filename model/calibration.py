"""What a span's score is worth: precision and recall above a threshold, and whether scores are probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.schema import Article
from model.scoring import MICRO, label_set, right_spans

TARGETS = (0.90, 0.95)
MOST_POINTS = 200


@dataclass(frozen=True)
class Curve:
    """Precision and recall of the predicted spans that score at least a threshold.

    Attributes:
        threshold: descending; every one is the score of some span.
        precision, recall: strict, in [0, 1], one for each threshold. Recall ends where that of all predicted spans is.
    """

    threshold: tuple[float, ...]
    precision: tuple[float, ...]
    recall: tuple[float, ...]


@dataclass(frozen=True)
class Bin:
    """The predicted spans whose score lies in (low, high].

    Attributes:
        low, high: of the scores.
        count: spans.
        mean_score: of them; None if there are none.
        precision: the share that is strictly right; None if there are none.
    """

    low: float
    high: float
    count: int
    mean_score: float | None
    precision: float | None


@dataclass(frozen=True)
class Reliability:
    """Whether a span with the score 0.8 is right in 8 of 10 cases.

    Attributes:
        bins: of equal width, ascending.
        error: expected calibration error (Naeini et al., 2015): the mean distance of a bin's precision from its mean
            score, weighted by the spans in it.
    """

    bins: tuple[Bin, ...]
    error: float


@dataclass(frozen=True)
class OperatingPoint:
    """The threshold that reaches a precision on dev, and what it gives elsewhere.

    Attributes:
        target: precision wanted on dev.
        threshold: keep the spans that score at least this; 0 if all may stay, None if no threshold reaches the target.
        dev_precision, dev_recall: strict, on dev, at the threshold; None without one.
        precision, recall: strict, on the articles evaluated; None where there is nothing to divide by, too.
    """

    target: float
    threshold: float | None
    dev_precision: float | None
    dev_recall: float | None
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class _Scored:
    """One label's (or all) predicted spans, best first.

    Attributes:
        score: descending, shape (spans,).
        right: whether each is strictly right, shape (spans,).
        gold: number of gold spans.
    """

    score: np.ndarray
    right: np.ndarray
    gold: int


def curve(pairs: Sequence[tuple[Article, Article]]) -> Mapping[str, Curve]:
    """Curves by label and for all (`MICRO`, first); none at all if a predicted span has no score.

    A curve has no points where nothing is predicted, and at most `MOST_POINTS`, of which the first and the last of all
    are two.
    """
    curves = {}
    for label, scored in _scored(pairs).items():
        threshold, precision, recall = _points(scored)
        if len(threshold) > MOST_POINTS:
            kept = np.linspace(0, len(threshold) - 1, MOST_POINTS).round().astype(int)
            threshold, precision, recall = threshold[kept], precision[kept], recall[kept]
        curves[label] = Curve(tuple(threshold.tolist()), tuple(precision.tolist()), tuple(recall.tolist()))
    return curves


def reliability(pairs: Sequence[tuple[Article, Article]], bins: int = 10) -> Reliability | None:
    """Scores against strict precision, all labels together; None if a predicted span has no score, or there is none."""
    scored = _scored(pairs).get(MICRO)
    if scored is None or not len(scored.score):
        return None
    edges = np.linspace(0, 1, bins + 1)
    place = np.searchsorted(edges[1:-1], scored.score)
    counts = np.bincount(place, minlength=bins)
    sums = np.bincount(place, weights=scored.score, minlength=bins)
    right = np.bincount(place, weights=scored.right, minlength=bins)
    made = tuple(
        Bin(
            float(edges[i]),
            float(edges[i + 1]),
            int(counts[i]),
            float(sums[i] / counts[i]) if counts[i] else None,
            float(right[i] / counts[i]) if counts[i] else None,
        )
        for i in range(bins)
    )
    return Reliability(made, float(np.abs(sums - right).sum() / counts.sum()))


def operating_points(
    dev_pairs: Sequence[tuple[Article, Article]],
    test_pairs: Sequence[tuple[Article, Article]] | None,
    targets: Sequence[float] = TARGETS,
) -> Mapping[str, tuple[OperatingPoint, ...]]:
    """Thresholds by label and for all (`MICRO`, first), one point a target; none at all without scores on either side.

    Of the thresholds that reach the target on dev it is the one with the most recall there.

    Args:
        dev_pairs: gold and predicted articles to choose on.
        test_pairs: those to try the thresholds on, or None.
        targets: precisions.
    """
    dev, test = _scored(dev_pairs), _scored(test_pairs or ())
    if not dev or (test_pairs is not None and not test):
        return {}
    none = _Scored(np.zeros(0), np.zeros(0), 0)
    return {
        label: tuple(_operating_point(dev.get(label, none), test.get(label, none), target) for target in targets)
        for label in [MICRO, *sorted({*dev, *test} - {MICRO})]
    }


def _operating_point(dev: _Scored, test: _Scored, target: float) -> OperatingPoint:
    threshold, precision, recall = _points(dev)
    reached = np.flatnonzero(precision >= target)
    if not len(reached):
        return OperatingPoint(target, None, None, None, None, None)
    at = int(reached[-1])  # the lowest threshold has the most recall
    chosen = 0.0 if at == len(threshold) - 1 else float(threshold[at])
    kept = test.right[test.score >= chosen]
    return OperatingPoint(
        target,
        chosen,
        float(precision[at]),
        float(recall[at]) if dev.gold else None,
        float(kept.mean()) if len(kept) else None,
        float(kept.sum() / test.gold) if test.gold else None,
    )


def _points(scored: _Scored) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Threshold, precision and recall at each distinct score, the highest first."""
    last = (
        np.flatnonzero(np.append(scored.score[1:] != scored.score[:-1], True))
        if len(scored.score)
        else np.zeros(0, int)
    )
    right = np.cumsum(scored.right)[last]
    return scored.score[last], right / (last + 1), right / max(scored.gold, 1)


def _scored(pairs: Sequence[tuple[Article, Article]]) -> dict[str, _Scored]:
    """The spans of all labels (`MICRO`, first) and of each; nothing if a predicted span has no score."""
    rows: list[tuple[float, bool, str]] = []
    gold_labels: list[str] = []
    for gold, predicted in pairs:
        right = right_spans(gold, predicted)
        gold_labels += [span.label for span in gold.spans]
        for span in predicted.spans:
            if span.score is None:
                return {}
            rows.append((span.score, span in right, span.label))
    rows.sort(key=lambda row: -row[0])
    score = np.array([row[0] for row in rows], float)
    right_ = np.array([row[1] for row in rows], float)
    label = np.array([row[2] for row in rows], object)
    result = {MICRO: _Scored(score, right_, len(gold_labels))}
    for name in label_set(pairs):
        mine = label == name
        result[name] = _Scored(score[mine], right_[mine], gold_labels.count(name))
    return result
