"""Links, records and the files made of them."""

import csv
import dataclasses
import datetime
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import icalendar
import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from benchmarks.fit_links import export as export_trees
from benchmarks.links import count
from data import formats, link_annotations
from data.link_annotations import KINDS, ActLinks
from data.schema import Article, DataError, Span
from model import records, render, writers
from model.links import Link, Linked, Trees, link
from tests.conftest import parse

KYIV = Path("data/corpus/articles/2022-02-12-us-embassy-kyiv-departure.tagged.txt")
ORDER = (
    "The [foreign ministry of Norland](ACTOR) [ordered](ACTION) the [Estmarkian envoys](ACTOR) to [leave](ACTION) "
    "[by Friday](DEADLINE). "
    "On [Monday](DATE) [Estmark](ACTOR) [recalled](ACTION) its [ambassador](ACTOR)."
)


@pytest.fixture
def reading() -> records.Reading:
    return records.read(parse(ORDER, "order", date="2022-02-12", title="Norland orders envoys out"))


def names(mentions: tuple[records.Mention, ...]) -> list[str]:
    return [one.text for one in mentions]


def test_who_has_to_do_what_by_when(reading: records.Reading) -> None:
    ordered, leave, recalled = reading.records
    assert names(ordered.sources) == ["foreign ministry of Norland"]
    assert names(ordered.targets) == ["Estmarkian envoys"]
    assert names(leave.sources) == ["Estmarkian envoys"]
    assert [one.time.due for one in leave.deadlines if one.time] == ["2022-02-18"]
    assert ordered.deadlines == ()
    assert names(recalled.sources) == ["Estmark"]
    assert names(recalled.targets) == ["ambassador"]
    assert [one.time.value for one in recalled.dates if one.time] == ["2022-02-07"]
    assert leave.sentence.startswith("The foreign ministry")
    assert leave.sentence.endswith("by Friday.")
    assert reading.article.text[leave.start :].startswith(leave.sentence)


def test_the_evidence_reaches_to_the_limit() -> None:
    article = parse("It rained. [Oslo](ACTOR) [expelled](ACTION) them. They have [until Friday](DEADLINE). It snowed.")
    _, act, limit = article.spans
    linked = Linked(act, {kind: [Link(limit, 0.9)] if kind == "deadline" else [] for kind in KINDS})
    (record,) = records.read(article, linked=[linked]).records
    assert record.sentence == "Oslo expelled them. They have until Friday."
    assert article.text[record.start :].startswith(record.sentence)


def test_the_kyiv_departure_must_be_over_by_the_thirteenth() -> None:
    (article,) = formats.read(KYIV)
    reading = records.read(article)
    due = {
        one.time.due
        for record in reading.records
        for one in record.deadlines
        if one.time and "workers" in str(names(record.sources))
    }
    assert "2022-02-13" in due
    assert "2022-02-13" in "".join(render.show([reading], records=False, to_file=True))
    assert "2022-02-13" in render.html([reading])
    calendar = icalendar.Calendar.from_ical(whole(writers.to_ics, [reading]))
    events: dict[str, Any] = {str(event["summary"]): event.decoded("dtstart") for event in calendar.walk("VEVENT")}
    assert events["US embassy workers: leave"] == datetime.date(2022, 2, 13)


def whole(writer: Callable[[Iterable[Any]], Iterator[bytes]], found: Iterable[Any]) -> bytes:
    return b"".join(writer(found))


def test_values_stand_on_the_spans(reading: records.Reading) -> None:
    assert [span.value for span in reading.article.spans if span.label in ("DATE", "DEADLINE")] == [
        "2022-02-18",
        "2022-02-07",
    ]
    assert set(reading.times) == {span for span in reading.article.spans if span.value}


def test_an_article_without_acts_or_of_other_labels_has_no_records() -> None:
    assert records.read(parse("[x](Weapon) on [Monday](DATE).")).records == ()
    assert records.read(Article("empty", "")).records == ()
    assert [record.sources for record in records.read(parse("It [rained](ACTION).")).records] == [()]


def test_csv_opens_with_its_columns(reading: records.Reading) -> None:
    content = whole(writers.to_csv, reading.records)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert list(rows[0]) == list(writers.COLUMNS)
    assert [(row["source"], row["action"], row["due"]) for row in rows][1] == (
        "Estmarkian envoys",
        "leave",
        "2022-02-18",
    )


