"""A teacher's probabilities: what is kept of them, what a pupil is given, and what it makes of them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from data.errors import InputError
from data.formats import jsonl
from data.schema import Article
from model import training
from model.config import load
from model.encode import training_windows
from model.network import TorchNetwork
from model.soft_labels import SoftLabels
from model.tagger import Tagger
from model.tags import TagSet
from model.training import SpanTrainer, train
from tests.conftest import loud_tagger, make_articles, parse, script

TAGSET = TagSet(["ACTION", "ACTOR", "DATE", "DEADLINE"])
ARTICLES = make_articles(12, sentences=8)


@pytest.fixture(scope="module")
def teacher(backbone: Path) -> Tagger:
    torch.manual_seed(3)
    return loud_tagger(backbone, 40, 8)


@pytest.fixture(scope="module")
def made(teacher: Tagger) -> SoftLabels:
    return SoftLabels.of(teacher.log_probs(ARTICLES), TAGSET.tags, {"backbone": "tiny"})


def test_they_are_the_teachers_to_some_percent(teacher: Tagger, made: SoftLabels) -> None:
    for article, log_probs in teacher.log_probs(ARTICLES):
        found = made.probabilities(article, len(log_probs))
        assert found is not None
        assert found.shape == log_probs.shape
        np.testing.assert_allclose(found, np.exp(log_probs), rtol=0.055, atol=1e-4)
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)


@given(st.lists(st.floats(-1e4, 0), min_size=9, max_size=9))
def test_any_log_probability_can_be_kept(row: list[float]) -> None:
    article = Article("a", "word")
    log_probs = np.array([row])
    log_probs -= np.log(np.exp(log_probs - log_probs.max()).sum()) + log_probs.max()
    found = SoftLabels.of([(article, log_probs)], TAGSET.tags, {}).probabilities(article, 1)
    assert found is not None
    np.testing.assert_allclose(found, np.exp(log_probs), rtol=0.055, atol=1e-4)


def test_a_file_gives_them_back(tmp_path: Path, made: SoftLabels) -> None:
    made.save(tmp_path / "new" / "soft.safetensors")
    found = SoftLabels.load(tmp_path / "new" / "soft.safetensors")
    assert (found.tags, found.about) == (TAGSET.tags, {"backbone": "tiny"})
    assert found.annotations == made.annotations
    assert found.by_text.keys() == made.by_text.keys()
    assert all((found.by_text[name] == made.by_text[name]).all() for name in made.by_text)


def test_articles_are_known_by_their_words_and_annotation(made: SoftLabels) -> None:
    article = ARTICLES[0]
    words = len(next(iter(made.by_text.values())))
    assert made.probabilities(replace(article, id="other"), words) is not None
    assert made.probabilities(replace(article, text="  " + article.text.replace(" ", "  "), spans=()), words) is None
    assert made.probabilities(article, words + 1) is None
    # What somebody has corrected since is theirs to say.
    assert made.probabilities(article.with_spans(article.spans[1:]), words) is None
    assert made.knows(article)
    assert not made.knows(article.with_spans(article.spans[1:]))
    assert made.probabilities(Article("b", article.text + " More."), words) is None


def test_what_is_no_such_file_is_refused(tmp_path: Path, made: SoftLabels) -> None:
    path = tmp_path / "soft.safetensors"
    with pytest.raises(InputError, match="soft.safetensors holds no soft labels"):
        SoftLabels.load(path)
    path.write_bytes(b"no tensors")
    with pytest.raises(InputError, match="write it with teach.py"):
        SoftLabels.load(path)
    save_file(dict(made.by_text), path)
    with pytest.raises(InputError, match="tags"):
        SoftLabels.load(path)
    metadata = {"tags": json.dumps(TAGSET.tags), "about": "{}", "annotations": '{"a": "0"}'}
    save_file({"a": np.zeros((4, 9), dtype=np.float32)}, path, metadata=metadata)
    with pytest.raises(InputError, match="bytes"):
        SoftLabels.load(path)
    save_file({"a": np.zeros((4, 8), dtype=np.uint8)}, path, metadata=metadata)
    with pytest.raises(InputError, match="bytes"):
        SoftLabels.load(path)


def test_targets_are_the_annotation_and_the_teacher_mixed(teacher: Tagger, made: SoftLabels) -> None:
    stranger = parse("[Norland](ACTOR) [left](ACTION) in haste.", "stranger")
    articles = [*ARTICLES, stranger]
    windows = training_windows(articles, teacher.encoder, TAGSET, made.probabilities, 0.25)
    plain = training_windows(articles, teacher.encoder, TAGSET)
    assert plain.targets is None
    assert windows.targets is not None
    assert (windows.taught, len(articles)) == (12, 13)
    assert windows.labels == plain.labels
    rows = []
    for labels, targets in zip(windows.labels, windows.targets, strict=True):
        for label, row in zip(labels, targets, strict=True):
            if label < 0:
                assert not row.any()
            else:
                assert row.sum() == pytest.approx(1, rel=1e-5)
                assert row[label] >= 0.7499
                rows.append((label, row))
    log_probs = np.concatenate([one for _, one in teacher.log_probs(articles)])
    assert len(rows) == len(log_probs)
    for (label, row), mine in zip(rows[:-5], log_probs, strict=False):
        np.testing.assert_allclose(row, 0.25 * np.exp(mine) + 0.75 * np.eye(9)[label], rtol=0.06, atol=1e-4)
    assert all(row[label] == 1 for label, row in rows[-5:])  # what the teacher did not see is learnt as it is annotated


OPTIONS = """\
model: {window: 40, overlap: 8}
training:
  num_train_epochs: 2
  per_device_train_batch_size: 4
  learning_rate: 1e-3
  report_to: none
  disable_tqdm: true
