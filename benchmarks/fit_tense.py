"""Fit the weights of `model.tense` on the times of annotated articles and of the table, and say how well they do on
others.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.dates import TABLE, read_table
from data import formats
from data.files import write_atomically
from data.schema import Article, Span
from data.sentences import Sentences
from model import expressions as say
from model.dates import length_features
from model.expressions import normalise, parse
from model.limits import split_limit
from model.placing import add
from model.tense import AHEAD, QUESTIONS, VERBS, WEIGHTS, features
from model.time_training import first_day, lies_ahead
from model.timex import Time

STRENGTHS = {"date": 0.6, "deadline": 1.0, "event": 0.3, "earlier": 0.05}
"""The inverse of the L2 penalty for each question, chosen by five-fold cross-validation on the train split."""

LEAST = 3
"""Training times that a feature must stand with."""


def main() -> None:
    """Fit on one set, report on another, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=Path("outputs/data/train.jsonl"), metavar="FILE")
    parser.add_argument("--dev", type=Path, default=Path("outputs/data/dev.jsonl"), metavar="FILE")
    parser.add_argument("--output", type=Path, default=WEIGHTS, metavar="FILE")
    parser.add_argument(
        "--table", type=int, default=3, help="how often each passage of the table counts (default: %(default)s)"
    )
    arguments = parser.parse_args()
    table = [row.article for row in read_table(TABLE / "development.tsv")]
    articles = formats.read(arguments.train)
    write_atomically(VERBS, "\n".join(sorted(verbs(articles))) + "\n")
    # The table's passages are few and each there for a reason, so they count more than one of the corpus's.
    train = examples([*articles, *table * arguments.table])
    dev = examples(formats.read(arguments.dev))
    weights = {}
    for question in QUESTIONS:
        weights[question], right, majority = fit(*train[question], *dev[question], STRENGTHS[question])
        print(
            f"{question}: {len(train[question][1])} times to fit ({sum(train[question][1])} yes), "
            f"{len(weights[question])} weights;"
            f" right on {right:.1%} of {len(dev[question][1])} others (always the same answer: {majority:.1%})"
        )
    write_atomically(arguments.output, json.dumps(weights, indent=0, ensure_ascii=False) + "\n")


def verbs(articles: Iterable[Article]) -> set[str]:
    """Plain forms of verbs: one-word ACTIONs that stand behind "to" or a modal at least once."""
    found = set()
    for article in articles:
        for span in article.spans:
            words = article.covered(span)
            behind = re.search(
                r"\b(?:to|will|would|must|should|may|can|could|shall|not) $",
                article.text[max(0, span.start - 12) : span.start],
            )
            if (
                span.label == "ACTION"
                and behind
                and re.fullmatch(r"[a-z]{2,}", words)
                and not words.endswith(("ed", "ing"))
            ):
                found.add(words)
    return found


def fit(
    train: list[set[str]], yes: list[bool], dev: list[set[str]], dev_yes: list[bool], strength: float
) -> tuple[dict[str, float], float, float]:
    """Weights, the share of others that they get right, and the share that one constant answer would."""
    counts = Counter(feature for one in train for feature in one)
    kept = [{feature: 1.0 for feature in one if counts[feature] >= LEAST} for one in train]
    vectors = DictVectorizer()
    model = LogisticRegression(C=strength, max_iter=5000).fit(vectors.fit_transform(kept), yes)
    dev_matrix = vectors.transform([dict.fromkeys(one, 1.0) for one in dev])
    named = zip(vectors.get_feature_names_out(), model.coef_[0], strict=True)
    weights = {name: round(float(weight), 3) for name, weight in named if abs(weight) >= 0.01}
    share = sum(dev_yes) / len(dev_yes)
    bias = {"": round(float(model.intercept_[0]), 3)}
    return bias | dict(sorted(weights.items())), float(model.score(dev_matrix, dev_yes)), max(share, 1 - share)


def examples(articles: Iterable[Article]) -> dict[str, tuple[list[set[str]], list[bool]]]:
    """Features and answers for each of `QUESTIONS`, from the times that ask it."""
    found: dict[str, tuple[list[set[str]], list[bool]]] = {question: ([], []) for question in QUESTIONS}
    for article in articles:
        if article.date is None:
            continue
        today = datetime.date.fromisoformat(article.date)
        sentences = Sentences(article.text)
        for span in article.spans:
            if span.label not in ("DATE", "DEADLINE"):
                continue
            low, high = sentences.bounds(span.start, span.end)
            after = article.text[span.end : high]
            seen = set(features(article.text[low : span.start], after))
            limit, words = (
                split_limit(normalise(article.covered(span)))
                if span.label == "DEADLINE"
                else ("", normalise(article.covered(span)))
            )
            node = parse(words)
            if isinstance(node, say.Length):
                seen |= set(length_features(limit, node.unit, after))
            for question, answer in answers(node, span, today):
                found[question][0].append(seen)
                found[question][1].append(answer)
    return found


def answers(node: say.Node | None, span: Span, today: datetime.date) -> Iterator[tuple[str, bool]]:
    """The questions that a time asks, with what its annotated value answers."""
    value = span.value or ""
    if span.label == "DEADLINE" and isinstance(node, say.Length):
        yield "event", value.startswith("P")
        if not value.startswith(("P", "?")):
            yield (
                "earlier",
                add(Time("day", today), node.count, node.unit, node.working).start > (first_day(value) or today),
            )
    elif (ahead := lies_ahead(node, span, today)) is not None:
        yield AHEAD[span.label], ahead


if __name__ == "__main__":
    main()
