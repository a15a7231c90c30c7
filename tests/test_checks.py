"""What prepare.py --check and --agreement find, one small article for each kind of finding."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prepare
from data import checks
from data.checks import Checks, Finding
from data.consistency import BARE, inconsistencies, wilson_low
from data.errors import InputError
from data.formats import jsonl
from data.schema import Article, Span
from model import agreement
from tests.conftest import make_articles, parse


def found(result: Checks, name: str) -> list[Finding]:
    return [finding for finding in result.findings if finding.check == name]


def one(article: Article, name: str) -> list[str]:
    """The contexts of one article's findings of one check."""
    return [place.context for finding in found(checks.check({"a": [article]}), name) for place in finding.places]


def filler(count: int, word: str = "w") -> str:
    return " ".join(f"{word}{number}" for number in range(count))


@pytest.mark.parametrize(
    ("name", "marked", "context"),
    [
        ("inside a word", "the [Norl](ORG)ander", "the »Norl«ander"),
        ("inside a word", "[cafe](ORG)\u0301 x", "»cafe«\u0301 x"),
        ("inside a word", "[AC](ORG)-led and [Norland](ORG)'s [x](ORG)/y", None),
        ("punctuation", "the [envoys,](ORG) left", "the »envoys,« left"),
        ("punctuation", "the [–envoys](ORG) left", "the »–envoys« left"),
        ("punctuation", "[the envoy.](ORG) left", "»the envoy.« left"),
        ("punctuation", '[U.S.](ORG), [$5](ORG), [Op "Dawn"](ORG), [D . C .](ORG), ["Dawn" fleet](ORG)', None),
        ("no word", "so [...](ORG) left", "so »...« left"),
        ("no word", "so [👩\u200d🚒](ORG) left", "so »👩\u200d🚒« left"),
        ("unbalanced", "the [Council (AC](ORG)) left", "the »Council (AC«) left"),
        ("unbalanced", "the [“Dawn](ORG)” left", "the »“Dawn«” left"),
        ("unbalanced", 'the ["Dawn](ORG)" left', 'the »"Dawn«" left'),
        ("unbalanced", "the [Council (AC)](ORG) of “[Dawn](ORG)”", None),
        ("over a sentence end", "It [left. Norland](ORG) stayed", None),
        ("over a sentence end", "The [envoys walked. Norland](ORG) stayed", "The »envoys walked. Norland« stayed"),
        ("over a sentence end", "The [Messrs. Holm](ORG), [Lt. Gen. (retd.) Brandt](ORG), [U.S. Army](ORG)", None),
    ],
)
def test_borders(name: str, marked: str, context: str | None) -> None:
    assert one(parse(marked), name) == ([] if context is None else [context])


@pytest.mark.parametrize(
    ("between", "name", "line"),
    [("\n", "over a line end", 2), ("\r\n", "over a line end", 2), ("\n \n", "over an empty line", 2),
     ("\r\n\r\n", "over an empty line", 2), ("\r\r", "over an empty line", 2), (" ", None, 0)],
)  # fmt: skip
def test_borders_over_lines(between: str, name: str | None, line: int) -> None:
    text = f"x\nthe Foreign{between}Ministry left"
    result = checks.check({"a": [Article("a", text, (Span(6, text.index(" left"), "ORG"),))]})
    named = [finding for finding in result.findings if finding.check.startswith("over")]
    assert [finding.check for finding in named] == [name] * bool(name)
    assert [finding.places[0].line for finding in named] == [line] * bool(name)
    assert all("»Foreign Ministry«" in finding.places[0].context for finding in named)


def test_a_determiner_is_odd_only_where_others_leave_it_out() -> None:
    outside = " ".join(f"the [Body{number}](ORG)" for number in range(9))
    assert one(parse(f"{outside} [the Council](ORG) left"), "determiner") == [
        "the Body5 the Body6 the Body7 the Body8 »the Council« left"
    ]
    assert one(parse(f"{outside} [The Hague](ORG) left"), "determiner") == []
    inside = " ".join(f"[the Body{number}](ORG)" for number in range(9))
    assert one(parse(f"{inside} [the Council](ORG) left"), "determiner") == []


