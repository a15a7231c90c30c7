"""When, exactly: the values of an article's DATE and DEADLINE spans, and by when a deadline is due.

`docs/values.md` has the rules. A span's words are read by `model.expressions`; here they are placed on the calendar, by
the article's date, the times before them in the text, and the tense and sense of their sentence. What these do not
decide gets no value but a reason. Pure functions of the article: no clock, no locale, no network.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache, partial
from itertools import takewhile
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

from data.schema import Article, Span
from data.sentences import Sentences
from model import expressions as say
from model.countries import Countries, country_of
from model.expressions import Node, duration, normalise, parse
from model.named_days import fiscal_year_end, kept_day, named_day
from model.tense import direction, odds
from model.timex import (
    DAY,
    RANK,
    Fixed,
    Interval,
    Time,
    Value,
    add_months,
    season,
    shift,
    unit_of,
)

_T = TypeVar("_T")

ORDERS = ("dmy", "mdy")
"""How an ambiguous 03/04/2022 can be read: day first or month first."""

RELATIONS = ("by", "before", "within", "until", "at")


@dataclass(frozen=True)
class Resolution:
    """What a time expression stands for.

    Attributes:
        value: TIMEX3, or None.
        reason: why there is no value (or no `due` of a deadline); "" if there is.
        due: of a DEADLINE, the last moment allowed, as a date or a date-time in ISO 8601 (`T24:00` is a day's end);
            else None.
        relation: of a DEADLINE, one of `RELATIONS`; else None.
        passed: of a DEADLINE with `due` in an article with a date, whether it was over before that day; else None.
    """

    value: str | None
    reason: str = ""
    due: str | None = None
    relation: str | None = None
    passed: bool | None = None


class Unresolved(Exception):
    """An expression has no place on the calendar; the message says why."""


NO_DATE = "the article has no date to count from"
NO_ANCHOR = "it hangs on a time that the text does not give"
NO_EVENT = "it is counted from an event that has no date here"
UNKNOWN = "the words are not a time that the rules know"
OUT_OF_RANGE = "it lies outside the years 1 to 9999"


TIMES = ("DATE", "DEADLINE")
"""The labels whose spans have values."""


def resolve(article: Article, order: str = "dmy", ahead: Sequence[float] | None = None) -> list[Resolution]:
    """The values of the DATE and DEADLINE spans of an article, in the order of the text.

    Args:
        article: with its date, if it has one. Spans of other labels are not looked at.
        order: one of `ORDERS`.
        ahead: the log odds that each of them lies ahead, by a run (`model.time_head`); they are added to what the words
            say. None leaves it to the words.

    Returns:
        one resolution for each DATE and DEADLINE span.
    """
    spans = [span for span in article.spans if span.label in TIMES]
    dct = datetime.date.fromisoformat(article.date) if article.date else None
    reader = _Reader(article.text, dct, order, spans, ahead)
    return [reader.read(span) for span in spans]


def resolve_text(text: str, date: str | None, label: str = "DATE", order: str = "dmy") -> Resolution:
    """The value of a lone expression, without a text around it."""
    span = Span(0, len(text), label)
    if text != text.strip() or not text:
        return Resolution(None, UNKNOWN)
    return resolve(Article("lone", text, (span,), date), order)[0]


_DATELINE = re.compile(
    r"(?:(?P<place>[A-Z][\w.'’ -]{1,40}(?:, [A-Z][\w.'’ -]{1,30}){0,2}),? \(?"
    r"|(?:(?:Date|Dated|Published|Posted|Updated|Issued)(?: on)?:? )?)"
    r"(?P<date>(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?"
    r"(?:\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8}\.?,? \d{4}|[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
    r"|\d{4}-\d\d-\d\d))"
    r"(?=\)?(?: \([^)]{1,40}\))?\s*(?:[-–—:.]|$))",
    re.MULTILINE,
)


def dateline(text: str) -> str | None:
    """The publication date that an article's head gives in full ("GENEVA, 3 March 2022 —"), as YYYY-MM-DD.

    None if it gives none.
    Only what begins one of the first lines counts, within the first 600 code points.
    """
    for line in text[:600].split("\n")[:6]:
        match = _DATELINE.match(line.strip())
        node = parse(normalise(match["date"])) if match else None
        if isinstance(node, say.Date) and node.year and node.month and node.day:
            try:
                return datetime.date(node.year, node.month, node.day).isoformat()
            except ValueError:
                return None
    return None


# --- limits -----------------------------------------------------------------------------------------------------------

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
_RELATION = {
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


# --- reading an article -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Said:
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
class _Context:
    """What one expression is resolved against.

    `lean` gives its direction, and is asked only if that matters; `gone` is whether the text says that the limit is
    over; `listed` is the time before it in a list; `countries` gives those that the text names, the likeliest first,
    and `payer` the one whose fiscal year is meant.
    """

    dct: datetime.date | None
    order: str
    lean: Callable[[], int]
    said: list[_Said]
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

    def facing(self, direction: int, dct: datetime.date | None = None) -> _Context:
        """The same with a direction that is known, and perhaps seen from another day."""
        return replace(self, lean=lambda: direction, dct=dct or self.dct)

    def day(self) -> datetime.date:
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

    def named_since(self, label: str, offset: int) -> Iterator[_Said]:
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


_ORDER_DAYS = 300
"""How long before the article an order may have been given for its limit to be counted from it."""

_ORDER_DAYS_OF_A_WEEKDAY = 14
"""The same for a limit that is a weekday, unless the order's verb stands right behind its day (`_ORDERED`)."""

_ORDERING = "gave|told|ordered|asked|demanded|allowed|granted|given|instructed|warned"
_ORDERED = re.compile(rf"\W*(?:[\w'’-]+ ){{0,5}}(?:{_ORDERING}|set)\b", re.IGNORECASE)
_SINCE = re.compile(r"\b(?:since|from) (?:the )?$", re.IGNORECASE)
_INSIDE = re.compile(r"\b(?:in|within) $", re.IGNORECASE)
_INTO = re.compile(r"\b(?:in|within|into) $", re.IGNORECASE)
_ZONE_OF_PART = re.compile(r"\b(morning|afternoon|evening|night) (?:[a-z]+ ){1,2}time$")
_EVENT_DAY = re.compile(
    r"(?:the )?(?:day|eve|morning|night|week|end|start|date|conclusion|opening|close) (?:of|after|before) "
)
_GONE = re.compile(
    r"\b(?:missed|let slip|let pass|blew (?:past|through)|overran|(?:was|were|ought|had hoped|had been|should) (?:to )?"
    r"(?:have|be|been)|had hoped to) (?:[\w'’.-]+ ){0,4}\|"
    r"|\blet (?:[\w'’.-]+ ){0,4}\| (?:[\w'’-]+ ){0,2}(?:slip|pass|go|lapse|slide)\b"
    r"|\| (?:[\w'’-]+ ){0,2}(?:lapsed|expired|passed|ran out|came and went|went by|slipped by|was missed)\b",
    re.IGNORECASE,
)
_UNMET = re.compile(
    r"\b(?:ought to|was to|were to|had to) have (?:been|had|left|gone|put|set|met|paid|sent|made|given|\w+e[dn])"
    r" (?:[\w'’.-]+ ){0,7}$",
    re.IGNORECASE,
)
_BOUND = re.compile(r"\b(?:must|will|have to|has to|are to|is to)(?: [\w'’-]+){0,4} $", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:said|announced|reported|added|confirmed|wrote|warned|pledged|vowed|insisted|declared|acknowledged|conceded"
    r"|admitted|complained|replied|(?:told|assured|warned|reminded|informed) (?!to )(?:the )?(?:[\w'’-]+ ){1,2})"
    r"(?: ?\b(?:on|late|early))* $",
    re.IGNORECASE,
)
_STILL = re.compile(r"\b(?:must|will|should|has|have|needs? to|is to|are to)\b", re.IGNORECASE)
# The same for a length: one that has been given is no longer to be given.
_STILL_HAS = re.compile(
    r"\b(?:must|will|should|(?<!to )(?:has|have)(?! been (?:given|granted|allowed|told|offered|set))|needs? to|is to"
    r"|are to)\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"\b(?:given|granted|allowed|set|handed|offered) $", re.IGNORECASE)
_IN_DAYS = {"hour": Fraction(1, 24), "day": Fraction(1), "week": Fraction(7)}
_THE_SAME = re.compile(r"(?:the|those|these|its|their|his|her) ", re.IGNORECASE)
_THEN = re.compile(r"\b(?:then|after that|thereafter)\b[^.;]*$", re.IGNORECASE)
_OF_THIS_NOTICE = re.compile(
    r"\s+(?:of|from|after|following) (?:the (?:date|publication|issue|service|receipt) of )?(?:this|the present)"
    r" (?:notice|notification|letter|decision|order|announcement|statement|decree|circular|communiqu[eé]|note|advisory"
    r"|regulation|resolution|publication)\b",
    re.IGNORECASE,
)
_OF_THAT = re.compile(r"\s+(?:of|from|after) (?:that|this|then|it|that (?:date|day))\b(?! \w)", re.IGNORECASE)
_COUNTED = re.compile(r"(?P<length>.+?) (?:of|after|from|following|before|prior to) (?:the )?(?P<start>.+)")
_BARE_COUNT = re.compile(r"(?:another )?(?P<count>\d{1,3})(?: more| further| extra)?")
_A_WORD = r"\w+(?:['’-]\w+)*"
_ORDER = (
    r"\s+(?:(?:late |early )?on |at )?"
    rf"|[^\w-]{{1,8}}(?:{_A_WORD}[^\w-]{{1,8}}){{0,3}}(?:issued|given|set|made|announced|delivered|served|handed over)"
    r"[^\w-]{1,8}(?:on )?"
    rf"|,?(?: {_A_WORD}){{0,6}} (?:allowed|granted|given|gave|allotted|offered|set|conceded)"
    rf"(?: {_A_WORD}){{0,4}} (?:on )?"
)
_ORDER_BEHIND = re.compile(_ORDER, re.IGNORECASE)
_ORDER_BY_BEHIND = re.compile(_ORDER + r"|\s+by (?:the )?(?:[\w'’-]+ ){1,4}on ", re.IGNORECASE)
_COUNTED_FROM = re.compile(
    rf",?(?: (?:counted|counting|running|starting|beginning))?"
    rf" (?:from|of|after|following|since|beginning|starting)(?:(?: {_A_WORD}){{1,6}} (?:on|of|dated))? ",
    re.IGNORECASE,
)
_FAR_BEHIND = 120
"""Code points behind a length within which the day that it counts from is looked for."""

_AFTER_AN_ORDER = re.compile(
    r"\b(?P<length>(?:an?|one|two|three|four|five|six|seven|ten|\d{1,2}) (?:days?|weeks?)) after (?!that\b|this\b|it\b)"
    rf"[^;:]*\b(?:{_ORDERING}|urged|called on)\b[^;:]*$",
    re.IGNORECASE,
)

_SUMMER_RECESS = re.compile(
    r"(?:(?:the|its|their|our|parliament's) )?summer (?:recess|break|holidays?|vacation)"
    r"|[a-z' ]+ (?:rises?|breaks?|adjourns?) for the summer"
)
_CLOSE_OF_BUSINESS = re.compile(r"\b(?:close|end) of (?:business|play|trading)\b", re.IGNORECASE)
_CLOCK_IN_A_CITY = re.compile(
    r"(\d{1,2}(?::\d\d)?(?: [ap]m| hours| o'clock)|noon|midnight) in [a-z' -]+? (on .+|today|tonight|tomorrow)"
)
_BEGINS = re.compile(r"(.+) (?:begins?|starts?|opens?|began|started)")
_WHICH_IS_ON = re.compile(
    rf"(?: {_A_WORD}){{0,3}},? (?:an? {_A_WORD} )?(?:which|that) (?:then |will |is (?:to|due to|set to) )?"
    r"(?:opens?|begins?|starts?|falls?|meets?|convenes?|sits?|takes? place|is (?:due|set|planned|scheduled|foreseen))"
    rf"(?: (?!(?:not|since|until|before|after|to)\b){_A_WORD}){{0,4}} (?:on|in|for) "
)
_LISTED = re.compile(r"\s*(?:,|and|or|, and|, or|to|-|–|then)\s+(?:on |the )?|\s*[-–/]\s*")


class _Reader:
    """Resolves the spans of one article from its start to its end."""

    def __init__(
        self, text: str, dct: datetime.date | None, order: str, spans: Sequence[Span], ahead: Sequence[float] | None
    ) -> None:
        self._text, self._dct, self._order, self._spans = text, dct, order, spans
        self._ahead = dict(zip(spans, ahead, strict=True)) if ahead is not None else {}
        self._said: list[_Said] = []
        self._sentences = Sentences(text)
        self._length: tuple[int, say.Length] | None = None  # the one read last, and where it stands
        self._terms: dict[str, Time] = {}  # when the terms of a length end that have been told

    @cached_property
    def _countries(self) -> Countries:
        return Countries(self._text)

    def read(self, span: Span) -> Resolution:
        try:
            return self._read(span)
        except Unresolved as error:
            return Resolution(None, str(error))
        except (ValueError, OverflowError):
            return Resolution(None, OUT_OF_RANGE)

    def _read(self, span: Span) -> Resolution:
        words = self._text[span.start : span.end]
        if len(words) > 200:
            raise Unresolved(UNKNOWN)
        normal = normalise(words)
        low, high = self._sentences.bounds(span.start, span.end)
        before, after = self._text[low : span.start], self._text[span.end : high]
        limit, rest = split_limit(normal) if span.label == "DEADLINE" else ("", normal)
        node = parse(rest) or _reworded(rest)
        if node is None and span.label == "DEADLINE":
            node = _nth_day(rest, after)
        if (
            node is None
            and (match := _COUNTED.fullmatch(rest))
            and isinstance(length := parse(match["length"]), say.Length)
        ):
            start = say.Then() if match["start"] in ("that", "this", "it") else parse(match["start"])
            start = start or _tail(match["start"])
            if start is None:
                return Resolution(
                    duration(length.count, length.unit), NO_EVENT, None, "within" if span.label == "DEADLINE" else None
                )
            back = re.search(r" (?:before|prior to) ", rest) is not None
            node = say.Offset(-length.count if back else length.count, length.unit, start)
        if node is None and limit:
            node = parse(normal)
            limit = "" if node is not None else limit
        if node is None and span.label == "DATE":
            limit_date = split_limit(normal)
            node = parse(limit_date[1]) if limit_date[0] else None
        if node is None:
            node = _apposed(words)
        if node is None:  # a zone says nothing of a part of a day
            node = parse(_ZONE_OF_PART.sub(r"\1", rest))
        if node is None and span.label == "DEADLINE":
            node = _tail(rest)
        is_deadline = span.label == "DEADLINE"
        if is_deadline and rest in ("that", "this"):
            node = say.Then()
        if is_deadline and rest.endswith(" beforehand"):  # a notice of so much, whatever day was named last
            node = parse(rest.replace(" beforehand", " ahead")) or node
        if is_deadline:
            node = say.fiscal_year_end(rest) or node
        if is_deadline and _RELATION.get(limit) == "before" and _SUMMER_RECESS.fullmatch(rest):
            node = say.Named("summer recess")
        if is_deadline and limit == "within" and rest in ("hour", "the hour"):
            node = say.Length(Fraction(1), "hour")
        node = _as_clock(
            node, rest if limit else normal, self._dct, f"{before}{limit} " if limit else before, deadline=is_deadline
        )
        if node is None and is_deadline:
            node = self._dated_behind(span) or _said_last(rest)
        if node is None and _RELATION.get(limit) == "before" and (match := _BEGINS.fullmatch(rest)):
            node = parse(match[1])
        if node is None:
            node = say.kept(rest)
        if span.label == "DATE" and isinstance(node, say.Length) and _INSIDE.search(before):
            node = say.Offset(node.count, node.unit, "dct")  # "to begin in two months"
        if span.label == "DATE" and normal in ("the new year", "new year") and _INTO.search(before):
            node = say.Unit("year", "next")
        if node is not None and limit == "through" and _is_ramadan(node):
            node = say.Edge("end", node)  # a month, though what its name stands for is its first day
        if is_deadline and node is None and limit in ("", "within") and self._length and self._length[0] >= low:
            node = _of_like_length(rest, self._length[1])
        if is_deadline and isinstance(node, say.Length):
            self._length = span.start, node
        if node is None:
            raise Unresolved(NO_EVENT if span.label == "DEADLINE" or _EVENT_DAY.match(normal) else UNKNOWN)
        paragraph = self._text.rfind("\n", 0, span.start) + 1
        listed = self._said[-1].time if self._said and _LISTED.fullmatch(self._since_last(span)) else None
        gone = is_deadline and _UNMET.search(before[-90:]) is not None
        lean = partial(self._lean, node, span, before, after, listed, gone=gone)
        context = _Context(
            self._dct, self._order, lean, self._said, paragraph, low, gone=gone, listed=listed,
            countries=lambda: self._countries.near(low, span.start, high),
            payer=lambda: self._countries.first(low, high),
        )  # fmt: skip
        if span.label == "DEADLINE":
            return self._deadline(span, node, limit, before, after, context)
        value = _evaluate(node, context)
        self._remember(span, node, value)
        return Resolution(value.value)

    def _close_behind(self, span: Span) -> Span | None:
        """The next time behind a span, if it stands close enough to belong to it."""
        following = next((one for one in self._spans if one.start >= span.end), None)
        return following if following is not None and following.start - span.end <= _FAR_BEHIND else None

    def _dated_behind(self, span: Span) -> Node | None:
        """The date of an event that a clause right behind it gives: "the talks, which open in Oslo on 29 March"."""
        following = self._close_behind(span)
        if following is None:
            return None
        in_brackets = (
            self._text[span.end : following.start] in (" (", " (on ")
            and self._text[following.end : following.end + 1] == ")"
        )
        if not in_brackets and not _WHICH_IS_ON.fullmatch(self._text, span.end, following.start):
            return None
        node = parse(split_limit(normalise(self._text[following.start : following.end]))[1])
        if not isinstance(node, (say.Date, say.In, say.Offset, say.Clock, say.Nth)):
            return None
        return node if _names_a_day(node) or not in_brackets else None

    def _lean(self, node: Node, span: Span, before: str, after: str, listed: Time | None, *, gone: bool) -> int:
        """The direction of a time; in a list of DATEs it is that of the one before."""
        if span.label == "DEADLINE":
            if gone or _GONE.search(f"{before[-70:]}| {after[:40]}"):
                return -1
            beside = self._ahead.get(span, 0.0)
            return 1 if _BOUND.search(before) else -1 if direction(before, after, "deadline", beside) < 0 else 1
        if _says_all(node):
            return 0
        if self._dct is not None and listed is not None and listed.start != self._dct:
            return 1 if listed.start > self._dct else -1
        if _SAID.search(before):
            return -1
        return direction(before, after, beside=self._ahead.get(span, 0.0))

    def _since_last(self, span: Span) -> str:
        """What stands between the last time named and this one."""
        return self._text[self._said[-1].end : span.start] if self._said else ""

    def _remember(self, span: Span, node: Node, value: Value) -> None:
        for time in (value.first, value.second) if isinstance(value, Interval) else (value,):
            if isinstance(time, Time):
                since = _SINCE.search(self._text, max(0, span.start - 12), span.start) is not None
                self._said.append(
                    _Said(time, span.start, span.end, _has_year(node), _has_month(node), span.label, since)
                )

    def _deadline(self, span: Span, node: Node, limit: str, before: str, after: str, context: _Context) -> Resolution:
        relation = _RELATION.get(limit, "by" if limit else "at")
        if limit == "within" and isinstance(node, say.Unit) and node.which.startswith("next"):
            node = say.Length(Fraction(node.count), node.unit)  # "within the next week"
        if isinstance(node, (say.Length, say.Stretch)) or (limit == "in" and isinstance(node, say.Offset)):
            return self._within(span, node, limit, before, after, context)
        context.deadline, context.before = True, relation == "before"
        issued = context.order_given()
        between = self._since_last(span)
        near = _is_weekday(node) and not _ORDERED.match(between[:_FAR_BEHIND])
        oldest = _ORDER_DAYS_OF_A_WEEKDAY if near else _ORDER_DAYS
        if (
            issued is not None
            and self._dct is not None
            and issued.start < self._dct
            and (self._dct - issued.start).days <= oldest
            and not _STILL.search(between)
            and not _is_deictic(node)
        ):
            # "On March 3 it told them to leave by March 10": forward from the order.
            context = context.facing(1, issued.start)
        words = self._text[span.start : span.end]
        if relation == "before" and (_is_an_end(node) or _CLOSE_OF_BUSINESS.search(words)):
            relation = "by"
        value = _evaluate(node, context)
        if isinstance(node, say.Offset) and node.anchor == "text" and node.unit in ("week", "month", "year"):
            # A limit is to the day: "by June 1 of next year, and its reply eight months after that".
            day = context.last("day", within=context.paragraph) or context.anchor("day")
            value = _move(day, node.count, node.unit, exact=True) if day is not None else value
        if isinstance(value, Fixed):
            return Resolution(value.value, NO_ANCHOR, None, relation)
        due = _due(value, node, relation)
        self._said.append(_Said(_due_time(due), span.start, span.end, _has_year(node), _has_month(node), span.label))
        return self._result(due, relation)

    def _within(self, span: Span, node: Node, limit: str, before: str, after: str, context: _Context) -> Resolution:
        relation = "within"
        if isinstance(node, say.Offset):
            count, unit, working = node.count, node.unit.removeprefix("day:"), False
        elif isinstance(node, say.Length):
            count, unit, working = node.count, node.unit, node.working
        elif isinstance(node, say.Stretch):
            match = re.fullmatch(r"P(T?)(\d+(?:\.\d+)?)([YMWDHQ])", node.value)
            if match is None:
                raise Unresolved(UNKNOWN)
            units = {
                "Y": "year",
                "M": "minute" if match[1] else "month",
                "W": "week",
                "D": "day",
                "H": "hour",
                "Q": "quarter",
            }
            count, unit, working = Fraction(match[2]), units[match[3]], False
        else:
            raise Unresolved(UNKNOWN)
        length = duration(count, unit)
        if isinstance(node, say.Length) and node.notice:
            return Resolution(length, NO_EVENT, None, relation)
        more = length_features(limit, unit, after)
        in_days = duration(count * _IN_DAYS[unit], "day") if unit in _IN_DAYS and not working else length
        is_told = _THE_SAME.match(self._text, span.start) and not _EVENT_AFTER.match(after)
        again = self._terms.get(in_days) if is_told else None
        if again is not None:
            self._said.append(_Said(again, span.start, span.end, False, False, span.label))
            return self._result(again.value, relation)
        since_that = context.last("day") if _OF_THAT.match(after) else self._starts_behind(span, context)
        if since_that is None and _OF_THIS_NOTICE.match(after):
            since_that = Time("day", context.day())
        if since_that is None and (_EVENT_AFTER.match(after) or odds(before, after, "event", more) > 0):
            return Resolution(length, NO_EVENT, None, relation)
        given = None if _STILL_HAS.search(self._since_last(span)) else context.order_given()
        anchor = (
            since_that
            or self._order_long_before(span, before, given, context)
            or given
            or self._order_after(span, before, context)
        )
        if since_that is None and isinstance(node, say.Length) and node.more:
            anchor = context.limit_since(context.paragraph) or anchor  # an extension begins where the term ends
        if anchor is None and odds(before, after, "earlier", more) > 0:
            anchor = context.day_since(context.paragraph)
        if anchor is None:
            anchor = Time("day", context.day())
        if unit in ("hour", "minute") and anchor.unit != "clock" and _THEN.search(before):
            anchor = context.limit_since(context.paragraph) or anchor
        due = add(anchor, count, unit, working)
        self._terms[in_days] = due
        self._said.append(_Said(due, span.start, span.end, False, False, span.label))
        return self._result(due.value, relation)

    def _order_long_before(self, span: Span, before: str, told: Time | None, context: _Context) -> Time | None:
        """The day of an order so long before what its sentence tells: "It came a day after Oslo gave them 48 hours"."""
        match = _AFTER_AN_ORDER.search(before)
        if match is None or (context.said and context.said[-1].start > span.start - len(match[0])):
            return None  # a day that stands in between is the order's own, or another's
        node = parse(normalise(f"{match['length']} ago"))
        if not isinstance(node, say.Offset):
            return None
        return add(told or Time("day", context.day()), node.count, node.unit, working=False)

    def _order_after(self, span: Span, before: str, context: _Context) -> Time | None:
        """The day of the order where it stands behind the length; it is over.

        As in "gave them 48 hours on Monday", "the ten days that the court allowed them on 3 May".
        """
        between = _ORDER_BY_BEHIND if _GIVEN.search(before) else _ORDER_BEHIND
        return self._day_behind(span, between, context, is_over=True)

    def _starts_behind(self, span: Span, context: _Context) -> Time | None:
        """The day from which a length counts by the words behind it: "from Monday", "of the vote of 9 January"."""
        return self._day_behind(span, _COUNTED_FROM, context)

    def _day_behind(
        self, span: Span, between: re.Pattern[str], context: _Context, *, is_over: bool = False
    ) -> Time | None:
        """The first DATE behind a span, if it is a day and such words lead to it."""
        following = self._close_behind(span)
        if following is None or following.label != "DATE":
            return None
        if not between.fullmatch(self._text, span.end, following.start):
            return None
        node = parse(normalise(self._text[following.start : following.end]))
        if node is None:
            return None
        low, high = self._sentences.bounds(following.start, following.end)
        before, after = self._text[low : following.start], self._text[following.end : high]
        value = _evaluate(
            node, context.facing(-1 if is_over else self._lean(node, following, before, after, None, gone=False))
        )
        return value if isinstance(value, Time) and RANK[value.unit] <= RANK["day"] else None

    def _result(self, due: str, relation: str) -> Resolution:
        passed = None if self._dct is None else datetime.date.fromisoformat(due[:10]) < self._dct
        return Resolution(due, "", re.sub(r"T(?:MO|MI|AF|EV|NI)$", "", due), relation, passed)


def _reworded(words: str) -> Node | None:
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


def _nth_day(words: str, after: str) -> Node | None:
    """ "by the tenth day after that"; without a day to count from it is a notice, "before the tenth day"."""
    match = _NTH_DAY.fullmatch(words)
    if match is None or re.match(r" (?:of|after|from|following) (?!which)", after):
        return None
    if match["that"]:
        return say.Offset(Fraction(match["count"]), "day", say.Then("day"))
    return say.Length(Fraction(match["count"]), "day", match["working"] is not None, notice=True)


def _is_ramadan(node: Node | None) -> bool:
    return isinstance(node, say.Named) and node.name == "ramadan"


def _of_like_length(words: str, last: say.Length) -> Node | None:
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


def _apposed(words: str) -> Node | None:
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


def _tail(words: str) -> Node | None:
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
            if isinstance(node, _OF_AN_EVENT) and (count == len(behind) or _names_a_day(node)):
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


def _said_last(words: str) -> Node | None:
    """The day that an event's words end with: "roll-call tomorrow", "the house opens its debate tomorrow at eleven"."""
    if not _BY_TODAY.search(words):
        return None
    parts = words.split(" ")
    found = (parse(" ".join(parts[at:])) for at in range(1, len(parts)))
    return next((node for node in found if isinstance(node, (*_OF_AN_EVENT, say.Offset, say.Unit))), None)


def _as_clock(node: Node | None, words: str, dct: datetime.date | None, before: str, *, deadline: bool) -> Node | None:
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


_EVENT_AFTER = re.compile(
    r"\W{0,2}(?:of|after|from|following|to the day of|starting from|since|before|prior to|ahead of|in advance of) "
    r"(?!(?:the )?(?:today|tomorrow|yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday|\d|january"
    r"|february|march|april|may|june|july|august|september|october|november|december))",
    re.IGNORECASE,
)


def length_features(limit: str, unit: str, after: str) -> list[str]:
    """What is looked at of a length beside the words around it (`model.tense`)."""
    return [
        f"limit:{limit or 'none'}",
        f"unit:{unit}",
        f"limit:{limit or 'none'}:{unit}",
        "of" if _EVENT_AFTER.match(after) else "no of",
    ]


def _is_deictic(node: Node) -> bool:
    """Whether an expression hangs on the article's date by its own words: "tomorrow", "next week", "the week's end"."""
    if isinstance(node, (say.Part, say.Clock)):
        return node.day is not None and _is_deictic(node.day)
    if isinstance(node, (say.Edge, say.In)):
        return _is_deictic(node.inner) or (isinstance(node, say.In) and _is_deictic(node.outer))
    if isinstance(node, say.Unit):
        return node.which != "" or node.unit in ("week", "weekend")
    if isinstance(node, say.Date) and node.weekday is not None:
        return node.which == "this"
    return isinstance(node, say.Offset) and node.anchor == "dct"


def _names_a_day(node: Node) -> bool:
    """Whether an expression says by itself which day it means: a day of a month, or a weekday."""
    match node:
        case say.Date():
            return (node.day is not None and node.month is not None) or node.weekday is not None
        case say.Part() | say.Clock():
            return node.day is not None and _names_a_day(node.day)
        case say.In():
            return _names_a_day(node.inner)
    return False


def _is_an_end(node: Node) -> bool:
    """Whether an expression is the end of something, so that what is to be done before it has its last day too."""
    if isinstance(node, say.Named):
        return node.name.endswith(say.FISCAL_YEAR_END) and not node.eve
    return isinstance(node, say.Edge) and node.edge == "end"


def _is_weekday(node: Node) -> bool:
    """Whether an expression gives its day by a weekday alone."""
    if isinstance(node, (say.Part, say.Clock)):
        return node.day is not None and _is_weekday(node.day)
    return isinstance(node, say.Date) and node.weekday is not None and node.day is None


def _says_all(node: Node) -> bool:
    """Whether an expression leaves nothing to the sense of its sentence: it has its year, or counts from today."""
    match node:
        case say.Date():
            return node.year is not None
        case say.Stretch() | say.Length() | say.Whole():
            return True
        case say.Offset():
            return node.anchor == "dct" and not node.vague
        case say.Part() | say.Clock():
            return node.day is not None and _says_all(node.day)
        case say.Edge():
            return _says_all(node.inner)
    return False


def _has_month(node: Node) -> bool:
    """Whether an expression names its month, or is one ("this month")."""
    match node:
        case say.Date():
            return node.month is not None
        case say.Unit():
            return node.unit == "month"
        case say.Part() | say.Clock():
            return node.day is not None and _has_month(node.day)
        case say.Edge():
            return _has_month(node.inner)
        case say.In():
            return _has_month(node.inner) or _has_month(node.outer)
        case say.Range():
            return _has_month(node.second)
    return False


def _has_year(node: Node) -> bool:
    if isinstance(node, say.Date):
        return node.year is not None
    if isinstance(node, (say.Part, say.Clock)):
        return node.day is not None and _has_year(node.day)
    if isinstance(node, (say.Edge, say.Nth)):
        return node.inner is not None and _has_year(node.inner)
    if isinstance(node, say.Range):
        return _has_year(node.first) or _has_year(node.second)
    return isinstance(node, (say.Season, say.Named)) and node.year is not None


# --- evaluation -------------------------------------------------------------------------------------------------------


def _evaluate(node: Node, context: _Context) -> Value:
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
        case say.Whole():
            return Time(node.unit, datetime.date(node.year, 1, 1))
        case say.Then():
            found = context.meant_by_then(node.unit)
            if found is None:
                raise Unresolved(NO_ANCHOR)
            return found.as_day() if node.unit == "day" else found
    raise Unresolved(UNKNOWN)


def _time(node: Node, context: _Context) -> Time:
    value = _evaluate(node, context)
    if isinstance(value, Interval):
        return value.second
    if isinstance(value, Fixed):
        raise Unresolved(NO_ANCHOR)
    return value


def _fields(node: say.Date, context: _Context) -> say.Date:
    if node.ambiguous and context.order == "mdy":
        return replace(node, month=node.day, day=node.month, ambiguous=False)
    return node


def _date(node: say.Date, context: _Context) -> Time:
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


def _day_of_month(month: int, day: int, weekday: int | None, which: str, context: _Context) -> Time:
    for one in takewhile(lambda one: one.start >= context.sentence, reversed(context.said)):
        if one.full and one.time.unit == "month" and one.time.start.month == month and weekday is None and not which:
            return Time("day", _make(one.time.start.year, month, day))  # "In January 1991, 15 January was"
    centre = _centre(context)
    days = []
    for year in range(max(1, centre.year - 8), min(9999, centre.year + 8) + 1):
        try:
            candidate = datetime.date(year, month, day)
        except ValueError:
            continue
        if weekday is None or candidate.weekday() == weekday:
            days.append(Time("day", candidate))
    near = [one for one in days if abs(one.start.year - centre.year) <= 1]
    if not days:
        raise Unresolved(
            f"there is no day {day} in month {month}" + (" that falls on that weekday" if weekday is not None else "")
        )
    return _choose(near or days, centre, which, context)


def _month(month: int, which: str, context: _Context) -> Time:
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


def _stepped_from(which: str, context: _Context) -> Time | None:
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


def _bare_day(day: int, weekday: int | None, context: _Context) -> Time:
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


def _weekday(weekday: int, which: str, context: _Context) -> Time:
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
    week = unit_of("week", now).start
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


def _centre(context: _Context) -> datetime.date:
    """The day near which a time without a year lies."""
    focus = context.focus()
    if focus is not None and not (context.deadline and context.dct is not None):
        return focus.start
    return context.day()


def _choose(candidates: Sequence[Time], centre: datetime.date, which: str, context: _Context) -> Time:
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


def _in(node: say.In, context: _Context) -> Value:
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


def _unit(node: say.Unit, context: _Context) -> Time:
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


def _anchor(node: say.Offset, context: _Context) -> Time | None:
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


def _offset(node: say.Offset, context: _Context) -> Value:
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
    return _move(anchor, node.count, unit, exact=exact or not isinstance(node.anchor, str))


def _move(anchor: Time, count: Fraction, unit: str, *, exact: bool) -> Time:
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
        return _move(anchor, Fraction(round(count * times)), smaller, exact=exact)
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


def _part(node: say.Part, context: _Context) -> Value:
    if node.day is None:
        day = _day_in_question(context)
        # What is to come in the morning, and has no day, comes in the next one.
        is_next = node.part == "MO" and context.direction > 0 and day == context.dct
        return Time("part", day + DAY if is_next else day, node.part)
    value = _evaluate(node.day, context)
    if isinstance(value, Interval):
        return Time("part", value.first.start, node.part)
    if not isinstance(value, Time) or RANK[value.unit] > RANK["day"]:
        raise Unresolved(NO_ANCHOR if not isinstance(value, Time) else UNKNOWN)
    return Time("part", value.start, node.part)


def _day_in_question(context: _Context, *, tonight: bool = False) -> datetime.date:
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


def _clock(node: say.Clock, context: _Context) -> Value:
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
    seconds = int((moment.utcoffset() or datetime.timedelta()).total_seconds())
    if seconds == 0:
        return "Z"
    sign, minutes = ("-" if seconds < 0 else "+"), abs(seconds) // 60
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _edge(node: say.Edge, context: _Context) -> Value:
    inner = _evaluate(node.inner, context)
    if node.edge == "end" and _is_ramadan(node.inner):
        assert isinstance(inner, Time)
        years = (inner.start.year, inner.start.year + 1)
        feasts = [feast for year in years if (feast := named_day("eid al-fitr", year)) and feast > inner.start]
        return Time("day", min(feasts) - DAY) if feasts else inner
    if node.edge in ("mid", "middle") and _is_ramadan(node.inner):
        return shift(_time(node.inner, context), 14)
    if (
        isinstance(inner, Time)
        and inner.unit == "day"
        and node.edge in ("early", "late", "end", "start", "middle", "mid")
    ):
        if node.edge in ("end", "start"):
            return inner
        return Time("part", inner.start, {"early": "MO", "late": "EV"}.get(node.edge, "MI"))
    return inner


def _nth(node: say.Nth, context: _Context) -> Value:
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
    if node.number == -1 and node.unit == "day" and _is_ramadan(node.inner):
        return _edge(say.Edge("end", node.inner), context)
    frame = _evaluate(node.inner, context)
    if isinstance(frame, Fixed):
        raise Unresolved(NO_ANCHOR)
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


def _range(node: say.Range, context: _Context) -> Value:
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


def _season(node: say.Season, context: _Context) -> Time:
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


def _named(node: say.Named, context: _Context) -> Time:
    if node.name.endswith(say.FISCAL_YEAR_END) and node.which in ("", "this", "next") and node.year is None:
        ends = [_day_named(node, context.day().year + years, context) for years in range(-1, 3)]
        ahead = [end for end in ends if end is not None and end >= context.day()]
        if context.gone and not node.which:
            ahead = [max(end for end in ends if end is not None and end < context.day())]
        return Time("day", ahead[1 if node.which == "next" else 0] + node.eve * DAY)
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


_KEPT_DIFFERENTLY = ("labour day", "liberation day", "victory day")
"""Days with a date that most mean, which the country that is spoken of may keep on another."""


def _day_named(node: say.Named, year: int, context: _Context) -> datetime.date | None:
    """The date of a named day in a year; of one that countries keep at their own times, in the likeliest that does."""
    if node.name.endswith(say.FISCAL_YEAR_END):
        country = country_of(node.name.removesuffix(say.FISCAL_YEAR_END).strip())
        return fiscal_year_end(year, country or context.payer())
    if node.kept:
        return kept_day(node.name, year, context.countries())
    if node.name in _KEPT_DIFFERENTLY and (day := kept_day(node.name, year, context.countries()[:1])):
        return day
    return named_day(node.name, year)


# --- deadlines --------------------------------------------------------------------------------------------------------


def _due(value: Time | Interval, node: Node, relation: str) -> str:
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


def _due_time(due: str) -> Time:
    day = datetime.date.fromisoformat(due[:10])
    rest = due[11:]
    if not rest:
        return Time("day", day)
    if rest in ("MO", "MI", "AF", "EV", "NI"):
        return Time("part", day, rest)
    match = re.match(r"(\d\d:\d\d(?::\d\d)?)(.*)", rest)
    assert match is not None
    return Time("clock", day, match[1], match[2])
