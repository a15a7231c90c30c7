"""Words that begin spans and never are one: "by" of DEADLINE, "the" of DATE, "prime" of ACTOR.

A network is now and then sure of a span's first word and of nothing behind it. What is left is a fragment that no
annotator would have marked; a run knows such words from the articles it was trained on, and drops them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from data.schema import Article, Span

LEAST = 10
"""How often a word must have begun longer spans of a label."""

Fragments = Mapping[str, frozenset[str]]
"""For each label, words in lower case."""


def fragments(articles: Iterable[Article]) -> dict[str, frozenset[str]]:
    """The words that begin at least `LEAST` spans of a label and that no span of it consists of."""
    begins: Counter[tuple[str, str]] = Counter()
    whole = set()
    for article in articles:
        for span in article.spans:
            first, *rest = article.covered(span).lower().split() or [""]
            if rest:
                begins[span.label, first] += 1
            else:
                whole.add((span.label, first))
    found: dict[str, set[str]] = {}
    for (label, word), count in begins.items():
        if count >= LEAST and (label, word) not in whole:
            found.setdefault(label, set()).add(word)
    return {label: frozenset(words) for label, words in sorted(found.items())}


def is_fragment(text: str, span: Span, known: Fragments) -> bool:
    """Whether a span of a text is one of these words."""
    return text[span.start : span.end].lower() in known.get(span.label, ())