def test_a_long_span_is_long_for_its_label() -> None:
    short = " ".join(f"[s{number}](ORG)" for number in range(20))
    assert len(one(parse(f"{short} [{filler(11)}](ORG)"), "long span")) == 1
    assert one(parse(f"{short} [{filler(10)}](ORG)"), "long span") == []
    assert one(parse(f"{short} [{filler(11)}](EVENT)"), "long span") == []


def test_counts() -> None:
    articles = [
        parse("[Norland](ORG) met the [Foreign Ministry](ORG) on [Monday](DAY)", "a", date="2022-02-12"),
        Article("b", "It met [norland]"),
    ]
    (counts,) = checks.check({"a": [*articles, parse("[norland](ORG)", "c")]}).files.values()
    assert (counts.articles, counts.words, counts.without_spans, counts.without_date) == (3, 11, 1, 2)
    assert list(counts.words_per_article) == [1, 2, 3, 5, 7]
    organisations = counts.labels["ORG"]
    assert (organisations.spans, organisations.distinct, organisations.words) == (3, 2, 4)
    assert organisations.mean_words == pytest.approx(4 / 3)
    assert organisations.max_words == 2
    assert "36.4% of the words" in checks.render(checks.check({"a": [*articles, parse("[norland](ORG)", "c")]}))


def test_odd_articles() -> None:
    usual = [
        parse(f"[Norland](ORG) [y](ORG) {filler(60, chr(97 + n))} [x](ORG)", f"u{n}", date="2022-01-01")
        for n in range(9)
    ]
    odd = [
        Article("empty", " \n", date="2022-01-01"),
        Article("short", "So ended it", date="2022-01-01"),
        Article("long", filler(700, "long"), date="2022-01-01"),
        Article("undated", filler(50, "undated")),
    ]
    result = checks.check({"a": usual + odd})
    names = {"empty article": "empty", "short article": "short", "long article": "long", "no date": "undated"}
    for name, id in {**names, "no spans": "long"}.items():
        assert [finding.places[0].article for finding in found(result, name)] == [id], name
    assert found(result, "empty article")[0].severity == "error"
    assert found(checks.check({"a": [Article("x", "y")]}), "no date") == []


def test_labels() -> None:
    def make(label: str, count: int, id: str) -> Article:
        return parse(" ".join(f"[{id}{n}]({label})" for n in range(count)), id)

    result = checks.check({"train": [make("ORG", 51, "a"), make("Org", 50, "b")], "dev": [make("ORG", 1, "c")]})
    assert [(one.subject, one.remark) for one in found(result, "few spans")] == [("Org", "50 spans")]
    assert [(one.subject, one.remark) for one in found(result, "one file only")] == [
        ("Org", "in train (50); not in dev")
    ]
    assert [one.subject for one in found(result, "similar labels")] == ["ORG, Org"]
    assert found(result, "in every article") == []
    assert found(result, "few articles")[0].remark == "2 articles in the biggest file"
    alike = checks.check({"a": [make("MIL_UNIT", 1, "a"), make("MilUnit", 1, "b"), make("UNIT", 1, "c")]})
    assert [one.subject for one in found(alike, "similar labels")] == ["MIL_UNIT, MilUnit"]
    everywhere = checks.check({"a": [make("X", 1, f"x{n}") for n in range(100)]})
    assert [one.subject for one in found(everywhere, "in every article")] == ["X"]
    assert found(everywhere, "few articles") == []
    assert len(found(everywhere, "not many articles")) == 1


def test_duplicates() -> None:
    text = filler(40)
    changed = f"{text} " + filler(60, "other")
    train = [
        Article("a", text),
        Article("b", filler(40, "b")),
        Article("e", filler(40, "e")),
        Article("s", "So it is."),
    ]
    dev = [Article("c", changed), Article("b", filler(40, "new")), Article("t", "So it is.")]
    test = [Article("f", filler(40, "f")), Article("g", filler(40, "f"))]
    result = checks.check({"train": train, "dev": dev, "test": test})

    def ids(name: str) -> list[list[str]]:
        return [[f"{place.file} {place.article}" for place in one.places] for one in found(result, name)]

    assert ids("leak") == [["train a", "dev c"]]
    assert found(result, "leak")[0].remark == "2 articles, up to 100% of 8-word runs shared"
    assert ids("duplicate") == [["test f", "test g"]]
    assert found(result, "duplicate")[0].remark == "2 articles, the same text"
    assert ids("same id") == [["train b", "dev b"]]
    assert ids("same few words") == [["train s", "dev t"]]
    assert found(result, "twins differ") == []
    assert checks.check({"x": [Article("a", text)]}).count("error") == 0
    twice = checks.check({"x": [Article("s", "So it is."), Article("t", "So it is.")]})
    assert not {"leak", "duplicate", "same few words"} & {finding.check for finding in twice.findings}


