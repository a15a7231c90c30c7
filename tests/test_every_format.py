"""What every format in the list promises. A new one is tested by being there."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data import formats
from data.schema import Article, DataError, Span

EVERY = sorted(formats.FORMATS)
RE3D = Path("../shared/re3d")

# Signs that formats use for themselves, and those of difficult scripts, often; then anything but surrogates.
SIGNS = [
    *"ab I.#|_\\[](){}<>\"'&;:=-,\t \n\r\u00a0\u0085\u2028\ufeff\0é",
    *("\r\n", "\n\n", "e\u0301", "👩\u200d🚒", "🇺🇦", "\u202e", "\u2066", "\u2069", "T1\t", "-DOCSTART-", "<b>", "U.S."),
]
TEXTS = st.lists(st.one_of(st.sampled_from(SIGNS), st.characters(exclude_categories=["Cs"])), min_size=1, max_size=30)
TEXT = TEXTS.map("".join)
IDS = st.one_of(
    st.sampled_from(["../x", "/etc/x", ".", "..", "a/../b", "a//b", "-X-", "O", "_", ".hid", "a.txt", "a.txt/b",
                     "x.tagged", "%41", "con", "é", "a\tb", "\\n"]),
    TEXT.filter(lambda text: len(text) < 20 and bool(text.strip())),
)  # fmt: skip
LABELS = st.sampled_from(["ACTOR", "B-x", "x_-", "O", "I", "DocumentReference"])
VALUES = st.sampled_from([None, None, "2022-02-13", "a b", "(x)\t|\\", "é\u2028", "score=1", '"'])
SCORES = st.one_of(st.none(), st.sampled_from([0, 1, 0.5, 1e-7, 1 / 3]))
META: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["genre", "region", "Key", "a b", "meta", "label", "tokens", "x\n"]),
    st.sampled_from(["wire", "", " a\r\nb ", 3, 2**70, 0.5, True, None, [1, ["é"]], {"a": {"b": []}}]),
    max_size=3,
)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    text = draw(TEXT.filter(lambda text: bool(text.strip())))
    borders = draw(st.lists(st.integers(0, len(text)), max_size=10).map(sorted))
    spans = []
    for start, end in pairwise(borders):  # spans that touch are not rare
        surface = text[start:end]
        if surface and surface == surface.strip() and draw(st.booleans()):
            spans.append(Span(start, end, draw(LABELS), draw(VALUES), draw(SCORES)))
    date = draw(st.sampled_from([None, "2022-02-12"]))
    return Article(draw(IDS), text, tuple(spans), date, draw(st.sampled_from(["", "T", "a\nb\r", " "])), draw(META))


SETS = st.lists(articles(), min_size=1, max_size=3, unique_by=lambda article: article.id)


def covered(article: Article) -> list[tuple[list[str], str]]:
    """The words under each span, and its label."""
    return [(article.covered(span).split(), span.label) for span in article.spans]


def parts(article: Article) -> dict[str, Any]:
    """What a format may promise to hold."""
    return {
        "text": (article.text, article.spans),
        "id": article.id,
        "date": article.date,
        "title": article.title,
        "meta": dict(article.meta),
        "value": [span.value for span in article.spans],
        "score": [span.score for span in article.spans],
    }


def there_and_back(made: Sequence[Article], name: str, folder: Path) -> list[Article]:
    module = formats.FORMATS[name]
    path = folder / "in" / f"set{module.SUFFIXES[0] if module.SUFFIXES else ''}"
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    formats.write(made, path, name)
    outside = {file for file in folder.rglob("*") if path not in (file, *file.parents) and file not in path.parents}
    assert outside <= set(before), "something was written beside the path"
    again = formats.read(path, format=name)
    if "id" in module.HOLDS:
        place = {article.id: number for number, article in enumerate(made)}
        again.sort(key=lambda article: place[article.id])
    return again


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@example(made=[Article("a", "US UK\r\n\r\nleft", (Span(0, 2, "A"), Span(3, 5, "A"), Span(9, 13, "A")))])
@example(made=[Article("a", "USUK", (Span(0, 2, "A"), Span(2, 4, "A")))])
@example(made=[Article("a", "\ufeff🇺🇦 e\u0301t\u202e", (Span(1, 3, "A"), Span(4, 8, "B")))])
@example(made=[Article("../a\nb", "New\r\nYork x", (Span(0, 9, "A", "(b) c", 0.5),), None, "a\nb\r", {"Key": [1]})])
@given(made=SETS)
def test_spans_survive_and_what_else_is_promised(
    name: str, made: list[Article], tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = there_and_back(made, name, tmp_path_factory.mktemp("formats"))
    assert [covered(article) for article in again] == [covered(article) for article in made]
    holds = formats.FORMATS[name].HOLDS
    for before, after in zip(made, again, strict=True):
        kept = parts(after)
        assert {part: kept[part] for part in holds} == {
            part: value for part, value in parts(before).items() if part in holds
        }


FULL = Article(
    "full",
    "Envoys \t left.",
    (Span(0, 6, "ACTOR", "v", 0.5), Span(9, 13, "ACTION")),
    "2022-02-12",
    "Title",
    {"genre": "wire"},
)


@pytest.mark.parametrize("name", EVERY)
def test_what_is_not_promised_is_lost_and_said(name: str, tmp_path: Path) -> None:
    (again,) = there_and_back([FULL], name, tmp_path)
    before, after = parts(FULL), parts(again)
    lost = {part for part in before if before[part] != after[part]}
    assert lost == set(before) - formats.FORMATS[name].HOLDS
    said = formats.losses([FULL, replace(FULL, id="other")], name)
    assert len(said) == len(lost)
    assert ("dates of 2 articles" in said) == ("date" in lost)
    assert ("scores of 2 spans" in said) == ("score" in lost)
    assert ("values of 1 span" in formats.losses([FULL], name)) == ("value" in lost)
    assert formats.losses([Article("a", "x")], name) == [loss for loss in said if "text" in loss or "id" in loss]


@pytest.mark.parametrize("name", EVERY)
def test_a_written_file_is_known(name: str, tmp_path: Path) -> None:
    module = formats.FORMATS[name]
    path = tmp_path / f"set{module.SUFFIXES[0] if module.SUFFIXES else ''}"
    formats.write([FULL, replace(FULL, id="other")], path, name)
    # A scheme of columns, once written, is columns like any other; a folder of markup is a folder of files.
    if not (path.is_dir() and name == "markup"):
        assert name.startswith(formats.detect(path))
    assert sorted(map(covered, formats.read(path))) == [covered(FULL)] * 2
    with pytest.raises(DataError, match="unknown label 'ACT"):
        formats.read(path, {"PLACE"})


@pytest.mark.parametrize("name", EVERY)
def test_writing_is_whole_or_not_at_all(name: str, tmp_path: Path) -> None:
    good, bad = FULL, Article("bad", "half \ud800 left", (Span(0, 4, "A"),))
    with pytest.raises((UnicodeError, DataError)):
        formats.write([good, bad], tmp_path / "set", name)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DataError, match="'full' is given to two"):
        formats.write([good, good], tmp_path / "set", name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for name in ("brat", "datasets", "markup"):
        with pytest.raises(DataError, match="is there already"):
            formats.write([FULL], tmp_path, name)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_formats_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.xyz").write_text("x")
    for call in (formats.detect, formats.read):
        with pytest.raises(DataError, match=r"a\.xyz: unknown format; formats are .*brat \(\*\.ann\).*--format"):
            call(tmp_path / "a.xyz")
    with pytest.raises(DataError, match="unknown format 'word'; formats are "):
        formats.read(tmp_path / "a.xyz", format="word")
    with pytest.raises(DataError, match="unknown format 'word'"):
        formats.write([FULL], tmp_path / "b", "word")


@pytest.mark.skipif(not RE3D.is_dir(), reason="../shared/re3d is not here")
def test_re3d_through_every_format(tmp_path: Path) -> None:
    made = formats.read(RE3D / "dev.txt")
    assert sum(len(article.spans) for article in made) > 500
    current, exact = made, True
    for name in EVERY:
        current = there_and_back(current, name, tmp_path / name)
        exact = exact and "text" in formats.FORMATS[name].HOLDS
        assert list(map(covered, current)) == list(map(covered, made))
        assert not exact or [(one.text, one.spans) for one in current] == [(one.text, one.spans) for one in made]
