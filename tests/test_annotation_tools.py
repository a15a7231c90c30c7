"""Label Studio's, doccano's and Prodigy's files: there and back, as the tools wrote them, and broken."""

import json
import logging
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import formats
from data.formats import doccano, jsonl, label_studio, prodigy
from data.schema import Article, DataError, Span
from tests.test_formats import TEXTS

FIXTURES = Path("tests/fixtures/formats")
TOOLS = ("label-studio", "doccano", "prodigy")

NORLAND = Article(
    "norland-1",
    "🕊 Norland expelled two envoys of Estmark on Monday.\nThe envoys must leave by Friday.",
    (
        Span(2, 9, "ACTOR"),
        Span(10, 18, "ACTION"),
        Span(23, 40, "ACTOR"),
        Span(44, 50, "DATE"),
        Span(68, 73, "ACTION"),
        Span(74, 83, "DEADLINE"),
    ),
    "2024-05-07",
    "Norland expels envoys",
    {"genre": "wire"},
)
ESTMARK = Article(
    "estmark-2",
    "Zoe\u0301 Marek 👩\u200d🚒 visited Cafe\u0301 Lakeshire on 3 May.",
    (Span(0, 14, "ACTOR"), Span(15, 22, "ACTION"), Span(42, 47, "DATE")),
    "2024-05-04",
    "A visit",
    {"genre": "wire"},
)
LAKESHIRE = Article("lakeshire-3", "It rained in Lakeshire.", (), "2024-05-05", "Weather", {"genre": "wire"})

IDS = st.sampled_from(["a", "../../etc/passwd", "<script>alert(1)</script>", "\u202eid", "né 🕊", '"; drop', "7"])
STRINGS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    text = draw(TEXTS.filter(lambda text: bool(text.strip())))
    text += draw(st.sampled_from(["", "\r\n", "\u202e", " \n \t", "e\u0301", "</script>", "\\n"]))
    spans = []
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=10)))
    for start, end in pairwise(cuts):  # spans may touch
        if text[start:end] == text[start:end].strip():
            value, score = draw(st.sampled_from([None, "2022-W06"])), draw(st.sampled_from([None, 0.0, 0.5, 1.0]))
            spans.append(Span(start, end, draw(st.sampled_from(["ACTOR", "x-1"])), value, score))
    meta = draw(st.dictionaries(st.sampled_from(["genre", "label", "uuid", "answer"]), STRINGS, max_size=2))
    return Article(draw(IDS), text, tuple(spans), draw(st.sampled_from([None, "2022-02-12"])), draw(STRINGS), meta)


@pytest.mark.parametrize("name", TOOLS)
@given(made=st.lists(articles(), min_size=1, max_size=3, unique_by=lambda article: article.id))
def test_there_and_back(name: str, made: list[Article], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("tools") / f"file{formats.FORMATS[name].SUFFIXES[0]}"
    formats.write(made, path, name)
    assert formats.detect(path) == name
    again = formats.read(path)
    assert again == made
    for attribute in {"value", "score"} & formats.FORMATS[name].HOLDS:
        assert [[getattr(span, attribute) for span in article.spans] for article in again] == [
            [getattr(span, attribute) for span in article.spans] for article in made
        ]


@given(articles())
def test_prodigy_tokens_give_the_text_and_fit_the_spans(article: Article) -> None:
    (line,) = (json.loads(line) for line in prodigy.render([article]).split("\n") if line)
    tokens = line["tokens"]
    assert "".join(token["text"] + " " * token["ws"] for token in tokens).removeprefix(
        " "
    ) == article.text.removeprefix(" ")
    assert [token["id"] for token in tokens] == list(range(len(tokens)))
    assert all(article.text[token["start"] : token["end"]] == token["text"] for token in tokens)
    for span in line["spans"]:
        assert tokens[span["token_start"]]["start"] == span["start"]
        assert tokens[span["token_end"]]["end"] == span["end"]


def test_doccano_lines_are_ascii_so_that_no_encoding_can_be_guessed_wrong() -> None:
    assert doccano.render([NORLAND]).isascii()


# What the tools themselves wrote.


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("label-studio.json", "label-studio"),
        ("label-studio-min.json", "label-studio"),
        ("label-studio-snapshot.json", "label-studio"),
        ("label-studio-plain.json", "label-studio"),
        ("doccano.jsonl", "doccano"),
        ("doccano-relations.jsonl", "doccano"),
        ("prodigy.jsonl", "prodigy"),
    ],
)
def test_exports_are_known_by_themselves(file: str, name: str) -> None:
    assert formats.detect(FIXTURES / file) == name


@pytest.mark.parametrize(
    "file", ["label-studio.json", "label-studio-min.json", "label-studio-snapshot.json", "doccano.jsonl"]
)
def test_what_went_out_comes_back_corrected(file: str) -> None:
    read = formats.read(FIXTURES / file)
    assert read == [NORLAND, ESTMARK, LAKESHIRE]
    assert [article.covered(span) for article in read for span in article.spans][6] == "Zoe\u0301 Marek 👩\u200d🚒"
    assert all(span.score is None for article in read for span in article.spans)


