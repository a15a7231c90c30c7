"""How fast articles are tagged: ours against transformers' pipeline, a bare ONNX Runtime loop, and spaCy.

Each way tags the same articles in a process of its own, one way after another, in several rounds, so that a machine's
mood hits all. Timed is what lies between texts in a file and what was found in them: importing and loading are not, but
reading, tokenizing, the network, decoding and, for ours, values of times and writing JSON lines are.

- pipeline: `transformers.pipeline("token-classification", aggregation_strategy="first", stride=…)`, at the batch size
  that was best in a trial on a few articles;
- bare loop: the network exported as everybody does it (padded batches with a mask; 8 bits, dynamic, by channel),
  windows of up to 512 tokens in batches sorted by length, ONNX Runtime's own threads, and the best tag of each token,
  not put together to spans; also at its best batch size;
- torch, onnx: `predict.py --format jsonl` with either engine;
- spaCy: the network that its small English pipeline has for entities (untrained: it finds nothing), by `nlp.pipe`.

`--cold` times whole processes on one article of 300 words instead: predict.py against a script with the pipeline.

    python -m benchmarks.tag outputs/default --articles outputs/data/dev.jsonl
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from data.formats import jsonl
from data.schema import Article
from data.statistics import words

STRIDE = 64
BATCHES = (1, 2, 4, 8, 16)
TRIAL = 24
"""Articles on which batch sizes are tried."""

NAMES = {
    "pipeline": "transformers' pipeline", "bare": "bare ONNX Runtime loop", "torch": "predict.py, torch",
    "onnx": "predict.py, onnx", "spacy": "spaCy's network, untrained",
}  # fmt: skip

SCRIPT = """
import json, sys
from transformers import pipeline
tag = pipeline("token-classification", sys.argv[1], aggregation_strategy="first", device="cpu")
text = json.loads(open(sys.argv[2]).readline())["text"]
with open(sys.argv[3], "w") as file:
    json.dump([{**one, "score": float(one["score"])} for one in tag(text)], file)
