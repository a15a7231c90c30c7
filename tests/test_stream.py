import bz2
import datetime
import gzip
import hashlib
import io
import json
import lzma
import pickle
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from data import formats
from data.formats import brat, conll, doccano, jsonl, markup, prodigy
from data.schema import Article, DataError
from data.stream import FORMATS, Position, Record, Source, column_names
from tests.conftest import parse

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": partial(lzma.compress, preset=0),
    ".zst": zstandard.ZstdCompressor().compress,
}
BOM = b"\xef\xbb\xbf"
ODD = "a “b”\u2028\u2029\u0085<script>\u202e e\u0301 👩\u200d🚒\u00a0\x0b,;"


def source(*paths: Path, **options: Any) -> Source:
    return Source(paths, **options)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def articles(*paths: Path, **options: Any) -> list[Article]:
    return [record.article() for record in source(*paths, **options).records()]


def said(record: Record) -> str:
    with pytest.raises(DataError) as caught:
        record.article()
    return str(caught.value)


LINES = st.sampled_from(
    [
        b"", b"", b"  \t", b"\x0c", "\u2028".encode(), "\u00a0".encode(), b"{", b"\xff\xfe", b"[1]", b"null",
        b'{"id": "b"}', json.dumps({"text": ODD}, ensure_ascii=False).encode(), b'{"id": 7, "text": "x"}',
        b' {"text": "y", "id": ""} ',
        b'{"text": "' + b"z" * 70_000 + b'"}',
    ]
)  # fmt: skip
ROWS = st.sampled_from(
    [
        b"", b"", b"a,1", b"b,2", b'"a\n\nb",3', b'"c ""d"" \r\n",', b",4", b"1,2,3", b"one", b'"x"y,5',
        b'"never closed,6', b"\xff,7", ODD.replace("\x0b", "").encode(),
    ]
)  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file's suffixes and content, of each kind."""
    kind = draw(st.sampled_from([".jsonl", ".ndjson", ".csv", ".parquet", ".txt", ".tagged.txt", ".conll"]))
    if kind == ".parquet":
        rows = draw(st.lists(st.sampled_from(["a", ODD, "", None]), max_size=9))
        made = io.BytesIO()
        pq.write_table(pa.table({"text": pa.array(rows, pa.string())}), made, row_group_size=draw(st.integers(1, 4)))
        return kind, made.getvalue()
    if kind == ".tagged.txt":
        return kind, draw(st.sampled_from([b"id: a\ndate:\ntitle:\n\nThe [US](ACTOR).", b"broken"]))
    if kind == ".conll":
        return kind, draw(st.sampled_from([b"A B-X\n\nB O\n\nC O\n", b""]))
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    lines = draw(st.lists(ROWS if kind == ".csv" else LINES, max_size=9))
    content = end.join([b"text,id", *lines] if kind == ".csv" else lines) + draw(st.sampled_from([b"", end]))
    compression = draw(st.sampled_from(sorted(COMPRESS)))
    return kind + compression, COMPRESS[compression](draw(st.sampled_from([b"", BOM])) + content)


