"""One YAML file and the command line to dataclasses; every wrong key and value is reported, all at once.

Values reach the dataclasses as the words that stand in the file, and the field's type says what they mean. So YAML's
own ideas (`1e-5` a string, `no` False, a date an object) have no part in it.
"""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn

import torch
import yaml
from transformers import HfArgumentParser, TrainingArguments

from data.errors import InputError
from data.files import read_text

PRECISIONS = ("auto", "fp32", "bf16", "fp16")


class ConfigError(InputError):
    """Configuration that cannot be used; lists everything that is wrong with it."""


@dataclass
class DataConfig:
    """Annotated articles, each a file or folder of a format that `data.formats` reads.

    Attributes:
        train: to learn from; the label set is the labels found here.
        dev: to choose the best epoch and to stop early.
        test: kept for `evaluate.py`; training does not open it.
        links: a folder with `train.jsonl` and `dev.jsonl`, the links of articles of train and dev (docs/links.md), from
            which a run learns who did which act; unset, it does not.
        soft_labels: what a larger run makes of train's articles (`teach.py`), to learn from beside their annotation.
    """

    train: str = "outputs/data/train.jsonl"
    dev: str = "outputs/data/dev.jsonl"
    test: str | None = None
    links: str | None = None
    soft_labels: str | None = None


@dataclass
class ModelConfig:
    """The network and what it sees.

    Attributes:
        backbone: `minilm-l6`, `mpnet-base`, a folder, or a model's name on a hub.
        window: tokens in a window, special tokens included.
        overlap: tokens that neighbouring windows share.
        dropout: of the hidden layers and the head; unset keeps the backbone's own.
        attention_dropout: of the attention's weights; unset, it is as `dropout`. 0 lets torch's fused attention train.
    """

    backbone: str = "minilm-l6"
    window: int = 256
    overlap: int = 64
    dropout: float | None = None
    attention_dropout: float | None = None


@dataclass
class TrainingConfig(TrainingArguments):
    """All of transformers' `TrainingArguments`, plus:

    Attributes:
        output_dir: the run's folder.
        precision: `auto` is bf16 where the processor has it (GPU or CPU), else fp16 on a GPU, else fp32.
        patience: epochs without a better F1 on dev before training stops; 0 never stops early.
        layer_decay: a layer learns at this share of the rate of the layer above it, and so do the embeddings under the
            first (Howard and Ruder, 2018; Clark et al., 2020); 1 gives all the same rate.
        head_learning_rate: of the new head; unset, it is `learning_rate`.
        soft_label_weight: the share of what is learnt that is `data.soft_labels`; the rest is the annotation.
        link_weight: of the loss on `data.links` (a mean over pairs) beside that on tags (a mean over words); at 0 the
            encoder learns tags alone.
    """

    output_dir: str | None = "outputs/default"
    precision: str = field(default="auto", metadata={"choices": PRECISIONS})
    patience: int = 0
    layer_decay: float = 1.0
    head_learning_rate: float | None = None
    soft_label_weight: float = 0.5
    link_weight: float = 0.0

    def __post_init__(self) -> None:
        gpu = not self.use_cpu and torch.cuda.is_available()
        # Without this, bf16 on a machine without a GPU is refused by transformers.
        self.use_cpu = self.use_cpu or not gpu
        if self.precision == "auto":
            self.precision = best_precision(gpu)
        self.bf16 = self.precision == "bf16"
        self.fp16 = self.precision == "fp16"
        if self.fp16 and not gpu:
            raise ValueError("precision fp16 needs a GPU; take auto, bf16 or fp32")
        super().__post_init__()  # type: ignore[no-untyped-call]


def best_precision(gpu: bool) -> str:
    """The fastest number format that the processor computes in hardware: `bf16`, `fp16` or `fp32`."""
    if gpu:
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    return "bf16" if torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported() else "fp32"


@dataclass
class Config:
    """Everything that a run is made from. `given` has the words that were set, by section and key."""

    data: DataConfig
    model: ModelConfig
    training: TrainingConfig
    given: dict[str, dict[str, str | list[str]]]

    def to_yaml(self) -> str:
        """The configuration as a file that `load` reads back to the same values."""
        return yaml.safe_dump(self.given, sort_keys=False, allow_unicode=True)


