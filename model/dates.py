"""When, exactly: the values of an article's DATE and DEADLINE spans, and by when a deadline is due.

`docs/values.md` has the rules. A span's words are read by `model.expressions` and placed on the calendar by
`model.placing`; here is found what the text around them says: the article's date, the times named before, the tense and
sense of their sentence, and what a limit is counted from. What these do not decide gets no value but a reason. Pure
functions of the article: no clock, no locale, no network.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

from data.schema import Article, Span
from data.sentences import Sentences
from model import expressions as say
from model.context import NO_ANCHOR, NO_EVENT, OUT_OF_RANGE, UNKNOWN, Context, Said, Unresolved
from model.countries import Countries
from model.expressions import Node, duration, normalise, parse
from model.limits import relation_of, split_limit
from model.named_days import lasts
from model.placing import add, evaluate, last_moment, move, time_of
from model.rewording import apposed, as_clock, counted, in_two_zones, nth_day, of_like_length, reworded, said_last, tail
from model.tense import direction, odds
from model.timex import RANK, Fixed, Interval, Time, Value
from model.traits import has_month, has_year, is_an_end, is_deictic, is_weekday, names_a_day, says_all

ORDERS = ("dmy", "mdy")
"""How an ambiguous 03/04/2022 can be read: day first or month first."""


@dataclass(frozen=True)
class Resolution:
    """What a time expression stands for.

    Attributes:
        value: TIMEX3, or None.
        reason: why there is no value (or no `due` of a deadline); "" if there is.
        due: of a DEADLINE, the last moment allowed, as a date or a date-time in ISO 8601 (`T24:00` is a day's end);
            else None.
        relation: of a DEADLINE, "by", "before", "within", "until" or "at"; else None.
        passed: of a DEADLINE with `due` in an article with a date, whether it was over before that day; else None.
    """

    value: str | None
    reason: str = ""
    due: str | None = None
    relation: str | None = None
    passed: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """A JSON object: `value`, and of a deadline `due`, `relation` and `passed`, or the reason for their absence."""
        record: dict[str, Any] = {"value": self.value}
        if self.relation is not None:
            record |= {"due": self.due, "relation": self.relation, "passed": self.passed}
        if self.reason:
            record["reason"] = self.reason
        return record


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


_ORDER_DAYS = 300
"""How long before the article an order may have been given for its limit to be counted from it."""

_ORDER_DAYS_OF_A_WEEKDAY = 14
"""The same for a limit that is a weekday, unless the order's verb stands right behind its day (`_ORDERED`)."""

_ORDERING = "gave|told|ordered|asked|demanded|allowed|granted|given|instructed|warned"
_BY_ORDER = re.compile(
    rf"\b(?:{_ORDERING}|agreed|pledged|promised|signed|ruled|wanted|undertook|vowed|directed|decided|adopted|accepted"
    r"|committed|required|obliged|offered)\b",
    re.IGNORECASE,
)
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
    r"|\| (?:[\w'’-]+ ){0,2}(?:lapsed|expired|passed|ran out|came and went|went by|slipped by|was missed)\b"
)
_UNMET = re.compile(
    r"\b(?:ought to|was to|were to|had to) have (?:been|had|left|gone|put|set|met|paid|sent|made|given|\w+e[dn])"
    r" (?:[\w'’.-]+ ){0,7}$"
)
_BOUND = re.compile(r"\b(?:must|will|have to|has to|are to|is to)(?: [\w'’-]+){0,4} $")
_SAID = re.compile(
    r"\b(?:said|announced|reported|added|confirmed|wrote|warned|pledged|vowed|insisted|declared|acknowledged|conceded"
    r"|admitted|complained|replied|(?:told|assured|warned|reminded|informed) (?!to )(?:the )?(?:[\w'’-]+ ){1,2})"
    r"(?: ?\b(?:on|late|early))* $"
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
        self._said: list[Said] = []
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
        if span.end - span.start > 200:
            raise Unresolved(UNKNOWN)
        low, high = self._sentences.bounds(span.start, span.end)
        before, after = self._text[low : span.start], self._text[span.end : high]
        normal = normalise(self._text[span.start : span.end])
        is_deadline = span.label == "DEADLINE"
        limit, node = (
            self._limit_tree(span, normal, before, after) if is_deadline else ("", self._tree(span, normal, before))
        )
        if is_deadline and isinstance(node, say.Length):
            self._length = span.start, node
        if node is None:
            raise Unresolved(NO_EVENT if is_deadline or _EVENT_DAY.match(normal) else UNKNOWN)
        paragraph = self._text.rfind("\n", 0, span.start) + 1
        listed = self._said[-1].time if self._said and _LISTED.fullmatch(self._since_last(span)) else None
        gone = is_deadline and _UNMET.search(before[-90:].lower()) is not None
        lean = partial(self._lean, node, span, before, after, listed, gone=gone)
        context = Context(
            self._dct, self._order, lean, self._said, paragraph, low, gone=gone, listed=listed,
            countries=lambda: self._countries.near(low, span.start, high),
            payer=lambda: self._countries.first(low, high),
        )  # fmt: skip
        if is_deadline:
            return self._deadline(span, node, limit, before, after, context)
        value = evaluate(node, context)
        self._remember(span, node, value)
        return Resolution(value.value)

    def _tree(self, span: Span, normal: str, before: str) -> Node | None:
        """What a DATE says, as the first reading that fits has it.

        Args:
            span: of the DATE.
            normal: its words, normalised.
            before: the text of its sentence before it.
        """
        limit, rest = split_limit(normal)
        node = (
            in_two_zones(self._text[span.start : span.end])
            or parse(normal)
            or reworded(normal)
            or counted(normal)
            or (parse(rest) if limit else None)
            or self._apposed_or_in_a_zone(span, normal)
        )
        node = as_clock(node, normal, self._dct, before, deadline=False) or say.kept(normal)
        if isinstance(node, say.Length) and not node.notice and _INSIDE.search(before):
            return say.Offset(node.count, node.unit, "dct")  # "to begin in two months"
        if normal in ("the new year", "new year") and _INTO.search(before):
            return say.Unit("year", "next")
        return node

    def _limit_tree(self, span: Span, normal: str, before: str, after: str) -> tuple[str, Node | None]:
        """The limit word of a DEADLINE, and what the rest says, as `_tree` has it.

        The word is "" where there is none, and where it says something only together with the rest.
        """
        limit, rest = split_limit(normal)
        if node := self._limit_of_its_own(limit, rest):
            return limit, node
        node = in_two_zones(self._text[span.start : span.end])
        node = node or parse(rest) or reworded(rest) or nth_day(rest, after) or counted(rest)
        if node is None and limit and (node := parse(normal)) is not None:
            limit = ""
        node = node or self._apposed_or_in_a_zone(span, rest) or tail(rest)
        if limit:
            node = as_clock(node, rest, self._dct, f"{before}{limit} ", deadline=True)
        else:
            node = as_clock(node, normal, self._dct, before, deadline=True)
        node = node or self._dated_behind(span) or said_last(rest)
        if node is None and relation_of(limit) == "before" and (match := _BEGINS.fullmatch(rest)):
            node = parse(match[1])
        node = node or say.kept(rest)
        if node is None and limit in ("", "within") and self._length and self._length[0] >= span.start - len(before):
            node = of_like_length(rest, self._length[1])  # of the one that its sentence has read last
        if limit == "through" and isinstance(node, say.Named) and lasts(node.name):
            node = say.Edge("end", node)  # all of it, though what its name stands for is its first day
        return limit, node

    def _limit_of_its_own(self, limit: str, rest: str) -> Node | None:
        """What words say of a limit alone, whatever they say elsewhere."""
        if rest in ("that", "this"):
            return say.Then()
        if rest.endswith(" beforehand"):  # a notice of so much, whatever day was named last
            return parse(rest.replace(" beforehand", " ahead"))
        if relation_of(limit) == "before" and _SUMMER_RECESS.fullmatch(rest) and counted(rest) is None:
            return say.Named("summer recess")
        if limit == "within" and rest in ("hour", "the hour"):
            return say.Length(Fraction(1), "hour")
        return say.fiscal_year_end(rest)

    def _apposed_or_in_a_zone(self, span: Span, rest: str) -> Node | None:
        # A zone says nothing of a part of a day.
        return apposed(self._text[span.start : span.end]) or parse(_ZONE_OF_PART.sub(r"\1", rest))

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
        return node if names_a_day(node) or not in_brackets else None

    def _lean(self, node: Node, span: Span, before: str, after: str, listed: Time | None, *, gone: bool) -> int:
        """The direction of a time; in a list of DATEs it is that of the one before."""
        clause = before.lower()
        if span.label == "DEADLINE":
            if gone or _GONE.search(f"{clause[-70:]}| {after[:40].lower()}"):
                return -1
            beside = self._ahead.get(span, 0.0)
            return 1 if _BOUND.search(clause) else -1 if direction(before, after, "deadline", beside) < 0 else 1
        if says_all(node):
            return 0
        if self._dct is not None and listed is not None and listed.start != self._dct:
            return 1 if listed.start > self._dct else -1
        if _SAID.search(clause):
            return -1
        return direction(before, after, beside=self._ahead.get(span, 0.0))

    def _since_last(self, span: Span) -> str:
        """What stands between the last time named and this one."""
        return self._text[self._said[-1].end : span.start] if self._said else ""

    def _remember(self, span: Span, node: Node, value: Value) -> None:
        for time in (value.first, value.second) if isinstance(value, Interval) else (value,):
            if isinstance(time, Time):
                since = _SINCE.search(self._text, max(0, span.start - 12), span.start) is not None
                self._said.append(Said(time, span.start, span.end, has_year(node), has_month(node), span.label, since))

    def _deadline(self, span: Span, node: Node, limit: str, before: str, after: str, context: Context) -> Resolution:
        relation = relation_of(limit)
        if limit == "within" and isinstance(node, say.Unit) and node.which.startswith("next"):
            node = say.Length(Fraction(node.count), node.unit)  # "within the next week"
        if isinstance(node, (say.Length, say.Stretch)) or (limit == "in" and isinstance(node, say.Offset)):
            return self._within(span, node, limit, before, after, context)
        context.deadline, context.before = True, relation == "before"
        issued = context.order_given()
        between = self._since_last(span)
        near = is_weekday(node) and not _ORDERED.match(between[:_FAR_BEHIND])
        oldest = _ORDER_DAYS_OF_A_WEEKDAY if near else _ORDER_DAYS
        if (
            issued is not None
            and self._dct is not None
            and issued.start < self._dct
            and (self._dct - issued.start).days <= oldest
            and not _STILL.search(between)
            and not is_deictic(node)
        ):
            # "On March 3 it told them to leave by March 10": forward from the order.
            context = context.facing(1, issued.start)
        words = self._text[span.start : span.end]
        if relation == "before" and (is_an_end(node) or _CLOSE_OF_BUSINESS.search(words)):
            relation = "by"
        value = evaluate(node, context)
        if isinstance(node, say.Offset) and node.anchor == "text" and node.unit in ("week", "month", "year"):
            # A limit is to the day: "by June 1 of next year, and its reply eight months after that".
            day = context.last("day", within=context.paragraph) or context.anchor("day")
            value = move(day, node.count, node.unit, exact=True) if day is not None else value
        if isinstance(value, Fixed):
            return Resolution(value.value, NO_ANCHOR, None, relation)
        due = last_moment(value, node, relation)
        self._said.append(Said(time_of(due), span.start, span.end, has_year(node), has_month(node), span.label))
        return self._result(due, relation)

    def _within(self, span: Span, node: Node, limit: str, before: str, after: str, context: Context) -> Resolution:
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
            return self._told(again, span, in_days)
        since_that = context.last("day") if _OF_THAT.match(after) else self._starts_behind(span, context)
        if since_that is None and _OF_THIS_NOTICE.match(after):
            since_that = Time("day", context.day())
        if since_that is None and (_EVENT_AFTER.match(after) or odds(before, after, "event", more) > 0):
            return Resolution(length, NO_EVENT, None, relation)
        still_has = _STILL_HAS.search(self._since_last(span)) is not None
        given = None if still_has else context.order_given()
        if not (since_that or given or still_has) and (order := self._order_of_a_month_or_year(span, context)):
            if unit not in ("month", "quarter", "year") or RANK[unit] < RANK[order.unit]:
                return Resolution(length, NO_EVENT, None, relation)
            # To the end of the month or year: "agreed in June to leave within six months".
            due = Time("day", move(order, count, unit, exact=True).last)
            return self._told(due, span, in_days)
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
        return self._told(due, span, in_days)

    def _told(self, due: Time, span: Span, length: str) -> Resolution:
        """A term's end, which "those ten days" will mean from now on."""
        self._terms[length] = due
        self._said.append(Said(due, span.start, span.end, False, False, span.label))
        return self._result(due.value, "within")

    def _order_of_a_month_or_year(self, span: Span, context: Context) -> Time | None:
        """When an order was given, if its sentence says so by a week, month or year: "In May it agreed to"."""
        said = next(context.named_since("DATE", context.sentence), None)
        if said is None or said.since or RANK[said.time.unit] <= RANK["day"] or said.time.last >= context.day():
            return None
        before, behind = self._text[context.sentence : said.start], self._text[said.end : span.start]
        clause, comma = re.split(r"[,;:]", before)[-1], re.search(r"[,;:]", behind)
        is_order = _BY_ORDER.search(behind, 0, comma.start() if comma else len(behind))
        return said.time if is_order or (comma is None and _BY_ORDER.search(clause)) else None

    def _order_long_before(self, span: Span, before: str, told: Time | None, context: Context) -> Time | None:
        """The day of an order so long before what its sentence tells: "It came a day after Oslo gave them 48 hours"."""
        match = _AFTER_AN_ORDER.search(before)
        if match is None or (context.said and context.said[-1].start > span.start - len(match[0])):
            return None  # a day that stands in between is the order's own, or another's
        node = parse(normalise(f"{match['length']} ago"))
        if not isinstance(node, say.Offset):
            return None
        return add(told or Time("day", context.day()), node.count, node.unit, working=False)

    def _order_after(self, span: Span, before: str, context: Context) -> Time | None:
        """The day of the order where it stands behind the length; it is over.

        As in "gave them 48 hours on Monday", "the ten days that the court allowed them on 3 May".
        """
        between = _ORDER_BY_BEHIND if _GIVEN.search(before) else _ORDER_BEHIND
        return self._day_behind(span, between, context, is_over=True)

    def _starts_behind(self, span: Span, context: Context) -> Time | None:
        """The day from which a length counts by the words behind it: "from Monday", "of the vote of 9 January"."""
        return self._day_behind(span, _COUNTED_FROM, context)

    def _day_behind(
        self, span: Span, between: re.Pattern[str], context: Context, *, is_over: bool = False
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
        value = evaluate(
            node, context.facing(-1 if is_over else self._lean(node, following, before, after, None, gone=False))
        )
        return value if isinstance(value, Time) and RANK[value.unit] <= RANK["day"] else None

    def _result(self, due: str, relation: str) -> Resolution:
        passed = None if self._dct is None else datetime.date.fromisoformat(due[:10]) < self._dct
        return Resolution(due, "", re.sub(r"T(?:MO|MI|AF|EV|NI)$", "", due), relation, passed)


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