def test_rows_say_where_their_mentions_stand_and_what_has_no_value() -> None:
    article = parse("On [Friday](DATE) [Oslo](ACTOR) and [Rome](ACTOR) [agreed](ACTION) to [reply](ACTION)"
                    " [within ten days of the vote](DEADLINE).")  # fmt: skip
    friday, oslo, rome, agreed, _, limit = article.spans
    kinds = {"source": [Link(oslo, 0.9), Link(rome, 0.9)], "date": [Link(friday, 0.9)], "deadline": [Link(limit, 0.9)]}
    reading = records.read(article, linked=[Linked(agreed, {kind: kinds.get(kind, []) for kind in KINDS})])
    row = writers.flat(reading.records[0])
    assert (row["source_at"], row["target_at"]) == ("[10, 14); [19, 23)", "")
    assert (row["when_at"], row["deadline_at"]) == ("[3, 9)", f"[{limit.start}, {limit.end})")
    assert row["reason"] == (
        "Friday: the article has no date to count from;"
        " within ten days of the vote: it is counted from an event that has no date here"
    )
    spans = {span["start"]: span for span in reading.to_dict()["spans"]}
    assert spans[friday.start] == {
        "start": 3, "end": 9, "label": "DATE", "value": None, "reason": "the article has no date to count from"
    }  # fmt: skip
    assert spans[limit.start]["value"] == "P10D"
    assert (spans[limit.start]["due"], spans[limit.start]["relation"]) == (None, "within")
    assert spans[oslo.start] == {"start": 10, "end": 14, "label": "ACTOR"}
    assert Article.from_dict(reading.to_dict()) == reading.article


def test_csv_runs_no_formula() -> None:
    article = parse("[=1+1](ACTOR) [left](ACTION).", "-x", date="2022-02-12")
    (row,) = csv.DictReader(
        io.StringIO(whole(writers.to_csv, records.read(article).records).decode("utf-8-sig"), newline="")
    )
    assert row["article"] == "'-x"
    assert not any(value.startswith(("=", "-", "+", "@")) for value in row.values())


def test_jsonl_keeps_every_mention(reading: records.Reading) -> None:
    lines = [json.loads(line) for line in whole(writers.to_jsonl, reading.records).decode().splitlines()]
    assert len(lines) == 3
    (deadline,) = lines[1]["deadlines"]
    assert (deadline["text"], deadline["value"], deadline["due"], deadline["relation"], deadline["passed"]) == (
        "by Friday", "2022-02-18", "2022-02-18", "by", False)  # fmt: skip
    assert reading.article.text[deadline["start"] : deadline["end"]] == "by Friday"
    assert deadline["certainty"] in ("certain", "ambiguous")


def test_parquet_has_types(reading: records.Reading, tmp_path: Path) -> None:
    (tmp_path / "r.parquet").write_bytes(whole(writers.to_parquet, reading.records))
    table = pq.read_table(tmp_path / "r.parquet")
    assert table.column_names == list(writers.COLUMNS)
    assert table.column("due").to_pylist() == ["", "2022-02-18", ""]
    (tmp_path / "none.parquet").write_bytes(whole(writers.to_parquet, []))
    assert pq.read_table(tmp_path / "none.parquet").schema == table.schema


def event(due: str, title: str = "", **changes: Any) -> Any:
    """The one event of an article whose limit is due so, with changes to the record of its act."""
    reading = records.read(parse(ORDER, "order", date="2022-02-12", title=title))
    (limit,) = reading.limits()
    deadline = dataclasses.replace(limit.deadline, time=dataclasses.replace(limit.time, due=due))
    record = dataclasses.replace(limit.record, deadlines=(deadline,), **changes)
    reading = dataclasses.replace(reading, records=(record,))
    (found,) = icalendar.Calendar.from_ical(whole(writers.to_ics, [reading])).walk("VEVENT")
    return found


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ("2022-02-18", datetime.date(2022, 2, 18)),
        ("2022-02-18T24:00", datetime.date(2022, 2, 18)),
        ("2022-02-18T24:00+02:00", datetime.date(2022, 2, 18)),
        ("2022-02-18T17:00", datetime.datetime(2022, 2, 18, 17)),
        ("2022-02-18T17:00Z", datetime.datetime(2022, 2, 18, 17, tzinfo=datetime.UTC)),
        ("2022-02-18T01:00+02:00", datetime.datetime(2022, 2, 17, 23, tzinfo=datetime.UTC)),
    ],
)
def test_events_are_all_day_or_timed(due: str, expected: datetime.date) -> None:
    found = event(due)
    assert found["dtstart"].dt == expected
    assert ("dtend" in found) is (not isinstance(expected, datetime.datetime))
    assert found["uid"] == event("2022-02-19")["uid"]
    assert "by Friday" in found["description"]


