"""Tag new articles: who did what, when, and by when. Text of any length, from files, folders or standard input."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from data import formats
from data.errors import InputError
from data.files import decode, write_atomically
from data.formats import jsonl
from data.schema import Article, check_date
from model import render
from model.cli import run

logger = logging.getLogger(__name__)
STDIN = Path("-")


def main() -> None:
    """Parse the command line, read everything, tag it, and write the result whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's folder, such as outputs/default")
    parser.add_argument("inputs", nargs="*", type=Path, default=[STDIN], metavar="INPUT",
                        help="files (text, *.jsonl, *.tagged.txt), folders, - for stdin (default)")  # fmt: skip
    parser.add_argument("--format", choices=("text", "jsonl", "html"), default="text", help="default: %(default)s")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    parser.add_argument("--date", metavar="YYYY-MM-DD", help="publication date of articles that bring none")
    arguments = parser.parse_args()
    if arguments.date:
        check_date(arguments.date)
    articles = read(arguments.inputs, arguments.date)

    from model.tagger import Tagger

    tagged = Tagger.load(arguments.run).predict(articles)
    if arguments.format == "jsonl":
        result = jsonl.render(tagged)
    elif arguments.format == "html":
        result = render.html(list(tagged))
    else:
        result = show(tagged, to_file=arguments.output is not None)
    if arguments.output:
        write_atomically(arguments.output, result)
        logger.info("%d article%s: %s", len(articles), "" if len(articles) == 1 else "s", arguments.output)
    else:
        sys.stdout.write(result)


def read(paths: Iterable[Path], date: str | None) -> list[Article]:
    """All articles of all inputs, `date` given to those that have none. Raises `DataError` for what cannot be read."""
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
    return [replace(article, date=article.date or date) for article in articles]


def _is_jsonl(text: str) -> bool:
    start = text.lstrip()
    return start.startswith("{") and '"text"' in start.partition("\n")[0]


def show(articles: Iterable[Article], *, to_file: bool) -> str:
    """Articles as a person reads them: coloured if standard output is a terminal and the result goes there."""
    console = render.console()
    colour = console.is_terminal and not to_file and not console.no_color
    with console.capture() as capture:
        for article in articles:
            console.print(render.terminal(article, colour=colour))
    return capture.get()


if __name__ == "__main__":
    run(main)
