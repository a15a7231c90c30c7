"""Scores to JSON, Markdown and one HTML page. Pure: it takes results and gives strings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from data.schema import Article, Span
from model.pages import environment
from model.scoring import MICRO, Evaluation, Measure, Score, pair, score

STRATA = ("genre", "region")
"""Meta keys by which the report splits its scores."""


@dataclass(frozen=True)
class Report:
    """All that a report says.

    Attributes:
        title: what was evaluated, on what.
        facts: name and value of whatever says how the figures came about (run, data, date, machine).
        evaluation: of all articles.
        strata: meta key to its values to strict micro score and number of articles.
        gold, predicted: the same articles, in the same order.
    """

    title: str
    facts: Mapping[str, str]
    evaluation: Evaluation
    strata: Mapping[str, Mapping[str, tuple[int, Score]]]
    gold: Sequence[Article]
    predicted: Sequence[Article]


def build(
    title: str,
    facts: Mapping[str, str],
    gold: Sequence[Article],
    predicted: Sequence[Article],
    labels: Iterable[str],
    seed: int = 0,
) -> Report:
    """Score predictions and lay out a report. Raises `InputError` as `model.scoring.score` does."""
    pairs = pair(gold, predicted)
    evaluation = score(gold, predicted, labels=labels, seed=seed)
    strata: dict[str, dict[str, tuple[int, Score]]] = {}
    for key in STRATA:
        members: dict[str, list[tuple[Article, Article]]] = {}
        for one in pairs:
            if key in one[0].meta:
                members.setdefault(str(one[0].meta[key]), []).append(one)
        if len(members) > 1:
            strata[key] = {value: (len(found), _micro(found, seed)) for value, found in sorted(members.items())}
    return Report(title, facts, evaluation, strata, [g for g, _ in pairs], [p for _, p in pairs])


def _micro(pairs: Sequence[tuple[Article, Article]], seed: int) -> Score:
    return score([g for g, _ in pairs], [p for _, p in pairs], seed=seed).scores["strict"][MICRO]


def to_json(report: Report) -> str:
    """The figures, for programs. Measures are `{value, low, high}` with 95% intervals."""
    evaluation = report.evaluation
    content: dict[str, Any] = {
        "title": report.title,
        "facts": dict(report.facts),
        **_figures(evaluation),
        "strata": {
            key: {value: {"articles": count, **asdict(one)} for value, (count, one) in rows.items()}
            for key, rows in report.strata.items()
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def evaluation_json(evaluations: Mapping[str, Evaluation]) -> str:
    """The figures of evaluations by name, in the form that `to_json` has."""
    content = {name: _figures(evaluation) for name, evaluation in evaluations.items()}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _figures(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "articles": evaluation.articles,
        "words": evaluation.words,
        "bootstrap": {"resamples": evaluation.resamples, "seed": evaluation.seed, "interval": 0.95},
        "scores": {
            kind: {label: asdict(one) for label, one in rows.items()} for kind, rows in evaluation.scores.items()
        },
    }


def to_markdown(report: Report) -> str:
    """The figures as tables that read well as plain text too."""
    evaluation = report.evaluation
    lines = [f"# {_escape(report.title)}", "", f"{evaluation.articles} articles, {evaluation.words:,} words."]
    for kind, rows in evaluation.scores.items():
        lines += ["", f"## {kind.capitalize()} match", "", *score_table(rows)]
    for key, strata in report.strata.items():
        lines += ["", f"## Strict micro-F1 by {key}", "", f"| {key} | articles | F1 | gold |", "|---|---:|---:|---:|"]
        lines += [f"| {_escape(value)} | {n} | {_percent(one.f1)} | {one.gold} |" for value, (n, one) in strata.items()]
    lines += ["", "## How", "", *(f"- {name}: {_escape(value)}" for name, value in report.facts.items())]
    lines += [f"- intervals: 95%, bootstrap over articles, {evaluation.resamples} resamples, seed {evaluation.seed}"]
    return "\n".join(lines) + "\n"


def score_table(rows: Mapping[str, Score]) -> list[str]:
    """A Markdown table of scores, percent with 95% intervals, the row of all labels last."""
    lines = ["| label | precision | recall | F1 | gold | predicted |", "|---|---:|---:|---:|---:|---:|"]
    for label in _ordered(rows):
        one = rows[label]
        measures = " | ".join(_percent(measure) for measure in (one.precision, one.recall, one.f1))
        lines.append(f"| {label} | {measures} | {one.gold} | {one.predicted} |")
    return lines


def to_html(report: Report) -> str:
    """One self-contained page: figures, then every article with what was found, missed and made up."""
    articles = []
    for gold, predicted in zip(report.gold, report.predicted, strict=True):
        pieces = compare(gold, predicted)
        wrong = sum(piece.kind in ("missed", "spurious") for piece in pieces)
        articles.append({"article": gold, "pieces": pieces, "wrong": wrong})
    labels = [label for label in report.evaluation.scores["strict"] if label != MICRO]
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            ordered=_ordered,
            percent=_percent,
            articles=sorted(articles, key=lambda entry: -entry["wrong"]),
            labels=labels,
        )
    )


@dataclass(frozen=True)
class Piece:
    """A stretch of text for display.

    Attributes:
        text: never empty.
        kind: `plain`, `right` (gold and predicted alike), `missed` (gold only) or `spurious` (predicted only).
        label: of the span; "" when plain.
        score: of the predicted span, or None.
    """

    text: str
    kind: str
    label: str = ""
    score: float | None = None


def compare(gold: Article, predicted: Article) -> list[Piece]:
    """An article cut into pieces by its gold and predicted spans.

    A missed and a spurious span that overlap are shown one after the other, each whole: the reader sees both readings.
    """
    right = {(span.start, span.end, span.label) for span in gold.spans} & {
        (span.start, span.end, span.label) for span in predicted.spans
    }
    marks: list[tuple[Span, str]] = [
        (span, "right" if (span.start, span.end, span.label) in right else "spurious") for span in predicted.spans
    ]
    marks += [(span, "missed") for span in gold.spans if (span.start, span.end, span.label) not in right]
    pieces = []
    at = 0
    for span, kind in sorted(marks, key=lambda mark: (mark[0].start, mark[0].end)):
        if span.start > at:
            pieces.append(Piece(gold.text[at : span.start], "plain"))
        pieces.append(Piece(gold.covered(span), kind, span.label, span.score))
        at = max(at, span.end)
    if at < len(gold.text):
        pieces.append(Piece(gold.text[at:], "plain"))
    return pieces


def _ordered(rows: Mapping[str, Score]) -> list[str]:
    return [*(label for label in rows if label != MICRO), MICRO]


def _percent(measure: Measure) -> str:
    return f"{100 * measure.value:.1f} ({100 * measure.low:.1f}–{100 * measure.high:.1f})"


def _escape(text: str) -> str:
    """Text for a Markdown table or list."""
    for sign in "\\|<>[]*_`#":
        text = text.replace(sign, f"\\{sign}" if sign != "<" else "&lt;")
    return " ".join(text.split())
