import dataclasses
from pathlib import Path

import pytest

from model.config import ConfigError, DataConfig, TrainingConfig, best_precision, load

CONFIGS = sorted(Path("configs").glob("*.yaml"))

SMALL = """\
data:
  train: a.jsonl
  dev: b.jsonl
model:
  backbone: some/where
training:
  learning_rate: 1e-4
  report_to: none
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_shipped_configurations_load(path: Path) -> None:
    config = load(path)
    assert config.training.output_dir == f"outputs/{path.stem}"
    assert config.model.overlap < config.model.window


def test_there_are_shipped_configurations() -> None:
    assert {path.name for path in CONFIGS} >= {"default.yaml", "mpnet.yaml"}


def test_numbers_are_what_they_look_like(small: Path) -> None:
    config = load(small)
    assert config.training.learning_rate == 1e-4
    assert config.data.train == "a.jsonl"
    assert config.data.test is None


def test_the_command_line_wins(small: Path) -> None:
    options = ["--training.weight_decay=-0", "--model.window", "99", "--training.max-grad-norm", "-1.5"]
    config = load(small, [*options, "--training.activation_checkpointing", "no"])
    assert config.training.weight_decay == 0
    assert config.model.window == 99
    assert config.training.max_grad_norm == -1.5
    assert config.training.activation_checkpointing is False


def test_what_is_saved_loads_to_the_same(small: Path, tmp_path: Path) -> None:
    config = load(small, ["--training.seed", "7", "--model.dropout", "0.2"])
    (tmp_path / "again.yaml").write_text(config.to_yaml())
    again = load(tmp_path / "again.yaml")
    assert again.to_yaml() == config.to_yaml()
    assert (again.data, again.model) == (config.data, config.model)
    assert dataclasses.asdict(again.training) == dataclasses.asdict(config.training)


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        "data:\n  trian: a\nmodle:\n  window: 3\nmodel:\n  window: wide\n  dropout: 1.5\n"
        "training:\n  lerning_rate: 1e-4\n  seed: no\n  seed: 3\n  learning_rate: nan\n"
    )
    with pytest.raises(ConfigError) as caught:
        load(path, ["--training.precision", "int8", "--model.windows=3", "stray", "--training.seed"])
    message = str(caught.value)
    for said in (
        f"{path}: ",
        "line 2: unknown key data.trian; did you mean data.train?",
        "line 3: unknown section 'modle'; did you mean model?",
        "line 6: model.window is 'wide'",
        "line 9: unknown key training.lerning_rate; did you mean training.learning_rate?",
        "line 11: training.seed stands twice",
        "line 12: training.learning_rate is 'nan'",
        "command line: training.precision is 'int8': invalid choice",
        "command line: unknown key model.windows; did you mean model.window?",
        "'stray' is no option",
        "--training.seed lacks a value",
    ):
        assert said in message


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--training.soft_label_weight=1.5", "from 0 to 1"),
        ("--model.dropout=1.5", "below 1"),
        ("--training.patience=-1", "negative"),
        ("--training.precision=fp16", "GPU"),
        ("--training.learning_rate=-1", "learning_rate is -1.0; it must be above 0"),
        ("--training.per_device_train_batch_size=0", "must be above 0"),
        ("--training.gradient_accumulation_steps=0", "must be above 0"),
        ("--training.num_train_epochs=0", "must be above 0"),
        ("--training.seed=-1", "seed is -1; it must not be negative"),
        ("--training.weight_decay=-1", "negative"),
        ("--training.bf16=true", "training.bf16 has no effect here: set training.precision"),
        ("--training.eval_strategy=no", "no effect here: a run is scored on dev"),
        ("--training.resume_from_checkpoint=x", "--resume"),
    ],
)
def test_values_that_cannot_work(small: Path, option: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ConfigError, match=said):
        load(small, [option])


def test_an_empty_value_unsets(small: Path) -> None:
    assert load(small, ["--data.soft_labels=a"]).data.soft_labels == "a"
    assert load(small, ["--data.soft_labels=a", "--data.soft_labels="]).data.soft_labels is None
    assert load(small, ["--data.test", ""]).data.test == DataConfig.test
    with pytest.raises(ConfigError, match="unknown key data.soft_label; did you mean data.soft_labels?"):
        load(small, ["--data.soft_label="])


def test_label_smoothing_has_no_place_beside_soft_labels(small: Path) -> None:
    smooth = "--training.label_smoothing_factor=0.1"
    assert load(small, [smooth]).training.label_smoothing_factor == 0.1
    with pytest.raises(ConfigError, match="has no effect beside data.soft_labels"):
        load(small, [smooth, "--data.soft_labels=a"])


@pytest.mark.parametrize("content", ["- a\n", "", "data: [1\n", "data: 3\n"])
def test_not_a_configuration(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(content)
    with pytest.raises(ConfigError, match="bad.yaml"):
        load(path)


def test_precision_follows_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for has_bf16, expected in ((True, "bf16"), (False, "fp32")):
        monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda has=has_bf16: has)
        monkeypatch.setattr("torch.cpu._is_amx_tile_supported", lambda: False)
        made = TrainingConfig(output_dir="x", report_to="none")
        assert (made.precision, made.bf16, made.fp16, made.use_cpu) == (expected, has_bf16, False, True)
    for has_bf16, expected in ((True, "bf16"), (False, "fp16")):
        monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda including_emulation, has=has_bf16: has)
        assert best_precision(gpu=True) == expected
