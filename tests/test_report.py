import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rich.console import Console

from data.schema import Article, Span
from model import render, report, report_pages
from model.comparison import compare
from model.errors import KINDS
from model.pages import hue, visible
from model.records import read
from model.scoring import MATCHES
from tests.conftest import parse

NASTY = "</div><script>alert(1)</script> \"quoted\" 'single' & <b>\u202ereversed\u202c {{ 7 * 7 }} {% raw %}"


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def nasty_pair() -> tuple[Article, Article]:
    meta = {"genre": NASTY, "region": "x"}
    text = f"{NASTY} left."
    gold = Article(f"id {NASTY}", text, (Span(0, 6, "ACTOR"),), "2022-02-12", NASTY, meta)
    return gold, gold.with_spans([Span(0, len(NASTY), "ACTION", score=0.5)])


def build(gold: list[Article], found: list[Article]) -> report.Report:
    return report.build(f"run on {NASTY}", {"data": NASTY}, gold, found, ["ACTOR", "DATE"])


def test_what_articles_contain_stays_text() -> None:
    _, found = nasty_pair()
    other = parse("[It](ACTOR) left.", "b", meta={"genre": "other", "region": "x"})
    html = render.html([read(found), read(other)])
    seen = Page(html)
    assert not {tag for tag, _ in seen.tags} & {"script", "b", "img", "link", "iframe"}
    assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in seen.text
    assert "{{ 7 * 7 }}" in seen.text
    assert "\u202e" not in html
    assert "⟨U+202E⟩" in seen.text
    # Nothing is loaded from anywhere.
    assert not re.findall(r"(?:src|href)=\"(?!#)", html)
    assert "default-src 'none'" in html


def scored(marked: str, id: str, *scores: float) -> Article:
    article = parse(marked, id)
    return article.with_spans(replace(span, score=score) for span, score in zip(article.spans, scores, strict=True))


GOLD = [
    parse("The [big bank](ACTOR) [left](ACTION) on [Monday](DATE).", "a", meta={"genre": "wire"}),
    parse("[It](ACTOR) [ran](ACTION) by [Friday](DEADLINE).", "b", meta={"genre": "web"}),
    parse("[He](ACTOR) sat.", "c", meta={"genre": "web"}),
]
FOUND = [
    scored("The big [bank](ACTOR) [left](ACTION) on [Monday](DATE).", "a", 0.6, 0.9, 0.95),
    scored("[It](ACTOR) ran by [Friday](DATE).", "b", 0.8, 0.7),
    scored("[He](ACTOR) [sat](ACTION).", "c", 0.99, 0.3),
]
DEV = [parse("[It](ACTOR) [ran](ACTION).", "d")], [scored("[It](ACTOR) [ran](DATE).", "d", 0.9, 0.5)]


def cells(markdown: str, heading: str) -> dict[str, list[str]]:
    """A table's rows by their first cell, under the first heading that begins so."""
    (found,) = (part for part in re.split(r"^#+ ", markdown, flags=re.MULTILINE) if part.startswith(heading))
    rows = [line[2:-2].split(" | ") for line in found.splitlines() if "|" in line]
    return {row[0]: row[1:] for row in rows}


def shown(measure: dict[str, float]) -> str:
    return f"{100 * measure['value']:.1f} ({100 * measure['low']:.1f}–{100 * measure['high']:.1f})"


def test_figures_agree_in_json_and_markdown() -> None:
    made = report.build("run on data", {"data": "x"}, GOLD, FOUND, ["OTHER"], mentions=frozenset({"it"}), dev=DEV)
    content, markdown = json.loads(report.to_json(made)), report.to_markdown(made)
    for kind in MATCHES:
        table = cells(markdown, f"{kind.capitalize()} match:")
        for label, one in content["scores"][kind].items():
            assert table[label][:3] == [shown(one[name]) for name in ("precision", "recall", "f1")]
            assert table[label][3:] == [str(one["gold"]), str(one["predicted"]), f"{one['correct']:g}"]
    for kind, rows in content["strata"].items():
        table = cells(markdown, f"Strict match by {kind}")
        for value, one in rows.items():
            assert table[value][1:4] == [shown(one[name]) for name in ("precision", "recall", "f1")]
            assert [table[value][i] for i in (0, 4, 5)] == [str(one[key]) for key in ("articles", "gold", "predicted")]
    labels = content["confusion"]["labels"]
    exact, other = cells(markdown, "Same borders"), cells(markdown, "Other borders")
    errors = cells(markdown, "Errors by label")
    for i, label in enumerate(labels):
        assert exact[label] == [*map(str, content["confusion"]["exact"][i]), str(content["confusion"]["missed"][i])]
        assert other[label] == [*map(str, content["confusion"]["other_borders"][i])]
        mine = [one for one in content["errors"] if (one["gold"] or one["predicted"])["label"] == label]
        assert errors[label][1:] == [str(sum(one["kind"] == kind for one in mine)) for kind in KINDS]
    assert exact["spurious"] == [*map(str, content["confusion"]["spurious"]), ""]
    assert errors["micro"] == ["4", "1", "1", "1", "1", "0"]
    points = [
        [f"{100 * point['target']:.1f}", "none" if point["threshold"] is None else f"{point['threshold']:.4f}"]
        for rows in content["operating_points"].values()
        for point in rows
    ]
    lines = [line.strip("| ").split(" | ") for line in markdown.splitlines() if re.match(r"\| \w+ \| 9[05]\.0 ", line)]
    assert [line[1:3] for line in lines] == points
    assert cells(markdown, "Scores against")["0.9–1.0"] == ["2", "97.0", "100.0"]
    assert content["reliability"]["bins"][9] == {"low": 0.9, "high": 1, "count": 2, "mean_score": 0.97, "precision": 1}
    assert f"calibration error: {100 * content['reliability']['error']:.1f} percent" in markdown
    assert content["curves"]["micro"]["threshold"] == [0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.3]


