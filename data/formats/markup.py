r"""Annotated text that a person can read, review and diff; the corpus is kept in it.

    id: 2024-05-06-norland-expulsions
    date: 2024-05-06
    title: Norland expels Estmarkian diplomats
    genre: wire report

    The [Foreign Ministry of Norland](ACTOR) on [Monday](DATE 2024-05-06) [ordered](ACTION) three …

A header of `key: value` lines, an empty line, and the text to the end of the file less one final newline. A span is
`[text](LABEL)` or `[text](LABEL value)`; in the text `[`, `]` and `\` are written `\[`, `\]` and `\\`. The text comes
back as it was, code point by code point.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from data.files import read_text, write_atomically
from data.schema import LABEL, RESERVED, Article, DataError, Span

SUFFIX = ".tagged.txt"

_LABEL_GROUP = re.compile(rf"\(({LABEL.pattern})(?: ([^()\s]+))?\)")
_SPECIAL = re.compile(r"[\[\]\\]")
_HEADER = re.compile(r"([a-z][a-z_-]*):(?: (.*))?")
_REQUIRED = ("id", "date", "title")


def read(path: Path, labels: Collection[str] | None = None) -> Article:
    """Read one file.

    Args:
        path: a UTF-8 file.
        labels: if given, the only labels allowed.

    Raises:
        DataError: with file and line, if the file breaks the format.
    """
    content = read_text(path)
    try:
        return parse(content, labels)
    except DataError as error:
        raise error.at(str(path)) from None


def write(article: Article, path: Path) -> None:
    """Write one file; what `read` gives back equals `article` (scores, which are no annotation, are left out)."""
    write_atomically(path, render(article))


def parse(content: str, labels: Collection[str] | None = None) -> Article:
    """The article in a file's content. Raises `DataError` with the line."""
    header, body_at, body_line = _parse_header(content)
    body = content[body_at:].removesuffix("\n")
    text, spans = parse_body(body, labels, first_line=body_line)
    if not text.strip():
        raise DataError("there is no text after the header", line=body_line)
    meta = {key: value for key, value in header.items() if key not in RESERVED}
    return Article(header["id"], text, tuple(spans), header["date"] or None, header["title"], meta)


def _parse_header(content: str) -> tuple[dict[str, str], int, int]:
    """The header's keys, where the body begins in `content`, and on which line."""
    header: dict[str, str] = {}
    position = 0
    for number, line in enumerate(content.split("\n"), start=1):
        position += len(line) + 1
        line = line.removesuffix("\r")
        if not line:
            missing = [key for key in _REQUIRED if key not in header]
            if missing:
                raise DataError(f"the header lacks {', '.join(missing)} (date may be empty)", line=number)
            return header, min(position, len(content)), number + 1
        match = _HEADER.fullmatch(line)
        if match is None:
            raise DataError(
                f"header line {line[:60]!r} is not 'key: value'; an empty line ends the header", line=number
            )
        key, value = match.group(1), match.group(2) or ""
        if key in header:
            raise DataError(f"the header gives {key!r} twice", line=number)
        if key in ("text", "spans"):
            raise DataError(f"the header may not use the key {key!r}", line=number)
        header[key] = value
    raise DataError("no empty line ends the header; the text comes after it", line=1)


def parse_body(body: str, labels: Collection[str] | None = None, first_line: int = 1) -> tuple[str, list[Span]]:
    """Text and spans of marked-up text, without a header. Raises `DataError` with the line."""
    plain: list[str] = []
    length = 0
    spans: list[Span] = []
    opened: int | None = None  # where the open span begins in the plain text,
    opened_piece = 0  # and with which piece of it
    at = 0

    def fail(reason: str) -> DataError:
        return DataError(reason, line=first_line + body.count("\n", 0, at))

    def keep(piece: str) -> None:
        nonlocal length
        plain.append(piece)
        length += len(piece)

    while at < len(body):
        match = _SPECIAL.search(body, at)
        if match is None:
            keep(body[at:])
            break
        keep(body[at : match.start()])
        at = match.start()
        sign = match.group()
        if sign == "\\":
            if body[at + 1 : at + 2] not in ("[", "]", "\\"):
                raise fail(r"a lone '\'; write '\\' for a backslash")
            keep(body[at + 1])
            at += 2
        elif sign == "[":
            if opened is not None:
                raise fail(r"'[' inside a span: spans are flat; write '\[' for a bracket in the text")
            opened, opened_piece = length, len(plain)
            at += 1
        else:
            if opened is None:
                raise fail(r"']' without a '[' before it; write '\]' for a bracket in the text")
            group = _LABEL_GROUP.match(body, at + 1)
            surface = "".join(plain[opened_piece:])
            if group is None:
                raise fail(f"'(LABEL)' or '(LABEL value)' must follow [{surface[:60]}]")
            label, value = group.group(1), group.group(2)
            if labels is not None and label not in labels:
                raise fail(f"unknown label {label!r} of [{surface[:60]}]; the labels are {', '.join(sorted(labels))}")
            if "\n" in surface:
                raise fail(f"the span {surface[:60]!r} runs over a line's end; spans stay inside one sentence")
            if surface != surface.strip() or not surface:
                raise fail(f"the span {surface[:60]!r} is empty or begins or ends with white space; move the brackets")
            spans.append(Span(opened, length, label, value))
            opened = None
            at = group.end()
    if opened is not None:
        at = len(body)
        raise fail(f"'[' before {''.join(plain[opened_piece:])[:40]!r} is never closed")
    return "".join(plain), spans


def render(article: Article) -> str:
    """The file content for an article.

    Raises:
        DataError: a title, id or meta value cannot stand in a header line, or a span crosses a line's end.
    """
    header = {"id": article.id, "date": article.date or "", "title": article.title, **article.meta}
    lines = []
    for key, value in header.items():
        if not isinstance(value, str) or len(value.splitlines()) > 1 or not _HEADER.fullmatch(f"{key}: {value}"):
            raise DataError(f"the header cannot hold {key!r}: {value!r}; keys are lower case, values one line of text")
        lines.append(f"{key}: {value}".rstrip(" ") if not value else f"{key}: {value}")
    return "\n".join(lines) + "\n\n" + render_body(article.text, article.spans) + "\n"


def render_body(text: str, spans: Collection[Span]) -> str:
    """Text with its spans marked up, without a header."""
    pieces = []
    at = 0
    for span in spans:
        surface = text[span.start : span.end]
        if "\n" in surface:
            raise DataError(f"span [{span.start}, {span.end}) {surface[:60]!r} runs over a line's end; split it")
        label = span.label if span.value is None else f"{span.label} {span.value}"
        pieces += [_escape(text[at : span.start]), f"[{_escape(surface)}]({label})"]
        at = span.end
    return "".join([*pieces, _escape(text[at:])])


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda match: "\\" + match.group(), text)
