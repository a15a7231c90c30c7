"""Write a run's network for ONNX Runtime in 8 bits, beside its weights; predict.py then tags with it, without torch."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from data import formats
from model.cli import run

logger = logging.getLogger(__name__)


def main() -> None:
    """Parse the command line, export, check the export against torch, and say what it loses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's folder, such as outputs/default")
    parser.add_argument("--data", nargs="+", type=Path, metavar="FILE",
                        help="annotated articles to check it on (default: the run's dev articles)")  # fmt: skip
    arguments = parser.parse_args()

    from model import engines, int8, onnx_export, runs

    folder = arguments.run
    tagger = engines.load(folder, engines.TORCH)
    if arguments.data:
        gold = formats.read_all(arguments.data)
        runs.check_labels(gold, tagger, folder)
    else:
        gold = runs.recorded_articles(tagger, "dev") or []
    check = onnx_export.export(tagger, folder, gold)
    if check is None:
        logger.warning("warning: not checked: the run's dev articles are not there; name annotated ones with --data")
    else:
        logger.info(
            "%d articles, strict micro-F1: torch %.1f, ONNX in 8 bits %.1f; %.1f%% of the spans agree",
            check.articles, 100 * check.torch, 100 * check.onnx, 100 * check.same,
        )  # fmt: skip
    logger.info("predict.py now tags with %s", folder / int8.MODEL_FILE)


if __name__ == "__main__":
    run(main)
