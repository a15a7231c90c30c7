import dataclasses
import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from data.schema import Article
from model import engines, network
from model import tagger as tagger_module
from model.backbones import BackboneError
from model.encode import Encoder
from model.network import TorchNetwork
from model.tagger import RUN_FILE, RunError, Tagger
from model.tags import TagSet
from tests.conftest import loud_tagger, make_articles, torch_network
from tests.test_encode import HARD

LABELS = TagSet(["ACTION", "ACTOR", "DATE", "DEADLINE"])


def build(backbone: Path, window: int = 32, overlap: int = 8) -> Tagger:
    torch.manual_seed(1)
    return loud_tagger(backbone, window, overlap)


@pytest.fixture(scope="module")
def tagger(backbone: Path) -> Tagger:
    return build(backbone)


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(HARD, min_size=1, max_size=4))
def test_spans_are_stretches_of_the_text_as_it_was(tagger: Tagger, texts: list[str]) -> None:
    articles = [Article(f"a{i}", text) for i, text in enumerate(texts)]
    tagged = list(tagger.predict(articles))
    assert [(article.id, article.text) for article in tagged] == [(article.id, article.text) for article in articles]
    for article in tagged:
        for span in article.spans:  # the constructor has checked order, overlap and white space
            assert article.text[span.start : span.end] == article.covered(span)
            assert span.score is not None


def test_neighbours_and_batches_change_nothing(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    articles = [*make_articles(9, sentences=12), Article("empty", ""), *make_articles(3, sentences=1)]
    articles = [Article(f"{i}", a.text) for i, a in enumerate(articles)]
    together = list(tagger.predict(articles))
    alone = [next(iter(tagger.predict([article]))) for article in articles]
    monkeypatch.setattr(tagger_module, "CHUNK", 2)
    monkeypatch.setattr(network, "BATCH_TOKENS", 40)
    in_small_batches = list(tagger.predict(iter(articles)))
    assert sum(len(article.spans) for article in together) > 50
    for other in (alone, in_small_batches):
        assert [article.spans for article in other] == [article.spans for article in together]
        for one, two in zip(other, together, strict=True):
            assert [span.score for span in one.spans] == pytest.approx([span.score for span in two.spans], abs=1e-4)


class _Oracle(torch.nn.Module):
    """A stand-in for the network that tags the token of one word as B-DEADLINE wherever it sees it."""

    def __init__(self, token: int) -> None:
        super().__init__()
        self.token = token
        self.device = torch.device("cpu")
        self.seen = 0

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, output_hidden_states: bool = False
    ) -> object:
        self.seen += int(attention_mask.sum())
        logits = torch.zeros(*input_ids.shape, len(LABELS))
        logits[..., 0] = 5.0
        logits[..., LABELS.begin("DEADLINE")] = torch.where(input_ids == self.token, 10.0, 0.0)
        return type("Output", (), {"logits": logits})()


def test_no_sentence_of_a_long_article_is_skipped(backbone: Path) -> None:
    # 2,000 sentences of ten words, each with one planted span.
    text = "".join(f"The rebels left the {i} towns on friday by noon.{' ' if i % 7 else chr(10)}" for i in range(2000))
    assert len(text.split()) == 20_000
    tagger = build(backbone)
    (token,) = torch_network(tagger).tokenizer.encode("friday", add_special_tokens=False)
    oracle = _Oracle(token)
    torch_network(tagger).model = oracle  # type: ignore[assignment]
    (tagged,) = tagger.predict([Article("long", text)])
    expected = [i for i in range(len(text)) if text.startswith("friday", i)]
    assert len(expected) == 2000
    assert [span.start for span in tagged.spans] == expected
    assert {tagged.covered(span) for span in tagged.spans} == {"friday"}
    (encoded,) = tagger.encoder.encode([text])
    assert oracle.seen >= len(encoded.input_ids)


def test_every_word_gets_a_score(tagger: Tagger) -> None:
    for _, one, scores, states in tagger._read(make_articles(5, sentences=30), states=True):
        assert scores.shape == (len(one.head), len(LABELS))
        assert not np.isnan(scores).any()
        assert states is not None
        assert states.shape == (len(one.head), 3 * torch_network(tagger).model.config.hidden_size)
        assert not np.isnan(states).any()


def test_spans_are_believed_as_they_are_scored(tagger: Tagger) -> None:
    found = list(tagger.predict(make_articles(6, sentences=9)))
    again = list(tagger.believe(found))
    assert [article for article, _ in again] == found
    for article, chances in again:
        assert chances == [span.score for span in article.spans]
    # Another label for the same words cannot be likely as well.
    other = found[0].with_spans(dataclasses.replace(span, label="DATE" if span.label != "DATE" else "ACTOR")
                                for span in found[0].spans)  # fmt: skip
    ((_, chances),) = tagger.believe([other])
    assert all(0 <= one <= 1 - (span.score or 0) + 1e-9 for one, span in zip(chances, found[0].spans, strict=True))
    ((_, nothing),) = tagger.believe([Article("marks", "\u0301 ", ())])
    assert nothing == []


