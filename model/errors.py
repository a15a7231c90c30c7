"""What went wrong: every gold or predicted span that is not strictly right, in exactly one error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from data.pairing import meetings, partners
from data.schema import Article, Span
from model.scoring import right_spans, same_borders

KINDS = ("missed", "spurious", "boundary", "label", "both")
"""No predicted span; no gold span; right but for the borders; right but for the label; borders and label wrong."""


@dataclass(frozen=True)
class Error:
    """One mistake of a prediction.

    Attributes:
        article: index of the pair of articles.
        kind: of `KINDS`.
        gold: the gold span; None when spurious.
        predicted: the predicted span; None when missed.
        seen: whether the gold string (when spurious, the predicted one) is a mention in the training data; None if that
            is not known.
    """

    article: int
    kind: str
    gold: Span | None
    predicted: Span | None
    seen: bool | None

    @property
    def span(self) -> Span:
        """The gold span, or the predicted one when there is none."""
        span = self.gold or self.predicted
        assert span is not None
        return span


@dataclass(frozen=True)
class Confusion:
    """Gold labels against predicted ones.

    Attributes:
        labels: of the rows (gold) and columns (predicted), in this order.
        exact: pairs of spans with the same borders, rows of counts; what is right stands on the diagonal.
        other_borders: pairs that meet with other borders, rows of counts.
        missed: gold spans without a predicted one, by label.
        spurious: predicted spans without a gold one, by label.
    """

    labels: tuple[str, ...]
    exact: tuple[tuple[int, ...], ...]
    other_borders: tuple[tuple[int, ...], ...]
    missed: tuple[int, ...]
    spurious: tuple[int, ...]


def surface(text: str) -> str:
    """A mention's string as it is compared with others: without regard to case and line ends."""
    return " ".join(text.split()).casefold()


def mentions(articles: Iterable[Article]) -> frozenset[str]:
    """The strings of all spans, whatever their labels, as `surface` has them."""
    return frozenset(surface(article.covered(span)) for article in articles for span in article.spans)


def find(pairs: Sequence[tuple[Article, Article]], mentions: Set[str] | None) -> list[Error]:
    """Every error, by article and in the order of the text.

    A wrong predicted span is paired with at most one gold span that it meets: with one of its label before others, then
    with the one of which most characters are shared, then with the first. What has no partner is missed or spurious.

    Args:
        pairs: gold and predicted articles.
        mentions: of the training data; None if they are not known.
    """
    errors = []
    for index, (gold, predicted) in enumerate(pairs):
        right = right_spans(gold, predicted)
        paired = partners([both for both in meetings(gold.spans, predicted.spans) if both[0] not in right])
        met = set(paired.values())
        missed = [span for span in gold.spans if span not in right]
        spurious = [span for span in predicted.spans if span not in right and span not in met]
        seen = {
            span: None if mentions is None else surface(gold.covered(span)) in mentions for span in missed + spurious
        }
        wrong = [Error(index, _kind(span, paired.get(span)), span, paired.get(span), seen[span]) for span in missed]
        wrong += [Error(index, "spurious", None, span, seen[span]) for span in spurious]
        errors += sorted(wrong, key=lambda error: error.span)
    return errors


def confusion(pairs: Sequence[tuple[Article, Article]], labels: Sequence[str]) -> Confusion:
    """Gold against predicted labels.

    Args:
        pairs: gold and predicted articles.
        labels: those of all spans, and others if wanted.
    """
    place = {label: number for number, label in enumerate(labels)}
    exact = [[0] * len(labels) for _ in labels]
    other_borders = [[0] * len(labels) for _ in labels]
    missed, spurious = [0] * len(labels), [0] * len(labels)
    for gold, predicted in pairs:
        for span in right_spans(gold, predicted):
            exact[place[span.label]][place[span.label]] += 1
    for error in find(pairs, None):
        if error.gold is None:
            spurious[place[error.span.label]] += 1
        elif error.predicted is None:
            missed[place[error.span.label]] += 1
        else:
            table = exact if error.kind == "label" else other_borders
            table[place[error.gold.label]][place[error.predicted.label]] += 1
    return Confusion(
        tuple(labels), tuple(map(tuple, exact)), tuple(map(tuple, other_borders)), tuple(missed), tuple(spurious)
    )


def _kind(gold: Span, predicted: Span | None) -> str:
    if predicted is None:
        return "missed"
    if gold.label == predicted.label:
        return "boundary"
    return "label" if same_borders(gold, predicted) else "both"
