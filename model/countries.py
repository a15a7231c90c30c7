"""Which countries a text names, for days that hang on a country: its Independence Day, the end of its fiscal year.

The names stand in `countries.txt`: ISO 3166 codes (XK for Kosovo), each with a country's names, its people's, its
capital and what else stands for it; behind "--", what holds a country's name and means none. Only what is written with
capitals counts, and the commoner bearer of a name that two share (Georgia, Congo, Dominican).
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

NAMES = Path(__file__).with_name("countries.txt")


class Countries:
    """The countries that a text names, with their places."""

    def __init__(self, text: str) -> None:
        names = _names()
        found = ((match.start(), names[_plain(match[1])]) for match in _pattern().finditer(text))
        self._found = [(start, code) for start, code in found if code != _NONE]
        self._often = [code for code, _ in Counter(code for _, code in self._found).most_common()]

    def near(self, low: int, place: int, high: int) -> list[str]:
        """Country codes, the likeliest first: those of a sentence, from `place` back and then on; then the frequent.

        Args:
            low, high: where the sentence begins and ends.
            place: what is spoken of.
        """
        inside = [(start, code) for start, code in self._found if low <= start < high]
        before = [code for start, code in reversed(inside) if start < place]
        after = [code for start, code in inside if start >= place]
        return list(dict.fromkeys([*before, *after, *self._often]))

    def first(self, low: int, high: int) -> str | None:
        """The country that a sentence names first, else the most frequent one of the text."""
        return next((code for start, code in self._found if low <= start < high), next(iter(self._often), None))


def country_of(words: str) -> str | None:
    """The code of the country that lower-case words name ("polish", "south sudanese"), or None."""
    return _lower_names().get(words)


_NONE = "--"


def _plain(name: str) -> str:
    return " ".join(name.split()).replace("’", "'")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    lines = NAMES.read_text(encoding="utf-8").splitlines()
    return {name: line[:2] for line in lines for name in line[3:].split(", ")}


@lru_cache(maxsize=1)
def _lower_names() -> dict[str, str]:
    return {name.lower(): code for name, code in _names().items() if code != _NONE}


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_names(), key=len, reverse=True)
    names = "|".join(re.escape(name).replace("\\ ", r"\s+").replace("'", "['’]") for name in longest_first)
    return re.compile(rf"(?<!\w)({names})s?(?![\w$])")
