"""Trains a run's link head on annotated links, with the tagger's encoder as it is."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from data.link_annotations import KINDS, ActLinks
from data.schema import Article
from model.dropout import ByteDropout
from model.link_head import WEIGHTS, LinkHead, Vectors
from model.links import linked_pairs, probabilities
from model.pairs import FEATURES, Pairs, pairs

logger = logging.getLogger(__name__)

Annotated = Sequence[tuple[Article, Sequence[ActLinks]]]

NETWORKS = 3
"""Each from weights and in an order of its own; their log odds are averaged (deep ensembles; Lakshminarayanan et al.,
2017)."""

EPOCHS = 8
ARTICLES_PER_STEP = 4
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 0.05
WIDTH = 96
"""Units of each projection and of the hidden layer."""

VECTOR_DROPOUT, HIDDEN_DROPOUT = 0.3, 0.2
THRESHOLDS = np.arange(0.25, 0.71, 0.05)


@dataclass(frozen=True)
class Example:
    """An article's pairs and what is known of them.

    Attributes:
        pairs: of all labels.
        answers: whether there is a link, shape (pairs, kinds).
        weights: 0 where the answer is not to count, of the same shape.
    """

    pairs: Pairs
    answers: np.ndarray
    weights: np.ndarray


class LinkNetwork(nn.Module):
    """One of the networks that `LinkHead` computes, to be trained; its layers have the names of `WEIGHTS`.

    Args:
        vector: numbers that stand for a span.
    """

    def __init__(self, vector: int) -> None:
        super().__init__()
        self.act = nn.Linear(vector, WIDTH)
        self.other = nn.Linear(vector, WIDTH)
        self.feature = nn.Linear(FEATURES, WIDTH)
        self.hidden = nn.Linear(4 * WIDTH, WIDTH)
        self.out = nn.Linear(WIDTH, len(KINDS))
        self.vector_dropout, self.hidden_dropout = ByteDropout(VECTOR_DROPOUT), ByteDropout(HIDDEN_DROPOUT)

    def forward(
        self, vectors: torch.Tensor, acts: torch.Tensor, others: torch.Tensor, features: torch.Tensor
    ) -> torch.Tensor:
        """Log odds, shape (pairs, kinds)."""
        vectors = self.vector_dropout(vectors)
        act, other = _of_spans(self.act, vectors, acts), _of_spans(self.other, vectors, others)
        joined = torch.cat([torch.relu(self.feature(features)), act, other, act * other], dim=-1)
        odds: torch.Tensor = self.out(self.hidden_dropout(torch.relu(self.hidden(joined))))
        return odds


def _of_spans(layer: nn.Linear, vectors: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    # Half of the spans are acts, half others, and each is in many pairs.
    spans, places = torch.unique(rows, return_inverse=True)
    return torch.relu(layer(vectors[spans]))[places]


def train_links(vectors: Vectors, train: Annotated, dev: Annotated, seed: int) -> LinkHead:
    """A head for a tagger.

    Args:
        vectors: the tagger's, of articles' spans.
        train: articles with their own spans and the links between them.
        dev: others, on which the thresholds are chosen.
        seed: of the weights and the order.
    """
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    seen = _seen(vectors, train)
    scale = np.concatenate([its_vectors for its_vectors, _ in seen[:100]]).std(axis=0) + 0.1
    mean, spread = feature_scale([one for _, one in seen])
    inputs = [_tensors(*one, scale, mean, spread) for one in seen]
    networks = [_fit(LinkNetwork(len(scale)), inputs, generator).state_dict() for _ in range(NETWORKS)]
    assert {name.partition(".")[0] for name in networks[0]} == set(WEIGHTS)
    tensors = {name: torch.stack([weights[name] for weights in networks]).numpy() for name in networks[0]}
    tensors |= {"vector_scale": scale, "feature_mean": mean, "feature_scale": spread}
    head = LinkHead(tensors, dict.fromkeys(KINDS, 0.5))
    return replace(head, thresholds=_choose(head, _seen(vectors, dev)))


def _fit(network: LinkNetwork, inputs: Sequence[tuple[torch.Tensor, ...]], generator: torch.Generator) -> LinkNetwork:
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * -(-len(inputs) // ARTICLES_PER_STEP)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    network.train()
    for _ in range(EPOCHS):
        order = torch.randperm(len(inputs), generator=generator).tolist()
        for at in range(0, len(order), ARTICLES_PER_STEP):
            optimizer.zero_grad()
            total = torch.zeros(())
            for index in order[at : at + ARTICLES_PER_STEP]:
                *known, answers, weights = inputs[index]
                losses = nn.functional.binary_cross_entropy_with_logits(network(*known), answers, reduction="none")
                total = total + (losses * weights).sum()
            # A sum, so that an article counts by its pairs; the divisor only sets the scale of the gradient.
            (total / 200).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            schedule.step()
    return network


def example(article: Article, acts: Sequence[ActLinks]) -> Example:
    """An article's pairs and, by its annotated links, which of them are linked."""
    index = {span: number for number, span in enumerate(article.spans)}
    gold: dict[int, Mapping[str, set[int]]] = {
        index[act.action]: {kind: {index[span] for span in spans} for kind, spans in act.links.items()} for act in acts
    }
    names = [article.covered(span).lower() for span in article.spans]
    every = Pairs.join(pairs(article).values())
    return Example(every, *_answers(article, every, gold, names))


