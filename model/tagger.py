"""The only owner of the network: it builds, saves and loads it, and tags articles with it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    AutoConfig,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as transformers_logging

from data.errors import InputError
from data.schema import Article
from model.backbones import CHOICES, BackboneError, resolve
from model.decode import decode, expected_spans
from model.encode import EncodedArticle, Encoder, Window
from model.link_head import LinkHead, span_vectors
from model.links import Linked, link
from model.tags import TagSet

logger = logging.getLogger(__name__)

RUN_FILE = "run.json"
"""What a run knows of itself beside transformers' own files: labels, windows, data, versions."""

BATCH_TOKENS = 4096
"""Tokens, padding included, that go through the model at once when tagging."""

CHUNK = 64
"""Articles that are tagged together, so that windows of like length can share a batch; bounds the memory."""


class RunError(InputError):
    """A run that cannot be loaded, or does not fit what it is asked to do."""


@dataclass
class Tagger:
    """A token-classification model with what it takes to use it on articles.

    Attributes:
        model, tokenizer: transformers' own.
        tagset: the labels of this run.
        window, overlap: tokens in a window (special tokens included) and shared by neighbours.
        about: further facts that `run.json` keeps (data, seed, versions).
        links: tells which spans belong to which act; None if the run was trained without links.
        tokens_in_text: of all articles tagged so far, special tokens not included, by the tokenizer alone.
        tokens_read: those of them that went through the network in the window that owns them. Were text cut off or left
            out anywhere on the way, it would be less.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    tagset: TagSet
    window: int
    overlap: int
    about: dict[str, Any] = field(default_factory=dict)
    links: LinkHead | None = None
    tokens_in_text: int = field(default=0, init=False)
    tokens_read: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        backend = getattr(self.tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise RunError(
                "the model has no fast tokenizer, without which there are no offsets; choose another backbone"
            )
        limit = position_limit(self.model.config)
        if limit is not None and self.window > limit:
            raise RunError(
                f"model.window is {self.window}, but the model sees at most {limit} tokens; set it to {limit}"
            )
        self.encoder = Encoder(backend, self.window, self.overlap)

    @classmethod
    def build(
        cls,
        backbone: str,
        tagset: TagSet,
        window: int,
        overlap: int,
        dropout: float | None = None,
        attention_dropout: float | None = None,
    ) -> Tagger:
        """A new head, randomly initialised, on a pretrained backbone.

        Args:
            backbone: see `model.backbones.resolve`.
            tagset: the labels to learn.
            window, overlap: see the class.
            dropout: of the hidden layers and the head; None keeps the backbone's own.
            attention_dropout: of the attention's weights; None is as `dropout`.

        Raises:
            BackboneError: the backbone cannot be had.
        """
        source = resolve(backbone)
        changes: dict[str, Any] = {
            "num_labels": len(tagset),
            "id2label": dict(enumerate(tagset.tags)),
            "label2id": {tag: number for number, tag in enumerate(tagset.tags)},
        }
        try:
            with _quiet():
                config = AutoConfig.from_pretrained(source, trust_remote_code=False, **changes)
                _set_dropout(config, dropout, attention_dropout)
                # Byte-level tokenizers need to be told that a text's first word is a word like any other.
                tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False, add_prefix_space=True)
                model = AutoModelForTokenClassification.from_pretrained(
                    source, config=config, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
                )
        except (OSError, ValueError, KeyError) as error:
            raise BackboneError(
                f"the backbone {backbone!r} cannot be loaded: {_first_line(error)} (a backbone is {CHOICES})"
            ) from None
        return cls(model, tokenizer, tagset, window, overlap)

    @classmethod
    def load(cls, folder: Path, device: str | None = None) -> Tagger:
        """A run from its folder.

        Args:
            folder: as `save` wrote it.
            device: torch's name; None takes a GPU if there is one.

        Raises:
            RunError: something is missing, broken, or contradicts itself.
        """
        if not folder.is_dir():
            raise RunError(f"no such run: {folder}; train one with train.py")
        missing = [name for name in (RUN_FILE, "config.json", "model.safetensors") if not (folder / name).is_file()]
        if missing:
            raise RunError(
                f"{folder} is no finished run: it lacks {', '.join(missing)}; train it (again) with train.py"
            )
        about = _read_json(folder / RUN_FILE)
        try:
            labels, window, overlap = about["labels"], about["window"], about["overlap"]
            with _quiet():
                model = AutoModelForTokenClassification.from_pretrained(
                    folder, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
                )
                tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        except KeyError as error:
            raise RunError(f"{folder / RUN_FILE} lacks {error}; train the run again") from None
        except Exception as error:  # safetensors, tokenizers and torch each raise their own kinds
            raise RunError(f"{folder} cannot be loaded: {_first_line(error)}; train the run again") from None
        names = [model.config.id2label[number] for number in range(model.config.num_labels)]
        tagset = TagSet.from_names(names)
        if list(tagset.labels) != labels:
            raise RunError(
                f"{folder}: {RUN_FILE} has the labels {labels}, the weights {list(tagset.labels)};"
                " the files are of two runs: train again"
            )
        model.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        return cls(model, tokenizer, tagset, window, overlap, about, LinkHead.load(folder))

    def save(self, folder: Path) -> None:
        """Write weights (safetensors), tokenizer and `run.json`; plain transformers can load the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        with _quiet():
            self.model.save_pretrained(folder, safe_serialization=True)
            self.tokenizer.save_pretrained(folder)
        if self.links is not None:
            self.links.save(folder)
        about = {**self.about, "labels": list(self.tagset.labels), "window": self.window, "overlap": self.overlap}
        # Last of all: a folder that has it is complete.
        (folder / RUN_FILE).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def predict(self, articles: Iterable[Article]) -> Iterator[Article]:
        """The articles in their order, each with the spans found in place of those it had.

        Works on `CHUNK` articles at a time, whatever their number.
        """
        for article, one, log_probs, _ in self._read(articles, states=False):
            yield self._decode(article, one, log_probs)

    def predict_links(self, articles: Iterable[Article]) -> Iterator[tuple[Article, list[Linked]]]:
        """As `predict`, each article with the links of its acts, by the run's head or else by the shipped trees."""
        for article, one, log_probs, states in self._read(articles, states=self.links is not None):
            tagged = self._decode(article, one, log_probs)
            yield tagged, link(tagged, self.links, None if states is None else _vectors(tagged, one, states))

    def predict_with_doubt(self, articles: Iterable[Article]) -> Iterator[tuple[Article, float]]:
        """As `predict`, each article with the number of spans that the model expects there (`expected_spans`)."""
        for article, one, log_probs, _ in self._read(articles, states=False):
            yield self._decode(article, one, log_probs), expected_spans(log_probs, one.breaks)

    def link(self, articles: Iterable[Article]) -> Iterator[tuple[Article, list[Linked]]]:
        """Each article with the links between the spans that it has."""
        if self.links is None:  # then nothing asks for the network
            yield from ((article, link(article)) for article in articles)
            return
        for article, one, _, states in self._read(articles, states=True):
            assert states is not None
            yield article, link(article, self.links, _vectors(article, one, states))

    def vectors(self, articles: Iterable[Article]) -> Iterator[np.ndarray]:
        """What the link head sees of the spans that articles have, each of shape (spans, 8 × hidden)."""
        for article, one, _, states in self._read(articles, states=True):
            assert states is not None
            yield _vectors(article, one, states)

    def _decode(self, article: Article, one: EncodedArticle, log_probs: np.ndarray) -> Article:
        return article.with_spans(decode(log_probs, one.word_start, one.word_end, one.breaks, self.tagset))

    def _read(
        self, articles: Iterable[Article], *, states: bool
    ) -> Iterator[tuple[Article, EncodedArticle, np.ndarray, np.ndarray | None]]:
        """Each article as it is encoded, with its words' log probabilities of tags and, if asked for, their states."""
        stream = iter(articles)
        while chunk := list(islice(stream, CHUNK)):
            encoded = self.encoder.encode([article.text for article in chunk])
            yield from zip(chunk, encoded, *self._run(encoded, states=states), strict=True)

    def _run(
        self, encoded: Sequence[EncodedArticle], *, states: bool
    ) -> tuple[list[np.ndarray], Sequence[np.ndarray | None]]:
        """The network on articles.

        Returns:
            log probabilities of tags for the words of each article, each of shape (words, tags); and the words' hidden
            states at three depths, each of shape (words, 3 × hidden), or None where they are not asked for.
        """
        # NaN, so that a word that no window owned could not pass for a score.
        result = [np.full((len(one.head), len(self.tagset)), np.nan, dtype=np.float32) for one in encoded]
        width = 3 * self.model.config.hidden_size if states else 0
        kept = [np.full((len(one.head), width), np.nan, dtype=np.float32) if states else None for one in encoded]
        read = [np.zeros(len(one.input_ids), dtype=bool) for one in encoded]
        special = len(self.encoder.prefix) + len(self.encoder.suffix)
        windows = self.encoder.windows(encoded)
        was_training = self.model.training
        self.model.eval()
        with torch.inference_mode():
            for batch in _batches(windows):
                ids = [self.encoder.input_ids(encoded[window.article], window) for window in batch]
                inputs = _pad(ids, self.tokenizer.pad_token_id or 0)
                output = self.model(
                    **{name: tensor.to(self.model.device) for name, tensor in inputs.items()},
                    output_hidden_states=states,
                )
                scores = output.logits.float().log_softmax(dim=-1).cpu().numpy()
                hidden = _three_depths(output.hidden_states) if states else [None] * len(batch)
                for row, state, window, fed in zip(scores, hidden, batch, ids, strict=True):
                    words, places = self.encoder.owned(encoded[window.article], window)
                    result[window.article][words] = row[places]
                    if state is not None and (of_article := kept[window.article]) is not None:
                        of_article[words] = state[places]
                    seen_to = min(window.own_end, window.start + len(fed) - special)
                    read[window.article][window.own_start : seen_to] = True
        self.model.train(was_training)
        self.tokens_in_text += sum(len(one.input_ids) for one in encoded)
        self.tokens_read += sum(int(one.sum()) for one in read)
        return result, kept