def test_label_studio_keeps_what_its_annotators_saw() -> None:
    for file in ("label-studio.json", "label-studio-snapshot.json"):
        norland, estmark, lakeshire = label_studio.predictions(FIXTURES / file)
        assert [(span.start, span.end, span.label, span.score) for span in norland.spans] == [
            (2, 9, "ACTOR", 0.97), (10, 18, "ACTION", 0.9), (23, 29, "ACTOR", 0.83), (44, 50, "DEADLINE", 0.76),
            (74, 83, "DEADLINE", 0.62),
        ]  # fmt: skip
        assert estmark == ESTMARK
        assert lakeshire.spans == (Span(13, 22, "ACTOR"),)
    assert label_studio.predictions(FIXTURES / "label-studio-min.json") == []


def test_a_label_studio_project_that_is_not_ours(caplog: pytest.LogCaptureFixture) -> None:
    read = formats.read(FIXTURES / "label-studio-plain.json")
    assert [(article.id, article.text, article.spans) for article in read] == [
        (f"label-studio-plain-{number}", article.text, article.spans)
        for number, article in ((4, NORLAND), (5, ESTMARK), (6, LAKESHIRE))
    ]
    assert "2 of 5 tasks are not annotated and were left out" in caplog.text  # skipped, and never seen


def test_doccano_with_relations(caplog: pytest.LogCaptureFixture) -> None:
    read = formats.read(FIXTURES / "doccano-relations.jsonl")
    assert [(article.id, article.spans, article.meta) for article in read] == [
        (str(number), article.spans, {"source": "wire"})
        for number, article in ((4, NORLAND), (5, ESTMARK), (6, LAKESHIRE))
    ]
    assert "1 relations not read" in caplog.text


def test_prodigy_counts_only_what_was_accepted(caplog: pytest.LogCaptureFixture) -> None:
    first, third = formats.read(FIXTURES / "prodigy.jsonl")
    assert (first.id, first.meta, [first.covered(span) for span in first.spans]) == (
        "prodigy-1", {"source": "wire"}, ["Norland", "expelled", "envoys"],
    )  # fmt: skip
    assert (third.id, third.date, [(third.covered(s), s.label) for s in third.spans]) == (
        "estmark-2", "2024-05-04", [("Zoe\u0301", "ACTOR"), ("visited", "ACTION"), ("3 May", "DATE")],
    )  # fmt: skip
    assert '1 lines answered "ignore" not read' in caplog.text
    assert '1 lines answered "reject" not read' in caplog.text


# Label Studio's particulars.


def task(*regions: dict[str, Any], text: str = "🕊 Norland left.", **annotation: Any) -> dict[str, Any]:
    return {"id": 8, "data": {"text": text}, "annotations": [{"result": list(regions), **annotation}]}


def region(start: Any, end: Any, *labels: str, **value: Any) -> dict[str, Any]:
    return {"type": "labels", "value": {"start": start, "end": end, "labels": list(labels), **value}}


def parse(*tasks: dict[str, Any]) -> list[Article]:
    return label_studio.parse(json.dumps(list(tasks)), "x", "x.json")


def test_offsets_are_code_points_unless_the_regions_say_otherwise() -> None:
    assert parse(task(region(2, 9, "A")))[0].spans == (Span(2, 9, "A"),)
    assert parse(task(region(2, 9, "A", text="Norland")))[0].spans == (Span(2, 9, "A"),)
    # UTF-16 units, as old versions counted: the emoji is two
    old = task(region(3, 10, "A", text="Norland"), region(11, 15, "B", text="left"))
    assert parse(old)[0].spans == (Span(2, 9, "A"), Span(10, 14, "B"))
    # "aa" stands at these code points too: it is the other region that tells
    both = task(region(3, 5, "A", text="aa"), region(7, 8, "B", text="b"), text="🕊 aaa b")
    assert parse(both)[0].spans == (Span(2, 4, "A"), Span(6, 7, "B"))
    shown = task(region(2, 14, "A", text="Norland\\nleft"), text="🕊 Norland\nleft")
    assert parse(shown)[0].spans == (Span(2, 14, "A"),)
    with pytest.raises(DataError, match="says 'Estmark', but the text there is 'Norland'"):
        parse(task(region(2, 9, "A", text="Estmark")))


def test_the_annotation_updated_last_counts_and_skipped_ones_never() -> None:
    first, last = region(2, 9, "A"), region(10, 14, "B")
    made = task(first, updated_at="2024-05-07T10:00:00Z")
    made["annotations"] += [
        {"result": [last], "updated_at": "2024-05-08T10:00:00Z"},
        {"result": [], "updated_at": "2024-05-09T10:00:00Z", "was_cancelled": True},
    ]
    made["drafts"] = [{"result": [region(0, 1, "C")]}]
    assert parse(made)[0].spans == (Span(10, 14, "B"),)
    records = [
        {"id": 8, "text": "🕊 Norland left.", "annotation_id": number, "updated_at": at, "label": [one["value"]]}
        for number, at, one in ((2, "2024-05-08", last), (1, "2024-05-07", first))
    ]
    assert parse(*records)[0].spans == (Span(10, 14, "B"),)


