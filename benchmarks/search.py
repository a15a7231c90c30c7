"""The search for a recipe: a configuration changed in one thing at a time, trained with several seeds, scored on dev.

Each variant differs from the configuration by settings, or by a trainer of its own where no setting says it. All are
trained on the same part of train by its annotation alone, and compared with the unchanged configuration seed by seed.
What has been trained is kept in a folder, so the search can be stopped and gone on with, or split over processes.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import logging
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import TrainerCallback

from benchmarks.seeds import spread
from data import formats
from data.errors import InputError
from data.files import write_atomically
from data.fingerprints import fingerprint
from data.schema import Article
from model.cli import run
from model.config import load
from model.encode import IGNORE, EncodedArticle
from model.scoring import Evaluation
from model.tagger import Tagger
from model.training import SpanTrainer, train

logger = logging.getLogger(__name__)

BASE = "unchanged"
ILLEGAL = -1e4
"""The score of a transition that no legal sequence has."""


# --- trainers ---------------------------------------------------------------------------------------------------------


class FrozenEmbeddings(SpanTrainer):
    """The embeddings stay as they were pretrained."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._network.model.base_model.embeddings.requires_grad_(False)


class MaskedWords(SpanTrainer):
    """A tenth of the tokens that it reads are the mask, anew in each epoch."""

    share = 0.1

    def compute_loss(self, model: nn.Module, inputs: dict[str, Any], *rest: Any, **named: Any) -> Any:
        """The usual loss, of words some of which cannot be seen."""
        ids = inputs["input_ids"]
        tokenizer = self._network.tokenizer
        if tokenizer.mask_token_id is None:
            raise InputError("the backbone's tokenizer has no mask; leave 'masked words' out of --variants")
        special = torch.isin(ids, torch.tensor(tokenizer.all_special_ids))
        hidden = (torch.rand(ids.shape) < self.share) & ~special
        return super().compute_loss(
            model, {**inputs, "input_ids": ids.masked_fill(hidden, tokenizer.mask_token_id)}, *rest, **named
        )


class RDrop(SpanTrainer):
    """Each batch goes through the network twice; what dropout makes of it is to agree (Liang et al., 2021)."""

    weight = 1.0

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,  # noqa: ARG002  (given by the Trainer)
    ) -> Any:
        """The mean cross entropy of both passes, and half the sum of the divergences either way."""
        labels = inputs["labels"]
        read = labels != IGNORE
        passes = [model(**inputs) for _ in range(2)]
        one, other = (output["logits"][read].log_softmax(dim=-1) for output in passes)
        apart = ((one.exp() - other.exp()) * (one - other)).sum(dim=-1).mean() / 2
        loss = (passes[0]["loss"] + passes[1]["loss"]) / 2 + self.weight * apart
        return (loss, passes[0]) if return_outputs else loss


class AdversarialWeights(SpanTrainer):
    """A second gradient, where the weights were moved the way that the loss rises, is added (Wu et al., 2020)."""

    size = 1e-3
    """How far a matrix is moved, as a share of its norm."""

    def training_step(self, model: nn.Module, inputs: dict[str, Any], *rest: Any) -> torch.Tensor:
        """Both gradients, their mean."""
        again = dict(inputs)
        loss = super().training_step(model, inputs, *rest)
        moved = [(one, one.data.clone()) for one in model.parameters() if one.grad is not None and one.dim() > 1]
        for one, kept in moved:
            assert one.grad is not None
            one.data.add_(one.grad, alpha=float(self.size * kept.norm() / (one.grad.norm() + 1e-12)))
        super().training_step(model, again, *rest)
        for one, kept in moved:
            one.data.copy_(kept)
        for one in model.parameters():
            if one.grad is not None:
                one.grad.div_(2)
        return loss


class MovingAverage(SpanTrainer):
    """What is scored is the exponential moving average of the weights over steps."""

    decay = 0.98

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        average = AveragedModel(self._network.model, multi_avg_fn=get_ema_multi_avg_fn(self.decay))  # type: ignore[no-untyped-call]

        class Update(TrainerCallback):
            def on_step_end(self, *_: Any, **rest: Any) -> None:
                average.update_parameters(rest["model"])

        self._average = average
        self.add_callback(Update())

    def evaluate_articles(self) -> Evaluation:
        """The average on dev; the Trainer goes on from its own weights."""
        model = self._network.model
        own = copy.deepcopy(model.state_dict())
        model.load_state_dict(self._average.module.state_dict())
        try:
            return super().evaluate_articles()
        finally:
            model.load_state_dict(own)


