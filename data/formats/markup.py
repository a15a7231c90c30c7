r"""Annotated text that a person can read, review and diff; the corpus is kept in it.

    id: 2024-05-06-norland-expulsions
    date: 2024-05-06
    title: Norland expels Estmarkian diplomats
    genre: wire report

    The [Foreign Ministry of Norland](ACTOR) on [Monday](DATE 2024-05-06) [ordered](ACTION) three …

A header of `key: value` lines, an empty line, and the text to the end of the file less one final newline. A span is
`[text](LABEL)` or `[text](LABEL value)`; in the text `[`, `]` and `\` are written `\[`, `\]` and `\\`, and a line's end
inside a span is `\n`. The text comes back as it was, code point by code point. What fits in no header line (numbers,
lists, several lines) stands in one JSON object, `meta: {…}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from data.files import new_folder, path_of, read_text, write_atomically
from data.formats import jsonl
from data.formats.escaping import escape, unescape
from data.schema import LABEL, RESERVED, Article, DataError, Span

NAME = "markup"
SUFFIX = ".tagged.txt"
SUFFIXES: tuple[str, ...] = (SUFFIX,)
HOLDS = frozenset({"text", "id", "date", "title", "meta", "value"})

_LABEL_GROUP = re.compile(rf"\(({LABEL.pattern})(?: ([^()\s]+))?\)")
_SPECIAL = re.compile(r"[\[\]\\]")
_HEADER = re.compile(r"([a-z][a-z_-]*):(?: (.*))?")
_REQUIRED = ("id", "date", "title")
_META = "meta"


def looks_like(path: Path, head: str) -> bool:
    """Whether text begins with a header that has all that a header must have."""
    try:
        _parse_header(head)
    except DataError:
        return False
    return True


def read(path: Path, labels: Collection[str] | None = None) -> list[Article]:
    """Read one file; it holds one article.

    Args:
        path: a UTF-8 file.
        labels: if given, the only labels allowed.

    Raises:
        DataError: with file and line, if the file breaks the format.
    """
    content = read_text(path)
    try:
        return [parse(content, labels)]
    except DataError as error:
        raise error.at(str(path)) from None


def write(articles: Sequence[Article], path: Path) -> None:
    """Write one article to a file named `*.tagged.txt`, or any number to a new folder of such files.

    What `read` gives back equals the articles (scores, which are no annotation, are left out).
    """
    if path.name.endswith(SUFFIX) and len(articles) == 1:
        write_atomically(path, render(articles[0]))
        return
    with new_folder(path) as folder:
        for article in articles:
            write_atomically(folder / f"{path_of(article.id)}{SUFFIX}", render(article))


def parse(content: str, labels: Collection[str] | None = None) -> Article:
    """The article in a file's content. Raises `DataError` with the line."""
    header, body_at, body_line = _parse_header(content)
    body = content[body_at:].removesuffix("\n")
    text, spans = parse_body(body, labels, first_line=body_line)
    if not text.strip():
        raise DataError("there is no text after the header", line=body_line)
    meta = {key: value for key, value in header.items() if key not in RESERVED}
    return Article(header["id"], text, tuple(spans), header["date"] or None, header["title"], meta)


def _parse_header(content: str) -> tuple[dict[str, Any], int, int]:
    """The header's keys, where the body begins in `content`, and on which line."""
    header: dict[str, Any] = {}
    position = 0
    for number, line in enumerate(content.split("\n"), start=1):
        position += len(line) + 1
        line = line.removesuffix("\r")
        if not line:
            missing = [key for key in _REQUIRED if key not in header]
            if missing:
                raise DataError(f"the header lacks {', '.join(missing)} (date may be empty)", line=number)
            return _with_meta(header, number), min(position, len(content)), number + 1
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


def _with_meta(header: dict[str, Any], line: int) -> dict[str, Any]:
    if _META not in header:
        return header
    try:
        further = jsonl.load(header.pop(_META))
    except DataError as error:
        raise DataError(f"meta: {error.reason}", line=line - 1) from None
    taken = {"text", "spans", *(key for key, value in header.items() if value)}
    if not isinstance(further, dict) or taken & set(further):
        raise DataError("meta must be one JSON object, without keys of the header, text and spans", line=line - 1)
    return header | further


def parse_body(body: str, labels: Collection[str] | None = None, first_line: int = 1) -> tuple[str, list[Span]]:
    """Text and spans of marked-up text, without a header. Raises `DataError` with the line."""
    plain: list[str] = []
    length = 0
    spans: list[Span] = []
    opened: int | None = None  # where the open span begins in the plain text,
    opened_piece = opened_at = 0  # and with which piece of it, and where in the body
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
            escaped = body[at + 1 : at + 2]
            if escaped not in ("[", "]", "\\") and not (escaped == "n" and opened is not None):
                raise fail(r"a lone '\'; write '\\' for a backslash")
            keep("\n" if escaped == "n" else escaped)
            at += 2
        elif sign == "[":
            if opened is not None:
                raise fail(r"'[' inside a span: spans are flat; write '\[' for a bracket in the text")
            opened, opened_piece, opened_at = length, len(plain), at
            at += 1
        else:
            if opened is None:
                raise fail(r"']' without a '[' before it; write '\]' for a bracket in the text")
            group = _LABEL_GROUP.match(body, at + 1)
            surface = "".join(plain[opened_piece:])
            if group is None:
                raise fail(f"'(LABEL)' or '(LABEL value)' must follow [{surface[:60]}]")
            label, value = group.group(1), unescape(group.group(2)) if group.group(2) else None
            if labels is not None and label not in labels:
                raise fail(f"unknown label {label!r} of [{surface[:60]}]; the labels are {', '.join(sorted(labels))}")
            if "\n" in body[opened_at:at]:
                raise fail(f"the span {surface[:60]!r} runs over a line's end; if that is meant, write it '\\n'")
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
    """The file content for an article. Raises `DataError` for an article without text."""
    if not article.text.strip():
        raise DataError(f"article {article.id!r} has no text")
    header = {"id": article.id, "date": article.date or "", "title": article.title, **article.meta}
    lines = []
    further = {}
    for key, value in header.items():
        fits = key != _META and isinstance(value, str) and value.splitlines() in ([], [value])
        if fits and _HEADER.fullmatch(f"{key}: {value}"):
            lines.append(f"{key}: {value}" if value else f"{key}:")
            continue
        further[key] = value
        if key in _REQUIRED:
            lines.append(f"{key}:")
    if further:
        lines.append(f"{_META}: {json.dumps(further, ensure_ascii=False)}")
    return "\n".join(lines) + "\n\n" + render_body(article.text, article.spans) + "\n"


def render_body(text: str, spans: Collection[Span]) -> str:
    """Text with its spans marked up, without a header."""
    pieces = []
    at = 0
    for span in spans:
        surface = _escape(text[span.start : span.end]).replace("\n", "\\n")
        label = span.label if span.value is None else f"{span.label} {escape(span.value, also='()')}"
        pieces += [_escape(text[at : span.start]), f"[{surface}]({label})"]
        at = span.end
    return "".join([*pieces, _escape(text[at:])])


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda match: "\\" + match.group(), text)
