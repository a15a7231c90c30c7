"""brat's standoff files, as people write them and as we do."""

import logging
from pathlib import Path

import pytest

from data import formats
from data.files import id_of, path_of
from data.formats import brat
from data.schema import Article, DataError, Span

TEXT = "Envoys 🇺🇦 must\r\nleave Kyiv.\r\n"
ANN = "T1\tACTOR 0 9\tEnvoys 🇺🇦\nT2\tACTION 16 21\tleave\n"


def put(folder: Path, annotation: str, text: str = TEXT, name: str = "a") -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / f"{name}.txt").write_bytes(text.encode())
    (folder / f"{name}.ann").write_bytes(annotation.encode())
    return folder / f"{name}.ann"


def test_offsets_are_code_points_and_line_ends_count(tmp_path: Path) -> None:
    (article,) = formats.read(put(tmp_path, ANN))
    assert article == Article("a", TEXT, (Span(0, 9, "ACTOR"), Span(16, 21, "ACTION")))


def test_what_is_not_read_is_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    further = (
        "R1\tAgent Arg1:T2 Arg2:T1\t\nE1\tACTION:T2 Agent:T1\nA1\tNegated T2\nA2\tDoubt T2\n*\tSame T1 T2\n"
        "N1\tReference T1 Wikidata:Q1\tEnvoys\n#1\tAnnotatorNotes T1\tsure?\n"
        "#2\tAnnotatorNotes T2\tvalue=x score=0.5\n\n"
    )
    put(tmp_path, ANN + further)
    put(tmp_path, ANN, name="b")
    (tmp_path / "notes.md").write_text("# none of the articles")
    with caplog.at_level(logging.WARNING):
        articles = formats.read(tmp_path)
    assert [article.id for article in articles] == ["a", "b"]
    assert [(span.value, span.score) for span in articles[0].spans] == [(None, None), ("x", 0.5)]
    assert [record.getMessage() for record in caplog.records] == [
        f"warning: {tmp_path}: not read: 2 attributes, 1 equivalences, 1 events, 1 normalizations, 1 notes,"
        " 1 relations; only spans with their values and scores are"
    ]


def test_a_span_over_a_line_end_is_in_two_pieces(tmp_path: Path) -> None:
    article = Article("a", TEXT, (Span(10, 21, "ACTION", "v w", 0.25),))
    assert brat.render(article) == "T1\tACTION 10 14;16 21\tmust leave\n#1\tAnnotatorNotes T1\tvalue=v\\sw score=0.25\n"
    (again,) = brat.read(put(tmp_path, brat.render(article)))
    assert (again, again.spans[0].value, again.spans[0].score) == (article, "v w", 0.25)


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        ("T1\tACTOR 0 6;16 21\tEnvoys leave\n", r"a\.ann:1: span T1 \(0 6;16 21\) is in pieces.*spans of their own"),
        ("T1\tACTOR 0 6\tEnvoys\nT1\tACTION 16 21\n", r"a\.ann:2: the name T1 is given to two"),
        (ANN + "T3\tACTOR 22 26\tLviv\n", r"a\.ann:3: span T3 covers 'Kyiv' but says 'Lviv'"),
        ("T1\tACTOR 0 999\n", r"a\.ann: .*ends after the text"),
        ("T1\tACTOR six\tEnvoys\n", r"a\.ann:1: line .* is not a span"),
        ("hello\n", r"a\.ann:1: line 'hello' is none of brat's"),
        (ANN + "#1\tAnnotatorNotes T1\tscore=7\n", r"a\.ann: span score 7\.0 is not"),
        (ANN + "#1\tAnnotatorNotes T1\tscore=1e\n", r"a\.ann:3: .*1e"),
        ("T1\tACTOR 0 6\tEnvoys\nT2\tACTION 0 9\tEnvoys 🇺🇦\n", r"a\.ann: .*overlaps"),
    ],
)
def test_what_cannot_be_used_names_its_line(tmp_path: Path, annotation: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        formats.read(put(tmp_path, annotation))


def test_a_missing_text_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, ANN)
    (tmp_path / "a.txt").unlink()
    with pytest.raises(DataError, match=r"a\.ann: the text .* is missing; put a\.txt beside it"):
        formats.read(tmp_path)


def test_a_byte_order_mark_counts(tmp_path: Path) -> None:
    (article,) = brat.read(put(tmp_path, "T1\tACTOR 1 7\tEnvoys\n", "\ufeffEnvoys left."))
    assert article.covered(article.spans[0]) == "Envoys"


def test_folders_are_parts_of_ids_also_among_other_files(tmp_path: Path) -> None:
    put(tmp_path / "x", ANN)
    put(tmp_path / "y", ANN)
    assert [article.id for article in formats.read(tmp_path)] == ["x/a", "y/a"]
    (tmp_path / "z.txt").write_text("Plain.")
    assert [article.id for article in formats.read(tmp_path, plain=True)] == ["x/a", "y/a", "z"]
    assert formats.detect(tmp_path) == "brat"


def test_standoff_of_another_name_is_known_by_its_lines(tmp_path: Path) -> None:
    put(tmp_path, ANN).rename(tmp_path / "a.standoff")
    assert formats.detect(tmp_path / "a.standoff") == "brat"
    (tmp_path / "a.txt").unlink()
    with pytest.raises(DataError, match="unknown format"):
        formats.detect(tmp_path / "a.standoff")


@pytest.mark.parametrize(
    "id", ["../../x", "/etc/passwd", "..", ".", "a/./b", "a//", "a\0b", "C:\\x", "é\n", ".a/.b", "%"]
)
def test_no_id_leads_out_of_its_folder(tmp_path: Path, id: str) -> None:
    brat.write([Article(id, "Text.")], tmp_path / "out")
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]
    assert [article.id for article in brat.read(tmp_path / "out")] == [id]
    assert id_of(path_of(id)) == id
    assert (tmp_path / "out" / "annotation.conf").read_text().startswith("[entities]\n")


def test_files_that_brats_own_code_wrote(caplog: pytest.LogCaptureFixture) -> None:
    estmark, lakeshire, norland = formats.read(Path("tests/fixtures/formats/brat"))
    assert [estmark.covered(span) for span in estmark.spans] == [
        "Zoe\u0301 Marek \U0001f469\u200d\U0001f692",
        "visited",
        "3 May",
    ]
    assert lakeshire.spans == ()
    assert [(norland.covered(span), span.label, span.value) for span in norland.spans] == [
        ("Norland", "ACTOR", None),
        ("expelled", "ACTION", None),
        ("envoys of Estmark", "ACTOR", None),
        ("Monday", "DATE", "2024-05-06"),
        ("leave", "ACTION", None),
        ("by Friday", "DEADLINE", None),
    ]
    assert "not read: 1 attributes, 1 notes, 1 relations" in caplog.text
