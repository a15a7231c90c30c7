"""JSON lines: one article a line, `{id, date, title, text, spans: [{start, end, label}], …}`.

Offsets are code points into `text`. Further keys travel with the article as `Article.meta`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from data.files import read_text, write_atomically
from data.schema import Article, DataError

NAME = "jsonl"
SUFFIXES: tuple[str, ...] = (".jsonl", ".ndjson")
HOLDS = frozenset({"text", "id", "date", "title", "meta", "value", "score"})

_OTHERS = frozenset({"label", "labels", "entities", "tokens", "answer", "_input_hash", "_task_hash"})
"""Keys of doccano's and Prodigy's lines."""


def looks_like(path: Path, head: str) -> bool:
    """Whether the first line is an object with our keys: an id, a text, and spans or none of other tools' keys."""
    record = first_record(head)
    if not {"id", "text"} <= set(record) or not isinstance(record["id"], str):
        return False
    return not _OTHERS & set(record) or {"spans", "date", "title"} <= set(record)


def first_record(head: str) -> dict[str, Any]:
    """The first line's object, by whose keys tools' lines are told apart; an empty one if it is none."""
    line = head.lstrip().partition("\n")[0]
    try:
        record = json.loads(line) if line.startswith("{") else None
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def read(path: Path, labels: Collection[str] | None = None) -> list[Article]:
    """Read a file. Raises `DataError` with file and line."""
    return list(parse(read_text(path), str(path), labels))


def write(articles: Iterable[Article], path: Path) -> None:
    """Write a file, whole or not at all."""
    write_atomically(path, render(articles))


def parse(content: str, name: str, labels: Collection[str] | None = None) -> Iterator[Article]:
    """The articles in a file's content; empty lines are skipped.

    Raises:
        DataError: a line is no JSON object, breaks a rule of `Article`, has a label outside `labels`, or repeats an id.
    """
    return articles(content, name, lambda _, record: Article.from_dict(record), labels, "the id", "ids must be unique")


def articles(
    content: str,
    name: str,
    make: Callable[[int, dict[str, Any]], Article | None],
    labels: Collection[str] | None,
    noun: str,
    remedy: str,
) -> Iterator[Article]:
    """The articles that a file's lines make, each with an id of its own.

    Args:
        content, name: of the file.
        make: gives the article of a line's number and object, or None if it is to be left out.
        labels: if given, the only labels allowed.
        noun, remedy: what is said before and after an id that stands twice.

    Raises:
        DataError: with the line.
    """
    seen: dict[str, int] = {}
    for number, record in records(content, name):
        try:
            article = make(number, record)
            if article is None:
                continue
            check_labels(article, labels)
            if article.id in seen:
                raise DataError(f"{noun} {article.id!r} stands on line {seen[article.id]} already; {remedy}")
        except DataError as error:
            raise error.at(name, number) from None
        seen[article.id] = number
        yield article


def records(content: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects in a file's lines, each with its line's number; empty lines are skipped.

    Raises:
        DataError: a line is no JSON object.
    """
    # Not splitlines(): U+2028 and the like are legal inside JSON strings.
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = load(line)
            if not isinstance(record, dict):
                raise DataError(f"expected an object, found {type(record).__name__}")
        except DataError as error:
            raise error.at(name, number) from None
        yield number, record


def render(articles: Iterable[Article]) -> str:
    """The file content for articles."""
    return "".join(json.dumps(article.to_dict(), ensure_ascii=False) + "\n" for article in articles)


def check_labels(article: Article, labels: Collection[str] | None) -> None:
    """Raise `DataError` for a span whose label is not among `labels`, if those are given."""
    for span in article.spans:
        check_label(span.label, labels, article.covered(span), f" in article {article.id!r}")


def check_label(
    label: str, labels: Collection[str] | None, words: str, place: str = "", line: int | None = None
) -> None:
    """Raise `DataError` if the label of some words is not among `labels`, if those are given."""
    if labels is not None and label not in labels:
        raise DataError(
            f"unknown label {label!r} of {words[:60]!r}{place}; the labels are {', '.join(sorted(labels))}", line=line
        )


def load(content: str) -> Any:
    """A JSON value that could be written again. Raises `DataError`, with the line if there are several."""
    try:
        value = json.loads(content, parse_constant=_reject_constant)
    except json.JSONDecodeError as error:
        raise DataError(
            f"broken JSON at column {error.colno}: {error.msg}; mend the line or remove it",
            line=error.lineno if "\n" in content else None,
        ) from None
    except RecursionError:
        raise DataError("JSON nested too deeply; an article is a flat object") from None
    except DataError:  # which is a ValueError too
        raise
    except ValueError as error:  # an integer of more digits than Python reads
        raise DataError(f"JSON with a number that cannot be read ({error}); shorten it") from None
    # A lone surrogate passes json.loads, but no file could hold the text again.
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise DataError(
            "a string holds half of a surrogate pair (\\ud800 to \\udfff); write the whole character"
        ) from None
    return value


def _reject_constant(constant: str) -> NoReturn:
    raise DataError(f"{constant} is no JSON value; use null")
