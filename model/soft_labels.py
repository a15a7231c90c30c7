"""What a trained run makes of articles, kept for a smaller one to learn from: probabilities of tags, word by word.

Beside an annotation, a larger model's probabilities tell a small one which words are clear and what the others might
be (knowledge distillation; Hinton et al., 2015). They are worked out once (`teach.py`) and kept in a file, so that
whoever trains the small model needs neither the large one nor its time. Words are the same whatever the tokenizer
(`model.encode`), so teacher and pupil may be of different families.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from data.errors import InputError
from data.files import write_atomically
from data.fingerprints import annotation_hash, text_hash
from data.schema import Article

STEP = 0.05
"""Log probabilities are kept as a byte each, in steps of this many nats, so to 2.5% of a probability, down to 3e-6."""


@dataclass(frozen=True)
class SoftLabels:
    """Probabilities of tags for the words of articles.

    Attributes:
        tags: names of the tags, in the order of the columns.
        about: what gave them.
        by_text: for each article, by the hash of its text, multiples of `-STEP` nats, uint8, shape (words, tags).
        annotations: by the same, the hash of the annotation that the article had then.
    """

    tags: tuple[str, ...]
    about: Mapping[str, Any]
    by_text: Mapping[str, np.ndarray]
    annotations: Mapping[str, str]

    @classmethod
    def of(
        cls, articles: Iterable[tuple[Article, np.ndarray]], tags: Iterable[str], about: Mapping[str, Any]
    ) -> SoftLabels:
        """Of articles with the log probabilities of their words' tags, each of shape (words, tags)."""
        coded, annotations = {}, {}
        for article, log_probs in articles:
            name = text_hash(article)
            coded[name] = np.round(np.minimum(-log_probs / STEP, 255)).astype(np.uint8)
            annotations[name] = annotation_hash(article)
        return cls(tuple(tags), dict(about), coded, annotations)

    def knows(self, article: Article) -> bool:
        """Whether the article is there, with the annotation that it has now.

        Whoever has changed it since then, as in a round of review, is not to be outvoted by the teacher of before.
        """
        return self.annotations.get(text_hash(article)) == annotation_hash(article)

    def probabilities(self, article: Article, words: int) -> np.ndarray | None:
        """An article's, float32, shape (words, tags), each row's sum 1.

        Args:
            article: looked up by its text and annotation.
            words: how many it has.

        Returns:
            None if the article is not known, or not with that many words.
        """
        coded = self.by_text[text_hash(article)] if self.knows(article) else None
        if coded is None or len(coded) != words:
            return None
        relative = np.exp(-STEP * coded.astype(np.float32))
        found: np.ndarray = relative / relative.sum(axis=1, keepdims=True)
        return found

    def save(self, path: Path) -> None:
        """Write them (safetensors), whole or not at all."""
        metadata = {
            "tags": json.dumps(self.tags),
            "about": json.dumps(dict(self.about)),
            "annotations": json.dumps(dict(self.annotations)),
        }
        write_atomically(path, save(dict(self.by_text), metadata=metadata))

    @classmethod
    def load(cls, path: Path) -> SoftLabels:
        """Read what `save` wrote. Raises `InputError` if the file is something else."""
        try:
            with safe_open(path, framework="numpy") as file:
                by_text = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                metadata = file.metadata() or {}
            tags = tuple(json.loads(metadata["tags"]))
            about, annotations = json.loads(metadata["about"]), json.loads(metadata["annotations"])
            shaped = all(one.dtype == np.uint8 and one.shape[1:] == (len(tags),) for one in by_text.values())
            if not shaped or by_text.keys() != annotations.keys():
                raise ValueError("its tensors are no bytes of (words, tags)")
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise InputError(f"{path} holds no soft labels ({error}); write it with teach.py") from None
        return cls(tags, about, by_text, annotations)
