"""Tag new articles: who did what, when, and by when. Text of any length, from files, folders or standard input."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from data.compression import SUFFIXES
from data.errors import InputError
from data.files import write_atomically
from data.schema import check_date
from data.stream import Source, column_names
from model import engines
from model.cli import run
from model.forms import FORMS, PART_SIZE, Form
from model.tagger import Tagger
from model.thresholds import thresholds

logger = logging.getLogger(__name__)
STDIN = Path("-")
RAY = "ray"


def main() -> None:
    """Parse the command line, and tag to standard output, a file, or a folder of parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's folder, such as outputs/default")
    parser.add_argument("inputs", nargs="*", type=Path, default=[STDIN], metavar="INPUT",
                        help="text, JSON lines, CSV (plain or compressed), Parquet, any other format in"
                        " docs/formats.md, folders, - for stdin (default)")  # fmt: skip
    parser.add_argument("--format", choices=FORMS, default="text", help="csv, parquet and ics (a calendar of the"
                        " deadlines) hold records; label-studio, doccano and prodigy are for people to correct;"
                        " default: %(default)s")  # fmt: skip
    parser.add_argument("--records", action="store_true", help="who did what to whom, when, and by when, an act a row")
    parser.add_argument("--output", metavar="FILE", help="default: standard output; a file that is there is replaced;"
                        " with a slash at its end, a folder of parts, in which a job that was killed goes on where it"
                        " stopped")  # fmt: skip
    parser.add_argument("--part-size", type=int, default=PART_SIZE, metavar="N", help="articles in a part"
                        " (default: %(default)s)")  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="stop at a record that cannot be read, rather than put it"
                        " in a file beside the output; without --output it is always so")  # fmt: skip
    parser.add_argument("--column", action="append", default=[], metavar="KEY=NAME", help="what JSON lines, CSV and"
                        " Parquet call text, id, date or title, if not so: text=body; can be repeated")  # fmt: skip
    parser.add_argument("--date", metavar="YYYY-MM-DD", help="publication date of articles that bring none,"
                        " neither in a field nor in a dateline")  # fmt: skip
    parser.add_argument("--date-order", choices=("dmy", "mdy"), default="dmy", help="of 03/04/2022"
                        " (default: %(default)s)")  # fmt: skip
    parser.add_argument("--threshold", action="append", default=[], metavar="[LABEL=]P", help="the probability from"
                        " which on a span is found, of all labels or of one: DEADLINE=0.3 misses fewer deadlines and"
                        " finds more that are none; can be repeated (default: 0.5)")  # fmt: skip
    parser.add_argument("--uncertain", type=int, metavar="N", help="only the N articles with most errors to expect for"
                        " their length, these first")  # fmt: skip
    parser.add_argument("--engine", choices=(*engines.ENGINES, RAY), default=engines.AUTO, help="onnx is what export.py"
                        " wrote; ray is a cluster of machines or processes; default: the fastest there is")  # fmt: skip
    parser.add_argument("--ray-address", metavar="HOST:PORT", help="of a Ray cluster (default: one on this machine)")
    parser.add_argument("--workers", type=int, metavar="N", help="of Ray (default: 2, or the cluster's processors)")
    arguments = parser.parse_args()
    if arguments.date:
        check_date(arguments.date)
    output = arguments.output and Path(arguments.output)
    in_parts = output and (arguments.output.endswith(("/", os.sep)) or output.is_dir())
    if arguments.format == "parquet" and not output and sys.stdout.isatty():
        raise InputError("parquet is no text for a terminal; name a file with --output")
    if arguments.engine == RAY and not in_parts:
        raise InputError("parts go to a folder; name one with --output FOLDER/")
    if arguments.uncertain is not None and in_parts:
        raise InputError("--uncertain looks at all articles at once, which parts do not; name a file with --output")
    if output and not in_parts and output.suffix in SUFFIXES:
        raise InputError(f"--output {output} would not be compressed; name it without {output.suffix}")
    source = Source(
        arguments.inputs,
        stdin=sys.stdin.buffer if STDIN in arguments.inputs else None,
        columns=column_names(arguments.column),
    )

    form = Form(arguments.format, arguments.records, arguments.date_order, output is not None)
    engine = engines.AUTO if arguments.engine == RAY else arguments.engine
    with ThreadPoolExecutor(1) as pool:
        # Beside the imports below: loading a network takes as long as they do.
        loading = pool.submit(engines.load, arguments.run, engine)
        from model import outputs
        from model.job import ArticleReader, check_apart, side_file
        from model.progress import Progress

        tagger = loading.result()
    tagger.thresholds = thresholds(arguments.threshold, tagger.tagset.labels)
    if in_parts:
        tag_parts(source, tagger, output, form, arguments)
        return
    if output is not None:
        check_apart(output, source)
    reading = ArticleReader(source.records(), arguments.date, strict=arguments.strict or output is None, unique=True)
    with Progress(lambda _: source.read / max(source.size, 1)) as progress:
        pieces = outputs.write(tagger, progress(reading), form, arguments.uncertain)
        if output is None:
            sys.stdout.flush()
            sys.stdout.buffer.writelines(pieces)
            return
        write_atomically(output, pieces)
    counts = reading.counts()
    reading.write_broken(side_file(output))
    if counts.broken and not counts.articles:
        raise InputError(f"no record can be read; {side_file(output)} says of each why")
    count = counts.articles if arguments.uncertain is None else min(arguments.uncertain, counts.articles)
    logger.info("%d article%s: %s", count, "" if count == 1 else "s", output)
    _warn(counts.broken, side_file(output))


def tag_parts(source: Source, tagger: Tagger, folder: Path, form: Form, arguments: argparse.Namespace) -> None:
    """Begin a job in a folder, or go on with it, here or on a cluster, and say what came of it."""
    from model.int8 import run_hash
    from model.job import Counts, Job
    from model.progress import Progress

    engine = tagger.network.engine
    job = Job.begin(source, folder, form, run=run_hash(arguments.run), engine=engine, date=arguments.date,
                    strict=arguments.strict, thresholds=tagger.thresholds, part_size=arguments.part_size)  # fmt: skip
    missing = job.missing()
    if len(missing) < len(job.starts):
        logger.info("%d of %d parts are there already", len(job.starts) - len(missing), len(job.starts))
    if not missing:
        return
    counts = Counts()
    with Progress(lambda count: count / (len(missing) * job.part_size)) as progress:
        if arguments.engine == RAY:
            from model import cluster

            for done in cluster.run(job, missing, arguments.run, engine, arguments.ray_address, arguments.workers):
                progress.add(done.articles)
                counts += done
        else:
            for number in missing:
                counts += job.run_part(number, tagger, progress)
    more = " more" if len(missing) < len(job.starts) else ""
    logger.info("%d article%s%s: %s", counts.articles, "" if counts.articles == 1 else "s", more, folder)
    _warn(counts.broken, folder / "_*.broken.jsonl")


def _warn(broken: int, place: Path) -> None:
    if broken:
        logger.warning("warning: %d record%s cannot be read: %s", broken, "" if broken == 1 else "s", place)


if __name__ == "__main__":
    run(main)
