"""Hugging Face datasets: a folder that `save_to_disk` wrote, or a data set on the Hub.

`datasets:NAME` or `datasets:NAME:SPLIT` names one: a folder, or, where there is no such folder, a data set on the
Hub. A row is an article, either with the columns `id`, `text` and `spans` of `data.formats.jsonl`, or with `tokens`
and `ner_tags`, as CoNLL-like sets have them: strings, or numbers whose names the column knows. Without a split all
splits are read. Further columns travel as `Article.meta`.

Written, `meta` is one column of JSON, since rows may have different keys.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from data.files import new_folder
from data.formats import conll, jsonl
from data.schema import RESERVED, Article, DataError

NAME = "datasets"
SUFFIXES: tuple[str, ...] = ()
HOLDS = frozenset({"text", "id", "date", "title", "meta", "value", "score"})

PREFIX = "datasets:"

_TOKENS = "tokens"
_TAGS = ("ner_tags", "tags")
_META = "meta"


def looks_like(path: Path, head: str) -> bool:
    """Whether a folder is what `save_to_disk` writes."""
    return (path / "dataset_dict.json").is_file() or all(
        (path / name).is_file() for name in ("dataset_info.json", "state.json")
    )


def read(path: Path, labels: Collection[str] | None = None) -> list[Article]:
    """Read a folder or a name, with or without the prefix and a split.

    Raises:
        DataError: nothing can be loaded, or with name, split and row.
    """
    name = str(path).removeprefix(PREFIX)
    splits = _load(name)
    articles: list[Article] = []
    for split, rows in splits.items():
        names = _tag_names(rows.features, name)
        for number, row in enumerate(rows, start=1):
            given = row.get("id")
            fallback = f"{split}-{number}" if split else str(number)
            try:
                # Splits of one set often number their rows alike.
                id = fallback if given is None else f"{split}-{given}" if len(splits) > 1 else str(given)
                article = _article(row, id, names)
                jsonl.check_labels(article, labels)
            except DataError as error:
                raise error.at(f"{name}{f' ({split})' if split else ''}, row {number}") from None
            articles.append(article)
    return articles


def write(articles: Sequence[Article], path: Path) -> None:
    """Write a new folder with `save_to_disk`."""
    import datasets

    text, number = datasets.Value("string"), datasets.Value("int64")
    span = {"start": number, "end": number, "label": text, "value": text, "score": datasets.Value("float64")}
    columns = {"id": text, "date": text, "title": text, "text": text, "spans": datasets.List(span), _META: text}
    rows = [
        {
            "id": article.id,
            "date": article.date,
            "title": article.title,
            "text": article.text,
            "spans": [{"value": None, "score": None} | one.to_dict() for one in article.spans],
            _META: json.dumps(dict(article.meta), ensure_ascii=False),
        }
        for article in articles
    ]
    made = datasets.Dataset.from_list(rows, features=datasets.Features(columns))
    with new_folder(path) as folder, _without_progress_bars():
        made.save_to_disk(folder)


def _load(name: str) -> dict[str, Any]:
    """A data set by split; its only split may have no name ("")."""
    import datasets

    split = ""
    if not Path(name).is_dir():
        name, _, split = name.partition(":")
    try:
        with _without_progress_bars():
            found = datasets.load_from_disk(name) if Path(name).is_dir() else datasets.load_dataset(name)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(
            f"cannot be loaded ({reason}); name a folder of save_to_disk or a data set on the Hub", file=name
        ) from None
    splits: dict[str, Any] = dict(found) if isinstance(found, datasets.DatasetDict) else {"": found}
    if not split:
        return splits
    if split not in splits:
        raise DataError(f"has no split {split!r}; found {', '.join(filter(None, splits)) or 'one without a name'}",
                        file=name)  # fmt: skip
    return {split: splits[split]}


def _tag_names(features: Mapping[str, Any], name: str) -> tuple[str, list[str] | None] | None:
    """The column of tags and, if these are numbers, their names; None where rows have spans."""
    if "text" in features and "spans" in features:
        return None
    column = next((column for column in _TAGS if column in features), None)
    if _TOKENS not in features or column is None:
        raise DataError(
            f"the columns are {', '.join(features)}; expected id, text and spans, or {_TOKENS} and {_TAGS[0]}",
            file=name,
        )
    kind = features[column].feature
    if getattr(kind, "names", None) is None and kind.dtype != "string":
        raise DataError(f"the numbers in {column} have no names; make the column one of ClassLabel", file=name)
    return column, getattr(kind, "names", None)


def _article(row: Mapping[str, Any], id: str, tags: tuple[str, list[str] | None] | None) -> Article:
    if tags is None:
        further = row.get(_META)
        meta = {key: value for key, value in row.items() if key not in RESERVED and _is_json(value)}
        if isinstance(further, str) and further.startswith("{"):
            further = jsonl.load(further)
        if isinstance(further, Mapping):
            meta = {key: value for key, value in meta.items() if key != _META} | dict(further)
        return Article.from_dict({**meta, **{key: row.get(key) for key in RESERVED}, "id": id})
    column, names = tags
    said = row[column] if names is None else [names[tag] for tag in row[column]]
    if len(said) != len(row[_TOKENS]):
        raise DataError(f"{len(row[_TOKENS])} tokens have {len(said)} tags; each needs one")
    return conll.article(id, [[conll.Row(token, tag) for token, tag in zip(row[_TOKENS], said, strict=True)]])


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    from datasets.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    were_disabled = are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if not were_disabled:
            enable_progress_bars()
