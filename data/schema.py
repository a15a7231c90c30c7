"""The one type that travels through Demarche: an article with labelled spans.

Offsets are half-open, `[start, end)`, and count Python code points of `Article.text` exactly as it was read. The
constructors enforce every rule, so that whoever holds an `Article` need not check it again.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from data.errors import InputError

LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
"""What a label may look like. The label set itself comes from the data."""

RESERVED = ("id", "date", "title", "text", "spans")
"""Keys of an article's dict form that `Article.meta` may not use."""


class DataError(InputError):
    """Input that cannot be used. The message names the place, the value and the remedy.

    `reason` is the message without the place; `at` puts a place before it once one is known.
    """

    def __init__(self, reason: str, *, file: str | None = None, line: int | None = None) -> None:
        self.reason, self.file, self.line = reason, file, line
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else f"line {line}: " if line else ""
        super().__init__(place + reason)

    def at(self, file: str, line: int | None = None) -> DataError:
        """The same error with its place; a line that is known already is kept."""
        return DataError(self.reason, file=file, line=self.line or line)


def check_keys(record: Mapping[str, Any], *names: str) -> None:
    """Raise `DataError` for the first of these keys that a record lacks; it lists those that are there."""
    for name in names:
        if name not in record:
            raise DataError(f"the key {name!r} is missing; found {', '.join(map(repr, record)) or 'no keys'}")


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """A labelled stretch of an article's text.

    Attributes:
        start, end: code points, half-open.
        label: such as `"DEADLINE"`.
        value: a normalised value (TIMEX3 form for dates), or None.
        score: confidence of a predicted span in [0, 1]; None for gold.

    Raises:
        DataError: offsets are no integers, are negative, empty or reversed, or the label is not a name.
    """

    start: int
    end: int
    label: str
    value: str | None = field(default=None, compare=False)
    score: float | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            if type(getattr(self, name)) is not int:
                raise DataError(f"span {name} is {getattr(self, name)!r}; it must be an integer (code points)")
        if not isinstance(self.label, str) or not LABEL.fullmatch(self.label):
            raise DataError(f"span label {self.label!r} is not a name (letters, digits, '_' and '-')")
        if self.start < 0:
            raise DataError(f"span [{self.start}, {self.end}) {self.label} starts before the text")
        if self.end <= self.start:
            kind = "empty" if self.end == self.start else "reversed"
            raise DataError(f"span [{self.start}, {self.end}) {self.label} is {kind}; end must be greater than start")
        if self.value is not None and (not isinstance(self.value, str) or not self.value):
            raise DataError(f"span value {self.value!r} is not a non-empty string")
        if self.score is not None and not (isinstance(self.score, (int, float)) and 0 <= self.score <= 1):
            raise DataError(f"span score {self.score!r} is not a number between 0 and 1")

    def to_dict(self) -> dict[str, Any]:
        """`{start, end, label}`, with `value` and `score` where there are any."""
        record: dict[str, Any] = {"start": self.start, "end": self.end, "label": self.label}
        if self.value is not None:
            record["value"] = self.value
        if self.score is not None:
            record["score"] = self.score
        return record


@dataclass(frozen=True, slots=True)
class Article:
    """A document, its publication date and its spans.

    Attributes:
        id: unique within a data set.
        text: exactly as it was read.
        spans: sorted by start, without overlap; no span begins or ends with white space.
        date: publication date (document creation time) as `YYYY-MM-DD`, or None when unknown.
        title: headline, "" when there is none. It is not part of `text`.
        meta: anything else (genre, region, source, …), with JSON-like values.

    Raises:
        DataError: a rule above does not hold.
    """

    id: str
    text: str
    spans: tuple[Span, ...] = ()
    date: str | None = None
    title: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("id", "text", "title"):
            if not isinstance(getattr(self, name), str):
                raise DataError(f"{name} is {getattr(self, name)!r}; it must be a string")
        if not self.id.strip():
            raise DataError("id is empty; give each article a unique one")
        if self.date is not None:
            check_date(self.date)
        taken = sorted(set(self.meta) & set(RESERVED))
        if taken:
            raise DataError(f"meta may not use the reserved keys {', '.join(taken)}")
        object.__setattr__(self, "meta", MappingProxyType(dict(self.meta)))
        object.__setattr__(self, "spans", tuple(sorted(self.spans)))
        previous: Span | None = None
        for span in self.spans:
            if span.end > len(self.text):
                raise DataError(
                    f"span [{span.start}, {span.end}) {span.label} ends after the text of {len(self.text)} code points;"
                    " are the offsets counted in bytes or UTF-16 units?"
                )
            text = self.text[span.start : span.end]
            if text != text.strip():
                raise DataError(
                    f"span [{span.start}, {span.end}) {span.label} {text!r} begins or ends with white space; trim it"
                )
            if previous is not None and span.start < previous.end:
                raise DataError(
                    f"span [{span.start}, {span.end}) {span.label} {text!r} overlaps [{previous.start}, {previous.end})"
                    f" {previous.label} {self.text[previous.start : previous.end]!r}; spans are flat: keep one of them"
                )
            previous = span

    def __hash__(self) -> int:
        return hash((self.id, self.text, self.spans))

    # A mapping proxy cannot be pickled, and articles cross process borders.
    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.id, self.text, self.spans, self.date, self.title, dict(self.meta))

    def covered(self, span: Span) -> str:
        """The text under a span."""
        return self.text[span.start : span.end]

    def with_spans(self, spans: Iterable[Span]) -> Article:
        """The same article with other spans."""
        return replace(self, spans=tuple(spans))

    def to_dict(self) -> dict[str, Any]:
        """`{id, date, title, text, spans: [{start, end, label}], …}`, meta keys at the top level."""
        return {
            "id": self.id,
            "date": self.date,
            "title": self.title,
            **self.meta,
            "text": self.text,
            "spans": [span.to_dict() for span in self.spans],
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Article:
        """The inverse of `to_dict`; keys that are not an article's own go to `meta`.

        Raises:
            DataError: `id` or `text` is missing, `spans` is no list of objects, or a rule of the types is broken.
        """
        if not isinstance(record, Mapping):
            raise DataError(f"expected an object with id and text, found {type(record).__name__}")
        check_keys(record, "id", "text")
        return cls(
            id=record["id"],
            text=record["text"],
            spans=tuple(_span_from_dict(item) for item in _span_list(record.get("spans"))),
            date=record.get("date"),
            title="" if record.get("title") is None else record["title"],
            meta={key: value for key, value in record.items() if key not in RESERVED},
        )


def check_date(date: Any) -> str:
    """Return a publication date that is written `YYYY-MM-DD`, or raise `DataError`."""
    try:
        if not isinstance(date, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
            raise ValueError
        datetime.date.fromisoformat(date)
    except ValueError:
        raise DataError(f"date {date!r} is not a day in the form YYYY-MM-DD") from None
    return date


def _span_list(spans: Any) -> list[Any]:
    if spans is None:
        return []
    if not isinstance(spans, list):
        raise DataError(f"spans is {type(spans).__name__}; it must be a list of {{start, end, label}}")
    return spans


def _span_from_dict(item: Any) -> Span:
    if not isinstance(item, Mapping):
        raise DataError(f"span {item!r} is not an object with start, end and label")
    missing = [name for name in ("start", "end", "label") if name not in item]
    if missing:
        raise DataError(f"span {dict(item)!r} lacks {', '.join(missing)}")
    return Span(item["start"], item["end"], item["label"], item.get("value"), item.get("score"))