class Crf(SpanTrainer):
    """A linear-chain conditional random field over the words of a window (Lafferty et al., 2001).

    The decoder gets each word's marginals under the field, over the whole article, in place of its own probabilities.
    """

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        tags = len(self._tagger.tagset)
        # By this name it learns at the head's rate.
        self._transitions = nn.Parameter(torch.zeros(tags, tags))
        self._network.model.register_parameter("classifier_transitions", self._transitions)
        tagger = self._tagger
        self._tagger = _CrfTagger(
            tagger.network, tagger.tagset, tagger.window, tagger.overlap, fragments=tagger.fragments
        )
        self._tagger.transitions = self._transitions

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,  # noqa: ARG002  (given by the Trainer)
    ) -> Any:
        """The negative log likelihood of the windows' tags, by word."""
        labels = inputs.pop("labels")
        outputs = model(**inputs)
        rows = [
            (one[read := label != IGNORE], label[read]) for one, label in zip(outputs["logits"], labels, strict=True)
        ]
        rows = [row for row in rows if len(row[1])]
        emissions = pad_sequence([row[0] for row in rows], batch_first=True)
        lengths = torch.tensor([len(row[1]) for row in rows])
        scores = allowed(self._transitions)
        loss = -sum(
            emission.gather(1, tags[:, None]).sum() + scores[tags[:-1], tags[1:]].sum() for emission, tags in rows
        )
        loss = (loss + log_partition(emissions, lengths, scores).sum()) / lengths.sum()
        return (loss, outputs) if return_outputs else loss


def allowed(transitions: torch.Tensor) -> torch.Tensor:
    """Transitions, shape (tags, tags), with `ILLEGAL` where an inside tag follows another label's, or none."""
    tags = len(transitions)
    legal = torch.ones(tags, tags, dtype=torch.bool)
    for inside in range(2, tags, 2):
        legal[:, inside] = False
        legal[inside - 1 : inside + 1, inside] = True
    return transitions.masked_fill(~legal, ILLEGAL)


