"""How far two annotations of the same articles agree, and where they do not. Neither counts as the right one."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from data.checks import Place, many, place_of
from data.schema import Article
from model import errors
from model.scoring import MICRO, Evaluation, Measure, pair, score

KINDS = {
    "missed": "only in the first",
    "spurious": "only in the second",
    "boundary": "borders differ",
    "label": "labels differ",
    "both": "borders and labels differ",
}
"""Kinds of disagreement: those of `model.errors`, as if the first annotation were gold."""

EXAMPLES = 5


@dataclass(frozen=True)
class Disagreement:
    """A span that is not the same in both annotations.

    Attributes:
        kind: of `KINDS`.
        labels: in the first and in the second annotation; "" where there is no span.
        texts: what the spans cover; "" where there is none.
        place: the first annotation's span, or the second's where the first has none.
    """

    kind: str
    labels: tuple[str, str]
    texts: tuple[str, str]
    place: Place


@dataclass(frozen=True)
class Agreement:
    """Scores of the second annotation against the first (F1 is the same the other way), and what differs.

    Disagreements stand in the order of how many there are of their kind and labels, and then of the text.
    """

    evaluation: Evaluation
    disagreements: tuple[Disagreement, ...]


def compare(first: Sequence[Article], second: Sequence[Article]) -> Agreement:
    """Compare two annotations. Raises `InputError` if they are not of the same articles and texts."""
    groups: dict[tuple[str, tuple[str, str]], list[Disagreement]] = defaultdict(list)
    pairs = pair(first, second)
    for error in errors.find(pairs, None):
        article = pairs[error.article][0]
        spans = error.gold, error.predicted
        mine, theirs = (span.label if span else "" for span in spans)
        words, other_words = (article.covered(span) if span else "" for span in spans)
        place = place_of(article, error.span.start, error.span.end)
        groups[error.kind, (mine, theirs)].append(Disagreement(error.kind, (mine, theirs), (words, other_words), place))
    by_number = sorted(groups.values(), key=lambda found: (-len(found), found[0].kind, found[0].labels))
    return Agreement(score(first, second), tuple(one for found in by_number for one in found))


def to_json(agreement: Agreement) -> str:
    """Everything, for programs."""
    content = {**asdict(agreement.evaluation), "disagreements": [asdict(one) for one in agreement.disagreements]}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def render(agreement: Agreement) -> str:
    """Plain text: F1 by label, then the disagreements, the most frequent kinds first."""
    evaluation = agreement.evaluation
    labels = [label for label in evaluation.scores["strict"] if label != MICRO] + [MICRO]
    width = max(map(len, labels))
    kinds = list(evaluation.scores)
    lines = ["F1, percent (95% interval)", "".join([" " * width, *(f"  {kind:<18}" for kind in kinds), "  spans"])]
    for label in labels:
        cells = [f"  {_percent(evaluation.scores[kind][label].f1):<18}" for kind in kinds]
        one = evaluation.scores["strict"][label]
        lines.append("".join([f"{label:<{width}}", *cells, f"  {one.gold:,} and {one.predicted:,}"]))
    groups: dict[str, list[Disagreement]] = defaultdict(list)
    for found in agreement.disagreements:
        groups[_heading(found)].append(found)
    for heading, members in groups.items():
        lines += ["", f"{heading}: {len(members):,}"]
        for one_found in members[:EXAMPLES]:
            lines.append(f"  {one_found.place.article}, line {one_found.place.line}: {one_found.place.context}")
            if one_found.kind in ("boundary", "both"):
                lines.append(f"    second: {' '.join(one_found.texts[1].split())[:200]}")
        if len(members) > EXAMPLES:
            lines.append(f"  … and {len(members) - EXAMPLES:,} more")
    counted = (
        (evaluation.articles, "article"),
        (evaluation.words, "word"),
        (len(agreement.disagreements), "disagreement"),
    )
    lines += ["", ", ".join(many(count, noun) for count, noun in counted)]
    return "\n".join(lines) + "\n"


def _heading(found: Disagreement) -> str:
    labels = dict.fromkeys(label for label in found.labels if label)
    return f"{KINDS[found.kind]}, {' → '.join(labels)}"


def _percent(measure: Measure) -> str:
    return f"{100 * measure.value:.1f} ({100 * measure.low:.1f}–{100 * measure.high:.1f})"
