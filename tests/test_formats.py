import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import formats
from data.formats import jsonl, markup
from data.schema import Article, DataError, Span

# Everything that text may hold but surrogates, with the signs of the markup and of difficult scripts often. A list that
# is joined, since st.text() would weigh all characters alike.
TEXTS = st.lists(
    st.one_of(
        st.sampled_from("[]()\\ab \n\r\t’“”\u00a0e\u0301\u200b🇺🇦👩\u200d🚒"),
        st.characters(exclude_categories=["Cs"]),
    ),
    min_size=1,
    max_size=40,
).map("".join)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    text = draw(TEXTS.filter(lambda text: bool(text.strip())))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        surface = text[start:end]
        if surface == surface.strip() and "\n" not in surface:
            value = draw(st.sampled_from([None, "2022-02-12", "2022-W06", "P10D"]))
            spans.append(Span(start, end, draw(st.sampled_from(["ACTOR", "DocumentReference", "x-1"])), value))
    return Article("a-1", text, tuple(spans), draw(st.sampled_from([None, "2022-02-12"])), meta={"genre": "wire"})


@given(articles())
def test_markup_round_trip(article: Article) -> None:
    again = markup.parse(markup.render(article))
    assert again == article
    assert [span.value for span in again.spans] == [span.value for span in article.spans]


@given(st.lists(articles(), max_size=3))
def test_jsonl_round_trip(made: list[Article]) -> None:
    numbered = [Article(f"a{i}", a.text, a.spans, a.date, a.title, a.meta) for i, a in enumerate(made)]
    assert list(jsonl.parse(jsonl.render(numbered), "memory")) == numbered


@given(articles())
def test_files_round_trip(tmp_path_factory: pytest.TempPathFactory, article: Article) -> None:
    folder = tmp_path_factory.mktemp("files")
    markup.write([article], folder / "a.tagged.txt")
    jsonl.write([article], folder / "a.jsonl")
    assert markup.read(folder / "a.tagged.txt") == [article]
    assert jsonl.read(folder / "a.jsonl") == [article]


HEADER = "id: a\ndate: 2022-02-12\ntitle: T\n\n"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (HEADER + "One.\nThe [US(ACTOR) left.", 6, "never closed"),
        (HEADER + "The US](ACTOR) left.", 5, "without a '\\['"),
        (HEADER + "The [big [US](ACTOR)](ACTOR) left.", 5, "flat"),
        (HEADER + "The [US] left.", 5, "must follow"),
        (HEADER + "The [US](ACTER) left.", 5, "unknown label 'ACTER'.*ACTION, ACTOR"),
        (HEADER + "The [US ](ACTOR)left.", 5, "white space"),
        (HEADER + "The [](ACTOR) left.", 5, "empty"),
        (HEADER + "One.\n\nThe [US\nArmy](ACTOR) left.", 8, "line's end"),
        (HEADER + "A \\ stroke.", 5, "lone"),
        (HEADER, 5, "no text"),
        ("id: a\ndate: 2022-02-12\n\nText.", 3, "lacks title"),
        ("id: a\nid: b\n\nText.", 2, "twice"),
        ("id: a\nno colon\n\nText.", 2, "not 'key: value'"),
        ("id: a\ndate: 2022-02-12\ntitle: T", 1, "no empty line"),
        ("id: a\nspans: b\n\nText.", 2, "may not use"),
    ],
)
def test_markup_errors_name_file_and_line(tmp_path: Path, content: str, line: int, said: str) -> None:
    path = tmp_path / "bad.tagged.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=said) as caught:
        markup.read(path, {"ACTOR", "ACTION"})
    assert str(caught.value).startswith(f"{path}:{line}: ")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ('{"id": "x", "text": "abc"', "broken JSON at column"),
        ('{"id": "x", "text": "abc", "spans": [{"start": 2, "end": 1, "label": "ACTOR"}]}', "reversed"),
        (
            '{"id": "x", "text": "abcd", "spans": [{"start": 0, "end": 3, "label": "ACTOR"},'
            ' {"start": 2, "end": 4, "label": "ACTOR"}]}',
            "overlaps",
        ),
        ('{"id": "x", "text": "abc", "spans": [{"start": 0, "end": 3, "label": "PLACE"}]}', "unknown label 'PLACE'"),
        ('{"id": "id-3", "text": "abc"}', "line 4 already"),
        ('{"id": "x", "text": "\\ud83d"}', "surrogate"),
        ('{"id": "x", "text": "abc", "score": NaN}', "use null"),
        ("[" * 100_000, "nested too deeply|broken JSON"),
        ("3", "expected an object"),
    ],
)
def test_jsonl_errors_name_file_and_line(tmp_path: Path, broken: str, said: str) -> None:
    path = tmp_path / "bad.jsonl"
    good = [json.dumps({"id": f"id-{i}", "text": "text"}) for i in range(16)]
    path.write_text("\n".join([*good, broken]), encoding="utf-8")
    with pytest.raises(DataError, match=said) as caught:
        jsonl.read(path, {"ACTOR"})
    assert str(caught.value).startswith(f"{path}:17: ")


