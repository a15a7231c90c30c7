"""doccano's JSON lines, both those of a sequence labelling project and those of one with relations.

    {"id": 7, "text": "…", "label": [[0, 7, "ACTOR"]], "Comments": []}
    {"id": 7, "text": "…", "entities": [{"id": 1, "label": "ACTOR", "start_offset": 0, "end_offset": 7}],
     "relations": []}

Offsets are code points. doccano keeps every key of an imported line but the labels as the example's metadata and
exports it again, our `id` in place of its own number. Written is the first form, in ASCII, so that its guess at a
file's encoding cannot go wrong; a line's `label` is what its import asks for by default.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from data.files import read_text, write_atomically
from data.formats import jsonl
from data.formats.tools import details, restored
from data.schema import RESERVED, Article, DataError, Span

NAME = "doccano"
SUFFIXES = (".jsonl",)
HOLDS = frozenset({"text", "id", "date", "title", "meta"})

_SPANS = ("label", "labels", "entities")
_META = "meta"
_OTHERS = frozenset({"spans", "tokens", "_input_hash", "_task_hash"})

logger = logging.getLogger(__name__)


def looks_like(path: Path, head: str) -> bool:
    """Whether the first line is an object with a text and doccano's spans."""
    record = jsonl.first_record(head)
    return "text" in record and _OTHERS.isdisjoint(record) and any(isinstance(record.get(key), list) for key in _SPANS)


def read(path: Path, labels: Collection[str] | None = None) -> list[Article]:
    """Read a file; relations and comments, which an article has no place for, are counted in the log.

    Raises:
        DataError: with file and line.
    """
    return list(parse(read_text(path), path.name.partition(".")[0], str(path), labels))


def parse(content: str, id: str, name: str, labels: Collection[str] | None = None) -> Iterator[Article]:
    """The articles in a file's content; one that has no id is `id-1` by its line."""
    left_out = {"relations": 0, "Comments": 0}

    def make(number: int, record: dict[str, Any]) -> Article:
        for key in left_out:
            left_out[key] += len(record[key]) if isinstance(record.get(key), list) else 0
        return _article(record, f"{id}-{number}")

    remedy = "if each annotator's work was exported by itself, read one file at a time"
    yield from jsonl.articles(content, name, make, labels, "the id", remedy)
    for key, count in left_out.items():
        if count:
            logger.warning("%s: %d %s not read", name, count, key.lower())


def write(articles: Sequence[Article], path: Path) -> None:
    """Write a file, whole or not at all."""
    write_atomically(path, render(articles))


def render(articles: Sequence[Article]) -> str:
    """The file content for articles. Raises `UnicodeEncodeError` for half a surrogate pair, which ASCII would hide."""
    records = [_record(article) for article in articles]
    json.dumps(records, ensure_ascii=False).encode("utf-8")
    return "".join(json.dumps(record) + "\n" for record in records)


def _record(article: Article) -> dict[str, Any]:
    own = {key: value for key, value in details(article).items() if key in RESERVED}
    # Meta lies deeper, since doccano has names of its own on the top level.
    return {
        **own,
        "text": article.text,
        "label": [[span.start, span.end, span.label] for span in article.spans],
        _META: dict(article.meta),
    }


def _article(record: dict[str, Any], id: str) -> Article:
    if "text" not in record:
        raise DataError("the key 'text' is missing; export from a text project as JSONL")
    found = [key for key in _SPANS if record.get(key) is not None]
    if len(found) > 1:
        raise DataError(f"spans stand under {' and '.join(found)}; keep one of them")
    listed = record[found[0]] if found else []
    if not isinstance(listed, list):
        raise DataError(f"{found[0]} is no list of [start, end, label] or objects; export a sequence labelling project")
    meta = record.get(_META)
    fields = {key: value for key, value in record.items() if key not in (*_SPANS, _META, "relations", "Comments")}
    if isinstance(meta, dict):
        fields |= {key: value for key, value in meta.items() if key not in RESERVED}
    elif meta is not None:
        fields[_META] = meta
    return restored(record["text"], [_span(item) for item in listed], fields, id)


def _span(item: Any) -> Span:
    if isinstance(item, list) and len(item) == 3:
        return Span(*item)
    if isinstance(item, dict) and {"start_offset", "end_offset", "label"} <= set(item):
        return Span(item["start_offset"], item["end_offset"], item["label"])
    raise DataError(
        f"{json.dumps(item, ensure_ascii=False)[:60]} is neither [start, end, label] nor an object with start_offset,"
        " end_offset and label; is this a sequence labelling project?"
    )
