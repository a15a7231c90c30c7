"""What a user says of how probable a span must be to be found: `--threshold 0.4 --threshold DEADLINE=0.2`."""

from __future__ import annotations

from collections.abc import Sequence

from data.errors import InputError


def thresholds(words: Sequence[str], labels: Sequence[str]) -> dict[str, float]:
    """The probability from which on a span is found, by label, for `Tagger.thresholds`.

    Args:
        words: each a number for all labels, or LABEL=NUMBER for one, which goes before.
        labels: of the run.

    Raises:
        InputError: a number is not above 0 and at most 1, a label is none of the run's, or something is said twice.
    """
    said: dict[str, float] = {}
    for word in words:
        label, _, number = word.rpartition("=")
        if label and label not in labels:
            raise InputError(f"--threshold {word}: the run has no label {label!r}, only {', '.join(labels)}")
        if label in said:
            raise InputError(f"--threshold {word}: {label or 'all labels'} had {said[label]:g} already; say it once")
        try:
            said[label] = float(number)
        except ValueError:
            said[label] = 0.0
        if not 0 < said[label] <= 1:
            raise InputError(f"--threshold {word}: a probability is above 0 and at most 1, such as 0.4 or DEADLINE=0.2")
    everywhere = said.pop("", None)
    return said if everywhere is None else {label: said.get(label, everywhere) for label in labels}