def test_every_token_is_read_once(tagger: Tagger) -> None:
    articles = [*make_articles(5, sentences=30), Article("empty", ""), *make_articles(70)[5:]]
    before = tagger.tokens_in_text, tagger.tokens_read
    list(tagger.predict(articles))
    expected = sum(
        len(torch_network(tagger).tokenizer(a.text, add_special_tokens=False)["input_ids"]) for a in articles
    )
    assert (tagger.tokens_in_text - before[0], tagger.tokens_read - before[1]) == (expected, expected)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of words without a score
def test_tokens_that_are_not_read_do_not_count(backbone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tagger = build(backbone)
    articles = make_articles(2, sentences=30)
    encoded = tagger.encoder.encode([article.text for article in articles])
    windows = tagger.encoder.windows(encoded)
    missing = windows[1].own_end - windows[1].own_start
    monkeypatch.setattr(tagger.encoder, "windows", lambda _: windows[:1] + windows[2:])
    list(tagger._read(articles, states=False))
    assert tagger.tokens_in_text - tagger.tokens_read == missing > 0
    # A window cut short on its way to the network.
    monkeypatch.setattr(tagger.encoder, "windows", lambda _: windows[-1:])
    monkeypatch.setattr(tagger.encoder, "owned", lambda *_: (slice(0, 0), np.zeros(0, int)))
    whole = tagger.encoder.input_ids
    monkeypatch.setattr(tagger.encoder, "input_ids", lambda *given: whole(*given)[:-3])
    before = tagger.tokens_read
    list(tagger._read(articles, states=False))
    assert tagger.tokens_read - before == windows[-1].own_end - windows[-1].own_start - 3


def test_a_run_loads_as_it_was_saved(tagger: Tagger, tmp_path: Path) -> None:
    tagger.save(tmp_path / "run")
    again = engines.load(tmp_path / "run", device="cpu")
    assert (again.tagset, again.window, again.overlap) == (tagger.tagset, tagger.window, tagger.overlap)
    articles = make_articles(6, sentences=9)
    assert [a.spans for a in again.predict(articles)] == [a.spans for a in tagger.predict(articles)]
    assert not list((tmp_path / "run").glob("*.bin"))


def test_a_run_loads_with_plain_transformers(tagger: Tagger, tmp_path: Path) -> None:
    from transformers import pipeline

    tagger.save(tmp_path / "run")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipe = pipeline("token-classification", str(tmp_path / "run"), aggregation_strategy="first", device="cpu")
    (article,) = tagger.predict(make_articles(1, sentences=2))
    found = pipe(article.text)
    assert {entity["entity_group"] for entity in found} <= set(LABELS.labels)
    assert all(article.text[int(e["start"]) : int(e["end"])].strip() for e in found)
    assert len(found) >= len(article.spans) > 0


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda run: shutil.rmtree(run), "no such run"),
        (lambda run: (run / RUN_FILE).unlink(), "lacks run.json"),
        (lambda run: (run / "model.safetensors").unlink(), "lacks model.safetensors"),
        (lambda run: (run / RUN_FILE).write_text("{"), "broken"),
        (lambda run: (run / RUN_FILE).write_text('{"labels": []}'), "lacks 'window'"),
        (lambda run: (run / "model.safetensors").write_bytes(b"junk" * 100), "cannot be loaded"),
        (
            lambda run: (run / RUN_FILE).write_text(json.dumps({"labels": ["PER"], "window": 32, "overlap": 8})),
            "files are of two runs",
        ),
    ],
)
def test_broken_runs_say_so(tagger: Tagger, tmp_path: Path, break_it: object, said: str) -> None:
    run = tmp_path / "run"
    tagger.save(run)
    break_it(run)  # type: ignore[operator]
    with pytest.raises(RunError, match=said):
        engines.load(run)


def test_a_window_beyond_the_model_is_refused(backbone: Path) -> None:
    with pytest.raises(RunError, match="sees at most 64"):
        build(backbone, window=65)


def test_a_backbone_that_no_one_has(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(BackboneError, match="lacks config.json or"):
        TorchNetwork.build(str(tmp_path), LABELS)
    with pytest.raises(BackboneError, match="no such folder"):
        TorchNetwork.build("./nowhere", LABELS)


def test_the_encoder_is_the_tokenizers(tagger: Tagger) -> None:
    text = make_articles(1)[0].text
    ids = torch_network(tagger).tokenizer(text)["input_ids"]
    encoder = Encoder(tagger.network.text_tokenizer, 64, 8)
    (encoded,) = encoder.encode([text])
    (window,) = encoder.windows([encoded])
    assert encoder.input_ids(encoded, window) == ids
