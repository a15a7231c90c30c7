"""The two recipes that `benchmarks.train` compares, and how a run of one is measured."""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import (
    DataCollatorForTokenClassification,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from benchmarks.train import WARM_UP, Run
from data import formats
from data.errors import InputError
from data.schema import Article
from model.config import Config, load
from model.encode import IGNORE, Encoder, training_windows
from model.network import TorchNetwork
from model.scoring import score
from model.tagger import Tagger
from model.tags import TagSet
from model.training import train

PLAIN_RATE = 2e-4
"""The best single learning rate that was found (docs/experiments.md)."""

PHASES = ("data", "forward", "backward", "optimizer")
_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_UNCUT = 1 << 40  # tokens, more than any article has
_PRODUCTS = 3  # in a row, so that a GPU's launches hide behind one another
_SECONDS = 1.0  # for each shape

Counts = dict[tuple[int, ...], int]
"""Tokens of text that count as read with a window, by the window's `input_ids`; over an article each counts once."""


def measure(arguments: argparse.Namespace, overrides: Sequence[str]) -> Run:
    """Train once by a recipe.

    Args:
        arguments: the command line of `benchmarks.train`, with one seed and a recipe.
        overrides: of the configuration.

    Raises:
        InputError: the configuration or the articles cannot be used.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = {"training.output_dir": f"{folder}/run", "training.seed": arguments.seeds[0],
                    "training.report_to": "none", "training.disable_tqdm": "true"}  # fmt: skip
        if arguments.backbone:
            settings["model.backbone"] = arguments.backbone
        if arguments.steps:
            settings["training.max_steps"] = WARM_UP + arguments.steps
        elif arguments.epochs:
            settings["training.num_train_epochs"] = arguments.epochs
        config = load(arguments.config, [*overrides, *(f"--{key}={value}" for key, value in settings.items())])
        if config.training.dataloader_num_workers:
            raise InputError("training.dataloader_num_workers must be 0: tokens are counted in this process")
        train_set = formats.read(Path(config.data.train))[: arguments.articles]
        # Where only speed is asked for, one article is enough for an evaluation that has to be.
        dev_set = formats.read(Path(config.data.dev))[: 1 if arguments.steps else arguments.articles]
        watch = Stopwatch(arguments.profile)
        recipe = {"plain": train_plain, "ours": train_ours}[arguments.recipe]
        window, precision, f1 = recipe(config, train_set, dev_set, watch)
    steps = watch.steps[WARM_UP:]
    if not steps:
        raise InputError(f"{len(watch.steps)} steps were trained, all of them warm-up; take more articles or epochs")
    phases = {phase: sum(laps.get(phase, 0.0) for laps, _ in steps) for phase in PHASES}
    batch: int = config.training.per_device_train_batch_size
    model = watch.model
    assert model is not None
    return Run(
        recipe=arguments.recipe,
        seed=arguments.seeds[0],
        steps=len(steps),
        seconds=sum(phases.values()),
        tokens=sum(tokens for _, tokens in steps),
        f1=None if arguments.steps else f1,
        memory=watch.memory,
        flops=flops_of_token(model, mean_context(watch.counts)),
        peak=matmul_peak(model, batch * window, _DTYPES[precision]),
        precision=precision,
        device=model.device.type,
        threads=torch.get_num_threads(),
        window=window,
        batch=batch * config.training.gradient_accumulation_steps,
        phases=phases if arguments.profile else {},
    )


# --- the recipes ------------------------------------------------------------------------------------------------------


def train_ours(
    config: Config, train_set: Sequence[Article], dev_set: Sequence[Article], watch: Stopwatch
) -> tuple[int, str, float]:
    """As `train.py` does. Returns tokens in a window, the precision, and the last epoch's F1 on dev."""

    def counts(tokenizer: PreTrainedTokenizerBase) -> Counts:
        encoder = Encoder(tokenizer.backend_tokenizer, config.model.window, config.model.overlap)
        return owned_tokens(train_set, encoder)

    watch.count = counts
    train(config, train_set, dev_set, heads=False, callbacks=[watch])
    # Not the best epoch's, which `train` returns: the plain recipe has no such choice.
    return config.model.window, config.training.precision, watch.f1


def train_plain(
    config: Config, train_set: Sequence[Article], dev_set: Sequence[Article], watch: Stopwatch
) -> tuple[int, str, float]:
    """As transformers' example of token classification does: the Trainer's defaults, but for what everyone sets.

    That is the learning rate, the epochs, the batch size and the seed. fp32, windows at random, the backbone's own
    dropout, padding to the longest of a batch, texts truncated where the model ends and the rest of them in windows of
    their own, a label on the first piece of each word. Nothing is evaluated or saved on the way.

    Returns:
        tokens in a window, the precision, and the F1 on dev at the end.
    """
    ours = config.training
    set_seed(ours.seed)
    tagset = TagSet.from_articles(train_set)
    network = TorchNetwork.build(config.model.backbone, tagset)
    window = min(network.limit or config.model.window, network.tokenizer.model_max_length)
    tagger = Tagger(network, tagset, window, config.model.overlap)
    examples, counts = plain_windows(train_set, tagger, network)
    watch.count = lambda _: counts
    arguments = TrainingArguments(
        output_dir=str(ours.output_dir),
        learning_rate=PLAIN_RATE,
        num_train_epochs=ours.num_train_epochs,
        max_steps=ours.max_steps,
        per_device_train_batch_size=ours.per_device_train_batch_size,
        gradient_accumulation_steps=ours.gradient_accumulation_steps,
        seed=ours.seed,
        use_cpu=ours.use_cpu,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    trainer = Trainer(
        model=network.model,
        args=arguments,
        train_dataset=Dataset.from_list(examples),
        data_collator=DataCollatorForTokenClassification(network.tokenizer),
        processing_class=network.tokenizer,
        callbacks=[watch],
    )
    trainer.train()
    predicted = list(tagger.predict(dev_set))
    return tagger.window, "fp32", score(dev_set, predicted, labels=tagset.labels, resamples=0).f1


def plain_windows(
    articles: Sequence[Article], tagger: Tagger, network: TorchNetwork
) -> tuple[list[dict[str, list[int]]], Counts]:
    """Articles as the tokenizer truncates and overflows them, every word of a window with its label."""
    stride = tagger.overlap
    cut = network.tokenizer(
        [article.text for article in articles],
        truncation=True,
        max_length=tagger.window,
        stride=stride,
        return_overflowing_tokens=True,
        return_special_tokens_mask=True,
    )
    # The words are ours, so that labels agree: each article in one window, whose labels are then cut like the text.
    encoder = Encoder(network.text_tokenizer, _UNCUT, 0)
    whole = training_windows(articles, encoder, tagger.tagset)
    labels_of = iter(whole.labels)
    names = [name for name in network.tokenizer.model_input_names if name in cut]
    examples, counts = [], Counts()
    current, labels, start = -1, list[int](), 0
    for number, (ids, special) in enumerate(zip(cut["input_ids"], cut["special_tokens_mask"], strict=True)):
        text = [place for place, flag in enumerate(special) if not flag]
        if not text:
            continue
        first = cut["overflow_to_sample_mapping"][number] != current
        if first:
            current = cut["overflow_to_sample_mapping"][number]
            labels, start = next(labels_of)[len(encoder.prefix) :], 0
        here = [IGNORE] * len(ids)
        here[text[0] : text[-1] + 1] = labels[start : start + len(text)]
        start += len(text) - stride
        examples.append({name: cut[name][number] for name in names} | {"labels": here})
        counts[tuple(ids)] = len(text) - (0 if first else stride)
    return examples, counts


def owned_tokens(articles: Iterable[Article], encoder: Encoder) -> Counts:
    """Our windows, each with the tokens that it owns."""
    encoded = encoder.encode([article.text for article in articles])
    return {
        tuple(encoder.input_ids(encoded[window.article], window)): window.own_end - window.own_start
        for window in encoder.windows(encoded)
    }


# --- measuring --------------------------------------------------------------------------------------------------------


class Stopwatch(TrainerCallback):
    """Times the optimizer steps of a Trainer and counts the text that they read.

    A step's time runs from the end of the step before, so it has the step's data in it; what an epoch ends with
    (evaluating, saving) is in none.

    Args:
        profile: tell a step's phases apart: `forward` with the loss, `backward`, `optimizer` with clipping, zeroing
            and the Trainer's bookkeeping, `data` from a step's end to the next forward. Without it all is `optimizer`.

    Attributes:
        count: gives the tokens of all windows for a tokenizer; to be set before training.
        steps: seconds by phase, and tokens of text, for each optimizer step.
        counts: what `count` gave.
        model: that was trained.
        memory: bytes, the most that was resident until the end of the first epoch.
        f1: of the last evaluation that the Trainer made.
    """

    def __init__(self, profile: bool = False) -> None:
        self.count: Callable[[PreTrainedTokenizerBase], Counts] = lambda _: {}
        self.steps: list[tuple[dict[str, float], int]] = []
        self.counts: Counts = {}
        self.model: Any = None
        self.memory = 0
        self.f1 = 0.0
        self._profile = profile
        self._loaded: list[int] = []  # tokens of text, by batch; loading runs a batch ahead of training
        self._trained = 0  # batches
        self._laps: dict[str, float] = {}
        self._mark = 0.0
        self._undo: list[Callable[[], None]] = []

    def on_train_begin(self, *_: Any, **rest: Any) -> None:
        """Count windows, and put the clock where batches are made and, for a profile, around the network."""
        self.model, loader = rest["model"], rest["train_dataloader"]
        loader = getattr(loader, "base_dataloader", loader)  # accelerate's wrapper does not hand attributes on
        self.counts = self.count(rest["processing_class"])
        collate = loader.collate_fn

        def counted(windows: list[dict[str, Any]]) -> Any:
            self._loaded.append(sum(self.counts[tuple(window["input_ids"])] for window in windows))
            return collate(windows)

        loader.collate_fn = counted
        if self._profile:
            self._watch_phases()

    def _watch_phases(self) -> None:
        def before(model: torch.nn.Module, _: Any) -> None:
            if model.training:  # the tagger's own passes are in evaluation mode
                self._lap("data")

        def after(model: torch.nn.Module, *_: Any) -> None:
            if model.training:
                self._lap("forward")

        backward: Any = torch.Tensor.backward

        def timed(*args: Any, **options: Any) -> None:
            backward(*args, **options)
            self._lap("backward")

        self._undo = [
            self.model.register_forward_pre_hook(before).remove,
            self.model.register_forward_hook(after).remove,
            lambda: setattr(torch.Tensor, "backward", backward),
        ]
        setattr(torch.Tensor, "backward", timed)  # noqa: B010  (mypy refuses the assignment)

    def _lap(self, phase: str) -> None:
        """What has passed since the last lap was spent on a phase."""
        now = _now(self.model.device)
        self._laps[phase] = self._laps.get(phase, 0.0) + now - self._mark
        self._mark = now

    def on_epoch_begin(self, *_: Any, **__: Any) -> None:
        """The first step of an epoch begins here."""
        self._mark = _now(self.model.device)

    def on_substep_end(self, *_: Any, **__: Any) -> None:
        """A batch of several that make a step is done."""
        self._trained += 1

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """A step is done, and the next one begins."""
        self._lap("optimizer")
        self._trained += 1
        read = sum(self._loaded[: self._trained])
        del self._loaded[: self._trained]
        self.steps.append((self._laps, read))
        self._trained, self._laps = 0, {}

    def on_epoch_end(self, *_: Any, **__: Any) -> None:
        """Before anything is evaluated for the first time, what memory did training take?"""
        self.memory = self.memory or peak_memory()

    def on_evaluate(self, *_: Any, **rest: Any) -> None:
        """Keep the F1."""
        self.f1 = rest["metrics"]["eval_f1"]

    def on_train_end(self, *_: Any, **__: Any) -> None:
        """Take the clock off again."""
        for undo in self._undo:
            undo()


def peak_memory() -> int:
    """The most that this process has had resident, bytes."""
    # The kernel lets a process begin with its parent's peak, so the parent of these loads no torch.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB


def mean_context(windows: Iterable[Sequence[int]]) -> float:
    """The tokens that a token attends to, without padding: the mean length of the windows that tokens stand in."""
    lengths = [len(window) for window in windows]
    return sum(length**2 for length in lengths) / sum(lengths)


def flops_of_token(model: Any, context: float) -> float:
    """Floating-point operations that training takes for one token.

    Each parameter outside the embeddings multiplies and adds once in forward and twice that in backward (one product
    for the gradient of its input, one for its own): 6 operations. Attention has no parameters: each layer's scores
    (query times key) and its sum of values take 2 × width operations each for every token attended to, and twice that
    again in backward: 12 × layers × width × context. Softmax, activations, norms and what is computed for padding,
    overlap and special tokens do not count; so a share of the peak is of what was useful.

    Args:
        model: a token classifier.
        context: tokens that a token attends to.
    """
    parameters: int = sum(one.numel() for name, one in model.named_parameters() if "embed" not in name)
    layers: int = model.config.num_hidden_layers
    width: int = model.config.hidden_size
    return 6 * parameters + 12 * layers * width * context


def matmul_peak(model: torch.nn.Module, rows: int, dtype: torch.dtype) -> float:
    """The fastest product of a batch with a weight matrix of the model, floating-point operations a second.

    Args:
        model: whose linear layers give the shapes, and whose device computes.
        rows: tokens in a full batch.
        dtype: of both matrices.
    """
    shapes = {tuple(one.weight.shape) for one in model.modules() if isinstance(one, torch.nn.Linear)}
    device = next(model.parameters()).device
    best = 0.0
    with torch.inference_mode():
        for outputs, inputs in sorted(shapes):
            batch = torch.randn(rows, inputs, device=device).to(dtype)
            weight = torch.randn(outputs, inputs, device=device).to(dtype)
            until = _now(device) + _SECONDS
            while (started := _now(device)) < until:
                for _ in range(_PRODUCTS):
                    torch.nn.functional.linear(batch, weight)
                best = max(best, _PRODUCTS * 2.0 * rows * inputs * outputs / (_now(device) - started))
    return best


def _now(device: torch.device) -> float:
    """Seconds, once the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
