"""Places a time expression on the calendar: the grammar's tree and what is known where it stands, to a value."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import takewhile
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

from model import expressions as say
from model.context import NO_ANCHOR, NO_EVENT, OUT_OF_RANGE, UNKNOWN, Context, Unresolved
from model.countries import country_of
from model.expressions import Node, duration
from model.named_days import fiscal_year_end, kept_day, last_day, named_day
from model.timex import DAY, RANK, Fixed, Interval, Time, Value, add_months, season, shift, unit_of
from model.zones import offset

_T = TypeVar("_T")


def evaluate(node: Node, context: Context) -> Value:
    """The value of a time expression.

    Raises:
        Unresolved: it has none, and why.
        ValueError, OverflowError: it lies outside the calendar.
    """
    match node:
        case say.Vague():
            return Fixed(node.value)
        case say.Stretch():
            return Fixed(node.value)
        case say.Length():
            return Fixed(duration(node.count, node.unit))
        case say.Impossible():
            raise Unresolved(node.why)
        case say.Date():
            return _date(node, context)
        case say.In():
            return _in(node, context)
        case say.Unit():
            return _unit(node, context)
        case say.Offset():
            return _offset(node, context)
        case say.Part():
            return _part(node, context)
        case say.Clock():
            return _clock(node, context)
        case say.Edge():
            return _edge(node, context)
        case say.Nth():
            return _nth(node, context)
        case say.Range():
            return _range(node, context)
        case say.Head():
            frame = _time(node.inner, context)
            edge = Time("day", frame.start if node.count > 0 else frame.last)
            if node.unit == "month":
                first = (
                    Time("month", frame.start)
                    if node.count > 0
                    else shift(Time("month", frame.last.replace(day=1)), node.count + 1)
                )
                return Interval(first, shift(first, abs(node.count) - 1))
            length = abs(node.count) * (7 if node.unit == "week" else 1)
            return (
                Interval(edge, shift(edge, length - 1)) if node.count > 0 else Interval(shift(edge, 1 - length), edge)
            )
        case say.Night():
            return Time("day", context.day() - (DAY if context.direction <= 0 else 0 * DAY))
        case say.Season():
            return _season(node, context)
        case say.Named():
            return _named(node, context)
        case say.FiscalYearEnd():
            return _fiscal_year_end(node, context)
        case say.Whole():
            return Time(node.unit, datetime.date(node.year, 1, 1))
        case say.Then():
            found = context.meant_by_then(node.unit)
            if found is None:
                raise Unresolved(NO_ANCHOR)
            return found.as_day() if node.unit == "day" else found
    raise Unresolved(UNKNOWN)


def _time(node: Node, context: Context) -> Time:
    value = evaluate(node, context)
    if isinstance(value, Interval):
        return value.second
    if isinstance(value, Fixed):
        raise Unresolved(NO_ANCHOR)
    return value


def _fields(node: say.Date, context: Context) -> say.Date:
    if node.ambiguous and context.order == "mdy":
        return replace(node, month=node.day, day=node.month, ambiguous=False)
    return node


def _date(node: say.Date, context: Context) -> Time:
    node = _fields(node, context)
    year, month, day, weekday = node.year, node.month, node.day, node.weekday
    if year is not None:
        if month is None:
            return Time("year", datetime.date(year, 1, 1))
        if day is None:
            return Time("month", datetime.date(year, month, 1))
        return Time("day", _make(year, month, day))
    if month is not None and day is not None:
        return _day_of_month(month, day, weekday, node.which, context)
    if month is not None:
        return _month(month, node.which, context)
    if day is not None:
        return _bare_day(day, weekday, context)
    assert weekday is not None
    return _weekday(weekday, node.which, context)


def _make(year: int, month: int, day: int) -> datetime.date:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        raise Unresolved(f"there is no day {day} in month {month} of {year}") from None


def _day_of_month(month: int, day: int, weekday: int | None, which: str, context: Context) -> Time:
    for one in takewhile(lambda one: one.start >= context.sentence, reversed(context.said)):
        if one.full and one.time.unit == "month" and one.time.start.month == month and weekday is None and not which:
            return Time("day", _make(one.time.start.year, month, day))  # "In January 1991, 15 January was"
    centre = _centre(context)
    for reach in (1, 8):  # years; the second for 29 February, and for a weekday that does not fit those nearby
        days = []
        for year in range(max(1, centre.year - reach), min(9999, centre.year + reach) + 1):
            try:
                candidate = datetime.date(year, month, day)
            except ValueError:
                continue
            if weekday is None or candidate.weekday() == weekday:
                days.append(Time("day", candidate))
        if days:
            return _choose(days, centre, which, context)
    raise Unresolved(
        f"there is no day {day} in month {month}" + (" that falls on that weekday" if weekday is not None else "")
    )


def _month(month: int, which: str, context: Context) -> Time:
    anchor = _stepped_from(which, context)
    centre = anchor.start if anchor else context.day() if which in ("last", "next", "this") else _centre(context)
    months = [
        Time("month", datetime.date(year, month, 1))
        for year in range(max(1, centre.year - 2), min(9999, centre.year + 2) + 1)
    ]
    if which in ("last", "next"):
        now = context.day()
        if which == "last":
            return [one for one in months if one.last < now][-1]
        return next(one for one in months if one.start > now)
    if which == "this":
        return Time("month", datetime.date(context.day().year, month, 1))
    if anchor is not None:
        return _step(months, anchor, which)
    return _choose(months, centre, which, context)


def _stepped_from(which: str, context: Context) -> Time | None:
    """The time that "the following" and "the previous" month or season are counted from; None for other words."""
    if which not in ("following", "previous"):
        return None
    return context.last("year") or Time("day", context.day())


def _step(candidates: Sequence[Time], anchor: Time, which: str) -> Time:
    """The first of the candidates, which are in order, that follows an anchor, or the last before it."""
    if which == "following":
        found = next((one for one in candidates if one.start > anchor.start), None)
    else:
        found = next((one for one in reversed(candidates) if one.last < anchor.start), None)
    if found is None:
        raise Unresolved(OUT_OF_RANGE)
    return found


def _bare_day(day: int, weekday: int | None, context: Context) -> Time:
    """ "the 12th": in the month that the passage is in, else in the one that the direction says."""
    anchor = None if context.deadline else context.month_in_question()
    centre = anchor.start if anchor is not None else context.dct or _centre(context)
    days = []
    for months in range(-2, 3):
        first = add_months(centre.replace(day=1), months)
        try:
            candidate = first.replace(day=day)
        except ValueError:
            continue
        if weekday is None or candidate.weekday() == weekday:
            days.append(Time("day", candidate))
    if not days:
        raise Unresolved(f"no month nearby has a day {day}" + (" on that weekday" if weekday is not None else ""))
    if anchor is not None and anchor.unit == "month":
        same = [one for one in days if one.start.month == centre.month and one.start.year == centre.year]
        if same:
            return same[0]
    if anchor is not None and not context.deadline:
        later = [one for one in days if one.start >= centre]
        same = [one for one in days if (one.start.year, one.start.month) == (centre.year, centre.month)]
        return (same or later or days)[0]
    if context.dct is not None and centre == context.dct and not context.deadline:
        back, ahead = (2.5, 1.0) if context.direction > 0 else (1.0, 2.5) if context.direction < 0 else (1.0, 1.0)
        return min(
            days, key=lambda one: (abs((one.start - centre).days) * (ahead if one.start > centre else back), one.start)
        )
    return _choose(days, centre, "", context)


def _weekday(weekday: int, which: str, context: Context) -> Time:
    if which == "that":
        anchor = context.last("week")
        if anchor is None:
            raise Unresolved(NO_ANCHOR)
        return Time("day", unit_of("week", anchor.start).start + weekday * DAY)
    if which in ("following", "previous"):
        anchor = context.last("day") or Time("day", context.day())
        day = anchor.start
        if which == "following":
            return Time("day", day + ((weekday - day.weekday() - 1) % 7 + 1) * DAY)
        return Time("day", day - ((day.weekday() - weekday - 1) % 7 + 1) * DAY)
    now = context.day()
    week = now - now.weekday() * DAY
    ahead = now + (weekday - now.weekday()) % 7 * DAY
    match which:
        case "last":
            return Time("day", now - ((now.weekday() - weekday - 1) % 7 + 1) * DAY)
        case "next":
            return Time("day", week + (7 + weekday) * DAY)
        case "this":
            return Time("day", week + weekday * DAY)
        case "week":
            return Time("day", ahead + 7 * DAY)
        case "fortnight":
            return Time("day", ahead + 14 * DAY)
        case "after next":
            return Time("day", week + (14 + weekday) * DAY)
        case "before last":
            return Time("day", now - ((now.weekday() - weekday - 1) % 7 + 8) * DAY)
        case "coming":
            return Time("day", ahead if ahead > now else ahead + 7 * DAY)
    if context.listed is not None and RANK[context.listed.unit] <= RANK["day"]:
        step = (weekday - context.listed.start.weekday()) % 7
        found = context.listed.start + step * DAY
        near = abs((found - now).days) <= 14 and not (context.direction < 0 and found > now)
        if 0 < step < 4 and near:  # "Wednesday, Thursday and Friday": one after the other
            return Time("day", found)
    if weekday == now.weekday():
        return Time("day", now + 7 * DAY if context.before and context.direction > 0 else now)
    return Time("day", ahead if context.direction > 0 else ahead - 7 * DAY)


def _centre(context: Context) -> datetime.date:
    """The day near which a time without a year lies."""
    focus = context.focus()
    if focus is not None and not (context.deadline and context.dct is not None):
        return focus.start
    return context.day()


def _choose(candidates: Sequence[Time], centre: datetime.date, which: str, context: Context) -> Time:
    """The candidate that direction and nearness choose; candidates are in order."""
    now = context.dct
    if which == "last" and now:
        return ([one for one in candidates if one.last < now] or list(candidates))[-1]
    if which in ("next", "coming") and now:
        return ([one for one in candidates if one.start > now] or list(candidates[::-1]))[0]
    if which == "this" and now:
        return ([one for one in candidates if one.start.year == now.year] or list(candidates))[0]
    if now is None or centre != now:
        focus = context.focus()
        if focus is not None and focus.unit == "year":
            inside = [one for one in candidates if one.start.year == focus.start.year]
            if inside:
                return inside[0]
        # The passage is about another time: what follows in it lies near that, rather after than before.
        return min(
            candidates, key=lambda one: (abs((one.start - centre).days + (60 if one.last < centre else 0)), one.start)
        )
    holding = [one for one in candidates if one.holds(centre)]
    if holding:
        return holding[0]
    past = [one for one in candidates if one.last < centre]
    future = [one for one in candidates if one.start > centre]
    if (
        context.deadline
        and past
        and future
        and (centre - past[-1].last).days < 60
        and (future[0].start - centre).days > 240
    ):
        # A deadline nearly a year away would be given with its year.
        return past[-1]
    if context.direction > 0 and future:
        gap_back = (centre - past[-1].last).days if past else 10**6
        # A deadline only just past stays past if the text says no more than that.
        if not context.deadline and (future[0].start - centre).days > 300 and gap_back < 40:
            return past[-1]
        return future[0]
    if (
        context.deadline
        and context.direction < 0
        and not context.gone
        and past
        and future
        and (future[0].start - centre).days < (centre - past[-1].last).days
    ):
        return future[0]
    if context.direction < 0 and past:
        if (centre - past[-1].last).days > 320 and future and (future[0].start - centre).days < 15:
            return future[0]
        return past[-1]
    if not past or not future:
        return (past[-1:] or future)[0]
    back, ahead = (centre - past[-1].last).days, (future[0].start - centre).days
    return past[-1] if back <= ahead else future[0]


def _in(node: say.In, context: Context) -> Value:
    outer, inner = node.outer, node.inner
    if isinstance(inner, say.Unit):  # "the week of 3 May"
        return unit_of(inner.unit, _time(outer, context).start)
    frame = _time(outer, context)
    if isinstance(inner, say.Season):
        return season(inner.code, frame.start.year)
    if isinstance(inner, say.Then):
        day = _time(inner, context).start
        return Time("day", _make(frame.start.year, day.month, day.day))
    if isinstance(inner, say.Named):
        found = _day_named(inner, frame.start.year, context)
        if found is None:
            raise Unresolved(UNKNOWN)
        return Time("day", found + inner.eve * DAY)
    assert isinstance(inner, say.Date)
    inner = _fields(inner, context)
    if inner.month is not None:
        if inner.day is None:
            return Time("month", datetime.date(frame.start.year, inner.month, 1))
        return Time("day", _make(frame.start.year, inner.month, inner.day))
    if inner.day is not None:
        return Time("day", _make(frame.start.year, frame.start.month, inner.day))
    if inner.weekday is not None:
        if frame.unit in ("day", "clock", "part"):
            week = unit_of("week", frame.start)
            return Time("day", week.start + inner.weekday * DAY)
        return Time("day", frame.start + (inner.weekday - frame.start.weekday()) % 7 * DAY)
    raise Unresolved(UNKNOWN)


def _unit(node: say.Unit, context: Context) -> Time:
    unit, which = node.unit, node.which
    if which == "that":
        anchor = context.last(unit)
        if anchor is None:
            raise Unresolved(NO_ANCHOR)
        return unit_of(unit, anchor.start)
    if which == "next here":
        here = context.last(unit, within=context.sentence)
        which = "next" if here is None or context.deadline else "following"
    if which in ("following", "previous"):
        anchor = context.last(unit) or (
            Time("day", context.day()) if which == "following" and context.dct and not context.said else None
        )
        if anchor is None:
            raise Unresolved(NO_ANCHOR)
        step = node.count if which == "following" else -node.count
        if unit == "weekend" and which == "following":
            week = unit_of("weekend", anchor.start)
            return week if anchor.start < week.start else shift(week, 1)
        return shift(unit_of(unit, anchor.start), step)
    if which == "" and unit in ("month", "year", "decade", "century") and not context.deadline:
        anchor = context.last("month" if unit == "month" else "year", within=context.sentence)
        if anchor is not None and RANK[anchor.unit] < RANK[unit]:
            return unit_of(unit, anchor.start)
    now = unit_of(unit, context.day())
    if which == "last":
        return shift(now, -node.count)
    if which == "next":
        return shift(now, node.count)
    if (
        unit == "weekend"
        and which == ""
        and context.direction <= 0
        and not context.deadline
        and context.day().weekday() < 5
    ):
        # "over the weekend", told on a weekday in the past tense: the one that is over.
        lean = context.direction < 0 or context.day().weekday() < 2
        return shift(now, -1) if lean else now
    return now


def _anchor(node: say.Offset, context: Context) -> Time | None:
    if node.anchor == "dct":
        return Time("day", context.day())
    if node.anchor == "text":
        return context.anchor(
            "day" if node.unit in ("minute", "hour", "day") else "month" if node.unit in ("week", "month") else "year"
        )
    assert not isinstance(node.anchor, str)
    if node.unit == "week" and node.count > 0 and isinstance(node.anchor, say.Date) and node.anchor.day is None:
        context = context.facing(1)  # "a week from Monday" is a week after the coming one
    return _time(node.anchor, context)


def _offset(node: say.Offset, context: Context) -> Value:
    anchor = _anchor(node, context)
    if node.vague:
        if anchor is None:
            return Fixed("FUTURE_REF" if context.direction > 0 else "PAST_REF")
        return (
            anchor.as_day()
            if node.unit in ("hour", "minute")
            else Fixed("FUTURE_REF" if context.direction > 0 else "PAST_REF")
        )
    if anchor is None:
        if node.unit in ("day", "week", "month", "year", "decade") and node.count < 0:
            if context.dct is None:
                raise Unresolved(NO_ANCHOR)
            anchor = Time("day", context.day())
        else:
            return Fixed("FUTURE_REF" if context.direction > 0 else "PAST_REF")
    exact = node.unit.startswith("day:")
    unit = node.unit.removeprefix("day:")
    return move(anchor, node.count, unit, exact=exact or not isinstance(node.anchor, str))


def move(anchor: Time, count: Fraction, unit: str, *, exact: bool) -> Time:
    """So many units on from a time, at the granularity of the unit (or of the anchor, if `exact`)."""
    _check(count, unit)
    if unit == "century" and count.denominator != 1:
        return shift(unit_of("decade", anchor.start), round(count * 10))
    if unit in ("decade", "century"):
        count, unit = count * (10 if unit == "decade" else 100), "year"
    if unit in ("minute", "hour"):
        return add(anchor, count, unit, False, to_the_hour=True)
    if count != int(count):
        halves = {
            "year": ("month", 12),
            "month": ("week", 4),
            "week": ("day", 7),
            "day": ("hour", 24),
        }
        smaller, times = halves.get(unit, ("day", 1))
        return move(anchor, Fraction(round(count * times)), smaller, exact=exact)
    number = int(count)
    if unit == "day" or exact:
        if unit in ("day", "weekend"):
            return Time(
                "day",
                (
                    anchor.start
                    if number >= 0 and anchor.unit in ("day", "clock", "part")
                    else anchor.last
                    if number > 0
                    else anchor.start
                )
                + number * DAY,
            )
        if unit == "week":
            return Time("day", anchor.start + 7 * number * DAY)
        months = {"month": 1, "quarter": 3, "season": 3, "year": 12, "decade": 120, "century": 1200}[unit]
        moved = add_months(anchor.start, months * number)
        return Time(
            "day" if anchor.unit in ("day", "clock", "part") else anchor.unit,
            moved,
            anchor.detail if anchor.unit == "season" else "",
        )
    if unit in ("week", "weekend", "month", "quarter", "year", "decade", "century"):
        base = unit_of(unit, anchor.start)
        if unit == "weekend":
            base = unit_of("week", anchor.start)
        return shift(base, number)
    return shift(unit_of("day", anchor.start), number)


def _check(count: Fraction, unit: str) -> None:
    limit = {
        "century": 100,
        "decade": 1000,
        "year": 10**4,
        "quarter": 4 * 10**4,
        "season": 4 * 10**4,
        "month": 12 * 10**4,
    }.get(unit, 10**8)
    if abs(count) > limit:
        raise Unresolved(OUT_OF_RANGE)


def add(anchor: Time, count: Fraction, unit: str, working: bool, *, to_the_hour: bool = False) -> Time:
    """The moment that lies a length of time after an anchor.

    Args:
        anchor: where the count begins.
        count, unit: the length.
        working: whether only Monday to Friday count.
        to_the_hour: whether hours that make whole days still lead to a clock time, as they do not in a deadline.
    """
    _check(count, unit)
    if unit in ("hour", "minute"):
        hours = count if unit == "hour" else count / 60
        if anchor.unit == "clock" and (to_the_hour or hours % 24 or not hours):
            hour, minute = (int(part) for part in anchor.detail.split(":")[:2])
            total = hour * 60 + minute + int(hours * 60)
            day, rest = divmod(total, 24 * 60)
            return replace(anchor, start=anchor.start + day * DAY, detail=f"{rest // 60:02d}:{rest % 60:02d}")
        return Time("day", anchor.start + int(hours / 24) * DAY)
    if working:
        later, left = anchor.start, int(count * {"week": 5}.get(unit, 1))
        if left > 10**5:
            raise Unresolved(OUT_OF_RANGE)
        while left:
            later += DAY
            left -= later.weekday() < 5
        return Time("day", later)
    if unit in ("day", "week", "weekend"):
        return Time("day", anchor.last + int(count * (1 if unit == "day" else 7)) * DAY)
    months = {"month": 1, "quarter": 3, "season": 3, "year": 12, "decade": 120, "century": 1200}[unit]
    return Time("day", add_months(anchor.last, int(count * months)))


def _part(node: say.Part, context: Context) -> Value:
    if node.day is None:
        day = _day_in_question(context)
        # What is to come in the morning, and has no day, comes in the next one.
        is_next = node.part == "MO" and context.direction > 0 and day == context.dct
        return Time("part", day + DAY if is_next else day, node.part)
    value = evaluate(node.day, context)
    if isinstance(value, Interval):
        return Time("part", value.first.start, node.part)
    if not isinstance(value, Time) or RANK[value.unit] > RANK["day"]:
        raise Unresolved(NO_ANCHOR if not isinstance(value, Time) else UNKNOWN)
    return Time("part", value.start, node.part)


def _day_in_question(context: Context, *, tonight: bool = False) -> datetime.date:
    """The day that a clock time or part of a day without one belongs to; `tonight` keeps a limit's off days to come."""
    if context.deadline and context.direction > 0:
        found = context.order_given() or (None if tonight else context.day_ahead())
        return found.start if found is not None else context.day()
    for one in takewhile(lambda one: one.start >= context.paragraph, reversed(context.said)):
        if one.label == "DEADLINE" and (context.dct is None or one.time.start >= context.dct):
            continue  # only one that is over may be what the passage tells of
        near = context.dct is None or abs((one.time.start - context.dct).days) < 8 or one.start >= context.sentence
        if RANK[one.time.unit] <= RANK["day"] and near and not one.since:
            return one.time.start
    return context.day()


