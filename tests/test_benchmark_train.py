import json
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForTokenClassification

from benchmarks.recipes import PHASES, flops_of_token, mean_context, owned_tokens, plain_windows
from benchmarks.train import RECIPES, Run, facts, main, profile, table
from data.errors import InputError
from data.formats import jsonl
from data.schema import Article
from model.encode import IGNORE, Encoder
from model.network import TorchNetwork
from model.tagger import Tagger
from model.tags import TagSet
from tests.conftest import SENTENCES, parse, torch_network


def varied(count: int) -> list[Article]:
    """Articles of several windows each, no two of which have the same words."""
    chosen = (random.Random(number).choices(SENTENCES, k=9) for number in range(count))
    return [parse(" ".join(sentences), f"varied-{number}") for number, sentences in enumerate(chosen)]


LONG = varied(6)


@pytest.fixture(scope="module")
def tagger(backbone: Path) -> Tagger:
    tagset = TagSet.from_articles(LONG)
    return Tagger(TorchNetwork.build(str(backbone), tagset), tagset, 40, 8)


def test_operations_of_a_token_by_hand() -> None:
    config = BertConfig(
        vocab_size=50,
        hidden_size=4,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=6,
        max_position_embeddings=16,
    )
    config.num_labels = 3
    model = BertForTokenClassification(config)
    attention = 4 * (4 * 4 + 4) + 2 * 4  # query, key, value, output with biases, then a norm
    feed_forward = (4 * 6 + 6) + (6 * 4 + 4) + 2 * 4
    head = 4 * 3 + 3
    assert flops_of_token(model, 0) == 6 * (2 * (attention + feed_forward) + head)
    # Each token attends to 10: scores and sums are 2 × 4 operations each, in 2 layers, three times with backward.
    assert flops_of_token(model, 10) - flops_of_token(model, 0) == 10 * (2 * 2 * 4) * 2 * 3


def test_context_is_that_of_the_mean_token() -> None:
    assert mean_context([[0] * 30, [0] * 10]) == (30 * 30 + 10 * 10) / 40


def test_plain_windows_count_each_token_once_and_label_each_word(tagger: Tagger) -> None:
    articles = [LONG[0], Article("blank", " \n"), *LONG[1:], parse("[Norland](ACTOR) left.", "short")]
    examples, counts = plain_windows(articles, tagger, torch_network(tagger))
    encoded = tagger.encoder.encode([article.text for article in articles])
    assert len(examples) > len(articles) + 6
    assert all(len(example["input_ids"]) <= 40 for example in examples)
    assert all(len(example["labels"]) == len(example["input_ids"]) for example in examples)
    assert len(counts) == len(examples)
    assert sum(counts.values()) == sum(len(one.input_ids) for one in encoded)
    # Put together again: tokens that count follow one another, and the labels on them are those of the words.
    tokens, tags = [], []
    for example in examples:
        new = counts[tuple(example["input_ids"])]
        tokens += example["input_ids"][-1 - new : -1]
        tags += example["labels"][-1 - new : -1]
    assert tokens == [token for one in encoded for token in one.input_ids.tolist()]
    words = sum(len(one.head) for one in encoded)
    assert sum(tag != IGNORE for tag in tags) == words
    begun = {tagger.tagset.begin(label) for label in tagger.tagset.labels}
    assert sum(tag in begun for tag in tags) == sum(len(article.spans) for article in articles)
    # Where windows overlap a word carries its label in both.
    assert sum(tag != IGNORE for example in examples for tag in example["labels"]) > words


def test_our_windows_count_each_token_once(tagger: Tagger) -> None:
    tokens = sum(len(one.input_ids) for one in tagger.encoder.encode([article.text for article in LONG]))
    counts = owned_tokens(LONG, tagger.encoder)
    assert len(counts) > len(LONG)
    assert sum(counts.values()) == tokens
    whole = owned_tokens(LONG, Encoder(tagger.network.text_tokenizer, 10_000, 0))
    assert sum(whole.values()) == tokens
    assert len(whole) == len(LONG)


PLAIN = Run(
    recipe="plain", seed=1, steps=5, seconds=10.0, tokens=5_000, f1=0.85, memory=3_000_000_000, flops=2e7, peak=1e11,
    precision="fp32", device="cpu", threads=2, window=512, batch=8, phases={"data": 1.0, "forward": 9.0},
)  # fmt: skip
OURS = replace(PLAIN, recipe="ours", seconds=5.0, f1=0.86, memory=1_500_000_000, precision="bf16", window=256,
               peak=4e11, phases={"data": 0.5, "forward": 4.5})  # fmt: skip


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_table_compares_the_means() -> None:
    runs = [PLAIN, OURS, replace(PLAIN, seed=2, tokens=7_000, f1=0.87), replace(OURS, seed=2, tokens=7_000, f1=0.86)]
    rows = {cells(row)[0]: cells(row)[1:] for row in table(runs)[2:]}
    assert rows["tokens of text a second"] == ["600 ± 141", "1,200 ± 283", "2.00"]
    assert rows["seconds, without the first 3 steps"] == ["10.0 ± 0.0", "5.0 ± 0.0", "0.50"]
    assert rows["peak memory, MB"] == ["3,000 ± 0", "1,500 ± 0", "0.50"]
    # 600 tokens × 2e7 operations are 1.2e10 of 1e11 a second; 1,200 are 2.4e10 of 4e11.
    assert rows["share of that, percent"] == ["12.0 ± 2.8", "6.0 ± 1.4", "0.50"]
    assert rows["dev F1, percent"] == ["86.0 ± 1.4", "86.0 ± 0.0", "+0.0"]
    assert cells(profile(runs)[-1]) == ["forward", "90.0 ± 0.0", "90.0 ± 0.0"]
    line = facts(runs, "4 processors, x86_64")
    assert "plain: fp32, steps of 8 windows of up to 512; ours: bf16, steps of 8 windows of up to 256 tokens." in line
    assert "Seeds 1, 2; 2 threads on cpu" in line


