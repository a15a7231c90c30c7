"""Inputs of any size as records, one after another, without holding more than one of them.

JSON lines, CSV and Parquet are read record by record, files of every other format of `data.formats` one by one. A
record becomes an article only when it is asked for it, so that a broken one stops nobody and the work can be done in
another process. docs/formats.md, "Large inputs", describes the forms for their users.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Literal

from data import formats
from data.compression import BLOCK, SUFFIXES, Count, open_file, open_stream, uncompressed_name
from data.files import TO_UTF_8, decode, files_below
from data.formats import datasets, jsonl
from data.schema import RESERVED, Article, DataError, check_keys

STDIN = Path("-")
PLAIN = "plain"

_CSV = "csv"
_PARQUET = "parquet"
_STREAMED = {
    jsonl.NAME: jsonl.SUFFIXES,
    _CSV: (".csv", ".tsv"),
    _PARQUET: (".parquet",),
    PLAIN: formats.PLAIN_SUFFIXES,
}
"""Formats that are read record by record, with the endings of their files."""
FORMATS = tuple(dict.fromkeys([*_STREAMED, *formats.FORMATS]))
"""Names that a `Source` takes for a format."""

_RAW = 10_000
_REASON = 1_000
"""Characters of a broken record, and of what is said about it, that are kept."""
_CELL = 1 << 27
"""Characters that a CSV cell may have. A quotation mark that is never closed would else take the rest of the file."""
_BOM = b"\xef\xbb\xbf"


Unit = Literal["line", "row", "item"]
_UNITS: dict[str, Unit] = {jsonl.NAME: "line", _CSV: "row", _PARQUET: "row"}


@dataclass(frozen=True, slots=True)
class Broken:
    """In place of what could not be read: why, the text that stands there, and the line in it, if one is known."""

    reason: str
    text: str
    line: int | None = None


Payload = bytes | dict[str, Any] | Article | Broken
"""A JSON line, a row by its columns, or what has been read already."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of an input, not read into an article yet. It can be pickled.

    Attributes:
        file: as the user named it, the path below a folder included.
        number: of the line (JSON lines), of the row (CSV, Parquet; the first row of data is 1), or of the item of any
            other file, from 1.
        unit: which of them is counted.
        id: of the article, if the record gives it none.
        payload: what stands in the file.
        columns: names that the file has for a text, an id and the like (`Source`).
    """

    file: str
    number: int
    unit: Unit
    id: str
    payload: Payload
    columns: Mapping[str, str] = field(default_factory=dict)

    def article(self) -> Article:
        """The article. Raises `DataError` with file and line or row if the record is broken."""
        try:
            match self.payload:
                case Article() as article:
                    return article
                case Broken(reason, _, line):
                    raise DataError(reason, line=line)
                case bytes() as line:
                    return _article(_renamed(jsonl.load(decode(line, self.file)), self.columns), self.id)
                case row:
                    return _article(_fields(_renamed(row, self.columns)), self.id)
        except DataError as error:
            raise self._placed(error) from None

    def raw(self) -> str:
        """The record as text, cut to 10,000 characters; it never raises."""
        match self.payload:
            case bytes() as line:
                return _cut(line)
            case Broken(_, text, _):
                return text
            case Article() as article:
                value = article.to_dict()
            case row:
                value = row
        return _shown(value)

    def _placed(self, error: DataError) -> DataError:
        reason = error.reason if len(error.reason) <= _REASON else f"{error.reason[:_REASON]} …"
        if self.unit == "line":
            return DataError(reason, file=self.file, line=self.number)
        if self.unit == "row":
            return DataError(reason, file=f"{self.file}, row {self.number}")
        return DataError(reason, file=self.file, line=error.line)


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading can begin. `Position(**dataclasses.asdict(one))` is the same one.

    Attributes:
        file: index into `Source.files`.
        byte: where in it; 0 but for uncompressed JSON lines and CSV.
        skip: records to pass over from there.
        number: lines (JSON lines) or rows (CSV) that stand before `byte`.
    """

    file: int = 0
    byte: int = 0
    skip: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class File:
    """A file of a source, or a folder that is one data set.

    Attributes:
        path: as the user named it.
        base: the folder that ids leave out.
        size: bytes on the disk; 0 if they are not on one.
        alias: what ids call it, where that is known already: two files' own names may be the same.
        columns: as of its `Source`.
    """

    path: Path
    base: Path
    size: int = 0
    alias: str = ""
    columns: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """What messages call it."""
        return "standard input" if self.path == STDIN else str(self.path)

    @property
    def stem(self) -> str:
        """What ids call it."""
        if self.alias or self.path == STDIN:
            return self.alias or "stdin"
        return formats.stem(uncompressed_name(self.path), self.base)