def test_the_same_text_with_different_annotation() -> None:
    text = f"[Norland](ORG) left [Kyiv](ORG) {filler(10)}"
    twins = [parse(text, "a"), parse(text.replace("[Kyiv](ORG)", "[Kyiv](PLACE)"), "b"), parse(text, "c")]
    (finding,) = found(checks.check({"a": twins}), "twins differ")
    assert finding.remark == "2 of 3 spans are not in all 3"
    assert [place.article for place in finding.places] == ["a", "b", "c"]
    assert found(checks.check({"a": twins[::2]}), "twins differ") == []


def repeated(marked: str, count: int, start: int = 0) -> list[Article]:
    return [parse(marked, f"{marked}{start + number}") for number in range(count)]


def test_strings_bare_in_one_place() -> None:
    articles = [*repeated("the [Council](ORG) met", 40), parse("the  COUNCIL and a council met", "bare")]
    result = checks.check({"a": articles})
    (finding,) = found(result, "bare here")
    assert (finding.subject, finding.remark) == ("COUNCIL", "ORG 40, bare 2")
    assert [place.context for place in finding.places] == ["the »COUNCIL« and a council met"]
    assert finding.score == pytest.approx(wilson_low(40, 42))
    assert found(result, "annotated here") == []


def test_a_string_at_the_end_of_the_text_where_longer_ones_begin_alike() -> None:
    articles = [*repeated("the [Council](ORG) and [Council of Norland](ORG) met", 30), parse("a Council", "bare")]
    assert [(one.string, one.exceptions[0].start) for one in inconsistencies(articles)] == [("Council", 2)]


def test_strings_with_another_label_in_one_place() -> None:
    articles = [*repeated("the [Council](ORG) met", 30), parse("the [Council](EVENT) met", "other")]
    (finding,) = found(checks.check({"a": articles}), "other label here")
    assert (finding.subject, finding.remark, finding.places[0].article) == ("Council", "ORG 30, EVENT 1", "other")


def test_strings_annotated_in_one_place() -> None:
    articles = [*repeated("they left [Kyiv](PLACE) today", 30), parse("they left Kyiv [today](DAY)", "other")]
    (finding,) = found(checks.check({"a": articles}), "annotated here")
    assert (finding.subject, finding.places[0].article, finding.severity) == ("today", "other", "note")
    dates = [*repeated("[x](A) 12 of", 30), parse("on [12](DAY) y", "number")]
    assert found(checks.check({"a": dates}), "annotated here") == []


@pytest.mark.parametrize(
    "exception",
    [
        "a Council-led day",  # joined by a hyphen
        "the [Council of Norland](ORG)",  # in a longer span
        "the Council of Norland",  # in a longer string that is annotated elsewhere
        "the councils",
        "it may and [May](DAY) it",  # another word that differs by case alone
        "the [WHO](ORG) knows",
    ],
)
def test_what_is_no_inconsistency(exception: str) -> None:
    usual = repeated("the [Council](ORG)", 30) + repeated("in [May](DAY) it may", 30)
    usual += [parse("the [Council of Norland](ORG)", "long"), *repeated("[x](Y) who knows", 30)]
    assert [(one.string, one.exceptions) for one in inconsistencies([*usual, parse(exception, "e")])] == []


def test_strings_that_vary_often_do_so_with_their_sense() -> None:
    articles = [*repeated("[Norland](ORG) met", 94), *repeated("Norland lies there", 5, 200)]
    assert inconsistencies(articles) == []
    assert [one.string for one in inconsistencies(articles[:-1])] == ["Norland"]


