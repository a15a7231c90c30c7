"""The label set of a run, its BIO tags, and the way from spans to tags over words.

A *word* here is the unit that gets one tag: the tokens of one unbroken run of letters and digits, or one punctuation
mark (see `model.encode`). Its characters are `[word_start, word_end)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from data.errors import InputError
from data.schema import LABEL, Article, Span

OUTSIDE = "O"


class TagSet:
    """The tags of some labels: `O`, then `B-` and `I-` of each label, labels in alphabetical order.

    Label number k has the tags 2k + 1 (begin) and 2k + 2 (inside).

    Raises:
        InputError: there is no label, or one is not a name.
    """

    def __init__(self, labels: Iterable[str]) -> None:
        self.labels = tuple(sorted(set(labels)))
        bad = [label for label in self.labels if not LABEL.fullmatch(label)]
        if bad or not self.labels:
            raise InputError(f"not a label set: {bad or 'no label'}; labels are names such as DEADLINE")
        self.tags = (OUTSIDE, *(f"{prefix}-{label}" for label in self.labels for prefix in "BI"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TagSet) and self.tags == other.tags

    def __hash__(self) -> int:
        return hash(self.tags)

    def __len__(self) -> int:
        return len(self.tags)

    def begin(self, label: str) -> int:
        """The number of the tag `B-label`; `I-label` is the next."""
        return 2 * self.labels.index(label) + 1

    @classmethod
    def from_articles(cls, articles: Iterable[Article]) -> TagSet:
        """The label set that the data uses."""
        return cls(span.label for article in articles for span in article.spans)

    @classmethod
    def from_names(cls, names: Sequence[str]) -> TagSet:
        """The tag set with just these tags in this order, as a saved model has them.

        Raises:
            InputError: they are not `O`, `B-X`, `I-X`, … as this class makes them.
        """
        labels = [name[2:] for name in names if name.startswith("B-")]
        if not labels or cls(labels).tags != tuple(names):
            raise InputError(
                f"the model's tags are {', '.join(names[:12])}{' …' if len(names) > 12 else ''};"
                " expected O and B-/I- pairs in alphabetical order: train it with train.py"
            )
        return cls(labels)


@dataclass(frozen=True)
class Alignment:
    """How spans met words.

    Attributes:
        tags: tag numbers, shape (words,).
        widened: spans that begin or end inside a word; the tags cover the whole word.
        lost: spans that no word can carry (no word under them, or all are taken); the tags lack them.
    """

    tags: np.ndarray
    widened: tuple[Span, ...]
    lost: tuple[Span, ...]


def spans_to_tags(spans: Iterable[Span], word_start: np.ndarray, word_end: np.ndarray, tagset: TagSet) -> Alignment:
    """Tag the words under each span.

    Args:
        spans: sorted, without overlap.
        word_start, word_end: code points, ascending, shape (words,).
        tagset: has the label of every span.
    """
    tags = np.zeros(len(word_start), dtype=np.int64)
    widened, lost = [], []
    for span in spans:
        first = int(np.searchsorted(word_end, span.start, side="right"))
        last = int(np.searchsorted(word_start, span.end, side="left"))
        if first >= last or tags[first:last].any():
            lost.append(span)
            continue
        if word_start[first] != span.start or word_end[last - 1] != span.end:
            widened.append(span)
        begin = tagset.begin(span.label)
        tags[first] = begin
        tags[first + 1 : last] = begin + 1
    return Alignment(tags, tuple(widened), tuple(lost))
