"""What the files of annotation tools (Label Studio, doccano, Prodigy) have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from data.schema import RESERVED, Article, DataError, Span


def trimmed(span: Span, text: str) -> Span:
    """The span without white space at its borders, which a hand that marks text easily takes along.

    Raises:
        DataError: there is nothing else in it.
    """
    surface = text[span.start : span.end]
    if surface and not surface.strip():
        raise DataError(f"the span [{span.start}, {span.end}) {span.label} holds only white space; remove it")
    left, right = len(surface) - len(surface.lstrip()), len(surface) - len(surface.rstrip())
    return replace(span, start=span.start + left, end=span.end - right) if left or right else span


def is_predicted(articles: Iterable[Article]) -> bool:
    """Whether these come from a model: gold has no scores."""
    return any(span.score is not None for article in articles for span in article.spans)


def details(article: Article) -> dict[str, Any]:
    """What an article says of itself besides text and spans, for a tool's free fields."""
    return {"id": article.id, "date": article.date, "title": article.title, **article.meta}


def restored(text: Any, spans: Sequence[Span], fields: dict[str, Any], id: str) -> Article:
    """An article from a text, spans over it, and what `details` gave (or a foreign file's fields in its place).

    Args:
        text: as the file has it.
        spans: over it; white space at their borders is left out.
        fields: id, date and title where they are ours; everything else becomes `Article.meta`.
        id: for an article that brings none.

    Raises:
        DataError: a rule of `Article` is broken.
    """
    if not isinstance(text, str):
        raise DataError(f"the text is {text!r}; it must be a string")
    given = fields.get("id")
    return Article(
        id=id if given is None or given == "" else str(given),
        text=text,
        spans=tuple(trimmed(span, text) for span in spans),
        date=fields.get("date") or None,
        title=fields.get("title") or "",
        meta={key: value for key, value in fields.items() if key not in RESERVED},
    )


def list_of(kind: str, value: Any) -> list[dict[str, Any]]:
    """A list of objects, such as regions; none for None. Raises `DataError` naming `kind`."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise DataError(f"{kind} is not a list of objects")
    return value
