"""What people changed in a model's predictions, and their articles as training data.

A round is: tag, let people correct the spans in an annotation tool, read what comes back, train on it (docs/review.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from data import formats
from data.errors import InputError
from data.formats import label_studio
from data.pairing import meetings, partners
from data.schema import Article, Span

FATES = ("kept", "moved", "relabelled", "removed", "added")
"""What becomes of a predicted span, and the spans that nobody predicted.

Kept: same borders and label. Moved: the same label over other borders that overlap. Relabelled: another label, over the
same borders or others that overlap. Each span counts once.
"""

ALL = "all"
BANDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Borders of the bands of scores, the lower one included, in the last one the upper too."""

NOTHING_TO_COMPARE = "The reviewed files hold no prediction to compare with; name what was corrected with --predicted."

_SHOWN = 5


@dataclass(frozen=True)
class Band:
    """What became of predicted spans with scores in [low, high); low and high are None for spans without a score."""

    low: float | None
    high: float | None
    fates: Mapping[str, int]


@dataclass(frozen=True)
class Review:
    """What a review changed.

    Attributes:
        articles: how many were reviewed.
        untouched: in how many of them every span was kept and none added.
        labels: label (or `ALL`) to fate to number of spans; predicted spans count under their predicted label, added
            ones under their own.
        bands: from the lowest scores to the highest, those without a span left out.
    """

    articles: int
    untouched: int
    labels: Mapping[str, Mapping[str, int]]
    bands: tuple[Band, ...]


def compare(predicted: Sequence[Article], reviewed: Sequence[Article]) -> Review:
    """What became of predictions.

    Args:
        predicted: of these articles at least; others, which nobody reviewed, do not count.
        reviewed: the same articles with people's spans.

    Raises:
        InputError: a reviewed article was not predicted, or its text differs.
    """
    by_id = {article.id: article for article in predicted}
    missing = [article.id for article in reviewed if article.id not in by_id]
    if missing:
        raise InputError(
            f"there is no prediction of {_named(missing)} to compare the review with; name the file that was predicted,"
            " or leave the comparison out"
        )
    changed = [article.id for article in reviewed if by_id[article.id].text != article.text]
    if changed:
        raise InputError(f"the text of {_named(changed)} is not the one that was predicted; spans cannot be compared")

    labels: dict[str, Counter[str]] = {ALL: Counter()}
    bands: dict[int | None, Counter[str]] = {}
    untouched = 0
    for article in reviewed:
        pairs = _pairs(by_id[article.id].spans, article.spans)
        fates = [(_fate(before, after), before, after) for before, after in pairs]
        untouched += all(fate == "kept" for fate, _, _ in fates)
        for fate, before, after in fates:
            span = before or after
            assert span is not None
            labels[ALL][fate] += 1
            labels.setdefault(span.label, Counter())[fate] += 1
            if before is not None:
                bands.setdefault(_band(before.score), Counter())[fate] += 1
    names = [*sorted(name for name in labels if name != ALL), ALL]
    return Review(
        articles=len(reviewed),
        untouched=untouched,
        labels={name: {fate: labels[name][fate] for fate in FATES} for name in names},
        bands=tuple(
            Band(None if band is None else BANDS[band], None if band is None else BANDS[band + 1],
                 {fate: counts[fate] for fate in FATES})
            for band, counts in sorted(bands.items(), key=lambda item: -1 if item[0] is None else item[0])
        ),
    )  # fmt: skip


def _pairs(predicted: Sequence[Span], reviewed: Sequence[Span]) -> list[tuple[Span | None, Span | None]]:
    """Each span of either side once: with the one that it became, or alone."""
    became = partners(meetings(predicted, reviewed))
    taken = set(became.values())
    return [
        *((before, became.get(before)) for before in predicted),
        *((None, after) for after in reviewed if after not in taken),
    ]


def _fate(before: Span | None, after: Span | None) -> str:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    if before.label != after.label:
        return "relabelled"
    return "kept" if before == after else "moved"


