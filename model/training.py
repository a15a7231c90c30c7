"""Builds and runs the Trainer. Dev scores go through the tagger's own `predict` and `model.scoring`."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate.utils import broadcast_object_list, gather_object
from datasets import Dataset
from torch.nn.utils.rnn import pad_sequence
from torch.utils.tensorboard import SummaryWriter
from transformers import (
    DataCollatorForTokenClassification,
    EarlyStoppingCallback,
    ProgressCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
    set_seed,
)
from transformers.integrations.integration_utils import TensorBoardCallback
from transformers.trainer_callback import ExportableState
from transformers.trainer_pt_utils import LengthGroupedSampler
from transformers.utils.logging import disable_progress_bar

from data import link_annotations
from data.errors import InputError
from data.files import write_atomically
from data.fingerprints import fingerprint, text_hash
from data.schema import Article, DataError
from data.statistics import foreign_labels
from model.config import Config, TrainingConfig
from model.dropout import use_byte_dropout
from model.encode import TrainingWindows, training_windows
from model.fragments import fragments
from model.joint import LinkObjective
from model.link_training import Annotated, train_links
from model.network import TorchNetwork
from model.scoring import Evaluation, score
from model.soft_labels import SoftLabels
from model.tagger import RUN_FILE, Tagger
from model.tags import TagSet
from model.time_training import train_times

logger = logging.getLogger(__name__)

CONFIG_FILE = "run.yaml"
DATA_FILE = "data.json"
CHECKPOINTS = "checkpoints"
_STATE_FILE = "trainer_state.json"  # the last file that the Trainer writes of a checkpoint
_LOSSES_SHOWN = 5
_LINK_CLASSIFIER = "link_classifier"


def train(
    config: Config,
    train_set: Sequence[Article],
    dev_set: Sequence[Article],
    *,
    resume: bool = False,
    overwrite: bool = False,
    heads: bool = True,
    callbacks: Sequence[TrainerCallback] = (),
    trainer_class: type[SpanTrainer] | None = None,
) -> Evaluation:
    """Train a tagger and write its run to `config.training.output_dir`.

    Args:
        config: as loaded.
        train_set, dev_set: annotated articles; the labels of the first are the run's.
        resume: go on from the last whole checkpoint of the same configuration and data.
        overwrite: remove the run that stands in the folder, once all else that training needs has been found good.
        heads: whether to train the heads for links and times as well, which change no span.
        callbacks: what is to watch the Trainer.
        trainer_class: in place of `SpanTrainer`.

    Returns:
        the best epoch's evaluation on dev, as `evaluate.py` will give it again.

    Raises:
        InputError: there is nothing to learn, or the folder holds another run.
    """
    if not any(article.spans for article in train_set):
        raise InputError("the training articles have no spans; there is nothing to learn")
    links = _links(config.data.links, train_set, dev_set)
    tagset = TagSet.from_articles(train_set)
    arguments = config.training
    soft_labels = _soft_labels(config.data.soft_labels, train_set, tagset) if arguments.soft_label_weight else None
    folder = Path(str(arguments.output_dir))
    fingerprints = {"train": fingerprint(train_set), "dev": fingerprint(dev_set)}
    if soft_labels is not None:
        digest = hashlib.sha256(Path(str(config.data.soft_labels)).read_bytes())
        fingerprints["soft_labels"] = {"sha256": digest.hexdigest()}
    if links is not None:
        fingerprints["links"] = {
            name: link_annotations.fingerprint(part) for name, part in zip(("train", "dev"), links, strict=True)
        }
    # Only one process may touch the folder; the others learn from it where to go on.
    records = run_records(config, fingerprints)
    shared = [find_checkpoint(folder, records, resume, overwrite) if arguments.process_index == 0 else None]
    checkpoint = broadcast_object_list(shared)[0] if arguments.world_size > 1 else shared[0]
    arguments.output_dir = str(folder / CHECKPOINTS)
    if resume and arguments.process_index == 0:
        logger.info("going on from %s" if checkpoint else "%s holds no checkpoint; starting anew", checkpoint or folder)

    set_seed(arguments.seed)
    model = config.model
    network = TorchNetwork.build(model.backbone, tagset, model.dropout, model.attention_dropout)
    tagger = Tagger(network, tagset, model.window, model.overlap, fragments=fragments(train_set))
    teacher = None if soft_labels is None else soft_labels.probabilities
    windows = training_windows(train_set, tagger.encoder, tagset, teacher, arguments.soft_label_weight)
    _report_alignment(windows, len(train_set))
    _warn_of_unknown_labels(dev_set, tagset)

    try:
        trainer = (trainer_class or SpanTrainer)(tagger, network, arguments, windows, dev_set)
        if links is not None and arguments.link_weight:
            trainer.learn_links(LinkObjective(train_set, links[0], tagger.encoder, network.hidden))
        if not (trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled):  # these build it around the shards
            trainer.create_optimizer()
    except (ValueError, ImportError, RuntimeError) as error:
        for empty in (folder / CHECKPOINTS, folder):  # the Trainer has made them
            with suppress(OSError):
                empty.rmdir()
        raise InputError(f"the configuration's training section cannot be used: {error}") from None

    if arguments.process_index == 0:
        if overwrite and folder.exists():
            shutil.rmtree(folder)
        for name, content in records.items():
            write_atomically(folder / name, content)

    if arguments.patience:
        trainer.add_callback(EarlyStoppingCallback(arguments.patience))
    for callback in callbacks:
        trainer.add_callback(callback)
    trainer.remove_callback(ProgressCallback)
    disable_progress_bar()  # of saving: a bar for each checkpoint would break up the one of training
    if not arguments.disable_tqdm:
        trainer.add_callback(_Progress)
    if "tensorboard" in (arguments.report_to or []) and trainer.is_world_process_zero():
        # The Trainer's own would write into the checkpoints, which do not stay.
        trainer.remove_callback(TensorBoardCallback)
        trainer.add_callback(TensorBoardCallback(SummaryWriter(str(folder / "tensorboard"))))
    trainer.add_callback(_Stopwatch)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    # A checkpoint brings one of its own.
    seconds = next(one.seconds for one in trainer.callback_handler.callbacks if isinstance(one, _Stopwatch))
    trainer.forget_links()

    evaluation = trainer.evaluate_articles()
    if trainer.is_world_process_zero():
        if heads:
            _train_heads(tagger, train_set, links, arguments.seed)
        tagger.about = {
            "backbone": model.backbone,
            "seed": arguments.seed,
            "precision": arguments.precision,
            "device": str(arguments.device.type),
            "processes": arguments.world_size,
            "epochs": trainer.state.epoch,
            "best_step": trainer.state.best_global_step,
            "steps": trainer.state.global_step,
            "training_seconds": round(seconds, 1),
            "parameters": network.model.num_parameters(),
            "data": {
                "train": {
                    **fingerprints["train"],
                    "tokens": windows.tokens,
                    "spans": windows.spans,
                    "widened": len(windows.widened),
                    "lost": len(windows.lost),
                    "texts": [text_hash(article) for article in train_set],
                },
                "dev": fingerprints["dev"],
                "links": fingerprints.get("links"),
                "soft_labels": None
                if soft_labels is None
                else {
                    **soft_labels.about,
                    **fingerprints["soft_labels"],
                    "articles": windows.taught,
                },
                "files": {"train": config.data.train, "dev": config.data.dev, "test": config.data.test},
            },
            "history": _history(trainer.state),
            "versions": {name: version(name) for name in ("torch", "transformers", "tokenizers", "accelerate")},
        }
        tagger.save(folder)
        shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
    trainer.accelerator.wait_for_everyone()
    return evaluation


def _train_heads(
    tagger: Tagger, train_set: Sequence[Article], links: tuple[Annotated, Annotated] | None, seed: int
) -> None:
    kept = _Kept(tagger, {article.id for article, _ in links[0]} if links is not None else ())
    tagger.times = train_times(kept.vectors, train_set)
    if links is not None:
        logger.info("learning the links of %d articles", len(links[0]))
        tagger.links = train_links(kept.vectors, *links, seed)


class _Kept:
    """A tagger's vectors of articles' spans; those of some articles, once worked out, are kept until they are taken.

    Args:
        tagger: trained.
        twice: identifiers of the articles that will be asked for a second time.
    """

    def __init__(self, tagger: Tagger, twice: Collection[str]) -> None:
        self._tagger, self._twice = tagger, twice
        self._found: dict[str, np.ndarray] = {}

    def vectors(self, articles: Sequence[Article]) -> Iterator[np.ndarray]:
        """What the heads see of the spans that articles have, as `Tagger.vectors` gives it."""
        fresh = self._tagger.vectors([article for article in articles if article.id not in self._found])
        for article in articles:
            found = self._found.pop(article.id, None)
            if found is None:
                found = next(fresh)
                if article.id in self._twice:
                    self._found[article.id] = found
            yield found


def _links(folder: str | None, *sets: Sequence[Article]) -> tuple[Annotated, Annotated] | None:
    """The articles of train and dev whose links are known, with these; None if there are no links in either."""
    if folder is None:
        return None
    found = []
    for name, articles in zip(("train", "dev"), sets, strict=True):
        try:
            links = link_annotations.read(Path(folder) / f"{name}.jsonl", articles, some=True)
        except DataError as error:
            raise InputError(f"{error} (--data.links= trains without links)") from None
        found.append([(article, links[article.id]) for article in articles if article.id in links])
    if not all(any(spans for _, acts in part for act in acts for spans in act.links.values()) for part in found):
        logger.info("%s has no links of these articles; the run will link acts by the shipped trees", folder)
        return None
    return found[0], found[1]


def _soft_labels(path: str | None, train_set: Sequence[Article], tagset: TagSet) -> SoftLabels | None:
    """A file's soft labels of training articles; None if it has none of these articles, or of other tags."""
    if path is None:
        return None
    found = SoftLabels.load(Path(path))
    known = sum(found.knows(article) for article in train_set) if found.tags == tagset.tags else 0
    if not known:
        logger.info("%s has no soft labels of these articles with this annotation; learning from that alone", path)
        return None
    logger.info("%s has soft labels of %d of %d articles", path, known, len(train_set))
    return found