def _three_depths(hidden_states: Sequence[torch.Tensor]) -> np.ndarray:
    """States a third and two thirds up the encoder and at its top, shape (windows, tokens, 3 × hidden)."""
    top = len(hidden_states) - 1  # the first is of the embeddings
    chosen = [hidden_states[round(top * third / 3)] for third in (1, 2, 3)]
    states: np.ndarray = torch.cat(chosen, dim=-1).float().cpu().numpy()
    return states


def _vectors(article: Article, one: EncodedArticle, states: np.ndarray) -> np.ndarray:
    """What the link head sees of an article's spans."""
    start = np.array([span.start for span in article.spans], dtype=np.int64)
    end = np.array([span.end for span in article.spans], dtype=np.int64)
    # A gold span on characters that are no word has none; it is given the one beside it.
    first = np.searchsorted(one.word_end, start, side="right").clip(max=max(len(states) - 1, 0))
    last = np.maximum(np.searchsorted(one.word_start, end, side="left"), first + 1)
    return span_vectors(states, first, last)


def _set_dropout(config: Any, dropout: float | None, attention_dropout: float | None) -> None:
    """Set what an architecture calls its dropouts; None leaves a value alone."""
    attention = dropout if attention_dropout is None else attention_dropout
    for value, names in (
        (dropout, ("hidden_dropout_prob", "dropout", "classifier_dropout")),
        (attention, ("attention_probs_dropout_prob", "attention_dropout")),
    ):
        for name in names:
            if value is not None and hasattr(config, name):
                setattr(config, name, value)


