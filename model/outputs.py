"""From articles to the bytes of a result, in every form that predict.py offers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from data.formats import doccano, jsonl, label_studio, prodigy
from data.schema import Article
from model import forms, records, writers
from model.forms import Form
from model.links import Linked
from model.tagger import Tagger

_TOOLS: dict[str, Callable[[list[Article]], str]] = {
    forms.LABEL_STUDIO: lambda articles: label_studio.render(articles, predicted=True),
    forms.DOCCANO: doccano.render,
    forms.PRODIGY: lambda articles: prodigy.render(articles, predicted=True),
}
_RECORDS: dict[str, Callable[[Iterable[records.Record]], Iterator[bytes]]] = {
    forms.CSV: writers.to_csv,
    forms.PARQUET: writers.to_parquet,
    forms.ICS: writers.to_ics,
    forms.JSONL: writers.to_jsonl,
}


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
    if form.name == forms.JSONL and not form.records:  # spans and values alone
        linked = ((article, ()) for article in tagged)
    readings = (records.read(article, form.date_order, links) for article, links in linked)
    if form.name in (forms.TEXT, forms.HTML):
        from model import render  # only here: it brings rich and Jinja along

        if form.name == forms.HTML:
            yield render.html(list(readings)).encode()
        else:
            yield from (part.encode() for part in render.show(readings, records=form.records, to_file=form.to_file))
    elif form.name == forms.JSONL and not form.records:
        yield from (jsonl.line(reading.article).encode() for reading in readings)
    else:
        yield from _RECORDS[form.name](record for reading in readings for record in reading.records)