def test_a_calendar_holds_hostile_text() -> None:
    sentence = "a\x00b\r\nBEGIN:VEVENT\nEND:VCALENDAR; , \\n \u202e“"
    found = event("2022-02-18", sentence=sentence, title="x\ry\r\nBEGIN:VEVENT")
    assert "BEGIN:VEVENT" in found["description"]
    content = whole(writers.to_ics, [records.read(parse(ORDER, "order", date="2022-02-12"))])
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def test_a_calendar_says_what_is_not_known() -> None:
    assert "zone" in event("2022-02-18T17:00")["description"]
    assert "zone" not in event("2022-02-18T17:00Z")["description"]
    assert "zone" not in event("2022-02-18")["description"]
    late = records.read(parse("They [missed](ACTION) the limit [of Friday](DEADLINE).", "late", date="2022-02-12"))
    (found,) = icalendar.Calendar.from_ical(whole(writers.to_ics, [late])).walk("VEVENT")
    assert found.decoded("dtstart") == datetime.date(2022, 2, 11)
    assert "It had passed" in str(found["description"])
    assert "passed" in "".join(render.show([late], records=True, to_file=True))


def test_a_limit_without_an_act_is_not_lost(caplog: pytest.LogCaptureFixture) -> None:
    text = "It must resume flights [by Tuesday](DEADLINE)\nor [within two days of the vote](DEADLINE)."
    lone = records.read(parse(text, "lone", date="2022-02-12"))
    assert [limit.record.action for limit in lone.limits()] == [None, None]
    (found,) = icalendar.Calendar.from_ical(whole(writers.to_ics, [lone])).walk("VEVENT")
    assert (found["summary"], found.decoded("dtstart")) == ("?: by Tuesday", datetime.date(2022, 2, 15))
    assert "It must resume flights by Tuesday" in str(found["description"])
    assert "1 deadline is not in the calendar" in caplog.text
    assert "--date" not in caplog.text
    (shown,) = render.show([lone], records=False, to_file=True)
    assert "by Tuesday" in shown[shown.index("By when") :]
    (table,) = render.show([lone], records=True, to_file=True)
    assert "by Tuesday (2022-02-15)" in table
    assert "by Tuesday <span" in (page := render.html([lone]))
    assert "<em>–</em>" not in page
    whole(writers.to_ics, [records.read(parse("[Leave](ACTION) [by Tuesday](DEADLINE)."))])
    assert "--date" in caplog.text


def test_a_limit_without_an_act_has_a_row(tmp_path: Path) -> None:
    article = parse("Reply [by Friday](DEADLINE). [Oslo](ACTOR) [left](ACTION).", "lone", date="2022-02-12")
    limit, _, act = article.spans
    reading = records.read(article, linked=[Linked(act, {kind: [] for kind in KINDS})])
    assert [record.action.text if record.action else None for record in reading.records] == [None, "left"]
    alone, _ = csv.DictReader(io.StringIO(whole(writers.to_csv, reading.records).decode("utf-8-sig"), newline=""))
    assert (alone["action"], alone["action_start"], alone["source"]) == ("", "", "")
    assert (alone["deadline"], alone["due"], alone["certainty"]) == ("by Friday", "2022-02-18", "ambiguous")
    assert (alone["sentence"], alone["deadline_at"]) == ("Reply by Friday.", f"[{limit.start}, {limit.end})")
    (tmp_path / "r.parquet").write_bytes(whole(writers.to_parquet, reading.records))
    assert pq.read_table(tmp_path / "r.parquet").column("action_start").to_pylist() == [None, act.start]
    line = json.loads(whole(writers.to_jsonl, reading.records).split(b"\n")[0])
    assert (line["action"], line["deadlines"][0]["due"], line["deadlines"][0]["link"]) == (None, "2022-02-18", 0.0)


def test_a_summary_names_who_is_certain() -> None:
    (record,) = [one for one in records.read(parse(ORDER, "order", date="2022-02-12")).records if one.deadlines]
    sure, unsure = (
        dataclasses.replace(record.sources[0], text=name, certain=certain)
        for name, certain in (("Estmark", True), ("Norland", False))
    )
    for sources, expected in (((sure, unsure), "Estmark: leave"), ((unsure,), "Norland: leave"), ((), "?: leave")):
        known = dataclasses.replace(record, sources=sources, targets=())
        assert writers.summary(records.Limit(record.deadlines[0], known)) == expected


def test_what_is_due_first_stands_first() -> None:
    text = "[by 17:00 EDT](DEADLINE) [by 20:00 GMT](DEADLINE) [by Friday](DEADLINE) [by 9 p.m. GMT on Friday](DEADLINE)"
    (shown,) = render.show([records.read(parse(text, date="2022-02-18"))], records=False, to_file=True)
    rows = shown[shown.index("By when") :].splitlines()[2:]
    assert [row.split("–")[-1].strip() for row in rows if row.strip()] == [
        "by 20:00 GMT", "by 17:00 EDT", "by 9 p.m. GMT on Friday", "by Friday"
    ]  # fmt: skip