def _clock(node: say.Clock, context: Context) -> Value:
    # A bare midnight is the coming one; another hour may be of a day that was just named.
    day = _day_in_question(context, tonight=node.hour == 24) if node.day is None else None
    if node.day is not None:
        value = _time(node.day, context)
        if RANK[value.unit] > RANK["day"]:
            raise Unresolved(UNKNOWN)
        day = value.start
    assert day is not None
    hour = node.hour
    if not node.half_known and 0 < hour < 12:
        said = context.last("clock", within=context.sentence)
        latest = context.said[-1].time if context.said and context.said[-1].start >= context.sentence else None
        in_part = latest is not None and latest.unit == "part" and latest.detail in ("AF", "EV", "NI")
        after_noon = said is not None and said.unit == "clock" and int(said.detail[:2]) >= 12
        # Without more, one to six are hours of the afternoon: news is made by day.
        if in_part or after_noon or hour < 7:
            hour += 12
    if node.day is None and context.deadline and context.said and context.said[-1].start >= context.sentence:
        last = context.said[-1]
        if last.since and last.time.unit == "clock" and int(last.time.detail[:2]) > hour:
            day = last.time.start + DAY  # "from 11 p.m. until five in the morning"
    detail = f"{hour:02d}:{node.minute:02d}" + (f":{node.second:02d}" if node.second is not None else "")
    return Time("clock", day, detail, _offset_of(node.zone, day, hour, node.minute))


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    return {
        name.rpartition("/")[2].replace("_", " ").lower(): name
        for name in sorted(available_timezones())
        if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    }


