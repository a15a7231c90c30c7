from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError
from data.schema import Article
from model.comparison import Comparison, Contest, compare
from model.scoring import MICRO, right_spans, score
from tests import annotations
from tests.annotations import Pair
from tests.conftest import parse

RESAMPLES = 60


def contest(gold: list[Article], first: list[Article], second: list[Article], **options: Any) -> Contest:
    (only,) = compare(
        gold, {"first": first, "second": second}, **{"seed": 0, "resamples": RESAMPLES, **options}
    ).contests
    return only


def f1(articles: list[tuple[Article, Article]]) -> float:
    """Strict F1 of articles, of which some may stand twice; NaN without spans."""
    spans = sum(len(gold.spans) + len(found.spans) for gold, found in articles)
    return 2 * sum(len(right_spans(*pair)) for pair in articles) / spans if spans else float("nan")


@settings(max_examples=50)
@given(annotations.pairs(), st.randoms())
def test_the_paired_bootstrap_by_drawing_articles(pairs: list[Pair], random: Any) -> None:
    gold, first = [one for one, _ in pairs], [one for _, one in pairs]
    second = [one.with_spans(span for span in one.spans if random.random() < 0.7) for one in first]
    mine = contest(gold, first, second).differences[MICRO]
    sides = [list(zip(gold, found, strict=True)) for found in (first, second)]
    articles = sum(bool(g.spans or a.spans or b.spans) for g, a, b in zip(gold, first, second, strict=True))
    before, after = (np.nan_to_num(f1(side)) for side in sides)
    seen = after - before
    assert (mine.first, mine.second, mine.difference.value) == pytest.approx((before, after, seen))
    weights = np.random.default_rng(0).multinomial(len(gold), [1 / len(gold)] * len(gold), size=RESAMPLES)
    drawn = [[i for i, times in enumerate(row) for _ in range(times)] for row in weights]
    samples = np.array([f1([sides[1][i] for i in row]) - f1([sides[0][i] for i in row]) for row in drawn])
    samples = samples[~np.isnan(samples)]
    if articles > 1:
        assert (mine.difference.low, mine.difference.high) == pytest.approx(np.percentile(samples, [2.5, 97.5]))
    far = sum(abs(sample - seen) >= abs(seen) - 1e-12 for sample in samples)
    assert mine.p == pytest.approx(max((1 + far) / (1 + len(samples)), min(1, 2 ** (1 - articles))))


def test_a_run_against_itself() -> None:
    gold = [parse("[It](ACTOR) [ran](ACTION).", str(i)) for i in range(9)]
    found = [article.with_spans(article.spans[: i % 3]) for i, article in enumerate(gold)]
    same = contest(gold, found, found)
    for one in same.differences.values():
        assert (one.difference.value, one.difference.low, one.difference.high, one.p) == (0, 0, 0, 1)
    assert same.disagreements == ()
    assert same.right == {"first": 0, "second": 0}


def test_changing_places_changes_the_sign() -> None:
    gold = [parse("[It](ACTOR) [ran](ACTION).", str(i), meta={"genre": f"g{i % 2}"}) for i in range(9)]
    first = [article.with_spans(article.spans[: i % 3]) for i, article in enumerate(gold)]
    second = [article.with_spans(article.spans[: i % 2]) for i, article in enumerate(gold)]
    there, back = contest(gold, first, second, resamples=500), contest(gold, second, first, resamples=500)
    for label, one in there.differences.items():
        other = back.differences[label]
        assert (one.first, one.second, one.p) == (other.second, other.first, other.p)
        assert one.difference.value == -other.difference.value
        assert one.difference.low == pytest.approx(-other.difference.high)
    assert list(there.strata["genre"]) == ["g0", "g1"]


def test_p_is_fair_where_runs_are_equally_good() -> None:
    # Each article is right in one run only, by the toss of a coin: p below 0.1 should come about one time in ten.
    random = np.random.default_rng(0)
    gold = [parse("[It](ACTOR) ran.", str(i)) for i in range(100)]
    low = 0
    for seed in range(200):
        coin = random.random(len(gold)) < 0.5
        runs = [
            [a if side == bool(heads) else a.with_spans(()) for a, heads in zip(gold, coin, strict=True)]
            for side in (True, False)
        ]
        low += contest(gold, *runs, seed=seed, resamples=200).differences[MICRO].p < 0.1
    assert 8 <= low <= 34


def test_few_articles_are_no_ground_for_a_small_p() -> None:
    gold = [parse("[It](ACTOR) [ran](ACTION).", str(i)) for i in range(4)]
    empty = [article.with_spans(()) for article in gold]
    for count, p in ((1, 1), (2, 0.5), (4, 0.125)):
        one = contest(gold[:count], gold[:count], empty[:count], resamples=500).differences[MICRO]
        assert one.p == p
        assert (one.difference.low, one.difference.high) == ((-1, 1) if count == 1 else (-1, -1))


def test_disagreements_by_hand() -> None:
    gold = [parse("The [big bank](ACTOR) [left](ACTION) on [Monday](DATE) and [ran](ACTION).")]
    first = [parse("[The](DATE) [big bank](ACTOR) [left](ACTION) on [Monday](DEADLINE) [and](ACTION) ran.")]
    second = [parse("The big [bank](ACTOR) left on [Monday](DATE) [and ran](ACTION).")]
    made = contest(gold, first, second)
    found = [
        (one.right, one.error.kind, *(span and gold[0].covered(span) for span in (one.error.gold, one.error.predicted)))
        for one in made.disagreements
    ]
    assert found == [
        ("second", "spurious", None, "The"),
        ("first", "boundary", "big bank", "bank"),
        ("first", "missed", "left", None),
        ("second", "label", "Monday", "Monday"),
    ]  # "ran" is wrong in both; where one has "and" the other has "and ran", wrong as well
    assert made.right == {"first": 2, "second": 2}


@given(annotations.pairs(), annotations.pairs())
def test_gold_spans_that_one_run_has_are_all_there(pairs: list[Pair], others: list[Pair]) -> None:
    gold, first = [one for one, _ in pairs], [one for _, one in pairs]
    spare = [found.spans for _, found in others] + [()] * len(gold)
    second = [article.with_spans(spans) for article, spans in zip(gold, spare, strict=False)]
    found = contest(gold, first, second).disagreements
    for index, (article, one, two) in enumerate(zip(gold, first, second, strict=True)):
        for name, winner, loser in (("first", one, two), ("second", two, one)):
            expected = right_spans(article, winner) - right_spans(article, loser)
            assert {
                d.error.gold for d in found if d.right == name and d.error.article == index and d.error.gold
            } == expected


def test_three_runs_and_a_label_of_one_of_them() -> None:
    gold = [parse("[It](ACTOR) ran.", "a"), parse("[It](ACTOR) sat.", "b")]
    runs = {"x": gold, "y": [parse("[It](OTHER) ran.", "a"), gold[1]], "z": list(reversed(gold))}
    made: Comparison = compare(gold, runs, seed=0, resamples=50)
    assert [(one.first, one.second) for one in made.contests] == [("x", "y"), ("x", "z")]
    assert list(made.contests[0].differences) == [MICRO, "ACTOR", "OTHER"]
    assert made.contests[0].differences["OTHER"].second == 0
    assert made.contests[1].differences[MICRO].difference.value == 0
    assert made.evaluations["x"] == score(gold, gold, resamples=50)
    with pytest.raises(InputError, match="two runs or more"):
        compare(gold, {"x": gold}, seed=0)
    with pytest.raises(InputError, match="differ: b"):
        compare(gold, {"x": gold, "y": gold[:1]}, seed=0)
