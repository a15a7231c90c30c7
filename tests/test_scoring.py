import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from data.errors import InputError
from data.schema import Article, Span
from model.scoring import MICRO, count_overlaps, score
from model.tags import TagSet, tags_to_spans
from tests.conftest import parse

TAGSET = TagSet(["ACTION", "ACTOR", "DATE"])
TEXT = "x " * 30


def legal_tags(random: np.random.Generator, length: int) -> list[int]:
    tags: list[int] = []
    for _ in range(length):
        before = tags[-1] if tags else 0
        inside = [before + before % 2] if before else []
        tags.append(int(random.choice([0, 0, 1, 3, 5, *inside, *inside, *inside])))
    return tags


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_strict_scores_agree_with_seqeval(seed: int, documents: int) -> None:
    random = np.random.default_rng(seed)
    gold: list[Article] = []
    predicted: list[Article] = []
    gold_names: list[list[str]] = []
    predicted_names: list[list[str]] = []
    for index in range(documents):
        length = int(random.integers(1, 30))
        start = np.arange(length) * 2
        for articles, names in ((gold, gold_names), (predicted, predicted_names)):
            tags = legal_tags(random, length)
            names.append([TAGSET.tags[tag] for tag in tags])
            spans = tuple(span for _, _, span in tags_to_spans(tags, start, start + 1, TAGSET))
            articles.append(Article(str(index), TEXT, spans))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = classification_report(
            gold_names, predicted_names, mode="strict", scheme=IOB2, output_dict=True, zero_division=0
        )
    ours = score(gold, predicted, resamples=0).scores["strict"]
    if not any(article.spans for article in gold + predicted):
        return
    for name, row in theirs.items():
        if name in ("macro avg", "weighted avg"):
            continue
        mine = ours[MICRO if name == "micro avg" else name]
        assert mine.precision.value == pytest.approx(row["precision"])
        assert mine.recall.value == pytest.approx(row["recall"])
        assert mine.f1.value == pytest.approx(row["f1-score"])
        assert mine.gold == row["support"]


def test_by_hand() -> None:
    gold = [
        parse("The [big bank](ACTOR) [left](ACTION) on [Monday](DATE).", "a"),
        parse("[It](ACTOR) [ran](ACTION).", "b"),
    ]
    found = [
        parse("The big [bank](ACTOR) [left](ACTION) [on](DATE) Monday.", "a"),
        parse("[It](DATE) [ran](ACTION).", "b"),
    ]
    result = score(gold, found, labels=["DEADLINE"])
    strict, overlap = result.scores["strict"], result.scores["overlap"]
    assert (strict[MICRO].gold, strict[MICRO].predicted, strict[MICRO].matched_gold) == (5, 5, 2)
    assert strict[MICRO].f1.value == pytest.approx(0.4)
    assert strict["ACTION"].f1.value == 1
    assert strict["ACTOR"].f1.value == 0
    assert overlap["ACTOR"].precision.value == 1
    assert overlap["ACTOR"].recall.value == 0.5
    assert overlap["DATE"].f1.value == 0
    assert strict["DEADLINE"].gold == strict["DEADLINE"].predicted == 0
    assert strict["DEADLINE"].f1.value == 0
    assert result.f1 == strict[MICRO].f1.value
    assert (result.articles, result.words) == (2, 8)


def test_overlap_counts_each_side_by_itself() -> None:
    gold = [parse("The [big bad bank](ACTOR) left; [it](ACTOR) ran.")]
    found = [parse("The [big](ACTOR) bad [bank](ACTOR) left; it [ran](ACTOR).")]
    actor = score(gold, found).scores["overlap"]["ACTOR"]
    assert actor.precision.value == pytest.approx(2 / 3)
    assert actor.recall.value == pytest.approx(1 / 2)
    assert (actor.matched_predicted, actor.matched_gold) == (2, 1)


spans = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6)), max_size=8)


def flat(pairs: list[tuple[int, int]]) -> list[Span]:
    result: list[Span] = []
    for start, length in sorted(pairs):
        if not result or start >= result[-1].end:
            result.append(Span(start, start + length, "X"))
    return result


@given(spans, spans)
def test_overlaps_against_every_pair(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    gold, predicted = flat(first), flat(second)

    def meets(a: Span, b: Span) -> bool:
        return bool(set(range(a.start, a.end)) & set(range(b.start, b.end)))

    assert count_overlaps(gold, predicted) == (
        sum(any(meets(g, p) for p in predicted) for g in gold),
        sum(any(meets(g, p) for g in gold) for p in predicted),
    )


def test_gold_without_prediction_is_missed_not_left_out() -> None:
    gold = [parse("[It](ACTOR) ran.", "a"), parse("[They](ACTOR) ran.", "b")]
    empty = [article.with_spans(()) for article in gold]
    assert score(gold, empty).scores["strict"][MICRO].recall.value == 0
    with pytest.raises(InputError, match="differ: b"):
        score(gold, empty[:1])
    with pytest.raises(InputError, match="differs between"):
        score(gold, [empty[0], Article("b", "Other.")])
    with pytest.raises(InputError, match="no article"):
        score([], [])


def test_intervals_hold_the_value_and_shrink_with_more_articles() -> None:
    def widths(count: int) -> float:
        gold = [parse("[It](ACTOR) [ran](ACTION).", str(i)) for i in range(count)]
        found = [parse("[It](ACTOR) ran." if i % 2 else "[It](ACTOR) [ran](ACTION).", str(i)) for i in range(count)]
        measure = score(gold, found, seed=1).scores["strict"][MICRO].recall
        assert measure.low <= measure.value <= measure.high
        return measure.high - measure.low

    assert 0 < widths(400) < widths(25) / 2


def test_the_bootstrap_matches_theory() -> None:
    # Recall of articles with one span each is a binomial share: its 95% interval is about ±1.96 sqrt(p(1-p)/n).
    count = 400
    gold = [parse("[It](ACTOR) ran.", str(i)) for i in range(count)]
    found = [article if i % 4 else article.with_spans(()) for i, article in enumerate(gold)]
    recall = score(gold, found, resamples=4000).scores["strict"][MICRO].recall
    half = 1.96 * np.sqrt(0.75 * 0.25 / count)
    assert recall.low == pytest.approx(0.75 - half, abs=0.006)
    assert recall.high == pytest.approx(0.75 + half, abs=0.006)


def test_the_seed_decides() -> None:
    gold = [parse("[It](ACTOR) [ran](ACTION).", str(i)) for i in range(9)]
    found = [a.with_spans(a.spans[: i % 3]) for i, a in enumerate(gold)]
    assert score(gold, found, seed=1) == score(gold, found, seed=1)
    assert score(gold, found, seed=1) != score(gold, found, seed=2)
