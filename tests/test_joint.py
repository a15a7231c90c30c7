"""Links that the encoder learns along with tags."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from data.link_annotations import KINDS, ActLinks
from data.schema import Article
from model import engines
from model.config import Config, load
from model.encode import training_windows
from model.joint import NOWHERE, LinkObjective, WindowPairs, span_states
from model.link_head import span_vectors
from model.link_training import example
from model.network import TorchNetwork
from model.pairs import FEATURES
from model.tagger import Tagger
from model.training import SpanTrainer, train
from tests.conftest import make_articles
from tests.test_links import LABELS, annotate, write_links

ARTICLES = make_articles(6, sentences=6)
ANNOTATED = annotate(ARTICLES[1:])


@pytest.fixture
def tagger(backbone: Path) -> Tagger:
    torch.manual_seed(1)
    return Tagger(TorchNetwork.build(str(backbone), LABELS), LABELS, 48, 16)


def test_windows_show_the_words_of_the_spans_that_they_pair(tagger: Tagger) -> None:
    found = LinkObjective(ARTICLES, ANNOTATED, tagger.encoder, 32).windows
    encoded = tagger.encoder.encode([article.text for article in ARTICLES])
    windows = tagger.encoder.windows(encoded)
    # By their number in the batch they must be those that are trained on.
    trained = training_windows(ARTICLES, tagger.encoder, LABELS).input_ids
    assert [tagger.encoder.input_ids(encoded[window.article], window) for window in windows] == trained
    assert len(found) == len(windows)
    read: dict[int, list[tuple[int, int]]] = {}
    for window, its in zip(windows, found, strict=True):
        article = ARTICLES[window.article]
        if its is None:
            continue
        ids = tagger.encoder.input_ids(encoded[window.article], window)
        words = {int(head): word for word, head in enumerate(encoded[window.article].head)}
        for act, other in zip(its.acts.tolist(), its.others.tolist(), strict=True):
            read.setdefault(window.article, []).append((act, other))
            for number in (act, other):
                first, last, before, behind = its.places[number].tolist()
                assert 0 < first <= last < len(ids) - 1
                start, end = (words[place - 1 + window.start] for place in (first, last))
                span = article.spans[number]
                assert encoded[window.article].word_start[start] == span.start
                assert encoded[window.article].word_end[end] == span.end
                assert before == NOWHERE or words[before - 1 + window.start] == start - 1
                assert behind == NOWHERE or words[behind - 1 + window.start] == end + 1
    assert 0 not in read  # its links are not known
    for number, (article, acts) in enumerate(ANNOTATED, start=1):
        every = example(article, acts).pairs
        pairs = set(zip(every.acts.tolist(), every.others.tolist(), strict=True))
        assert len(read[number]) == len(set(read[number]))  # none twice
        assert set(read[number]) <= pairs
        assert len(read[number]) > 0.7 * len(pairs)


def test_answers_are_those_of_the_annotation(tagger: Tagger) -> None:
    one = LinkObjective(ARTICLES[1:2], ANNOTATED[:1], tagger.encoder, 32).windows
    gold = {(act.action, span) for act in ANNOTATED[0][1] for span in act.links["source"]}
    spans = ARTICLES[1].spans
    linked = {
        (spans[act], spans[other])
        for its in one
        if its is not None
        for act, other, answer in zip(its.acts.tolist(), its.others.tolist(), its.answers[:, 0], strict=True)
        if answer
    }
    assert linked
    assert linked <= gold


def test_states_of_spans_are_what_the_head_will_see() -> None:
    states = np.random.default_rng(0).normal(size=(7, 12)).astype(np.float32)
    first, last = np.array([0, 2, 5]), np.array([1, 5, 7])  # at the start, in the middle, at the end
    places = np.stack([first, last - 1, first - 1, np.where(last < 7, last, NOWHERE)], axis=1)
    rows = torch.from_numpy(np.concatenate([states, np.zeros((1, 12), dtype=np.float32)]))
    np.testing.assert_array_equal(span_states(rows, torch.from_numpy(places)), span_vectors(states, first, last))


def pair(answer: float, weight: float = 1.0) -> WindowPairs:
    """One pair, of the words at 1 and 3."""
    places = np.array([[1, 1, NOWHERE, 2], [3, 3, 2, NOWHERE]])
    kinds = np.zeros((1, 4), dtype=np.float32)
    answers, weights = kinds.copy(), kinds.copy()
    answers[0, 0], weights[0, 0] = answer, weight
    features = np.zeros((1, FEATURES), dtype=np.float32)
    return WindowPairs(places, np.array([0]), np.array([1]), features, answers, weights)


def test_the_loss_is_that_of_the_pairs_of_a_batch(tagger: Tagger) -> None:
    torch.manual_seed(0)
    objective = LinkObjective(ARTICLES, ANNOTATED, tagger.encoder, hidden=4)
    objective.windows = [pair(1), None, pair(0), pair(1, weight=0)]
    objective.network.eval()
    layers = [torch.randn(2, 5, 4) for _ in range(4)]
    alone = [float(objective.loss([one[:1] for one in layers], [number]).detach()) for number in (0, 2)]
    swapped = [torch.stack([one[1], one[0]]) for one in layers]
    other = float(objective.loss([one[:1] for one in swapped], [2]).detach())
    assert min(*alone, other) > 0.01
    assert float(objective.loss(layers, [0, 2]).detach()) == pytest.approx((alone[0] + other) / 2)
    assert float(objective.loss(layers, [0, 3]).detach()) == pytest.approx(alone[0])
    nothing = objective.loss(layers, [1, 1])
    nothing.backward()  # type: ignore[no-untyped-call]
    assert float(nothing.detach()) == 0
    assert all(one.grad is not None for one in objective.network.parameters())


def test_the_loss_reaches_the_encoder(tagger: Tagger) -> None:
    objective = LinkObjective(ARTICLES, ANNOTATED, tagger.encoder, 32)
    number = next(number for number, its in enumerate(objective.windows) if its is not None)
    encoded = tagger.encoder.encode([article.text for article in ARTICLES])
    window = tagger.encoder.windows(encoded)[number]
    ids = torch.tensor([tagger.encoder.input_ids(encoded[window.article], window)])
    assert isinstance(tagger.network, TorchNetwork)
    model = tagger.network.model
    objective.loss(model(input_ids=ids, output_hidden_states=True).hidden_states, [number]).backward()  # type: ignore[no-untyped-call]
    assert all(
        one.grad is not None and one.grad.abs().sum() > 0
        for name, one in model.named_parameters()
        if "encoder" in name and "key.bias" not in name  # a constant added to all keys changes no attention
    )


def configure(folder: Path, backbone: Path, weight: float) -> Config:
    (folder / "c.yaml").write_text(
        f"data: {{links: {folder / 'links'}}}\nmodel: {{backbone: {backbone}, window: 48, overlap: 16}}\n"
        f"training: {{output_dir: {folder / 'run'}, num_train_epochs: 2, per_device_train_batch_size: 4,"
        f" report_to: none, disable_tqdm: true, use_cpu: true, link_weight: {weight}}}\n"
    )
    return load(folder / "c.yaml")


@pytest.mark.parametrize("taught", [False, True])
def test_the_loss_is_added_by_its_weight(tmp_path: Path, backbone: Path, taught: bool) -> None:
    def uniform(_: Article, words: int) -> np.ndarray:
        return np.full((words, len(LABELS)), 1 / len(LABELS), dtype=np.float32)

    losses = []
    for weight in (0.0, 1.0, 3.0):
        torch.manual_seed(3)
        network = TorchNetwork.build(str(backbone), LABELS)
        tagger = Tagger(network, LABELS, 48, 16)
        windows = training_windows(ARTICLES, tagger.encoder, LABELS, uniform if taught else None, 0.5)
        arguments = configure(tmp_path, backbone, weight).training
        trainer = SpanTrainer(tagger, network, arguments, windows, ARTICLES[:1])
        objective = LinkObjective(ARTICLES, ANNOTATED, tagger.encoder, network.hidden)
        trainer.learn_links(objective)
        network.model.eval()
        torch.manual_seed(5)
        batch = next(iter(trainer.get_train_dataloader()))
        losses.append(float(trainer.compute_loss(network.model, dict(batch)).detach()))
    assert losses[1] - losses[0] > 0.1
    assert losses[2] - losses[0] == pytest.approx(3 * (losses[1] - losses[0]), rel=1e-4)


def learn(backbone: Path, folder: Path, weight: float) -> dict[str, np.ndarray]:
    """The weights of a run that was trained with links."""
    write_links(folder / "links", ANNOTATED[:4], ANNOTATED[4:])
    train(configure(folder, backbone, weight), ARTICLES[:5], ARTICLES[5:])
    return load_file(folder / "run" / "model.safetensors")


def test_a_run_keeps_nothing_of_it_but_its_effect(backbone: Path, tmp_path: Path) -> None:
    without, beside = (learn(backbone, tmp_path / str(weight), weight) for weight in (0.0, 2.0))
    assert without.keys() == beside.keys()
    assert not [name for name in beside if "link" in name]
    changed = [name for name, weights in beside.items() if not np.array_equal(weights, without[name])]
    assert any("encoder.layer.0" in name for name in changed)
    about = json.loads((tmp_path / "2.0" / "run" / "run.json").read_text())
    assert about["data"]["links"]["train"]["articles"] == 4


def test_links_without_a_link_are_none(backbone: Path, tmp_path: Path) -> None:
    bare = [
        (article, [ActLinks(act.action, dict.fromkeys(KINDS, ())) for act in acts])
        for article, acts in (ANNOTATED[0], ANNOTATED[4])
    ]
    write_links(tmp_path / "links", bare[:1], bare[1:])
    train(configure(tmp_path, backbone, 1.0), ARTICLES[:5], ARTICLES[5:])
    assert engines.load(tmp_path / "run", device="cpu").links is None
