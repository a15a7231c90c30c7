"""From articles to the bytes of a result, in every form that predict.py offers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from data.formats import doccano, jsonl, label_studio, prodigy
from data.schema import Article
from model import records, writers
from model.links import Linked
from model.tagger import Tagger

_TOOLS: dict[str, Callable[[list[Article]], str]] = {
    "label-studio": lambda articles: label_studio.render(articles, predicted=True),
    "doccano": doccano.render,
    "prodigy": lambda articles: prodigy.render(articles, predicted=True),
}
_RECORDS: dict[str, Callable[[Iterable[records.Record]], Iterator[bytes]]] = {
    "csv": writers.to_csv,
    "parquet": writers.to_parquet,
    "ics": writers.to_ics,
    "jsonl": writers.to_jsonl,
}
FORMS = ("text", "jsonl", "html", "csv", "parquet", "ics", *_TOOLS)
SUFFIXES = {"jsonl": ".jsonl", "csv": ".csv", "parquet": ".parquet"}
"""Of the forms that can be put together from parts."""


@dataclass(frozen=True)
class Form:
    """What a result should look like.

    Attributes:
        name: one of `FORMS`.
        records: who did what, an act a row, where the form has both that and spans.
        date_order: of an ambiguous numeric date, see `model.dates.ORDERS`.
        to_file: whether it goes to a file, not to a terminal.
    """

    name: str
    records: bool = False
    date_order: str = "dmy"
    to_file: bool = True


def write(tagger: Tagger, articles: Iterable[Article], form: Form, uncertain: int | None = None) -> Iterator[bytes]:
    """Tag articles and give the result piece by piece; text, JSON lines, CSV and Parquet take no more memory for more.

    Args:
        tagger: of a run.
        articles: dated where they can be.
        form: of the result.
        uncertain: only so many articles, those with most errors to expect, these first.
    """
    # None of these works before it is asked for its first article.
    tagged: Iterable[Article] = tagger.predict(articles)
    linked: Iterable[tuple[Article, Sequence[Linked]]] = tagger.predict_links(articles)
    if uncertain is not None:
        from model import review

        tagged = review.most_doubtful(tagger.predict_with_doubt(articles), uncertain)
        linked = tagger.link(tagged)
    if form.name in _TOOLS:  # without values: those are computed, for nobody to correct
        yield _TOOLS[form.name](list(tagged)).encode()
        return
    if form.name == "jsonl" and not form.records:  # spans and values alone
        linked = ((article, ()) for article in tagged)
    readings = (records.read(article, form.date_order, links) for article, links in linked)
    if form.name in ("text", "html"):
        from model import render  # only here: it brings rich and Jinja along

        if form.name == "html":
            yield render.html(list(readings)).encode()
        else:
            yield from (part.encode() for part in render.show(readings, records=form.records, to_file=form.to_file))
    elif form.name == "jsonl" and not form.records:
        yield from (jsonl.line(reading.article).encode() for reading in readings)
    else:
        yield from _RECORDS[form.name](record for reading in readings for record in reading.records)
