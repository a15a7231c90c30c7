"""Figures to JSON and Markdown. Pure: it takes results and gives strings.

JSON carries every figure that Markdown and the page (`model.report_pages`) show.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from typing import Any

from data.schema import Article
from model.calibration import Curve, OperatingPoint, Reliability, curve, operating_points, reliability
from model.comparison import Comparison, Contest, Difference
from model.errors import KINDS, Confusion, Error, confusion, find
from model.scoring import MICRO, Evaluation, Measure, Score, label_set, pair, score
from model.strata import Stratum
from model.strata import strata as stratify

MATCH_TITLES = {
    "strict": "same borders, same label",
    "exact": "same borders, any label",
    "partial": "some text in common, any label; half where borders differ",
    "type": "some text in common, same label",
}


@dataclass(frozen=True)
class Report:
    """All that a report says.

    Attributes:
        title: what was evaluated, on what.
        facts: name and value of whatever says how the figures came about (run, data, date, machine).
        evaluation: of all articles.
        strata: kind of stratum to its values to what stands there.
        errors: every span that is not strictly right; `Error.article` counts `gold`.
        confusion: gold labels against predicted ones.
        curves: label (or `MICRO`) to precision and recall by threshold; empty without scores of spans.
        reliability: whether scores are probabilities; None without scores of spans.
        operating_points: label (or `MICRO`) to thresholds chosen on dev; empty without dev articles or scores.
        gold, predicted: the same articles, in the same order.
    """

    title: str
    facts: Mapping[str, str]
    evaluation: Evaluation
    strata: Mapping[str, Mapping[str, Stratum]]
    errors: tuple[Error, ...]
    confusion: Confusion
    curves: Mapping[str, Curve]
    reliability: Reliability | None
    operating_points: Mapping[str, tuple[OperatingPoint, ...]]
    gold: Sequence[Article]
    predicted: Sequence[Article]


@dataclass(frozen=True)
class ComparisonReport:
    """Several runs on the same articles.

    Attributes:
        title, facts: as in `Report`.
        run_facts: run to facts that are its own, the same for each run.
        comparison: the figures.
        gold: the articles that `Disagreement.error.article` counts.
        runs: name to the same articles in the same order, as the run tagged them.
    """

    title: str
    facts: Mapping[str, str]
    run_facts: Mapping[str, Mapping[str, str]]
    comparison: Comparison
    gold: Sequence[Article]
    runs: Mapping[str, Sequence[Article]]


def build(
    title: str,
    facts: Mapping[str, str],
    gold: Sequence[Article],
    predicted: Sequence[Article],
    labels: Iterable[str],
    seed: int = 0,
    *,
    mentions: Set[str] | None = None,
    dev: tuple[Sequence[Article], Sequence[Article]] | None = None,
) -> Report:
    """Score predictions and lay out a report.

    Args:
        title, facts: see `Report`.
        gold, predicted: the same articles.
        labels: those to report even if no span has them.
        seed: of the bootstrap.
        mentions: of the training data, as `model.errors.mentions` has them.
        dev: gold and predicted articles to choose thresholds on.

    Raises:
        InputError: as `model.scoring.score` does.
    """
    pairs = pair(gold, predicted)
    return Report(
        title,
        facts,
        score(gold, predicted, labels=labels, seed=seed),
        stratify(pairs, mentions, seed),
        tuple(find(pairs, mentions)),
        confusion(pairs, label_set(pairs, labels)),
        curve(pairs),
        reliability(pairs),
        operating_points(pair(*dev), pairs) if dev else {},
        [one for one, _ in pairs],
        [one for _, one in pairs],
    )


def to_json(report: Report) -> str:
    """The figures, for programs. Measures are `{value, low, high}` with 95% intervals."""
    return _json(
        {
            "title": report.title,
            "facts": dict(report.facts),
            **_figures(report.evaluation),
            "strata": {
                kind: {value: _stratum(one) for value, one in rows.items()} for kind, rows in report.strata.items()
            },
            "confusion": asdict(report.confusion),
            "curves": {label: asdict(one) for label, one in report.curves.items()},
            "reliability": report.reliability and asdict(report.reliability),
            "operating_points": {
                label: [asdict(point) for point in points] for label, points in report.operating_points.items()
            },
            "errors": [_error(error, report.gold) for error in report.errors],
        }
    )


def comparison_to_json(report: ComparisonReport) -> str:
    """The figures of a comparison, for programs."""
    comparison = report.comparison
    return _json(
        {
            "title": report.title,
            "facts": dict(report.facts),
            "runs": {
                name: {"facts": dict(report.run_facts[name]), **_figures(evaluation)}
                for name, evaluation in comparison.evaluations.items()
            },
            "contests": [
                {
                    "first": contest.first,
                    "second": contest.second,
                    "differences": {label: asdict(one) for label, one in contest.differences.items()},
                    "strata": {
                        kind: {value: asdict(one) for value, one in rows.items()}
                        for kind, rows in contest.strata.items()
                    },
                    "right": dict(contest.right),
                    "disagreements": [
                        {"right": one.right, **_error(one.error, report.gold)} for one in contest.disagreements
                    ],
                }
                for contest in comparison.contests
            ],
        }
    )


def evaluation_json(evaluations: Mapping[str, Evaluation]) -> str:
    """The figures of evaluations by name, in the form that `to_json` has."""
    return _json({name: _figures(evaluation) for name, evaluation in evaluations.items()})


def _figures(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "articles": evaluation.articles,
        "words": evaluation.words,
        "bootstrap": {"resamples": evaluation.resamples, "seed": evaluation.seed, "interval": 0.95},
        "scores": {
            kind: {label: asdict(one) for label, one in rows.items()} for kind, rows in evaluation.scores.items()
        },
    }


def _stratum(stratum: Stratum) -> dict[str, Any]:
    return {"articles": stratum.articles, **asdict(stratum.score)}


def _error(error: Error, gold: Sequence[Article]) -> dict[str, Any]:
    article = gold[error.article]
    return {
        "article": article.id,
        "kind": error.kind,
        "seen": error.seen,
        **{
            name: span and {**span.to_dict(), "text": article.covered(span)}
            for name, span in (("gold", error.gold), ("predicted", error.predicted))
        },
    }


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def to_markdown(report: Report) -> str:
    """The figures as tables that read well as plain text too; of the errors only their numbers."""
    evaluation = report.evaluation
    lines = [f"# {escape(report.title)}", "", f"{evaluation.articles} articles, {evaluation.words:,} words."]
    for kind, rows in evaluation.scores.items():
        lines += ["", f"## {kind.capitalize()} match: {MATCH_TITLES[kind]}", "", *score_table(rows)]
    lines += _errors_markdown(report)
    lines += _calibration_markdown(report)
    for kind, strata in report.strata.items():
        lines += ["", f"## Strict match by {kind}, all labels", ""]
        lines += table(
            [kind, "articles", "precision", "recall", "F1", "gold", "predicted"],
            [
                [
                    value,
                    one.articles,
                    *map(percent, (one.score.precision, one.score.recall, one.score.f1)),
                    one.gold,
                    one.predicted,
                ]
                for value, one in strata.items()
            ],
        )
    return "\n".join([*lines, *_facts_markdown(report.facts, evaluation.resamples, evaluation.seed)]) + "\n"


def error_counts(report: Report) -> dict[str, Counter[str]]:
    """Kind of error to the numbers by label (of the gold span, or else the predicted one) and for all (`MICRO`)."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for error in report.errors:
        counts[error.kind].update((MICRO, error.span.label))
    return counts


