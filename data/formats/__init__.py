"""Readers and writers of annotated articles, one module a format, all to and from `data.schema.Article`.

This module keeps the list of formats, finds the format of a path, and reads whole folders. docs/formats.md describes
each format for its users.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Protocol

from data.files import decode, files_below, id_of, read_bytes
from data.formats import brat, conll, datasets, docbin, doccano, jsonl, label_studio, markup, prodigy
from data.schema import Article, DataError


class Format(Protocol):
    """What a module of this package is to the others."""

    @property
    def NAME(self) -> str:
        """By which a user names the format."""

    @property
    def SUFFIXES(self) -> tuple[str, ...]:
        """File endings by which it is known."""

    @property
    def HOLDS(self) -> frozenset[str]:
        """Which of text (exactly as it was), id, date, title, meta, value and score survive; spans always do."""

    def looks_like(self, path: Path, head: str) -> bool:
        """Whether a path, whose text begins with `head` ("" for a folder), is surely of this format."""

    def read(self, path: Path, labels: Collection[str] | None = None) -> list[Article]:
        """The articles at a path. Raises `DataError` with file and line or item."""

    def write(self, articles: Sequence[Article], path: Path) -> None:
        """Write articles to a path, whole or not at all."""


# Where two know the same suffix and both are sure, or neither is, the first counts.
_MODULES: tuple[Format, ...] = (
    jsonl,
    markup,
    conll,
    conll.Scheme("iob1"),
    conll.Scheme("iobes"),
    brat,
    docbin,
    datasets,
    label_studio,
    doccano,
    prodigy,
)
FORMATS: dict[str, Format] = {module.NAME: module for module in _MODULES}
"""Every format by its name."""

PLAIN_SUFFIXES = (".txt", ".md", ".text")
ANNOTATED_SUFFIXES = tuple(dict.fromkeys(suffix for module in _MODULES for suffix in module.SUFFIXES))

_HEAD = 64 * 1024
_OF_MANY = ".json"
"""In a folder a file with this suffix is read only if it looks like a format: it may be anything."""
_WHAT = {"text": "exact text", "id": "ids", "date": "dates", "title": "titles", "meta": "further fields",
         "value": "values", "score": "scores"}  # fmt: skip


def read(
    path: Path,
    labels: Collection[str] | None = None,
    *,
    plain: bool = False,
    format: str | None = None,
    base: Path | None = None,
) -> list[Article]:
    """Read a file, or every file of a known format below a folder, in the order of their names.

    Args:
        path: of any of the `FORMATS`; with `plain`, any other file is one article of plain text. `datasets:NAME` may
            be the name of a data set on the Hub.
        labels: if given, the only labels allowed.
        plain: read text without annotation too; its id is the file's name without the suffix.
        format: the format's name, where it is not to be found out.
        base: the folder in which a file was found, where its id is its path from there.

    Raises:
        DataError: nothing is there, a format is unknown, a file breaks its format, is empty, or repeats an id.
    """
    chosen = _named(format) if format else None
    if chosen is datasets or (str(path).startswith(datasets.PREFIX) and not path.exists()):
        articles = _some(datasets.read(path, labels), path, datasets)
    elif not path.is_dir():
        articles = _read_file(path, labels, plain, chosen, base or path.parent)
    elif whole := _whole(path, chosen, plain):
        articles = _some(whole.read(path, labels), path, whole)
    else:
        files = _files(path, chosen, plain)
        articles = [one for file in files for one in _read_file(file, labels, plain, chosen, path)]
    check_unique(articles, str(path))
    return articles


def read_all(
    paths: Sequence[Path], labels: Collection[str] | None = None, *, format: str | None = None
) -> list[Article]:
    """Read several files or folders, one after the other, as `read` does; no id may be in two of them."""
    articles = [article for path in paths for article in read(path, labels, format=format)]
    check_unique(articles, ", ".join(map(str, paths)))
    return articles


def write(articles: Sequence[Article], path: Path, format: str) -> None:
    """Write articles in a format, whole or not at all.

    Raises:
        DataError: the format is unknown or cannot hold an article at all, ids repeat, or the path cannot be written.
    """
    check_unique(articles, str(path))
    _named(format).write(articles, path)


def losses(articles: Iterable[Article], format: str) -> list[str]:
    """What of these articles a format cannot hold, such as "dates of 12 articles", "scores of 340 spans"."""
    found: Counter[str] = Counter()
    for article in articles:
        has = {"text": True, "id": True, "date": article.date, "title": article.title, "meta": article.meta}
        found.update(name for name, value in has.items() if value)
        found.update("value" for span in article.spans if span.value is not None)
        found.update("score" for span in article.spans if span.score is not None)
    lost = [name for name in _WHAT if found[name] and name not in _named(format).HOLDS]
    return [
        f"{_WHAT[name]} of {found[name]} {'span' if name in ('value', 'score') else 'article'}"
        f"{'' if found[name] == 1 else 's'}"
        for name in lost
    ]


def detect(path: Path) -> str:
    """The name of a file's or folder's format. Raises `DataError` if it is of none."""
    module = _whole(path, None, False) if path.is_dir() else _detect(path)
    if module is None:
        raise _unknown(path)
    return module.NAME


def recognise(path: Path, head: Callable[[], str]) -> Format | None:
    """The format of a file by its name, or where that leaves a choice by its `head`; None if it is of none."""
    known = [module for module in _MODULES if path.name.endswith(module.SUFFIXES)]
    if len(known) == 1:
        return known[0]
    start = head()
    return next((module for module in known or _MODULES if module.looks_like(path, start)), known[0] if known else None)


def head(stream: BinaryIO) -> str:
    """A stream's first 64 KB as text, and further to the end of its first line; "" for a binary file."""
    content = stream.read(_HEAD)
    if b"\n" not in content:
        content += stream.readline()
    return "" if b"\0" in content else content.decode("utf-8", errors="replace").removeprefix("\ufeff")


