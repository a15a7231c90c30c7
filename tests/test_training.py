import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from transformers import TrainerCallback, TrainerState

from data.errors import InputError
from data.formats import jsonl
from data.schema import Article
from model import engines
from model.config import load
from model.dropout import ByteDropout
from model.encode import training_windows
from model.network import TorchNetwork
from model.scoring import score
from model.tagger import Tagger
from model.tags import TagSet
from model.training import SpanTrainer, _Kept, last_checkpoint, parameter_groups, train
from tests.conftest import loud_tagger, make_articles, parse, script, torch_network
from tests.test_links import annotate, write_links

CONFIG = """\
model: {window: 40, overlap: 8}
training:
  num_train_epochs: 3
  per_device_train_batch_size: 2
  learning_rate: 3e-3
  train_sampling_strategy: group_by_length
  report_to: none
  disable_tqdm: true
"""


@pytest.fixture
def links(tmp_path: Path, setting: list[str]) -> list[str]:
    """Options that let the encoder learn links along with tags."""
    train_set, dev_set = (annotate(jsonl.read(tmp_path / f"{name}.jsonl")) for name in ("train", "dev"))
    write_links(tmp_path / "links", train_set, dev_set)
    return ["--data.links", str(tmp_path / "links"), "--training.link_weight", "1"]


@pytest.fixture
def setting(tmp_path: Path, backbone: Path) -> list[str]:
    """A folder with configuration and data; gives train.py's arguments."""
    (tmp_path / "config.yaml").write_text(CONFIG)
    articles = make_articles(24, sentences=8)
    jsonl.write(articles[:18], tmp_path / "train.jsonl")
    jsonl.write(articles[18:], tmp_path / "dev.jsonl")
    return [
        str(tmp_path / "config.yaml"),
        *("--model.backbone", str(backbone)),
        *("--data.train", str(tmp_path / "train.jsonl"), "--data.dev", str(tmp_path / "dev.jsonl")),
        *("--data.test", str(tmp_path / "dev.jsonl"), "--training.output_dir", str(tmp_path / "run")),
    ]


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def micro(folder: Path) -> Any:
    return read_json(folder / "metrics.json")["dev"]["scores"]["strict"]["micro"]


def test_it_learns_and_train_then_evaluate_gives_one_number(tmp_path: Path, setting: list[str]) -> None:
    script("train.py", *setting, "--training.num_train_epochs", "10")
    run = tmp_path / "run"
    assert micro(run)["f1"]["value"] > 0.8
    done = script("evaluate.py", str(run), "--split", "dev")
    report = read_json(run / "evaluation" / "dev" / "report.json")
    assert report["scores"]["strict"]["micro"] == micro(run)
    assert f"{100 * micro(run)['f1']['value']:.1f}" in done.stdout
    assert not (run / "checkpoints").exists()

    about = read_json(run / "run.json")
    assert about["labels"] == ["ACTION", "ACTOR", "DATE", "DEADLINE"]
    assert about["data"]["train"]["articles"] == 18
    assert about["data"]["train"]["lost"] == 0
    # The card has the figures of the training, and since the evaluation those too.
    assert (run / "README.md").read_text().count(f" {100 * micro(run)['f1']['value']:.1f} |") >= 2
    assert "| dev | 6 |" in (run / "README.md").read_text()

    # What was trained on is known again.
    done = script("evaluate.py", str(run), "--data", str(tmp_path / "train.jsonl"), "--output", str(tmp_path / "seen"))
    assert "18 of 18 articles were trained on" in done.stderr


def test_one_seed_gives_one_result(tmp_path: Path, setting: list[str]) -> None:
    train_set, dev_set = (jsonl.read(tmp_path / f"{name}.jsonl") for name in ("train", "dev"))
    weights = []
    for run, seed in (("one", 5), ("two", 5), ("three", 6)):
        options = [*setting[1:], f"--training.output_dir={tmp_path / run}", f"--training.seed={seed}"]
        train(load(Path(setting[0]), options), train_set, dev_set)
        weights.append(load_file(tmp_path / run / "model.safetensors"))
    assert all((weights[0][name] == weights[1][name]).all() for name in weights[0])
    assert any((weights[0][name] != weights[2][name]).any() for name in weights[0])