_Item = tuple[int, int, Payload]
"""A record's number, the byte from which it can be read, and its payload."""


def column_names(words: Sequence[str]) -> dict[str, str]:
    """What a user says of the names of columns, for `Source`.

    Args:
        words: each KEY=NAME, a key of an article and what the files call it.

    Raises:
        DataError: it is not of that form, or a key or a name is said twice.
    """
    columns: dict[str, str] = {}
    for word in words:
        key, _, name = word.partition("=")
        if key not in RESERVED or not name:
            raise DataError(f"--column {word}: expected KEY=NAME, KEY one of {', '.join(RESERVED)}, such as text=body")
        if key in columns or name in columns.values():
            raise DataError(f"--column {word}: {key if key in columns else name} is named twice; say it once")
        columns[key] = name
    return columns


class Source:
    """The records of files, of all files below folders, and of standard input, in this order.

    Attributes:
        files: what is read, listed once.
        folders: those that were named, whatever lies in them.
        size: bytes of them all as they lie on the disk.
        columns: what JSON lines, CSV and Parquet call a text, an id and the like, where they have names of their own.
    """

    files: tuple[File, ...]
    folders: tuple[Path, ...]
    size: int
    columns: Mapping[str, str]

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        stdin: BinaryIO | None = None,
        format: str | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> None:
        """List the files.

        Args:
            paths: files, folders, `datasets:NAME`, or `-` for standard input.
            stdin: standard input; it can be read once.
            format: one of `FORMATS`, where it is not to be found out.
            columns: keys of an article (`data.schema.RESERVED`) to the names that JSON lines, CSV and Parquet have for
                them here.

        Raises:
            DataError: something does not exist, a folder has no article, or the format is unknown.
        """
        self.columns = dict(columns or {})
        if format is not None and format not in FORMATS:
            raise DataError(f"unknown format {format!r}; formats are {', '.join(FORMATS)}")
        if paths.count(STDIN) > (stdin is not None):
            raise DataError("can be read once, if there is one; name files", file="standard input")
        self._stdin, self._format, self._progress = stdin, format, _Progress()
        files = [file for path in paths for file in _list(path, format)]
        self.files = _apart([replace(file, columns=self.columns) for file in files])
        self.folders = tuple(path for path in paths if path.is_dir())
        self.size = sum(file.size for file in self.files)

    @property
    def read(self) -> int:
        """Bytes that the latest `records` has read so far, as they lie on the disk; of Parquet estimated."""
        return self._progress.bytes

    def fingerprint(self) -> list[tuple[str, int, str]]:
        """Names, sizes and hashes, which show whether the inputs are still the same; of a data set no hash.

        Raises:
            DataError: a file cannot be read.
        """
        return [(str(file.path), file.size, _digest(file.path) if file.path.is_file() else "") for file in self.files]

    def records(self, start: Position | None = None, count: int | None = None) -> Iterator[Record]:
        """The records from a position on.

        Args:
            start: by default where all begins.
            count: how many at most; by default all.

        Raises:
            DataError: on the way, if a file as a whole cannot be read, or not to its end; it names the file and the
                last record that was read.
        """
        self._progress = _Progress()
        return islice(self._records(start or Position(), self._progress.add), count)

    def parts(self, size: int) -> list[Position]:
        """Where the records 0, `size`, 2 · `size` … begin, found without parsing. Raises `DataError` as `records`."""
        found: list[Position] = []
        total = 0
        for index, file in enumerate(self.files):
            if file.path == STDIN:
                raise DataError("can be read once, but not in parts; write it to a file first", file=file.name)
            kind = _kind(file, self._format)
            if kind == _PARQUET:
                with _parquet_file(file) as parquet:
                    rows = parquet.metadata.num_rows
                found += [Position(index, skip=skip) for skip in range(-total % size, rows, size)]
                total += rows
                continue
            seekable = kind in (jsonl.NAME, _CSV) and file.path.suffix not in SUFFIXES
            for passed, (number, byte, _) in enumerate(_named(file, _items(file, kind, Position(), _ignore))):
                if total % size == 0:
                    found.append(Position(index, byte, 0, number - 1) if seekable else Position(index, skip=passed))
                total += 1
        return found

    def _records(self, start: Position, count: Count) -> Iterator[Record]:
        for index, file in islice(enumerate(self.files), start.file, None):
            at = start if index == start.file else Position()
            if file.path == STDIN:
                kind, lines = self._standard_input(file, count)
                items: Iterator[_Item] = islice(_READERS[kind](lines, file, at), at.skip, None)
            else:
                kind = _kind(file, self._format)
                items = _items(file, kind, at, count)
            unit, stem = _UNITS.get(kind, "item"), file.stem
            for number, _, payload in _named(file, items):
                yield Record(file.name, number, unit, f"{stem}:{number}", payload, file.columns)

    def _standard_input(self, file: File, count: Count) -> tuple[str, Iterable[bytes]]:
        """Its format and its lines."""
        stdin, self._stdin = self._stdin, None
        if stdin is None:
            raise DataError("can be read only once; write it to a file first", file=file.name)
        if self._format not in (None, *_READERS):
            raise DataError(f"cannot be read as {self._format}; write it to a file first", file=file.name)
        stream = open_stream(stdin, file.name, count)
        first: list[bytes] = []
        for line in stream:
            first.append(line)
            start = line.removeprefix(_BOM).strip()
            if start:
                break
        else:
            raise DataError("is empty; expected an article's text, or JSON lines", file=file.name)
        if start.startswith(b"PAR1"):
            raise DataError("is Parquet, which cannot be read from there; write it to a file first", file=file.name)
        kind = PLAIN
        text = self.columns.get("text", "text").encode()
        if start.startswith(b"{") and b'"%s"' % text in start:
            kind = jsonl.NAME
        elif _names_columns(start, text):
            kind = _CSV
        return self._format or kind, chain(first, stream)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}); check the path", file=str(path)) from None


