"""Columns as CoNLL-2003 has them: a token and its tag a line, an empty line between sentences.

Read are BIO (IOB1 and IOB2) and BIOES (IOBES, BILOU) tags in the last column, the token in the first; columns are
parted by tabs, or by spaces where a line has no tab. The text is the tokens joined by single spaces, sentences by a
line's end. `-DOCSTART-` begins a new article; a file without it gives an article a sentence, since nothing says which
sentences belong together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from data.files import read_text
from data.formats.jsonl import check_labels
from data.schema import Article, DataError, Span

SUFFIXES = (".conll", ".iob", ".iob2", ".bio", ".iobes")

_TAG = re.compile(r"O|[BIESLU]-\S+")
_DOCSTART = "-DOCSTART-"
_BEGINS = frozenset("BSU")
_ENDS = frozenset("ESLU")


def looks_like(content: str) -> bool:
    """Whether text has this form: its first lines that are not empty are tokens with tags."""
    lines = [line for line in content[:4000].splitlines()[:-1] if line.strip()][:20]
    return len(lines) >= 2 and all(len(cells := _cells(line)) >= 2 and _TAG.fullmatch(cells[-1]) for line in lines)


def read(path: Path, labels: Collection[str] | None = None) -> list[Article]:
    """Read a file. Raises `DataError` with file and line."""
    return list(parse(read_text(path), path.name.partition(".")[0], str(path), labels))


def parse(content: str, id: str, name: str, labels: Collection[str] | None = None) -> Iterator[Article]:
    """The articles in a file's content; they are numbered, their ids being `id-1`, ….

    Raises:
        DataError: a line has no tag, a tag is none of this form, or a label is outside `labels`.
    """
    documents: list[list[tuple[int, list[tuple[str, str]]]]] = [[]]
    sentence: list[tuple[str, str]] = []
    has_documents = content.lstrip().startswith(_DOCSTART)
    first_line = 1

    def close() -> None:
        nonlocal sentence
        if sentence:
            if not has_documents and documents[-1]:
                documents.append([])
            documents[-1].append((first_line, sentence))
            sentence = []

    # Not splitlines(): a token may hold U+0085 and the like.
    for number, line in enumerate(content.split("\n"), start=1):
        cells = _cells(line.rstrip("\r"))
        if not cells or cells[0] == _DOCSTART:
            close()
            if cells and documents[-1]:
                documents.append([])
            continue
        if len(cells) < 2 or not _TAG.fullmatch(cells[-1]):
            raise DataError(
                f"line {line[:60]!r} is not a token and a tag (O, B-LABEL, I-LABEL, …); an empty line parts sentences",
                file=name,
                line=number,
            )
        if not sentence:
            first_line = number
        sentence.append((cells[0], cells[-1]))
    close()
    for count, document in enumerate(documents if documents[-1] else documents[:-1], start=1):
        try:
            article = _article(f"{id}-{count}", [tokens for _, tokens in document])
            check_labels(article, labels)
        except DataError as error:
            raise error.at(name, document[0][0]) from None
        yield article


def _cells(line: str) -> list[str]:
    if "\t" in line:
        cells = [cell.strip() for cell in line.split("\t")]
        return cells if cells[0] else cells[1:]
    return line.split()


def _article(id: str, sentences: list[list[tuple[str, str]]]) -> Article:
    pieces: list[str] = []
    spans: list[Span] = []
    at = 0
    for number, sentence in enumerate(sentences):
        if number:
            pieces.append("\n")
            at += 1
        opened: tuple[int, str] | None = None
        for index, (token, tag) in enumerate(sentence):
            if index:
                pieces.append(" ")
                at += 1
            kind, _, label = tag.partition("-")
            # I-X after nothing, or after another label, begins a span (IOB1 writes so).
            goes_on = opened is not None and kind not in _BEGINS and label == opened[1]
            if opened is not None and not goes_on:
                spans.append(Span(opened[0], at - 1, opened[1]))
                opened = None
            if kind != "O" and not goes_on:
                opened = (at, label)
            pieces.append(token)
            at += len(token)
            if opened is not None and kind in _ENDS:
                spans.append(Span(opened[0], at, opened[1]))
                opened = None
        if opened is not None:
            spans.append(Span(opened[0], at, opened[1]))
    return Article(id, "".join(pieces), tuple(spans))