def feature_scale(examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray]:
    """The mean of the features over all pairs, and a divisor for what is left of each, both of shape (features,)."""
    rows = np.concatenate([one.pairs.features for one in examples])
    return rows.mean(axis=0), rows.std(axis=0) + 1e-3


def _seen(vectors: Vectors, annotated: Annotated) -> list[tuple[np.ndarray, Example]]:
    """The examples of all articles that have a pair, each with the vectors of its article's spans."""
    articles = [article for article, _ in annotated]
    found = [
        (its_vectors, example(article, acts))
        for (article, acts), its_vectors in zip(annotated, vectors(articles), strict=True)
    ]
    return [one for one in found if len(one[1].pairs.acts)]


def _answers(
    article: Article, found: Pairs, gold: Mapping[int, Mapping[str, set[int]]], names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Which pairs are linked, and which of these answers count."""
    answers = np.zeros((len(found.acts), len(KINDS)), dtype=np.float32)
    weights = np.zeros_like(answers)
    for row, (act, other) in enumerate(zip(found.acts.tolist(), found.others.tolist(), strict=True)):
        for column, (kind, label) in enumerate(KINDS.items()):
            if article.spans[other].label != label:
                continue
            linked = gold.get(act, {}).get(kind, set())
            answers[row, column] = other in linked
            # Another mention of the same words is neither right nor wrong.
            weights[row, column] = other in linked or names[other] not in {names[index] for index in linked}
    return answers, weights


def _tensors(
    vectors: np.ndarray, one: Example, scale: np.ndarray, mean: np.ndarray, spread: np.ndarray
) -> tuple[torch.Tensor, ...]:
    features = ((one.pairs.features - mean) / spread).astype(np.float32)
    arrays = (vectors / scale).astype(np.float32), one.pairs.acts, one.pairs.others, features
    return tuple(torch.from_numpy(array) for array in (*arrays, one.answers, one.weights))


def _choose(head: LinkHead, seen: Sequence[tuple[np.ndarray, Example]]) -> dict[str, float]:
    """For each kind the threshold with the best F1 over dev's pairs; one half where dev has none."""
    chances = [probabilities(one.pairs, KINDS, head, vectors) for vectors, one in seen]
    examples = [one for _, one in seen]
    chosen = {}
    for column, kind in enumerate(KINDS):
        asked = [one.weights[:, column] > 0 for one in examples]
        right = np.concatenate([one.answers[rows, column] > 0 for one, rows in zip(examples, asked, strict=True)])
        f1: dict[float, float] = {}
        for threshold in THRESHOLDS.tolist():
            linked = np.concatenate(
                [
                    linked_pairs(kind, one.pairs.others[rows], its[kind][rows], threshold)
                    for one, its, rows in zip(examples, chances, asked, strict=True)
                ]
            )
            f1[threshold] = float(2 * (right & linked).sum() / max(1, right.sum() + linked.sum()))
        best = max(f1.items(), key=lambda item: item[1])[0]
        chosen[kind] = round(best, 2) if right.any() else 0.5
    return chosen
