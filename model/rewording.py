"""Readings of words that the grammar has no rule for as they stand: in other words, in fewer, or as a time of day."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from fractions import Fraction

from model import expressions as say
from model.expressions import Node, normalise, parse
from model.limits import split_limit
from model.traits import names_a_day
from model.zones import minutes_east, offset

_CLOCK_IN_A_CITY = re.compile(
    r"(\d{1,2}(?::\d\d)?(?: [ap]m| hours| o'clock)|noon|midnight) in [a-z' -]+? (on .+|today|tonight|tomorrow)"
)


def reworded(words: str) -> Node | None:
    """What the grammar knows in other words, or in fewer."""
    if match := _CLOCK_IN_A_CITY.fullmatch(words):
        return parse(f"{match[1]} {match[2]}")
    if words == "this midnight":
        return parse("midnight tonight")
    if words == "the half":  # "half-year" is normalised to it
        return say.Unit("half", "")
    return _in_another_year(words)


_SAME_DAY = re.compile(r"(?:the )?same (?:day|date) (?:of|in) (.+)")
_NTH_DAY = re.compile(
    r"(?:the )?(?:(?:close|end) of (?:business on )?(?:the )?)?(?P<count>\d{1,3})(?:st|nd|rd|th)"
    r" (?P<working>working |business )?day(?: at (?:the )?latest)?(?P<that> (?:after|from|following) (?:that|it|this))?"
)


def _in_another_year(words: str) -> Node | None:
    """ "the same day of 2025": the day named last, in a year that is said; "Independence Day next" or "last"."""
    if match := _SAME_DAY.fullmatch(words):
        year = parse(match[1])
        if (isinstance(year, say.Unit) and year.unit == "year") or isinstance(year, say.Date):
            return say.In(say.Then("day"), year)
        return None
    name, _, which = words.rpartition(" ")
    if which in ("next", "last"):
        named = parse(name) or say.kept(name)
        return replace(named, which=which) if isinstance(named, say.Named) and named.year is None else None
    return None


def nth_day(words: str, after: str) -> Node | None:
    """ "by the tenth day after that"; without a day to count from it is a notice, "before the tenth day"."""
    match = _NTH_DAY.fullmatch(words)
    if match is None or re.match(r" (?:of|after|from|following) (?!which)", after):
        return None
    if match["that"]:
        return say.Offset(Fraction(match["count"]), "day", say.Then("day"))
    return say.Length(Fraction(match["count"]), "day", match["working"] is not None, notice=True)


_COUNTED = re.compile(r"(?P<length>.+?) (?:of|after|from|following|before|prior to) (?:the )?(?P<start>.+)")


def counted(words: str) -> Node | None:
    """A length counted from a day, or from an event of no date, which makes it a notice: "30 days after the vote"."""
    match = _COUNTED.fullmatch(words)
    length = parse(match["length"]) if match else None
    if match is None or not isinstance(length, say.Length):
        return None
    start = say.Then() if match["start"] in ("that", "this", "it") else parse(match["start"]) or tail(match["start"])
    if start is None:
        return replace(length, working=False, notice=True)
    is_back = re.search(r" (?:before|prior to) ", words) is not None
    return say.Offset(-length.count if is_back else length.count, length.unit, start)


_BARE_COUNT = re.compile(r"(?:another )?(?P<count>\d{1,3})(?: more| further| extra)?")


def of_like_length(words: str, last: say.Length) -> Node | None:
    """A length that leaves its unit to the one before it: "thirty days, then fifteen more", "they ten days, he 45".

    As a notice, which has no last moment: what it is counted from is even less clear than for the one before.
    """
    match = _BARE_COUNT.fullmatch(words)
    return say.Length(Fraction(match["count"]), last.unit, notice=True) if match else None


_MORE_THAN_A_NAME = re.compile(
    r"\d|\b(?:noon|midnight|o'clock|at|before|after|dawn|morning|midday|afternoon|dusk|evening|night|hours?|minutes?"
    r"|months?|years?|quarter|weekend|early|late|mid|beginning|start|opening|end|close"
    rf"|{say.WEEKDAY})\b"
)


_IN_BRACKETS = re.compile(r"([^()]+?)\s*\(([^()]+)\)\s*([^()]*)")


def in_two_zones(words: str) -> Node | None:
    """A clock time, in brackets what clocks show elsewhere: "3 a.m. on Thursday (0200 GMT)".

    The two together say how far the first one's zone is from UTC.

    Args:
        words: as they stand in the text.
    """
    match = _IN_BRACKETS.fullmatch(words) if "(" in words else None
    if match is None:
        return None
    node, elsewhere = parse(split_limit(normalise(f"{match[1]} {match[3]}"))[1]), parse(normalise(match[2]))
    if not isinstance(node, say.Clock) or not isinstance(elsewhere, say.Clock):
        return None
    if node.day is None and elsewhere.day is not None:
        return elsewhere
    theirs = minutes_east(elsewhere.zone)
    is_known = node.zone and not node.zone.startswith("?")
    if is_known or theirs is None or not (node.half_known and elsewhere.half_known):
        return node
    utc = 60 * elsewhere.hour + elsewhere.minute - theirs
    # No zone that people live in is more than 11 hours behind UTC; some are 13 before it.
    east = (60 * node.hour + node.minute - utc + 11 * 60) % (24 * 60) - 11 * 60
    return replace(node, zone=offset(east))


def apposed(words: str) -> Node | None:
    """The day that stands beside a name for it that the grammar does not know.

    As in "Curaçao Day, 10 October", "the eve of Government Week, August 23", "Thursday, Showa Day".
    """
    left, comma, right = words.rpartition(", ")
    if not comma:
        return None
    for part, other in ((right, left), (left, right)):
        node, name = parse(split_limit(normalise(part))[1]), normalise(other)
        if not isinstance(node, say.Date):
            continue
        is_day = node.month is not None and node.day is not None
        is_weekday = node.weekday is not None and (node.which or part == left)
        if (is_day or is_weekday) and (isinstance(parse(name), say.Named) or not _MORE_THAN_A_NAME.search(name)):
            return node
    return None


def tail(words: str) -> Node | None:
    """The date of a dated event.

    As in "the summit in Tirana on 6 December", "the vote of 10 December on the bill", "the August summit", "Monday's
    early shift", "parliament resumes on 11 September".
    """
    if match := _OF_A_DAY.match(words.removeprefix("the ")):
        return parse(match[0])
    for match in re.finditer(r" (?:due in|due on|foreseen for|set for|on|of|in|by|,) ", words):
        if not re.search(r"[a-z]{3}", words[: match.start()]):
            continue  # "ten on Monday morning" is no event
        behind = words[match.end() :].split(" ")
        for count in range(len(behind), 0, -1):
            node = parse(" ".join(behind[:count]))
            # What goes on behind it may make "2000" prisoners of the year 2000, so there it must be a day.
            if isinstance(node, _OF_AN_EVENT) and (count == len(behind) or names_a_day(node)):
                return node
    if day := _DAY_BEHIND.search(words):  # "D+120, 18 April"
        return parse(day[1])
    found = _EVENT_WITH_MONTH.fullmatch(words) or _DATE_AS_GIVEN.fullmatch(words)
    return parse(found[1]) if found else None


_OF_AN_EVENT = (say.Date, say.Clock, say.In, say.Nth, say.Range, say.Edge, say.Part)
_OF_A_DAY = re.compile(
    r"(?:(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|tomorrow|tonight|january|february|april|june"
    r"|july|august|september|october|november|december|(?:this|next) (?:week|month))(?='s .))|"
    r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    r"(?= (?!(?:after|before|following|preceding|of|when|since|until|that)\b)[a-z][a-z'-]*(?: [a-z][a-z'-]*){0,2}$)"
)
_DAY_BEHIND = re.compile(rf" ((?:{say.MONTH} \d{{1,2}}|\d{{1,2}} {say.MONTH})(?: \d{{4}})?)$")
_EVENT_WITH_MONTH = re.compile(
    rf"(?:(?:the|its|their|an?) )?(?:[\w'-]+ )?({say.MONTH}|{say.MONTH} \d{{1,2}}|\d{{1,2}} {say.MONTH})"
    r"(?: [a-z]+){1,3}"
)
_DATE_AS_GIVEN = re.compile(
    r"(?:the )?(?:agreed|established|appointed|promised|given|set|fixed|original|usual) (?:date of )?(.+)"
)
_BY_TODAY = re.compile(
    r"\b(?:today|tomorrow|tonight"
    rf"|(?:this|next) (?:morning|afternoon|evening|week|month|{say.MONTH}|{say.WEEKDAY}))\b"
)


def said_last(words: str) -> Node | None:
    """The day that an event's words end with: "roll-call tomorrow", "the house opens its debate tomorrow at eleven"."""
    if not _BY_TODAY.search(words):
        return None
    parts = words.split(" ")
    found = (parse(" ".join(parts[at:])) for at in range(1, len(parts)))
    return next((node for node in found if isinstance(node, (*_OF_AN_EVENT, say.Offset, say.Unit))), None)


