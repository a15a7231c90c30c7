import pickle

import pytest

from data.schema import Article, DataError, Span


@pytest.mark.parametrize(
    ("start", "end", "label", "said"),
    [
        (-1, 3, "DATE", "starts before"),
        (3, 3, "DATE", "empty"),
        (5, 3, "DATE", "reversed"),
        (True, 3, "DATE", "integer"),
        (0, 3.0, "DATE", "integer"),
        (0, 3, "B DATE", "not a name"),
    ],
)
def test_span_rejects(start: int, end: int, label: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        Span(start, end, label)


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([Span(0, 6, "ACTOR"), Span(5, 9, "ACTION")], "overlaps"),
        ([Span(0, 99, "ACTOR")], "ends after the text"),
        ([Span(0, 5, "ACTOR")], "white space"),
    ],
)
def test_article_rejects(spans: list[Span], said: str) -> None:
    with pytest.raises(DataError, match=said):
        Article("a", "They agreed.", tuple(spans))


@pytest.mark.parametrize("date", ["2022-02-30", "12 Feb 2022", "20220212", "", 20220212])
def test_article_rejects_dates(date: str) -> None:
    with pytest.raises(DataError, match="YYYY-MM-DD"):
        Article("a", "text", date=date)


def test_article_sorts_its_spans() -> None:
    article = Article("a", "one two", (Span(4, 7, "X"), Span(0, 3, "X")))
    assert [article.covered(span) for span in article.spans] == ["one", "two"]


def test_dict_form_round_trip() -> None:
    article = Article("a", "one two", (Span(0, 3, "DATE", "2022"),), "2022-02-12", "T", {"genre": "wire", "n": 3})
    record = article.to_dict()
    assert list(record) == ["id", "date", "title", "genre", "n", "text", "spans"]
    assert record["spans"] == [{"start": 0, "end": 3, "label": "DATE", "value": "2022"}]
    again = Article.from_dict(record)
    assert again == article
    assert again.spans[0].value == "2022"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ([], "expected an object"),
        ({"text": "x"}, "'id' is missing"),
        ({"id": "a"}, "'text' is missing"),
        ({"id": "a", "text": 3}, "must be a string"),
        ({"id": "", "text": "x"}, "id is empty"),
        ({"id": "a", "text": "x", "spans": {}}, "must be a list"),
        ({"id": "a", "text": "x", "spans": [[0, 1, "X"]]}, "not an object"),
        ({"id": "a", "text": "x", "spans": [{"start": 0}]}, "lacks end, label"),
    ],
)
def test_from_dict_rejects(record: object, said: str) -> None:
    with pytest.raises(DataError, match=said):
        Article.from_dict(record)  # type: ignore[arg-type]


def test_articles_cross_process_borders() -> None:
    article = Article("a", "one", (Span(0, 3, "X"),), meta={"k": "v"})
    again = pickle.loads(pickle.dumps(article))
    assert again == article
    assert again.meta == {"k": "v"}
    assert hash(again) == hash(article)


def test_an_article_cannot_be_changed() -> None:
    article = Article("a", "one", meta={"k": "v"})
    with pytest.raises(AttributeError):
        article.text = "two"  # type: ignore[misc]
    with pytest.raises(TypeError):
        article.meta["k"] = "w"  # type: ignore[index]
