"""Read annotated articles, check them, split them, and write train, dev and test files; or convert them."""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from data import formats, review, splits
from data.errors import InputError
from data.files import write_atomically
from data.formats import jsonl
from data.lint import lint
from data.schema import Article
from data.statistics import LabelStatistics, label_statistics, words
from model.cli import run
from model.render import console
from model.scoring import score

CORPUS = Path("data/corpus/articles")
OUTPUT = Path("outputs/data")

logger = logging.getLogger(__name__)


def main() -> None:
    """Parse the command line and do as it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", nargs="*", type=Path, default=[CORPUS], metavar="INPUT",
                        help="files or folders of any format in docs/formats.md, or datasets:NAME of the Hub"
                        f" (default: {CORPUS})")  # fmt: skip
    parser.add_argument(
        "--output", type=Path, metavar="PATH", help=f"default: {OUTPUT}; with --convert it must be given"
    )
    parser.add_argument("--format", choices=formats.FORMATS, help="of the inputs (default: as each looks)")
    parser.add_argument("--convert", choices=formats.FORMATS, help="only write the articles to --output in this format")
    parser.add_argument("--labels", nargs="+", metavar="LABEL", help="the only labels allowed (default: any)")
    parser.add_argument(
        "--dev", type=float, default=0.1, metavar="SHARE", help="of the articles (default: %(default)s)"
    )
    parser.add_argument(
        "--test", type=float, default=0.15, metavar="SHARE", help="of the articles (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the split (default: %(default)s)")
    parser.add_argument(
        "--check", action="store_true", help="only show what to look at in the annotation; write nothing"
    )
    parser.add_argument("--agreement", type=Path, metavar="OTHER",
                        help="only show how far the annotation of the same articles in OTHER agrees")  # fmt: skip
    parser.add_argument("--reviewed", nargs="+", type=Path, metavar="FILE",
                        help="predictions that people corrected in a tool, which join the training data")  # fmt: skip
    parser.add_argument("--predicted", type=Path, metavar="FILE", help="what they corrected, if the tool kept nothing")
    arguments = parser.parse_args()

    articles = [
        one for path in arguments.inputs for one in formats.read(path, arguments.labels, format=arguments.format)
    ]
    formats.check_unique(articles, ", ".join(map(str, arguments.inputs)))
    if arguments.check:
        check(articles)
        return
    if arguments.agreement:
        agreement(articles, formats.read(arguments.agreement, arguments.labels))
        return
    if arguments.convert:
        convert(articles, arguments.output, arguments.convert)
        return
    output = arguments.output or OUTPUT
    parts = splits.split(articles, dev=arguments.dev, test=arguments.test, seed=arguments.seed)
    if arguments.reviewed:
        parts, changes = review.take_back(parts, arguments.reviewed, arguments.labels, arguments.predicted)
    splits.check(parts, {"train": 1, "dev": arguments.dev, "test": arguments.test})

    statistics = {name: label_statistics(part) for name, part in parts.items()}
    for name, part in parts.items():
        jsonl.write(part, output / f"{name}.jsonl")
    record = {
        name: {"articles": len(parts[name]), "words": words(parts[name]),
               "labels": {label: asdict(one) for label, one in statistics[name].items()}}
        for name in parts
    }  # fmt: skip
    write_atomically(output / "statistics.json", json.dumps({"seed": arguments.seed, **record}, indent=2) + "\n")
    out = console()
    if arguments.reviewed:
        out.print(changes, "", sep="\n", markup=False, highlight=False)
    out.print(_table(parts, statistics))
    out.print(
        f"Leak check: no two articles of different splits share {splits.NEAR_DUPLICATE:.0%} of their"
        f" {splits.NGRAM}-word runs; the most that any two share is {splits.largest_overlap(parts):.1%}."
    )
    out.print(f"Wrote train.jsonl, dev.jsonl, test.jsonl and statistics.json to {output}")


def convert(articles: list[Article], output: Path | None, name: str) -> None:
    """Write articles in another format, with a warning for all that it cannot hold."""
    if output is None:
        raise InputError("--convert needs --output, the file or folder to write")
    for loss in formats.losses(articles, name):
        logger.warning("warning: %s cannot hold the %s", name, loss)
    formats.write(articles, output, name)
    logger.info("%d article%s: %s", len(articles), "" if len(articles) == 1 else "s", output)


def agreement(first: list[Article], second: list[Article]) -> None:
    """Print the F1 between two annotations of the same articles; it is the same whichever counts as gold."""
    result = score(first, second)
    table = Table(
        "label", "strict F1, percent (95% interval)", "overlap F1", "first", "second", box=None, pad_edge=False
    )
    for label, one in result.scores["strict"].items():
        f1 = f"{100 * one.f1.value:.1f} ({100 * one.f1.low:.1f}–{100 * one.f1.high:.1f})"
        overlap = f"{100 * result.scores['overlap'][label].f1.value:.1f}"
        table.add_row(label, f1, overlap, str(one.gold), str(one.predicted))
    console().print(table)
    console().print(f"{result.articles} articles, {result.words:,} words")


def check(articles: list[Article]) -> None:
    """Print the findings of `data.lint`, by article."""
    out = console()
    count = 0
    for article in articles:
        findings = lint(article)
        count += len(findings)
        if findings:
            out.print(f"{article.id}: {len(findings)}", markup=False)
        for finding in findings:
            line = article.text.count("\n", 0, finding.start) + 1
            out.print(f"  line {line} of the text: {finding.surface}: {finding.remark}", markup=False)
    out.print(f"{len(articles)} articles, {words(articles):,} words, {count} places to look at")


def _table(parts: dict[str, list[Article]], statistics: dict[str, dict[str, LabelStatistics]]) -> Table:
    table = Table("split", box=None, pad_edge=False)
    labels = sorted({label for found in statistics.values() for label in found})
    for name in ("articles", "words", *labels):
        table.add_column(name, justify="right")
    for name, part in parts.items():
        counts = [str(statistics[name][label].spans if label in statistics[name] else 0) for label in labels]
        table.add_row(name, str(len(part)), f"{words(part):,}", *counts)
    return table


if __name__ == "__main__":
    run(main)
