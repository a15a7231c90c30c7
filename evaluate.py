"""Evaluate a run on annotated articles: strict and overlap scores with intervals, as JSON, Markdown and HTML."""

from __future__ import annotations

import argparse
import logging
import os
import platform
import time
from pathlib import Path

from data import formats
from data.errors import InputError
from data.files import write_atomically
from data.statistics import words
from model import report
from model.cli import run

logger = logging.getLogger(__name__)


def main() -> None:
    """Parse the command line, tag, score, write, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's folder, such as outputs/default")
    parser.add_argument(
        "--data",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="annotated articles in any format (docs/formats.md; default: the run's own split)",
    )
    parser.add_argument(
        "--split", choices=("train", "dev", "test"), default="test", help="of the run's data (default: test)"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="default: RUN/evaluation/NAME, the split or the file"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap (default: %(default)s)")
    arguments = parser.parse_args()

    from model.tagger import RunError, Tagger
    from model.training import text_hash

    tagger = Tagger.load(arguments.run)
    recorded = tagger.about.get("data", {})
    paths = arguments.data
    if not paths:
        path = recorded.get("files", {}).get(arguments.split)
        if path is None:
            raise RunError(f"{arguments.run} names no {arguments.split} data; give files with --data")
        paths = [Path(path)]
    gold = [article for path in paths for article in formats.read(path)]
    formats.check_unique(gold, ", ".join(map(str, paths)))
    unknown = sorted({span.label for article in gold for span in article.spans} - set(tagger.tagset.labels))
    if unknown:
        raise InputError(
            f"the data has labels that the run was not trained for: {', '.join(unknown)};"
            f" the run knows {', '.join(tagger.tagset.labels)}: evaluate on other data, or train on these labels"
        )
    trained_on = set(recorded.get("train", {}).get("texts", []))
    seen = sum(text_hash(article) in trained_on for article in gold)
    if seen:
        logger.warning(
            "warning: %d of %d articles were trained on; these scores say nothing of new text", seen, len(gold)
        )

    name = arguments.split if not arguments.data else "+".join(path.name.partition(".")[0] for path in paths)
    folder = arguments.output or arguments.run / "evaluation" / name
    started = time.monotonic()
    predicted = list(tagger.predict(gold))
    seconds = time.monotonic() - started
    facts = {
        "run": str(arguments.run),
        "backbone": str(tagger.about.get("backbone", "unknown")),
        "seed of training": str(tagger.about.get("seed", "unknown")),
        "data": ", ".join(map(str, paths)),
        "articles seen in training": str(seen),
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, {tagger.model.device.type}",
        "tagging": f"{seconds:.1f} s, {words(gold) / seconds:,.0f} words a second",
    }
    result = report.build(
        f"{arguments.run.name} on {name}", facts, gold, predicted, tagger.tagset.labels, arguments.seed
    )
    write_atomically(folder / "report.json", report.to_json(result))
    write_atomically(folder / "report.md", report.to_markdown(result))
    write_atomically(folder / "report.html", report.to_html(result))
    print("\n".join([f"{result.title}, strict match, percent (95% interval)", "",
                     *report.score_table(result.evaluation.scores["strict"])]))  # fmt: skip
    logger.info("report: %s (also report.md, report.json)", folder / "report.html")


if __name__ == "__main__":
    run(main)
