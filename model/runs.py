"""Trained runs put to use on annotated articles: what they were trained on, and their tagging with its facts."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data import formats
from data.errors import InputError
from data.fingerprints import fingerprint, text_hash
from data.schema import Article
from data.statistics import foreign_labels, words
from model.tagger import RunError, Tagger

logger = logging.getLogger(__name__)


def names(folders: Sequence[Path]) -> list[str]:
    """What a report calls runs: their folders' names, or their paths where two names are the same.

    Raises:
        InputError: a run is given twice.
    """
    resolved = [folder.resolve() for folder in folders]
    repeated = [str(folder) for folder, times in Counter(resolved).items() if times > 1]
    if repeated:
        raise InputError(f"{repeated[0]} is given twice; a comparison takes different runs")
    short = [folder.name for folder in resolved]
    return short if len(set(short)) == len(short) else [str(folder) for folder in folders]


def data_file(tagger: Tagger, folder: Path, split: str) -> Path:
    """The file of a run's own train, dev or test articles. Raises `RunError` if the run names none."""
    path = tagger.about.get("data", {}).get("files", {}).get(split)
    if path is None:
        raise RunError(f"{folder} names no {split} data; give files with --data")
    return Path(path)


def recorded_articles(tagger: Tagger, split: str) -> list[Article] | None:
    """A run's train or dev articles; None if their file is gone or is no longer what the run was trained with."""
    data = tagger.about.get("data", {})
    path = data.get("files", {}).get(split)
    if path is None or not Path(path).is_file():
        return None
    try:
        articles = formats.read(Path(path))
    except InputError:
        articles = []
    if fingerprint(articles)["sha256"] != data.get(split, {}).get("sha256"):
        logger.warning("warning: %s has changed since the training; it is left out of the report", path)
        return None
    return articles


def origin(tagger: Tagger) -> dict[str, Any]:
    """What a run was made from, in a few words that can go with what it makes."""
    about = tagger.about
    train = about.get("data", {}).get("train", {})
    return {
        "backbone": about.get("backbone"),
        "seed": about.get("seed"),
        "epochs": about.get("epochs"),
        "train": {name: train.get(name) for name in ("articles", "sha256")},
    }


def same_training_data(taggers: Sequence[Tagger]) -> bool:
    """Whether all runs were trained on the same articles, as far as they say."""
    return len({tagger.about.get("data", {}).get("train", {}).get("sha256") for tagger in taggers}) == 1


def check_labels(gold: Sequence[Article], tagger: Tagger, folder: Path) -> None:
    """Warn of labels of gold that the run cannot give. Raise `InputError` if it can give none of them."""
    unknown = foreign_labels(gold, tagger.tagset.labels)
    if unknown and unknown.total() == sum(len(article.spans) for article in gold):
        raise InputError(
            f"the run {folder} was trained for none of the data's labels, {', '.join(unknown)};"
            f" it knows {', '.join(tagger.tagset.labels)}: evaluate on other data, or train on these labels"
        )
    if unknown:
        logger.warning(
            "warning: the run %s was not trained for labels of the data, which count as missed: %s",
            folder,
            ", ".join(f"{label} ({count} span{'' if count == 1 else 's'})" for label, count in unknown.items()),
        )


def tag(gold: Sequence[Article], tagger: Tagger, folder: Path) -> tuple[list[Article], dict[str, str]]:
    """The articles as a run tags them, and how that went.

    Warns of articles that the run was trained on.

    Args:
        gold: annotated articles.
        tagger: loaded from `folder`, and not used before: the facts count all the tokens that it has read.
        folder: for the facts.
    """
    trained_on = set(tagger.about.get("data", {}).get("train", {}).get("texts", []))
    seen = sum(text_hash(article) in trained_on for article in gold)
    if seen:
        logger.warning(
            "warning: %d of %d articles were trained on; these scores say nothing of new text", seen, len(gold)
        )
    started = time.monotonic()
    predicted = list(tagger.predict(gold))
    seconds = time.monotonic() - started
    return predicted, {
        "run": str(folder),
        "backbone": str(tagger.about.get("backbone", "unknown")),
        "seed of training": str(tagger.about.get("seed", "unknown")),
        "engine": f"{tagger.network.engine} on {tagger.network.device}",
        "articles seen in training": str(seen),
        "tokens in the text": f"{tagger.tokens_in_text:,}",
        "tokens read by the model": f"{tagger.tokens_read:,}",
        "seconds per 1,000 words": f"{1000 * seconds / max(words(gold), 1):.2f}",
    }