def test_a_killed_run_resumes_and_ends_like_an_unbroken_one(
    tmp_path: Path, setting: list[str], links: list[str]
) -> None:
    setting += ["--training.num_train_epochs", "40", *links]
    run = tmp_path / "run"
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, "train.py", *setting], stdout=log, stderr=log)
        until = time.monotonic() + 120
        while not list((run / "checkpoints").glob("checkpoint-*/trainer_state.json")):
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL

    assert not (run / "run.json").exists()
    assert "unfinished run" in script("train.py", *setting, expect=2).stderr
    assert "configuration is not" in script("train.py", *setting, "--training.seed=9", "--resume", expect=2).stderr
    assert "no finished run" in script("evaluate.py", str(run), expect=2).stderr
    annotation = (tmp_path / "links" / "train.jsonl").read_text()
    (tmp_path / "links" / "train.jsonl").write_text(annotation.partition("\n")[2])
    assert "data is not" in script("train.py", *setting, "--resume", expect=2).stderr
    (tmp_path / "links" / "train.jsonl").write_text(annotation)
    # As if the process had been killed while it wrote a checkpoint.
    (run / "checkpoints" / "checkpoint-99999").mkdir()
    done = script("train.py", *setting, "--resume")
    assert "checkpoint-99999 was not written to its end" in done.stderr
    assert "finished run" in script("train.py", *setting, "--resume", expect=2).stderr

    script("train.py", *setting, f"--training.output_dir={tmp_path / 'unbroken'}")
    assert micro(run) == micro(tmp_path / "unbroken")
    weights, expected = (load_file(folder / "model.safetensors") for folder in (run, tmp_path / "unbroken"))
    assert all((weights[name] == expected[name]).all() for name in expected)
    assert read_json(run / "run.json")["steps"] == read_json(tmp_path / "unbroken" / "run.json")["steps"]


def test_two_processes_end_with_the_same_metrics(tmp_path: Path, setting: list[str], links: list[str]) -> None:
    setting += ["--training.num_train_epochs", "10", *links]
    script("train.py", *setting)
    launcher = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
    # Two processes with one window each take the steps of one process with two.
    two = ["--training.per_device_train_batch_size", "1", f"--training.output_dir={tmp_path / 'two'}"]
    script("train.py", *setting, *two, launcher=launcher)
    assert read_json(tmp_path / "two" / "run.json")["processes"] == 2
    assert read_json(tmp_path / "two" / "run.json")["steps"] == read_json(tmp_path / "run" / "run.json")["steps"]
    assert micro(tmp_path / "two")["f1"]["value"] == pytest.approx(micro(tmp_path / "run")["f1"]["value"], abs=0.1)
    script("evaluate.py", str(tmp_path / "two"), "--split", "dev", "--output", str(tmp_path / "report"))
    assert read_json(tmp_path / "report" / "report.json")["scores"]["strict"]["micro"] == micro(tmp_path / "two")


