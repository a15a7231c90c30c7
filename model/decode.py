"""From the scores of words to spans: those that are more probable than not.

The model gives every word a distribution over tags. Legal sequences of tags are those in which `I-X` follows `B-X` or
`I-X` and does not stand at the start or after an empty line. The score of a span is its posterior: the probability,
over all legal sequences, that exactly these words form a span of this label, by a forward-backward pass (Rabiner,
1989). Two spans that overlap exclude each other, so of those with a probability above one half no two do: together they
are the answer with most right and fewest wrong spans to expect (a centroid; Carvalho and Lawrence, 2008). The single
most probable sequence (Viterbi, 1967), which the model may believe in hardly more than in others, has more spans that
are wrong (`docs/experiments.md`).

Plain Python over lists: with so few tags it is faster than numpy's calls, and it needs no array library's order of
summation to be the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from data.schema import Span
from model.tags import TagSet

THRESHOLD = 0.5
"""The probability from which on a span is given."""


def decode(
    log_probs: np.ndarray,
    word_start: np.ndarray,
    word_end: np.ndarray,
    breaks: np.ndarray,
    tagset: TagSet,
    thresholds: Mapping[str, float] | None = None,
) -> list[Span]:
    """The spans of one article.

    Args:
        log_probs: log probabilities of tags, shape (words, tags).
        word_start, word_end: code points of the words, shape (words,).
        breaks: whether no span may run over to this word from the one before, shape (words,).
        tagset: the tags, in the order of the columns.
        thresholds: for some labels, the probability from which on a span is given, above 0; `THRESHOLD` for others.
            Below one half spans may overlap: then those are taken first that are above theirs by the largest factor.

    Returns:
        spans in article coordinates, sorted, without overlap, each with its score.
    """
    if len(log_probs) == 0:
        return []
    least = [(thresholds or {}).get(label, THRESHOLD) for label in tagset.labels]
    taken = bytearray(len(log_probs))
    found = []
    candidates = _Posterior.of(log_probs, breaks).spans(least)
    for probability, first, last, label in sorted(candidates, key=lambda one: -one[0] / least[one[3]]):
        if not any(taken[first:last]):
            taken[first:last] = bytes([1]) * (last - first)
            start, end = int(word_start[first]), int(word_end[last - 1])
            found.append(Span(start, end, tagset.labels[label], score=probability))
    return sorted(found, key=lambda span: span.start)


def expected_spans(log_probs: np.ndarray, breaks: np.ndarray) -> float:
    """How many spans the model expects: the mean of their number over all legal sequences, weighted by probability.

    Args:
        log_probs, breaks: as for `decode`.
    """
    if len(log_probs) == 0:
        return 0.0
    return _Posterior.of(log_probs, breaks).expected_spans


def posteriors(log_probs: np.ndarray, breaks: np.ndarray, spans: Sequence[tuple[int, int, int]]) -> list[float]:
    """The probability of given spans, whether or not the decoder finds them.

    Args:
        log_probs, breaks: as for `decode`.
        spans: each as first word, last word + 1, and the tag that begins its label.
    """
    if not spans:
        return []
    posterior = _Posterior.of(log_probs, breaks)
    return [posterior.span(*span) for span in spans]


class _Posterior:
    """Forward and backward sums over legal sequences, scaled at each word so that they neither vanish nor overflow.

    Args:
        probabilities: of tags, a list of (tags,) for each word.
        joined: whether an inside tag may stand at this word.
    """

    def __init__(self, probabilities: list[list[float]], joined: Sequence[bool]) -> None:
        self._probabilities = probabilities
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
        self._goes_on = [[0.0] * count] * words
        begins = range(1, count, 2)
        self.expected_spans = sum(self._forward[-1][begin] for begin in begins)
        for index in range(words - 2, -1, -1):
            row, scale = probabilities[index + 1], self._scale[index + 1]
            after, goes_on = self._stop[index + 1], self._goes_on[index + 1]
            stop = row[0] * after
            for inside in insides:
                stop += row[inside - 1] * (after + goes_on[inside])
            current = [0.0] * count
            if joined[index + 1]:
                for inside in insides:
                    current[inside] = row[inside] * (after + goes_on[inside]) / scale
            self._stop[index] = stop / scale
            self._goes_on[index] = current
            row = self._forward[index]
            self.expected_spans += sum(row[begin] * (self._stop[index] + current[begin + 1]) for begin in begins)

    @classmethod
    def of(cls, log_probs: np.ndarray, breaks: np.ndarray) -> _Posterior:
        """Of an article with at least one word; arguments as for `decode`."""
        joined = (~breaks).tolist()
        joined[0] = False
        return cls(np.exp(log_probs.astype(np.float64)).tolist(), joined)

    def spans(self, least: Sequence[float]) -> Iterator[tuple[float, int, int, int]]:
        """All spans of at least the probability that `least` has for their label.

        Yields:
            the probability, the first word, the last word + 1, and the label's number.
        """
        for first, (row, stop, goes_on) in enumerate(zip(self._forward, self._stop, self._goes_on, strict=True)):
            for label, threshold in enumerate(least):
                inside = 2 * label + 2
                value = row[inside - 1]
                # All spans together that begin here; then, word by word, those that go on.
                if value * (stop + goes_on[inside]) < threshold:
                    continue
                last = first
                while True:
                    probability = min(1.0, value * self._stop[last])
                    if probability >= threshold:
                        yield probability, first, last + 1, label
                    if value * self._goes_on[last][inside] < threshold:
                        break
                    last += 1
                    value *= self._probabilities[last][inside] / self._scale[last]

    def span(self, first: int, last: int, begin: int) -> float:
        """Posterior that words `[first, last)` are one span with the tag `begin` at its first word."""
        value = self._forward[first][begin]
        for index in range(first + 1, last):
            value *= self._probabilities[index][begin + 1] / self._scale[index]
        return min(1.0, value * self._stop[last - 1])
