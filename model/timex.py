"""Values of times in TIMEX3's form (ISO 8601 with TimeML's additions), and the calendar arithmetic between them.

`docs/values.md` says which value an expression has. Here is only what a value is: a stretch of the calendar at some
granularity. Nothing here reads a clock, a locale or a network.
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass, replace

from model.zones import minutes_east

DAY = datetime.timedelta(days=1)

UNITS = ("clock", "part", "day", "weekend", "week", "month", "season", "quarter", "half", "year", "decade", "century")
"""Granularities, from the most to the least exact."""

RANK = {unit: rank for rank, unit in enumerate(UNITS)}

SEASONS = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}
"""The month that each season begins with. A winter has the year that it begins in."""


@dataclass(frozen=True)
class Time:
    """A stretch of the calendar.

    Attributes:
        unit: one of `UNITS`.
        start: its first day; for `clock` and `part` the day that they are of.
        detail: the season (`SP`), the part of the day (`MO`) or the clock time (`09:00`, to the second if need be).
        zone: of a clock time: `Z`, an offset such as `+02:00`, or "" where none is known.
    """

    unit: str
    start: datetime.date
    detail: str = ""
    zone: str = ""

    @property
    def value(self) -> str:
        """The TIMEX3 value."""
        start = self.start
        if self.unit == "day":  # most are
            return start.isoformat()
        year = f"{start.year:04d}"
        match self.unit:
            case "clock":
                return f"{start.isoformat()}T{self.detail}{self.zone}"
            case "part":
                return f"{start.isoformat()}T{self.detail}"
            case "week" | "weekend":
                iso = start.isocalendar()
                return f"{iso.year:04d}-W{iso.week:02d}{'-WE' if self.unit == 'weekend' else ''}"
            case "month":
                return f"{year}-{start.month:02d}"
            case "quarter":
                return f"{year}-Q{(start.month + 2) // 3}"
            case "half":
                return f"{year}-H{1 if start.month < 7 else 2}"
            case "season":
                return f"{year}-{self.detail}"
            case "year":
                return year
            case "decade":
                return year[:3]
            case "century":
                return year[:2]
        raise ValueError(self.unit)

    @property
    def last(self) -> datetime.date:
        """Its last day."""
        start = self.start
        if self.unit in ("day", "clock", "part"):
            return start
        match self.unit:
            case "week":
                return start + 6 * DAY
            case "weekend":
                return start + DAY
            case "month":
                return add_months(start, 1) - DAY
            case "quarter" | "season":
                return add_months(start, 3) - DAY
            case "half":
                return add_months(start, 6) - DAY
            case "year":
                return datetime.date(start.year, 12, 31)
            case "decade":
                return datetime.date(start.year + 9, 12, 31)
            case "century":
                return datetime.date(start.year + 99, 12, 31)
        raise ValueError(self.unit)

    def holds(self, day: datetime.date) -> bool:
        """Whether a day lies in it."""
        return self.start <= day <= self.last

    def as_day(self) -> Time:
        """The day of a clock time or a part of a day; anything else as it is."""
        return Time("day", self.start) if self.unit in ("clock", "part") else self


@dataclass(frozen=True)
class Interval:
    """From the start of one time to the end of another; its value has both, joined by a slash."""

    first: Time
    second: Time

    @property
    def value(self) -> str:
        """The TIMEX3 value."""
        return f"{self.first.value}/{self.second.value}"

    @property
    def last(self) -> datetime.date:
        """Its last day."""
        return self.second.last

    @property
    def start(self) -> datetime.date:
        """Its first day."""
        return self.first.start


@dataclass(frozen=True)
class Fixed:
    """A value without a place on the calendar: a duration (`P2Y`) or a reference (`PAST_REF`)."""

    value: str


Value = Time | Interval | Fixed


_VALUE = re.compile(
    r"(?P<year>\d{2,4})"
    r"(?:-(?:W(?P<week>\d\d)(?P<weekend>-WE)?|Q(?P<quarter>\d)|H(?P<half>\d)|(?P<season>SP|SU|FA|WI)"
    r"|(?P<month>\d\d)(?:-(?P<day>\d\d))?))?"
    r"(?:T(?:(?P<part>MO|MI|AF|EV|NI)|(?P<hour>\d\d):(?P<minute>\d\d)(?::\d\d)?(?P<zone>Z|[+-]\d\d:\d\d)?))?"
)
_PART_BEGINS = {"MO": 6, "MI": 12, "AF": 13, "EV": 18, "NI": 21}


def begins(value: str) -> datetime.datetime | None:
    """When a value begins, to put times in the order of the calendar: in UTC, and so taken if its zone is not known.

    None for a length, a reference, and what lies outside the years 1 to 9999.
    """
    match = _VALUE.match(value)
    if match is None:
        return None
    year = int(match["year"].ljust(4, "0"))
    month = int(match["month"] or 1)
    if match["quarter"]:
        month = 3 * int(match["quarter"]) - 2
    elif match["half"]:
        month = 6 * int(match["half"]) - 5
    elif match["season"]:
        month = SEASONS[match["season"]]
    try:
        day = datetime.date(max(year, 1), month, int(match["day"] or 1))
        if match["week"]:
            day = datetime.date.fromisocalendar(year, int(match["week"]), 6 if match["weekend"] else 1)
        hours = _PART_BEGINS[match["part"]] if match["part"] else int(match["hour"] or 0)
        since = datetime.timedelta(hours=hours, minutes=int(match["minute"] or 0))
        since -= datetime.timedelta(minutes=minutes_east(match["zone"] or "Z") or 0)
        return datetime.datetime(day.year, day.month, day.day) + since
    except (ValueError, OverflowError):
        return None


def is_over(due: str) -> datetime.datetime | None:
    """When a deadline's last moment is over, as `begins` has it: a day without an hour lasts to its end."""
    moment = begins(due)
    if moment is None or "T" in due:
        return moment
    return moment + DAY if moment.date() < datetime.date.max else datetime.datetime.max


