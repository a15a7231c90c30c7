"""Trains a run's time head on annotated values, with the tagger's encoder as it is."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from data.schema import Article
from model.dates import TIMES, split_limit
from model.expressions import normalise, parse
from model.tagger import Tagger
from model.time_head import TimeHead, lies_ahead

STRENGTH = 0.01
"""The inverse of the L2 penalty, chosen on dev (docs/experiments.md)."""

LEAST = 100
"""Times of each label to learn from, or there is no head."""


def train_times(tagger: Tagger, articles: Sequence[Article]) -> TimeHead | None:
    """A head for a tagger, from articles whose times have values; None if there are too few of either label."""
    known = [article for article in articles if article.date and any(span.value for span in article.spans)]
    rows: dict[str, list[np.ndarray]] = {label: [] for label in TIMES}
    answers: dict[str, list[bool]] = {label: [] for label in TIMES}
    for article, vectors in zip(known, tagger.vectors(known), strict=True):
        today = datetime.date.fromisoformat(article.date or "")
        for span, vector in zip(article.spans, vectors, strict=True):
            if span.label not in TIMES:
                continue
            words = normalise(article.covered(span))
            node = parse(split_limit(words)[1] if span.label == "DEADLINE" else words)
            ahead = lies_ahead(node, span, today)
            if ahead is not None:
                rows[span.label].append(vector)
                answers[span.label].append(ahead)
    if any(len(found) < LEAST or len(set(found)) < 2 for found in answers.values()):
        return None
    return TimeHead({label: _fit(np.array(rows[label]), answers[label]) for label in TIMES})


def _fit(rows: np.ndarray, answers: list[bool]) -> np.ndarray:
    """A regression's weights and constant for rows as they come, shape (features + 1,)."""
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(scaler.transform(rows), answers)
    weights = model.coef_[0] / scaler.scale_
    return np.append(weights, model.intercept_[0] - weights @ scaler.mean_).astype(np.float32)
