"""What articles are known again by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from data.schema import Article


def fingerprint(articles: Iterable[Article]) -> dict[str, Any]:
    """How many articles, and the SHA-256 of their contents in order."""
    digest, count = hashlib.sha256(), 0
    for article in articles:
        digest.update(json.dumps(article.to_dict(), sort_keys=True).encode())
        count += 1
    return {"articles": count, "sha256": digest.hexdigest()}


def annotation_hash(article: Article) -> str:
    """A short hash of what an article's spans say: their words and labels in order, wherever they stand."""
    spans = [[article.covered(span).split(), span.label] for span in article.spans]
    return _short(json.dumps(spans))


def text_hash(article: Article) -> str:
    """A short hash of an article's words, by which its text is known again whatever its id and spans."""
    return _short(" ".join(article.text.split()))


def _short(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:16]
