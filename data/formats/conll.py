r"""Columns: a token and its tag a line, an empty line between sentences.

    -DOCSTART-	2022-02-12-kyiv	O

    The	_	O
    U.S.	_	B-ACTOR
    envoy	_	I-ACTOR
    left	SpaceAfter=No	B-ACTION
    .	SpaceAfter=No	O

Read: columns parted by tabs or spaces, the token first and the tag last, whatever is between; IOB1, IOB2 and the like
with E, S, L, U (IOBES, BILOU). Documents begin at `-DOCSTART-` lines; a file without any has one article a sentence.
Tokens are joined by a space and sentences by a line end, since plain columns do not keep the text.

Written: three columns, so that the text comes back exactly. The middle one is CoNLL-U's MISC, which says what follows
a token: `SpaceAfter=No` nothing, `SpacesAfter=\n` a line end (`data.formats.escaping`), `_` one space; on a
`-DOCSTART-` line it is the article's id. Tokens are those of `data.formats.tokens`, cut at the spans' borders; a
sentence ends at white space with a line end. Dates, titles, values, scores and the like have no place here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from data.files import read_text, write_atomically
from data.formats import tokens
from data.formats.escaping import escape, unescape
from data.formats.jsonl import check_label
from data.schema import LABEL, Article, DataError, Span

NAME = "conll"
SUFFIXES: tuple[str, ...] = (".conll", ".iob", ".iob2", ".bio", ".iobes")
HOLDS = frozenset({"text", "id"})
SCHEMES = ("iob2", "iob1", "iobes")

_TAG = re.compile(r"O|[BIESLU]-\S+")
_DOCSTART = "-DOCSTART-"
_NO_ID = ("-X-", "O", "_", "")
"""What others write beside -DOCSTART-; none of it is an id."""
_BEGINS = frozenset("BSU")
_ENDS = frozenset("ESLU")


class Row(NamedTuple):
    """A token, its tag, what MISC says of the space around it ("" or anything else says nothing), and its line."""

    token: str
    tag: str
    misc: str = ""
    line: int | None = None


def looks_like(path: Path, head: str) -> bool:
    """Whether text has this form: its first lines that are not empty are tokens with tags."""
    lines = [line for line in head[:4000].split("\n")[:-1] if line.strip()][:20]
    return len(lines) >= 2 and all(len(cells := _cells(line)) >= 2 and _TAG.fullmatch(cells[-1]) for line in lines)


def read(path: Path, labels: Collection[str] | None = None) -> list[Article]:
    """Read a file. Raises `DataError` with file and line."""
    return list(parse(read_text(path), path.name.partition(".")[0], str(path), labels))


def write(articles: Sequence[Article], path: Path, scheme: str = "iob2") -> None:
    """Write a file, whole or not at all. Raises `DataError` for an article without a word."""
    write_atomically(path, "".join(render(article, scheme) for article in articles))


class Scheme:
    """This format with another way to write tags, as `data.formats` lists it; it is read like any columns."""

    SUFFIXES: tuple[str, ...] = ()
    HOLDS = HOLDS

    def __init__(self, scheme: str) -> None:
        self.NAME = f"{NAME}-{scheme}"
        self.scheme = scheme

    def looks_like(self, path: Path, head: str) -> bool:
        """Never: `conll` knows columns of every scheme."""
        return False

    def read(self, path: Path, labels: Collection[str] | None = None) -> list[Article]:
        """As `read`."""
        return read(path, labels)

    def write(self, articles: Sequence[Article], path: Path) -> None:
        """As `write`, in this scheme."""
        write(articles, path, self.scheme)


def parse(content: str, id: str, name: str, labels: Collection[str] | None = None) -> Iterator[Article]:
    """The articles in a file's content; those without an id are numbered, their ids being `id-1`, ….

    Raises:
        DataError: a line has no tag, a tag is none of this form, or a label is outside `labels`.
    """
    for count, (own_id, first_line, sentences) in enumerate(_documents(content, name), start=1):
        try:
            for row in chain.from_iterable(sentences):
                _check_label_of(row, labels)
            made = article(own_id or f"{id}-{count}", sentences)
        except DataError as error:
            raise error.at(name, first_line) from None
        yield made


def _check_label_of(row: Row, labels: Collection[str] | None) -> None:
    """Raise `DataError` with the line if a tag's label is not among `labels`, or no name."""
    label = row.tag.partition("-")[2]
    if not label:
        return
    if not LABEL.fullmatch(label):
        raise DataError(
            f"the label {label!r} of {row.token[:60]!r} is not a name (letters, digits, '_' and '-')", line=row.line
        )
    check_label(label, labels, row.token, line=row.line)