def test_the_most_suspicious_string_comes_first() -> None:
    articles = [*repeated("[Norland](ORG) met", 40), *repeated("[Estmark](ORG) met", 80, 100)]
    articles += [parse("Norland and Estmark", "bare")]
    result = inconsistencies(articles)
    assert [(one.string, one.usual, dict(one.counts)) for one in result] == [
        ("Estmark", "ORG", {"ORG": 80, BARE: 1}),
        ("Norland", "ORG", {"ORG": 40, BARE: 1}),
    ]
    assert result[0].score > result[1].score >= 0.8


@given(st.lists(st.text(alphabet="aB .-\n\u0301😀[漢\u202e", max_size=25), min_size=1, max_size=4), st.data())
def test_places_lie_where_they_say(texts: list[str], data: st.DataObject) -> None:
    articles = []
    for number, text in enumerate(texts):
        borders = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
        spans = [
            Span(start, end, data.draw(st.sampled_from(["ACTOR", "DATE", "x"])))
            for start, end in zip(borders[::2], borders[1::2], strict=False)
            if text[start:end].strip() == text[start:end]
        ]
        articles.append(Article(f"a{number}", text, tuple(spans)))
    result = checks.check({"file": articles})
    by_id = {article.id: article for article in articles}
    for finding in result.findings:
        for place in finding.places:
            text = by_id[place.article].text
            assert 0 <= place.start <= place.end <= len(text)
            assert place.line == text[: place.start].count("\n") + 1
    for one_string in inconsistencies(articles, threshold=0):
        for place_ in one_string.exceptions:
            surface = articles[place_.article].text[place_.start : place_.end]
            assert "".join(surface.split()).casefold() == one_string.string.replace(" ", "").casefold()
            labels = [s.label for s in articles[place_.article].spans if s.start < place_.end and place_.start < s.end]
            assert labels == [place_.label] * (place_.label != BARE)


def test_guideline_slips_join_in_for_our_labels_alone() -> None:
    ours = parse("[the envoys](ACTOR) [said](ACTION) so [on Tuesday](DATE 2022-02-15), [they,](ACTOR)")
    remarks = {finding.remark for finding in found(checks.check({"a": [ours]}), "guidelines")}
    assert {"plain attribution is no ACTION", "the preposition stays outside"} <= remarks
    assert not any("punctuation" in remark for remark in remarks)  # the general checks say it
    assert len(found(checks.check({"a": [ours]}), "punctuation")) == 1
    others = parse("[the envoys](ACTOR) [said](ACTION) so [on Tuesday](DATE), [x](PLACE)")
    assert found(checks.check({"a": [others]}), "guidelines") == []
    assert found(checks.check({"a": [parse("[on Tuesday](DATE)")]}), "guidelines") == []


def test_missing_values_are_said_once() -> None:
    result = checks.check({"a": [parse("[Norland](ACTOR) on [Monday](DATE), [Tuesday](DATE)")]})
    assert [finding.remark for finding in found(result, "no values")] == [
        "none of 2 DATE and DEADLINE spans has a value"
    ]
    assert not any("TIMEX3" in finding.remark for finding in result.findings)
    some = checks.check({"a": [parse("[Norland](ACTOR) on [Monday](DATE 2022-02-14), [Tuesday](DATE)")]})
    assert found(some, "no values") == []
    assert any("TIMEX3" in finding.remark for finding in some.findings)


def test_dates_and_deadlines_may_share_words() -> None:
    articles = [*repeated("[Norland](ACTOR) on [Monday](DATE 2022-02-14) x", 30)]
    articles += [parse("[Norland](ACTOR) the [Monday](DEADLINE 2022-02-14) limit", "limit")]
    assert found(checks.check({"a": articles}), "other label here") == []