def as_clock(node: Node | None, words: str, dct: datetime.date | None, before: str, *, deadline: bool) -> Node | None:
    """What reads as a year or as nothing, and can only be a time of day.

    As in "by 1300", "at ten", "six on Thursday morning".
    """
    if isinstance(node, say.Date) and node == say.Date(year=node.year) and re.fullmatch(r"[0-2]\d[0-5]\d", words):
        year, now = int(words), dct.year if dct else 2000
        odd = year < now - 150 or year > now + 60
        if (
            year < 2400
            and odd
            and (
                deadline
                or year < 1500
                or re.search(r"\b(?:at|by|until|till|about|around|before|after|and|to|for) $", before)
            )
        ):
            return say.Clock(year // 100, year % 100, "", None)
    if node is None:
        if match := re.fullmatch(
            r"(?:about |around )?([01]\d|2[0-3])([0-5]\d)(?: hrs| hours)?"
            r"(?: (?:local(?: time)?|this morning|today|tonight|(tomorrow)))?",
            words,
        ):
            day: Node | None = say.Offset(Fraction(1), "day", "dct") if match[3] else None
            return say.Clock(int(match[1]), int(match[2]), "", day)
        if match := re.fullmatch(r"(?:about |around )?(\d{1,2})(?: (?:on |in the |at )?(.+))?", words):
            hour = int(match[1])
            if (
                1 <= hour <= 12
                and match[2] is None
                and re.search(r"\b(?:at|until|till|by|around|about|towards?|after|before|since|from) $", before)
            ):
                return say.Clock(hour + 12 if hour < 7 else hour, 0, "", None)
            if 1 <= hour <= 12 and match[2] is not None:
                if match[2] in ("morning", "afternoon", "evening", "night"):
                    return parse(f"{hour} o'clock in the {match[2]}")
                return parse(f"{hour} o'clock {match[2]}")
    return node