"""


def main() -> None:
    """Run all ways in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("--articles", type=Path, default=Path("outputs/data/dev.jsonl"), metavar="FILE")
    parser.add_argument("--count", type=int, default=None, help="only the first so many articles")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--cold", action="store_true", help="whole processes on one article")
    parser.add_argument("--way", choices=NAMES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        print(json.dumps(_WAYS[arguments.way](arguments.run, arguments.articles)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        articles = [article.with_spans(()) for article in jsonl.read(arguments.articles)][: arguments.count]
        if arguments.cold:
            article = min(articles, key=lambda one: abs(words([one]) - 300))
            jsonl.write([article], folder / "one.jsonl")
            cold(arguments.run, folder, arguments.rounds, words([article]))
            return
        path = folder / "in.jsonl"
        jsonl.write(articles, path)
        rates: dict[str, list[float]] = {name: [] for name in arguments.ways}
        told: dict[str, str] = {}
        for _ in range(arguments.rounds):
            for name in arguments.ways:
                done = subprocess.run(
                    [sys.executable, "-m", "benchmarks.tag", arguments.run, "--articles", path, "--way", name],
                    check=True, capture_output=True, text=True,
                )  # fmt: skip
                found = json.loads(done.stdout.splitlines()[-1])
                rates[name].append(words(articles) / found["seconds"])
                told[name] = found["said"]
        print(f"{len(articles)} articles, {words(articles):,} words, {arguments.rounds} rounds\n")
        print(table(rates, told))


def table(rates: dict[str, list[float]], told: dict[str, str]) -> str:
    """Words a second of each way, median and range, with the ratio of ours to it, round by round."""
    lines = ["| way | words/s | ours is faster by | |", "|---|---:|---:|---|"]
    for name, values in rates.items():
        ratio = "" if name == "onnx" or "onnx" not in rates else spread(
            [ours / theirs for ours, theirs in zip(rates["onnx"], values, strict=True)], "{:.2f}"
        )  # fmt: skip
        lines.append(f"| {NAMES[name]} | {spread(values, '{:,.0f}')} | {ratio} | {told[name]} |")
    return "\n".join(lines)


def spread(values: Sequence[float], form: str) -> str:
    """Median, and the range if there are several."""
    middle = form.format(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({form.format(min(values))}–{form.format(max(values))})"


def cold(run: Path, folder: Path, rounds: int, count: int) -> None:
    """Seconds from a process's start to its written result."""
    (folder / "script.py").write_text(SCRIPT)
    ways: dict[str, list[str | Path]] = {
        "script with the pipeline": [sys.executable, folder / "script.py", run, folder / "one.jsonl",
                                     folder / "a.json"],
        "predict.py": [sys.executable, "predict.py", run, folder / "one.jsonl", "--format", "jsonl",
                       "--output", folder / "b.jsonl"],
    }  # fmt: skip
    # A user's Python keeps what it has compiled.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, command in ways.items():
            started = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env=environment)
            if turn:  # the first warms the disk's cache
                seconds[name].append(time.perf_counter() - started)
    ratios = [theirs / ours for theirs, ours in zip(*seconds.values(), strict=True)]
    print(f"one article of {count} words, {rounds} rounds, process start to written result\n")
    for name, values in seconds.items():
        print(f"{name}: {spread(values, '{:.2f}')} s")
    print(f"ratio: {spread(ratios, '{:.1f}')}")


# --- the ways ---------------------------------------------------------------------------------------------------------


def _best(tag: Callable[[list[str], int], None], texts: list[str]) -> tuple[int, float]:
    """The best of the batch sizes on a few texts, and the seconds that all texts take with it."""
    trial = texts[:TRIAL]
    tag(trial[:4], 1)
    times = {}
    for size in BATCHES:
        started = time.perf_counter()
        tag(trial, size)
        times[size] = time.perf_counter() - started
    size = min(times, key=lambda one: times[one])
    started = time.perf_counter()
    tag(texts, size)
    return size, time.perf_counter() - started


def _texts(path: Path) -> list[str]:
    return [article.text for article in jsonl.read(path)]


def _pipeline(run: Path, path: Path) -> dict[str, Any]:
    from transformers import pipeline

    made: Any = pipeline("token-classification", str(run), aggregation_strategy="first", stride=STRIDE, device="cpu")

    def tag(texts: list[str], size: int) -> None:
        for _ in made(texts, batch_size=size):
            pass

    size, seconds = _best(tag, _texts(path))
    return {"seconds": seconds, "said": f"batches of {size}"}


def _bare(run: Path, path: Path) -> dict[str, Any]:
    import numpy as np
    import onnxruntime
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoTokenizer

    from model.network import TorchNetwork
    from model.onnx_export import quiet

    network = TorchNetwork.load(run, "cpu")

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = network.model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
            return logits

    with tempfile.TemporaryDirectory() as temporary, quiet():
        whole, small = Path(temporary) / "whole.onnx", Path(temporary) / "small.onnx"
        ids = torch.arange(1000, 1034).reshape(2, 17)
        dims = {0: torch.export.Dim("batch", min=1, max=256), 1: torch.export.Dim("length", min=2, max=512)}
        program = torch.onnx.export(
            Logits().eval(), (ids, torch.ones_like(ids)), dynamo=True, verbose=False, dynamic_shapes=(dims, dims),
            input_names=["input_ids", "attention_mask"], output_names=["logits"],
        )  # fmt: skip
        assert program is not None
        program.save(whole)
        quantize_dynamic(whole, small, op_types_to_quantize=["MatMul"], per_channel=True, weight_type=QuantType.QInt8)
        session = onnxruntime.InferenceSession(small, providers=["CPUExecutionProvider"])
    tokenizer = AutoTokenizer.from_pretrained(run)

    def tag(texts: list[str], size: int) -> None:
        cut = tokenizer(texts, truncation=True, max_length=512, stride=STRIDE, return_overflowing_tokens=True)
        windows = sorted(cut["input_ids"], key=len)
        for at in range(0, len(windows), size):
            batch = windows[at : at + size]
            ids = np.zeros((len(batch), len(batch[-1])), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, window in enumerate(batch):
                ids[row, : len(window)] = window
                mask[row, : len(window)] = 1
            session.run(None, {"input_ids": ids, "attention_mask": mask})[0].argmax(axis=-1)

    size, seconds = _best(tag, _texts(path))
    return {"seconds": seconds, "said": f"batches of {size}"}


def _ours(engine: str) -> Callable[[Path, Path], dict[str, Any]]:
    def tag(run: Path, path: Path) -> dict[str, Any]:
        from data.files import write_atomically
        from data.stream import Source
        from model import engines, outputs
        from model.forms import JSONL, Form
        from model.job import ArticleReader

        tagger = engines.load(run, engine, device="cpu" if engine == engines.TORCH else None)

        def write(source: Path, output: Path) -> float:
            started = time.perf_counter()
            reading = ArticleReader(Source([source]).records(), None, strict=True, unique=True)
            write_atomically(output, outputs.write(tagger, reading, Form(JSONL)))
            return time.perf_counter() - started

        with tempfile.TemporaryDirectory() as temporary:
            first = Path(temporary) / "first.jsonl"
            jsonl.write(_first(path), first)
            write(first, Path(temporary) / "out.jsonl")  # others are warm by their trial, too
            seconds = write(path, Path(temporary) / "out.jsonl")
        return {"seconds": seconds, "said": "values of times and JSON lines included"}

    return tag


def _first(path: Path) -> Iterator[Article]:
    yield from jsonl.read(path)[:TRIAL]


def _spacy(_: Path, path: Path) -> dict[str, Any]:
    import spacy
    from spacy.training import Example

    made = spacy.blank("en")
    # As in en_core_web_sm 3.8: a hashed embedding and four convolutions of width 96.
    made.add_pipe("ner")
    labels = ["ACTOR", "ACTION", "DATE", "DEADLINE"]
    made.initialize(lambda: [Example.from_dict(made.make_doc("a b c d"), {"entities": [(2 * at, 2 * at + 1, label)
                             for at, label in enumerate(labels)]})])  # fmt: skip

    def tag(texts: list[str], size: int) -> None:
        for _ in made.pipe(texts, batch_size=16 * size):
            pass

    size, seconds = _best(tag, _texts(path))
    return {"seconds": seconds, "said": f"batches of {16 * size}; one core"}


_WAYS: dict[str, Callable[[Path, Path], dict[str, Any]]] = {
    "pipeline": _pipeline, "bare": _bare, "torch": _ours("torch"), "onnx": _ours("onnx"), "spacy": _spacy,
}  # fmt: skip


if __name__ == "__main__":
    main()