def run_records(config: Config, fingerprints: dict[str, Any]) -> dict[str, str]:
    """The files that tell what a run began with, by name."""
    return {CONFIG_FILE: config.to_yaml(), DATA_FILE: json.dumps(fingerprints, indent=2) + "\n"}


def find_checkpoint(folder: Path, records: dict[str, str], resume: bool, overwrite: bool) -> Path | None:
    """The checkpoint in a run's folder to go on from, if any. Removes half-written checkpoints, writes nothing.

    Args:
        folder: of the run; need not exist.
        records: of `run_records`, which must be those that stand in the folder.
        resume: whether an unfinished run may be there.
        overwrite: whether any run may be there.

    Raises:
        InputError: the folder has a finished run, or one of another configuration or other data, or is something else.
    """
    record = folder / CONFIG_FILE
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not record.is_file())):
        raise InputError(
            f"{folder} is there already and is no run, so it is left alone; choose another --training.output_dir"
        )
    if overwrite:
        return None
    if (folder / RUN_FILE).is_file():
        raise InputError(f"{folder} holds a finished run; name another --training.output_dir, or give --overwrite")
    if not record.is_file():
        return None
    if not resume:
        raise InputError(f"{folder} holds an unfinished run; go on with --resume, or start anew with --overwrite")
    for name, content in records.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != content:
            what = "configuration" if path == record else "data"
            raise InputError(f"{path}: the {what} is not what the run began with; use the same, or give --overwrite")
    return last_checkpoint(folder / CHECKPOINTS)


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end; what a killed process left half-written is removed."""
    whole: list[tuple[int, Path]] = []
    for path in folder.glob("checkpoint-*"):
        try:
            json.loads((path / _STATE_FILE).read_text(encoding="utf-8"))
            whole.append((int(path.name.rpartition("-")[2]), path))
        except (OSError, ValueError):
            logger.warning("%s was not written to its end; removing it", path)
            shutil.rmtree(path)
    return max(whole)[1] if whole else None


class _TargetCollator(DataCollatorForTokenClassification):
    """Windows of a batch, with targets of shape (tokens, tags) as their labels, padded with rows that carry no loss."""

    def torch_call(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        targets = [torch.tensor(feature.pop("labels"), dtype=torch.float32) for feature in features]
        batch: dict[str, Any] = super().torch_call(features)  # type: ignore[no-untyped-call]
        batch["labels"] = pad_sequence(targets, batch_first=True, padding_side=self.tokenizer.padding_side)
        return batch


class _WindowSampler(LengthGroupedSampler):
    """The windows by length, in an order that follows from a seed and the epoch alone.

    The Trainer's own sampler draws from the global generator, which dropout moves on in every process by itself: from
    the second epoch on each would have an order of its own, and some windows never be read.
    """

    def __init__(self, batch_size: int, lengths: Sequence[int], seed: int) -> None:
        super().__init__(batch_size, lengths=list(lengths))
        self._seed = seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Take the order of an epoch, the next time that it is asked for."""
        (mixed,) = np.random.SeedSequence((self._seed, epoch)).generate_state(1, np.uint64)
        self.generator = torch.Generator().manual_seed(int(mixed))