def unit_of(unit: str, day: datetime.date) -> Time:
    """The week, month, … that a day lies in."""
    year = day.year
    match unit:
        case "day":
            start = day
        case "week":
            start = day - day.weekday() * DAY
        case "weekend":
            # From Monday to Friday the weekend is the one to come; on its own days it is itself.
            start = day - day.weekday() * DAY + 5 * DAY
        case "month":
            start = day.replace(day=1)
        case "quarter":
            start = datetime.date(year, (day.month - 1) // 3 * 3 + 1, 1)
        case "half":
            start = datetime.date(year, 1 if day.month < 7 else 7, 1)
        case "year":
            start = datetime.date(year, 1, 1)
        case "decade":
            start = datetime.date(max(year // 10 * 10, 1), 1, 1)
        case "century":
            start = datetime.date(max(year // 100 * 100, 1), 1, 1)
        case "season":
            return season_of(day)
        case _:
            raise ValueError(unit)
    return Time(unit, start)


def season_of(day: datetime.date) -> Time:
    """The season of the northern half of the Earth that a day lies in, by whole months."""
    month = day.month // 3 * 3 or 12
    year = day.year - 1 if day.month < 3 else day.year
    code = next(code for code, first in SEASONS.items() if first == month)
    return Time("season", datetime.date(year, month, 1), code)


def season(code: str, year: int) -> Time:
    """A season of a year (of a winter, the year that it begins in)."""
    return Time("season", datetime.date(year, SEASONS[code], 1), code)


def shift(time: Time, count: int) -> Time:
    """The time that is `count` of its own units later (earlier, if negative).

    Raises:
        ValueError, OverflowError: outside the years 1 to 9999.
    """
    match time.unit:
        case "week" | "weekend":
            return replace(time, start=time.start + 7 * count * DAY)
        case "month":
            return replace(time, start=add_months(time.start, count))
        case "quarter":
            return replace(time, start=add_months(time.start, 3 * count))
        case "half":
            return replace(time, start=add_months(time.start, 6 * count))
        case "season" | "year":
            return replace(time, start=add_months(time.start, 12 * count))
        case "decade":
            return replace(time, start=add_months(time.start, 120 * count))
        case "century":
            return replace(time, start=add_months(time.start, 1200 * count))
    return replace(time, start=time.start + count * DAY)


def add_months(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months later, or that month's last day if it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if day.day <= 28 or not 1 <= year <= 9999:
        return datetime.date(year, month + 1, day.day)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