class _Progress:
    """Bytes read so far."""

    def __init__(self) -> None:
        self.bytes = 0

    def add(self, length: int) -> None:
        self.bytes += length


def _names_columns(line: bytes, text: bytes) -> bool:
    """Whether a first line is the head of a CSV, a column for texts among it."""
    names = [name.strip(b' "') for name in re.split(rb"[,;\t]", line)]
    return len(names) > 1 and text in names and max(map(len, names)) < 40


def _ignore(_: int) -> None: ...


def _list(path: Path, format: str | None) -> list[File]:
    """The files that a user's path stands for."""
    if path == STDIN or _is_named(path):
        return [File(path, path.parent)]
    try:
        if not path.is_dir():
            if not path.is_file():
                raise DataError("no such file or folder", file=str(path))
            return [File(path, path.parent, path.stat().st_size)]
        if format == datasets.NAME or (format is None and datasets.looks_like(path, "")):
            return [File(path, path.parent, sum(file.stat().st_size for file in files_below(path)))]
        found = formats.select(path, _suffixes(format), chosen=format is not None)
        return [File(file, path, file.stat().st_size) for file in found]
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}); check the path", file=str(path)) from None


def _apart(files: Sequence[File]) -> tuple[File, ...]:
    """Files whose ids would be the same are called by their suffixes too, or by the folders by which they differ."""
    places = {file: file.path.absolute() for file in files if file.path != STDIN and not _is_named(file.path)}
    names = {file: file.stem for file in places}
    beside = Counter((place.parent, names[file]) for file, place in places.items())
    for file, place in places.items():
        if beside[place.parent, file.stem] > 1:
            names[file] = file.path.relative_to(file.base).as_posix()
    alike = Counter(names.values())
    shared = {file: place.parent for file, place in places.items() if alike[names[file]] > 1}
    common = os.path.commonpath(shared.values()) if shared else ""
    for file, folder in shared.items():
        if str(folder) != common:
            names[file] = (folder.relative_to(common) / PurePath(names[file]).name).as_posix()
    return tuple(replace(file, alias=names[file]) if file in names else file for file in files)


