"""Read annotated articles, check them, split them, and write train, dev and test files with their statistics."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from data import checks, formats, splits
from data.errors import InputError
from data.files import write_atomically
from data.formats import jsonl
from data.schema import Article
from data.statistics import LabelStatistics, label_statistics, words
from model import agreement
from model.cli import run
from model.pages import visible
from model.render import console

CORPUS = Path("data/corpus/articles")


def main() -> None:
    """Parse the command line and do as it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", nargs="*", type=Path, default=[CORPUS], metavar="INPUT",
                        help=f"files or folders of *.tagged.txt and *.jsonl (default: {CORPUS})")  # fmt: skip
    parser.add_argument(
        "--output", type=Path, default=Path("outputs/data"), metavar="FOLDER", help="default: %(default)s"
    )
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
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what --check or --agreement finds as JSON too")
    arguments = parser.parse_args()
    if arguments.json and not (arguments.check or arguments.agreement):
        raise InputError("--json goes with --check or --agreement; the statistics are written as JSON anyway")

    if arguments.check:
        checked = checks.check({str(path): formats.read(path, arguments.labels) for path in arguments.inputs})
        show(checks.render(checked), checks.to_json(checked), arguments.json)
        return
    articles = [article for path in arguments.inputs for article in formats.read(path, arguments.labels)]
    formats.check_unique(articles, ", ".join(map(str, arguments.inputs)))
    if arguments.agreement:
        agreed = agreement.compare(articles, formats.read(arguments.agreement, arguments.labels))
        show(agreement.render(agreed), agreement.to_json(agreed), arguments.json)
        return
    parts = splits.split(articles, dev=arguments.dev, test=arguments.test, seed=arguments.seed)
    empty = [name for name, share in (("train", 1), ("dev", arguments.dev), ("test", arguments.test))
             if share and not parts[name]]  # fmt: skip
    if empty:
        raise InputError(
            f"{len(articles)} articles leave {', '.join(empty)} empty; bring more, or pin some in their headers"
        )
    leaks = splits.leaks(parts)
    if leaks:
        raise InputError(
            f"{leaks[0].first} and {leaks[0].second} share {leaks[0].share:.0%} of their text across splits"
        )

    statistics = {name: label_statistics(part) for name, part in parts.items()}
    for name, part in parts.items():
        jsonl.write(part, arguments.output / f"{name}.jsonl")
    record = {
        name: {"articles": len(parts[name]), "words": words(parts[name]),
               "labels": {label: asdict(one) for label, one in statistics[name].items()}}
        for name in parts
    }  # fmt: skip
    write_atomically(
        arguments.output / "statistics.json", json.dumps({"seed": arguments.seed, **record}, indent=2) + "\n"
    )
    out = console()
    out.print(_table(parts, statistics))
    out.print(
        f"Leak check: no two articles of different splits share {splits.NEAR_DUPLICATE:.0%} of their"
        f" {splits.NGRAM}-word runs; the most that any two share is {splits.largest_overlap(parts):.1%}."
    )
    out.print(f"Wrote train.jsonl, dev.jsonl, test.jsonl and statistics.json to {arguments.output}")


def show(text: str, as_json: str, path: Path | None) -> None:
    """Print a result, and write it as JSON if a path is given."""
    if path:
        write_atomically(path, as_json)
    console().out(visible(text), highlight=False, end="")


def _table(parts: dict[str, list[Article]], statistics: dict[str, dict[str, LabelStatistics]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("split")
    labels = sorted({label for found in statistics.values() for label in found})
    for name in ("articles", "words", *labels):
        table.add_column(name, justify="right")
    for name, part in parts.items():
        counts = [str(statistics[name][label].spans if label in statistics[name] else 0) for label in labels]
        table.add_row(name, str(len(part)), f"{words(part):,}", *counts)
    return table


if __name__ == "__main__":
    run(main)
