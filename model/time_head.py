"""Whether a time lies ahead, by a tagger's own hidden states: a logistic regression beside that over words.

"On Monday" is the last Monday or the next. `model.tense` tells by the words around; the encoder has read the sentence,
and its states of the time and of the words beside it tell as well. The regression is trained on the annotated values of
train (`model.time_training`), lives in the run, and its log odds are added to those of the words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from data.errors import InputError
from data.schema import Article
from model.tense import AHEAD

TIMES_FILE = "times.safetensors"


@dataclass(frozen=True)
class TimeHead:
    """The regressions' weights.

    Attributes:
        weights: for each label of `AHEAD`, shape (8 × hidden + 1,), the last being the constant.
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
            if span.label in AHEAD
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
        if set(weights) != set(AHEAD):
            raise InputError(f"{path} cannot be used (it is of another version); train the run again, or remove it")
        return cls(weights)