def test_predictions_are_read_only_where_nobody_annotated(caplog: pytest.LogCaptureFixture) -> None:
    predicted = {"data": {"text": "They left."}, "predictions": [{"result": [{**region(5, 9, "A"), "score": 0.5}]}]}
    assert [span.score for span in parse(predicted)[0].spans] == [0.5]
    assert [article.text for article in parse(predicted, task(region(2, 9, "A")))] == ["🕊 Norland left."]
    assert "1 of 2 tasks are not annotated" in caplog.text


def test_what_is_no_label_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    choice = {"type": "choices", "value": {"choices": ["news"]}}
    assert parse(task(choice, region(2, 9, "A")))[0].spans == (Span(2, 9, "A"),)
    assert "1 results that are no labelled text not read" in caplog.text


def test_an_article_without_a_found_span_is_a_prediction_all_the_same() -> None:
    (made,) = json.loads(label_studio.render([LAKESHIRE], predicted=True))
    assert made["predictions"][0]["result"] == []
    assert "annotations" not in made
    assert "answer" not in json.loads(prodigy.render([LAKESHIRE], predicted=True))
    assert json.loads(prodigy.render([LAKESHIRE]))["answer"] == "accept"


def test_white_space_at_borders_is_left_out() -> None:
    assert parse(task(region(1, 10, "A")))[0].spans == (Span(2, 9, "A"),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[\n{]", "x.json:2: broken JSON"),
        ("{}", "x.json: this is no list of tasks"),
        (json.dumps([{"data": {"text": "a"}, "annotations": []}]), "x.json: no task is annotated"),
        (json.dumps([task(), task(region(2, 9, "A", "B"))]), r"x.json: task 2 \(id 8\): .* has 2 labels; give it one"),
        (json.dumps([task(region(2, 9))]), "has 0 labels"),
        (json.dumps([task(region(2, 99, "A"))]), "ends after the text"),
        (json.dumps([task(region("2", 9, "A"))]), "must be an integer"),
        (json.dumps([task(region(1, 2, "A"))]), "only white space"),
        (json.dumps([task(region(2, 9, "A"), region(4, 9, "B"))]), "overlaps"),
        (json.dumps([{"id": 1, "data": {"body": "a"}, "annotations": [{"result": []}]}]), "no text under 'text'"),
        (json.dumps([{**task(), "annotations": [{"result": ["a"]}]}]), "result is not a list of objects"),
        (json.dumps([task(), task()]), "given to two tasks"),
    ],
)
def test_label_studio_errors_name_the_task(content: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        label_studio.parse(content, "x", "x.json")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"text": "They left.", "label": [[5, 9]]}', "neither .start, end, label. nor an object"),
        ('{"text": "They left.", "label": ["news"]}', "sequence labelling"),
        ('{"text": "They left.", "label": "news"}', "label is no list"),
        ('{"text": "They left.", "label": [], "entities": []}', "under label and entities"),
        ('{"text": "They left.", "label": [[5, 99, "A"]]}', "ends after the text"),
        ('{"id": 1, "text": "b", "label": []}', "line 1 already; if each annotator"),
        ('{"label": []}', "'text' is missing"),
        ('{"text": 3, "label": []}', "must be a string"),
        ("[]", "expected an object"),
    ],
)
def test_doccano_errors_name_the_line(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": 1, "text": "a", "label": []}\n\n' + line)
    with pytest.raises(DataError, match=said) as caught:
        doccano.read(path)
    assert str(caught.value).startswith(f"{path}:3: ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"text": "a", "answer": "maybe"}', "Prodigy's are accept, reject, ignore"),
        ('{"text": "a", "answer": "accept", "spans": [{"start": 0}]}', "lacks end, label"),
        ('{"text": "a", "answer": "accept", "spans": {}}', "spans is not a list"),
        ('{"text": "b", "answer": "accept", "meta": {"id": "1"}}', "line 1 already; settle"),
        ('{"image": "a.png", "answer": "accept"}', "'text' is missing"),
        ('{"text": "They", "spans": [{"start": 0, "end": 4, "label": "B"}]}', "unknown label 'B'"),
    ],
)
def test_prodigy_errors_name_the_line(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "a", "answer": "accept", "meta": {"id": "1"}}\n' + line)
    with pytest.raises(DataError, match=said) as caught:
        prodigy.read(path, {"A"})
    assert str(caught.value).startswith(f"{path}:2: ")


def test_json_lines_of_our_own_stay_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    scored = NORLAND.with_spans(replace(span, score=0.5) for span in NORLAND.spans)
    jsonl.write([scored], path)
    assert formats.detect(path) == "jsonl"
    path.write_text('{"id": "a", "text": "They left.", "label": "news"}')
    assert formats.detect(path) == "jsonl"
    assert formats.read(path)[0].meta == {"label": "news"}


@pytest.fixture(autouse=True)
def _log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
