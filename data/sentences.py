"""Where the sentences of a text begin: by punctuation and line ends, with the abbreviations of news in mind."""

from __future__ import annotations

import re

_END = re.compile(r"(?<=[.!?…])[\"”’»)\]]*\s+(?=[A-Z0-9\"“‘«(\[•*–-])|\n+\s*")
_END_LOWER = re.compile(r"(?<=[.!?…])[\"”’»)\]]*\s+|\n+\s*")
"""For texts without a capital letter."""

_ABBREVIATED = re.compile(
    r"(?:\b(?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun|Mr|Mrs|Ms|Dr|Gen|Col|Lt|Sgt|Rev|St|No|Nos|vs|Gov|Sen|Rep|Capt|Maj|Adm|Brig|Prof|Hon|Ltd|Inc|Co|Cmdr|Amb|Art|para|paras)"
    r"|\b[A-Z]|\b[ap]\.m|\be\.g|\bi\.e)\.$"
)


def sentence_starts(text: str) -> list[int]:
    """The code points at which sentences begin, ascending, the first 0. A line's end always ends a sentence."""
    starts = [0]
    for match in _ends(text).finditer(text):
        ended = "\n" in match.group() or not _ABBREVIATED.search(text[max(0, match.start() - 9) : match.start()])
        if ended and starts[-1] < match.end() < len(text):
            starts.append(match.end())
    return starts


def sentence_bounds(text: str, start: int, end: int, reach: int = 700) -> tuple[int, int]:
    """Where the sentence around a stretch of text begins and ends; no further away than `reach` code points."""
    low, high = max(0, start - reach), min(len(text), end + reach)
    ends = _ends(text[low:high])
    for match in ends.finditer(text, low, min(start, len(text))):
        if "\n" in match.group() or not _ABBREVIATED.search(text[max(0, match.start() - 9) : match.start()]):
            low = match.end()
    for match in ends.finditer(text, end, high):
        if "\n" in match.group() or not _ABBREVIATED.search(text[max(0, match.start() - 9) : match.start()]):
            high = match.start()
            break
    return low, high


def _ends(text: str) -> re.Pattern[str]:
    return _END_LOWER if text.islower() else _END