def _offset_of(zone: str, day: datetime.date, hour: int, minute: int) -> str:
    """`Z`, `+02:00` or "" for a zone as `model.expressions` names it, at that time."""
    if zone.startswith("?"):
        zone = _cities().get(zone[1:], "")
    if not zone or zone == "Z" or zone[0] in "+-":
        return zone
    moment = datetime.datetime(day.year, day.month, day.day, min(hour, 23), minute, tzinfo=ZoneInfo(zone))
    return offset(int((moment.utcoffset() or datetime.timedelta()).total_seconds() / 60))


def _edge(node: say.Edge, context: Context) -> Value:
    inner = evaluate(node.inner, context)
    if isinstance(inner, Time) and (last := _last_day(node.inner, inner)) is not None:
        match node.edge:
            case "end":
                return last
            case "mid" | "middle":
                return shift(inner, (last.start - inner.start).days // 2)
            case "early":  # ten days, as of a month
                return Interval(inner, shift(inner, 9))
            case "late":
                return Interval(shift(last, -9), last)
    if (
        isinstance(inner, Time)
        and inner.unit == "day"
        and node.edge in ("early", "late", "end", "start", "middle", "mid")
    ):
        if node.edge in ("end", "start"):
            return inner
        return Time("part", inner.start, {"early": "MO", "late": "EV"}.get(node.edge, "MI"))
    return inner


def _last_day(node: Node, first: Time) -> Time | None:
    """The last day of what is named by its first ("Ramadan"); None of other times."""
    last = last_day(node.name, first.start) if isinstance(node, say.Named) else None
    return Time("day", last) if last is not None else None


def _nth(node: say.Nth, context: Context) -> Value:
    if node.unit == "iso week":
        frame_year = _time(node.inner, context).start.year if node.inner is not None else context.day().year
        return Time("week", datetime.date.fromisocalendar(frame_year, node.number, 1))
    if node.inner is None:  # "the third quarter"
        now = context.day()
        months = 3 if node.unit == "quarter" else 6
        if not 1 <= node.number <= 12 // months:
            raise Unresolved(UNKNOWN)
        year = now.year
        anchor = context.last("year", within=context.sentence)
        if anchor is not None and anchor.unit == "year":
            year = anchor.start.year
        found = Time(node.unit, datetime.date(year, (node.number - 1) * months + 1, 1))
        if context.direction < 0 and found.start > now:
            return shift(found, -12 // months)
        # Of a deadline, one that is hardly over would be the passed one, as for days without a year.
        if context.direction > 0 and (now - found.last).days > (60 if context.deadline else 0):
            return shift(found, 12 // months)
        return found
    frame = evaluate(node.inner, context)
    if isinstance(frame, Fixed):
        raise Unresolved(NO_ANCHOR)
    if isinstance(frame, Time) and (final := _last_day(node.inner, frame)) is not None:
        frame = Interval(frame, final)
    start, last = frame.start, frame.last
    number = node.number
    unit = frame.unit if isinstance(frame, Time) else ""
    if node.weekday is not None:
        return Time("day", _pick([day for day in _days(start, last) if day.weekday() == node.weekday], number))
    match node.unit:
        case "day":
            return Time("day", _pick_day(start, last, number))
        case "working day":
            return Time("day", _pick([day for day in _days(start, last) if day.weekday() < 5], number))
        case "week":
            if unit in ("month", "year", "quarter", "half", "season") or isinstance(frame, Interval):
                if number < 0:
                    return Interval(Time("day", last - 6 * DAY), Time("day", last))
                first = start + 7 * (number - 1) * DAY
                if first > last:
                    raise Unresolved(UNKNOWN)
                return Interval(Time("day", first), Time("day", first + 6 * DAY))
        case "weekend":
            return Time("weekend", _pick([day for day in _days(start, last) if day.weekday() == 5], number))
        case "month":
            inside = [Time("month", add_months(start, offset)) for offset in range(12)]
            return _pick([one for one in inside if one.last <= last], number)
        case "quarter":
            if unit == "year":
                return _pick([Time("quarter", add_months(start, 3 * offset)) for offset in range(4)], number)
        case "half":
            if unit == "year":
                return _pick([Time("half", start), Time("half", add_months(start, 6))], number)
            if isinstance(frame, Interval):
                middle = start + (last - start) // 2
                halves = (start, middle), (middle + DAY, last)
                return _pick([Interval(Time("day", first), Time("day", final)) for first, final in halves], number)
            if isinstance(frame, Time):
                return frame
    if isinstance(frame, Time):
        return frame
    raise Unresolved(UNKNOWN)


def _days(start: datetime.date, last: datetime.date) -> list[datetime.date]:
    return [start + offset * DAY for offset in range((last - start).days + 1)]


def _pick_day(start: datetime.date, last: datetime.date, number: int) -> datetime.date:
    day = start + (number - 1) * DAY if number > 0 else last + (number + 1) * DAY
    if not start <= day <= last:
        raise Unresolved(UNKNOWN)
    return day


def _pick(items: Sequence[_T], number: int) -> _T:
    index = number - 1 if number > 0 else number
    if not -len(items) <= index < len(items):
        raise Unresolved(UNKNOWN)
    return items[index]


def _range(node: say.Range, context: Context) -> Value:
    first_node, second_node = node.first, node.second
    if isinstance(first_node, say.Date) and isinstance(second_node, say.Date):
        partial = second_node.year is None and first_node.year is None
        if (
            partial
            and first_node.month is not None
            and second_node.month is not None
            and (first_node.day is None) == (second_node.day is None)
        ):
            second = _time(second_node, context)
            year = second.start.year - (
                1 if (first_node.month, first_node.day or 0) > (second_node.month, second_node.day or 0) else 0
            )
            first = _date(replace(first_node, year=year, ambiguous=False), context)
            return Interval(first, second)
    first = _time(first_node, context)
    if (
        isinstance(second_node, say.Date)
        and second_node.year is None
        and second_node.weekday is not None
        and second_node.day is None
    ):
        day = first.start
        return Interval(first, Time("day", day + (second_node.weekday - day.weekday()) % 7 * DAY))
    if isinstance(second_node, say.Clock) and second_node.day is None and first.unit == "clock":
        second_node = replace(second_node, day=say.Date(first.start.year, first.start.month, first.start.day))
    second = _time(second_node, context)
    if (
        isinstance(second_node, say.Date)
        and second_node.year is None
        and second.start < first.start
        and second.unit in ("day", "month")
    ):
        second = replace(second, start=add_months(second.start, 12 if second_node.month else 1))
    return Interval(first, second)


def _season(node: say.Season, context: Context) -> Time:
    if node.year is not None:
        return season(node.code, node.year)
    now = context.dct
    if node.which == "that":
        anchor = context.last("year")
        if anchor is None:
            raise Unresolved(NO_ANCHOR)
        return season(node.code, anchor.start.year)
    step_from = _stepped_from(node.which, context)
    centre = (
        step_from.start if step_from else context.day() if node.which in ("last", "next", "this") else _centre(context)
    )
    seasons = [season(node.code, year) for year in range(max(1, centre.year - 2), min(9998, centre.year + 2) + 1)]
    if node.which in ("last", "next", "this") and now is not None:
        if node.which == "last":
            return [one for one in seasons if one.last < now][-1]
        if node.which == "next":
            return next(one for one in seasons if one.start > now)
        holding = [one for one in seasons if one.holds(now)]
        if holding:
            return holding[0]
        return next(one for one in seasons if one.start.year == now.year)
    if step_from is not None:
        return _step(seasons, step_from, node.which)
    return _choose(seasons, centre, "", context)


def _named(node: say.Named, context: Context) -> Time:
    if node.year is not None:
        day = _day_named(node, node.year, context)
        if day is None:
            raise Unresolved("the day of that name is not known for that year")
        return Time("day", day + node.eve * DAY)
    centre = context.day() if node.which in ("last", "next", "this") else _centre(context)
    days = [_day_named(node, year, context) for year in range(centre.year - 2, centre.year + 3)]
    times = [Time("day", day + node.eve * DAY) for day in days if day is not None]
    if not times and node.kept:
        raise Unresolved(NO_EVENT if context.deadline else UNKNOWN)
    if not times:
        raise Unresolved("the day of that name is not known for these years")
    return _choose(times, centre, node.which, context)


def _fiscal_year_end(node: say.FiscalYearEnd, context: Context) -> Time:
    """The coming one, unless the words say another; the last, of a limit that is over."""
    country = country_of(node.whose) or context.payer()
    step = DAY if node.begins else 0 * DAY
    if node.which in ("", "this", "next"):
        ends = [fiscal_year_end(context.day().year + years, country) for years in range(-1, 3)]
        if context.gone and not node.which:
            return Time("day", max(end for end in ends if end < context.day()) + step)
        coming = [end for end in ends if end >= context.day()]
        return Time("day", coming[1 if node.which == "next" else 0] + step)
    centre = context.day() if node.which == "last" else _centre(context)
    ends = [fiscal_year_end(centre.year + years, country) for years in range(-2, 3)]
    return _choose([Time("day", end + step) for end in ends], centre, node.which, context)


_KEPT_DIFFERENTLY = ("labour day", "liberation day", "victory day")
"""Days with a date that most mean, which the country that is spoken of may keep on another."""


def _day_named(node: say.Named, year: int, context: Context) -> datetime.date | None:
    """The date of a named day in a year; of one that countries keep at their own times, in the likeliest that does."""
    if node.kept:
        return kept_day(node.name, year, context.countries())
    if node.name in _KEPT_DIFFERENTLY and (day := kept_day(node.name, year, context.countries()[:1])):
        return day
    return named_day(node.name, year)


# --- deadlines --------------------------------------------------------------------------------------------------------


def last_moment(value: Time | Interval, node: Node, relation: str) -> str:
    """The last moment allowed, as a TIMEX3 value."""
    edge = node.edge if isinstance(node, say.Edge) else ""
    if isinstance(value, Interval):
        if relation == "before":
            return (value.start - DAY).isoformat()
        if value.second.unit in ("clock", "part"):
            return value.second.value
        return value.last.isoformat()
    if value.unit in ("clock", "part"):
        return value.value
    if edge in ("end", "late", "half2"):
        return value.last.isoformat()
    if edge in ("early", "mid", "middle", "half1") or (edge == "start" and relation != "before"):
        return _within_unit(value, edge).isoformat()
    if relation == "before":
        return (value.start - DAY).isoformat()
    return value.last.isoformat()


def _within_unit(value: Time, edge: str) -> datetime.date:
    """The last day of the early or middle part of a unit."""
    early = edge in ("early", "start")
    start = value.start
    match value.unit:
        case "month":
            return start.replace(day=10 if early else 15)
        case "year":
            return datetime.date(start.year, 4, 30) if early else datetime.date(start.year, 6, 30)
        case "week":
            return start + (1 if early else 2) * DAY
        case "decade":
            return datetime.date(start.year + (2 if early else 4), 12, 31)
        case "quarter" | "season" | "half":
            middle = start + ((value.last - start) / 2)
            return add_months(start, 1) - DAY if early else middle
    return value.last


def time_of(due: str) -> Time:
    """The time that `last_moment` has written down."""
    day = datetime.date.fromisoformat(due[:10])
    rest = due[11:]
    if not rest:
        return Time("day", day)
    if rest in ("MO", "MI", "AF", "EV", "NI"):
        return Time("part", day, rest)
    match = re.match(r"(\d\d:\d\d(?::\d\d)?)(.*)", rest)
    assert match is not None
    return Time("clock", day, match[1], match[2])