@settings(max_examples=200, deadline=None)
@given(st.lists(files(), min_size=1, max_size=4), st.integers(1, 5), st.data())
def test_parts_tile_the_input(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[str, bytes]], size: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    opened = source(*(write(folder / f"{i}{suffix}", content) for i, (suffix, content) in enumerate(made)))
    every = list(opened.records())
    assert opened.read == opened.size == sum(len(content) for _, content in made)
    parts = opened.parts(size)
    assert len(parts) == -(-len(every) // size)
    for index, part in enumerate(parts):
        again = Position(**json.loads(json.dumps(asdict(part))))
        assert list(opened.records(again, size)) == every[index * size : (index + 1) * size]
        assert opened.read <= opened.size
    for index, file in enumerate(opened.files):
        mine = [record for record in every if record.file == str(file.path)]
        skip, count = data.draw(st.integers(0, len(mine))), data.draw(st.integers(0, 3))
        rest = [*mine[skip:], *(record for record in every if Path(record.file).name[0] > file.path.name[0])]
        assert list(opened.records(Position(index, skip=skip), count)) == rest[:count]
    for record in every:
        assert pickle.loads(pickle.dumps(record)) == record
        assert len(record.raw().encode()) <= 40_000
        with suppress(DataError):
            assert record.article().text.encode() is not None


@given(st.lists(LINES, max_size=12), st.sampled_from([b"\n", b"\r\n"]), st.sampled_from([b"", BOM]))
def test_lines_keep_their_numbers(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], end: bytes, mark: bytes
) -> None:
    path = write(tmp_path_factory.mktemp("lines") / "a.jsonl", mark + end.join(lines))
    found = [(record.number, record.raw()) for record in source(path).records()]
    assert found == [
        (number, line.strip().decode("utf-8", "replace")[:10_000])
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]


def test_json_lines_are_what_formats_reads_and_need_only_a_text(tmp_path: Path) -> None:
    gold = [
        parse("[They](ACTOR) left.", "a", date="2024-05-06", title="T", meta={"n": [1]}),
        parse("[We](ACTOR).", "b"),
    ]
    path = tmp_path / "x" / "2024.news.jsonl"
    formats.write(gold, path, "jsonl")
    assert articles(path) == gold == formats.read(path)
    path.write_text('{"text": "A"}\n\n{"text": "B", "id": 12, "date": "", "title": null}\n{"text": "C", "id": ""}\n')
    assert [(one.id, one.text) for one in articles(path)] == [("2024.news:1", "A"), ("12", "B"), ("2024.news:4", "C")]
    assert [one.id for one in articles(tmp_path)] == ["x/2024.news:1", "12", "x/2024.news:4"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "a"', "broken JSON at column 13"),
        (b'{"text": "\xff"}', "not UTF-8 .byte 0xff"),
        (b'{"id": "a"}', "'text' is missing"),
        (b'{"text": null}', "text is None"),
        (b'{"text": 5}', "text is 5"),
        (b'{"text": "a", "id": 1.5}', "id is 1.5"),
        (b'{"text": "a", "date": "6 May"}', "'6 May' is not a day"),
        (b'{"text": "a", "spans": [{"start": 0, "end": 2, "label": "X"}]}', "ends after the text"),
        (b'{"text": "a", "n": NaN}', "NaN is no JSON value"),
        (b'{"text": "a", "n": ' + b"1" * 5000 + b"}", "number that cannot be read"),
        (b'{"text": "\\ud800"}', "surrogate"),
        (b"[" * 100_000, "nested too deeply|broken JSON"),
        (b'["a"]', "expected an object with a text, found list"),
    ],
)
def test_a_broken_line_breaks_no_other(tmp_path: Path, line: bytes, reason: str) -> None:
    path = write(tmp_path / "a.jsonl", b'{"text": "first"}\n\n' + line + b'\n{"text": "last"}')
    first, broken, last = source(path).records()
    assert (first.article().text, last.article().text) == ("first", "last")
    with pytest.raises(DataError, match=rf"^{path}:3: .*({reason})"):
        broken.article()
    assert broken.raw() == line.decode("utf-8", "replace")[:10_000]