def test_training_evaluates_in_the_precision_that_tagging_has(
    tmp_path: Path, setting: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[bool] = []
    predict = Tagger.predict

    def watch(self: Tagger, articles: Iterable[Article]) -> Iterator[Article]:
        layer = torch_network(self).model.get_submodule("classifier")
        handle = layer.register_forward_hook(lambda *_: inside.append(torch.is_autocast_enabled("cpu")))
        yield from predict(self, articles)
        handle.remove()

    monkeypatch.setattr(Tagger, "predict", watch)
    train_set, dev_set = (jsonl.read(tmp_path / f"{name}.jsonl") for name in ("train", "dev"))
    options = ["--training.precision=bf16", "--training.num_train_epochs=2"]
    train(load(Path(setting[0]), [*setting[1:], *options]), train_set, dev_set)
    assert inside
    assert not any(inside)


def test_tensorboard_when_asked(tmp_path: Path, setting: list[str]) -> None:
    script("train.py", *setting, "--training.report_to", "tensorboard", "--training.num_train_epochs", "1")
    assert list((tmp_path / "run" / "tensorboard").rglob("events.*"))


def test_early_stopping_keeps_the_best_epoch(tmp_path: Path, setting: list[str]) -> None:
    # A rate this high ruins what the first epochs learned.
    options = ["--training.num_train_epochs=30", "--training.learning_rate=0.03", "--training.patience=2"]
    options += ["--training.lr_scheduler_type=constant"]
    train_set, dev_set = (jsonl.read(tmp_path / f"{name}.jsonl") for name in ("train", "dev"))
    evaluation = train(load(Path(setting[0]), [*setting[1:], *options]), train_set, dev_set)
    history = read_json(tmp_path / "run" / "run.json")["history"]
    assert len(history) < 30
    assert history[-1]["eval_f1"] < max(entry["eval_f1"] for entry in history)
    assert evaluation.f1 == pytest.approx(max(entry["eval_f1"] for entry in history), abs=1e-4)
    tagger = engines.load(tmp_path / "run", device="cpu")
    assert score(dev_set, list(tagger.predict(dev_set)), labels=tagger.tagset.labels) == evaluation


class _Kill(TrainerCallback):
    """Ends training as a kill would, once the checkpoint of an epoch is there."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_save(self, args: Any, state: TrainerState, control: Any, **_: Any) -> None:
        if state.epoch == self.epoch:
            raise KeyboardInterrupt


def test_patience_and_the_clock_go_on_after_a_kill(tmp_path: Path, setting: list[str]) -> None:
    options = ["--training.num_train_epochs=9", "--training.patience=2", "--training.learning_rate=1e-9"]
    config = load(Path(setting[0]), [*setting[1:], *options])
    train_set, dev_set = (jsonl.read(tmp_path / f"{name}.jsonl") for name in ("train", "dev"))
    with pytest.raises(KeyboardInterrupt):
        train(config, train_set, dev_set, callbacks=[_Kill(2)])
    *_, path = sorted((tmp_path / "run" / "checkpoints").glob("*/trainer_state.json"))
    state = read_json(path)
    assert 0 < state["stateful_callbacks"]["_Stopwatch"]["attributes"]["earlier"] < 1000
    state["stateful_callbacks"]["_Stopwatch"]["attributes"]["earlier"] = 1000
    path.write_text(json.dumps(state))
    config = load(Path(setting[0]), [*setting[1:], *options])
    train(config, train_set, dev_set, resume=True)
    about = read_json(tmp_path / "run" / "run.json")
    assert len(about["history"]) == 3
    assert 1000 < about["training_seconds"] < 2000


def test_a_run_is_written_for_all_to_read(tmp_path: Path, setting: list[str]) -> None:
    train_set, dev_set = (jsonl.read(tmp_path / f"{name}.jsonl") for name in ("train", "dev"))
    train(load(Path(setting[0]), [*setting[1:], "--training.num_train_epochs=1"]), train_set, dev_set)
    files = [path for path in (tmp_path / "run").iterdir() if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {(tmp_path / "run" / "run.yaml").stat().st_mode & 0o777}


def test_folders_that_are_no_runs_are_left_alone(tmp_path: Path, setting: list[str]) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.doc").write_text("years of work")
    assert "is no run" in script("train.py", *setting, expect=2).stderr
    assert "is no run" in script("train.py", *setting, "--overwrite", expect=2).stderr
    assert (tmp_path / "run" / "thesis.doc").read_text() == "years of work"


def test_overwriting_waits_until_all_else_is_good(tmp_path: Path, setting: list[str]) -> None:
    train_set, dev_set = (jsonl.read(tmp_path / f"{name}.jsonl") for name in ("train", "dev"))
    one = [*setting[1:], "--training.num_train_epochs=1"]
    train(load(Path(setting[0]), one), train_set, dev_set)
    with pytest.raises(InputError, match="no such folder"):
        train(load(Path(setting[0]), [*one, "--model.backbone=./nowhere"]), train_set, dev_set, overwrite=True)
    before = read_json(tmp_path / "run" / "run.json")
    for option in ("--training.optim=adamw_8bit", "--training.report_to=wandb"):  # packages that are not there
        with pytest.raises(InputError, match="training section cannot be used"):
            train(load(Path(setting[0]), [*one, option]), train_set, dev_set, overwrite=True)
        with pytest.raises(InputError, match="training section cannot be used"):
            train(
                load(Path(setting[0]), [*one, option, f"--training.output_dir={tmp_path / 'new'}"]), train_set, dev_set
            )
        assert not (tmp_path / "new").exists()
    assert (tmp_path / "run" / "model.safetensors").is_file()
    assert read_json(tmp_path / "run" / "run.json") == before
    train(load(Path(setting[0]), [*one, "--training.seed=3"]), train_set, dev_set, overwrite=True)
    assert read_json(tmp_path / "run" / "run.json")["seed"] == 3


def test_nothing_to_learn(tmp_path: Path, setting: list[str]) -> None:
    with pytest.raises(InputError, match="nothing to learn"):
        train(load(Path(setting[0]), setting[1:]), [parse("No spans here.")], make_articles(2))
    assert not (tmp_path / "run").exists()


def test_last_whole_checkpoint(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path / "none") is None
    for name, state in (
        ("checkpoint-9", "{}"),
        ("checkpoint-10", "{}"),
        ("checkpoint-11", '{"ha'),
        ("checkpoint-12", None),
    ):
        (tmp_path / name).mkdir()
        if state:
            (tmp_path / name / "trainer_state.json").write_text(state)
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-10"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-9"]


def test_the_environment_of_these_tests_is_offline() -> None:
    assert os.environ.get("HF_HUB_OFFLINE") == "1"


def test_layers_learn_at_rates_of_their_depth(backbone: Path) -> None:
    model = TorchNetwork.build(str(backbone), TagSet(["A"]), attention_dropout=0.3).model
    assert model.config.attention_probs_dropout_prob == 0.3
    assert model.config.hidden_dropout_prob == 0.0
    decayed = {name for name, _ in model.named_parameters() if not name.endswith("bias") and "LayerNorm" not in name}
    groups = parameter_groups(model, decayed, 1e-3, 5e-3, 0.5, 0.01)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    rates = {names[id(one)]: (group["lr"], group["weight_decay"]) for group in groups for one in group["params"]}
    assert len(rates) == len(names)
    assert rates["classifier.weight"] == (5e-3, 0.01)
    assert rates["classifier.bias"] == (5e-3, 0.0)
    assert rates["bert.encoder.layer.1.attention.self.query.weight"] == (1e-3, 0.01)
    assert rates["bert.encoder.layer.0.attention.self.query.bias"] == (5e-4, 0.0)
    assert rates["bert.embeddings.word_embeddings.weight"] == (2.5e-4, 0.01)


def test_learning_rates_by_depth_reach_the_optimizer(tmp_path: Path, setting: list[str]) -> None:
    script(
        "train.py",
        *setting,
        "--training.layer_decay=0.5",
        "--training.head_learning_rate=1e-2",
        "--training.num_train_epochs=1",
    )
    assert "layer_decay: '0.5'" in (tmp_path / "run" / "run.yaml").read_text()
    for option, reason in (
        ("layer_decay=0", "above 0"),
        ("layer_decay=1.5", "at most 1"),
        ("head_learning_rate=-1", "above 0"),
    ):
        assert reason in script("train.py", *setting, f"--training.{option}", expect=2).stderr


def test_the_order_of_windows_is_that_of_the_seed_and_the_epoch(
    tmp_path: Path, backbone: Path, setting: list[str]
) -> None:
    articles = make_articles(20)
    tagger = loud_tagger(backbone, 40, 8)
    windows = training_windows(articles, tagger.encoder, tagger.tagset)

    def orders(*options: str, dropout: int = 0) -> list[list[int]]:
        """Of two epochs, between which dropout draws some numbers."""
        arguments = load(Path(setting[0]), [*setting[1:], *options]).training
        trainer = SpanTrainer(tagger, torch_network(tagger), arguments, windows, articles[:1])
        sampler = trainer._get_train_sampler()
        found = []
        for epoch in (0.0, 0.9999999, 1.5):  # the last, of a run that goes on in the middle of its second
            trainer.state.epoch = epoch
            trainer.callback_handler.on_epoch_begin(trainer.args, trainer.state, trainer.control)
            found.append(list(sampler))
            torch.rand(dropout)
        assert found[2] == found[1]
        return found[:2]

    first, second = orders("--training.seed=1")
    assert first != second
    assert orders("--training.seed=1", dropout=7) == [first, second]
    assert orders("--training.seed=2")[0] not in (first, second)
    assert orders("--training.seed=2", "--training.data_seed=1") == [first, second]


def test_training_draws_bytes_for_dropout(backbone: Path, setting: list[str]) -> None:
    tagger = loud_tagger(backbone, 40, 8)
    model = torch_network(tagger).model
    windows = training_windows(make_articles(2), tagger.encoder, tagger.tagset)
    SpanTrainer(tagger, torch_network(tagger), load(Path(setting[0]), setting[1:]).training, windows, make_articles(1))
    assert {type(module) for module in model.modules() if isinstance(module, torch.nn.Dropout)} == {ByteDropout}


def test_vectors_asked_for_twice_are_worked_out_once(backbone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tagger = loud_tagger(backbone, 40, 8)
    articles = make_articles(4)
    asked: list[str] = []
    work_out: Callable[[Iterable[Article]], Iterator[np.ndarray]] = tagger.vectors

    def count(some: Iterable[Article]) -> Iterator[np.ndarray]:
        some = list(some)
        asked.extend(article.id for article in some)
        return work_out(some)

    monkeypatch.setattr(tagger, "vectors", count)
    kept = _Kept(tagger, {articles[1].id, articles[2].id})
    first = list(kept.vectors(articles[:3]))
    again = list(kept.vectors([articles[2], articles[3], articles[1], articles[0]]))
    assert asked == [articles[number].id for number in (0, 1, 2, 3, 0)]
    for number, vectors in zip((2, 3, 1, 0), again, strict=True):
        (alone,) = work_out([articles[number]])
        assert vectors == pytest.approx(alone, abs=1e-4)
        assert len(vectors) == len(articles[number].spans)
    assert again[0] is first[2]
