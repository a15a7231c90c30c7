"""Which articles a person should look at first."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from data.errors import InputError
from data.schema import Article
from data.statistics import words


def doubt(article: Article, expected_spans: float) -> float:
    """The errors that the model itself expects among an article's spans, for each word that a person has to read.

    A span with score s is wrong with probability 1 - s. Of the spans that the model expects in the text, those found
    account for the sum of their scores; what is left over was missed. Together that is the mean, by the posterior over
    all tag sequences, of the number of spans by which the answer and the truth differ. So an article without a span is
    not certain, but as doubtful as what was nearly found in it. The usual measures take the best sequence's probability
    (least confidence: Settles and Craven, 2008; divided by length: Shen et al., 2018), which says how likely it is that
    something is wrong, but not how much there is to correct.

    Args:
        article: tagged, its spans with scores.
        expected_spans: the mean number of spans over all sequences of tags, as `Tagger.predict_with_doubt` gives it.

    Returns:
        wrong and missed spans a word, at least 0.
    """
    scores = [1.0 if span.score is None else span.score for span in article.spans]
    wrong = len(scores) - sum(scores)
    missed = max(0.0, expected_spans - sum(scores))
    return (wrong + missed) / max(1, words([article]))


def most_doubtful(tagged: Iterable[tuple[Article, float]], count: int) -> list[Article]:
    """The `count` articles with the largest doubt, that first; equal ones in the order in which they came.

    Args:
        tagged: articles with the number of spans expected in them.
        count: at least 1; all are kept if there are fewer.

    Raises:
        InputError: `count` is less.
    """
    if count < 1:
        raise InputError(f"{count} articles cannot be kept; keep at least 1")
    # nlargest keeps equal ones in their order, and never more than `count` articles.
    best = heapq.nlargest(count, ((doubt(*pair), pair[0]) for pair in tagged), key=lambda item: item[0])
    return [article for _, article in best]