def test_what_is_said_of_a_broken_record_is_short(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", json.dumps({"text": ["x" * 100_000]}))
    [record] = source(path).records()
    assert len(said(record)) < 1_200
    assert len(record.raw()) == 10_000


def test_csv(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        'id,date,title,text,genre,spans,\r\n7,2024-05-06,"T, t","One ""x""\r\n\r\n two, \u2028",wire,,0\r\n\r\n'
        ',,,B,,"[{""start"": 0, ""end"": 1, ""label"": ""X""}]",1\r\n',
    )
    one, two = articles(path)
    assert one == Article("7", 'One "x"\r\n\r\n two, \u2028', (), "2024-05-06", "T, t", {"genre": "wire"})
    assert (two.id, two.date, two.title, two.covered(two.spans[0])) == ("a:2", None, "", "B")


@pytest.mark.parametrize(("name", "delimiter"), [("a.tsv", "\t"), ("a.csv", ";"), ("a.csv.zst", ","), ("a", ",")])
def test_what_parts_cells_is_found_out(tmp_path: Path, name: str, delimiter: str) -> None:
    content = BOM + delimiter.join(["id", "text"]).encode() + b"\n" + delimiter.join(["x", '"a,;\tb"']).encode()
    path = write(tmp_path / name, COMPRESS[".zst" if name.endswith("zst") else ""](content))
    assert articles(path, format="csv") == [Article("x", "a,;\tb")]


COLUMNS = {"text": "body", "date": "published", "id": "url"}


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_columns_of_other_names(tmp_path: Path, kind: str) -> None:
    row = {"url": "http://x", "body": "They left.", "published": "2024-05-06T08:00Z", "date": "today", "text": "short"}
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        write(path, f"{','.join(row)}\n{','.join(row.values())}\n")
    elif kind == "jsonl":
        write(path, json.dumps(row) + "\n")
    else:
        pq.write_table(pa.Table.from_pylist([row]), path)
    opened = source(path, columns=COLUMNS)
    (record,) = opened.records()
    # What was called by these names before goes by the others: nothing is lost.
    meta = {"published": "today", "body": "short"}
    assert record.article() == Article("http://x", "They left.", (), "2024-05-06", meta=meta)
    assert '"body"' in record.raw()
    (start,) = opened.parts(5)
    assert next(opened.records(start)).article() == record.article()
    if kind == "jsonl":
        write(path, '{"text": "short"}')
        assert "the key 'body' is missing; found 'text'" in said(next(source(path, columns=COLUMNS).records()))
    else:
        with pytest.raises(DataError, match="no column 'day'; found 'url', 'body'"):
            next(source(path, columns={"date": "day", "text": "body"}).records())


@pytest.mark.parametrize("content", [b"url,body,published\nx,They left.,2024-05-06\n", b'{"url": "x", "body": "A"}\n'])
def test_columns_of_other_names_on_standard_input(content: bytes) -> None:
    (record,) = Source([Path("-")], stdin=io.BytesIO(content), columns=COLUMNS).records()
    assert record.article().id == "x"


def test_what_names_no_column() -> None:
    assert column_names(["text=body", "date=a=b"]) == {"text": "body", "date": "a=b"}
    for words in (["body=text"], ["text"], ["text="], ["text=a", "text=b"], ["text=a", "title=a"]):
        with pytest.raises(DataError, match=r"--column \w+(=\w*)?: (expected KEY=NAME|\w+ is named twice)"):
            column_names(words)


def test_broken_rows_break_no_other(tmp_path: Path) -> None:
    rows = [b"1,a,", b"2,b,c,d", b"3,b", b'4,"b"x,', b"5,\xff,", b"6,,", b"7,b,6 May", b"8,last,"]
    path = write(tmp_path / "a.csv", b"\n".join([b"id,text,date", *rows]))
    found = list(source(path).records())
    assert [record.number for record in found] == list(range(1, 9))
    assert (found[0].article().id, found[-1].article().id) == ("1", "8")
    reasons = ["4 cells under 3 columns", "2 cells under 3", "broken CSV", "byte 0xff", "is empty", "'6 May' is not"]
    for record, reason in zip(found[1:-1], reasons, strict=True):
        assert said(record).startswith(f"{path}, row {record.number}: ")
        assert reason in said(record)
    assert found[3].raw() == '4,"b"x,\n'
    assert "\ufffd" in found[4].raw()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"id,body\n1,a\n", "no column 'text'; found 'id', 'body'"),
        (b"text,x,x\na,1,2\n", "two columns are called 'x'"),
        (b'"text"x\na\n', "broken CSV in the header"),
        ("text\na".encode("utf-16"), "no column 'text'"),
    ],
)
def test_a_header_that_cannot_be_used(tmp_path: Path, content: bytes, reason: str) -> None:
    path = write(tmp_path / "a.csv", content)
    with pytest.raises(DataError, match=f"^{path}: {reason}"):
        list(source(path).records())


