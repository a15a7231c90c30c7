"""Whether a time lies ahead, by a tagger's own hidden states: a logistic regression beside that over words.

"On Monday" is the last Monday or the next. `model.tense` tells by the words around; the encoder has read the sentence,
and its states of the time and of the words beside it tell as well. The regression is trained on the annotated values of
train (`model.time_training`), lives in the run, and its log odds are added to those of the words.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from data.errors import InputError
from data.schema import Article, Span
from model import expressions as say
from model.dates import TIMES

TIMES_FILE = "times.safetensors"


@dataclass(frozen=True)
class TimeHead:
    """The regressions' weights.

    Attributes:
        weights: for each label of `TIMES`, shape (8 × hidden + 1,), the last being the constant.
    """

    weights: Mapping[str, np.ndarray]

    def odds(self, article: Article, vectors: np.ndarray) -> list[float]:
        """The log odds that each DATE and DEADLINE of an article lies ahead, in the order of the text.

        Args:
            article: with its spans.
            vectors: of all its spans, as `model.link_head.span_vectors` gives them.
        """
        return [
            float(vector @ self.weights[span.label][:-1] + self.weights[span.label][-1])
            for span, vector in zip(article.spans, vectors, strict=True)
            if span.label in TIMES
        ]

    def save(self, folder: Path) -> None:
        """Write the head into a run's folder."""
        save_file({name: one.astype(np.float32) for name, one in self.weights.items()}, folder / TIMES_FILE)

    @classmethod
    def load(cls, folder: Path) -> TimeHead | None:
        """The head of a run, or None if it has none. Raises `InputError` if the file is not what `save` wrote."""
        path = folder / TIMES_FILE
        if not path.is_file():
            return None
        try:
            weights = load_file(path)
        except (OSError, SafetensorError) as error:
            raise InputError(f"{path} cannot be used ({error}); train the run again, or remove the file") from None
        if set(weights) != set(TIMES):
            raise InputError(f"{path} cannot be used (it is of another version); train the run again, or remove it")
        return cls(weights)


def lies_ahead(node: say.Node | None, span: Span, today: datetime.date) -> bool | None:
    """Whether a time lies ahead by its annotated value; None where the words alone say it, or the value does not.

    Args:
        node: what the words say.
        span: with its value.
        today: the article's date.
    """
    value = span.value or ""
    day = first_day(value)
    if node is None or not is_partial(node) or day is None or abs((day - today).days) > 400 or day == today:
        return None
    return None if len(value) == 7 and today.isoformat().startswith(value) else day > today


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


def first_day(value: str) -> datetime.date | None:
    """A day of a value by which it can be told from others: the middle of a month, of a season."""
    if match := re.match(r"(\d{4})-(\d\d)(?:-(\d\d))?(?!\d)", value):
        return datetime.date(int(match[1]), int(match[2]), int(match[3] or 15))
    if match := re.match(r"(\d{4})-(SP|SU|FA|WI)", value):
        return datetime.date(int(match[1]), {"SP": 4, "SU": 7, "FA": 10, "WI": 12}[match[2]], 15)
    return None
