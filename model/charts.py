"""Figures to charts: inline SVG that follows the page's colours, the same bytes for the same figures.

Each chart is a string that starts with `<svg role="img" aria-label="…"`: the label says in words what the chart shows.
Text in a chart comes from articles' metadata; it is drawn as text, never as mathematics or markup.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from model.calibration import Curve, Reliability
from model.pages import clip, visible
from model.scoring import MICRO, Measure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Matplotlib wants colours that it can compute with; the page wants its own. Each stands for a variable of the page.
_INK, _SOFT, _LINE, _MAIN, _OTHER = "#000001", "#000002", "#000003", "#000004", "#000005"
_VARIABLES = {_INK: "--ink", _SOFT: "--soft", _LINE: "--line", _MAIN: "--chart-1", _OTHER: "--chart-2"}
_STYLE: Any = {
    "font.size": 10.5,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _LINE,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": _LINE,
    "grid.linewidth": 0.6,
    "xtick.color": _LINE,
    "ytick.color": _LINE,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "legend.fontsize": 9.5,
}
_WIDTH = 5.0
"""Inches; 72 units of the drawing each. Text is 10.5 units, so that it can be read on a phone too."""


def precision_recall(curves: Mapping[str, Curve], name: str = "precision-recall") -> str:
    """Precision against recall as the threshold falls, all labels together in bold and each label in its own dashes."""
    figure, axes = _plot(3.6)
    shown = {label: curve for label, curve in curves.items() if curve.recall}
    for index, label in enumerate(sorted(shown, key=lambda label: (label != MICRO, label))):
        curve = shown[label]
        axes.plot(
            curve.recall,
            curve.precision,
            color=_MAIN if label == MICRO else _SOFT,
            linewidth=2.4 if label == MICRO else 1.2,
            linestyle="-" if label == MICRO else ("--", "-.", ":")[(index - 1) % 3],
            marker="" if label == MICRO else "os^Dv"[(index - 1) % 5],
            markevery=max(1, len(curve.recall) // 6),
            markersize=4,
            label="all labels" if label == MICRO else label,
        )
    axes.set(xlim=(0, 1.01), xlabel="recall", ylabel="precision")
    low = min((value for curve in shown.values() for value in curve.precision), default=0.0)
    axes.set_ylim(max(0.0, int(low * 10) / 10 - 0.05), 1.02)
    if shown:
        axes.legend(loc="lower left", frameon=False, labelcolor=_INK)
    said = "no predicted span has a score"
    if MICRO in shown:
        curve = shown[MICRO]
        middle = len(curve.recall) // 2
        said = "; ".join(
            f"precision {100 * curve.precision[i]:.0f}% at recall {100 * curve.recall[i]:.0f}%"
            for i in sorted({0, middle, len(curve.recall) - 1})
        )
    return _svg(figure, name, f"Precision against recall, all labels: {said}.")


def reliability(figures: Reliability, name: str = "reliability") -> str:
    """Precision of predicted spans against their score, in bins, with the number of spans in each bin beneath."""
    figure, axes = _plot(3.6, (3, 1))
    above, below = axes
    bins = [
        (one, one.mean_score, one.precision)
        for one in figures.bins
        if one.mean_score is not None and one.precision is not None
    ]
    above.plot([0, 1], [0, 1], color=_SOFT, linewidth=1, linestyle="--", label="score = precision")
    scores, shares = [score for _, score, _ in bins], [right for _, _, right in bins]
    most = max((one.count for one in figures.bins), default=1)
    above.plot(scores, shares, color=_MAIN, linewidth=1)
    sizes = [6 + 60 * (one.count / most) ** 0.5 for one, _, _ in bins]
    above.scatter(scores, shares, sizes, color=_MAIN, label="spans found (area: how many)")
    above.set(xlim=(0, 1), ylim=(0, 1.03), ylabel="precision")
    above.legend(loc="lower right", frameon=False, labelcolor=_INK)
    below.bar(
        [(one.low + one.high) / 2 for one in figures.bins],
        [one.count for one in figures.bins],
        width=[0.9 * (one.high - one.low) for one in figures.bins],
        color=_MAIN,
    )
    for one, _, _ in bins:
        below.annotate(
            f"{one.count:,}", ((one.low + one.high) / 2, one.count), (0, 2), textcoords="offset points", ha="center",
            fontsize=9, color=_SOFT,
        )  # fmt: skip
    below.set(xlim=(0, 1), ylim=(0, 1.35 * max(most, 1)), xlabel="score", ylabel="spans")
    below.set_yticks([])
    said = "; ".join(
        f"score {one.low:.1f} to {one.high:.1f}: {one.count:,} spans, {100 * right:.0f}% right"
        for one, _, right in bins
    )
    return _svg(figure, name, f"Precision by score. {said or 'No predicted span has a score'}.")


def dots(
    rows: Sequence[tuple[str, Sequence[Measure]]],
    what: str,
    name: str,
    series: Sequence[str] = (),
    limits: tuple[float, float] | None = None,
    mark: float | None = None,
) -> str:
    """A dot with its interval for each row, in percent; rows of several series have dots of several shapes.

    Args:
        rows: name and one measure a series.
        what: the axis, such as "F1, percent".
        name: unique on the page.
        series: names of a row's dots; none if a row has one.
        limits: of the axis, in percent, so that charts can be compared; None for what the intervals take.
        mark: where a dashed line stands, in percent.
    """
    several = max(len(series), 1)
    step = 0.6 / several
    figure, axes = _plot(0.7 + (0.18 + 0.16 * several) * len(rows) + 0.25 * len(series))
    for index in range(several):
        measures = [of_row[index] for _, of_row in rows]
        values = [100 * one.value for one in measures]
        axes.errorbar(
            values,
            [row + step * (index - (several - 1) / 2) for row in range(len(rows))],
            xerr=(
                [max(0.0, value - 100 * one.low) for value, one in zip(values, measures, strict=True)],
                [max(0.0, 100 * one.high - value) for value, one in zip(values, measures, strict=True)],
            ),
            fmt="osD^v"[index % 5],
            color=(_MAIN, _OTHER, _INK)[index % 3],
            markersize=5,
            linewidth=1.3,
            capsize=2.5,
            label=str(index),
        )
    if mark is not None:
        axes.axvline(mark, color=_SOFT, linewidth=1, linestyle="--")
    if limits:
        axes.set_xlim(limits)
    axes.set_yticks(range(len(rows)), [_drawn(row, 28) for row, _ in rows], parse_math=False)
    axes.set(ylim=(len(rows) - 0.5, -0.5), xlabel=what)
    axes.grid(axis="y", visible=False)
    if series:
        legend = figure.legend(loc="outside upper left", frameon=False, labelcolor=_INK)
        for text, one in zip(legend.get_texts(), series, strict=True):
            text.set_parse_math(False)
            text.set_text(_drawn(one, 50))
    said = []
    for row, of_row in rows:
        for one, measure in zip(series or ("",), of_row, strict=True):
            low, high = 100 * measure.low, 100 * measure.high
            said.append(f"{row}{', ' if one else ''}{one}: {100 * measure.value:.1f} ({low:.1f} to {high:.1f})")
    return _svg(figure, name, f"{what}, with 95% intervals. {'; '.join(said)}.")


def _drawn(text: str, length: int) -> str:
    return visible(clip(" ".join(text.split()), length))


def _plot(height: float, parts: Sequence[int] = (1,)) -> tuple[Figure, Any]:
    """A figure `_WIDTH` wide and its axes, one or (for several parts, by their heights) an array."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        axes = figure.subplots(len(parts), sharex=True, gridspec_kw={"height_ratios": parts})
    return figure, axes


def _svg(figure: Figure, name: str, said: str) -> str:
    """The drawing as an element that a page can hold beside others, in the page's colours and type."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    FigureCanvasSVG(figure)
    out = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with rc_context({**_STYLE, "svg.fonttype": "none", "svg.hashsalt": name}), warnings.catch_warnings():
        # The reader's browser has the fonts; here only the widths of letters are measured.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(out, format="svg", metadata=nothing, transparent=True)
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    start = svg.index(">") + 1
    box = re.search(r'viewBox="[^"]+"', svg)
    assert box
    body = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", svg[start:], count=1, flags=re.DOTALL)
    body = re.sub(r"font-family: [^;\"]+;? ?", "", body)
    referred = set(re.findall(r'(?:href="#|url\(#)([^")]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in referred else "", body)
    body = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{name}-", body)
    body = re.sub(r"#00000\d", lambda m: f"var({_VARIABLES[m[0]]})" if m[0] in _VARIABLES else m[0], body)
    body = body.replace("xlink:href", "href")
    label = escape(visible(clip(" ".join(said.split()), 2000)))
    return f'<svg class="chart" role="img" aria-label="{label}" {box[0]} xmlns="http://www.w3.org/2000/svg">{body}'
