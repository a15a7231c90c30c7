"""Pretraining gone on with: a backbone learns to guess masked words of articles, whose annotation it does not see.

What it writes is a folder that `model.backbone` takes. The weights that guess are tied to the embeddings; the layer in
between is new, since the packaged backbones come without one.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import (
    AutoModelForMaskedLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
    set_seed,
)

from data import formats
from data.errors import InputError
from data.schema import Article
from model.backbones import resolve
from model.cli import run

logger = logging.getLogger(__name__)


def main() -> None:
    """Write the folder, and say how well other articles are guessed after the first epoch and the last."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--backbone", default="minilm-l6", metavar="NAME", help="default: %(default)s")
    parser.add_argument("--train", type=Path, default=Path("outputs/data/train.jsonl"), metavar="FILE",
                        help="articles to learn from (default: %(default)s)")  # fmt: skip
    parser.add_argument("--dev", type=Path, default=Path("outputs/data/dev.jsonl"), metavar="FILE",
                        help="articles to guess words of (default: %(default)s)")  # fmt: skip
    parser.add_argument("--output", type=Path, default=Path("outputs/pretrained"), metavar="FOLDER",
                        help="default: %(default)s")  # fmt: skip
    parser.add_argument("--epochs", type=float, default=3, help="default: %(default)s")
    parser.add_argument("--learning-rate", type=float, default=2e-4, help="default: %(default)s")
    parser.add_argument("--window", type=int, default=256, metavar="TOKENS", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    arguments = parser.parse_args()
    if arguments.output.exists():
        raise InputError(f"{arguments.output} is there already, so it is left alone; choose another --output")
    train_set, dev_set = formats.read(arguments.train), formats.read(arguments.dev)
    with contextlib.redirect_stdout(sys.stderr):  # the Trainer prints
        before, after = pretrain(
            arguments.backbone, train_set, dev_set, arguments.output,
            epochs=arguments.epochs, learning_rate=arguments.learning_rate,
            window=arguments.window, seed=arguments.seed,
        )  # fmt: skip
    print(f"loss on masked words of dev: {before:.2f} after the first epoch, {after:.2f} after the last")


def pretrain(
    backbone: str,
    train_set: Sequence[Article],
    dev_set: Sequence[Article],
    output: Path,
    *,
    epochs: float = 3,
    learning_rate: float = 2e-4,
    window: int = 256,
    seed: int = 1,
) -> tuple[float, float]:
    """Train on masked words (15%, as Devlin et al. 2019 have it) and write the encoder.

    Args:
        backbone: a name that `model.backbones.resolve` takes.
        train_set, dev_set: articles; only their texts are read.
        output: a folder that is not there yet.
        epochs, learning_rate, seed: of the Trainer.
        window: tokens of a piece of text; pieces share none.

    Returns:
        the loss on dev after the first epoch and after the last, in nats a masked token.

    Raises:
        InputError: the backbone's tokenizer has no mask.
    """
    source = resolve(backbone)
    set_seed(seed)
    tokenizer: Any = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
    if tokenizer.mask_token is None:
        raise InputError(f"the tokenizer of the backbone {backbone!r} has no mask; choose a backbone that has one")
    model: Any = AutoModelForMaskedLM.from_pretrained(
        source, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
    )
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=model,
            args=TrainingArguments(
                output_dir=folder,
                num_train_epochs=epochs,
                learning_rate=learning_rate,
                warmup_steps=0.1,
                weight_decay=0.01,
                per_device_train_batch_size=8,
                optim="adamw_torch_fused",
                train_sampling_strategy="group_by_length",
                eval_strategy="epoch",
                save_strategy="no",
                report_to="none",
                seed=seed,
                use_cpu=not torch.cuda.is_available(),
            ),
            train_dataset=pieces(train_set, tokenizer, window),
            eval_dataset=pieces(dev_set, tokenizer, window),
            data_collator=DataCollatorForLanguageModeling(tokenizer, seed=seed),
            processing_class=tokenizer,
        )
        trainer.train()
        losses = [entry["eval_loss"] for entry in trainer.state.log_history if "eval_loss" in entry]
    model.base_model.save_pretrained(output, safe_serialization=True)
    tokenizer.save_pretrained(output)
    logger.info("wrote %s", output)
    return losses[0], losses[-1]


def pieces(articles: Sequence[Article], tokenizer: Any, window: int) -> Dataset:
    """The articles' texts in pieces of at most `window` tokens, all of them read."""
    ids = tokenizer(
        [article.text for article in articles], truncation=True, max_length=window, return_overflowing_tokens=True
    )["input_ids"]
    return Dataset.from_dict({"input_ids": ids, "length": list(map(len, ids))})


if __name__ == "__main__":
    run(main)