def _is_named(path: Path) -> bool:
    """Whether this is no path but the name of a data set."""
    return str(path).startswith(datasets.PREFIX) and not path.exists()


def _suffixes(format: str | None) -> tuple[str, ...]:
    """Of the files of a format, or of any."""
    if format is not None and format not in _STREAMED:
        return formats.FORMATS[format].SUFFIXES
    streamed = {kind: suffixes for kind, suffixes in _STREAMED.items() if format in (None, kind)}
    compressed = (one + by for kind in streamed if kind in _READERS for one in streamed[kind] for by in SUFFIXES)
    annotated = formats.ANNOTATED_SUFFIXES if format is None else ()
    return tuple(dict.fromkeys([*annotated, *chain(*streamed.values()), *compressed]))


def _kind(file: File, format: str | None) -> str:
    """The name of a file's format. Raises `DataError` if it cannot be read, or not in this compression."""

    def head() -> str:
        with open_file(file.path) as stream:
            return formats.head(stream)

    content = uncompressed_name(file.path)
    kind = format or next((kind for kind in (_CSV, _PARQUET) if content.name.endswith(_STREAMED[kind])), None)
    if kind is None and (file.path.is_dir() or _is_named(file.path)):
        kind = datasets.NAME
    if kind is None:
        module = formats.recognise(content, head)
        kind = module.NAME if module else PLAIN
    if content != file.path and kind not in _READERS:
        raise DataError(f"{kind} is read only as it is, not compressed; decompress it first", file=file.name)
    return kind


def _named(file: File, items: Iterator[_Item]) -> Iterator[_Item]:
    """The same items; an error on the way says how far they went."""
    number = 0
    try:
        for item in items:
            number = item[0]
            yield item
    except DataError as error:
        if not number:
            raise
        raise DataError(f"{error.reason}; the last record that was read is {number}", file=file.name) from None


def _items(file: File, kind: str, at: Position, count: Count) -> Iterator[_Item]:
    """The records of a file from a position in it on."""
    if kind == _PARQUET:
        yield from _parquet(file, at.skip, count)
    elif kind in _READERS:
        with open_file(file.path, count, byte=at.byte) as stream:
            yield from islice(_READERS[kind](stream, file, at), at.skip, None)
    else:
        yield from islice(_whole(file, kind, count), at.skip, None)


def _lines(lines: Iterable[bytes], _: File, at: Position) -> Iterator[_Item]:
    """JSON lines. One of white space alone is no record."""
    number, byte = at.number, at.byte
    for line in lines:
        number += 1
        content = (line if byte else line.removeprefix(_BOM)).strip()
        if content:
            yield number, byte, content
        byte += len(line)


def _rows(lines: Iterable[bytes], file: File, at: Position) -> Iterator[_Item]:
    """The rows of CSV. An empty line between them is none."""
    import csv

    csv.field_size_limit(_CELL)
    decoded = _Decoded(lines, at.byte)
    if at.byte:
        with open_file(file.path) as top:
            columns, delimiter = _header(_Decoded(top, 0), file)
    else:
        columns, delimiter = _header(decoded, file)
    reader = csv.reader(decoded, delimiter=delimiter, strict=True)
    number = at.number
    while True:
        byte = decoded.byte
        decoded.seen.clear()
        payload: Payload
        try:
            cells = next(reader, None)
        except csv.Error as error:
            reason = f"broken CSV ({error}); write a quotation mark in a quoted cell twice, and close each cell"
            payload = Broken(reason, _cut(b"".join(decoded.seen)))
        else:
            if cells is None:
                return
            if not cells:
                continue
            if len(cells) == len(columns):
                payload = dict(zip(columns, cells, strict=True))
            else:
                reason = (
                    f"{len(cells)} cells under {len(columns)} columns; quote cells that hold {delimiter!r} or line ends"
                )
                payload = Broken(reason, _cut(b"".join(decoded.seen)))
        number += 1
        yield number, byte, payload


