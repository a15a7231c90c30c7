"""spaCy's DocBin (`.spacy`), as `spacy train` and Prodigy's `data-to-spacy` have it.

Written, a document has the tokens of spaCy's blank English tokenizer, cut where a span begins or ends inside one;
the spans are its entities. `user_data` holds id, date, title, meta, and the spans' values and scores. Read, the spans
are a document's entities, or, if it has none, its span group "sc", where span categorizers keep theirs.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from data.files import read_bytes, write_atomically
from data.formats import jsonl, tokens
from data.schema import Article, DataError, Span

NAME = "docbin"
SUFFIXES: tuple[str, ...] = (".spacy",)
HOLDS = frozenset({"text", "id", "date", "title", "meta", "value", "score"})

SPAN_GROUP = "sc"


def looks_like(path: Path, head: str) -> bool:
    """Never: a DocBin is compressed, and known by its suffix alone."""
    return False


def read(path: Path, labels: Collection[str] | None = None) -> list[Article]:
    """Read a file; documents without an id of ours are numbered. Raises `DataError` with file and document."""
    spacy = _spacy()
    content = read_bytes(path)
    nlp = spacy.blank("en")
    articles: list[Article] = []
    try:
        docs = list(spacy.tokens.DocBin().from_bytes(content).get_docs(nlp.vocab))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"is no DocBin that spaCy {spacy.__version__} can read: {reason}", file=str(path)) from None
    for number, doc in enumerate(docs, start=1):
        try:
            article = _article(doc, f"{path.name.partition('.')[0]}-{number}")
            jsonl.check_labels(article, labels)
        except DataError as error:
            raise error.at(f"{path}, document {number}") from None
        articles.append(article)
    return articles


def write(articles: Sequence[Article], path: Path) -> None:
    """Write a file, whole or not at all."""
    spacy = _spacy()
    nlp = spacy.blank("en")
    docs = spacy.tokens.DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
    for article in articles:
        docs.add(_doc(article, nlp, spacy))
    write_atomically(path, docs.to_bytes())


def _spacy() -> Any:
    try:
        import spacy
        import spacy.tokens
    except ImportError:
        raise DataError(
            "the format docbin needs spaCy, which is not installed: pip install -r requirements-spacy.txt"
        ) from None
    return spacy


def _doc(article: Article, nlp: Any, spacy: Any) -> Any:
    text = article.text
    places = list(tokens.refine(_places(nlp.tokenizer(text)), article.spans))
    words: list[str] = []
    spaces: list[bool] = []
    begins: dict[int, int] = {}
    ends: dict[int, int] = {}
    at = 0
    for start, end in places:
        if start > at:  # the one space that spaCy keeps with the token before
            spaces[-1] = True
        begins[start], ends[end] = len(words), len(words) + 1
        words.append(text[start:end])
        spaces.append(False)
        at = end
    if at < len(text):
        spaces[-1] = True
    doc = spacy.tokens.Doc(nlp.vocab, words=words, spaces=spaces)
    doc.set_ents(
        [spacy.tokens.Span(doc, begins[span.start], ends[span.end], label=span.label) for span in article.spans]
    )
    noted = [span.to_dict() for span in article.spans if span.value is not None or span.score is not None]
    doc.user_data.update(id=article.id, date=article.date, title=article.title)
    # As JSON, since msgpack gives lists back as tuples and has no large integers.
    doc.user_data.update(meta=json.dumps(dict(article.meta)), spans=json.dumps(noted))
    return doc


def _places(doc: Any) -> Iterator[tuple[int, int]]:
    for token in doc:
        yield token.idx, token.idx + len(token.text)


def _article(doc: Any, id: str) -> Article:
    data = doc.user_data
    found = doc.ents or doc.spans.get(SPAN_GROUP, ())
    noted = {(item["start"], item["end"], item["label"]): item for item in _json(data, "spans", list)}
    spans = []
    for entity in found:
        place = entity.start_char, entity.end_char, entity.label_
        note = noted.get(place, {})
        spans.append(Span(*place, note.get("value"), note.get("score")))
    own = {name: data.get(name) if isinstance(data.get(name), str) else None for name in ("id", "date", "title")}
    return Article(own["id"] or id, doc.text, tuple(spans), own["date"], own["title"] or "", _json(data, "meta", dict))


def _json(data: Mapping[str, Any], key: str, kind: type) -> Any:
    """What we wrote under a key; empty where somebody else wrote something else."""
    try:
        value = jsonl.load(data.get(key, ""))
    except (DataError, TypeError):
        return kind()
    return value if isinstance(value, kind) else kind()
