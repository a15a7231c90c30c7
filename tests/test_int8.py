"""The exported network: the same spans for the same article wherever it stands, and never for another run."""

import dataclasses
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import MPNetConfig, MPNetModel

from data.formats import jsonl
from data.schema import Article
from model import engines, int8, onnx_export
from model.network import TorchNetwork
from model.tagger import RunError, Tagger
from model.tags import TagSet
from tests.conftest import make_articles, save_backbone, torch_network, wordpiece

ARTICLES = [*make_articles(9, sentences=12), Article("empty", ""), *make_articles(12)[9:]]


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "run"))


def test_what_it_loses_is_said(copy: Path) -> None:
    check = onnx_export.export(engines.load(copy, engines.TORCH), copy, make_articles(5))
    assert check is not None
    assert json.loads((copy / int8.FACTS_FILE).read_text())["check"] == dataclasses.asdict(check)
    assert check.articles == 5
    assert 0.9 < check.same <= 1
    assert check.torch == pytest.approx(check.onnx, abs=0.1)


def test_it_finds_what_torch_finds(exported: Path) -> None:
    by_torch, by_onnx = engines.load(exported, engines.TORCH), engines.load(exported, engines.ONNX)
    ours = [(article.id, span) for article in by_onnx.predict(ARTICLES) for span in article.spans]
    theirs = {
        (article.id, span.start, span.end, span.label): span.score
        for article in by_torch.predict(ARTICLES)
        for span in article.spans
    }
    same = [(span.score, theirs[id, span.start, span.end, span.label]) for id, span in ours
            if (id, span.start, span.end, span.label) in theirs]  # fmt: skip
    assert len(same) > 0.9 * max(len(ours), len(theirs)) > 50
    assert np.mean([abs((one or 0) - (other or 0)) for one, other in same]) < 0.05
    assert by_onnx.tokens_read == by_onnx.tokens_in_text == by_torch.tokens_read > 500


def test_scores_and_states_are_near_torchs(exported: Path) -> None:
    network = engines.load(exported, engines.TORCH).network
    ours = int8.Int8Network.load(exported, 1)
    for length in (1, 5, 40):
        window = [3 + i % 50 for i in range(length)]
        (scores, states), (theirs, their_states) = (
            one.run([window], states=True)[0] for one in (ours, network)
        )  # fmt: skip
        assert states is not None
        assert their_states is not None
        assert scores.shape == theirs.shape == (length, 9)
        assert states.shape == their_states.shape == (length, 96)
        assert np.abs(states - their_states).max() < 0.3
        assert np.corrcoef(scores.ravel(), theirs.ravel())[0, 1] > 0.99
        assert ours.run([window], states=False)[0][1] is None


def test_an_article_is_tagged_the_same_wherever_it_stands(exported: Path) -> None:
    together = [article.spans for article in engines.load(exported, engines.ONNX, threads=2).predict(ARTICLES)]
    alone = engines.load(exported, engines.ONNX, threads=1)
    # Scores and all, to the last bit: this is why a job can be cut into parts anywhere.
    assert [next(iter(alone.predict([article]))).spans for article in reversed(ARTICLES)] == together[::-1]


def test_links_are_found_by_its_states(exported: Path, copy: Path) -> None:
    tagger = engines.load(copy, engines.ONNX)
    (one,) = list(tagger.vectors(ARTICLES[:1]))
    assert one.shape == (len(ARTICLES[0].spans), 8 * 32)
    assert not np.isnan(one).any()


def test_the_fastest_engine_is_taken_without_torch(exported: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(jsonl.render(make_articles(3)))
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['predict.py', {str(exported)!r}, {str(tmp_path / 'in.jsonl')!r}, '--format', 'jsonl']\n"
        "try:\n    runpy.run_path('predict.py', run_name='__main__')\n"
        "finally:\n    slow = {'torch', 'transformers', 'pyarrow', 'rich', 'jinja2', 'onnx', 'holidays'}\n"
        "    print(sorted(slow & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr.splitlines()[-1] == "[]", done.stderr
    expected = engines.load(exported, engines.ONNX).predict(make_articles(3))
    assert [json.loads(line)["spans"][0]["score"] for line in done.stdout.splitlines()] == [
        article.spans[0].score for article in expected
    ]


def test_auto_takes_what_is_there(
    copy: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert engines.load(copy).network.engine == "onnx"
    assert engines.load(copy, device="cpu").network.engine == "torch"
    monkeypatch.setattr(engines, "_GPUS", (copy,))
    assert engines.load(copy).network.engine == "torch"
    monkeypatch.setattr(engines, "_GPUS", ())
    monkeypatch.setattr(int8, "find_spec", lambda _: None)
    assert engines.load(copy).network.engine == "torch"
    monkeypatch.undo()
    # Trained again since: the export is of the run before.
    about = json.loads((copy / "run.json").read_text())
    (copy / "run.json").write_text(json.dumps({**about, "seed": 7}))
    assert engines.load(copy).network.engine == "torch"
    assert "before this run was trained" in caplog.text
    with pytest.raises(RunError, match=r"run export.py .* again"):
        engines.load(copy, engines.ONNX)
    (copy / int8.MODEL_FILE).unlink()
    assert engines.load(copy).network.engine == "torch"
    with pytest.raises(RunError, match=r"make it with: python export.py"):
        engines.load(copy, engines.ONNX)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        (int8.MODEL_FILE, "junk", "cannot be loaded"),
        (int8.FACTS_FILE, "{", "is broken"),
        (int8.FACTS_FILE, "{}", "is broken"),
        ("tokenizer.json", "{}", "cannot be loaded"),
    ],
)
def test_a_broken_export_says_so(copy: Path, file: str, content: str, said: str) -> None:
    (copy / file).write_text(content)
    with pytest.raises(RunError, match=said):
        engines.load(copy, engines.ONNX)


def test_an_export_that_differs_is_refused(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tagger = engines.load(copy, engines.TORCH)
    before = (copy / int8.MODEL_FILE).read_bytes()
    monkeypatch.setattr(onnx_export, "_write", lambda *_: shutil.copy(copy / int8.MODEL_FILE, _[1]))
    with torch.no_grad():
        torch_network(tagger).model.get_submodule("classifier").get_parameter("bias").add_(1 + torch.arange(9.0))
    with pytest.raises(RunError, match="not what torch makes"):
        onnx_export.export(tagger, copy, [])
    assert (copy / int8.MODEL_FILE).read_bytes() == before
    assert torch_network(tagger).model.config._attn_implementation != onnx_export.FUSED


def test_attention_of_its_own_is_exported_as_it_is(tmp_path: Path, texts: list[str]) -> None:
    folder = save_backbone(
        tmp_path / "backbone", wordpiece(texts), MPNetConfig, MPNetModel, hidden_size=32, num_hidden_layers=1,
        num_attention_heads=2, intermediate_size=64, max_position_embeddings=64, pad_token_id=0,
    )  # fmt: skip
    tagset = TagSet(["ACTOR", "DATE"])
    run = tmp_path / "run"
    Tagger(TorchNetwork.build(str(folder), tagset), tagset, 40, 8).save(run)
    assert onnx_export.export(engines.load(run, engines.TORCH), run, []) is None
    ours, theirs = (engines.load(run, name) for name in (engines.ONNX, engines.TORCH))
    window = list(range(5, 40))
    (one,), (other,) = (tagger.network.run([window], states=False) for tagger in (ours, theirs))
    assert np.abs(one[0] - other[0]).max() < 0.2
