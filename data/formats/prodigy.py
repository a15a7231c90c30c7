"""Prodigy's JSON lines, as its `db-out` writes and its `ner.manual` reads them.

    {"text": "…", "tokens": [{"text": "Norland", "start": 0, "end": 7, "id": 0, "ws": true}],
     "spans": [{"start": 0, "end": 7, "token_start": 0, "token_end": 0, "label": "ACTOR"}],
     "meta": {"id": "a-1"}, "answer": "accept", "_input_hash": 1, "_task_hash": 2}

Offsets are code points; `token_end` is the span's last token. A line that was answered counts where the answer is
"accept", and is then gold: its spans' scores are left out. A line without an answer is a task that nobody has answered
yet, or gold of another source, and is read as it stands. Written are tokens that spans fit, since Prodigy takes no span
that ends inside one, and an answer for gold only, so that a prediction is not taken for somebody's answer.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from data.files import read_text, write_atomically
from data.formats import jsonl, tokens
from data.formats.tools import details, is_predicted, list_of, restored
from data.schema import Article, DataError, Span

NAME = "prodigy"
SUFFIXES = (".jsonl",)
HOLDS = frozenset({"text", "id", "date", "title", "meta", "value", "score"})

_MARKS = frozenset({"tokens", "answer", "_input_hash", "_task_hash"})
_ACCEPT = "accept"
_ANSWERS = (_ACCEPT, "reject", "ignore")

logger = logging.getLogger(__name__)


def looks_like(path: Path, head: str) -> bool:
    """Whether the first line is an object with a text and what only Prodigy adds to it."""
    record = jsonl.first_record(head)
    return "text" in record and not _MARKS.isdisjoint(record)


def read(path: Path, labels: Collection[str] | None = None) -> list[Article]:
    """Read a file; rejected and ignored lines are counted in the log.

    Raises:
        DataError: with file and line.
    """
    return list(parse(read_text(path), path.name.partition(".")[0], str(path), labels))


def parse(content: str, id: str, name: str, labels: Collection[str] | None = None) -> Iterator[Article]:
    """The articles in a file's content; one that has no id is `id-1` by its line."""
    left_out: Counter[str] = Counter()

    def make(number: int, record: dict[str, Any]) -> Article | None:
        answer = record.get("answer", _ACCEPT)
        if answer not in _ANSWERS:
            raise DataError(f"the answer is {answer!r}; Prodigy's are {', '.join(_ANSWERS)}")
        if answer != _ACCEPT:
            left_out[answer] += 1
            return None
        return _article(record, f"{id}-{number}")

    remedy = "settle several answers to one text with Prodigy's review recipe, or keep one of the lines"
    yield from jsonl.articles(content, name, make, labels, "the article", remedy)
    for answer, count in sorted(left_out.items()):
        logger.warning('%s: %d lines answered "%s" not read', name, count, answer)


def write(articles: Sequence[Article], path: Path) -> None:
    """Write a file, whole or not at all."""
    write_atomically(path, render(articles))


def render(articles: Sequence[Article], predicted: bool | None = None) -> str:
    """The file content for articles.

    Args:
        predicted: whether nobody has seen them yet; None decides by whether any span has a score.
    """
    answer = {} if (is_predicted(articles) if predicted is None else predicted) else {"answer": _ACCEPT}
    lines = ({**_record(article), **answer} for article in articles)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _record(article: Article) -> dict[str, Any]:
    cut = list(_tokens(article))
    first = {start: number for number, (start, _) in enumerate(cut)}
    last = {end: number for number, (_, end) in enumerate(cut)}
    return {
        "text": article.text,
        "tokens": [
            {"text": article.text[start:end], "start": start, "end": end, "id": number,
             "ws": article.text[end : end + 1] == " "}
            for number, (start, end) in enumerate(cut)
        ],
        "spans": [
            {**span.to_dict(), "token_start": first[span.start], "token_end": last[span.end]} for span in article.spans
        ],
        "meta": details(article),
    }  # fmt: skip


def _tokens(article: Article) -> Iterator[tuple[int, int]]:
    """Words and marks cut at the borders of spans, and white space other than one space after a word.

    So the tokens and their `ws` give the text again, as spaCy's do.
    """
    at = 0
    for start, end in tokens.refine(tokens.words(article.text), article.spans):
        yield from _gap(article.text, at, start)
        yield start, end
        at = end
    yield from _gap(article.text, at, len(article.text))


def _gap(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if start and text[start:end].startswith(" "):
        start += 1
    if start < end:
        yield start, end


def _article(record: dict[str, Any], id: str) -> Article:
    if "text" not in record:
        raise DataError("the key 'text' is missing; export a dataset of texts, such as ner.manual makes")
    meta = record.get("meta")
    fields = dict(meta) if isinstance(meta, dict) else {}
    if "id" in record:
        fields.setdefault("id", record["id"])
    spans = []
    for item in list_of("spans", record.get("spans")):
        missing = [key for key in ("start", "end", "label") if key not in item]
        if missing:
            raise DataError(f"the span {json.dumps(item, ensure_ascii=False)[:60]} lacks {', '.join(missing)}")
        span = Span(item["start"], item["end"], item["label"], item.get("value"), item.get("score"))
        spans.append(replace(span, score=None) if "answer" in record else span)
    return restored(record["text"], spans, fields, id)
