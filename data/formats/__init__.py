"""Readers and writers of annotated articles, one module a format, all to and from `data.schema.Article`.

This module finds the format of a path and reads whole folders.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from data.files import read_text
from data.formats import conll, jsonl, markup
from data.schema import Article, DataError

PLAIN_SUFFIXES = (".txt", ".md", ".text")
ANNOTATED_SUFFIXES = (markup.SUFFIX, jsonl.SUFFIX, *conll.SUFFIXES)
SUFFIXES = (*ANNOTATED_SUFFIXES, *PLAIN_SUFFIXES)


def read(path: Path, labels: Collection[str] | None = None, *, plain: bool = False) -> list[Article]:
    """Read a file, or every file of a known format below a folder, in the order of their names.

    Args:
        path: `*.tagged.txt` (markup), `*.jsonl` or columns (`*.conll`, or another file of that form); with `plain`, any
            other file is one article of plain text.
        labels: if given, the only labels allowed.
        plain: read text without annotation too; its id is the file's name without the suffix.

    Raises:
        DataError: nothing is there, a format is unknown, a file breaks its format, is empty, or repeats an id.
    """
    if path.is_dir():
        files = [
            file
            for file in sorted(path.rglob("*"))
            if file.is_file()
            and not any(part.startswith(".") for part in file.relative_to(path).parts)
            and file.name.endswith(SUFFIXES if plain else ANNOTATED_SUFFIXES)
        ]
        if not files:
            wanted = ", ".join(f"*{suffix}" for suffix in (SUFFIXES if plain else ANNOTATED_SUFFIXES))
            raise DataError(f"no article in this folder; looked for {wanted}", file=str(path))
    elif path.is_file():
        files = [path]
    else:
        raise DataError("no such file or folder", file=str(path))

    articles: list[Article] = []
    for file in files:
        articles += _read_file(file, labels, plain, id_base=path if path.is_dir() else file.parent)
    check_unique(articles, str(path))
    return articles


def check_unique(articles: Iterable[Article], name: str) -> None:
    """Raise `DataError` if two articles have the same id."""
    seen: set[str] = set()
    for article in articles:
        if article.id in seen:
            raise DataError(f"the id {article.id!r} is given to two articles; ids must be unique", file=name)
        seen.add(article.id)


def _read_file(file: Path, labels: Collection[str] | None, plain: bool, id_base: Path) -> list[Article]:
    if file.name.endswith(markup.SUFFIX):
        return [markup.read(file, labels)]
    if file.name.endswith(jsonl.SUFFIX):
        articles = jsonl.read(file, labels)
        if not articles:
            raise DataError("the file is empty; expected one JSON object a line", file=str(file))
        return articles
    text = read_text(file)
    if file.name.endswith(conll.SUFFIXES) or conll.looks_like(text):
        articles = conll.read(file, labels)
        if not articles:
            raise DataError("the file is empty; expected a token and its tag a line", file=str(file))
        return articles
    if not plain:
        wanted = f"{markup.SUFFIX}, {jsonl.SUFFIX}, or columns of tokens and tags ({conll.SUFFIXES[0]})"
        raise DataError(f"unknown format; annotated articles are {wanted}", file=str(file))
    if not text.strip():
        raise DataError("the file is empty; expected an article's text", file=str(file))
    name = file.relative_to(id_base).as_posix()
    return [Article(name.removesuffix(file.suffix) or name, text)]
