"""Pairs of acts and spans, and the head that a run learns to link them with."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.link_annotations import KINDS, ActLinks, render
from data.schema import Article, Span
from model import engines, records
from model.config import load
from model.link_head import LINKS_FILE, LinkHead, span_vectors
from model.link_training import NETWORKS, Annotated, LinkNetwork, train_links
from model.links import LONE, link, linked_pairs
from model.network import TorchNetwork
from model.pairs import FARTHEST, FEATURES, SENTENCES, Pairs, pairs
from model.tagger import Tagger
from model.tags import TagSet
from model.training import train
from tests.conftest import make_articles, parse

LABELS = TagSet(["ACTION", "ACTOR", "DATE", "DEADLINE"])


@pytest.fixture
def tagger(backbone: Path) -> Tagger:
    torch.manual_seed(1)
    return Tagger(TorchNetwork.build(str(backbone), LABELS), LABELS, 48, 16)


def annotate(articles: Sequence[Article]) -> Annotated:
    """Links by a rule that can be learnt: the nearest actor before an act did it, and deadlines go with all acts."""
    annotated = []
    for article in articles:
        acts = []
        for number, span in enumerate(article.spans):
            if span.label == "ACTION":
                before = [one for one in article.spans[:number] if one.label == "ACTOR"][-1:]
                due = [one for one in article.spans if one.label == "DEADLINE" and one.start - span.end < 30]
                acts.append(
                    ActLinks(span, {"source": tuple(before), "target": (), "date": (), "deadline": tuple(due[:1])})
                )
        annotated.append((article, acts))
    return annotated


def write_links(folder: Path, train: Annotated, dev: Annotated) -> None:
    """Make the folder that `data.links` names."""
    folder.mkdir(parents=True)
    for name, part in (("train", train), ("dev", dev)):
        (folder / f"{name}.jsonl").write_text("".join(render(article.id, acts) for article, acts in part))


def test_candidates_stand_in_the_same_sentence_or_shortly_before() -> None:
    article = parse(
        "[Norland](ACTOR) spoke. [Estmark](ACTOR) [left](ACTION). It rained. It snowed. [Oslo](ACTOR) [closed](ACTION) "
        "it on [Monday](DATE). [Rome](ACTOR) waited."
    )
    found = pairs(article)
    names = [article.covered(span) for span in article.spans]
    actors = found["ACTOR"]
    assert [(names[act], names[other]) for act, other in zip(actors.acts, actors.others, strict=True)] == [
        ("left", "Norland"), ("left", "Estmark"), ("closed", "Oslo"),
    ]  # fmt: skip
    assert [names[other] for other in found["DATE"].others] == ["Monday"]
    assert set(found) == set(SENTENCES)


def test_a_limit_may_be_told_after_the_act_but_not_before_it() -> None:
    article = parse(
        "[By Monday](DEADLINE) all was over. He [ordered](ACTION) them out. They have [until Friday](DEADLINE). "
        "It is [until June](DEADLINE)."
    )
    found = pairs(article)["DEADLINE"]
    assert [article.covered(article.spans[other]) for other in found.others] == ["until Friday"]


def test_a_list_without_an_end_pairs_no_further_than_a_thousand_code_points() -> None:
    between = FARTHEST - len(" and ")
    article = parse(
        f"[Oslo](ACTOR) {'x' * (between + 3)}, [Rome](ACTOR) and {'x' * between} [left](ACTION) "
        f"{'x' * (FARTHEST - 2)} [Bern](ACTOR), [Bonn](ACTOR)"
    )
    found = pairs(article)["ACTOR"]
    assert [article.covered(article.spans[other]) for other in found.others] == ["Bern"]
    near = parse(f"[Rome](ACTOR) {'x' * (FARTHEST - 2)} [left](ACTION)")
    assert len(pairs(near)["ACTOR"].acts) == 1


def test_features_tell_who_stands_where() -> None:
    article = parse("[Norland](ACTOR) was [told](ACTION) by [Estmark](ACTOR) to [leave](ACTION).")
    rows = pairs(article)["ACTOR"].features
    assert rows.shape == (4, FEATURES)
    assert len({tuple(row) for row in rows}) == 4
    passive = rows[:, 1]  # of the act: "was" stands right before it
    assert passive.tolist() == [1.0, 1.0, 0.0, 0.0]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ACTOR", "ACTION", "DATE", "DEADLINE", "Other"]), st.text("ab .\n\"'😀é", max_size=9)
        )
    )
)
def test_no_article_breaks_the_pairs(pieces: list[tuple[str, str]]) -> None:
    text, spans = "", []
    for label, gap in pieces:
        text += gap
        spans.append(Span(len(text), len(text) + 4, label))
        text += "word"
    article = Article("a", text, tuple(spans))
    found = pairs(article)
    for label, one in found.items():
        assert {spans[other].label for other in one.others.tolist()} <= {label}
        assert one.features.shape == (len(one.acts), FEATURES)
        assert np.isfinite(one.features).all()
    assert [linked.action for linked in link(article)] == [span for span in spans if span.label == "ACTION"]


def test_a_span_is_seen_as_its_words_and_their_neighbours() -> None:
    states = np.arange(1, 5)[:, None] * np.array([1.0, 10.0, 100.0])
    (vector,) = span_vectors(states, np.array([1]), np.array([3]))
    assert vector.tolist() == [2, 20, 200, 3, 30, 300, 10, 40]
    (at_the_ends,) = span_vectors(states, np.array([0]), np.array([4]))
    assert at_the_ends.tolist() == [1, 10, 100, 4, 40, 400, 0, 0]


def test_numpy_computes_what_was_trained() -> None:
    torch.manual_seed(0)
    networks = [LinkNetwork(16).eval() for _ in range(2)]
    vectors = torch.randn(5, 16)
    acts, others, features = torch.tensor([0, 3]), torch.tensor([1, 4]), torch.randn(2, FEATURES)
    tensors = {
        name: np.stack([one.state_dict()[name].numpy() for one in networks]) for name in networks[0].state_dict()
    }
    scales = {
        "vector_scale": np.full(16, 2.0),
        "feature_mean": np.full(FEATURES, 3.0),
        "feature_scale": np.full(FEATURES, 4.0),
    }
    head = LinkHead(tensors | scales, dict.fromkeys(KINDS, 0.5))
    with torch.inference_mode():
        odds = [one(vectors / 2, acts, others, (features - 3) / 4).numpy() for one in networks]
    found = head.odds(vectors.numpy(), Pairs(acts.numpy(), others.numpy(), features.numpy()))
    assert odds[0] != pytest.approx(odds[1], abs=0.01)
    assert found == pytest.approx((odds[0] + odds[1]) / 2, abs=1e-5)


def test_a_head_learns_and_is_saved(tagger: Tagger, tmp_path: Path) -> None:
    annotated = annotate(make_articles(12, sentences=5))
    head = train_links(tagger.vectors, annotated, annotated[:4], seed=0)
    head.save(tmp_path)
    again = LinkHead.load(tmp_path)
    assert again is not None
    assert again.thresholds == head.thresholds
    right = found = wanted = 0
    for (article, acts), vectors in zip(annotated, tagger.vectors([one for one, _ in annotated]), strict=True):
        for gold, linked in zip(acts, link(article, again, vectors), strict=True):
            got, want = {one.span for one in linked.links["source"]}, set(gold.links["source"])
            right, found, wanted = right + len(got & want), found + len(got), wanted + len(want)
            assert not linked.links["target"]
    assert wanted > 40
    assert 2 * right / (found + wanted) > 0.8
    assert head.tensors["out.bias"].shape == (NETWORKS, len(KINDS))
    assert len(np.unique(head.tensors["out.bias"], axis=0)) == NETWORKS
    assert train_links(tagger.vectors, annotated, annotated[:4], seed=0).tensors["out.bias"] == pytest.approx(
        head.tensors["out.bias"], abs=0
    )


def test_a_limit_without_an_act_gets_its_likeliest() -> None:
    others = np.array([4, 4, 7, 7, 7, 9])
    chances = np.array([0.6, 0.2, 0.1, 0.3, 0.2, LONE / 2])
    for kind in KINDS:
        linked = linked_pairs(kind, others, chances, 0.5)
        assert linked.tolist() == [True, False, False, kind == "deadline", False, False]


def test_a_run_without_a_head_has_none_and_a_broken_one_is_an_error(tmp_path: Path) -> None:
    assert LinkHead.load(tmp_path) is None
    (tmp_path / LINKS_FILE).write_bytes(b"no tensors")
    with pytest.raises(InputError, match=r"links\.safetensors cannot be used"):
        LinkHead.load(tmp_path)


def test_a_head_of_other_layers_is_of_another_version(tmp_path: Path) -> None:
    tensors = {name: tensor.detach().numpy() for name, tensor in LinkNetwork(16).state_dict().items()}
    scales = {"vector_scale": np.ones(16), "feature_mean": np.zeros(FEATURES), "feature_scale": np.ones(FEATURES)}
    thresholds = dict.fromkeys(KINDS, 0.5)
    several = {name: tensor[None] for name, tensor in tensors.items()}
    LinkHead(several | scales, thresholds).save(tmp_path)
    assert LinkHead.load(tmp_path) is not None
    without = {name: tensor for name, tensor in (several | scales).items() if name != "feature_scale"}
    for other in (tensors | scales, without):
        LinkHead(other, thresholds).save(tmp_path)
        with pytest.raises(InputError, match=r"cannot be used \(it is of another version\); train the run again"):
            LinkHead.load(tmp_path)


def test_training_learns_links_and_prediction_uses_them(backbone: Path, tmp_path: Path) -> None:
    articles = make_articles(8)
    folder = tmp_path / "links"
    write_links(folder, annotate(articles[:6]), annotate(articles[6:]))
    for path in folder.iterdir():
        # An article that is not there is passed over: the files are of the whole corpus.
        path.write_text(path.read_text() + json.dumps({"id": "elsewhere", "links": []}) + "\n")
    config = tmp_path / "c.yaml"
    config.write_text(
        f"data: {{links: {folder}}}\nmodel: {{backbone: {backbone}, window: 48, overlap: 16}}\n"
        f"training: {{output_dir: {tmp_path / 'run'}, num_train_epochs: 1, use_cpu: true, report_to: none}}\n"
    )
    train(load(config), articles[:6], articles[6:])
    tagger = engines.load(tmp_path / "run", device="cpu")
    assert tagger.links is not None
    (vectors,) = tagger.vectors([articles[7]])
    by_head = link(articles[7], tagger.links, vectors)
    found = [
        (record.action.text, len(record.sources))
        for record in records.read(articles[7], linked=by_head).records
        if record.action
    ]
    assert found == [(articles[7].covered(one.action), len(one.links["source"])) for one in by_head]
    for tagged, linked, _ in tagger.see(articles[6:]):
        assert [one.action for one in linked] == [span for span in tagged.spans if span.label == "ACTION"]


def test_no_links_of_these_articles_is_said(backbone: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("train", "dev"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"id": "elsewhere", "links": []}) + "\n")
    config = tmp_path / "c.yaml"
    config.write_text(
        f"data: {{links: {tmp_path}}}\nmodel: {{backbone: {backbone}, window: 48, overlap: 16}}\n"
        f"training: {{output_dir: {tmp_path / 'run'}, num_train_epochs: 1, use_cpu: true, report_to: none}}\n"
    )
    with caplog.at_level("INFO"):
        train(load(config), make_articles(4), make_articles(2))
    assert "has no links of these articles" in caplog.text
    assert not (tmp_path / "run" / LINKS_FILE).exists()
