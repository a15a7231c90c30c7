"""Which spans of two annotations of one text meet, and which are taken to mean one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data.schema import Span


def meetings(first: Sequence[Span], second: Sequence[Span]) -> list[tuple[Span, Span]]:
    """Every pair of spans, one of each side, with a character in common, in the order of the text.

    Both are sorted and without overlap among themselves, as an `Article` keeps them.
    """
    found = []
    i = j = 0
    while i < len(first) and j < len(second):
        if first[i].start < second[j].end and second[j].start < first[i].end:
            found.append((first[i], second[j]))
        if first[i].end <= second[j].end:
            i += 1
        else:
            j += 1
    return found


def partners(met: Iterable[tuple[Span, Span]]) -> dict[Span, Span]:
    """Spans of the first side to those of the second that are taken to mean them, one to one.

    Of the pairs that meet, those of one label find each other before others, then those that share most characters,
    then those that come first.
    """

    def rank(both: tuple[Span, Span]) -> tuple[bool, int, Span, Span]:
        one, other = both
        shared = min(one.end, other.end) - max(one.start, other.start)
        return one.label != other.label, -shared, one, other

    found: dict[Span, Span] = {}
    taken: set[Span] = set()
    for one, other in sorted(met, key=rank):
        if one not in found and other not in taken:
            found[one] = other
            taken.add(other)
    return found
