"""What is known where a time expression stands: the article's date, the times named before it, which way it points."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile

from model.timex import RANK, Time


class Unresolved(Exception):
    """An expression has no place on the calendar; the message says why."""


NO_DATE = "the article has no date to count from"
NO_ANCHOR = "it hangs on a time that the text does not give"
NO_EVENT = "it is counted from an event that has no date here"
UNKNOWN = "the words are not a time that the rules know"
OUT_OF_RANGE = "it lies outside the years 1 to 9999"


@dataclass(frozen=True)
class Said:
    """A time that the text has named: its value, where it stands, whether it gave its year and its month, and whether
    it is where something began ("since Monday").
    """

    time: Time
    start: int
    end: int
    full: bool
    month: bool
    label: str
    since: bool = False


@dataclass
class Context:
    """What one expression is resolved against.

    `lean` gives its direction, and is asked only if that matters; `gone` is whether the text says that the limit is
    over; `listed` is the time before it in a list; `countries` gives those that the text names, the likeliest first,
    and `payer` the one whose fiscal year is meant.
    """

    dct: datetime.date | None
    order: str
    lean: Callable[[], int]
    said: list[Said]
    paragraph: int
    sentence: int
    deadline: bool = False
    before: bool = False
    gone: bool = False
    listed: Time | None = None
    countries: Callable[[], Sequence[str]] = tuple
    payer: Callable[[], str | None] = str

    @cached_property
    def direction(self) -> int:
        """1 if the time lies ahead, -1 if behind, 0 if nothing tells."""
        return self.lean()

    def facing(self, direction: int, dct: datetime.date | None = None) -> Context:
        """The same with a direction that is known, and perhaps seen from another day."""
        return replace(self, lean=lambda: direction, dct=dct or self.dct)

    def day(self) -> datetime.date:
        """The article's date. Raises `Unresolved` if it has none."""
        if self.dct is None:
            raise Unresolved(NO_DATE)
        return self.dct

    def last(self, unit: str, *, within: int = 0) -> Time | None:
        """The time named last that is at least as exact as `unit`, from offset `within` on.

        Intervals count by their end.
        """
        for one in reversed(self.said):
            if one.start < within:
                break
            if RANK[one.time.unit] <= RANK[unit]:
                return one.time
        return None

    def anchor(self, unit: str) -> Time | None:
        """What "later" or "the day before" hangs on.

        It is the DATE named last; a DEADLINE only if it stands in the sentence.
        """
        for one in reversed(self.said):
            if RANK[one.time.unit] <= RANK[unit] and (one.label == "DATE" or one.start >= self.sentence):
                return one.time
        return self.last(unit)

    def meant_by_then(self, unit: str) -> Time | None:
        """What "then" is, or "that date" (`unit` "day").

        Of a deadline it is the limit named last, or what lies ahead.
        """
        if self.deadline:
            for one in reversed(self.said):
                if RANK[one.time.unit] <= RANK[unit or "century"] and (
                    one.label == "DEADLINE" or self.dct is None or one.time.start > self.dct
                ):
                    return one.time
        return self.anchor("day") if unit == "day" else self.last(unit or "century")

    def month_in_question(self) -> Time | None:
        """The month of a bare day of the month, if its sentence has named one as a DATE."""
        return next((one.time for one in self.named_since("DATE", self.sentence) if one.month), None)

    def named_since(self, label: str, offset: int) -> Iterator[Said]:
        """The times named with a label from an offset on, the latest first."""
        return (one for one in takewhile(lambda one: one.start >= offset, reversed(self.said)) if one.label == label)

    def day_since(self, offset: int) -> Time | None:
        """The last day named as a DATE from an offset on that is not after the article's."""
        for one in self.named_since("DATE", offset):
            if RANK[one.time.unit] <= RANK["day"] and (self.dct is None or one.time.start <= self.dct):
                return one.time
        return None

    def limit_since(self, offset: int) -> Time | None:
        """The last moment of the DEADLINE named last from an offset on."""
        limits = self.named_since("DEADLINE", offset)
        return next((one.time for one in limits if RANK[one.time.unit] <= RANK["day"]), None)

    def order_given(self) -> Time | None:
        """When an order was given, if its sentence says so by a day that is not after the article's."""
        return self.day_since(self.sentence)

    def day_ahead(self) -> Time | None:
        """The last day named in the paragraph, if it is still to come: "by ferry on Friday. Assemble before 0630"."""
        for one in takewhile(lambda one: one.start >= self.paragraph, reversed(self.said)):
            if RANK[one.time.unit] <= RANK["day"]:
                return one.time if self.dct is not None and one.time.start > self.dct and not one.since else None
        return None

    def focus(self) -> Time | None:
        """The day around which the passage moves, if it is far from the article's own."""
        # In an article without a date all hangs on the dates of its text.
        here = [one for one in self.said if one.label == "DATE" and (self.dct is None or one.start >= self.sentence)]
        if not any(one.full and one.month for one in here):
            return None
        last = here[-1].time
        if self.dct is not None and (self.direction > 0 or abs((last.start - self.dct).days) <= 300):
            return None
        return last
