from hypothesis import given

from data.schema import Article, Span
from model.errors import KINDS, confusion, find, mentions
from model.scoring import label_set, right_spans
from tests import annotations
from tests.annotations import Pair, meet
from tests.conftest import parse


def test_each_kind_by_hand() -> None:
    gold = parse(
        "The [big bank](ACTOR) [left](ACTION) on [Monday](DATE) [at once](DEADLINE); [it](ACTOR) [ran](ACTION)."
    )
    found = parse("The big [bank](ACTOR) [left](ACTOR) [on](DATE) Monday [at](DATE) once; [it](ACTOR) ran.")
    errors = find([(gold, found)], mentions([parse("[BIG  bank](DATE) [on](ACTOR)")]))
    assert [
        (one.kind, one.gold and gold.covered(one.gold), one.predicted and gold.covered(one.predicted), one.seen)
        for one in errors
    ] == [
        ("boundary", "big bank", "bank", True),
        ("label", "left", "left", False),
        ("spurious", None, "on", True),
        ("missed", "Monday", None, False),
        ("both", "at once", "at", False),
        ("missed", "ran", None, False),
    ]
    assert {one.seen for one in find([(gold, found)], None)} == {None}


def test_partners_by_label_then_by_what_they_share() -> None:
    gold = parse("[aa bb cc dd](X)")
    kinds = [(one.kind, one.predicted) for one in find([(gold, parse("[aa bb](Y) [cc](X) [dd](X)"))], None)]
    assert kinds == [("spurious", Span(0, 5, "Y")), ("boundary", Span(6, 8, "X")), ("spurious", Span(9, 11, "X"))]
    kinds = [(one.kind, one.predicted) for one in find([(gold, parse("[aa](X) [bb cc](X) [dd](X)"))], None)]
    assert kinds == [("spurious", Span(0, 2, "X")), ("boundary", Span(3, 8, "X")), ("spurious", Span(9, 11, "X"))]


@given(annotations.pairs())
def test_each_wrong_span_is_in_exactly_one_error(pairs: list[Pair]) -> None:
    errors = find(pairs, frozenset())
    for index, (gold, predicted) in enumerate(pairs):
        right = right_spans(gold, predicted)
        mine = [one for one in errors if one.article == index]
        assert sorted(one.gold for one in mine if one.gold) == sorted(set(gold.spans) - right)
        assert sorted(one.predicted for one in mine if one.predicted) == sorted(set(predicted.spans) - right)
        assert [one.span for one in mine] == sorted(one.span for one in mine)
        for one in mine:
            if one.gold and one.predicted:
                same_borders = (one.gold.start, one.gold.end) == (one.predicted.start, one.predicted.end)
                same_label = one.gold.label == one.predicted.label
                assert meet(one.gold, one.predicted)
                assert (
                    one.kind
                    == {(True, False): "label", (False, True): "boundary", (False, False): "both"}[
                        same_borders, same_label
                    ]
                )
            else:
                assert one.kind == ("missed" if one.gold else "spurious")
        # Nothing is left without a partner beside another that is.
        missed = [one.gold for one in mine if one.gold and one.predicted is None]
        spurious = [one.predicted for one in mine if one.predicted and one.gold is None]
        assert not [(first, second) for first in missed for second in spurious if meet(first, second)]


@given(annotations.pairs())
def test_confusion_adds_up(pairs: list[Pair]) -> None:
    labels = label_set(pairs, ["OTHER"])
    found = confusion(pairs, labels)
    counts = {kind: sum(one.kind == kind for one in find(pairs, None)) for kind in KINDS}
    right = sum(len(right_spans(*pair)) for pair in pairs)
    numbers = range(len(labels))
    assert sum(found.exact[i][i] for i in numbers) == right
    assert sum(map(sum, found.exact)) == right + counts["label"]
    assert sum(found.other_borders[i][i] for i in numbers) == counts["boundary"]
    assert sum(map(sum, found.other_borders)) == counts["boundary"] + counts["both"]
    assert (sum(found.missed), sum(found.spurious)) == (counts["missed"], counts["spurious"])
    for i, label in enumerate(labels):
        rows = sum(found.exact[i]) + sum(found.other_borders[i]) + found.missed[i]
        columns = sum(found.exact[j][i] + found.other_borders[j][i] for j in numbers) + found.spurious[i]
        assert rows == sum(span.label == label for gold, _ in pairs for span in gold.spans)
        assert columns == sum(span.label == label for _, predicted in pairs for span in predicted.spans)


def test_nothing_wrong_and_nothing_at_all() -> None:
    same = parse("[It](ACTOR) ran.")
    assert find([(same, same)], None) == []
    empty = Article("b", "")
    assert find([(empty, empty)], frozenset()) == []
    assert confusion([(empty, empty)], []).exact == ()
    only_gold = confusion([(same, same.with_spans(()))], ["ACTOR", "DATE"])
    assert (only_gold.exact, only_gold.missed, only_gold.spurious) == (((0, 0), (0, 0)), (1, 0), (0, 0))
