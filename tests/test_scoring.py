import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nervaluate import Evaluator
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from data.errors import InputError
from data.pairing import meetings
from data.schema import Article, Span
from model import scoring
from model.scoring import MICRO, score
from model.tags import TagSet
from tests import annotations
from tests.annotations import LABELS, Pair
from tests.conftest import parse, tags_to_spans

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
    strict, partial, typed = (result.scores[kind] for kind in ("strict", "partial", "type"))
    assert (strict[MICRO].gold, strict[MICRO].predicted, strict[MICRO].correct) == (5, 5, 2)
    assert strict[MICRO].f1.value == pytest.approx(0.4)
    assert strict["ACTION"].f1.value == 1
    assert strict["ACTOR"].f1.value == 0
    assert result.scores["exact"][MICRO].correct == 3
    assert (typed["ACTOR"].precision.value, typed["ACTOR"].recall.value) == (1, 0.5)
    assert (partial["ACTOR"].correct, partial[MICRO].correct, typed[MICRO].correct) == (0.5, 3.5, 3)
    assert typed["DATE"].f1.value == 0
    assert strict["DEADLINE"].gold == strict["DEADLINE"].predicted == 0
    assert strict["DEADLINE"].f1.value == 0
    assert result.f1 == strict[MICRO].f1.value
    assert (result.articles, result.words) == (2, 8)


def by_nervaluate(pairs: list[Pair]) -> dict[str, dict[str, Any]]:
    """nervaluate's results, row (label, or `MICRO`) to kind of match to result."""

    def listed(articles: list[Article]) -> list[list[dict[str, Any]]]:
        return [[{"label": s.label, "start": s.start, "end": s.end - 1} for s in one.spans] for one in articles]

    gold, predicted = ([pair[side] for pair in pairs] for side in (0, 1))
    found = Evaluator(listed(gold), listed(predicted), tags=list(LABELS), loader="dict").evaluate()
    rows = {MICRO: found["overall"], **found["entities"]}
    return {row: {"type" if kind == "ent_type" else kind: one for kind, one in of.items()} for row, of in rows.items()}


@given(annotations.pairs())
def test_every_kind_agrees_with_nervaluate(pairs: list[Pair]) -> None:
    ours = score([gold for gold, _ in pairs], [predicted for _, predicted in pairs], resamples=0).scores
    for row, kinds in by_nervaluate(pairs).items():
        for kind, theirs in kinds.items():
            mine = ours[kind][row]
            assert mine.correct == theirs.correct + theirs.partial / 2, (kind, row)
            assert (mine.gold, mine.predicted) == (theirs.possible, theirs.actual)
            assert mine.precision.value == pytest.approx(theirs.precision)
            assert mine.recall.value == pytest.approx(theirs.recall)
            assert mine.f1.value == pytest.approx(theirs.f1)


@given(annotations.pairs())
def test_strict_exact_and_partial_do_not_care_which_side_is_gold(pairs: list[Pair]) -> None:
    gold, predicted = [gold for gold, _ in pairs], [predicted for _, predicted in pairs]
    there, back = score(gold, predicted, resamples=0).scores, score(predicted, gold, resamples=0).scores
    for kind in ("strict", "exact", "partial"):
        for label, one in there[kind].items():
            assert one.correct == back[kind][label].correct


def test_a_predicted_span_of_a_wrong_label_uses_its_gold_span_up() -> None:
    gold = [parse("The [big bad bank](ACTOR) left.")]
    wrong_first = [parse("The [big](DATE) bad [bank](ACTOR) left.")]
    right_first = [parse("The [big](ACTOR) bad [bank](DATE) left.")]
    assert score(gold, wrong_first).scores["type"][MICRO].correct == 0
    assert score(gold, wrong_first).scores["type"]["ACTOR"].correct == 1
    assert score(gold, right_first).scores["type"][MICRO].correct == 1


def test_a_predicted_span_takes_the_gold_span_with_the_nearest_borders() -> None:
    gold, found = parse("[a b c](ACTOR) [d e](ACTOR) f"), parse("a b [c d](ACTOR) [e f](ACTOR)")
    # The first takes "d e", which the second then lacks, though "a b c" is left over.
    assert score([gold], [found]).scores["type"][MICRO].correct == 1
    assert by_nervaluate([(gold, found)])[MICRO]["type"].correct == 1


def test_where_nervaluate_is_not_followed() -> None:
    # A common part of less than a hundredth of the gold span counts here.
    gold = Article("a", "x" * 300, (Span(0, 201, "DATE"),))
    found = gold.with_spans([Span(199, 300, "DATE")])
    assert by_nervaluate([(gold, found)])[MICRO]["type"].correct == 0
    assert score([gold], [found]).scores["type"][MICRO].correct == 1
    # The order in which spans are listed changes nothing here; there it does.
    there = [[{"label": "DATE", "start": 0, "end": 3}, {"label": "DATE", "start": 4, "end": 7}]]
    listed: list[dict[str, Any]] = [{"label": "DATE", "start": 0, "end": 1}, {"label": "DATE", "start": 2, "end": 5}]
    results = [
        Evaluator(there, [order], tags=["DATE"], loader="dict").evaluate()["overall"]["partial"].partial
        for order in (listed, listed[::-1])
    ]
    assert results == [2, 1]
    spans = [Span(one["start"], one["end"] + 1, "DATE") for one in listed]
    article = Article("a", "x" * 8, (Span(0, 4, "DATE"), Span(4, 8, "DATE")))
    for order in (spans, spans[::-1]):
        assert score([article], [article.with_spans(order)]).scores["partial"][MICRO].correct == 1


@given(annotations.pairs())
def test_meetings_against_every_pair(pairs: list[Pair]) -> None:
    for gold, predicted in pairs:
        expected = [(g, p) for p in predicted.spans for g in gold.spans if annotations.meet(g, p)]
        assert meetings(gold.spans, predicted.spans) == sorted(expected)


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


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    gold = [parse("[It](ACTOR) [ran](ACTION).", str(i)) for i in range(9)]
    found = [a.with_spans(a.spans[: i % 3]) for i, a in enumerate(gold)]
    whole = score(gold, found)
    monkeypatch.setattr(scoring, "_BLOCK", 100)
    assert score(gold, found) == whole


def test_samples_that_lack_a_label_say_nothing_of_it() -> None:
    # Two of ten articles have a DATE, found in both: one sample in ten has neither.
    gold = [parse("[It](ACTOR) ran on [Monday](DATE)." if i < 2 else "[It](ACTOR) ran.", str(i)) for i in range(10)]
    recall = score(gold, gold).scores["strict"]["DATE"].recall
    assert (recall.value, recall.low, recall.high) == (1, 1, 1)


def test_one_article_is_no_ground_for_an_interval() -> None:
    gold = [parse("[It](ACTOR) ran on [Monday](DATE).", "a"), parse("[It](ACTOR) ran.", "b")]
    found = [gold[0], gold[1].with_spans(())]
    strict = score(gold, found, labels=["DEADLINE"]).scores["strict"]
    assert (strict["DATE"].f1.low, strict["DATE"].f1.high) == (0, 1)
    assert (strict["ACTOR"].recall.low, strict["ACTOR"].recall.high) == (0, 1)  # by bootstrap: all or nothing
    assert (strict["ACTOR"].precision.low, strict["ACTOR"].precision.high) == (0, 1)  # predicted in one article
    assert strict["DEADLINE"].f1.high == 0
    alone = score(gold[:1], gold[:1]).scores["strict"][MICRO].f1
    assert (alone.value, alone.low, alone.high) == (1, 0, 1)
