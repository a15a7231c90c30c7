"""Limits: the word that makes a time one ("by", "before", "within"), and the last moment that it allows."""

from __future__ import annotations

import datetime
import re

from model import expressions as say
from model.expressions import Node
from model.timex import DAY, Interval, Time, add_months

RELATIONS = ("by", "before", "within", "until", "at")
_LIMIT = re.compile(
    r"(?:(?:must|and|or|only|at the latest|at latest|latest|not|no|but|well|just|sometime|some time|even|either|valid"
    r"|good|open|effective) )*?"
    r"(?P<limit>nlt|by no later than|by not later than|no later than|not later than|no longer than|on or before"
    r"|by or before|by|before or on|prior to|ahead of|in advance of|before|until|till|'til|up until|up till"
    r"|up to and including|up to|as far as|earlier than|"
    r"through to|through|thru|within|inside of|inside|in less than|in under|under|not beyond|beyond|past|not exceeding"
    r"|not (?:a|1) day (?:after|past|beyond|later than)|not after"
    r"|no more than|not more than|latest by|as of|to|in)\b[ ,]*(?P<rest>.+)"
)
_RELATION_OF = {
    "before": "before", "earlier than": "before",
    "prior to": "before", "ahead of": "before", "in advance of": "before", "until": "until",
    "till": "until", "'til": "until", "up until": "until", "up till": "until", "up to": "until",
    "up to and including": "until", "as far as": "until",
    "past": "until", "through": "until", "through to": "until", "thru": "until", "to": "until", "within": "within",
    "inside": "within", "inside of": "within", "in": "within", "in less than": "within", "in under": "within",
    "under": "within",
    "no more than": "within", "not more than": "within", "no longer than": "within",
}  # fmt: skip


def split_limit(text: str) -> tuple[str, str]:
    """The limit word of a deadline's normalised words ("" if there is none) and what follows it."""
    text = re.sub(r"^at (?:the )?latest (?:on |by )?", "by ", text)
    match = _LIMIT.fullmatch(text)
    return (match["limit"], match["rest"]) if match else ("", text)


def relation_of(limit: str) -> str:
    """One of `RELATIONS`, by a limit word; "at" without one."""
    return _RELATION_OF.get(limit, "by" if limit else "at")


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


def moment(due: str) -> Time:
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