def _errors_markdown(report: Report) -> list[str]:
    found = report.confusion
    counts = error_counts(report)
    right = [found.exact[i][i] for i in range(len(found.labels))]
    rows = [[label, right[i], *(counts[kind][label] for kind in KINDS)] for i, label in enumerate(found.labels)]
    rows.append([MICRO, sum(right), *(counts[kind][MICRO] for kind in KINDS)])
    lines = ["", "## Errors by label of the gold span, or of the spurious one", ""]
    lines += table(["label", "right", *KINDS], rows)
    for title, counted, missed in (
        ("Same borders: gold labels (rows) against predicted ones", found.exact, found.missed),
        ("Other borders: gold labels (rows) against predicted ones", found.other_borders, None),
    ):
        body: list[list[Any]] = [
            [label, *counted[i], *([missed[i]] if missed else [])] for i, label in enumerate(found.labels)
        ]
        if missed:
            body.append(["spurious", *found.spurious, ""])
        lines += ["", f"## {title}", "", *table(["gold", *found.labels, *(["missed"] if missed else [])], body)]
    return lines


def _calibration_markdown(report: Report) -> list[str]:
    lines = []
    if report.operating_points:
        lines += ["", "## Thresholds of the score, chosen on dev", ""]
        lines += table(
            ["label", "target precision", "threshold", "dev precision", "dev recall", "precision", "recall"],
            [
                [
                    label,
                    share(point.target),
                    "none" if point.threshold is None else f"{point.threshold:.4f}",
                    *map(share, (point.dev_precision, point.dev_recall, point.precision, point.recall)),
                ]
                for label, points in report.operating_points.items()
                for point in points
            ],
        )
    if report.reliability:
        lines += ["", "## Scores against precision", ""]
        lines += [f"Expected calibration error: {share(report.reliability.error)} percent.", ""]
        lines += table(
            ["score", "spans", "mean score", "precision"],
            [
                [f"{one.low:.1f}–{one.high:.1f}", one.count, share(one.mean_score), share(one.precision)]
                for one in report.reliability.bins
            ],
        )
    return lines


