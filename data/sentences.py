"""Where the sentences of a text begin: by punctuation and line ends, with the abbreviations of news in mind."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

# Possessive, since a run of empty lines could be cut up in any number of ways.
_LINE_END = r"(?:[ \t\r]{0,9}+\n\s*+(?:[>|][>| ]*+)?+)++"
_END = re.compile(rf"(?<=[.!?…])[\"”’»)\]]*(?:{_LINE_END}|\s+)(?=[A-Z0-9\"“‘«(\[•*–-])|{_LINE_END}")
_END_LOWER = re.compile(rf"(?<=[.!?…])[\"”’»)\]]*\s+|{_LINE_END}")
"""For texts without a capital letter."""

_GOES_ON = re.compile(r"(?![a-z]{1,3}[.)] )[a-z]")
_ANY_WORD = re.compile(r"[\w\"“‘(]")
_WRAPPED = 40
"""Code points that a line broken by a mail program has at least."""

REACH = 700
"""Code points: text without an end of a sentence is no sentence as a whole."""

_ABBREVIATED = re.compile(
    r"(?:\b(?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun|Mr|Mrs|Ms|Dr|Gen|Col|Lt|Sgt|Rev|St|No|Nos|vs|Gov|Sen|Rep|Capt|Maj|Adm|Brig|Prof|Hon|Ltd|Inc|Co|Cmdr|Amb|Art|para|paras)"
    r"|\b[A-Z]|\b[ap]\.m|\be\.g|\bi\.e)\.$"
)


class Sentences:
    """The sentences of one text, found once. A line's end ends a sentence, unless the text is broken into lines."""

    def __init__(self, text: str) -> None:
        ends = _END_LOWER if text.islower() else _END
        matches = list(ends.finditer(text))
        is_wrapped = text.count("\n") > 1 and sum(_is_broken(text, match) for match in matches) > 1
        gaps = [
            (match.start(), match.end())
            for match in matches
            if not _is_broken(text, match, surely=is_wrapped or ">" in match.group())
            and ("\n" in match.group() or not _ABBREVIATED.search(text, max(0, match.start() - 9), match.start()))
        ]
        self._length = len(text)
        self._gap_starts = [start for start, _ in gaps]
        self._gap_ends = [end for _, end in gaps]

    @property
    def starts(self) -> list[int]:
        """The code points at which sentences begin, ascending, the first 0."""
        return [0, *(end for end in self._gap_ends if 0 < end < self._length)]

    def bounds(self, start: int, end: int) -> tuple[int, int]:
        """Where the sentence around a stretch of text begins and ends; no further away than `REACH` code points."""
        before = bisect_right(self._gap_ends, start)
        after = bisect_left(self._gap_starts, end)
        low = self._gap_ends[before - 1] if before else 0
        high = self._gap_starts[after] if after < len(self._gap_starts) else self._length
        return max(low, start - REACH), min(high, end + REACH)


def _is_broken(text: str, end: re.Match[str], *, surely: bool = False) -> bool:
    """Whether a line ends here for want of room: a long one, in the middle of a sentence that goes on in the next.

    Args:
        text: the whole.
        end: of the line.
        surely: whether the text is broken so elsewhere; then a capital may go on as well.
    """
    goes_on = _ANY_WORD if surely else _GOES_ON
    return (
        end.group().count("\n") == 1
        and end.start() - text.rfind("\n", 0, end.start()) > (_WRAPPED // 2 if surely else _WRAPPED)
        and text[end.start() - 1] not in ".!?…:;"
        and goes_on.match(text, end.end()) is not None
    )


def sentence_starts(text: str) -> list[int]:
    """The code points at which the sentences of a text begin, ascending, the first 0."""
    return Sentences(text).starts
