"""From articles to the bytes of a result, in every form that predict.py offers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from data.formats import doccano, label_studio, prodigy
from data.schema import Article
from model import forms, records, writers
from model.forms import Form
from model.tagger import Tagger

_TOOLS: dict[str, Callable[[list[Article]], str]] = {
    forms.LABEL_STUDIO: lambda articles: label_studio.render(articles, predicted=True),
    forms.DOCCANO: doccano.render,
    forms.PRODIGY: lambda articles: prodigy.render(articles, predicted=True),
}
_RECORDS: dict[str, Callable[[Iterable[records.Record]], Iterator[bytes]]] = {
    forms.CSV: writers.to_csv,
    forms.PARQUET: writers.to_parquet,
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
    if uncertain is not None:
        from model import review

        articles = review.most_doubtful(tagger.predict_with_doubt(articles), uncertain)
    predict = uncertain is None
    if form.name in _TOOLS:  # without values: those are computed, for nobody to correct
        yield _TOOLS[form.name](list(tagger.predict(articles) if predict else articles)).encode()
        return
    spans_alone = form.name == forms.JSONL and not form.records
    seen = tagger.see(articles, predict=predict, links=not spans_alone)
    readings = (records.read(article, form.date_order, links, ahead) for article, links, ahead in seen)
    if form.name in (forms.TEXT, forms.HTML):
        from model import render  # only here: it brings rich and Jinja along

        if form.name == forms.HTML:
            yield render.html(list(readings)).encode()
        else:
            yield from (part.encode() for part in render.show(readings, records=form.records, to_file=form.to_file))
    elif form.name == forms.ICS:
        yield from writers.to_ics(readings)
    elif spans_alone:
        yield from writers.to_jsonl(readings)
    else:
        yield from _RECORDS[form.name](record for reading in readings for record in reading.records)