def comparison_to_markdown(report: ComparisonReport) -> str:
    """The figures of a comparison as tables; of the disagreements only their numbers."""
    comparison = report.comparison
    lines = [f"# {escape(report.title)}"]
    for name, evaluation in comparison.evaluations.items():
        lines += ["", f"## {escape(name)}: strict match", "", *score_table(evaluation.scores["strict"])]
    for contest in comparison.contests:
        lines += ["", f"## {escape(contest.second)} against {escape(contest.first)}: strict F1", ""]
        lines += difference_table("label", contest, contest.differences)
        for kind, rows in contest.strata.items():
            lines += ["", f"### By {kind}, all labels", "", *difference_table(kind, contest, rows)]
        lines += ["", "### Places where one is right and the other wrong", ""]
        lines += table(["right", "places"], [[name, count] for name, count in contest.right.items()])
    names = list(report.run_facts)
    keys = list(report.run_facts[names[0]])
    lines += ["", "## The runs", ""]
    lines += table(["", *names], [[key, *(report.run_facts[name][key] for name in names)] for key in keys])
    return "\n".join([*lines, *_facts_markdown(report.facts, comparison.resamples, comparison.seed)]) + "\n"


def difference_table(kind: str, contest: Contest, rows: Mapping[str, Difference]) -> list[str]:
    """A Markdown table of differences in percentage points with 95% intervals and p."""
    return table(
        [kind, contest.first, contest.second, "difference", "p", "gold"],
        [
            [
                value,
                share(one.first),
                share(one.second),
                signed(one.difference),
                f"{one.p:.4f}",
                one.gold,
            ]
            for value, one in rows.items()
        ],
    )


def score_table(rows: Mapping[str, Score]) -> list[str]:
    """A Markdown table of scores, percent with 95% intervals, the row of all labels last."""
    return table(
        ["label", "precision", "recall", "F1", "gold", "predicted", "correct"],
        [
            [
                label,
                *map(percent, (rows[label].precision, rows[label].recall, rows[label].f1)),
                rows[label].gold,
                rows[label].predicted,
                f"{rows[label].correct:g}",
            ]
            for label in ordered(rows)
        ],
    )


def ordered(rows: Mapping[str, Any]) -> list[str]:
    """The labels of rows, all of them together last."""
    return [*(label for label in rows if label != MICRO), *([MICRO] if MICRO in rows else [])]


def percent(measure: Measure) -> str:
    """A measure in percent with its interval: `89.5 (89.0–90.1)`."""
    return f"{share(measure.value)} ({share(measure.low)}–{share(measure.high)})"


def signed(measure: Measure) -> str:
    """A difference in percentage points with its interval: `−0.4 (−1.0 to +0.2)`."""
    return f"{points(measure.value)} ({points(measure.low)} to {points(measure.high)})"


def points(difference: float) -> str:
    """A difference of shares in percentage points: `−0.4`."""
    return f"{100 * difference:+.1f}".replace("-", "−")


def share(value: float | None) -> str:
    """A share in percent: `89.5`; a dash where there is none."""
    return "–" if value is None else f"{100 * value:.1f}"


def _facts_markdown(facts: Mapping[str, str], resamples: int, seed: int) -> list[str]:
    lines = [
        "",
        "## How these figures came about",
        "",
        *(f"- {name}: {escape(value)}" for name, value in facts.items()),
    ]
    return [*lines, f"- intervals: 95%, bootstrap over articles, {resamples} resamples, seed {seed}"]


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """A Markdown table whose first column is text and whose others are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    cells = [[escape(str(cell)) for cell in row] for row in (head, *rows)]
    return [f"| {' | '.join(row)} |" for row in (cells[0], lines[1], *cells[1:])]


def escape(text: str) -> str:
    """Text for a Markdown table or list."""
    for sign in "\\|<>[]*_`#":
        text = text.replace(sign, f"\\{sign}" if sign != "<" else "&lt;")
    return " ".join(text.split())
