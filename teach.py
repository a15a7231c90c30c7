"""Keep what a run makes of annotated articles, word by word, for a smaller one to learn from (`data.soft_labels`)."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from data import formats
from model.cli import run

logger = logging.getLogger(__name__)


def main() -> None:
    """Parse the command line, read the articles with the run, and write its probabilities of tags."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="the teacher's folder, such as outputs/mpnet")
    parser.add_argument("--data", nargs="+", type=Path, metavar="FILE",
                        help="what the pupil will learn from (default: the teacher's training articles)")  # fmt: skip
    parser.add_argument("--output", type=Path, required=True, metavar="FILE",
                        help="a file to be written, such as outputs/soft-labels.safetensors")  # fmt: skip
    arguments = parser.parse_args()

    from model import engines, runs
    from model.soft_labels import SoftLabels

    tagger = engines.load(arguments.run, engines.TORCH)
    articles = formats.read_all(arguments.data or [runs.data_file(tagger, arguments.run, "train")])
    made = SoftLabels.of(tagger.log_probs(articles), tagger.tagset.tags, runs.origin(tagger))
    made.save(arguments.output)
    logger.info(
        "%d articles; learn from them with: train.py CONFIG --data.soft_labels %s", len(articles), arguments.output
    )


if __name__ == "__main__":
    run(main)