def article(id: str, sentences: Sequence[Sequence[Row]]) -> Article:
    """The article that tagged tokens say. Raises `DataError` for a tag that is none, or a span that can be none."""
    pieces: list[str] = []
    spans: list[Span] = []
    at = 0

    def keep(piece: str) -> None:
        nonlocal at
        pieces.append(piece)
        at += len(piece)

    for number, sentence in enumerate(sentences, start=1):
        opened: tuple[int, str] | None = None
        end = at
        for index, row in enumerate(sentence, start=1):
            if not _TAG.fullmatch(row.tag):
                raise DataError(
                    f"{row.tag!r} of {row.token[:60]!r} is not a tag; tags are O, B-LABEL, I-LABEL, …", line=row.line
                )
            before, after = _space(row.misc)
            keep(before)
            kind, _, label = row.tag.partition("-")
            # I-X after nothing, or after another label, begins a span (IOB1 writes so).
            goes_on = opened is not None and kind not in _BEGINS and label == opened[1]
            if opened is not None and not goes_on:
                spans.append(Span(opened[0], end, opened[1]))
                opened = None
            if kind != "O" and not goes_on:
                opened = (at, label)
            keep(row.token)
            end = at
            if opened is not None and kind in _ENDS:
                spans.append(Span(opened[0], end, opened[1]))
                opened = None
            last = index == len(sentence)
            keep(after if after is not None else " " if not last else "\n" if number < len(sentences) else "")
        if opened is not None:
            spans.append(Span(opened[0], end, opened[1]))
    return Article(id, "".join(pieces), tuple(spans))


def render(article: Article, scheme: str = "iob2") -> str:
    """An article's lines, -DOCSTART- first, with an empty line after each sentence."""
    text = article.text
    places = list(tokens.refine(tokens.words(text), article.spans))
    if not places:
        raise DataError(f"article {article.id!r} has no word; columns hold none without")
    id = escape(article.id)
    if id in _NO_ID:
        id = f"\\u{ord(id[0]):04x}{id[1:]}"
    lines = [f"{_DOCSTART}\t{id}\tO", ""]
    gaps = [text[end:start] for (_, end), (start, _) in zip(places, [*places[1:], (len(text), 0)], strict=True)]
    for index, ((start, end), tag) in enumerate(zip(places, _tags(article.spans, places, gaps, scheme), strict=True)):
        gap, last = gaps[index], index + 1 == len(places)
        misc = "_" if gap == " " and not last else f"SpacesAfter={escape(gap)}" if gap else "SpaceAfter=No"
        if index == 0 and start:
            misc = f"SpacesBefore={escape(text[:start])}" + ("" if misc == "_" else f"|{misc}")
        lines += [f"{text[start:end]}\t{misc}\t{tag.name}", *([""] if tag.ends_sentence or last else [])]
    return "\n".join(lines) + "\n"


class _Tag(NamedTuple):
    name: str
    ends_sentence: bool


def _tags(spans: Sequence[Span], places: Sequence[tuple[int, int]], gaps: Sequence[str], scheme: str) -> Iterator[_Tag]:
    if scheme not in SCHEMES:
        raise DataError(f"unknown scheme {scheme!r}; schemes are {', '.join(SCHEMES)}")
    coming = iter(spans)
    span = next(coming, None)
    previous: Span | None = None  # the span of the token before in the same sentence
    for (start, end), gap in zip(places, gaps, strict=True):
        while span is not None and span.end <= start:
            span = next(coming, None)
        inside = span is not None and span.start <= start
        name = "O"
        if span is not None and inside:
            first, last = start == span.start, end == span.end
            if scheme == "iobes":
                kind = "S" if first and last else "B" if first else "E" if last else "I"
            elif scheme == "iob1":
                kind = "B" if first and previous is not None and previous.label == span.label else "I"
            else:
                kind = "B" if first else "I"
            name = f"{kind}-{span.label}"
        # A span is never cut: columns know none that runs over a sentence's end.
        ends_sentence = bool(re.search(r"[\r\n]", gap)) and not (span is not None and inside and end < span.end)
        yield _Tag(name, ends_sentence)
        previous = span if inside and not ends_sentence else None


def _documents(content: str, name: str) -> Iterator[tuple[str | None, int, list[list[Row]]]]:
    """Each document's id if it has one, its first line, and its sentences."""
    has_documents = content.lstrip().startswith(_DOCSTART)
    id: str | None = None
    first_line = 0
    sentences: list[list[Row]] = [[]]
    # Not splitlines(): a token may hold U+0085 and the like. The sign at the end closes the last document.
    for number, line in enumerate([*content.split("\n"), _DOCSTART], start=1):
        cells = _cells(line.rstrip("\r"))
        if not cells or cells[0] == _DOCSTART:
            if sentences[-1]:
                sentences.append([])
            if len(sentences) > 1 and (cells or not has_documents):
                yield id, first_line, sentences[:-1]
                sentences = [[]]
            if cells:
                is_ours = len(cells) == 3 and "\t" in line and cells[1] not in _NO_ID
                id = unescape(cells[1]) if is_ours else None
            continue
        if len(cells) < 2 or not _TAG.fullmatch(cells[-1]):
            raise DataError(
                f"line {line[:60]!r} is not a token and a tag (O, B-LABEL, I-LABEL, …); an empty line parts sentences",
                file=name,
                line=number,
            )
        if sentences == [[]]:
            first_line = number
        sentences[-1].append(Row(cells[0], cells[-1], cells[1] if len(cells) == 3 else "", number))


def _cells(line: str) -> list[str]:
    if "\t" in line:
        cells = [cell.strip(" \r") for cell in line.split("\t")]
        return cells if cells[0] else cells[1:]
    return re.findall("[^ \r]+", line)  # other white space, such as a no-break space, is part of a token


def _space(misc: str) -> tuple[str, str | None]:
    """The space before and after a token; None after it where MISC leaves the usual one."""
    fields = dict(field.partition("=")[::2] for field in misc.split("|"))
    after = unescape(fields["SpacesAfter"]) if "SpacesAfter" in fields else None
    return unescape(fields.get("SpacesBefore", "")), "" if fields.get("SpaceAfter") == "No" else after
