import json
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from data.schema import Article, Span
from model import render, report
from model.pages import hue, visible
from model.records import read
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


@pytest.mark.parametrize("page", ["report", "articles"])
def test_what_articles_contain_stays_text(page: str) -> None:
    gold, found = nasty_pair()
    other = parse("[It](ACTOR) left.", "b", meta={"genre": "other", "region": "x"})
    html = (
        report.to_html(build([gold, other], [found, other]))
        if page == "report"
        else render.html([read(found), read(other)])
    )
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


def test_figures_agree_in_json_markdown_and_html() -> None:
    gold = [parse("The [big bank](ACTOR) left on [Monday](DATE).", "a"), parse("[It](ACTOR) ran.", "b")]
    found = [parse("The big [bank](ACTOR) left on [Monday](DATE).", "a"), parse("[It](ACTOR) ran.", "b")]
    made = build(gold, found)
    content = json.loads(report.to_json(made))
    markdown, html = report.to_markdown(made), Page(report.to_html(made)).text
    for kind, rows in content["scores"].items():
        for label, one in rows.items():
            for name in ("precision", "recall", "f1"):
                measure = one[name]
                shown = f"{100 * measure['value']:.1f} ({100 * measure['low']:.1f}–{100 * measure['high']:.1f})"
                assert shown in markdown, (kind, label)
                assert shown in html, (kind, label)
    assert content["scores"]["strict"]["micro"]["f1"]["value"] == pytest.approx(2 / 3)
    assert content["scores"]["overlap"]["micro"]["f1"]["value"] == 1


def test_strata_split_the_same_spans() -> None:
    gold = [parse("[It](ACTOR) [ran](ACTION).", str(i), meta={"genre": f"g{i % 3}", "region": "x"}) for i in range(7)]
    found = [a if int(a.id) % 3 else a.with_spans(()) for a in gold]
    made = build(gold, found)
    assert set(made.strata) == {"genre"}  # one region only: nothing to compare
    assert {key: (n, one.f1.value) for key, (n, one) in made.strata["genre"].items()} == {
        "g0": (3, 0.0),
        "g1": (2, 1.0),
        "g2": (2, 1.0),
    }


def test_comparison_shows_every_character_and_kind() -> None:
    gold = parse("The [big bank](ACTOR) left on [Monday](DATE) [at once](DEADLINE).")
    found = parse("[The](DATE) big [bank](ACTOR) left on [Monday](DATE) [at once](DATE).")
    pieces = report.compare(gold, found)
    kinds = [(piece.text, piece.kind, piece.label) for piece in pieces if piece.kind != "plain"]
    assert kinds == [
        ("The", "spurious", "DATE"),
        ("big bank", "missed", "ACTOR"),
        ("bank", "spurious", "ACTOR"),
        ("Monday", "right", "DATE"),
        ("at once", "spurious", "DATE"),
        ("at once", "missed", "DEADLINE"),
    ]
    assert "".join(piece.text for piece in pieces if piece.kind in ("plain", "right", "missed")) == gold.text[3:]
    inside = report.compare(parse("[a big bank](ACTOR) left"), parse("a [big](ACTOR) bank left"))
    assert [(piece.text, piece.kind) for piece in inside] == [
        ("a big bank", "missed"),
        ("big", "spurious"),
        (" left", "plain"),
    ]
    same = report.compare(gold, gold)
    assert "".join(piece.text for piece in same) == gold.text


def test_markdown_tables_survive_their_content() -> None:
    gold, found = nasty_pair()
    other = parse("[It](ACTOR) left.", "b", meta={"genre": "a|b\nc", "region": "x"})
    lines = report.to_markdown(build([gold, other], [found, other])).splitlines()
    rows = [line for line in lines if line.startswith("| a")]
    assert any(len(re.findall(r"(?<!\\)\|", line)) == 5 for line in rows)


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