def log_partition(emissions: torch.Tensor, lengths: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """The log of the sum over all tag sequences of each row, shape (rows,).

    Args:
        emissions: shape (rows, words, tags), padded at their ends.
        lengths: words of each row, at least 1.
        scores: of transitions, shape (tags, tags).
    """
    start = torch.zeros(emissions.shape[-1])
    start[2::2] = ILLEGAL
    reached = start + emissions[:, 0]
    for word in range(1, emissions.shape[1]):
        further = torch.logsumexp(reached[:, :, None] + scores, dim=1) + emissions[:, word]
        reached = torch.where((word < lengths)[:, None], further, reached)
    return reached.logsumexp(dim=1)


class _CrfTagger(Tagger):
    """Decodes marginals under a field's transitions."""

    transitions: torch.Tensor

    def _decode(self, article: Article, one: EncodedArticle, log_probs: np.ndarray) -> Article:
        if len(log_probs):
            with torch.enable_grad():
                # The gradient of the log partition by a word's score is the marginal (Wainwright and Jordan, 2008).
                emissions = torch.tensor(log_probs, dtype=torch.float32).requires_grad_()
                scores = allowed(self.transitions.detach())
                log_partition(emissions[None], torch.tensor([len(log_probs)]), scores).sum().backward()  # type: ignore[no-untyped-call]
                assert emissions.grad is not None
                log_probs = emissions.grad.clamp_min(1e-12).log().numpy()
        return super()._decode(article, one, log_probs)


# --- variants ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Variant:
    """What is changed.

    Attributes:
        settings: of the configuration, by `section.key`.
        trainer: in place of the usual one.
    """

    settings: Mapping[str, Any]
    trainer: type[SpanTrainer] = SpanTrainer


VARIANTS: dict[str, Variant] = {
    BASE: Variant({}),
    "learning rate halved": Variant({"training.learning_rate": 2.5e-4, "training.head_learning_rate": 5e-4}),
    "learning rate doubled": Variant({"training.learning_rate": 1e-3, "training.head_learning_rate": 2e-3}),
    "one rate for all layers": Variant({"training.learning_rate": 3e-4, "training.layer_decay": 1}),
    "rates falling faster by depth": Variant({"training.layer_decay": 0.7}),
    "batches of 4": Variant({"training.per_device_train_batch_size": 4}),
    "batches of 16": Variant({"training.per_device_train_batch_size": 16}),
    "frozen embeddings": Variant({}, FrozenEmbeddings),
    "no dropout": Variant({"model.dropout": 0}),
    "dropout 0.2": Variant({"model.dropout": 0.2}),
    "dropout of attention": Variant({"model.attention_dropout": 0.1}),
    "label smoothing": Variant({"training.label_smoothing_factor": 0.1}),
    "windows without overlap": Variant({"model.overlap": 0}),
    "windows overlapping by half": Variant({"model.overlap": 128}),
    "masked words": Variant({}, MaskedWords),
    "moving average": Variant({}, MovingAverage),
    "conditional random field": Variant({}, Crf),
    "R-Drop": Variant({}, RDrop),
    "adversarial weights": Variant({}, AdversarialWeights),
}


@dataclass(frozen=True)
class Outcome:
    """One training.

    Attributes:
        variant, seed: what was trained.
        f1: strict on dev, by label and `micro`, of the best epoch.
        data: fingerprints of train's part and of dev.
        words: the configuration's, without this variant's; runs of others cannot be compared with it.
    """

    variant: str
    seed: int
    f1: Mapping[str, float]
    data: Mapping[str, Any]
    words: Mapping[str, Any]


def main() -> None:
    """Train what is missing, and print a Markdown table of what there is."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Any value of the configuration can be set for all variants, as for train.py: --data.train FILE …",
        allow_abbrev=False,
    )
    parser.add_argument("--config", type=Path, default=Path("configs/default.yaml"), metavar="FILE",
                        help="default: %(default)s")  # fmt: skip
    parser.add_argument("--variants", nargs="+", metavar="NAME", help=f"default: all ({', '.join(VARIANTS)})")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], metavar="SEED", help="default: 1 2 3")
    parser.add_argument("--part", type=float, default=0.25, metavar="SHARE",
                        help="of train's articles, drawn at random (default: %(default)s)")  # fmt: skip
    parser.add_argument("--output", type=Path, default=Path("outputs/search"), metavar="FOLDER",
                        help="where outcomes are kept, one file each (default: %(default)s)")  # fmt: skip
    arguments, overrides = parser.parse_known_args()
    names = arguments.variants or list(VARIANTS)
    if unknown := [name for name in names if name not in VARIANTS]:
        raise InputError(f"--variants: there is no {unknown[0]!r}; there are {', '.join(VARIANTS)}")
    if not 0 < arguments.part <= 1:
        raise InputError(f"--part is {arguments.part}; it must be above 0 and at most 1")
    found = list(outcomes(names, arguments, overrides))
    print("\n".join(table(found)))


def outcomes(names: Sequence[str], arguments: argparse.Namespace, overrides: Sequence[str]) -> Iterator[Outcome]:
    """Of each variant and seed: from the folder, or trained now."""
    overrides = [*overrides, "--data.soft_labels=", "--data.links="]
    config = load(arguments.config, overrides)
    every = formats.read(Path(config.data.train))
    part = random.Random(0).sample(every, max(1, round(arguments.part * len(every))))
    dev = formats.read(Path(config.data.dev))
    data = {"train": fingerprint(part), "dev": fingerprint(dev)}
    for name in names:
        for seed in arguments.seeds:
            path = arguments.output / f"{name.replace(' ', '-')}-{seed}.json"
            if path.is_file():
                outcome = Outcome(**json.loads(path.read_text(encoding="utf-8")))
                if (outcome.data, outcome.words) != (data, config.given):
                    raise InputError(f"{path} is of another configuration or other articles; take another --output")
            else:
                outcome = Outcome(name, seed, _train(name, seed, part, dev, arguments, overrides), data, config.given)
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, json.dumps(asdict(outcome), indent=2) + "\n")
            logger.info("%s, seed %d: dev F1 %.2f", name, seed, 100 * outcome.f1["micro"])
            yield outcome


def _train(
    name: str,
    seed: int,
    part: Sequence[Article],
    dev: Sequence[Article],
    arguments: argparse.Namespace,
    overrides: Sequence[str],
) -> dict[str, float]:
    """Strict F1 on dev by label."""
    variant = VARIANTS[name]
    with tempfile.TemporaryDirectory() as folder:
        settings = {**variant.settings, "training.seed": seed,
                    "training.output_dir": f"{folder}/run", "training.disable_tqdm": "true"}  # fmt: skip
        config = load(arguments.config, [*overrides, *(f"--{key}={value}" for key, value in settings.items())])
        with contextlib.redirect_stdout(sys.stderr):  # the Trainer prints
            evaluation = train(config, part, dev, heads=False, trainer_class=variant.trainer)
    return {label: one.f1.value for label, one in evaluation.scores["strict"].items()}


def table(found: Sequence[Outcome]) -> list[str]:
    """Mean and deviation over seeds by label, and the mean difference to the unchanged configuration seed by seed."""
    base = {one.seed: one.f1 for one in found if one.variant == BASE}
    labels = [label for label in found[0].f1 if label != "micro"]
    lines = [f"| variant | all | difference | {' | '.join(labels)} |", f"|---|{'---:|' * (len(labels) + 2)}"]
    for name in dict.fromkeys(one.variant for one in found):
        its = [one for one in found if one.variant == name]
        apart = [100 * (one.f1["micro"] - base[one.seed]["micro"]) for one in its if one.seed in base]
        difference = "" if name == BASE or not apart else f"{statistics.mean(apart):+.1f}"
        if difference and len(apart) > 1:
            difference += f" ± {statistics.stdev(apart):.1f}"
        cells = [spread([one.f1[label] for one in its]) for label in ("micro", *labels)]
        lines.append(f"| {name} | {cells[0]} | {difference} | {' | '.join(cells[1:])} |")
    return lines


if __name__ == "__main__":
    run(main)
