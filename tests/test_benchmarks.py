"""The pure parts of what measures speed and scale, and the list of doubtful annotations."""

import dataclasses
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import ensemble, label_noise, scale, tag
from model import engines
from model.progress import Progress
from tests.conftest import loud_tagger, make_articles, torch_network


def test_ratios_are_of_rounds_and_ours_has_none() -> None:
    lines = tag.table({"bare": [100.0, 300.0, 200.0], "onnx": [200.0, 300.0, 600.0]}, {"bare": "b", "onnx": "o"})
    assert lines.splitlines()[2:] == [
        "| bare ONNX Runtime loop | 200 (100–300) | 2.00 (1.00–3.00) | b |",
        "| predict.py, onnx | 300 (200–600) |  | o |",
    ]


def test_the_best_batch_size_is_found_by_trial() -> None:
    asked = []

    def tag_texts(texts: list[str], size: int) -> None:
        asked.append((len(texts), size))
        time.sleep(0.002 if size == 4 else 0.02)

    size, seconds = tag._best(tag_texts, ["text"] * 100)
    assert size == 4
    assert asked[-1] == (100, 4)
    assert {one[0] for one in asked[1:-1]} == {tag.TRIAL}
    assert 0.002 <= seconds < 0.02


def test_articles_are_repeated_with_other_ids() -> None:
    articles = [scale.shortened(article, 3) for article in make_articles(3)]
    made = list(scale.repeated(articles, 7))
    assert len({article.id for article in made}) == 7
    assert [article.text for article in made] == [articles[number % 3].text for number in range(7)]
    assert {len(article.text.split()) for article in made} == {3}


def test_folders_are_compared_by_their_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "part").write_text("same")
        (tmp_path / name / f".{name}").write_text(name)
    assert scale.same(tmp_path / "one", tmp_path / "two") == "the same bytes"
    (tmp_path / "one" / "part").write_text("SAME")
    assert scale.same(tmp_path / "one", tmp_path / "two").startswith("DIFFERENT")
    (tmp_path / "one" / "part").write_text("same")
    (tmp_path / "two" / "more").touch()
    assert scale.same(tmp_path / "one", tmp_path / "two").startswith("DIFFERENT")


def test_doubts_are_listed_in_place_with_what_stands_there_instead(run: Path) -> None:
    found = list(engines.load(run, engines.TORCH).predict(make_articles(4, sentences=9)))
    sure = [span for span in found[0].spans if (span.score or 0) >= 0.9]
    assert sure
    assert not [row for row in label_noise.disagreements(run, found, 0.9) if row["what"] == "not annotated"]
    # Without one sure span, and with its words under another label in place of a second.
    gone, changed = sure[0], sure[-1]
    label = "DATE" if changed.label != "DATE" else "ACTOR"
    kept = [span for span in found[0].spans if span not in (gone, changed)]
    gold = [found[0].with_spans([*kept, *([dataclasses.replace(changed, label=label)] if gone != changed else [])])]
    rows = [row for row in label_noise.disagreements(run, gold, 0.9) if row["what"] == "not annotated"]
    assert [(row["start"], row["end"], row["label"]) for row in rows] == sorted(
        {(span.start, span.end, span.label) for span in (gone, changed)}
    )
    assert f"[[{gold[0].covered(gone)}]]" in str(rows[0]["context"])
    if gone != changed:
        assert rows[-1]["instead"] == f"{label} {gold[0].covered(changed)}"


def test_progress_tells_rate_share_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 110.0, 110.0, 110.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    progress = Progress(lambda count: count / 80)
    progress.add(20)
    assert progress.line() == "20 articles, 2.0 a second, 25%, 0:00:30 left"


def test_the_mean_of_runs_is_the_mean_of_their_probabilities_or_weights(backbone: Path) -> None:
    torch.manual_seed(1)
    taggers = [loud_tagger(backbone, 40, 8) for _ in range(2)]
    one, two = (torch_network(tagger) for tagger in taggers)
    windows = [[2, 7, 9, 3], [2, 11, 3]]
    both = ensemble.Averaged(one.model, one.tokenizer, [one, two]).run(windows, states=False)
    alone = [network.run(windows, states=False) for network in (one, two)]
    for row, (scores, _) in enumerate(both):
        expected = np.mean([np.exp(found[row][0]) for found in alone], axis=0)
        assert np.exp(scores) == pytest.approx(expected, abs=1e-6)
    soup = ensemble.mean_weights([one, two])
    weights = [network.model.state_dict()["classifier.weight"] for network in (one, two, soup)]
    assert torch.allclose(weights[2], (weights[0] + weights[1]) / 2)
    assert not torch.allclose(weights[0], weights[1])
    names = [name for name, _ in ensemble.ways([Path("a"), Path("b")], taggers)]
    assert names == ["a", "b", "mean of the scores", "mean of the weights"]