def test_parquet(tmp_path: Path) -> None:
    noon = datetime.datetime(2024, 5, 6, 12, tzinfo=datetime.UTC)
    table = pa.table(
        {
            "id": [5, None],
            "text": ["They left.", ODD],
            "date": pa.array([noon, None], pa.timestamp("ns", "UTC")),
            "spans": [[{"start": 0, "end": 4, "label": "ACTOR"}], None],
            "day": [datetime.date(2024, 5, 6), None],
            "price": pa.array([1, None], pa.decimal128(5, 2)),
            "score": [float("nan"), 0.5],
            "blob": [b"\xff", b"b"],
            "deep": [{"a": [noon]}, None],
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    one, two = articles(path)
    assert (one.id, one.date, one.covered(one.spans[0])) == ("5", "2024-05-06", "They")
    assert dict(one.meta) == {
        "day": "2024-05-06", "price": "1.00", "score": None, "blob": "\\xff", "deep": {"a": [noon.isoformat()]},
    }  # fmt: skip
    assert (two.id, two.text, two.date) == ("a:2", ODD, None)
    assert json.dumps([one.to_dict(), two.to_dict()], allow_nan=False)


@pytest.mark.parametrize(
    ("date", "said"),
    [(datetime.date(2024, 5, 6), "2024-05-06"), ("2024-05-06", "2024-05-06"), ("", None)],
)
def test_dates_of_parquet(tmp_path: Path, date: Any, said: str | None) -> None:
    pq.write_table(pa.table({"text": pa.array([b"caf\xc3\xa9"]), "date": [date]}), tmp_path / "a.parquet")
    [article] = articles(tmp_path / "a.parquet")
    assert (article.text, article.date) == ("café", said)


def test_what_is_passed_over_is_not_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a", "b", "c", "d"]}), tmp_path / "a.parquet", row_group_size=1)
    lines = write(tmp_path / "b.jsonl", '{"text": "a"}\n' * 4)
    for path in (tmp_path / "a.parquet", lines):
        opened = source(path)
        half = opened.parts(2)[1]
        assert len(list(opened.records(half))) == 2
        assert opened.read == opened.size - opened.size // 2


def test_broken_values_of_parquet_break_no_other(tmp_path: Path) -> None:
    texts = pa.array([b"a", b"\xff", b"c", b"d"]).view(pa.string())
    dates = pa.array([0, 0, 10**13, 0], pa.int64()).cast(pa.timestamp("s"))
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": texts, "date": dates}), path)
    first, text, date, last = source(path).records()
    assert (first.article().text, last.article().text) == ("a", "d")
    assert said(text).startswith(f"{path}, row 2: the value of text cannot be read ('utf-8'")
    assert said(date).startswith(f"{path}, row 3: the value of date cannot be read")
    assert date.raw() == '{"text": "c"}'


def test_ids_of_files_in_folders_are_as_formats_gives_them(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder / "a.txt", "One.\r\n")
    write(folder / "b" / "c.d.md", BOM + b"Two.")
    brat.write([parse("[They](ACTOR) left.", "e/f")], folder / "brat")
    markup.write([parse("[They](ACTOR) left.", "m")], folder / "m.tagged.txt")
    conll.write([parse("[They](ACTOR) left.", "k")], folder / "k.conll")
    doccano.write([parse("[They](ACTOR) left.", "d")], folder / "d.jsonl")
    prodigy.write([parse("[They](ACTOR) left.", "p")], folder / "p.jsonl")
    jsonl.write([parse("[They](ACTOR) left.", "j")], folder / "j.jsonl")
    write(folder / "other.json", "{}")
    write(folder / ".hidden.txt", "x")
    assert articles(folder) == formats.read(folder, plain=True)
    assert {one.id for one in articles(folder)} == {"a", "b/c.d", "brat/e/f", "m", "k", "d", "p", "j"}
    assert articles(folder, format="doccano") == formats.read(folder, format="doccano")
    assert [one.text for one in articles(folder / "m.tagged.txt", format="plain")] == [
        (folder / "m.tagged.txt").read_text()
    ]
    assert articles(folder / "brat") == formats.read(folder / "brat", plain=True)


@pytest.mark.parametrize("compression", [suffix for suffix in COMPRESS if suffix])
def test_compressed_text_is_called_what_the_text_is(tmp_path: Path, compression: str) -> None:
    write(tmp_path / "b" / f"news.txt{compression}", COMPRESS[compression](ODD.encode()))
    write(tmp_path / f"a.jsonl{compression}", COMPRESS[compression](b'{"text": "a"}\n') * 2)  # two streams in one file
    write(tmp_path / "b" / f"notes{compression}", COMPRESS[compression](b"x"))
    assert [(one.id, one.text) for one in articles(tmp_path)] == [("a:1", "a"), ("a:2", "a"), ("b/news", ODD)]
    assert articles(tmp_path / "b" / f"notes{compression}") == [Article("notes", "x")]


@pytest.mark.parametrize("compression", [suffix for suffix in COMPRESS if suffix])
def test_a_file_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path: Path, compression: str) -> None:
    lines = [
        json.dumps({"text": random.Random(i).randbytes(600).hex()}).encode() for i in range(1_500)
    ]  # more than bzip2 takes at once
    content = COMPRESS[compression](b"\n".join(lines))
    path = write(tmp_path / f"a.jsonl{compression}", content[: len(content) - 20])
    after = write(tmp_path / "b.jsonl", b'{"text": "b"}')
    opened = source(path, after)
    read: list[Record] = []
    with pytest.raises(DataError, match=f"^{path}: is damaged .*; the last record that was read is") as caught:
        read.extend(opened.records())
    assert str(caught.value).endswith(f" {len(read)}")
    assert [record.raw() for record in read] == [line.decode() for line in lines[: len(read)]]
    assert read
    assert [record.file for record in opened.records(Position(1))] == [str(after)]
    with pytest.raises(DataError, match=f"^{path}: is damaged"):
        opened.parts(10)
    write(path, b"no such compression")
    with pytest.raises(DataError, match=f"^{path}: is damaged"):
        list(source(path).records())


def test_what_breaks_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", b"PAR1 and no footer")
    with pytest.raises(DataError, match=f"^{path}: is no Parquet, or damaged"):
        list(source(path).records())
    pq.write_table(pa.table({"body": ["a"]}), path)
    with pytest.raises(DataError, match=f"^{path}: no column 'text'; found 'body'"):
        list(source(path).records())
    path = write(tmp_path / "a.tagged.txt.gz", gzip.compress(b"id: a\ndate:\ntitle:\n\nA."))
    with pytest.raises(DataError, match=f"^{path}: markup is read only as it is, not compressed"):
        list(source(path).records())
    for name in ("a.jsonl", "a.txt", "a.csv", "a.parquet", "a.conll"):
        opened = source(write(tmp_path / name, "text"))
        (tmp_path / name).unlink()
        with pytest.raises(DataError, match=f"^{tmp_path / name}: "):
            list(opened.records())


def test_files_of_other_formats_that_break_them_are_broken_records(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / "a.tagged.txt", "id: a\ndate:\ntitle:\n\nThe [US(ACTOR) left."),
        write(tmp_path / "b.txt", b"\n\xff"),
        write(tmp_path / "c.txt", " \n"),
        write(tmp_path / "d.txt", "Fine."),
    ]
    marked, binary, empty, fine = source(*paths).records()
    assert said(marked).startswith(f"{paths[0]}:5: ")
    assert "The [US(ACTOR) left." in marked.raw()
    assert said(binary).startswith(f"{paths[1]}:2: not UTF-8")
    assert said(empty).startswith(f"{paths[2]}: the file is empty")
    assert fine.article() == Article("d", "Fine.")


