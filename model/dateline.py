"""The publication date that stands at an article's head."""

from __future__ import annotations

import datetime
import re

from model import expressions as say
from model.expressions import normalise, parse

LINES, REACH = 6, 600
"""How many lines, and code points, a head has at most."""

_MONTH = rf"{say.MONTH}\.?"
_WEEKDAY = rf"(?:{say.WEEKDAY}\.?,? )?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = rf"(?i:{_WEEKDAY}(?:{_DAY} {_MONTH},? \d{{4}}|{_MONTH} {_DAY},? \d{{4}}|\d{{4}}-\d\d-\d\d))"
_NAME = r"(?:[A-Z][\w.'’-]{0,30}|d[aeiou]s?|del|den|der|l[aeo]s?|[ae]l|am|an|and|es|of|sur|upon|in|no\.|\d[\d/-]{0,8})"
_PLACE = rf"(?=[A-Z]){_NAME}(?: {_NAME}){{0,5}}(?:, {_NAME}(?: {_NAME}){{0,5}}){{0,2}},? \(?"
_NOTE = (
    r"(?i:(?:(?:for immediate (?:release|publication)|(?:press|media|news) (?:release|statement)|statement|readout)"
    r" ?[-–—:|,] ?)?)"
)
_SAID = r"(?i:(?:date|dated|sent|published|posted|issued|(?:last )?(?:updated|modified|reviewed))(?: on)?:? )"
_AUTHOR = r"(?i:by) [A-Z][\w.'’ -]{1,60} ?[,|·•–—] ?"
_CLOCK = (
    r"(?i:,? (?:at )?\d{1,2}(?:(?:[:.h]?\d\d){1,2} ?(?:[ap]\.?m\.?)?| ?[ap]\.?m\.?)"
    r"(?:,? (?:local time|[a-z]{2,5}\b|[+-]\d{4}))?)?"
)
_DATELINE = re.compile(
    rf"(?:{_NOTE}{_PLACE}|{_NOTE}|{_SAID}|{_AUTHOR})(?P<date>{_DATE}){_CLOCK}"
    r"(?=\)?(?: \([^)]{1,40}\))?\s*(?:[-–—:./|]|$))"
)


def dateline(text: str) -> str | None:
    """The date that an article's head gives in full ("GENEVA, 3 March 2022 —", "Sent: 3 March 2022 09:15").

    Only what begins one of the first `LINES` lines counts, within `REACH` code points.

    Returns:
        YYYY-MM-DD, or None.
    """
    for line in text[:REACH].split("\n")[:LINES]:
        match = _DATELINE.match(line.strip())
        node = parse(normalise(match["date"])) if match else None
        if isinstance(node, say.Date) and node.year and node.month and node.day:
            try:
                return datetime.date(node.year, node.month, node.day).isoformat()
            except ValueError:
                return None
    return None