class _EpochOrder(TrainerCallback):
    """Tells the sampler the epoch, since accelerate does not where processes share a run that goes on in mid-epoch."""

    def __init__(self, sampler: _WindowSampler) -> None:
        self._sampler = sampler

    def on_epoch_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        # A whole number of epochs may have come out a little less as a sum of steps.
        self._sampler.set_epoch(int((state.epoch or 0) + 1e-6))


class SpanTrainer(Trainer):
    """A Trainer whose evaluation is the tagger's: it predicts whole articles and scores their spans.

    Args:
        tagger: holds the network to train.
        network: the tagger's.
        arguments: the Trainer's.
        windows: what to train on.
        dev_set: annotated articles to evaluate on after each epoch.
    """

    def __init__(
        self,
        tagger: Tagger,
        network: TorchNetwork,
        arguments: TrainingArguments,
        windows: TrainingWindows,
        dev_set: Sequence[Article],
    ) -> None:
        arguments.eval_strategy = arguments.save_strategy = "epoch"
        arguments.load_best_model_at_end = True
        arguments.metric_for_best_model = "f1"
        arguments.greater_is_better = True
        arguments.ddp_find_unused_parameters = False  # there are none; looking for them costs a pass over the graph
        arguments.restore_callback_states_from_checkpoint = True  # how long patience has been tried
        arguments.save_total_limit = 1  # the Trainer keeps the best one beside the last
        dataset = Dataset.from_dict(
            {
                "input_ids": windows.input_ids,
                "attention_mask": [[1] * len(ids) for ids in windows.input_ids],
                "labels": windows.labels if windows.targets is None else windows.targets,
                "length": [len(ids) for ids in windows.input_ids],
                "window": range(len(windows.input_ids)),
            }
        )
        self._tagger, self._network = tagger, network
        self._dev_set = list(dev_set)
        self._has_targets = windows.targets is not None
        self._links: LinkObjective | None = None
        use_byte_dropout(network.model)
        collator = _TargetCollator if self._has_targets else DataCollatorForTokenClassification
        super().__init__(
            model=network.model,
            args=arguments,
            train_dataset=dataset,
            eval_dataset=dataset.select([]),  # never read: evaluation works on articles, not on windows
            data_collator=collator(network.tokenizer),
            processing_class=network.tokenizer,
        )
        # The loss is a batch's mean, whatever the model's signature promises: the Trainer is to take the mean of
        # batches that make one step.
        self.model_accepts_loss_kwargs = False

    def learn_links(self, objective: LinkObjective) -> None:
        """Let the encoder learn links beside tags, until `forget_links`."""
        self._links = objective
        # As a part of the model it is trained, shared among processes and kept in checkpoints like the rest.
        self._network.model.add_module(_LINK_CLASSIFIER, objective.network.to(self._network.model.device))
        # Else the Trainer keeps the windows' numbers from the loss.
        self.label_names = [*self.label_names, "window"]

    def forget_links(self) -> None:
        """Leave nothing in the network but what tags."""
        if self._links is not None:
            self._links = None
            delattr(self._network.model, _LINK_CLASSIFIER)

    def _get_train_sampler(self, train_dataset: Dataset | None = None) -> Any:
        sampler = super()._get_train_sampler(train_dataset)
        if isinstance(sampler, LengthGroupedSampler):
            seed = self.args.seed if self.args.data_seed is None else self.args.data_seed
            sampler = _WindowSampler(sampler.batch_size, sampler.lengths, seed)
            self.remove_callback(_EpochOrder)
            self.add_callback(_EpochOrder(sampler))
        return sampler

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """The Trainer's optimizer, with a learning rate for each depth of the network."""
        if self.optimizer is None:
            arguments = self.args
            assert isinstance(arguments, TrainingConfig)
            network: Any = self.model if model is None else model
            groups = parameter_groups(
                network,
                self.get_decay_parameter_names(network),
                arguments.learning_rate,
                arguments.head_learning_rate or arguments.learning_rate,
                arguments.layer_decay,
                arguments.weight_decay,
            )
            kind, options = self.get_optimizer_cls_and_kwargs(arguments, network)
            self.optimizer = kind(groups, **options)
        return self.optimizer

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """The cross entropy with the annotation, or with targets: its mean over the words of a batch.

        Where links are learnt too, their loss is added by its weight.
        """
        numbers = inputs.pop("window", None)
        if self._links is not None:
            inputs["output_hidden_states"] = True
        if self._has_targets:
            targets = inputs.pop("labels")
            outputs = model(**inputs)
            loss = -(targets * outputs["logits"].float().log_softmax(dim=-1)).sum() / targets.sum()
        else:
            loss, outputs = super().compute_loss(model, inputs, True, num_items_in_batch)
        if self._links is not None:
            assert isinstance(self.args, TrainingConfig)
            assert numbers is not None
            loss = loss + self.args.link_weight * self._links.loss(outputs["hidden_states"], numbers.tolist())
        return (loss, outputs) if return_outputs else loss

    def evaluate_articles(self) -> Evaluation:
        """The model as it is now on the dev articles; processes share the work and all get the result."""
        rank, processes = self.args.process_index, self.args.world_size
        # In mixed precision accelerate puts a forward in 16 bits before the class's own; tagging is in fp32, here too,
        # or the saved run would not give this number again.
        forward = self._network.model.__dict__.pop("forward", None)
        try:
            mine = list(self._tagger.predict(self._dev_set[rank::processes]))
        finally:
            if forward is not None:
                self._network.model.__dict__["forward"] = forward
        predicted = gather_object(mine) if processes > 1 else mine
        return score(self._dev_set, predicted, labels=self._tagger.tagset.labels, seed=0)

    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval"
    ) -> dict[str, float]:
        """What the Trainer calls after each epoch. Returns (and logs) `eval_f1` and the F1 of each label."""
        strict = self.evaluate_articles().scores["strict"]
        metrics = {
            f"{metric_key_prefix}_{'f1' if label == 'micro' else f'f1_{label}'}": one.f1.value
            for label, one in strict.items()
        }
        metrics[f"{metric_key_prefix}_precision"] = strict["micro"].precision.value
        metrics[f"{metric_key_prefix}_recall"] = strict["micro"].recall.value
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


