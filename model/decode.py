"""From the scores of words to spans: constrained BIO decoding, and the probability of each span.

The model gives every word a distribution over tags. Legal sequences are those in which `I-X` follows `B-X` or `I-X`
and does not stand at the start or after an empty line. The decoder takes the most probable legal sequence (Viterbi,
1967). The score of a span is the posterior, over all legal sequences, that exactly these words form a span of this
label: a forward-backward pass (Rabiner, 1989) over the same constraints.

Plain Python over lists: with so few tags it is faster than numpy's calls, and it needs no array library's order of
summation to be the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data.schema import Span
from model.tags import TagSet, tags_to_spans


def decode(
    log_probs: np.ndarray, word_start: np.ndarray, word_end: np.ndarray, breaks: np.ndarray, tagset: TagSet
) -> list[Span]:
    """The spans of one article.

    Args:
        log_probs: log probabilities of tags, shape (words, tags).
        word_start, word_end: code points of the words, shape (words,).
        breaks: whether no span may run over to this word from the one before, shape (words,).
        tagset: the tags, in the order of the columns.

    Returns:
        spans in article coordinates, sorted, without overlap, each with its score.
    """
    if len(log_probs) == 0:
        return []
    joined = (~breaks).tolist()
    joined[0] = False
    tags = _best_tags(log_probs, joined)
    found = tags_to_spans(tags, word_start, word_end, tagset)
    if not found:
        return []
    probabilities = np.exp(log_probs.astype(np.float64)).tolist()
    posterior = _Posterior(probabilities, joined)
    return [
        Span(span.start, span.end, span.label, score=posterior.span(first, last, tags[first]))
        for first, last, span in found
    ]


def expected_spans(log_probs: np.ndarray, breaks: np.ndarray) -> float:
    """How many spans the model expects: the mean of their number over all legal sequences, weighted by probability.

    Args:
        log_probs, breaks: as for `decode`.
    """
    if len(log_probs) == 0:
        return 0.0
    joined = (~breaks).tolist()
    joined[0] = False
    return _Posterior(np.exp(log_probs.astype(np.float64)).tolist(), joined).expected_spans


def posteriors(log_probs: np.ndarray, breaks: np.ndarray, spans: Sequence[tuple[int, int, int]]) -> list[float]:
    """The probability of given spans, whether or not the decoder finds them.

    Args:
        log_probs, breaks: as for `decode`.
        spans: each as first word, last word + 1, and the tag that begins its label.
    """
    joined = (~breaks).tolist()
    joined[:1] = [False] * len(joined[:1])
    posterior = _Posterior(np.exp(log_probs.astype(np.float64)).tolist(), joined) if spans else None
    return [posterior.span(*span) for span in spans] if posterior else []


def _best_tags(log_probs: np.ndarray, joined: Sequence[bool]) -> list[int]:
    """The most probable legal tag sequence."""
    greedy: list[int] = log_probs.argmax(axis=1).tolist()
    # Where the best tags by themselves are legal, no legal sequence can be better.
    if all(_follows(greedy[i - 1] if joined[i] else 0, greedy[i]) for i in range(len(greedy))):
        return greedy
    scores = log_probs.astype(np.float64).tolist()
    count = len(scores[0])
    insides = range(2, count, 2)
    best: list[float] = [0.0] * count
    back: list[list[int]] = []
    for index, emission in enumerate(scores):
        before = max(range(count), key=best.__getitem__)
        current = [best[before] + score for score in emission]
        pointers = [before] * count
        for inside in insides:
            if not joined[index]:
                current[inside] = -np.inf
                continue
            origin = inside if best[inside] > best[inside - 1] else inside - 1
            current[inside] = best[origin] + emission[inside]
            pointers[inside] = origin
        best = current
        back.append(pointers)
    tag = max(range(count), key=best.__getitem__)
    tags = [tag]
    for pointers in reversed(back[1:]):
        tag = pointers[tag]
        tags.append(tag)
    return tags[::-1]


def _follows(before: int, tag: int) -> bool:
    """Whether a tag may stand after another (0, `O`, also means that nothing does)."""
    return tag == 0 or tag % 2 == 1 or before in (tag, tag - 1)


class _Posterior:
    """Forward and backward sums over legal sequences, scaled at each word so that they neither vanish nor overflow.

    Args:
        probabilities: of tags, a list of (tags,) for each word.
        joined: whether an inside tag may stand at this word.
    """

    def __init__(self, probabilities: list[list[float]], joined: Sequence[bool]) -> None:
        self._probabilities = probabilities
        self._joined = joined
        count = len(probabilities[0])
        insides = range(2, count, 2)
        self._forward: list[list[float]] = []
        self._scale: list[float] = []
        previous = [0.0] * count
        for index, row in enumerate(probabilities):
            current = row.copy()
            for inside in insides:
                current[inside] = row[inside] * (previous[inside] + previous[inside - 1]) if joined[index] else 0.0
            # A model can be so sure of an illegal tag that the rest underflows; any positive number keeps order.
            scale = sum(current) or 1e-300
            previous = [value / scale for value in current]
            self._forward.append(previous)
            self._scale.append(scale)

        # stop[i]: what follows word i, given that no span goes on from it; goes_on[i][k] that label k's does.
        words = len(probabilities)
        self._stop = [1.0] * words
        goes_on = [0.0] * count
        begins = range(1, count, 2)
        self.expected_spans = sum(self._forward[-1][begin] for begin in begins)
        for index in range(words - 2, -1, -1):
            row, scale = probabilities[index + 1], self._scale[index + 1]
            after = self._stop[index + 1]
            stop = row[0] * after
            for inside in insides:
                stop += row[inside - 1] * (after + goes_on[inside])
            current = [0.0] * count
            if joined[index + 1]:
                for inside in insides:
                    current[inside] = row[inside] * (after + goes_on[inside]) / scale
            self._stop[index] = stop / scale
            goes_on = current
            row = self._forward[index]
            self.expected_spans += sum(row[begin] * (self._stop[index] + goes_on[begin + 1]) for begin in begins)

    def span(self, first: int, last: int, begin: int) -> float:
        """Posterior that words `[first, last)` are one span with the tag `begin` at its first word."""
        value = self._forward[first][begin]
        for index in range(first + 1, last):
            value *= self._probabilities[index][begin + 1] / self._scale[index]
        return min(1.0, value * self._stop[last - 1])