def select(folder: Path, suffixes: tuple[str, ...], *, chosen: bool = False) -> list[Path]:
    """The files below a folder that end like this and hold articles.

    Args:
        folder: in which hidden files are left out.
        suffixes: of the files wanted.
        chosen: whether the format is given, so that a `.json` file need not look like one.

    Raises:
        DataError: there is none.
    """
    files = [
        file
        for file in files_below(folder)
        if file.name.endswith(suffixes)
        # The text of standoff annotation is no article of its own.
        and not (file.suffix == ".txt" and file.with_suffix(brat.SUFFIXES[0]).is_file())
        and (chosen or file.suffix != _OF_MANY or any(module.looks_like(file, _head(file)) for module in _MODULES))
    ]
    if not files:
        raise DataError(f"no article in this folder; looked for {', '.join(f'*{one}' for one in suffixes)}",
                        file=str(folder))  # fmt: skip
    return files


def stem(file: Path, base: Path) -> str:
    """A file's path from the folder in which it was found, without its suffix: what its article is called."""
    name = file.relative_to(base).as_posix()
    return name.removesuffix(file.suffix) or name


def plain(content: bytes, id: str, name: str) -> Article:
    """A file's content as one article. Raises `DataError` if it is empty or not UTF-8."""
    if content.startswith(b"%PDF-"):
        raise DataError("is a PDF, not text; save what it says as plain text first", file=name)
    text = decode(content, name)
    if not text.strip():
        raise DataError("the file is empty; expected an article's text", file=name)
    return Article(id, text)


def check_unique(articles: Iterable[Article], name: str) -> None:
    """Raise `DataError` if two articles have the same id."""
    seen: set[str] = set()
    for article in articles:
        if article.id in seen:
            raise DataError(f"the id {article.id!r} is given to two articles; ids must be unique", file=name)
        seen.add(article.id)


def _named(name: str) -> Format:
    if name not in FORMATS:
        raise DataError(f"unknown format {name!r}; formats are {', '.join(FORMATS)}")
    return FORMATS[name]


def _whole(folder: Path, chosen: Format | None, plain: bool) -> Format | None:
    """The format of a folder that is more than a place for files, each of which has its own format."""
    if chosen is None and datasets.looks_like(folder, ""):
        return datasets
    return brat if all(file.name.endswith(brat.SUFFIXES) for file in _files(folder, chosen, plain)) else None


def _detect(file: Path) -> Format | None:
    return recognise(file, lambda: _head(file))


def _head(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return head(stream)
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}); check the path", file=str(file)) from None


def _files(folder: Path, chosen: Format | None, plain: bool) -> list[Path]:
    """The files of a folder that are to be read."""
    suffixes = chosen.SUFFIXES if chosen else (*ANNOTATED_SUFFIXES, *(PLAIN_SUFFIXES if plain else ()))
    return select(folder, suffixes, chosen=chosen is not None)


def _read_file(
    file: Path, labels: Collection[str] | None, as_plain: bool, chosen: Format | None, base: Path
) -> list[Article]:
    if not file.is_file():
        raise DataError("no such file or folder", file=str(file))
    module = chosen or _detect(file)
    if module is not None:
        articles = _some(module.read(file, labels), file, module)
        if module is brat:  # its ids are paths
            return [replace(one, id=id_of(file.relative_to(base).with_suffix(""))) for one in articles]
        return articles
    if not as_plain:
        raise _unknown(file)
    return [plain(read_bytes(file), stem(file, base), str(file))]


def _some(articles: list[Article], path: Path, module: Format) -> list[Article]:
    if not articles:
        raise DataError(f"is empty, or holds no article in the format {module.NAME}", file=str(path))
    return articles


def _unknown(path: Path) -> DataError:
    known = ", ".join(
        f"{module.NAME} ({', '.join(f'*{suffix}' for suffix in module.SUFFIXES)})" if module.SUFFIXES else module.NAME
        for module in _MODULES
    )
    return DataError(f"unknown format; formats are {known}; name one, as in prepare.py --format conll", file=str(path))