class _Decoded:
    """Lines as text for `csv`, where a byte that is not UTF-8 is half a surrogate pair.

    Attributes:
        byte: where the next line begins.
        seen: the lines since it was emptied.
    """

    def __init__(self, lines: Iterable[bytes], byte: int) -> None:
        self._lines = iter(lines)
        self.byte = byte
        self.seen: list[bytes] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        content = line if self.byte else line.removeprefix(_BOM)
        self.byte += len(line)
        self.seen.append(content)
        return content.decode("utf-8", "surrogateescape")


def _header(lines: _Decoded, file: File) -> tuple[list[str], str]:
    """The columns of CSV, and what parts them; no columns if there is no line."""
    import csv

    first = next((line for line in lines if line.strip()), None)
    if first is None:
        return [], ","
    delimiter = max(",;\t", key=first.count)
    try:
        columns = next(csv.reader(chain([first], lines), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DataError(f"broken CSV in the header ({error}); mend it", file=file.name) from None
    _check_columns(columns, file)
    return columns, delimiter


def _check_columns(columns: list[str], file: File) -> None:
    for name in {"text": "text", **file.columns}.values():
        if name not in columns:
            found = ", ".join(repr(name) for name in columns[:20])
            raise DataError(
                f"no column {name!r}; found {found[:_REASON]}; name one so, in UTF-8, or say which it is"
                " (--column text=NAME)",
                file=file.name,
            )
    twice = [name for name in columns if name and columns.count(name) > 1]
    if twice:
        raise DataError(f"two columns are called {twice[0]!r}; rename one", file=file.name)


def _plain(lines: Iterable[bytes], file: File, _: Position) -> Iterator[_Item]:
    """One article of plain text."""
    content = b"".join(lines)
    payload: Payload
    try:
        payload = formats.plain(content, file.stem, file.name)
    except DataError as error:
        payload = _broken(error, content)
    yield 1, 0, payload


_READERS: dict[str, Callable[[Iterable[bytes], File, Position], Iterator[_Item]]] = {
    jsonl.NAME: _lines,
    _CSV: _rows,
    PLAIN: _plain,
}
"""Formats that are read from a stream of lines, which may be compressed."""


def _whole(file: File, format: str, count: Count) -> Iterator[_Item]:
    """The articles of a file of another format; of one that breaks it, one broken record."""
    payloads: Sequence[Payload]
    try:
        payloads = formats.read(file.path, format=format, base=file.base)
    except DataError as error:
        if not file.path.exists():
            raise
        payloads = [_broken(error, _start(file.path))]
    count(file.size)
    for number, payload in enumerate(payloads, start=1):
        yield number, 0, payload


def _broken(error: DataError, content: bytes) -> Broken:
    return Broken(error.reason, _cut(content), error.line)


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(4 * _RAW)
    except OSError:  # a folder
        return b""


def _cut(content: bytes) -> str:
    """The first characters of a record, whatever it is."""
    return content[: 4 * _RAW].decode("utf-8", "replace")[:_RAW]


def _shown(value: Mapping[str, Any]) -> str:
    """The same for an object."""
    return _cut(json.dumps(value, ensure_ascii=False, default=str)[:_RAW].encode("utf-8", "surrogatepass"))


@contextmanager
def _parquet_file(file: File) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(file.path, buffer_size=BLOCK, pre_buffer=False) as opened:
            yield opened
    except (OSError, pa.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"is no Parquet, or damaged ({reason}); replace it by a whole one", file=file.name) from None


def _parquet(file: File, skip: int, count: Count) -> Iterator[_Item]:
    """The rows of Parquet after the first `skip`, in batches of about a block."""
    number = skip
    with _parquet_file(file) as parquet:
        _check_columns(parquet.schema_arrow.names, file)
        passed = 0
        total = parquet.metadata.num_rows
        counted = file.size * skip // max(1, total)
        for index in range(parquet.num_row_groups):
            group = parquet.metadata.row_group(index)
            if passed + group.num_rows <= skip:
                passed += group.num_rows
                continue
            size = min(1024, max(1, BLOCK * group.num_rows // max(1, group.total_byte_size)))
            for batch in parquet.iter_batches(size, row_groups=[index], use_threads=False):
                rows = batch.slice(max(0, skip - passed))
                passed += batch.num_rows
                for payload in _payloads(rows):
                    number += 1
                    yield number, 0, payload
                read = file.size * passed // total
                count(max(0, read - counted))
                counted = max(read, counted)
        count(max(0, file.size - counted))


def _payloads(batch: Any) -> Iterator[Payload]:
    """The rows of an Arrow batch, one by one where they cannot all be read."""
    try:
        rows = batch.to_pylist()
    except (ValueError, OverflowError) as error:  # not UTF-8, or a date that Python does not know
        if batch.num_rows > 1:
            for index in range(batch.num_rows):
                yield from _payloads(batch.slice(index, 1))
            return
        readable: dict[str, Any] = {}
        for name in batch.schema.names:
            with suppress(ValueError, OverflowError):
                readable |= batch.select([name]).to_pylist()[0]
        lost = ", ".join(name for name in batch.schema.names if name not in readable)
        yield Broken(f"the value of {lost} cannot be read ({error}); mend it", _shown(readable))
    else:
        yield from rows


def _renamed(record: Any, columns: Mapping[str, str]) -> Any:
    """A record under an article's own keys; what stood under one of these before takes the other's name."""
    if not columns or not isinstance(record, dict):
        return record
    check_keys(record, columns.get("text", "text"))
    own = {theirs: name for name, theirs in columns.items()}
    return {own.get(name) or columns.get(name, name): value for name, value in record.items()}


def _article(fields: Any, id: str) -> Article:
    """An article from an object; only `text` must be there. Raises `DataError`."""
    if not isinstance(fields, dict):
        raise DataError(f"expected an object with a text, found {type(fields).__name__}")
    check_keys(fields, "text")
    given = fields.get("id")
    if type(given) is int or (isinstance(given, float) and given.is_integer()):
        id = str(int(given))  # a column with gaps holds whole numbers as 5.0
    elif given is not None and given != "":
        id = given
    date = fields.get("date")
    if isinstance(date, str) and (match := _DAY_AND_HOUR.fullmatch(date)):
        date = match[1]
    return Article.from_dict({**fields, "id": id, "date": None if date == "" else date})


_DAY_AND_HOUR = re.compile(r"(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?")
"""A moment as ISO 8601 and other programs write it; an article's date is its day."""


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row's cells as an object of JSON. Raises `DataError`."""
    strings = "".join(value for value in row.values() if isinstance(value, str))
    try:
        strings.encode()
    except UnicodeEncodeError as error:
        byte = ord(strings[error.start]) - 0xDC00
        raise DataError(f"not UTF-8 (byte 0x{byte:02x}); {TO_UTF_8}") from None
    fields = {name: _json(value) for name, value in row.items() if name}
    text, date, spans = row["text"], row.get("date"), fields.get("spans")
    if text is None or (isinstance(text, str | bytes) and not text.strip()):
        raise DataError("the text is empty; an article needs one")
    if isinstance(text, bytes):
        fields["text"] = decode(text, "")
    if isinstance(date, datetime.date):
        fields["date"] = date.isoformat()[:10]
    if isinstance(spans, str):
        fields["spans"] = jsonl.load(spans) if spans else None
    return fields


def _json(value: Any) -> Any:
    """A value of Python that Arrow or csv gave as one of JSON."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case dict():
            return {str(key): _json(one) for key, one in value.items()}
        case list() | tuple():
            return [_json(one) for one in value]
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value)