def parameter_groups(
    model: torch.nn.Module,
    decayed: Collection[str],
    learning_rate: float,
    head_learning_rate: float,
    layer_decay: float,
    weight_decay: float,
) -> list[dict[str, Any]]:
    """Trainable parameters as groups for an optimizer, by depth and by whether their weights decay.

    Args:
        model: a token classifier whose layers are numbered in its parameters' names (`….layer.3.…`, `….layers.3.…`).
        decayed: names of the parameters that `weight_decay` is for.
        learning_rate: of the topmost layer; each layer under it has `layer_decay` times the rate of the one above.
        head_learning_rate: of the classifier.
        layer_decay: in (0, 1].
        weight_decay: of the decayed parameters.
    """
    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    layers = {name: int(match[1]) for name, _ in named if (match := re.search(r"\blayers?\.(\d+)\.", name))}
    top = max(layers.values(), default=-1)
    groups: dict[tuple[float, float], dict[str, Any]] = {}
    for name, parameter in named:
        if name in layers:
            rate = learning_rate * layer_decay ** (top - layers[name])
        elif "embeddings" in name:
            rate = learning_rate * layer_decay ** (top + 1)
        elif "classifier" in name or name.startswith("head."):
            rate = head_learning_rate
        else:  # what all layers share: a position bias, a last norm
            rate = learning_rate
        key = rate, weight_decay if name in decayed else 0.0
        groups.setdefault(key, {"params": [], "lr": key[0], "weight_decay": key[1]})["params"].append(parameter)
    return list(groups.values())


