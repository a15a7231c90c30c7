"""Read annotated articles, check them, split them, and write train, dev and test files; or convert them."""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from data import checks, formats, review, splits
from data.errors import InputError
from data.files import write_atomically
from data.formats import jsonl
from data.schema import Article
from data.statistics import LabelStatistics, foreign_labels, label_statistics, words
from model import agreement
from model.cli import run
from model.pages import visible
from model.render import console

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
    parser.add_argument("--check", action="store_true", help="only show what to look at in the annotation;"
                        " several inputs are taken as the splits of one data set (docs/checks.md)")  # fmt: skip
    parser.add_argument("--agreement", type=Path, metavar="OTHER",
                        help="only show how far the annotation of the same articles in OTHER agrees")  # fmt: skip
    parser.add_argument("--reviewed", nargs="+", type=Path, metavar="FILE",
                        help="predictions that people corrected in a tool, which join the training data")  # fmt: skip
    parser.add_argument("--predicted", type=Path, metavar="FILE", help="what they corrected, if the tool kept nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what --check or --agreement finds as JSON too")
    arguments = parser.parse_args()
    if arguments.json and not (arguments.check or arguments.agreement):
        raise InputError("--json goes with --check or --agreement; the statistics are written as JSON anyway")

    if arguments.check:
        checked = checks.check(
            {str(path): formats.read(path, arguments.labels, format=arguments.format) for path in arguments.inputs}
        )
        show(checks.render(checked), checks.to_json(checked), arguments.json)
        return
    articles = formats.read_all(arguments.inputs, arguments.labels, format=arguments.format)
    if arguments.agreement:
        agreed = agreement.compare(articles, formats.read(arguments.agreement, arguments.labels))
        show(agreement.render(agreed), agreement.to_json(agreed), arguments.json)
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
    unknown = foreign_labels([*parts["dev"], *parts["test"]], statistics["train"])
    if unknown:
        logger.warning(
            "warning: train has no %s, of which dev and test have %s; it cannot be learnt: bring more articles, or pin"
            " some to train in their headers (split: train)",
            ", ".join(unknown), ", ".join(map(str, unknown.values())),
        )  # fmt: skip
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


def show(text: str, as_json: str, path: Path | None) -> None:
    """Print a result, and write it as JSON if a path is given."""
    if path:
        write_atomically(path, as_json)
    console().out(visible(text), highlight=False, end="")


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