def test_one_seed_has_no_spread_and_steps_have_no_f1() -> None:
    rows = table([replace(PLAIN, f1=None), replace(OURS, f1=None)])
    assert "| tokens of text a second | 500 | 1,000 | 2.00 |" in rows
    assert not any("F1" in row for row in rows)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The command, whose runs stay in this process: starting several would take longer than all they do."""

    def call(*words: str) -> None:
        monkeypatch.setattr(sys, "argv", ["benchmarks.train", *words])
        main()

    def start(words: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        assert words[:3] == [sys.executable, "-m", "benchmarks.train"]
        call(*words[3:])
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr(subprocess, "run", start)
    monkeypatch.setattr("benchmarks.recipes._SECONDS", 0.01)
    return call


def read_runs(path: Path) -> list[Run]:
    names = [one.name for one in fields(Run)]
    return [Run(**{name: one[name] for name in names}) for one in json.loads(path.read_text())["runs"]]


def test_both_recipes_train(
    tmp_path: Path, backbone: Path, command: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.yaml").write_text(
        "model: {window: 40, overlap: 8}\n"
        "training: {per_device_train_batch_size: 2, gradient_accumulation_steps: 2, learning_rate: 1e-2}\n"
    )
    jsonl.write(varied(12), tmp_path / "train.jsonl")
    jsonl.write(varied(3), tmp_path / "dev.jsonl")
    options = ["--config", str(tmp_path / "config.yaml"), "--backbone", str(backbone), "--seeds", "1",
               "--data.train", str(tmp_path / "train.jsonl"), "--data.dev", str(tmp_path / "dev.jsonl"),
               "--output", str(tmp_path / "out.json")]  # fmt: skip
    backward = torch.Tensor.backward

    command(*options, "--epochs", "2", "--profile")
    assert torch.Tensor.backward is backward
    found = read_runs(tmp_path / "out.json")
    assert [one.recipe for one in found] == list(RECIPES)
    assert [one.window for one in found] == [64, 40]
    for one in found:
        assert one.f1 is not None
        assert 0 <= one.f1 <= 1
        assert set(one.phases) == set(PHASES)
        assert sum(one.phases.values()) == pytest.approx(one.seconds)
        assert all(one.phases.values())
        assert one.share > 0
        assert one.memory > 50_000_000
    shown = capsys.readouterr().out
    assert "plain: fp32, steps of 4 windows of up to 64; ours: " in shown
    assert "| dev F1, percent |" in shown
    assert "| backward |" in shown

    command(*options, "--steps", "2")
    found = read_runs(tmp_path / "out.json")
    assert [(one.steps, one.f1, one.phases) for one in found] == [(2, None, {}), (2, None, {})]
    assert "F1, percent" not in capsys.readouterr().out


@pytest.mark.parametrize("recipe", RECIPES)
def test_an_epoch_reads_all_text_once(
    recipe: str, tmp_path: Path, backbone: Path, command: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.yaml").write_text(
        "model: {window: 40, overlap: 8}\n"
        "training: {per_device_train_batch_size: 2, gradient_accumulation_steps: 3, num_train_epochs: 2}\n"
    )
    jsonl.write(LONG, tmp_path / "train.jsonl")
    monkeypatch.setattr("benchmarks.recipes.WARM_UP", 0)
    command("--config", str(tmp_path / "config.yaml"), "--backbone", str(backbone), "--seeds", "1",
            "--data.train", str(tmp_path / "train.jsonl"), "--data.dev", str(tmp_path / "train.jsonl"),
            "--recipe", recipe, "--output", str(tmp_path / "out.json"))  # fmt: skip
    found = Run(**json.loads((tmp_path / "out.json").read_text()))
    tagset = TagSet(["ACTOR"])
    encoder = Tagger(TorchNetwork.build(str(backbone), tagset), tagset, 40, 8).encoder
    assert found.tokens == 2 * sum(len(one.input_ids) for one in encoder.encode([article.text for article in LONG]))


def test_what_cannot_be_measured_is_said(tmp_path: Path, backbone: Path, command: Callable[..., None]) -> None:
    with pytest.raises(InputError, match="--steps is 0; it must be at least 1"):
        command("--steps", "0")
    jsonl.write(LONG[:1], tmp_path / "train.jsonl")
    options = ["--backbone", str(backbone), "--model.window", "40", "--model.overlap", "8",
               "--data.train", str(tmp_path / "train.jsonl"), "--data.dev", str(tmp_path / "train.jsonl"),
               "--output", str(tmp_path / "out.json")]  # fmt: skip
    with pytest.raises(InputError, match="none.jsonl"):
        command(*options, "--data.train", str(tmp_path / "none.jsonl"))
    with pytest.raises(InputError, match="dataloader_num_workers must be 0"):
        command(*options, "--training.dataloader_num_workers", "2")
    with pytest.raises(InputError, match="1 steps were trained, all of them warm-up"):
        command(*options, "--epochs", "1")
    assert not (tmp_path / "out.json").exists()


def test_help_needs_no_torch() -> None:
    code = "import sys, benchmarks.train; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
