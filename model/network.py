"""The network in torch and transformers: built on a backbone, trained, saved, loaded, and run on windows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, pre_tokenizers
from transformers import (
    AutoConfig,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as transformers_logging

from model.backbones import CHOICES, BackboneError, resolve
from model.tagger import RunError, WindowScores
from model.tags import TagSet

BATCH_TOKENS = 4096
"""Tokens, padding included, that go through the model at once when tagging."""


@dataclass
class TorchNetwork:
    """A token-classification model and its tokenizer; a `model.tagger.Network`.

    Attributes:
        model, tokenizer: transformers' own.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase

    side_by_side = 1  # torch spreads one batch over the cores by itself
    engine = "torch"

    @classmethod
    def build(
        cls, backbone: str, tagset: TagSet, dropout: float | None = None, attention_dropout: float | None = None
    ) -> TorchNetwork:
        """A new head, randomly initialised, on a pretrained backbone.

        Args:
            backbone: see `model.backbones.resolve`.
            tagset: the labels to learn.
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
                tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
                model = AutoModelForTokenClassification.from_pretrained(
                    source, config=config, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
                )
        except (OSError, ValueError, KeyError, ImportError) as error:
            # For want of it transformers takes the file for one of tiktoken's, and says so.
            if find_spec("sentencepiece") is None and re.search("sentencepiece|tiktoken", str(error), re.IGNORECASE):
                raise BackboneError(
                    f"the tokenizer of the backbone {backbone!r} is built with sentencepiece;"
                    " run: pip install sentencepiece"
                ) from None
            raise BackboneError(
                f"the backbone {backbone!r} cannot be loaded: {_first_line(error)} (a backbone is {CHOICES})"
            ) from None
        tokenizer.padding_side = "right"  # as `run` pads, whatever its family does
        network = cls(model, tokenizer)
        _add_prefix_space(network.text_tokenizer)
        return network

    @classmethod
    def load(cls, folder: Path, device: str | None = None) -> TorchNetwork:
        """A run's network.

        Args:
            folder: of the run.
            device: torch's name; None takes a GPU if there is one.

        Raises:
            RunError: it cannot be loaded.
        """
        try:
            with _quiet():
                model = AutoModelForTokenClassification.from_pretrained(
                    folder, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
                )
                tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        except Exception as error:  # safetensors, tokenizers and torch each raise their own kinds
            raise RunError(f"{folder} cannot be loaded: {_first_line(error)}; train the run again") from None
        model.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        return cls(model, tokenizer)

    def save(self, folder: Path) -> None:
        """Write weights (safetensors), configuration and tokenizer; plain transformers can load the folder."""
        with _quiet():
            self.model.save_pretrained(folder, safe_serialization=True)
            self.tokenizer.save_pretrained(folder)

    @property
    def device(self) -> str:
        """Where it runs, such as cpu or cuda."""
        return self.model.device.type

    @property
    def limit(self) -> int | None:
        """Tokens that it sees at most, special tokens included; None if it sets no limit."""
        return position_limit(self.model.config)

    @property
    def hidden(self) -> int:
        """Numbers in a state of the encoder."""
        size: int = self.model.config.hidden_size
        return size

    @property
    def text_tokenizer(self) -> Tokenizer:
        """The `tokenizers.Tokenizer` below transformers' own. Raises `RunError` if there is none."""
        backend: Tokenizer | None = getattr(self.tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise RunError(
                "the model has no fast tokenizer, without which there are no offsets; choose another backbone"
            )
        return backend

    def tag_names(self) -> list[str]:
        """Its tags in the order of its scores."""
        config: Any = self.model.config
        return [config.id2label[number] for number in range(config.num_labels)]

    def batches(self, lengths: Sequence[int]) -> list[list[int]]:
        """Windows of like length together, longest first, at most `BATCH_TOKENS` a batch."""
        batches: list[list[int]] = []
        for window in sorted(range(len(lengths)), key=lambda window: -lengths[window]):
            if not batches or (len(batches[-1]) + 1) * lengths[batches[-1][0]] > BATCH_TOKENS:
                batches.append([])
            batches[-1].append(window)
        return batches

    def run(self, windows: Sequence[list[int]], *, states: bool) -> list[WindowScores]:
        """Scores, in fp32 whatever it was trained in, so that batches and neighbours change no span."""
        inputs = _pad(windows, self.tokenizer.pad_token_id or 0)
        was_training = self.model.training
        self.model.eval()
        with torch.inference_mode():
            output = self.model(
                **{name: tensor.to(self.model.device) for name, tensor in inputs.items()},
                output_hidden_states=states,
            )
            scores = output.logits.float().log_softmax(dim=-1).cpu().numpy()
            hidden = three_depths(output.hidden_states).float().cpu().numpy() if states else [None] * len(windows)
        self.model.train(was_training)
        return [
            (one[: len(ids)], None if state is None else state[: len(ids)])
            for one, state, ids in zip(scores, hidden, windows, strict=True)
        ]


def three_depths(hidden_states: Sequence[torch.Tensor]) -> torch.Tensor:
    """States a third and two thirds up the encoder and at its top, shape (windows, tokens, 3 × hidden)."""
    top = len(hidden_states) - 1  # the first is of the embeddings
    return torch.cat([hidden_states[round(top * third / 3)] for third in (1, 2, 3)], dim=-1)


def _add_prefix_space(tokenizer: Tokenizer) -> None:
    """Tell a byte-level tokenizer that a text's first word is a word like any other.

    Transformers' own option for it reaches only some classes of tokenizers, ModernBERT's not.
    """
    first: Any = tokenizer.pre_tokenizer
    for part in list(first) if hasattr(first, "__getitem__") else [first]:  # several in a row can be indexed
        if isinstance(part, pre_tokenizers.ByteLevel):
            part.add_prefix_space = True


def _set_dropout(config: Any, dropout: float | None, attention_dropout: float | None) -> None:
    """Set what an architecture calls its dropouts; None leaves a value alone."""
    attention = dropout if attention_dropout is None else attention_dropout
    for value, names in (
        (dropout, ("hidden_dropout_prob", "dropout", "mlp_dropout", "embedding_dropout", "classifier_dropout")),
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


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
