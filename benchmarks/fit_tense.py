"""Fit the weights of `model.tense` on the times of annotated articles and of the table, and say how well they do on others."""

from __future__ import annotations

import argparse
import datetime
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.dates import TABLE, read_table
from data import formats
from data.files import write_atomically
from data.schema import Article
from model import expressions as say
from model.sentences import sentence_bounds
from model.tense import WEIGHTS, features

LEAST = 3
"""Training times that a feature must stand with."""


def main() -> None:
    """Fit on one set, report on another, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=Path("outputs/data/train.jsonl"), metavar="FILE")
    parser.add_argument("--dev", type=Path, default=Path("outputs/data/dev.jsonl"), metavar="FILE")
    parser.add_argument("--output", type=Path, default=WEIGHTS, metavar="FILE")
    parser.add_argument("--strength", type=float, default=1.0, help="inverse of the L2 penalty (default: %(default)s)")
    arguments = parser.parse_args()
    table = [row.article for row in read_table(TABLE / "development.tsv")]
    train, ahead = examples([*formats.read(arguments.train), *table])
    dev, dev_ahead = examples(formats.read(arguments.dev))
    counts = Counter(feature for one in train for feature in one)
    kept = [{feature: 1.0 for feature in one if counts[feature] >= LEAST} for one in train]
    vectors = DictVectorizer()
    model = LogisticRegression(C=arguments.strength, max_iter=5000).fit(vectors.fit_transform(kept), ahead)
    dev_matrix = vectors.transform([dict.fromkeys(one, 1.0) for one in dev])
    weights = {
        name: round(float(weight), 3)
        for name, weight in zip(vectors.get_feature_names_out(), model.coef_[0], strict=True)
        if abs(weight) >= 0.01
    }
    content = json.dumps(
        {"": round(float(model.intercept_[0]), 3), **dict(sorted(weights.items()))}, indent=0, ensure_ascii=False
    )
    write_atomically(arguments.output, content + "\n")
    majority = max(sum(dev_ahead), len(dev_ahead) - sum(dev_ahead)) / len(dev_ahead)
    print(
        f"{len(ahead)} times to fit ({sum(ahead)} ahead), {len(weights)} weights;"
        f" right on {model.score(dev_matrix, dev_ahead):.1%} of {len(dev_ahead)} others (always past: {majority:.1%})"
    )


def examples(articles: Iterable[Article]) -> tuple[list[set[str]], list[bool]]:
    """Features of each DATE whose year only the sense can tell, and whether its value lies after the article's date."""
    found, ahead = [], []
    for article in articles:
        if article.date is None:
            continue
        today = datetime.date.fromisoformat(article.date)
        for span in article.spans:
            node = say.parse(say.normalise(article.covered(span))) if span.label == "DATE" else None
            day = _first_day(span.value or "")
            if node is None or not is_partial(node) or day is None or abs((day - today).days) > 400 or day == today:
                continue
            if span.value == article.date[:7]:
                continue
            low, high = sentence_bounds(article.text, span.start, span.end)
            found.append(set(features(article.text[low : span.start], article.text[span.end : high])))
            ahead.append(day > today)
    return found, ahead


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


def _first_day(value: str) -> datetime.date | None:
    if match := re.match(r"(\d{4})-(\d\d)(?:-(\d\d))?(?!\d)", value):
        return datetime.date(int(match[1]), int(match[2]), int(match[3] or 15))
    if match := re.match(r"(\d{4})-(SP|SU|FA|WI)", value):
        return datetime.date(int(match[1]), {"SP": 4, "SU": 7, "FA": 10, "WI": 12}[match[2]], 15)
    return None


if __name__ == "__main__":
    main()