def test_errors_in_json_say_where_and_what() -> None:
    made = report.build("t", {}, GOLD, FOUND, [], mentions=frozenset({"it", "sat"}))
    content = json.loads(report.to_json(made))
    assert content["errors"][0] == {
        "article": "a",
        "kind": "boundary",
        "seen": False,
        "gold": {"start": 4, "end": 12, "label": "ACTOR", "text": "big bank"},
        "predicted": {"start": 8, "end": 12, "label": "ACTOR", "score": 0.6, "text": "bank"},
    }
    assert [(one["article"], one["kind"], one["seen"]) for one in content["errors"]] == [
        ("a", "boundary", False),
        ("b", "missed", False),
        ("b", "label", False),
        ("c", "spurious", True),
    ]
    assert content["operating_points"] == {}
    assert report.error_counts(made)["boundary"] == {"micro": 1, "ACTOR": 1}


def test_a_report_of_nothing_predicted_and_no_scores() -> None:
    bare = [article.with_spans(()) for article in GOLD]
    made = report.build("t", {}, GOLD, bare, [], dev=DEV)
    assert json.loads(report.to_json(made))["reliability"] is None
    assert "Thresholds" in report.to_markdown(made)
    unscored = report.build("t", {}, GOLD, GOLD, [], dev=DEV)
    assert json.loads(report.to_json(unscored))["curves"] == {}
    assert "Thresholds" not in report.to_markdown(unscored)
    assert unscored.errors == ()


def test_figures_of_a_comparison_agree_in_json_and_markdown() -> None:
    runs = {"one": FOUND, "o|two": [FOUND[0], FOUND[1].with_spans(GOLD[1].spans), FOUND[2].with_spans(())]}
    facts = {name: {"tokens": str(len(name))} for name in runs}
    made = report.ComparisonReport("t", {"data": "x"}, facts, compare(GOLD, runs, seed=0), GOLD, runs)
    content, markdown = json.loads(report.comparison_to_json(made)), report.comparison_to_markdown(made)
    (contest,) = content["contests"]
    tables = {"o\\|two against one": contest["differences"]}
    tables |= {f"By {kind}": rows for kind, rows in contest["strata"].items()}
    for heading, rows in tables.items():
        table = cells(markdown, heading)
        for value, one in rows.items():
            signs = [f"{100 * one['difference'][name]:+.1f}".replace("-", "−") for name in ("value", "low", "high")]
            assert table[value] == [
                f"{100 * one['first']:.1f}",
                f"{100 * one['second']:.1f}",
                f"{signs[0]} ({signs[1]} to {signs[2]})",
                f"{one['p']:.4f}",
                str(one["gold"]),
            ]
    assert cells(markdown, "Places where") == {"right": ["places"], "---": ["---:"], "one": ["1"], "o\\|two": ["3"]}
    assert contest["right"] == {"one": 1, "o|two": 3}
    assert [(one["right"], one["article"], one["kind"]) for one in contest["disagreements"]] == [
        ("o|two", "b", "missed"),
        ("o|two", "b", "label"),
        ("one", "c", "missed"),
        ("o|two", "c", "spurious"),
    ]
    assert content["runs"]["one"]["facts"] == {"tokens": "3"}
    assert cells(markdown, "The runs")["tokens"] == ["3", "5"]
    assert content["runs"]["one"]["scores"]["strict"]["micro"]["f1"]["value"] == pytest.approx(8 / 14)
    assert "o|two" in Page(report_pages.comparison_to_html(made)).text


def test_markdown_tables_survive_their_content() -> None:
    gold, found = nasty_pair()
    other = parse("[It](ACTOR) left.", "b", meta={"genre": "a|b\nc", "region": "x"})
    lines = report.to_markdown(build([gold, other], [found, other])).splitlines()
    rows = [line for line in lines if line.startswith("| a\\|b c |")]
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in rows] == [8]


def test_terminal_plain_and_coloured() -> None:
    article = Article("a", "The [US] left.\x1b[31m", (Span(5, 7, "ACTOR", score=0.91),), "2022-02-12", "Title")
    console = render.console(width=80)
    with console.capture() as capture:
        console.print(render.terminal(read(article), colour=False))
    plain = capture.get()
    assert "The [[US](ACTOR)] left.⟨U+001B⟩[31m" in plain
    assert "Title  2022-02-12" in plain
    assert re.search(r"ACTOR\s+US\s+0\.91\s+5-7", plain)
    assert "1 ACTOR" in plain
    assert max(map(len, plain.splitlines())) < 60  # nothing is filled up to the console's width
    assert "\x1b" not in plain
    coloured = Console(force_terminal=True, width=80, color_system="standard", no_color=False)
    with coloured.capture() as capture:
        coloured.print(render.terminal(read(article), colour=True))
    assert "\x1b[" in capture.get()
    assert "\x1b[31m" not in capture.get().replace("⟨U+001B⟩[31m", "")


def test_pieces_are_the_text() -> None:
    article = parse("The [US](ACTOR) [left](ACTION)")
    assert "".join(text for text, _ in render.pieces(article)) == article.text


def test_small_things() -> None:
    assert visible("a\tb\r\nc\u2066d\x00") == "a\tb\r\nc⟨U+2066⟩d⟨U+0000⟩"
    assert hue("ACTOR") != hue("DEADLINE")
    assert hue("Weapon") == hue("Weapon")
