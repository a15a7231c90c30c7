"""Random annotations of the same articles, gold and predicted, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from data.schema import Article, Span

TOKENS = 24
LABELS = ("ACTION", "ACTOR", "DATE")
_TEXT = " ".join("abcdefgh"[i % 8] for i in range(TOKENS))

Pair = tuple[Article, Article]


@st.composite
def _spans(draw: st.DrawFn) -> list[Span]:
    """Spans of one to four tokens, flat, of three labels, with scores of which some are equal."""
    found: list[Span] = []
    at = 0
    for _ in range(draw(st.integers(0, 8))):
        start = at + draw(st.integers(0, 3))
        end = start + draw(st.integers(1, 4))
        if end > TOKENS:
            break
        score = draw(st.integers(0, 20)) / 20
        found.append(Span(2 * start, 2 * end - 1, draw(st.sampled_from(LABELS)), score=score))
        at = end
    return found


@st.composite
def pairs(draw: st.DrawFn) -> list[Pair]:
    """One to four articles as (gold, predicted); predicted spans have scores, and many are as in gold."""
    made = []
    for index in range(draw(st.integers(1, 4))):
        gold, other = draw(_spans()), draw(_spans())
        kept = [span for span in gold if draw(st.booleans())]
        other = [span for span in other if all(span.end <= one.start or one.end <= span.start for one in kept)]
        article = Article(
            str(index),
            _TEXT,
            tuple(Span(span.start, span.end, span.label) for span in gold),
            meta={"genre": f"g{index % 2}"},
        )
        made.append((article, article.with_spans(kept + other)))
    return made


def meet(first: Span, second: Span) -> bool:
    """Whether two spans have a character in common, by looking at each."""
    return bool(set(range(first.start, first.end)) & set(range(second.start, second.end)))