def test_invalid_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.jsonl"
    path.write_bytes(b'{"id": "a", "text": "x"}\n{"id": "b", "text": "Lom\xe9"}\n')
    with pytest.raises(DataError, match="not UTF-8") as caught:
        formats.read(path)
    assert str(caught.value).startswith(f"{path}:2: ")


def test_line_separators_inside_strings_end_no_record() -> None:
    article = Article("a", "one\u2028two\x85three")
    content = json.dumps(article.to_dict(), ensure_ascii=False)
    assert next(jsonl.parse(content, "memory")).text == article.text


def test_a_folder_is_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    markup.write([Article("b", "text")], tmp_path / "sub" / "b.tagged.txt")
    jsonl.write([Article("a", "text")], tmp_path / "a.jsonl")
    (tmp_path / "plain.txt").write_bytes("L’accord\r\n\u00a0tient".encode())
    (tmp_path / ".hidden.txt").write_text("no")
    assert [article.id for article in formats.read(tmp_path)] == ["a", "b"]
    read = formats.read(tmp_path, plain=True)
    assert [article.id for article in read] == ["a", "plain", "b"]
    assert read[1].text == "L’accord\r\n\u00a0tient"
    (tmp_path / "many").mkdir()
    for number in range(30, 0, -1):
        markup.write([Article(f"m{number:02d}", "text")], tmp_path / "many" / f"m{number:02d}.tagged.txt")
    ids = [article.id for article in formats.read(tmp_path / "many")]
    assert ids == sorted(ids)


@pytest.mark.parametrize("name", ["missing.jsonl", "empty.jsonl", "empty.txt", "folder", "table.csv"])
def test_what_holds_no_article_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "table.csv").write_text("a,b")
    with pytest.raises(DataError, match=name):
        formats.read(tmp_path / name, plain=name.endswith(".txt"))


def test_two_files_may_not_share_an_id(tmp_path: Path) -> None:
    markup.write([Article("a", "one")], tmp_path / "1.tagged.txt")
    markup.write([Article("a", "two")], tmp_path / "2.tagged.txt")
    with pytest.raises(DataError, match="'a' is given to two"):
        formats.read(tmp_path)


def test_writing_is_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        jsonl.write([Article("a", "\ud800")], path)
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["out.jsonl"]
    jsonl.write([Article("a", "after")], path)
    assert jsonl.read(path)[0].text == "after"
    assert [file.name for file in tmp_path.iterdir()] == ["out.jsonl"]


def test_markup_holds_what_fits_in_no_line() -> None:
    article = Article(
        "a\nb", "one\ntwo (x)", (Span(0, 7, "X", "a (b)\tc"),), None, "two\r\nlines\r", {"Year": [1, None], "meta": "m"}
    )
    content = markup.render(article)
    assert "[one\\ntwo](X " in content
    assert [line.partition(":")[0] for line in content.split("\n\n")[0].split("\n")] == ["id", "date", "title", "meta"]
    again = markup.parse(content)
    assert again == article
    assert again.spans[0].value == "a (b)\tc"


@pytest.mark.parametrize("meta", ["{broken", "[1]", '{"text": "x"}', '{"title": "other"}'])
def test_markup_refuses_a_header_that_says_two_things(meta: str) -> None:
    with pytest.raises(DataError, match="line 4: "):
        markup.parse(f"id: a\ndate:\ntitle: T\nmeta: {meta}\n\nText.")


def test_markup_needs_a_text() -> None:
    with pytest.raises(DataError, match="'a' has no text"):
        markup.render(Article("a", " \n"))


@pytest.mark.parametrize(
    ("record", "ours"),
    [
        ({"id": "a", "text": "x"}, True),
        (Article("a", "x", meta={"label": "b", "tokens": []}).to_dict(), True),
        ({"id": "a", "text": "x", "label": [[0, 1, "X"]]}, False),
        ({"id": 7, "text": "x", "entities": [], "relations": []}, False),
        ({"text": "x", "spans": [], "tokens": [], "_input_hash": 1, "answer": "accept"}, False),
        ([1], False),
    ],
)
def test_our_lines_are_known_by_their_keys(record: object, ours: bool) -> None:
    assert jsonl.looks_like(Path("a.jsonl"), json.dumps(record) + "\n{broken") == ours
    assert not jsonl.looks_like(Path("a.jsonl"), json.dumps(record)[:-1])


def test_a_long_first_line_is_seen_whole(tmp_path: Path) -> None:
    (tmp_path / "long").write_text(jsonl.render([Article("a", "é" * 200_000), Article("b", "x")]), encoding="utf-8")
    assert formats.detect(tmp_path / "long") == "jsonl"
    assert len(formats.read(tmp_path / "long")) == 2


def test_in_a_folder_json_must_look_like_a_format(tmp_path: Path) -> None:
    jsonl.write([Article("a", "x")], tmp_path / "a.jsonl")
    (tmp_path / "statistics.json").write_text('{"seed": 0}')
    assert [article.id for article in formats.read(tmp_path)] == ["a"]
