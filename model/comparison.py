"""Runs on the same articles, each against the first: differences of F1, how sure they are, and where one is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from data.errors import InputError
from data.pairing import meetings
from data.schema import Article
from model.errors import Error, find
from model.scoring import (
    MICRO,
    RESAMPLES,
    Evaluation,
    Measure,
    below,
    bootstrap,
    label_set,
    pair,
    percentiles,
    ratios,
    right_spans,
    score,
)
from model.strata import parts

Pairs = Sequence[tuple[Article, Article]]


@dataclass(frozen=True)
class Difference:
    """Strict F1 of two runs on the same spans.

    Attributes:
        first, second: of the runs, in [0, 1].
        difference: second less first, with a 95% interval, in [-1, 1].
        p: how often a difference at least as large, either way, would come by the choice of articles alone.
        gold: number of gold spans.
    """

    first: float
    second: float
    difference: Measure
    p: float
    gold: int


@dataclass(frozen=True)
class Disagreement:
    """A place where one run is right and the other wrong.

    Attributes:
        right: the name of the run that is right.
        error: what the other did there; `article` counts the gold articles.
    """

    right: str
    error: Error


@dataclass(frozen=True)
class Contest:
    """A run against the first.

    Attributes:
        first, second: names of the runs.
        differences: by label and for all (`MICRO`, first).
        strata: kind of stratum to its values to the difference, all labels together.
        right: run to the number of disagreements in which it is right.
        disagreements: by article and in the order of the text.
    """

    first: str
    second: str
    differences: Mapping[str, Difference]
    strata: Mapping[str, Mapping[str, Difference]]
    right: Mapping[str, int]
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True)
class Comparison:
    """All runs.

    Attributes:
        evaluations: run to its scores, the first run first.
        contests: each further run against the first.
        resamples, seed: of the bootstrap.
    """

    evaluations: Mapping[str, Evaluation]
    contests: tuple[Contest, ...]
    resamples: int
    seed: int


def compare(
    gold: Sequence[Article],
    runs: Mapping[str, Sequence[Article]],
    seed: int,
    resamples: int = RESAMPLES,
    mentions: Set[str] | None = None,
) -> Comparison:
    """Compare runs.

    Intervals and p come from one paired bootstrap over articles: a sample has the same articles for both runs. The
    interval has the percentiles of the samples' differences. p is two-sided: the share of samples whose difference is
    at least as far from the one seen as that is from 0. This is the p of Berg-Kirkpatrick et al. (2012), the share of
    samples with more than twice the difference, with the other direction counted too. The data as they are count as one
    more sample, so that p is never 0 (Davison and Hinkley, 1997). Few articles make a bootstrap too sure: p is never
    lower than a sign test over the articles that have such spans could give, and where there is one such article the
    interval is all of [-1, 1]. No allowance is made for many comparisons.

    Args:
        gold: annotated articles.
        runs: name to the same articles as the run tagged them; at least two.
        seed, resamples: of the bootstrap.
        mentions: of the training data of all runs, if it is the same; without them there is no stratum "mention".

    Raises:
        InputError: there are fewer than two runs, or articles differ.
    """
    if len(runs) < 2:
        raise InputError("a comparison takes two runs or more")
    evaluations = {name: score(gold, found, resamples=resamples, seed=seed) for name, found in runs.items()}
    (first, base), *others = ((name, pair(gold, found)) for name, found in runs.items())
    contests = tuple(
        _contest((first, base), other, seed=seed, resamples=resamples, mentions=mentions) for other in others
    )
    return Comparison(evaluations, contests, resamples, seed)


def _contest(
    first: tuple[str, Pairs], second: tuple[str, Pairs], *, seed: int, resamples: int, mentions: Set[str] | None
) -> Contest:
    labels = label_set([*first[1], *second[1]])
    names: list[tuple[str, str]] = [("", label) for label in (MICRO, *labels)]
    tables = [[_by_label(pairs, labels)] for _, pairs in (first, second)]
    of_parts = [parts(pairs, mentions) for _, pairs in (first, second)]
    nothing = np.zeros((len(first[1]), 3))
    for kind in of_parts[0]:
        for value in {**of_parts[0][kind], **of_parts[1][kind]}:
            names.append((kind, value))
            for table, mine in zip(tables, of_parts, strict=True):
                table.append((mine[kind][value].counts if value in mine[kind] else nothing)[:, None])
    found = _differences(np.concatenate(tables[0], 1), np.concatenate(tables[1], 1), resamples, seed)
    strata: dict[str, dict[str, Difference]] = {}
    for (kind, value), one in zip(names, found, strict=True):
        strata.setdefault(kind, {})[value] = one
    differences = strata.pop("")
    disagreements = _disagreements(first, second)
    counts = Counter(one.right for one in disagreements)
    right = {name: counts[name] for name, _ in (first, second)}
    return Contest(first[0], second[0], differences, strata, right, disagreements)


def _by_label(pairs: Pairs, labels: Sequence[str]) -> np.ndarray:
    """Gold, predicted and strictly right spans, shape (articles, 1 + labels, 3), all labels together first."""
    counts = np.zeros((len(pairs), 1 + len(labels), 3))
    for index, (gold, predicted) in enumerate(pairs):
        for column, spans in enumerate((gold.spans, predicted.spans, right_spans(gold, predicted))):
            of_label = Counter(span.label for span in spans)
            counts[index, :, column] = len(spans), *(of_label[label] for label in labels)
    return counts


def _differences(first: np.ndarray, second: np.ndarray, resamples: int, seed: int) -> list[Difference]:
    """One difference for each row of two tables of counts, shape (articles, rows, 3)."""
    both = np.stack([first, second], axis=1)  # (articles, 2, rows, 3)
    f1 = np.nan_to_num(ratios(both.sum(axis=0))[..., 2])
    seen = f1[1] - f1[0]
    articles = (below(first + second)[..., 2] > 0).sum(axis=0)
    sampled = ratios(bootstrap(both, resamples, seed))[..., 2]
    samples = sampled[:, 1] - sampled[:, 0]  # (resamples, rows)
    lows, highs = percentiles(samples, seen)
    lows, highs = np.where(articles == 1, -1, lows), np.where(articles == 1, 1, highs)
    # A sum over resamples may differ from the same sum over articles in its last bits; that is no difference.
    beyond = (np.abs(samples - seen) >= np.abs(seen) - 1e-12).sum(axis=0)
    defined = (~np.isnan(samples)).sum(axis=0)
    p = np.maximum((beyond + 1) / (defined + 1), np.minimum(1.0, 2.0 ** (1 - articles)))
    return [
        Difference(
            float(f1[0, row]),
            float(f1[1, row]),
            Measure(float(seen[row]), float(lows[row]), float(highs[row])),
            float(p[row]),
            int(first[:, row, 0].sum()),
        )
        for row in range(len(seen))
    ]


def _disagreements(first: tuple[str, Pairs], second: tuple[str, Pairs]) -> tuple[Disagreement, ...]:
    """Where one run is right and the other wrong.

    For an error with a gold span, the other run is right if it has that span; for a spurious one, if it has no wrong
    span that meets it.
    """
    found = []
    for (name, pairs), (_, others) in ((first, second), (second, first)):
        right = [right_spans(gold, predicted) for gold, predicted in pairs]
        wrong = [
            [span for span in predicted.spans if span not in ours]
            for (_, predicted), ours in zip(pairs, right, strict=True)
        ]
        for error in find(others, None):
            if error.gold is not None:
                is_right = error.gold in right[error.article]
            else:
                is_right = not meetings([error.span], wrong[error.article])
            if is_right:
                found.append(Disagreement(name, error))
    return tuple(sorted(found, key=lambda one: (one.error.article, one.error.span, one.right)))
