import itertools
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from transformers import BertModel, PreTrainedTokenizerFast

from benchmarks.search import (
    BASE,
    ILLEGAL,
    VARIANTS,
    AdversarialWeights,
    Crf,
    FrozenEmbeddings,
    MaskedWords,
    MovingAverage,
    Outcome,
    RDrop,
    _CrfTagger,
    allowed,
    log_partition,
    main,
    table,
)
from data.errors import InputError
from data.formats import jsonl
from model.config import load
from model.scoring import Evaluation
from model.tags import TagSet
from model.training import SpanTrainer, train
from tests.conftest import SPECIAL, make_articles

MASK = SPECIAL.index("[UNK]")


def sequences(words: int, tags: int) -> list[tuple[int, ...]]:
    """All legal ones."""
    every = itertools.product(range(tags), repeat=words)
    return [one for one in every if all(tag % 2 or tag == 0 or (at and one[at - 1] in (tag - 1, tag))
                                        for at, tag in enumerate(one))]  # fmt: skip


def test_the_partition_is_the_sum_over_legal_sequences() -> None:
    torch.manual_seed(3)
    emissions, transitions = torch.randn(2, 4, 5), torch.randn(5, 5)
    lengths = torch.tensor([4, 2])
    for row, length in enumerate(lengths.tolist()):
        scores = [
            sum(emissions[row, at, tag] for at, tag in enumerate(one))
            + sum(transitions[before, after] for before, after in itertools.pairwise(one))
            for one in sequences(length, 5)
        ]
        expected = torch.logsumexp(torch.stack([torch.as_tensor(one) for one in scores]), 0)
        assert log_partition(emissions, lengths, allowed(transitions))[row] == pytest.approx(float(expected), abs=1e-4)


def test_illegal_transitions_have_no_share() -> None:
    scores = allowed(torch.zeros(5, 5))
    assert [(a, b) for a in range(5) for b in range(5) if scores[a, b] == ILLEGAL] == [
        (a, b) for a in range(5) for b in (2, 4) if a not in (b - 1, b)
    ]


@pytest.mark.parametrize("trainer", [RDrop, AdversarialWeights, MovingAverage, Crf])
def test_a_variant_learns(
    trainer: type[SpanTrainer], tmp_path: Path, backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MovingAverage, "decay", 0.8)  # of twenty steps
    assert learn(trainer, tmp_path, backbone, epochs=5).f1 > 0.8


def test_two_passes_without_dropout_are_one(tmp_path: Path, backbone: Path) -> None:
    learnt = []
    for trainer in (SpanTrainer, RDrop):
        learn(trainer, tmp_path / trainer.__name__, backbone, epochs=1)
        learnt.append(load_file(tmp_path / trainer.__name__ / "run" / "model.safetensors"))
    for name, weights in learnt[0].items():
        assert torch.allclose(weights, learnt[1][name], atol=1e-5), name


def test_moved_weights_are_put_back(tmp_path: Path, backbone: Path) -> None:
    steps = []

    class Watched(AdversarialWeights):
        def training_step(self, model: nn.Module, inputs: dict[str, Any], *rest: Any) -> torch.Tensor:
            before = [one.detach().clone() for one in model.parameters()]
            alone = SpanTrainer.training_step(self, model, dict(inputs), *rest)
            gradients = [one.grad.clone() for one in model.parameters() if one.grad is not None]
            model.zero_grad()
            loss = super().training_step(model, inputs, *rest)
            assert torch.equal(loss, alone)
            assert all(map(torch.equal, before, model.parameters()))
            now = [one.grad for one in model.parameters() if one.grad is not None]
            steps.append(all(map(torch.equal, gradients, now)))
            return loss

    learn(Watched, tmp_path, backbone, epochs=1)
    assert steps
    assert not any(steps)


def test_frozen_embeddings_stay(tmp_path: Path, backbone: Path) -> None:
    before = BertModel.from_pretrained(backbone).embeddings.word_embeddings.weight
    for trainer, same in ((FrozenEmbeddings, True), (SpanTrainer, False)):
        learn(trainer, tmp_path / trainer.__name__, backbone, epochs=1)
        after = BertModel.from_pretrained(tmp_path / trainer.__name__ / "run").embeddings.word_embeddings.weight
        assert torch.equal(before, after) == same


