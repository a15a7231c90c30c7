"""Reports as self-contained HTML pages: figures, charts, and every error in its text. They load nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from data.schema import Article
from model import charts
from model.errors import KINDS
from model.excerpts import BUDGET, Remark, around, clipped, covered, page_data, tags
from model.pages import environment, script_hash, source, visible
from model.report import MATCH_TITLES, ComparisonReport, Report, error_counts, ordered, points, share
from model.scoring import MICRO, Measure

STATIC = 50
"""Remarks that stand in the page without its script."""

UNKNOWN = 0.9
"""Intervals as wide as this do not decide how wide a chart is."""


def to_html(report: Report, budget: int = BUDGET) -> str:
    """The page of a report. `budget`: see `model.excerpts.page_data`."""
    remarks = [Remark(error.article, error.kind, (error.gold, error.predicted), error.seen) for error in report.errors]
    strict = report.evaluation.scores["strict"]
    counts = error_counts(report)
    return _page(
        "report.html.j2",
        report,
        report.gold,
        [("gold", report.gold), ("predicted", report.predicted)],
        remarks,
        {kind: kind for kind in KINDS},
        ("error", "errors"),
        budget,
        remarks_title="Every error",
        strict=strict,
        total=strict[MICRO],
        matches=MATCH_TITLES,
        labels=[*report.confusion.labels, MICRO],
        errors=counts,
        sums=sum(counts.values(), Counter()),
        charts={
            "curve": report.reliability and charts.precision_recall(report.curves),
            "reliability": report.reliability and charts.reliability(report.reliability),
            "strata": _dot_charts(
                {kind: {value: one.score.f1 for value, one in rows.items()} for kind, rows in report.strata.items()},
                "F1, percent",
                "strata",
                100 * strict[MICRO].f1.value,
            ),
        },
    )


def comparison_to_html(report: ComparisonReport, budget: int = BUDGET) -> str:
    """The page of a comparison. `budget`: see `model.excerpts.page_data`."""
    comparison = report.comparison
    names = list(comparison.evaluations)
    remarks, kinds = [], {}
    for contest in comparison.contests:
        for one in contest.disagreements:
            wrong = contest.second if one.right == contest.first else contest.first
            kind = f"{one.right} right, {wrong} wrong"
            kinds[kind] = visible(kind)
            spans = [one.error.gold, *[None] * len(names)]
            spans[1 + names.index(wrong)] = one.error.predicted
            spans[1 + names.index(one.right)] = one.error.gold
            remarks.append(Remark(one.error.article, kind, tuple(spans), one.error.seen))
    remarks.sort(key=lambda remark: (remark.article, remark.start))
    strict = [evaluation.scores["strict"] for evaluation in comparison.evaluations.values()]
    labels = ordered(dict.fromkeys(chain.from_iterable(strict)))
    nothing = Measure(0.0, 0.0, 0.0)
    f1 = [(_named(label), [rows[label].f1 if label in rows else nothing for rows in strict]) for label in labels]
    return _page(
        "comparison.html.j2",
        report,
        report.gold,
        [("gold", report.gold), *report.runs.items()],
        remarks,
        kinds,
        ("place", "places"),
        budget,
        remarks_title="Where one run is right and another wrong",
        labels=labels,
        charts={
            "runs": charts.dots(f1, "F1, percent", "runs", names),
            "contests": [
                _dot_charts(
                    {
                        kind: {_named(value): rows[value].difference for value in ordered(rows)}
                        for kind, rows in {"label": contest.differences, **contest.strata}.items()
                    },
                    "difference of F1, points",
                    f"contest-{number}",
                    0,
                )
                for number, contest in enumerate(comparison.contests)
            ],
        },
    )


def _page(
    template: str,
    report: Report | ComparisonReport,
    articles: Sequence[Article],
    layers: Sequence[tuple[str, Sequence[Article]]],
    remarks: Sequence[Remark],
    kinds: Mapping[str, str],
    noun: tuple[str, str],
    budget: int,
    **more: Any,
) -> str:
    """A template filled in with what both pages need and with what only this one does."""
    data = {**page_data(articles, layers, remarks, kinds, budget), "noun": noun}
    script = source("browser.js")
    return (
        environment()
        .get_template(template)
        .render(
            report=report,
            facts_shown=report.facts,
            data=data,
            static=_static(data),
            seen_known=any(remark.seen is not None for remark in remarks),
            whole=sum(article[4] for article in data["articles"]),
            script=script,
            script_hash=script_hash(script),
            ordered=ordered,
            named=_named,
            share=share,
            points=points,
            tags=tags,
            **more,
        )
    )


def _static(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The first remarks, those with the highest scores, for readers without JavaScript."""
    first = sorted(data["remarks"], key=lambda one: (one[4] is None, -(one[4] or 0)))[:STATIC]
    shown = []
    for article, kind, _, seen, _, start, end, marks in first:
        title, name, date, *_, segments = data["articles"][article]
        said = []
        for layer, mark in enumerate(marks):
            span = mark and {
                "layer": layer,
                "hue": data["hues"][mark[0]],
                "text": clipped(covered(segments, mark[1], mark[2])),
                "label": data["labels"][mark[0]],
                "score": mark[3],
            }
            said.append((data["layers"][layer], span))
        known = "" if seen == -1 else "seen in training" if seen else "not seen in training"
        place = (title, name if name != title else "", date, f"characters {start}–{end}", known)
        there = [mark for mark in marks if mark]
        shown.append(
            {
                "kind": data["kinds"][kind],
                "said": said,
                "context": around(segments, min(mark[1] for mark in there), max(mark[2] for mark in there)),
                "place": " · ".join(filter(None, place)),
            }
        )
    return shown


def _dot_charts(kinds: Mapping[str, Mapping[str, Measure]], what: str, name: str, mark: float) -> dict[str, str]:
    """A chart for each kind of stratum, all with the same axis."""
    measures = [one for rows in kinds.values() for one in rows.values()]
    # An interval that says nothing (one article) may run out of the chart rather than press the others together.
    known = [one for one in measures if one.high - one.low < UNKNOWN]
    ends = [100 * end for one in known for end in (one.low, one.high)] + [100 * one.value for one in measures] or [0.0]
    low, high = min(ends), max(ends)
    room = max(0.05 * (high - low), 0.5)
    return {
        kind: charts.dots(
            [(value, [one]) for value, one in rows.items()],
            what,
            f"{name}-{number}",
            (),
            (low - room, high + room),
            mark,
        )
        for number, (kind, rows) in enumerate(kinds.items())
        if rows
    }


def _named(label: str) -> str:
    return "all labels" if label == MICRO else label