def test_what_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    write(tmp_path / "empty" / "a.png", b"x")
    for paths, options, reason in (
        ([tmp_path / "none"], {}, "no such file or folder"),
        ([tmp_path / "empty"], {}, "no article in this folder"),
        ([tmp_path / "empty" / "a.png"], {"format": "word"}, f"unknown format 'word'.*{', '.join(FORMATS)}"),
        ([Path("-")], {}, "standard input: can be read once"),
    ):
        with pytest.raises(DataError, match=reason):
            source(*paths, **options)


def test_a_fingerprint_is_names_sizes_and_hashes(tmp_path: Path) -> None:
    paths = [write(tmp_path / "in" / "a.jsonl", b"{}"), write(tmp_path / "b.txt", b"abc")]
    opened = source(tmp_path / "in", paths[1])
    hashes = [hashlib.sha256(content).hexdigest() for content in (b"{}", b"abc")]
    assert opened.fingerprint() == [(str(paths[0]), 2, hashes[0]), (str(paths[1]), 3, hashes[1])]
    assert opened.size == 5


@pytest.mark.parametrize("compression", sorted(COMPRESS))
def test_standard_input(compression: str) -> None:
    def of(content: bytes, **options: Any) -> list[Article]:
        return articles(Path("-"), stdin=io.BytesIO(COMPRESS[compression](content)), **options)

    assert [one.id for one in of(BOM + b'\n\n{"text": "a"}\n\n{"id": "b", "text": "b"}')] == ["stdin:3", "b"]
    assert of(BOM + b"\nNews {\n") == [Article("stdin", "\nNews {\n")]
    assert of(b'{"text": "a"}', format="plain") == [Article("stdin", '{"text": "a"}')]
    assert of(b"text,id\na,1\n", format="csv") == [Article("1", "a")]
    with pytest.raises(DataError, match="standard input: is empty"):
        of(b" \n")
    with pytest.raises(DataError, match="standard input: cannot be read as conll"):
        of(b"A O\n", format="conll")


