"""Tag new articles: who did what, when, and by when. Text of any length, from files, folders or standard input."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from data import formats
from data.errors import InputError
from data.files import decode, write_atomically
from data.formats import doccano, jsonl, label_studio, prodigy
from data.schema import Article, check_date
from model.cli import run

logger = logging.getLogger(__name__)
STDIN = Path("-")
TOOLS: dict[str, Callable[[list[Article]], str]] = {
    "label-studio": partial(label_studio.render, predicted=True),
    "doccano": doccano.render,
    "prodigy": partial(prodigy.render, predicted=True),
}
FORMATS = ("text", "jsonl", "html", "csv", "parquet", "ics", *TOOLS)
ORDERS = ("dmy", "mdy")


def main() -> None:
    """Parse the command line, read everything, tag it, and write the result whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's folder, such as outputs/default")
    parser.add_argument("inputs", nargs="*", type=Path, default=[STDIN], metavar="INPUT",
                        help="text, any format in docs/formats.md, folders, - for stdin (default)")  # fmt: skip
    parser.add_argument("--format", choices=FORMATS, default="text", help="csv, parquet and ics (a calendar of the"
                        " deadlines) hold records; label-studio, doccano and prodigy are for people to correct;"
                        " default: %(default)s")  # fmt: skip
    parser.add_argument("--records", action="store_true", help="who did what to whom, when, and by when, an act a row")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    parser.add_argument("--date", metavar="YYYY-MM-DD", help="publication date of articles that bring none"
                        " (default: a date in the article's dateline)")  # fmt: skip
    parser.add_argument("--date-order", choices=ORDERS, default="dmy", help="of 03/04/2022 (default: %(default)s)")
    parser.add_argument("--uncertain", type=int, metavar="N", help="only the N articles with most errors to expect for"
                        " their length, these first")  # fmt: skip
    arguments = parser.parse_args()
    if arguments.date:
        check_date(arguments.date)
    if arguments.format == "parquet" and not arguments.output and sys.stdout.isatty():
        raise InputError("parquet is no text for a terminal; name a file with --output")
    articles = read(arguments.inputs, arguments.date)

    from model import records, render, review
    from model.links import Linked
    from model.tagger import Tagger

    tagger = Tagger.load(arguments.run)
    # None of these works before it is asked for its first article.
    tagged: Iterable[Article] = tagger.predict(articles)
    linked: Iterable[tuple[Article, Sequence[Linked]]] = tagger.predict_links(articles)
    if arguments.uncertain is not None:
        tagged = articles = review.most_doubtful(tagger.predict_with_doubt(articles), arguments.uncertain)
        linked = tagger.link(articles)
    if arguments.format == "jsonl" and not arguments.records:  # spans and values alone
        linked = ((article, ()) for article in tagged)
    readings = (records.read(article, arguments.date_order, links) for article, links in linked)
    if arguments.format in TOOLS:  # without values: those are computed, for nobody to correct
        result = TOOLS[arguments.format](list(tagged)).encode()
    elif arguments.format in ("csv", "parquet", "ics") or (arguments.format == "jsonl" and arguments.records):
        from model import export  # only here: it brings pyarrow and icalendar along

        found = (record for reading in readings for record in reading.records)
        write = {"csv": export.to_csv, "parquet": export.to_parquet, "ics": export.to_ics, "jsonl": export.to_jsonl}
        result = write[arguments.format](found)
    elif arguments.format == "jsonl":
        result = jsonl.render(reading.article for reading in readings).encode()
    elif arguments.format == "html":
        result = render.html(list(readings)).encode()
    else:
        result = render.show(readings, records=arguments.records, to_file=arguments.output is not None).encode()
    if arguments.output:
        write_atomically(arguments.output, result)
        logger.info("%d article%s: %s", len(articles), "" if len(articles) == 1 else "s", arguments.output)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(result)


def read(paths: Iterable[Path], date: str | None) -> list[Article]:
    """All articles of all inputs, dated where they can be. Raises `DataError` for what cannot be read."""
    articles: list[Article] = []
    for path in paths:
        if path == STDIN:
            text = decode(sys.stdin.buffer.read(), "standard input")
            if not text.strip():
                raise InputError("standard input is empty; expected an article's text, or JSON lines")
            articles += list(jsonl.parse(text, "standard input")) if _is_jsonl(text) else [Article("stdin", text)]
        else:
            articles += formats.read(path, plain=True)
    formats.check_unique(articles, ", ".join(map(str, paths)))
    from model.dates import dateline

    return [replace(article, date=article.date or date or dateline(article.text)) for article in articles]


def _is_jsonl(text: str) -> bool:
    start = text.lstrip()
    return start.startswith("{") and '"text"' in start.partition("\n")[0]


if __name__ == "__main__":
    run(main)
