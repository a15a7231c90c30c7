import numpy as np
import pytest
from hypothesis import given
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve

from data.schema import Article, Span
from model.calibration import MOST_POINTS, Curve, curve, operating_points, reliability
from model.scoring import MICRO, label_set, right_spans
from tests import annotations
from tests.annotations import Pair


def ranked(pairs: list[Pair], label: str = MICRO) -> tuple[list[float], list[bool], int]:
    """Scores of predicted spans, whether each is right, and the number of gold spans."""
    scores, right, gold_count = [], [], 0
    for gold, predicted in pairs:
        gold_count += sum(label in (MICRO, span.label) for span in gold.spans)
        for span in predicted.spans:
            if label in (MICRO, span.label):
                assert span.score is not None
                scores.append(span.score)
                right.append(span in right_spans(gold, predicted))
    return scores, right, gold_count


def one_article(spans: str, gold: str = "") -> Pair:
    """Spans of one character, `+` right and `-` spurious, the score falling from 0.99; `gold` more that are missed."""
    found = [Span(2 * i, 2 * i + 1, "X", score=0.99 - i / 100) for i in range(len(spans))]
    right = [Span(span.start, span.end, "X") for span, sign in zip(found, spans, strict=True) if sign == "+"]
    right += [Span(2 * i, 2 * i + 1, "X") for i in range(len(spans), len(spans) + len(gold))]
    article = Article("a", "x " * (len(spans) + len(gold)), tuple(right))
    return article, article.with_spans(found)


@given(annotations.pairs())
def test_curves_agree_with_scikit_learn(pairs: list[Pair]) -> None:
    curves = curve(pairs)
    assert list(curves) == [MICRO, *label_set(pairs)]
    for label, mine in curves.items():
        scores, right, gold = ranked(pairs, label)
        assert mine.threshold == tuple(sorted(set(scores), reverse=True))
        if not scores:
            continue
        if not any(right):  # scikit-learn has no recall then
            assert set(mine.precision) | set(mine.recall) == {0}
            continue
        precision, recall, thresholds = precision_recall_curve(right, scores)
        # Its recall is over the right spans that were predicted, ours over all of gold.
        expected = {t: (p, r * sum(right) / gold) for t, p, r in zip(thresholds, precision, recall, strict=False)}
        for t, p, r in zip(mine.threshold, mine.precision, mine.recall, strict=True):
            assert (p, r) == pytest.approx(expected[t])


def test_long_curves_are_thinned() -> None:
    random = np.random.default_rng(0)
    spans = [Span(2 * i, 2 * i + 1, "X", score=float(random.random())) for i in range(1000)]
    article = Article("a", "x " * 1000, tuple(spans[::2]))
    (whole, _) = curve([(article, article.with_spans(spans))]).values()
    assert len(whole.threshold) == MOST_POINTS
    assert (whole.threshold[0], whole.threshold[-1]) == (
        max(s.score or 0 for s in spans),
        min(s.score or 0 for s in spans),
    )
    assert (whole.precision[-1], whole.recall[-1]) == (0.5, 1)
    assert list(whole.threshold) == sorted(set(whole.threshold), reverse=True)


@given(annotations.pairs())
def test_reliability_agrees_with_scikit_learn(pairs: list[Pair]) -> None:
    mine = reliability(pairs)
    scores, right, _ = ranked(pairs)
    if not scores:
        assert mine is None
        return
    assert mine is not None
    precision, mean_score = calibration_curve(right, scores, n_bins=10)
    filled = [one for one in mine.bins if one.count]
    assert [one.precision for one in filled] == pytest.approx(precision.tolist())
    assert [one.mean_score for one in filled] == pytest.approx(mean_score.tolist())
    assert all(one.low - 1e-9 <= (one.mean_score or 0) <= one.high + 1e-9 for one in filled)
    assert sum(one.count for one in mine.bins) == len(scores)
    assert [(one.mean_score, one.precision) for one in mine.bins if not one.count] == [(None, None)] * (
        10 - len(filled)
    )
    weights = [one.count / len(scores) for one in filled]
    assert mine.error == pytest.approx(np.dot(weights, np.abs(precision - mean_score)))


@given(annotations.pairs(), annotations.pairs())
def test_operating_points_by_trying_every_threshold(dev: list[Pair], test: list[Pair]) -> None:
    found = operating_points(dev, test, targets=(0.5, 0.9))
    assert list(found) == [MICRO, *label_set(dev + test)]
    for label, points in found.items():
        scores, right, gold = ranked(dev, label)
        test_scores, test_right, test_gold = ranked(test, label)
        for point in points:
            best = None
            for threshold in sorted(set(scores)):
                kept = [is_right for score, is_right in zip(scores, right, strict=True) if score >= threshold]
                if best is None and sum(kept) >= point.target * len(kept):
                    best = threshold, sum(kept) / len(kept), sum(kept) / gold if gold else None
            if best is None:
                assert (
                    point.threshold
                    is point.dev_precision
                    is point.dev_recall
                    is point.precision
                    is point.recall
                    is None
                )
                continue
            assert point.threshold == (0 if best[0] == min(scores) else best[0])
            assert (point.dev_precision, point.dev_recall) == pytest.approx(best[1:])
            kept = [
                is_right for score, is_right in zip(test_scores, test_right, strict=True) if score >= point.threshold
            ]
            assert point.precision == (pytest.approx(sum(kept) / len(kept)) if kept else None)
            assert point.recall == (pytest.approx(sum(kept) / test_gold) if test_gold else None)


def test_operating_points_by_hand() -> None:
    dev = [one_article("+++-+-", gold="+")]  # precision 1, 1, 1, .75, .8, .67 with recall up to 4 of 5
    test = [one_article("+-")]
    (micro, of_label) = operating_points(dev, test, targets=(0.8, 0.9, 0.5)).values()
    assert micro == of_label
    assert [point.threshold for point in micro] == pytest.approx([0.95, 0.97, 0])
    assert [point.dev_recall for point in micro] == pytest.approx([0.8, 0.6, 0.8])
    assert [point.precision for point in micro] == pytest.approx([0.5, 0.5, 0.5])
    (none, _) = operating_points([one_article("-")], test).values()
    assert {point.threshold for point in none} == {None}
    (alone, _) = operating_points(dev, None).values()
    assert [(point.precision, point.recall) for point in alone] == [(None, None)] * 2
    assert [point.dev_precision for point in alone] == [1, 1]


def test_without_scores_there_is_nothing_to_say() -> None:
    scored = one_article("+-")
    bare = scored[0], scored[0].with_spans(Span(span.start, span.end, span.label) for span in scored[1].spans)
    assert curve([scored, bare]) == {}
    assert reliability([scored, bare]) is None
    assert operating_points([bare], [scored]) == operating_points([scored], [bare]) == {}
    empty = Article("b", "text")
    assert curve([(empty, empty)]) == {MICRO: Curve((), (), ())}
    assert reliability([(empty, empty)]) is None
