"""A few small networks over a tagger's own hidden states that together give the odds of each link.

An act and a span that may belong to it are each seen as the encoder's states of their first and last words and of the
words beside them, taken from three depths of the encoder; the pair, by the features of `model.pairs` besides. They are
trained on annotated links after the tagger (`model.link_training`) and live in the run. Applying them is numpy alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from data.errors import InputError
from data.link_annotations import KINDS
from data.schema import Article
from model.pairs import FEATURES, Pairs

LINKS_FILE = "links.safetensors"
WEIGHTS = ("act", "other", "feature", "hidden", "out")
"""The layers, each with a `.weight` of shape (networks, out, in) and a `.bias` of shape (networks, out)."""

Vectors = Callable[[Sequence[Article]], Iterable[np.ndarray]]
"""Gives for each article what heads see of its spans, shape (spans, 8 × hidden)."""


def span_vectors(states: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """What the head sees of spans.

    Args:
        states: of an article's words at three depths, shape (words, 3 × hidden).
        first, last: each span's first word and the one behind its last, shape (spans,).

    Returns:
        shape (spans, 8 × hidden): first word, last word, and at middle depth the words before and after.
    """
    hidden = states.shape[1] // 3
    padded = np.zeros((len(states) + 2, states.shape[1]), dtype=np.float32)
    padded[1:-1] = states
    middle = padded[:, hidden : 2 * hidden]
    return np.concatenate([padded[first + 1], padded[last], middle[first], middle[last + 1]], axis=1)


@dataclass(frozen=True)
class LinkHead:
    """The networks' weights and what their outputs are held against.

    Attributes:
        tensors: the weights by name, and `vector_scale`, `feature_mean`, `feature_scale` that the inputs are set by.
        thresholds: by kind of link, the probability (of head and trees together) from which on there is one.
    """

    tensors: Mapping[str, np.ndarray]
    thresholds: Mapping[str, float]

    def odds(self, vectors: np.ndarray, pairs: Pairs) -> np.ndarray:
        """The log odds of each kind of link, in the order of `KINDS`, for each pair, shape (pairs, kinds).

        The mean over the networks.

        Args:
            vectors: of all spans of the article, as `span_vectors` gives them.
            pairs: of the article. A kind means nothing for pairs of another label than it leads to.
        """
        scaled = vectors / self.tensors["vector_scale"]
        act, other = self._of_spans("act", scaled, pairs.acts), self._of_spans("other", scaled, pairs.others)
        features = (pairs.features - self.tensors["feature_mean"]) / self.tensors["feature_scale"]
        joined = np.concatenate([self._layer("feature", features), act, other, act * other], axis=2)
        odds: np.ndarray = self._linear("out", self._layer("hidden", joined)).mean(axis=0)
        return odds

    def _of_spans(self, name: str, vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
        spans, places = np.unique(rows, return_inverse=True)
        return self._layer(name, vectors[spans])[:, places]

    def _layer(self, name: str, inputs: np.ndarray) -> np.ndarray:
        outputs: np.ndarray = np.maximum(self._linear(name, inputs), 0)
        return outputs

    def _linear(self, name: str, inputs: np.ndarray) -> np.ndarray:
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        outputs: np.ndarray = inputs @ weight.swapaxes(1, 2) + bias[:, None]
        return outputs

    def save(self, folder: Path) -> None:
        """Write the head into a run's folder."""
        tensors = {name: np.ascontiguousarray(tensor, dtype=np.float32) for name, tensor in self.tensors.items()}
        save_file(tensors, folder / LINKS_FILE, metadata={"thresholds": json.dumps(dict(self.thresholds))})

    @classmethod
    def load(cls, folder: Path) -> LinkHead | None:
        """The head of a run, or None if it has none. Raises `InputError` if the file is not what `save` wrote."""
        path = folder / LINKS_FILE
        if not path.is_file():
            return None
        try:
            with safe_open(path, framework="numpy") as file:
                names = file.keys()
                tensors = {name: file.get_tensor(name) for name in names}
                thresholds = json.loads((file.metadata() or {})["thresholds"])
            shapes = {f"{name}.weight": 3 for name in WEIGHTS} | {f"{name}.bias": 2 for name in WEIGHTS}
            shapes |= dict.fromkeys(("vector_scale", "feature_mean", "feature_scale"), 1)
            fits = {name: tensor.ndim for name, tensor in tensors.items()} == shapes
            if not fits or set(thresholds) != set(KINDS) or len(tensors["feature_mean"]) != FEATURES:
                raise ValueError("it is of another version")
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise InputError(f"{path} cannot be used ({error}); train the run again, or remove the file") from None
        return cls(tensors, thresholds)
