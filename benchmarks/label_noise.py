"""Where models that did not train on an article are sure that its annotation is wrong: slips to look at.

Cross-validation: the articles are parted at random into folds; for each fold a tagger is trained on the others and
gives the probability of each span of its articles, found or annotated. Listed are spans that it finds with at least
`--sure` and that are not annotated, and annotated spans that it gives at most one less that. (Confident disagreement:
Northcutt, Jiang and Chuang, 2021, simplified: one threshold for all labels.)

    python -m benchmarks.label_noise outputs/data/train.jsonl --dev outputs/data/dev.jsonl --output outputs/noise
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from data import formats
from data.files import write_atomically
from data.formats import jsonl
from data.schema import Article

COLUMNS = ("article", "start", "end", "label", "text", "what", "probability", "instead", "context")
CONTEXT = 60


def main() -> None:
    """Train the folds (those that are not there yet), compare, write the list, and print its length by kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path, metavar="ARTICLES", help="annotated, in any format")
    parser.add_argument("--dev", type=Path, required=True, metavar="FILE", help="to choose the epoch of each fold on")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--config", type=Path, default=Path("configs/default.yaml"))
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sure", type=float, default=0.95, help="default: %(default)s")
    arguments = parser.parse_args()

    articles = formats.read(arguments.articles)
    random.Random(arguments.seed).shuffle(articles)
    folds = [articles[number :: arguments.folds] for number in range(arguments.folds)]
    found: list[dict[str, object]] = []
    for number, fold in enumerate(folds):
        run = arguments.output / f"without-{number}"
        if not (run / "run.json").is_file():
            rest = arguments.output / f"without-{number}.jsonl"
            jsonl.write((one for other in folds if other is not fold for one in other), rest)
            subprocess.run(
                [sys.executable, "train.py", arguments.config, "--data.train", rest, "--data.dev", arguments.dev,
                 "--data.test", arguments.dev, "--training.output_dir", run, "--overwrite",
                 "--data.soft_labels="], check=True,  # whose teacher may have seen the articles
            )  # fmt: skip
        found += disagreements(run, fold, arguments.sure)
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, COLUMNS, dialect="excel-tab")
    writer.writeheader()
    writer.writerows(found)
    write_atomically(arguments.output / "disagreements.tsv", stream.getvalue())
    for (what, label), count in sorted(Counter((row["what"], row["label"]) for row in found).items(), key=str):
        print(f"{what}\t{label}\t{count}")


def disagreements(run: Path, fold: Sequence[Article], sure: float) -> Iterator[dict[str, object]]:
    """A row for each span that a run is sure of against the annotation."""
    from model import engines

    for article, (tagged, chances) in zip(fold, engines.load(run, engines.TORCH).believe(fold), strict=True):
        places = {(span.start, span.end, span.label) for span in article.spans}
        rows = [
            (span, "not annotated", span.score, article)
            for span in tagged.spans
            if (span.start, span.end, span.label) not in places and span.score is not None and span.score >= sure
        ]
        rows += [
            (span, "annotated", chance, tagged)
            for span, chance in zip(article.spans, chances, strict=True)
            if chance <= 1 - sure
        ]
        for span, what, chance, other in sorted(rows, key=lambda row: row[0]):
            before = article.text[max(0, span.start - CONTEXT) : span.start]
            after = article.text[span.end : span.end + CONTEXT]
            yield dict(
                zip(
                    COLUMNS,
                    (article.id, span.start, span.end, span.label, article.covered(span), what, round(chance or 0, 3),
                     "; ".join(_meeting(span.start, span.end, other)),
                     " ".join(f"{before}[[{article.covered(span)}]]{after}".split())),
                    strict=True,
                )
            )  # fmt: skip


def _meeting(start: int, end: int, other: Article) -> Iterable[str]:
    """The spans of another annotation that share text with a stretch."""
    return (f"{one.label} {other.covered(one)}" for one in other.spans if one.start < end and start < one.end)


if __name__ == "__main__":
    main()