class _Stopwatch(TrainerCallback, ExportableState):
    """How long training took, with what it took before the checkpoint that it goes on from."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.earlier = 0.0

    @property
    def seconds(self) -> float:
        """So far."""
        return self.earlier + time.monotonic() - self._began

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps, in the form that transformers restores."""
        return {"args": {}, "attributes": {"earlier": self.seconds}}


class _Progress(ProgressCallback):
    """A progress bar, and one line an epoch in place of the Trainer's dictionaries."""

    training_bar: Any  # set by the base class once training begins

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **_: Any
    ) -> None:
        if self.training_bar is None or logs is None:
            return
        if "loss" in logs:
            self.training_bar.set_postfix(loss=f"{float(logs['loss']):.3f}")
        if "eval_f1" in logs:
            labels = "  ".join(
                f"{key.removeprefix('eval_f1_')} {value:.3f}"
                for key, value in logs.items()
                if key.startswith("eval_f1_")
            )
            self.training_bar.write(f"epoch {state.epoch:.0f}: dev F1 {logs['eval_f1']:.3f}  ({labels})")


def _report_alignment(windows: TrainingWindows, articles: int) -> None:
    logger.info(
        "%d articles, %d tokens in %d windows, %d spans; %d widened to whole words, %d lost in alignment",
        articles, windows.tokens, len(windows.input_ids), windows.spans, len(windows.widened), len(windows.lost),
    )  # fmt: skip
    for kind, found in (("lost", windows.lost), ("widened", windows.widened)):
        for article_id, span in found[:_LOSSES_SHOWN]:
            logger.warning(
                "%s in alignment: article %s, [%d, %d) %s", kind, article_id, span.start, span.end, span.label
            )
        if len(found) > _LOSSES_SHOWN:
            logger.warning("… and %d more %s", len(found) - _LOSSES_SHOWN, kind)


def _warn_of_unknown_labels(dev_set: Iterable[Article], tagset: TagSet) -> None:
    unknown = foreign_labels(dev_set, tagset.labels)
    if unknown:
        logger.warning("warning: dev has labels that train lacks, and they count as missed: %s", ", ".join(unknown))


def _history(state: TrainerState) -> list[dict[str, float]]:
    """Dev scores by epoch."""
    return [
        {key: round(float(value), 4) for key, value in entry.items() if isinstance(value, (int, float))}
        for entry in state.log_history
        if "eval_f1" in entry
    ]
