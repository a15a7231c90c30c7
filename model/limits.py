"""The words that make a time a limit: "by", "before", "within"."""

from __future__ import annotations

import re
from functools import lru_cache

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


@lru_cache(maxsize=8192)
def split_limit(text: str) -> tuple[str, str]:
    """The limit word of a deadline's normalised words ("" if there is none) and what follows it."""
    text = re.sub(r"^at (?:the )?latest (?:on |by )?", "by ", text)
    match = _LIMIT.fullmatch(text)
    return (match["limit"], match["rest"]) if match else ("", text)


def relation_of(limit: str) -> str:
    """What a limit word makes of its time: "by", "before", "within" or "until"; "at" without one."""
    return _RELATION_OF.get(limit, "by" if limit else "at")
