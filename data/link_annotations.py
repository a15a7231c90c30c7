"""Annotated links of articles: which actors and times belong to which act (docs/links.md).

A file of JSON lines, one an article: `{"id": …, "links": [{"action": [start, end], "source": [[start, end], …],
"target": …, "date": …, "deadline": …}, …]}`, with the offsets of the article's own spans.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.files import read_text
from data.schema import Article, DataError, Span

KINDS = {"source": "ACTOR", "target": "ACTOR", "date": "DATE", "deadline": "DEADLINE"}
"""The kinds of link, and the label of the spans that each leads to."""


@dataclass(frozen=True)
class ActLinks:
    """An act and the spans that it is linked to, by kind."""

    action: Span
    links: Mapping[str, tuple[Span, ...]]


def read(path: Path, articles: Iterable[Article], *, some: bool = False) -> dict[str, list[ActLinks]]:
    """The links in a file, by article id.

    Args:
        path: JSON lines as above.
        articles: must hold every article that the file names, unless only `some` are asked for.
        some: pass over articles that are not given.

    Raises:
        DataError: with file and line: no such article, or offsets that are no span of the right label.
    """
    by_id = {article.id: article for article in articles}
    found: dict[str, list[ActLinks]] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        try:
            record = json.loads(line)
            article = by_id.get(record["id"])
            if article is None and some:
                continue
            if article is None:
                raise DataError(f"there is no article {record['id']!r} among those given")
            found[article.id] = [_parse(one, article) for one in record["links"]]
        except DataError as error:
            raise error.at(str(path), number) from None
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"not a record of links ({error})", file=str(path), line=number) from None
    return found


def _parse(record: Mapping[str, Any], article: Article) -> ActLinks:
    spans = {(span.start, span.end): span for span in article.spans}

    def find(offsets: list[int], label: str) -> Span:
        span = spans.get((offsets[0], offsets[1]))
        if span is None or span.label != label:
            raise DataError(f"article {article.id!r} has no {label} at {offsets}; were its spans changed?")
        return span

    return ActLinks(
        find(record["action"], "ACTION"),
        {kind: tuple(find(one, label) for one in record.get(kind, ())) for kind, label in KINDS.items()},
    )


def render(id: str, acts: Iterable[ActLinks]) -> str:
    """One line of the file."""
    links = []
    for act in acts:
        record: dict[str, Any] = {"action": [act.action.start, act.action.end]}
        record |= {kind: [[one.start, one.end] for one in spans] for kind, spans in act.links.items() if spans}
        links.append(record)
    return json.dumps({"id": id, "links": links}, ensure_ascii=False) + "\n"


def fingerprint(annotated: Iterable[tuple[Article, Sequence[ActLinks]]]) -> dict[str, Any]:
    """What the links of a set of articles are known again by: how many articles, and a hash of all."""
    lines = [render(article.id, acts) for article, acts in annotated]
    return {"articles": len(lines), "sha256": hashlib.sha256("".join(lines).encode()).hexdigest()}