def test_a_timeline_is_in_the_order_of_the_calendar() -> None:
    text = (
        "[by the end of the day](DEADLINE), [the last week of October](DATE), [this quarter](DATE), "
        "[December 2024](DATE), [by midnight tonight](DEADLINE), [next year](DATE), [last month](DATE)"
    )
    points = render.timeline(records.read(parse(text, date="2024-11-13")))
    assert [point.shown for point in points] == [
        "2024-Q4", "2024-10", "2024-10-25/2024-10-31", "2024-11-13", "2024-11-13T24:00", "2024-12", "2025"
    ]  # fmt: skip


def test_the_page_has_values_records_and_a_timeline(reading: records.Reading) -> None:
    page = render.html([reading])
    assert 'title="DEADLINE: 2022-02-18' in page
    assert '<li class="due"' in page
    assert page.index("<time>2022-02-07</time>") < page.index("published") < page.index("<time>2022-02-18</time>")
    assert "<script" not in render.html(
        [records.read(parse("[<script>](ACTOR) [left](ACTION) [by Friday](DEADLINE).", date="2022-02-12"))]
    )


def test_trees_are_walked_as_sklearn_walks_them() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 6)).round(3)
    labels = (rows[:, 0] * rows[:, 1] + rows[:, 2] > 0.3).astype(int)
    fitted = GradientBoostingClassifier(n_estimators=20, max_depth=3, learning_rate=0.2, random_state=0).fit(
        rows, labels
    )
    ours = 1 / (1 + np.exp(-Trees(export_trees(fitted, float(labels.mean()), 0.2)).odds(rows)))
    assert np.abs(ours - fitted.predict_proba(rows)[:, 1]).max() < 1e-3


def test_annotated_links_stand_on_the_articles_spans() -> None:
    articles = formats.read(Path("data/corpus/articles"))
    splits = {article.id: article.meta["split"] for article in articles}
    total = 0
    for split in ("train", "dev", "test"):
        found = link_annotations.read(Path(f"data/links/{split}.jsonl"), articles)
        total += len(found)
        assert {splits[id] for id in found} == {split}
    assert total >= 200


def test_links_that_fit_no_span_are_refused(tmp_path: Path) -> None:
    article = parse(ORDER, "order")
    (tmp_path / "links.jsonl").write_text(
        '{"id": "order", "links": []}\n{"id": "order", "links": [{"action": [0, 3]}]}\n'
    )
    with pytest.raises(DataError, match=r"links\.jsonl:2: article 'order' has no ACTION at \[0, 3\]"):
        link_annotations.read(tmp_path / "links.jsonl", [article])
    (tmp_path / "links.jsonl").write_text('{"id": "other", "links": []}\n')
    with pytest.raises(DataError, match="no article 'other'"):
        link_annotations.read(tmp_path / "links.jsonl", [article])


def test_links_survive_a_round_trip(tmp_path: Path) -> None:
    article = parse(ORDER, "order")
    spans = {article.covered(span): span for span in article.spans}
    acts = [
        ActLinks(
            spans["leave"],
            {"source": (spans["Estmarkian envoys"],), "target": (), "date": (), "deadline": (spans["by Friday"],)},
        )
    ]
    (tmp_path / "links.jsonl").write_text(link_annotations.render("order", acts))
    assert link_annotations.read(tmp_path / "links.jsonl", [article])["order"] == acts


def test_a_link_is_counted_once_whichever_mention_it_leads_to() -> None:
    article = parse("[Oslo](ACTOR) [left](ACTION). [Oslo](ACTOR) and [Bergen](ACTOR) [paid](ACTION).", "x")
    oslo, left, again, bergen, paid = article.spans
    none: dict[str, tuple[Span, ...]] = {"target": (), "date": (), "deadline": ()}
    gold = [ActLinks(left, {"source": (oslo,), **none}), ActLinks(paid, {"source": (again, bergen), **none})]
    predicted = [ActLinks(left, {"source": (again,), **none}), ActLinks(paid, {"source": (oslo,), **none})]
    counts = count([article], {"x": gold}, {"x": predicted})["source"]
    assert (counts.gold, counts.predicted, counts.right) == (3, 2, 2)
    assert count([article], {"x": gold}, {"x": []})["source"].predicted == 0


def test_every_act_of_an_article_is_linked_once() -> None:
    (article,) = formats.read(KYIV)
    linked = link(article)
    assert [one.action for one in linked] == [span for span in article.spans if span.label == "ACTION"]
    for one in linked:
        for kind, label in link_annotations.KINDS.items():
            assert all(found.span.label == label and 0 < found.probability <= 1 for found in one.links[kind])
