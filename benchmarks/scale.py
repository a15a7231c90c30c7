"""What grows how: time and memory of predict.py over 1, 10 and 100 thousand articles, and what a kill costs.

The articles are those of a file over and over, each time with other ids, or their first words only (`--words`), which
makes many articles in little time: memory depends on the number of articles and on the longest, not on their sum.

    python -m benchmarks.scale outputs/default --counts 1000 10000 100000
    python -m benchmarks.scale outputs/default --counts 2000 --kills 5 --ray

With `--kills N` the smallest job is killed N times at moments drawn at random, and gone on with; with `--ray` it is run
by two workers, and by two of which one is killed. What they write is compared with what the unbroken job wrote.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.formats import jsonl
from data.schema import Article
from data.statistics import words

MARK = "DEMARCHE_BENCHMARK"


@dataclass(frozen=True)
class Ran:
    """A run of predict.py: seconds, and the most memory that its process held, in MB."""

    seconds: float
    memory: float


def main() -> None:
    """Make the inputs, run the jobs, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("--articles", type=Path, default=Path("outputs/data/dev.jsonl"), metavar="FILE")
    parser.add_argument("--counts", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--words", type=int, metavar="N", help="of each article; default: all")
    parser.add_argument("--part-size", type=int, default=500)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--ray", action="store_true")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    arguments = parser.parse_args()
    articles = [shortened(article, arguments.words) for article in jsonl.read(arguments.articles)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        print("| articles | words | s | articles/s | words/s | peak memory, MB |\n|---:|---:|---:|---:|---:|---:|")
        for count in sorted(arguments.counts):
            path = folder / f"{count}.jsonl"
            jsonl.write(repeated(articles, count), path)
            total = sum(words([one]) for one in repeated(articles, count))
            ran = predict(arguments.run, path, folder / f"{count}", arguments.part_size)
            rates = f"{count / ran.seconds:.1f} | {total / ran.seconds:,.0f}"
            print(f"| {count:,} | {total:,} | {ran.seconds:,.0f} | {rates} | {ran.memory:.0f} |", flush=True)
        print()
        count = min(arguments.counts)
        path, whole = folder / f"{count}.jsonl", folder / f"{count}"
        if arguments.kills:
            print(killed(arguments, path, folder / "killed", whole), flush=True)
        if arguments.ray:
            for kill in (False, True):
                print(by_ray(arguments, path, folder / f"ray-{kill}", whole, kill=kill), flush=True)


def shortened(article: Article, count: int | None) -> Article:
    """An article without spans, and with its first words only if a count is given."""
    text = article.text if count is None else " ".join(article.text.split()[:count])
    return replace(article, text=text, spans=(), meta={})


def repeated(articles: Sequence[Article], count: int) -> Iterator[Article]:
    """So many articles, the same over and over with other ids."""
    for number in range(count):
        article = articles[number % len(articles)]
        yield replace(article, id=f"{article.id}-{number // len(articles)}")


def command(run: Path, path: Path, output: Path, part_size: int, *more: str) -> list[str]:
    """predict.py on an input, to a folder of parts."""
    return [sys.executable, "predict.py", str(run), str(path), "--format", "jsonl", f"--output={output}/",
            f"--part-size={part_size}", *more]  # fmt: skip


def predict(run: Path, path: Path, output: Path, part_size: int, *more: str) -> Ran:
    """Run predict.py to its end."""
    started = time.perf_counter()
    process = subprocess.Popen(command(run, path, output, part_size, *more), stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(said.decode())
    return Ran(time.perf_counter() - started, usage.ru_maxrss / 1024)


def killed(arguments: argparse.Namespace, path: Path, output: Path, whole: Path) -> str:
    """Kill a job again and again, go on with it, and say whether it came out the same."""
    moments = random.Random(arguments.seed)
    made = command(arguments.run, path, output, arguments.part_size)
    kills = 0
    parts = len(list(whole.glob("part-*")))
    while kills < arguments.kills:
        process = subprocess.Popen(made, stderr=subprocess.DEVNULL)
        # On average so late that the job is not done before the last kill.
        goal = len(list(output.glob("part-*"))) + moments.random() * max(1, parts // arguments.kills)
        while process.poll() is None and len(list(output.glob("part-*"))) < goal:
            time.sleep(0.01)
        time.sleep(moments.random())
        process.send_signal(signal.SIGKILL)
        if process.wait() == 0:
            break
        kills += 1
    predict(arguments.run, path, output, arguments.part_size)
    return f"killed {kills} times and gone on with: {same(output, whole)}"


def by_ray(arguments: argparse.Namespace, path: Path, output: Path, whole: Path, *, kill: bool) -> str:
    """The same job by two workers of Ray, one of which may be killed once the first part is there."""
    mark = uuid.uuid4().hex
    started = time.perf_counter()
    process = subprocess.Popen(
        command(arguments.run, path, output, arguments.part_size, "--engine=ray"),
        stderr=subprocess.PIPE, env={**os.environ, MARK: mark},
    )  # fmt: skip
    killed = 0
    while kill and process.poll() is None and not killed:
        time.sleep(0.02)
        if list(output.glob("part-*")):
            for worker in workers(f"{MARK}={mark}")[:1]:
                os.kill(worker, signal.SIGKILL)
                killed += 1
    _, said = process.communicate()
    if process.returncode:
        sys.exit(said.decode())
    lost = f", {killed} killed" if kill else ""
    return f"Ray, two workers{lost}: {time.perf_counter() - started:,.0f} s, {same(output, whole)}"


def workers(mark: str) -> list[int]:
    """The processes that tag, of the Ray cluster with this mark in its environment (Linux)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"_Worker" in (process / "cmdline").read_bytes() and mark.encode() in (process / "environ").read_bytes():
                found.append(int(process.name))
        except OSError:  # it has ended meanwhile, or is not ours
            continue
    return found


def same(output: Path, whole: Path) -> str:
    """Whether two folders hold the same files with the same bytes; half-written ones are hidden."""
    names = [{path.name for path in folder.iterdir() if path.name[0] != "."} for folder in (output, whole)]
    _, mismatch, errors = filecmp.cmpfiles(output, whole, sorted(names[1]), shallow=False)
    return "the same bytes" if names[0] == names[1] and not mismatch and not errors else f"DIFFERENT: {mismatch}"


if __name__ == "__main__":
    main()