def test_errors_come_first_and_the_last_line_counts() -> None:
    articles = [parse(f"{filler(8, 'x')} [Norl](ORG)and [x,](ORG)", "a"), parse("[y](ORG) [z](Org)", "b")]
    text = checks.render(checks.check({"file": articles}))
    places = [text.index(part) for part in ("Errors", "differ only in case", "inside a word", "Warnings", "To look at")]
    assert places == sorted(places)
    assert text.endswith("2 errors, 4 warnings, 1 more to look at\n")
    result = json.loads(checks.to_json(checks.check({"file": articles})))
    assert (result["errors"], result["warnings"], result["notes"]) == (2, 4, 1)
    assert [finding["severity"] for finding in result["findings"]] == ["error"] * 2 + ["warning"] * 4 + ["note"]
    assert result["findings"][1]["places"] == [
        {
            "file": "file",
            "article": "a",
            "start": 24,
            "end": 28,
            "line": 1,
            "context": "x0 x1 x2 x3 x4 x5 x6 x7 »Norl«and x,",
        }
    ]


def test_long_lists_are_cut_and_say_so() -> None:
    text = checks.render(checks.check({"file": [parse(" ".join(["[x,](ORG)"] * 1234))]}))
    assert "spans that begin or end with punctuation: 1,234" in text
    assert "… and 1,226 more" in text
    assert len(text.splitlines()) < 40


def test_nothing_to_check() -> None:
    assert checks.render(checks.check({"file": []})).endswith("0 errors, 1 warning, 0 more to look at\n")
    assert checks.render(checks.check({"file": [Article("a", "")]})).endswith("1 error, 1 warning, 0 more to look at\n")


def test_large_and_hostile_texts() -> None:
    text = "<script>alert(1)</script> \u202e[red]x[/red] :smile: " + "y" * 1_000_000
    articles = [Article(f"a\n\u202e{n}", text + str(n), (Span(0, len(text) - n, "ORG"),)) for n in range(2)]
    started = time.monotonic()
    result = checks.check({"file\nname": articles})
    shown = checks.render(result)
    assert time.monotonic() - started < 10
    assert len(shown) < 10_000
    assert all("a \u202e" in line for line in shown.splitlines() if "script" in line and "line 1" in line)
    assert json.loads(checks.to_json(result))["findings"][0]["places"][0]["article"] == "a\n\u202e0"


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run prepare.py's `main` with arguments; gives what it prints."""

    def run(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["prepare.py", *map(str, arguments)])
        prepare.main()
        return capsys.readouterr().out

    return run


def test_prepare_checks_splits(tmp_path: Path, call: Callable[..., str]) -> None:
    text = "\x1b[31m[red]Norland\u202e left " + filler(30)
    jsonl.write([Article("a", text, (Span(5, 8, "ORG"),))], tmp_path / "train.jsonl")
    jsonl.write([Article("a", text)], tmp_path / "dev.jsonl")
    files = tmp_path / "train.jsonl", tmp_path / "dev.jsonl"
    out = call("--check", *files, "--json", tmp_path / "found.json")
    assert "train.jsonl: a, line 1: ⟨U+001B⟩[31m[red]Norland⟨U+202E⟩ left" in out
    assert "\x1b" not in out
    result = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert {"same id", "leak", "twins differ", "one file only"} <= {one["check"] for one in result["findings"]}
    assert set(result["files"]) == set(map(str, files))
    assert out.splitlines()[-1].startswith(f"{result['errors']} errors, {result['warnings']} warnings, ")


