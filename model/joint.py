"""What the encoder learns of links while it learns tags.

A head on an encoder that learnt nothing but tags has to make do with what its states happen to say of who did what.
Here the network of that head is trained together with the tags, on the links annotated of the same windows, so that
the states come to say it (multi-task learning; Caruana, 1997). It is dropped in the end: the head of the run
(`model.link_training`) is trained anew on the states as they then are, which is also where its thresholds come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from data.schema import Article
from model.encode import EncodedArticle, Encoder, Window
from model.link_training import Annotated, Example, LinkNetwork, example, feature_scale
from model.network import three_depths

NOWHERE = -1
"""The place of a word that a window does not show."""


@dataclass(frozen=True)
class WindowPairs:
    """The pairs of spans whose act a window owns and whose other span it shows whole.

    Attributes:
        places: of each span of the article the first and last word and those before and behind it, among the window's
            tokens, shape (spans, 4); `NOWHERE` where the window shows none.
        acts, others: rows of `places`, shape (pairs,).
        features: scaled, shape (pairs, features).
        answers, weights: as `model.link_training.Example` has them, shape (pairs, kinds).
    """

    places: np.ndarray
    acts: np.ndarray
    others: np.ndarray
    features: np.ndarray
    answers: np.ndarray
    weights: np.ndarray


class LinkObjective:
    """The binary cross entropy of links, over the pairs and kinds of a batch of windows.

    Args:
        articles: all that are trained on.
        annotated: those of them whose links are known; at least one has a pair.
        encoder: cuts them.
        hidden: numbers in a state of the encoder.

    Attributes:
        network: over the encoder's states; to be trained along with the encoder.
        windows: the pairs of every window that is trained on; None where it shows none.
    """

    def __init__(self, articles: Sequence[Article], annotated: Annotated, encoder: Encoder, hidden: int) -> None:
        self.network = LinkNetwork(8 * hidden)
        links = {article.id: acts for article, acts in annotated}
        known = {
            number: example(article, links[article.id])
            for number, article in enumerate(articles)
            if article.id in links
        }
        mean, spread = feature_scale(list(known.values()))
        encoded = encoder.encode([article.text for article in articles])
        self.windows: list[WindowPairs | None] = []
        # In the order of `model.encode.training_windows`.
        for window in encoder.windows(encoded):
            its = None
            if one := known.get(window.article):
                places, owned = _places(articles[window.article], encoded[window.article], window, len(encoder.prefix))
                its = _pairs(one, places, owned, mean, spread)
            self.windows.append(its)

    def loss(self, hidden_states: Sequence[torch.Tensor], numbers: Sequence[int]) -> torch.Tensor:
        """The mean loss over a batch of windows; 0 where they have no pairs.

        Args:
            hidden_states: of the encoder's layers, each of shape (windows, tokens, hidden).
            numbers: which of the windows that are trained on these are.
        """
        shown = [(row, its) for row, number in enumerate(numbers) if (its := self.windows[number]) is not None]
        if not shown:
            return _nothing(self.network)
        vectors = _vectors(hidden_states, [(row, its.places) for row, its in shown])
        before = np.cumsum([0, *(len(its.places) for _, its in shown)])[:-1]
        acts, others, features, answers, weights = (
            torch.from_numpy(np.concatenate(parts)).to(vectors.device)
            for parts in zip(
                *(
                    (its.acts + start, its.others + start, its.features, its.answers, its.weights)
                    for start, (_, its) in zip(before, shown, strict=True)
                ),
                strict=True,
            )
        )
        odds = self.network(vectors, acts, others, features).float()
        losses = binary_cross_entropy_with_logits(odds, answers, reduction="none")
        mean: torch.Tensor = (losses * weights).sum() / weights.sum().clamp(min=1)
        return mean


# --- windows ----------------------------------------------------------------------------------------------------------


def _places(article: Article, encoded: EncodedArticle, window: Window, before: int) -> tuple[np.ndarray, np.ndarray]:
    """Where a window shows the spans of its article, as `WindowPairs.places`, and whose first words it owns.

    Args:
        article, encoded: the window's, with its spans.
        window: of the article.
        before: special tokens that stand before a window's own.
    """
    first, behind = encoded.words_of(article.spans)
    words = np.stack([first, behind - 1, first - 1, behind], axis=1)
    # One word more at either end, that no window shows.
    heads = np.concatenate([[NOWHERE], encoded.head, [NOWHERE]])[words + 1]
    shown = (heads >= window.start) & (heads < window.end)
    owned = (heads[:, 0] >= window.own_start) & (heads[:, 0] < window.own_end)
    return np.where(shown, heads - window.start + before, NOWHERE), owned


def _pairs(
    one: Example, places: np.ndarray, owned: np.ndarray, mean: np.ndarray, spread: np.ndarray
) -> WindowPairs | None:
    acts, others = one.pairs.acts, one.pairs.others
    whole = (places[:, :2] != NOWHERE).all(axis=1)
    rows = np.flatnonzero(owned[acts] & whole[acts] & whole[others])
    if not len(rows):
        return None
    features = ((one.pairs.features[rows] - mean) / spread).astype(np.float32)
    return WindowPairs(places, acts[rows], others[rows], features, one.answers[rows], one.weights[rows])


# --- states -----------------------------------------------------------------------------------------------------------


def _vectors(hidden_states: Sequence[torch.Tensor], shown: Sequence[tuple[int, np.ndarray]]) -> torch.Tensor:
    """The vectors of spans of several windows, one after the other.

    Args:
        hidden_states: of the encoder's layers.
        shown: windows, by their row in the batch, and places of spans in each.
    """
    states = three_depths(hidden_states)
    tokens = states.shape[1]
    # A word that is not shown has a state of zeros, as at an article's ends.
    rows = torch.cat([states.flatten(0, 1), states.new_zeros(1, states.shape[2])])
    places = [np.where(its == NOWHERE, NOWHERE, its + row * tokens) for row, its in shown]
    return span_states(rows, torch.from_numpy(np.concatenate(places)).to(states.device))


def span_states(states: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """What `model.link_head.span_vectors` makes of states, where a gradient is to go through it.

    Args:
        states: at three depths, shape (tokens + 1, 3 × hidden), the last row being that of a word that is not shown.
        places: as `WindowPairs` has them, shape (spans, 4).
    """
    hidden = states.shape[1] // 3
    first, last, before, behind = places.unbind(dim=1)
    middle = states[:, hidden : 2 * hidden]
    return torch.cat([states[first], states[last], middle[before], middle[behind]], dim=1)


def _nothing(network: nn.Module) -> torch.Tensor:
    """No loss, but a gradient for every parameter: processes that share the work wait for it."""
    total: torch.Tensor = torch.stack([parameter.sum() for parameter in network.parameters()]).sum() * 0.0
    return total