def _band(score: float | None) -> int | None:
    if score is None:
        return None
    return max(number for number, low in enumerate(BANDS[:-1]) if score >= low)


def render(review: Review) -> str:
    """A review as lines for a terminal: by label, then by score."""
    by_label = [[name, *(f"{fates[fate]:,}" for fate in FATES), _share(fates)] for name, fates in review.labels.items()]
    by_score = [
        ["none" if band.low is None else f"{band.low:.2f}–{band.high:.2f}",
         *(f"{band.fates[fate]:,}" for fate in FATES if fate != "added"), _share(band.fates)]
        for band in review.bands
    ]  # fmt: skip
    return "\n".join(
        [
            f"{review.articles} articles reviewed, {review.untouched} of them as predicted",
            "",
            *_table(["label", *FATES, "kept of predicted"], by_label),
            "",
            *_table(["score", *FATES[:-1], "kept of predicted"], by_score),
        ]
    )


def _share(fates: Mapping[str, int]) -> str:
    count = sum(number for fate, number in fates.items() if fate != "added")
    return f"{fates['kept'] / count:.0%}" if count else "–"


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in [header, *rows]
    ]


def take_back(
    parts: Mapping[str, list[Article]], paths: Sequence[Path], labels: Iterable[str] | None, predicted: Path | None
) -> tuple[dict[str, list[Article]], str]:
    """Splits with what people reviewed in train, and lines on what they changed; see `read` and `merge`."""
    reviewed, before = read(paths, labels, predicted)
    return merge(parts, reviewed), render(compare(before, reviewed)) if before else NOTHING_TO_COMPARE


def read(
    paths: Sequence[Path], labels: Iterable[str] | None = None, predicted: Path | None = None
) -> tuple[list[Article], list[Article]]:
    """What people reviewed, as gold, and what had been predicted of it.

    Args:
        paths: what a tool exported.
        labels: if given, the only labels allowed.
        predicted: the file that went into the tool; None takes the predictions that the exports themselves hold.

    Returns:
        the articles, and the predictions, of which there may be more or fewer.

    Raises:
        InputError: a file cannot be read, or nobody has reviewed it.
    """
    allowed = None if labels is None else set(labels)
    reviewed: list[Article] = []
    held: list[Article] = []
    for path in paths:
        found = formats.read(path, allowed)
        seen_by_none = [article.id for article in found if any(span.score is not None for span in article.spans)]
        if seen_by_none:
            raise InputError(
                f"{path}: the spans of {_named(seen_by_none)} have scores: nobody has reviewed these predictions;"
                " export what the annotators made of them"
            )
        reviewed += found
        if predicted is None and formats.detect(path) == label_studio.NAME:
            held += label_studio.predictions(path)
    formats.check_unique(reviewed, ", ".join(map(str, paths)))
    return reviewed, held if predicted is None else formats.read(predicted)


def merge(parts: Mapping[str, list[Article]], reviewed: Sequence[Article]) -> dict[str, list[Article]]:
    """Splits with the reviewed articles in train, in the order of their ids.

    A reviewed article takes the place of the one with its id.

    Args:
        parts: train, dev and test.

    Raises:
        InputError: a reviewed article stands, or is pinned, outside train.
    """
    places = {article.id: name for name, part in parts.items() for article in part}
    pins = {article.id: str(article.meta["split"]) for article in reviewed if "split" in article.meta}
    outside = [
        f"{article.id} ({place})"
        for article in reviewed
        if (place := places.get(article.id) or pins.get(article.id, "train")) != "train"
    ]
    if outside:
        raise InputError(
            f"reviewed articles only go into train, but {_named(outside)} stand or are pinned elsewhere; take them"
            " out of the review"
        )
    ids = {article.id for article in reviewed}
    train = [*(article for article in parts["train"] if article.id not in ids), *reviewed]
    return {**parts, "train": sorted(train, key=lambda article: article.id)}


def _named(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_SHOWN]) + (f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else "")