SECTIONS: dict[str, type[Any]] = {"data": DataConfig, "model": ModelConfig, "training": TrainingConfig}

_BY_EPOCH = "a run is scored on dev and kept after each epoch, and the best one is the result"
FIXED = {
    "eval_strategy": _BY_EPOCH, "eval_steps": _BY_EPOCH, "save_strategy": _BY_EPOCH, "save_steps": _BY_EPOCH,
    "load_best_model_at_end": _BY_EPOCH, "metric_for_best_model": _BY_EPOCH, "greater_is_better": _BY_EPOCH,
    "bf16": "set training.precision", "fp16": "set training.precision",
    "do_train": "train.py trains", "do_eval": _BY_EPOCH, "do_predict": "evaluate.py scores a run",
    "resume_from_checkpoint": "go on with --resume",
}  # fmt: skip
"""Keys of `TrainingArguments` that training sets by itself, with the reason."""

_Values = dict[str, dict[str, tuple[str | list[str], str]]]  # section, key: the words, and where they stand


def load(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Read a configuration.

    Args:
        path: a YAML file with the sections `data`, `model` and `training`.
        overrides: from the command line: `--section.key value …` or `--section.key=value`.

    Raises:
        ConfigError: with all that is wrong.
    """
    problems: list[str] = []
    values = _read_yaml(path, problems)
    _read_overrides(overrides, values, problems)
    built: dict[str, Any] = {}
    for section, kind in SECTIONS.items():
        built[section] = _build(section, kind, values.get(section, {}), problems)
    if not problems:
        model = built["model"]
        for name in ("train", "dev"):
            if not getattr(built["data"], name):
                problems.append(f"data.{name} is empty; name a file")
        for name in ("dropout", "attention_dropout"):
            share = getattr(model, name)
            if share is not None and not 0 <= share < 1:
                problems.append(f"model.{name} is {share}; it must be at least 0 and below 1")
        training = built["training"]
        for name in ("patience", "weight_decay", "seed"):
            if getattr(training, name) < 0:
                problems.append(f"training.{name} is {getattr(training, name)}; it must not be negative")
        for name in ("learning_rate", "per_device_train_batch_size", "gradient_accumulation_steps"):
            if getattr(training, name) <= 0:
                problems.append(f"training.{name} is {getattr(training, name)}; it must be above 0")
        if training.num_train_epochs <= 0 and training.max_steps <= 0:
            problems.append(f"training.num_train_epochs is {training.num_train_epochs}; it must be above 0")
        named = values.get("training", {})
        problems += [f"training.{name} has no effect here: {why}" for name, why in FIXED.items() if name in named]
        if not 0 < training.layer_decay <= 1:
            problems.append(f"training.layer_decay is {training.layer_decay}; it must be above 0 and at most 1")
        if training.head_learning_rate is not None and training.head_learning_rate <= 0:
            problems.append(f"training.head_learning_rate is {training.head_learning_rate}; it must be above 0")
        if training.link_weight < 0:
            problems.append(f"training.link_weight is {training.link_weight}; it must not be negative")
        if not 0 <= training.soft_label_weight <= 1:
            problems.append(f"training.soft_label_weight is {training.soft_label_weight}; it must be from 0 to 1")
        if built["data"].soft_labels and training.soft_label_weight and training.label_smoothing_factor:
            problems.append(
                "training.label_smoothing_factor has no effect beside data.soft_labels; unset one of them"
                " (--data.soft_labels=)"
            )
    if problems:
        raise ConfigError("\n  ".join([f"{path}: {len(problems)} problem(s) in the configuration:", *problems]))
    given = {
        section: {key: words for key, (words, _) in values[section].items()}
        for section in SECTIONS
        if section in values
    }
    return Config(**built, given=given)


def _read_yaml(path: Path, problems: list[str]) -> _Values:
    try:
        root = yaml.compose(read_text(path), Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{place}: not YAML: {getattr(error, 'problem', None) or error}") from None
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(f"{path}: expected the sections {', '.join(SECTIONS)}")
    values: _Values = {}
    for name_node, section_node in root.value:
        section, place = name_node.value, f"line {name_node.start_mark.line + 1}"
        if section not in SECTIONS:
            problems.append(f"{place}: unknown section {section!r}{_nearest(section, SECTIONS)}")
        elif section in values:
            problems.append(f"{place}: the section {section!r} stands twice")
        elif not isinstance(section_node, yaml.MappingNode):
            problems.append(f"{place}: the section {section!r} must hold 'key: value' lines")
        else:
            values[section] = {}
            for key_node, value_node in section_node.value:
                place = f"line {key_node.start_mark.line + 1}"
                if key_node.value in values[section]:
                    problems.append(f"{place}: {section}.{key_node.value} stands twice")
                words = _words(value_node)
                if words is None:
                    problems.append(f"{place}: {section}.{key_node.value} must be a value or a list of values")
                elif words not in ("", "null", "~"):
                    values[section][key_node.value] = words, place
    return values


def _words(node: yaml.Node) -> str | list[str] | None:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.ScalarNode) for item in node.value):
        return [str(item.value) for item in node.value]
    if isinstance(node, yaml.MappingNode) and all(isinstance(item, yaml.ScalarNode) for _, item in node.value):
        return json.dumps({key.value: yaml.safe_load(item.value) for key, item in node.value})
    return None


def _read_overrides(overrides: Sequence[str], values: _Values, problems: list[str]) -> None:
    position = 0
    while position < len(overrides):
        option, equals, joined = overrides[position].partition("=")
        position += 1
        following = [joined] if equals else []
        while not equals and position < len(overrides) and not overrides[position].startswith("--"):
            following.append(overrides[position])
            position += 1
        section, dot, key = option.removeprefix("--").partition(".")
        if not option.startswith("--") or not dot:
            problems.append(f"{option!r} is no option; set a value with --section.key value")
        elif section not in SECTIONS:
            problems.append(f"{option}: unknown section {section!r}{_nearest(section, SECTIONS)}")
        elif not following:
            problems.append(f"{option} lacks a value")
        else:
            words: str | list[str] = following[0] if len(following) == 1 else following
            key, given = key.replace("-", "_"), values.setdefault(section, {})
            if words == "" and key in {one.name for one in fields(SECTIONS[section])}:  # as in the file: unset
                given.pop(key, None)
            else:
                given[key] = words, "command line"


def _build(
    section: str, kind: type[Any], values: Mapping[str, tuple[str | list[str], str]], problems: list[str]
) -> Any:
    """One section's dataclass, or None if something is wrong with it (appended to `problems`)."""
    names = [one.name for one in fields(kind) if one.init]
    parser = _Parser(kind)
    arguments: list[str] = []
    before = len(problems)
    for key, (words, place) in values.items():
        if key not in names:
            problems.append(f"{place}: unknown key {section}.{key}{_nearest(key, names, section)}")
            continue
        option = [f"--{key}", *([words] if isinstance(words, str) else words)]
        if isinstance(words, str):
            option = [f"--{key}={words}"]  # a value may begin with a dash
        try:
            parser.parse_args(option)
        except _WrongValue as error:
            problems.append(f"{place}: {section}.{key} is {words!r}: {error}")
        else:
            arguments += option
    if len(problems) > before:
        return None
    try:
        return parser.parse_args_into_dataclasses(arguments, look_for_args_file=False)[0]
    except (ValueError, ImportError) as error:
        problems.append(f"{section}: {error}")
        return None


class _WrongValue(Exception):
    pass


class _Parser(HfArgumentParser):
    """Transformers' parser, which raises where it would end the process."""

    def __init__(self, kind: type[Any]) -> None:
        super().__init__(kind, allow_abbrev=False)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        raise _WrongValue(message.partition(": ")[2] or message)

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        value = super()._get_value(action, arg_string)
        # float() takes these, and no setting here can mean them.
        if isinstance(value, float) and not abs(value) < float("inf"):
            raise argparse.ArgumentError(action, f"not a finite number: {arg_string!r}")
        return value


def _nearest(name: str, names: Sequence[str] | Mapping[str, Any], section: str = "") -> str:
    close = difflib.get_close_matches(name, list(names), n=1)
    prefix = f"{section}." if section else ""
    return f"; did you mean {prefix}{close[0]}?" if close else ""
