"""How fast and how well `train.py` trains beside a plain recipe of transformers, on the same articles and machine.

*plain* is what transformers' own example of token classification comes to, *ours* is `train.py`
(`benchmarks.recipes` has both). They take turns, each run in a process of its own, so that a machine's moods hit both.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.seeds import spread
from data.errors import InputError
from data.files import write_atomically
from model.cli import run

logger = logging.getLogger(__name__)

RECIPES = ("plain", "ours")
WARM_UP = 3
"""Optimizer steps that come first and are not measured."""


@dataclass(frozen=True)
class Run:
    """One training, as it was measured after its warm-up.

    Attributes:
        recipe: of `RECIPES`.
        seed: of the head's weights, the order of the windows and dropout.
        steps, seconds, tokens: optimizer steps, the time they took with their data and without evaluation or saving,
            and the tokens of text they read: each once, without padding, overlap and special tokens.
        f1: strict micro-F1 on dev after the last epoch, as `Tagger.predict` and `scoring.score` give it; None if the
            run was not of whole epochs.
        memory: the most that was resident before the first evaluation, bytes.
        flops: floating-point operations that a token of text takes in training.
        peak: the fastest matrix product in the run's precision, floating-point operations a second.
        precision, device, threads: what it was computed in, on what, with how many threads.
        window, batch: the most tokens in a window, windows in a step.
        phases: seconds by part of a step; empty if they were not asked for.
    """

    recipe: str
    seed: int
    steps: int
    seconds: float
    tokens: int
    f1: float | None
    memory: int
    flops: float
    peak: float
    precision: str
    device: str
    threads: int
    window: int
    batch: int
    phases: Mapping[str, float]

    @property
    def speed(self) -> float:
        """Tokens of text a second."""
        return self.tokens / self.seconds

    @property
    def share(self) -> float:
        """What the run made of the processor's peak, in [0, 1]."""
        return self.speed * self.flops / self.peak


def main() -> None:
    """Train by turns, and print a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Any value of the configuration can be set, as for train.py: --data.train FILE …",
        allow_abbrev=False,
    )
    parser.add_argument("--config", type=Path, default=Path("configs/default.yaml"), metavar="FILE",
                        help="default: %(default)s")  # fmt: skip
    parser.add_argument("--backbone", metavar="NAME", help="default: the configuration's")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int, metavar="N",
                        help=f"only the speed of N optimizer steps, after {WARM_UP} of warm-up; take 50 or more:"
                        " batches by length begin with the longest, which need least padding")  # fmt: skip
    length.add_argument("--epochs", type=int, metavar="E", help="whole epochs (default: the configuration's)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], metavar="SEED",
                        help="a run of each recipe for each of them (default: 1 2 3)")  # fmt: skip
    parser.add_argument("--articles", type=int, metavar="N", help="only the first N articles of train and of dev")
    parser.add_argument("--profile", action="store_true", help="also what the parts of a step take")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write all runs as JSON too")
    parser.add_argument("--recipe", choices=RECIPES, help=argparse.SUPPRESS)  # one run, which goes to --output
    arguments, overrides = parser.parse_known_args()
    for name in ("steps", "epochs", "articles"):
        number = getattr(arguments, name)
        if number is not None and number < 1:
            raise InputError(f"--{name} is {number}; it must be at least 1")
    if arguments.recipe:
        from benchmarks.recipes import measure

        write_atomically(arguments.output, json.dumps(asdict(measure(arguments, overrides))))
        return
    runs = [one_run(sys.argv[1:], recipe, seed) for seed in arguments.seeds for recipe in RECIPES]
    machine = f"{os.cpu_count()} processors, {platform.machine()}"
    if arguments.output:
        figures = [asdict(one) | {"speed": one.speed, "share": one.share} for one in runs]
        record = {"machine": machine, "runs": figures}
        write_atomically(arguments.output, json.dumps(record, indent=2) + "\n")
    print("\n".join([facts(runs, machine), "", *table(runs), *(profile(runs) if arguments.profile else ())]))


def one_run(words: Sequence[str], recipe: str, seed: int) -> Run:
    """Train once, in a process of its own. Ends this one if that fails; what went wrong has been said there."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "run.json"
        options = ["--recipe", recipe, "--seeds", str(seed), "--output", str(result)]  # the last of each counts
        command = [sys.executable, "-m", "benchmarks.train", *words, *options]
        done = subprocess.run(command, stdout=sys.stderr, check=False)  # the Trainer prints
        if done.returncode:
            sys.exit(done.returncode)
        found = Run(**json.loads(result.read_text(encoding="utf-8")))
    logger.info("%s, seed %d: %.0f tokens a second, %.1f s", recipe, seed, found.speed, found.seconds)
    return found


def facts(runs: Sequence[Run], machine: str) -> str:
    """How each recipe was run, and on what."""
    first = [of(runs, recipe)[0] for recipe in RECIPES]
    ways = (f"{one.recipe}: {one.precision}, steps of {one.batch} windows of up to {one.window}" for one in first)
    seeds = ", ".join(str(one.seed) for one in of(runs, RECIPES[0]))
    threads = f"{first[0].threads} thread{'s' if first[0].threads > 1 else ''}"
    return f"{'; '.join(ways)} tokens. Seeds {seeds}; {threads} on {first[0].device}; {machine}."


def of(runs: Sequence[Run], recipe: str) -> list[Run]:
    """The runs of a recipe."""
    return [one for one in runs if one.recipe == recipe]


def table(runs: Sequence[Run]) -> list[str]:
    """Means and standard deviations over seeds, and how the means of the two recipes compare."""
    rows: list[tuple[str, Callable[[Run], float | None], float, str]] = [
        ("tokens of text a second", lambda one: one.speed, 1, ",.0f"),
        (f"seconds, without the first {WARM_UP} steps", lambda one: one.seconds, 1, ",.1f"),
        ("peak memory, MB", lambda one: one.memory, 1e-6, ",.0f"),
        ("matrix product at its fastest, GFLOP/s", lambda one: one.peak, 1e-9, ",.0f"),
        ("share of that, percent", lambda one: one.share, 100, ".1f"),
        ("dev F1, percent", lambda one: one.f1, 100, ".1f"),
    ]
    lines = [f"| | {' | '.join(RECIPES)} | ours / plain |", "|---|---:|---:|---:|"]
    for name, figure, scale, form in rows:
        values = [[value for one in of(runs, recipe) if (value := figure(one)) is not None] for recipe in RECIPES]
        if all(values):
            plain, ours = map(statistics.mean, values)
            compared = f"{100 * (ours - plain):+.1f}" if name.startswith("dev F1") else f"{ours / plain:.2f}"
            lines.append(f"| {name} | {' | '.join(spread(one, scale, form) for one in values)} | {compared} |")
    return lines


def profile(runs: Sequence[Run]) -> list[str]:
    """The parts of a step as shares of its time."""
    lines = ["", f"| percent of a step | {' | '.join(RECIPES)} |", "|---|---:|---:|"]
    for phase in runs[0].phases:
        shares = [[one.phases[phase] / one.seconds for one in of(runs, recipe)] for recipe in RECIPES]
        lines.append(f"| {phase} | {' | '.join(map(spread, shares))} |")
    return lines


if __name__ == "__main__":
    run(main)