def test_standard_input_is_read_once(tmp_path: Path) -> None:
    lines = [{"text": "a"}, {"text": "b"}, {"text": "c"}]
    opened = source(
        write(tmp_path / "x.txt", "x"), Path("-"), stdin=io.BytesIO("\n".join(map(json.dumps, lines)).encode())
    )
    with pytest.raises(DataError, match="standard input: can be read once, but not in parts"):
        opened.parts(1)
    assert [one.id for one in opened.records(Position(1, skip=1))] == ["stdin:2", "stdin:3"]
    with pytest.raises(DataError, match="standard input: can be read only once"):
        list(opened.records())


@pytest.mark.parametrize("compression", ["", ".zst", ".gz"])
@pytest.mark.parametrize("kind", [".jsonl", ".csv"])
def test_memory_stays_flat(tmp_path: Path, kind: str, compression: str) -> None:
    mark = b'{"text": "%s"}' if kind == ".jsonl" else b"%s"
    records = (mark % random.Random(i).randbytes(1000).hex().encode() for i in range(5_000))
    path = write(
        tmp_path / f"a{kind}{compression}",
        COMPRESS[compression]((b"text\n" if kind == ".csv" else b"") + b"\n".join(records)),
    )
    opened = source(path)
    tracemalloc.start()
    assert sum(1 for _ in opened.records()) == 5_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


