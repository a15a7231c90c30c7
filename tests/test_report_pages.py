"""The pages of a report and of a comparison, as text; tests/test_report_browser.py looks at them in a browser."""

import base64
import hashlib
import itertools
import json
import random
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schema import Article, Span
from model import charts, report, report_pages
from model.calibration import Bin, Reliability
from model.comparison import compare
from model.excerpts import CONTEXT, SLACK, Remark, around, covered, excerpt, page_data, tags
from model.pages import harmless, visible
from model.scoring import Measure
from tests.conftest import make_articles, parse

NASTY = "</script><script>alert(1)</script><!-- \"quoted\" 'single' & \u202ereversed\u202c \u2028 {{ 7 * 7 }} $x_1$"
LABELS = ("ACTOR", "ACTION", "DATE", "DEADLINE")


class Page(HTMLParser):
    """Elements with their attributes; text by the element that holds it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self.inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.text += " "
        self.inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            self.scripts[-1] += data
        elif self.inside != "style":
            self.text += data

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.scripts[0])
        return found


def predictions(gold: list[Article], seed: int = 0) -> list[Article]:
    """Each span kept, moved, relabelled or lost, by chance, with scores; and a few that are made up."""
    chance = random.Random(seed)
    predicted = []
    for article in gold:
        spans: list[Span] = []
        for span in article.spans:
            kind, score = chance.random(), round(chance.random(), 3)
            if kind > 0.3:
                spans.append(Span(span.start, span.end, span.label, score=score))
            elif kind > 0.2 and span.end - span.start > 3:
                spans.append(
                    Span(span.end - 3 + article.text[span.end - 3].isspace(), span.end, span.label, score=score)
                )
            elif kind > 0.1:
                spans.append(Span(span.start, span.end, chance.choice(LABELS), score=score))
        offer = article.text.find("began")
        if offer >= 0 and chance.random() > 0.5:
            spans.append(Span(offer, offer + 5, "ACTION", score=0.4))
        predicted.append(article.with_spans(spans))
    return predicted


def make_report(count: int = 30, sentences: int = 3, **meta: str) -> report.Report:
    gold = [
        Article(a.id, a.text, a.spans, "2022-02-12", f"Title {i}", {"genre": ("wire", "web")[i % 2], **meta})
        for i, a in enumerate(make_articles(count, sentences))
    ]
    dev = make_articles(10)
    known = frozenset({"norland", "by friday", "rejected"})
    return report.build(
        "run on data", {"run": "outputs/run"}, gold, predictions(gold), LABELS, mentions=known,
        dev=(dev, predictions(dev, 1)),
    )  # fmt: skip


def make_comparison() -> report.ComparisonReport:
    gold = list(make_report().gold)
    runs = {f"run {seed}": predictions(gold, seed) for seed in range(3)}
    facts = {name: {"seed": name[-1]} for name in runs}
    return report.ComparisonReport("three runs", {"data": "x"}, facts, compare(gold, runs, 0), gold, runs)


def nasty_report() -> report.Report:
    gold = [
        Article(f"id {NASTY}", f"{NASTY} left.", (Span(0, 9, "ACTOR"),), "2022-02-12", NASTY, {"genre": NASTY}),
        parse("[It](ACTOR) left.", "b", meta={"genre": "a\x00\ud800"}),
    ]
    found = [gold[0].with_spans([Span(0, len(NASTY), "ACTION", score=0.5)]), gold[1].with_spans(())]
    return report.build(f"run on {NASTY}", {NASTY: NASTY}, gold, found, ["ACTOR"])


def nasty_comparison() -> report.ComparisonReport:
    made = nasty_report()
    runs = {f"one {NASTY}": list(made.predicted), f"_two {NASTY}": list(made.gold)}
    facts = {key: {NASTY: NASTY} for key in runs}
    return report.ComparisonReport(NASTY, {NASTY: NASTY}, facts, compare(made.gold, runs, 0), made.gold, runs)


@pytest.mark.parametrize("page", ["report", "comparison"])
def test_what_articles_contain_stays_text(page: str) -> None:
    if page == "report":
        html = report_pages.to_html(nasty_report())
    else:
        html = report_pages.comparison_to_html(nasty_comparison())
    html.encode()  # halves of surrogate pairs would fail here
    seen = Page(html)
    assert [attributes.get("type") for tag, attributes in seen.elements if tag == "script"] == [
        "application/json",
        None,
    ]
    assert html.count("<!--") == 0
    assert not {tag for tag, _ in seen.elements} & {"img", "link", "iframe", "object", "base"}
    assert not [name for _, attributes in seen.elements for name in attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in seen.text
    assert "{{ 7 * 7 }}" in seen.text
    assert "$x_1$" in seen.text
    assert not set(html) & {"\u202e", "\u202c", "\u2028", "\x00"}
    assert "⟨U+202E⟩" in seen.text
    assert "⟨U+202E⟩" in str(seen.data)
    assert not re.findall(r"(?:src|href)=\"(?!#)", html)


def test_only_the_pages_own_script_may_run() -> None:
    html = report_pages.to_html(make_report())
    seen = Page(html)
    (policy,) = (a["content"] for tag, a in seen.elements if tag == "meta" and "http-equiv" in a)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    digest = base64.b64encode(hashlib.sha256(seen.scripts[1].encode()).digest()).decode()
    assert rules["script-src"] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert rules["style-src"] == "'unsafe-inline'"
    assert "innerHTML" not in seen.scripts[1]


def test_the_same_report_has_the_same_bytes() -> None:
    html = report_pages.to_html(make_report())
    assert html == report_pages.to_html(make_report())
    ids = re.findall(r"\sid=\"([^\"]+)\"", html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"href=\"#([^\"]+)", html)) <= set(ids)


def test_the_page_shows_the_figures() -> None:
    made = make_report()
    text = " ".join(Page(report_pages.to_html(made)).text.split())
    for rows in made.evaluation.scores.values():
        for one in rows.values():
            for measure in (one.precision, one.recall, one.f1):
                assert f"{report.share(measure.value)} {report.share(measure.low)}–{report.share(measure.high)}" in text
    for strata in made.strata.values():
        for value, stratum in strata.items():
            assert re.search(rf"{value} {stratum.articles} {report.share(stratum.score.f1.value)} ", text)
    for points in made.operating_points.values():
        for point in points:
            if point.threshold:
                assert f"{100 * point.target:.0f} {point.threshold:.3f} {report.share(point.dev_precision)}" in text
    assert made.reliability
    assert f"calibration error: {report.share(made.reliability.error)}" in text


def test_tables_and_charts_say_what_they_are() -> None:
    for html in (report_pages.to_html(make_report()), report_pages.comparison_to_html(make_comparison())):
        assert html.count("<table>") == html.count("<table><caption>")
        charts_shown = re.findall(r"<svg [^>]*>", html)
        assert len(charts_shown) > 5
        assert all(re.search(r'role="img" aria-label="[^"]{20,}', one) for one in charts_shown)
        levels = [int(level) for level in re.findall(r"<h(\d)", html)]
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_without_the_script_the_first_errors_are_there() -> None:
    made = make_report(60)
    html = report_pages.to_html(made)
    scores = [float(one) for one in re.findall(r"</q> [A-Z]+ (\d\.\d{3})", html)]
    assert html.count('<li class="remark">') == report_pages.STATIC < len(made.errors)
    best = sorted((e.predicted.score for e in made.errors if e.predicted and e.predicted.score), reverse=True)
    assert scores == best[: len(scores)]
    assert len(scores) == report_pages.STATIC


def test_every_error_is_in_the_data() -> None:
    made = make_report()
    data = Page(report_pages.to_html(made)).data
    assert len(data["remarks"]) == len(made.errors) > 20
    for error, remark in zip(made.errors, data["remarks"], strict=True):
        article, kind, genre, seen, _, start, end, marks = remark
        gold = made.gold[error.article]
        assert (article, data["kinds"][kind], bool(seen)) == (error.article, error.kind, error.seen)
        assert data["genres"][genre] == gold.meta["genre"]
        for span, mark in zip((error.gold, error.predicted), marks, strict=True):
            assert bool(mark) == (span is not None)
            if span:
                assert start <= span.start < span.end <= end
                assert covered(data["articles"][article][6], mark[1], mark[2]) == gold.covered(span)
                assert data["labels"][mark[0]] == span.label


def test_disagreements_of_runs_are_in_the_data() -> None:
    made = make_comparison()
    data = Page(report_pages.comparison_to_html(made)).data
    assert data["layers"] == ["gold", "run 0", "run 1", "run 2"]
    assert len(data["remarks"]) == sum(len(one.disagreements) for one in made.comparison.contests)
    for _, kind, *_, marks in data["remarks"]:
        right = data["layers"].index(re.match(r"(.*) right", data["kinds"][kind])[1])  # type: ignore[index]
        wrong = data["layers"].index(re.search(r", (.*) wrong", data["kinds"][kind])[1])  # type: ignore[index]
        place = [mark and mark[:3] for mark in marks]
        assert place[right] == place[0] != place[wrong]


@st.composite
def layered(draw: st.DrawFn) -> tuple[str, list[list[Span]]]:
    text = draw(st.text("ab é\n\u0301\u202e😀x", min_size=1, max_size=60))
    layers = []
    for _ in range(draw(st.integers(1, 3))):
        borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
        pairs = list(itertools.pairwise(borders))
        layers.append([Span(a, b, draw(st.sampled_from(LABELS))) for a, b in pairs if draw(st.booleans())])
    return text, layers


@given(layered())
def test_segments_are_the_text_and_its_spans(made: tuple[str, list[list[Span]]]) -> None:
    text, layers = made
    labels = {label: index for index, label in enumerate(LABELS)}
    cut = excerpt(text, layers, labels)
    assert cut.whole
    assert covered(cut.segments, 0, len(cut.segments)) == visible(text)
    for layer, spans in enumerate(layers):
        ends = [tags(one[1:], LABELS, LABELS) for one in cut.segments if isinstance(one, list) and one[1 + layer] > 0]
        assert len(ends) == len(spans)
        for span in spans:
            first, last = cut.first[span.start], cut.last[span.end]
            assert covered(cut.segments, first, last) == visible(text[span.start : span.end])
            codes = [one[1 + layer] if isinstance(one, list) else 0 for one in cut.segments[first : last + 1]]
            assert codes == [-labels[span.label] - 1] * (last - first) + [labels[span.label] + 1]


@given(layered(), st.lists(st.tuples(st.integers(-3, 60), st.integers(1, 10)), max_size=3))
def test_what_is_left_out_is_counted(made: tuple[str, list[list[Span]]], parts: list[tuple[int, int]]) -> None:
    text, layers = made
    keep = [(start, start + length) for start, length in parts]
    cut = excerpt(text, layers, {label: index for index, label in enumerate(LABELS)}, keep)
    inside = {at for start, end in keep for at in range(max(0, start), min(end, len(text)))}
    shown = [one if isinstance(one, str) else one[0] for one in cut.segments if not isinstance(one, int)]
    assert "".join(shown) == visible("".join(text[at] for at in sorted(inside)))
    assert sum(one for one in cut.segments if isinstance(one, int)) == len(text) - len(inside)
    assert cut.whole == (len(inside) == len(text))


def test_contexts_are_short_and_cut_between_words() -> None:
    words = "word " * 400
    text = words + "US " + words
    span = Span(len(words), len(words) + 2, "ACTOR")
    cut = excerpt(text, [[span], []], {"ACTOR": 0})
    before, inside, after = around(cut.segments, cut.first[span.start], cut.last[span.end])
    assert inside == [["US", 1, 0]]
    assert before[0] == after[-1] == " … "
    assert str(before[1]).split() == ["word"] * len(str(before[1]).split())
    assert all(len("".join(map(str, part))) <= CONTEXT + SLACK + 3 for part in (before, after))


def test_articles_beyond_the_budget_are_excerpts() -> None:
    long = Article("long", "x " * 5000 + "US left." + " y" * 5000, (Span(10000, 10002, "ACTOR"),))
    articles = [parse("[It](ACTOR) left.", "short"), long]
    remarks = [Remark(1, "missed", (long.spans[0], None))]
    layers = [("gold", articles), ("predicted", [one.with_spans(()) for one in articles])]
    data = page_data(articles, layers, remarks, {"missed": "missed"}, budget=1000)
    assert [article[4] for article in data["articles"]] == [1, 0]
    segments = data["articles"][1][6]
    assert sum(one for one in segments if isinstance(one, int)) > 19_000
    ((*_, marks),) = data["remarks"]
    assert covered(segments, marks[0][1], marks[0][2]) == "US"
    assert page_data(articles, layers, remarks, {"missed": "missed"})["articles"][1][4] == 1


def test_harmless_json_is_the_same_json() -> None:
    text = harmless([NASTY])
    assert not set(text) & set("<>&\u2028")
    assert json.loads(text) == [NASTY]


def test_reports_without_scores_spans_or_errors() -> None:
    gold = make_articles(3)
    for found in (gold, [article.with_spans(()) for article in gold]):
        html = report_pages.to_html(report.build("t", {}, gold, found, []))
        assert "no curve and no calibration" in html
        assert "No thresholds" in html
    bare = [article.with_spans(()) for article in gold]
    assert "0 errors" in report_pages.to_html(report.build("t", {}, bare, bare, []))


def test_charts_follow_the_page_and_take_any_text() -> None:
    rows = [
        (f"_row {NASTY} 漢字 \U0001f600", [Measure(0.5, 0.4, 0.6), Measure(-0.1, -1.0, 1.0)]),
        ("b", [Measure(0, 0, 0)] * 2),
    ]
    drawn = charts.dots(rows, "F1, percent", "x", [f"_one {NASTY}", "two"], mark=0)
    assert drawn == charts.dots(rows, "F1, percent", "x", [f"_one {NASTY}", "two"], mark=0)
    assert "var(--chart-1)" in drawn
    assert not re.search(r"#[0-9a-f]{6}", drawn)
    assert "<script" not in drawn
    assert "漢字" in drawn
    assert "50.0 (40.0 to 60.0)" in drawn
    bins = Reliability((Bin(0, 0.5, 0, None, None), Bin(0.5, 1, 4, 0.9, 0.75)), 0.15)
    assert "score 0.5 to 1.0: 4 spans, 75% right" in charts.reliability(bins)
    assert "no predicted span has a score" in charts.precision_recall({})


def test_a_report_of_a_thousand_articles_is_small() -> None:
    gold = make_articles(1000, 30)  # 330 words each, as in the corpus, and twice as many spans
    found = predictions(gold)
    spans = sum(len(article.spans) for article in gold)
    html = report_pages.to_html(report.build("t", {}, gold, found, []))
    assert spans > 80_000
    assert len(html.encode()) < 10_000_000
