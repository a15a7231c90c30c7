"""The same string annotated here and left bare or labelled otherwise there."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from data.schema import Article

BARE = ""
"""Stands for a label where a string touches no span."""

SUSPICIOUS = 0.8
"""The least score that is reported: one exception needs 24 places that are alike."""

RARE = 0.05
"""Exceptions are reported up to this share: a string that varies more often does so with its sense."""

OWN_EVIDENCE = 5
"""Occurrences from which a spelling is judged by itself and not with its other cases: `May` and `may`, `WHO`, `who`."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_HYPHENS = "-‐‑"


@dataclass(frozen=True)
class Occurrence:
    """A place of a string: the number of its article, code points, and its label or `BARE`."""

    article: int
    start: int
    end: int
    label: str


@dataclass(frozen=True)
class Inconsistency:
    """A string that is nearly always treated alike, and its exceptions.

    Attributes:
        string: as it is spelt most often.
        usual: the label that it has nearly always, or `BARE`.
        counts: label (or `BARE`) to occurrences.
        exceptions: the places that differ.
        score: how sure the rule is that they break: the lower end of the 95% Wilson interval of the share that is
            treated as usual (Wilson, 1927). Many occurrences with few exceptions come near 1.
    """

    string: str
    usual: str
    counts: Mapping[str, int]
    exceptions: tuple[Occurrence, ...]
    score: float


def inconsistencies(articles: Sequence[Article], threshold: float = SUSPICIOUS) -> list[Inconsistency]:
    """Strings whose annotation varies, the most suspicious first; cases are folded, white space counts as one space.

    A string inside a longer span counts nowhere, nor does one that a hyphen joins to a word. Bare strings are the
    longest that some span has anywhere, so that `Council` is not found in a bare `Security Council`.
    """
    places: dict[str, dict[str, list[Occurrence]]] = defaultdict(lambda: defaultdict(list))
    for spelling, occurrence in _occurrences(articles):
        places[spelling.casefold()][spelling].append(occurrence)
    found = []
    for spellings in places.values():
        together = [one for occurrences in spellings.values() for one in occurrences]
        if len({one.label for one in together}) < 2:
            continue
        for spelling, own in spellings.items():
            evidence = own if len(own) >= OWN_EVIDENCE else together
            judged = _judge(spelling, own, evidence)
            # Where only capitals are annotated (US), small letters (us) are another word; and a rare spelling that is
            # annotated against bare ones of other case (WHO, who) is meant.
            other_word = evidence is together and (spelling.islower() or (judged is not None and judged.usual == BARE))
            if judged is not None and judged.score >= threshold and not other_word:
                found.append(judged)
    return sorted(found, key=lambda one: (-one.score, one.string))


def _judge(spelling: str, own: Sequence[Occurrence], evidence: Sequence[Occurrence]) -> Inconsistency | None:
    counts = Counter(one.label for one in evidence)
    usual, alike = counts.most_common(1)[0]
    exceptions = tuple(one for one in own if one.label != usual)
    if not exceptions or len(evidence) - alike > RARE * len(evidence):
        return None
    return Inconsistency(spelling, usual, dict(counts), exceptions, wilson_low(alike, len(evidence)))


def wilson_low(successes: int, trials: int, z: float = 1.959964) -> float:
    """The lower end of the 95% Wilson interval of a share."""
    share = successes / trials
    middle = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return (middle - spread) / (1 + z * z / trials)


def _occurrences(articles: Sequence[Article]) -> Iterator[tuple[str, Occurrence]]:
    """Every whole-word place of every string that some span has, with its spelling."""
    tokenized = [[(m.start(), m.end(), m.group()) for m in _TOKEN.finditer(article.text)] for article in articles]
    strings: set[tuple[str, ...]] = set()
    bare: list[list[bool]] = []
    for number, (article, tokens) in enumerate(zip(articles, tokenized, strict=True)):
        starts = {start: index for index, (start, _, _) in enumerate(tokens)}
        ends = {end: index for index, (_, end, _) in enumerate(tokens)}
        free = [True] * len(tokens)
        at = 0
        for span in article.spans:
            while at < len(tokens) and tokens[at][1] <= span.start:
                at += 1
            while at < len(tokens) and tokens[at][0] < span.end:
                free[at] = False
                at += 1
            first, last = starts.get(span.start), ends.get(span.end)
            if first is None or last is None or not any(map(str.isalnum, article.covered(span))):
                continue  # it begins or ends inside a word, or is none: other checks say so
            spelling = [word for _, _, word in tokens[first : last + 1]]
            strings.add(tuple(word.casefold() for word in spelling))
            yield " ".join(spelling), Occurrence(number, span.start, span.end, span.label)
        bare.append(free)
    lengths: dict[str, list[int]] = defaultdict(list)
    for first_word, length in sorted({(string[0], len(string)) for string in strings}, key=lambda item: -item[1]):
        lengths[first_word].append(length)
    for number, (tokens, free) in enumerate(zip(tokenized, bare, strict=True)):
        text = articles[number].text
        folded = [word.casefold() for _, _, word in tokens]
        at = 0
        while at < len(tokens):
            step = 1
            for length in lengths.get(folded[at], ()) if free[at] else ():
                words = tuple(folded[at : at + length])
                if len(words) == length and words in strings and all(free[at : at + length]):
                    step = length
                    start, end = tokens[at][0], tokens[at + length - 1][1]
                    if not _joined(text, start, end):
                        spelling = [word for _, _, word in tokens[at : at + length]]
                        yield " ".join(spelling), Occurrence(number, start, end, BARE)
                    break
            at += step


def _joined(text: str, start: int, end: int) -> bool:
    """Whether a hyphen joins a stretch to a word before or after it."""
    return (start > 1 and text[start - 1] in _HYPHENS and text[start - 2].isalnum()) or (
        end + 1 < len(text) and text[end] in _HYPHENS and text[end + 1].isalnum()
    )