@pytest.mark.parametrize("flags", [["--check"], ["--agreement", "none.jsonl"]])
def test_prepare_refuses_what_it_cannot_read(tmp_path: Path, flags: list[str]) -> None:
    (tmp_path / "good.jsonl").write_text('{"id": "a", "text": "x"}\n')
    (tmp_path / "bad.jsonl").write_text('{"id": "a", "text": "x"}\n{broken')
    files = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    done = subprocess.run(
        [sys.executable, "prepare.py", *map(str, files), *flags, "--json", str(tmp_path / "out")],
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert b"bad.jsonl:2" in done.stderr
    assert done.stdout == b""
    assert not (tmp_path / "out").exists()


def test_json_goes_with_a_check(tmp_path: Path, call: Callable[..., str]) -> None:
    with pytest.raises(InputError, match="--check or --agreement"):
        call("--json", tmp_path / "out", "--output", tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


ONE = "[Norland](ACTOR) [left](ACTION) the [peace talks](ACTION) on [Monday](DATE), [rest](ACTOR) of it [met](ACTION)"


@pytest.mark.parametrize(
    ("second", "kind", "labels", "texts"),
    [
        (ONE.replace("[left](ACTION)", "left"), "missed", ("ACTION", ""), ("left", "")),
        (ONE.replace("of it", "[of](DATE) it"), "spurious", ("", "DATE"), ("", "of")),
        (ONE.replace("[peace ", "peace ["), "boundary", ("ACTION", "ACTION"), ("peace talks", "talks")),
        (ONE.replace("(DATE)", "(DEADLINE)"), "label", ("DATE", "DEADLINE"), ("Monday", "Monday")),
        (ONE.replace("on [Monday](DATE)", "[on Monday](DEADLINE)"), "both", ("DATE", "DEADLINE"),
         ("Monday", "on Monday")),
    ],
)  # fmt: skip
def test_agreement_says_what_differs(second: str, kind: str, labels: tuple[str, str], texts: tuple[str, str]) -> None:
    (found_one,) = agreement.compare([parse(ONE)], [parse(second)]).disagreements
    assert (found_one.kind, found_one.labels, found_one.texts) == (kind, labels, texts)
    text, place = parse(ONE).text, found_one.place
    assert text[place.start : place.end] == (texts[0] or texts[1])


def test_the_most_frequent_disagreement_comes_first() -> None:
    first = [parse("[a](X) [b](X) [c](Y)", "1"), parse("[a](X) [d](Y)", "2")]
    second = [parse("a b c", "1"), parse("[a](Y) d", "2")]
    compared = agreement.compare(first, second)
    kinds = [(one.kind, one.labels[0], one.place.article) for one in compared.disagreements]
    assert kinds == [("missed", "X", "1")] * 2 + [("missed", "Y", "1"), ("missed", "Y", "2"), ("label", "X", "2")]
    text = agreement.render(compared)
    assert text.index("only in the first, X: 2") < text.index("labels differ, X → Y: 1")
    assert text.endswith("2 articles, 5 words, 5 disagreements\n")


def test_of_two_spans_the_one_with_more_in_common_is_meant() -> None:
    first, second = parse("[a](X) [big river](X) z"), parse("[a big river](X) z")
    kinds = {one.kind: one.texts for one in agreement.compare([first], [second]).disagreements}
    assert kinds == {"boundary": ("big river", "a big river"), "missed": ("a", "")}


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("XY"), st.booleans(), st.booleans()), max_size=9))
def test_every_span_is_agreed_or_in_one_disagreement(drawn: list[tuple[int, str, bool, bool]]) -> None:
    text = "0123456789"
    spans: list[set[Span]] = [set(), set()]
    for start, label, *used in drawn:
        for side, wanted in zip(spans, used, strict=True):
            new = Span(start, min(10, start + 1 + len(side) % 3), label)
            if wanted and not any(new.start < old.end and old.start < new.end for old in side):
                side.add(new)
    first, second = (Article("a", text, tuple(side)) for side in spans)
    compared = agreement.compare([first], [second])
    for number, side in enumerate(spans):
        differing = sorted(one.texts[number] for one in compared.disagreements if one.labels[number])
        assert differing == sorted(text[span.start : span.end] for span in side - (spans[0] & spans[1]))


def test_prepare_shows_agreement(tmp_path: Path, call: Callable[..., str]) -> None:
    first = make_articles(3)
    second = [first[0].with_spans(first[0].spans[1:]), *first[1:]]
    for name, articles in (("first", first), ("second", second)):
        jsonl.write(articles, tmp_path / f"{name}.jsonl")
    out = call(tmp_path / "first.jsonl", "--agreement", tmp_path / "second.jsonl", "--json", tmp_path / "found.json")
    result = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    (difference,) = result["disagreements"]
    assert (difference["kind"], difference["place"]["article"]) == ("missed", "article-000")
    gold = sum(len(article.spans) for article in first)
    micro = result["scores"]["strict"]["micro"]
    assert (micro["gold"], micro["predicted"]) == (gold, gold - 1)
    assert f"{100 * micro['f1']['value']:.1f}" in out
    assert out.endswith(" words, 1 disagreement\n")
