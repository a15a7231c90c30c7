"""Evaluate a run on annotated articles, or compare several: scores, errors, thresholds, as JSON, Markdown and HTML."""

from __future__ import annotations

import argparse
import logging
import os
import platform
from pathlib import Path

from data import formats
from data.files import write_atomically
from model import card, report, report_pages
from model.cli import run
from model.comparison import compare
from model.errors import mentions
from model.thresholds import thresholds

logger = logging.getLogger(__name__)


def main() -> None:
    """Parse the command line, tag, score, write, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="a run's folder, such as outputs/default;"
                        " several are tagged on the same articles and set against the first")  # fmt: skip
    parser.add_argument(
        "--data",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="annotated articles in any format (docs/formats.md; default: the first run's own split)",
    )
    parser.add_argument(
        "--split", choices=("train", "dev", "test"), default="test", help="of the run's data (default: test)"
    )
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="default: RUN/evaluation/NAME, the split or the"
                        " file; for a comparison NAME-vs-OTHER")  # fmt: skip
    parser.add_argument("--threshold", action="append", default=[], metavar="[LABEL=]P", help="the probability from"
                        " which on a span is found, as for predict.py (default: 0.5)")  # fmt: skip
    parser.add_argument("--engine", choices=("torch", "onnx"), default="torch", help="onnx is what export.py wrote"
                        " (default: %(default)s)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap (default: %(default)s)")
    parser.add_argument("--no-dev", action="store_true", help="choose no thresholds on the run's dev articles")
    arguments = parser.parse_args()
    folders = arguments.runs

    from model import engines, runs

    names = runs.names(folders)
    taggers = [engines.load(folder, arguments.engine) for folder in folders]
    paths = arguments.data or [runs.data_file(taggers[0], folders[0], arguments.split)]
    gold = formats.read_all(paths)
    for folder, tagger in zip(folders, taggers, strict=True):
        runs.check_labels(gold, tagger, folder)
        tagger.thresholds = thresholds(arguments.threshold, tagger.tagset.labels)

    data = "+".join(path.name.partition(".")[0] for path in paths) if arguments.data else arguments.split
    facts = {"data": ", ".join(map(str, paths)), "machine": f"{os.cpu_count()} processors, {platform.machine()}"}
    if arguments.threshold:
        facts["spans are found from a probability of"] = ", ".join(arguments.threshold)
    tagged, run_facts = {}, {}
    for name, folder, tagger in zip(names, folders, taggers, strict=True):
        tagged[name], run_facts[name] = runs.tag(gold, tagger, folder)
    train = runs.recorded_articles(taggers[0], "train") if runs.same_training_data(taggers) else None
    known = None if train is None else mentions(train)
    facts["strings of mentions in training"] = "unknown" if known is None else f"{len(known):,}"

    if len(names) > 1:
        title = f"{', '.join(names[1:])} against {names[0]} on {data}"
        comparison = compare(gold, tagged, arguments.seed, mentions=known)
        whole = report.ComparisonReport(title, facts, run_facts, comparison, gold, tagged)
        texts = (report.comparison_to_json(whole), report.comparison_to_markdown(whole),
                 report_pages.comparison_to_html(whole))  # fmt: skip
        table = [line for one in comparison.contests for line in report.difference_table("label", one, one.differences)]
        data += f"-vs-{'-'.join(Path(name).name for name in names[1:])}"
    else:
        title = f"{names[0]} on {data}"
        dev = None if arguments.no_dev else runs.recorded_articles(taggers[0], "dev")
        if dev == gold:
            dev = None  # thresholds chosen here would say nothing here
        facts["thresholds"] = "none chosen" if dev is None else f"chosen on {len(dev)} dev articles"
        single = report.build(
            title, run_facts[names[0]] | facts, gold, tagged[names[0]], taggers[0].tagset.labels, arguments.seed,
            mentions=known, dev=None if dev is None else (dev, list(taggers[0].predict(dev))),
        )  # fmt: skip
        texts = report.to_json(single), report.to_markdown(single), report_pages.to_html(single)
        table = report.score_table(single.evaluation.scores["strict"])
    folder = arguments.output or folders[0] / "evaluation" / data
    made = card.is_as_made(folders[0])
    for suffix, text in zip(("json", "md", "html"), texts, strict=True):
        write_atomically(folder / f"report.{suffix}", text)
    if made:
        write_atomically(folders[0] / card.FILE, card.model_card(folders[0]))
    print("\n".join([f"{title}, strict match, percent (95% interval)", "", *table]))
    logger.info("report: %s (also report.md, report.json)", folder / "report.html")


if __name__ == "__main__":
    run(main)
