"""Trains a run's time head on annotated values, with the tagger's encoder as it is."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from data.schema import Article, Span
from model import expressions as say
from model.dates import TIMES
from model.expressions import normalise, parse
from model.limits import split_limit
from model.link_head import Vectors
from model.time_head import TimeHead

STRENGTH = 0.01
"""The inverse of the L2 penalty, chosen on dev (docs/experiments.md)."""

LEAST = 100
"""Times of each label to learn from, or there is no head."""


def train_times(vectors: Vectors, articles: Sequence[Article]) -> TimeHead | None:
    """A head for a tagger, from articles whose times have values; None if there are too few of either label.

    Args:
        vectors: the tagger's, of articles' spans.
        articles: annotated.
    """
    known = [(article, found) for article in articles if (found := _bare_times(article))]
    rows: dict[str, list[np.ndarray]] = {label: [] for label in TIMES}
    answers: dict[str, list[bool]] = {label: [] for label in TIMES}
    for (article, found), its_vectors in zip(known, vectors([article for article, _ in known]), strict=True):
        for number, ahead in found.items():
            label = article.spans[number].label
            rows[label].append(its_vectors[number])
            answers[label].append(ahead)
    if any(len(told) < LEAST or len(set(told)) < 2 for told in answers.values()):
        return None
    return TimeHead({label: _fit(np.array(rows[label]), answers[label]) for label in TIMES})


def _bare_times(article: Article) -> dict[int, bool]:
    """An article's times that leave a part to the sense, by their places among its spans: whether each lies ahead.

    Only those whose annotated value tells are there.
    """
    if not article.date:
        return {}
    today = datetime.date.fromisoformat(article.date)
    found = {}
    for number, span in enumerate(article.spans):
        if span.label in TIMES and span.value:
            words = normalise(article.covered(span))
            node = parse(split_limit(words)[1] if span.label == "DEADLINE" else words)
            ahead = lies_ahead(node, span, today)
            if ahead is not None:
                found[number] = ahead
    return found


def _fit(rows: np.ndarray, answers: list[bool]) -> np.ndarray:
    """A regression's weights and constant for rows as they come, shape (features + 1,)."""
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(scaler.transform(rows), answers)
    weights = model.coef_[0] / scaler.scale_
    return np.append(weights, model.intercept_[0] - weights @ scaler.mean_).astype(np.float32)


def lies_ahead(node: say.Node | None, span: Span, today: datetime.date) -> bool | None:
    """Whether a time lies ahead by its annotated value; None where the words alone say it, or the value does not.

    Args:
        node: what the words say.
        span: with its value.
        today: the article's date.
    """
    value = span.value or ""
    day = first_day(value)
    if node is None or not is_partial(node) or day is None or abs((day - today).days) > 400 or day == today:
        return None
    return None if len(value) == 7 and today.isoformat().startswith(value) else day > today


def is_partial(node: say.Node) -> bool:
    """Whether an expression leaves its year, month or week to the sense."""
    match node:
        case say.Part() | say.Clock():
            return node.day is not None and is_partial(node.day)
        case say.Edge():
            return is_partial(node.inner)
        case say.Range():
            return is_partial(node.second)
        case say.Date():
            return node.year is None and not node.which and (node.month is not None or node.weekday is not None)
        case say.Season() | say.Named():
            return node.year is None and not node.which
    return False


def first_day(value: str) -> datetime.date | None:
    """A day of a value by which it can be told from others: the middle of a month, of a season."""
    if match := re.match(r"(\d{4})-(\d\d)(?:-(\d\d))?(?!\d)", value):
        return datetime.date(int(match[1]), int(match[2]), int(match[3] or 15))
    if match := re.match(r"(\d{4})-(SP|SU|FA|WI)", value):
        return datetime.date(int(match[1]), {"SP": 4, "SU": 7, "FA": 10, "WI": 12}[match[2]], 15)
    return None