def position_limit(config: Any) -> int | None:
    """Tokens that a model can see, special tokens included; None if it sets no limit."""
    positions = getattr(config, "max_position_embeddings", None)
    if not isinstance(positions, int) or positions <= 0:
        return None
    # RoBERTa and its kin count positions from behind the padding index.
    if config.model_type in {"roberta", "xlm-roberta", "camembert", "mpnet", "longformer"}:
        return positions - (getattr(config, "pad_token_id", None) or 0) - 1
    return positions


def _batches(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Windows of like length together, longest first, at most `BATCH_TOKENS` a batch."""
    batch: list[Window] = []
    for window in sorted(windows, key=lambda window: window.start - window.end):
        longest = batch[0].end - batch[0].start if batch else 0
        if batch and (len(batch) + 1) * longest > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _pad(ids: Sequence[list[int]], padding: int) -> dict[str, torch.Tensor]:
    """Token lists as `input_ids` and `attention_mask`, each of shape (windows, longest)."""
    longest = max(map(len, ids))
    return {
        "input_ids": torch.tensor([one + [padding] * (longest - len(one)) for one in ids]),
        "attention_mask": torch.tensor([[1] * len(one) + [0] * (longest - len(one)) for one in ids]),
    }


class _quiet:
    """Transformers without its progress bars and its remarks on a head that is new, as it should be."""

    def __enter__(self) -> None:
        self._verbosity = transformers_logging.get_verbosity()
        self._bars = transformers_logging.is_progress_bar_enabled()
        transformers_logging.set_verbosity_error()
        transformers_logging.disable_progress_bar()

    def __exit__(self, *_: object) -> None:
        transformers_logging.set_verbosity(self._verbosity)
        if self._bars:
            transformers_logging.enable_progress_bar()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RunError(f"{path} is broken: {error}; train the run again") from None
    if not isinstance(content, dict):
        raise RunError(f"{path} is broken: not an object; train the run again")
    return content


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