def test_a_long_line_is_a_record_like_any_other(tmp_path: Path) -> None:
    long = "x" * 20_000_000
    lines = write(tmp_path / "a.jsonl", json.dumps({"text": long}) + '\n{"text": "b"}')
    rows = write(tmp_path / "a.csv", f'text\n"{long}"\nb')
    for path in (lines, rows):
        assert [len(one.text) for one in articles(path)] == [20_000_000, 1]


def test_importing_brings_nothing_heavy_along() -> None:
    code = "import sys, data.stream; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert not {"pyarrow", "zstandard", "numpy", "gzip", "csv", "torch"} & set(done.stdout.split())


def test_files_of_one_name_get_the_folders_by_which_they_differ(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("mon/a/news.txt", "tue/a/news.txt", "news.txt", "tue/other.txt")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Oslo")
    ids = [record.article().id for record in Source(paths).records()]
    assert ids == ["mon/a/news", "tue/a/news", "news", "other"]
    assert [record.article().id for record in Source(paths[:1]).records()] == ["news"]
    (tmp_path / "news.jsonl").write_text('{"text": "Oslo"}\n')
    (tmp_path / "mon/a/news.jsonl").write_text('{"text": "Oslo"}\n')
    ids = [record.article().id for record in Source([tmp_path]).records()]
    assert len(set(ids)) == len(ids) == 6
    assert {"news.txt", "news.jsonl:1", "mon/a/news.jsonl:1", "tue/a/news"} <= set(ids)
    twice = [record.article().id for record in Source([paths[0], paths[0]]).records()]
    assert twice == ["news", "news"]


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"%PDF-1.7\nx", "is a PDF"),
        (b"PK\x03\x04\x00\xff", "it is no text"),
        ("Oslo".encode("utf-16"), "it is UTF-16"),
        ("Málaga".encode("latin-1"), "convert it to UTF-8"),
    ],
)
def test_what_is_no_text_is_called_so(tmp_path: Path, content: bytes, remedy: str) -> None:
    (tmp_path / "news.txt").write_bytes(content)
    (record,) = Source([tmp_path / "news.txt"]).records()
    with pytest.raises(DataError, match=remedy):
        record.article()


@pytest.mark.parametrize("date", ["2022-02-12T08:00:00Z", "2022-02-12 01:00:00", "2022-02-12T00:00:00.000+02:00"])
def test_the_day_of_a_moment_is_the_date(tmp_path: Path, date: str) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": "Oslo", "date": date, "id": 5.0}) + "\n")
    (tmp_path / "in.csv").write_text(f"text,date\nOslo,{date}\n")
    articles = [record.article() for record in Source([tmp_path]).records()]
    assert [one.date for one in articles] == ["2022-02-12"] * 2
    assert articles[1].id == "5"


def test_a_missing_text_is_told_by_the_keys_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"content": "Oslo", "url": "x"}\n')
    (record,) = Source([tmp_path / "in.jsonl"]).records()
    with pytest.raises(DataError, match="found 'content', 'url'$"):
        record.article()


@pytest.mark.parametrize("head", ["text,date", 'id;"text"', "\ufefftitle\ttext"])
def test_csv_is_known_on_standard_input(head: str) -> None:
    row = "Oslo" + "".join(sign for sign in head if sign in ",;\t") + "x"
    if head.startswith("id") or "title" in head:
        row = "x" + row[4:-1] + "Oslo"
    (record,) = Source([Path("-")], stdin=io.BytesIO(f"{head}\n{row.replace('x', '')}\n".encode())).records()
    assert record.article().text == "Oslo"


def test_parquet_is_not_read_from_standard_input() -> None:
    with pytest.raises(DataError, match="write it to a file"):
        list(Source([Path("-")], stdin=io.BytesIO(b"PAR1\x15\x04\n")).records())
