"""Fine-tune a tagger from a configuration; its run is a folder that evaluate.py, predict.py and transformers load."""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path

from data import formats
from data.errors import InputError
from data.files import write_atomically
from model import card
from model.cli import run

logger = logging.getLogger(__name__)


def main() -> None:
    """Parse the command line, train, and say where the run is."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Any value of the configuration can be set: --training.learning_rate 1e-4 --model.backbone mpnet-base …",
        allow_abbrev=False,
    )
    parser.add_argument("config", type=Path, metavar="CONFIG", help="a YAML file, such as configs/default.yaml")
    parser.add_argument("--resume", action="store_true", help="go on after an interruption, from the last checkpoint")
    parser.add_argument("--overwrite", action="store_true", help="remove the run that stands in the output folder")
    arguments, overrides = parser.parse_known_args()
    if arguments.resume and arguments.overwrite:
        raise InputError("--resume and --overwrite contradict each other; give one of them")

    # After the command line is read, so that --help and mistakes in it answer at once.
    from model.config import load
    from model.report import evaluation_json
    from model.training import train

    config = load(arguments.config, overrides)
    folder = Path(str(config.training.output_dir))
    main_process = int(os.environ.get("RANK", "0")) == 0
    if not main_process:
        logging.getLogger().setLevel(logging.WARNING)
    train_set = formats.read(Path(config.data.train))
    dev_set = formats.read(Path(config.data.dev))
    evaluation = train(config, train_set, dev_set, resume=arguments.resume, overwrite=arguments.overwrite)
    if main_process:
        write_atomically(folder / "metrics.json", evaluation_json({"dev": evaluation}))
        write_atomically(folder / card.FILE, card.model_card(folder))
        logger.info("dev strict micro-F1 %.4f; the run is in %s", evaluation.f1, folder)
        logger.info("next: python evaluate.py %s", folder)


if __name__ == "__main__":
    run(main)