"""


def trainer_of(folder: Path, backbone: Path, teacher: Tagger, made: SoftLabels | None, share: float) -> SpanTrainer:
    (folder / "config.yaml").write_text(OPTIONS)
    arguments = load(folder / "config.yaml", [f"--training.output_dir={folder / 'run'}"]).training
    windows = training_windows(ARTICLES, teacher.encoder, TAGSET, made.probabilities if made else None, share)
    torch.manual_seed(7)
    network = TorchNetwork.build(str(backbone), TAGSET)
    return SpanTrainer(Tagger(network, TAGSET, 40, 8), network, arguments, windows, ARTICLES[:2])


def batch_loss(trainer: SpanTrainer) -> float:
    assert trainer.model is not None
    trainer.model.eval()
    torch.manual_seed(5)
    batch = next(iter(trainer.get_train_dataloader()))
    return float(trainer.compute_loss(trainer.model, dict(batch)).detach())


def test_the_loss_is_the_cross_entropy_with_the_targets(
    tmp_path: Path, backbone: Path, teacher: Tagger, made: SoftLabels
) -> None:
    # With nothing of the teacher's it is the loss of the annotation; with all, that of the teacher; it is linear.
    gold, none, half, whole = (
        batch_loss(trainer_of(tmp_path, backbone, teacher, soft, share))
        for soft, share in ((None, 0.0), (made, 0.0), (made, 0.5), (made, 1.0))
    )
    assert none == pytest.approx(gold, rel=1e-5)
    assert half == pytest.approx((none + whole) / 2, rel=1e-5)
    assert whole != pytest.approx(none, rel=1e-3)


def test_a_pupil_learns_the_teachers_tags(
    tmp_path: Path, backbone: Path, teacher: Tagger, made: SoftLabels, monkeypatch: pytest.MonkeyPatch
) -> None:
    # They would be dropped before scoring, and with them most of what an arbitrary teacher says.
    monkeypatch.setattr(training, "fragments", lambda _: {})
    made.save(tmp_path / "soft.safetensors")
    (tmp_path / "config.yaml").write_text(OPTIONS)
    agreed = []
    for run, share in (("gold", "0"), ("taught", "1")):
        options = [f"--model.backbone={backbone}", f"--training.output_dir={tmp_path / run}",
                   f"--data.soft_labels={tmp_path / 'soft.safetensors'}", f"--training.soft_label_weight={share}",
                   "--training.num_train_epochs=40", "--training.learning_rate=3e-3"]  # fmt: skip
        train(load(tmp_path / "config.yaml", options), ARTICLES, ARTICLES[:2])
        about = json.loads((tmp_path / run / "run.json").read_text())
        if run == "gold":
            assert about["data"]["soft_labels"] is None
        else:
            assert about["data"]["soft_labels"].pop("sha256") in (tmp_path / run / "data.json").read_text()
            assert about["data"]["soft_labels"] == {"backbone": "tiny", "articles": 12}
        network = TorchNetwork.load(tmp_path / run)
        mine, tutors = (
            np.concatenate([one.argmax(axis=1) for _, one in tagger.log_probs(ARTICLES)])
            for tagger in (Tagger(network, TAGSET, 40, 8), teacher)
        )
        agreed.append(float(np.mean(mine == tutors)))
    # The teacher's opinions are arbitrary, so only who learns from it can share them. How far the pupil gets (0.76 to
    # 0.98; without the teacher 0.36) hangs on the tiny vocabulary, which `tokenizers` learns a little differently each
    # time.
    assert agreed[1] > 0.6 > agreed[0] + 0.1


def test_soft_labels_of_other_articles_or_tags_are_no_reason_to_stop(
    tmp_path: Path, backbone: Path, made: SoftLabels, caplog: pytest.LogCaptureFixture
) -> None:
    made.save(tmp_path / "soft.safetensors")
    (tmp_path / "config.yaml").write_text(OPTIONS)
    others = [
        parse(f"[Norland](ACTOR) [left](ACTION) {n} times, on [Monday](DATE), [by noon](DEADLINE).", f"o{n}")
        for n in range(4)
    ]
    relabelled = [parse("[Norland](SIDE) left.", "a")]
    for articles in (others, relabelled):
        caplog.clear()
        options = [f"--model.backbone={backbone}", f"--training.output_dir={tmp_path / articles[0].id}",
                   f"--data.soft_labels={tmp_path / 'soft.safetensors'}"]  # fmt: skip
        with caplog.at_level("INFO"):
            train(load(tmp_path / "config.yaml", options), articles, articles)
        assert "no soft labels of these articles" in caplog.text
        about = json.loads((tmp_path / articles[0].id / "run.json").read_text())
        assert about["data"]["soft_labels"] is None


def teach(*arguments: object, expect: int = 0) -> str:
    return script("teach.py", *map(str, arguments), expect=expect).stderr


def test_teach_writes_what_train_reads(tmp_path: Path, exported: Path) -> None:
    jsonl.write(ARTICLES, tmp_path / "train.jsonl")
    said = teach(exported, "--data", tmp_path / "train.jsonl", "--output", tmp_path / "soft.safetensors")
    assert "12 articles" in said
    assert f"--data.soft_labels {tmp_path / 'soft.safetensors'}" in said
    found = SoftLabels.load(tmp_path / "soft.safetensors")
    assert found.tags == TAGSET.tags
    assert len(found.by_text) == 12
    (tmp_path / "none.jsonl").write_text("")
    said = teach(exported, "--data", tmp_path / "none.jsonl", "--output", tmp_path / "other.safetensors", expect=2)
    assert "none.jsonl: is empty" in said
    assert not (tmp_path / "other.safetensors").exists()
    assert "names no train data" in teach(exported, "--output", tmp_path / "other.safetensors", expect=2)