def test_a_tenth_of_the_words_is_masked(tmp_path: Path, backbone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PreTrainedTokenizerFast, "mask_token_id", MASK, raising=False)
    seen: list[torch.Tensor] = []
    loss = SpanTrainer.compute_loss

    def watched(self: SpanTrainer, model: Any, inputs: dict[str, Any], *rest: Any, **named: Any) -> Any:
        seen.append(inputs["input_ids"])
        return loss(self, model, inputs, *rest, **named)

    monkeypatch.setattr(SpanTrainer, "compute_loss", watched)
    learn(MaskedWords, tmp_path, backbone, epochs=2)
    ids = torch.cat([batch.flatten() for batch in seen])
    words = ids >= len(SPECIAL)
    masked = ids == MASK
    assert masked.sum() / (masked | words).sum() == pytest.approx(0.1, abs=0.03)
    assert (ids == SPECIAL.index("[CLS]")).sum() == sum(len(batch) for batch in seen)


def learn(trainer: type[SpanTrainer], folder: Path, backbone: Path, epochs: int) -> Evaluation:
    folder.mkdir(exist_ok=True)
    (folder / "config.yaml").write_text(
        f"model: {{backbone: '{backbone}', window: 40, overlap: 8}}\n"
        f"training: {{output_dir: '{folder}/run', per_device_train_batch_size: 4, learning_rate: 2e-2,"
        f" num_train_epochs: {epochs}, report_to: none, disable_tqdm: true, seed: 1}}\n"
    )
    articles = make_articles(16)
    return train(load(folder / "config.yaml"), articles, articles[:4], trainer_class=trainer)


def test_marginals_replace_probabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.ndarray] = []
    monkeypatch.setattr("model.tagger.Tagger._decode", lambda self, article, one, log_probs: seen.append(log_probs))
    tagger = _CrfTagger.__new__(_CrfTagger)
    tagger.tagset = TagSet(["ACTOR"])
    tagger.transitions = torch.tensor([[0.0, 0, 0], [0, 0, 2.0], [0, 0, 0]])
    emissions = np.log(np.array([[0.4, 0.5, 0.1], [0.5, 0.1, 0.4]], dtype=np.float32))
    tagger._decode(SimpleNamespace(), SimpleNamespace(), emissions)  # type: ignore[arg-type]
    legal = sequences(2, 3)
    weights = np.array([np.exp(emissions[0, a] + emissions[1, b] + tagger.transitions[a, b].item()) for a, b in legal])
    expected = [[weights[[one[at] == tag for one in legal]].sum() / weights.sum() for tag in range(3)] for at in (0, 1)]
    assert np.exp(seen[0]) == pytest.approx(np.array(expected), abs=1e-5)


def test_the_search_goes_on_where_it_stopped(
    tmp_path: Path, backbone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    jsonl.write(make_articles(16), tmp_path / "train.jsonl")
    jsonl.write(make_articles(4), tmp_path / "dev.jsonl")
    (tmp_path / "config.yaml").write_text(
        f"data: {{train: '{tmp_path}/train.jsonl', dev: '{tmp_path}/dev.jsonl'}}\n"
        f"model: {{backbone: '{backbone}', window: 40, overlap: 8}}\n"
        "training: {per_device_train_batch_size: 4, learning_rate: 1e-2, num_train_epochs: 1, report_to: none}\n"
    )

    def call(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["search", "--config", str(tmp_path / "config.yaml"), "--seeds", "1", "2",
                                          "--output", str(tmp_path / "out"), *words])  # fmt: skip
        main()
        return capsys.readouterr().out

    first = call("--variants", BASE, "--part", "0.5")
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    assert set(kept) == {"unchanged-1.json", "unchanged-2.json"}
    both = call("--variants", BASE, "label smoothing", "--part", "0.5")
    assert both.splitlines()[2] == first.splitlines()[2]
    assert both.splitlines()[3].startswith("| label smoothing | ")
    assert {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in kept} == kept
    with pytest.raises(InputError, match="unchanged-1.json is of another configuration or other articles"):
        call("--variants", BASE, "--part", "0.75")
    with pytest.raises(InputError, match="--variants: there is no 'luck'"):
        call("--variants", "luck")
    with pytest.raises(InputError, match="--part is 0.0; it must be above 0"):
        call("--part", "0")


def test_the_table_compares_seed_by_seed() -> None:
    found = [
        Outcome(name, seed, {"ACTOR": f1, "micro": f1}, {}, {})
        for name, scores in ((BASE, {1: 0.5, 2: 0.7}), ("other", {1: 0.51, 2: 0.73}))
        for seed, f1 in scores.items()
    ]
    assert table(found)[2:] == [
        f"| {BASE} | 60.0 ± 14.1 |  | 60.0 ± 14.1 |",
        "| other | 62.0 ± 15.6 | +2.0 ± 1.4 | 62.0 ± 15.6 |",
    ]


def test_every_variant_can_be_configured() -> None:
    for variant in VARIANTS.values():
        load(
            Path("configs/default.yaml"),
            ["--data.soft_labels=", *(f"--{key}={value}" for key, value in variant.settings.items())],
        )
