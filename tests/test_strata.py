import pytest
from hypothesis import given

from data.schema import Article, Span
from model.errors import mentions
from model.scoring import MICRO, right_spans, score
from model.strata import MOST_VALUES, Stratum, meta_values, strata
from tests import annotations
from tests.annotations import Pair
from tests.conftest import parse


def counts(row: Stratum) -> tuple[int, int, int, float]:
    return row.articles, row.gold, row.predicted, row.score.correct


def test_strata_of_articles_are_scores_of_those_articles() -> None:
    gold = [parse("[It](ACTOR) [ran](ACTION).", str(i), meta={"genre": f"g{i % 3}", "region": "x"}) for i in range(7)]
    found = [article if int(article.id) % 3 else article.with_spans(article.spans[:1]) for article in gold]
    pairs = list(zip(gold, found, strict=True))
    made = strata(pairs, None, seed=0)
    assert set(made) == {"genre", "article length", "span length", "position"}  # one region: nothing to compare
    for value, row in made["genre"].items():
        mine = [pair for pair in pairs if pair[0].meta["genre"] == value]
        alone = score([one for one, _ in mine], [one for _, one in mine], resamples=0).scores["strict"][MICRO]
        assert row.articles == len(mine)
        assert row.score.f1.value == pytest.approx(alone.f1.value)
        assert (row.gold, row.predicted, row.score.correct) == (alone.gold, alone.predicted, alone.correct)
    assert list(made["genre"]) == ["g0", "g1", "g2"]


def test_a_span_is_where_its_own_length_place_and_string_put_it() -> None:
    gold = parse("[a b c](X) d e [f](X) [g](X)")  # 13 characters
    found = parse("[a b](X) c d e [f](X) [g](X)")
    made = strata([(gold, found)], mentions([parse("[F](X) [a b c](Y)")]), seed=0)
    assert {value: counts(row) for value, row in made["span length"].items()} == {
        "1 word": (1, 2, 2, 2),
        "2 words": (1, 0, 1, 0),
        "3–4 words": (1, 1, 0, 0),
    }
    assert {value: counts(row) for value, row in made["mention"].items()} == {
        "seen": (1, 2, 1, 1),
        "unseen": (1, 1, 2, 1),
    }
    assert {value: counts(row) for value, row in made["position"].items()} == {
        "first fifth": (1, 1, 1, 0),
        "fourth fifth": (1, 1, 1, 1),
        "last fifth": (1, 1, 1, 1),
    }
    assert {value: counts(row) for value, row in made["article length"].items()} == {"up to 150 words": (1, 3, 3, 2)}


@given(annotations.pairs())
def test_the_strata_of_a_kind_hold_each_span_once(pairs: list[Pair]) -> None:
    totals = (
        sum(len(gold.spans) for gold, _ in pairs),
        sum(len(predicted.spans) for _, predicted in pairs),
        sum(len(right_spans(*pair)) for pair in pairs),
    )
    for kind, rows in strata(pairs, frozenset({"a", "a b"}), seed=0, resamples=0).items():
        summed = tuple(sum(counts(row)[i] for row in rows.values()) for i in (1, 2, 3))
        assert summed == totals, kind
        if kind in ("genre", "article length"):
            assert sum(row.articles for row in rows.values()) == len(pairs)


@pytest.mark.parametrize(
    ("words", "name"),
    [(150, "up to 150 words"), (151, "151–300 words"), (600, "301–600 words"), (601, "over 600 words")],
)
def test_lengths_end_where_they_say(words: int, name: str) -> None:
    article = Article("a", "w " * words)
    assert list(strata([(article, article)], None, seed=0)["article length"]) == [name]


def test_no_spans_and_the_last_character() -> None:
    empty = Article("a", "")
    assert set(strata([(empty, empty)], frozenset(), seed=0)) == {
        "article length",
        "span length",
        "position",
        "mention",
    }
    end = Article("b", "abc d", (Span(4, 5, "X"),))
    assert list(strata([(end, end)], None, seed=0)["position"]) == ["last fifth"]


def test_many_values_of_a_key_do_not_make_many_rows() -> None:
    articles = [Article(f"{i} {j}", "x", meta={"source": f"s{i:02d}"}) for i in range(30) for j in range(1 + (i == 29))]
    articles += [Article("none", "x"), Article("void", "x", meta={"source": None})]
    values = meta_values(articles, "source")
    assert values.count("not given") == 2
    assert values.count("s29") == 2
    assert values.count("11 others") == 11
    assert len(set(values)) == MOST_VALUES + 1
