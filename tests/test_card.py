import json
from pathlib import Path

import pytest

from model import card, report
from model.scoring import score
from tests.conftest import parse

ABOUT = {
    "backbone": "minilm-l6",
    "parameters": 22_568_841,
    "data": {"train": {"articles": 2, "tokens": 1234, "spans": 9, "lost": 0}, "dev": {"articles": 1}},
    "labels": ["ACTION", "ACTOR"],
    "seed": 1,
    "precision": "fp32",
    "device": "cpu",
    "training_seconds": 12.3,
    "processes": 1,
    "window": 256,
    "overlap": 64,
    "versions": {"torch": "2"},
}
GOLD = [parse("[It](ACTOR) [ran](ACTION).", "a"), parse("[They](ACTOR) sat.", "b")]
FOUND = [GOLD[0], GOLD[1].with_spans(())]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "run.json").write_text(json.dumps(ABOUT))
    (tmp_path / "metrics.json").write_text(report.evaluation_json({"dev": score(GOLD, FOUND)}))
    return tmp_path


def test_the_card_has_the_figures_of_the_records(run: Path) -> None:
    assert "| ACTOR | 100.0 | 50.0 | 66.7 | 2 |" in card.model_card(run)
    assert "| evaluation |" not in card.model_card(run)
    (run / "evaluation" / "a|b").mkdir(parents=True)
    (run / "evaluation" / "a-vs-b").mkdir()
    made = report.build("t", {}, GOLD[:1], FOUND[:1], [])
    (run / "evaluation" / "a|b" / "report.json").write_text(report.to_json(made))
    (run / "evaluation" / "a-vs-b" / "report.json").write_text('{"contests": []}')
    assert "| a\\|b | 1 | 100.0 | 100.0 | 100.0 |" in card.model_card(run)
    assert "a-vs-b" not in card.model_card(run)


def test_the_card_names_the_teacher(run: Path) -> None:
    assert "learnt" not in card.model_card(run)
    about = json.loads((run / "run.json").read_text())
    about["data"]["soft_labels"] = {"backbone": "mpnet-base", "seed": 3, "articles": 1}
    (run / "run.json").write_text(json.dumps(about))
    made = card.model_card(run)
    assert "- Of 1 of these articles it also learnt what a larger run made of them (mpnet-base, seed 3," in made
    assert "annotated articles).\n- Windows of 256" in made


def test_a_card_that_someone_wrote_in_is_known(run: Path) -> None:
    assert not card.is_as_made(run)
    (run / card.FILE).write_text(card.model_card(run))
    assert card.is_as_made(run)
    (run / card.FILE).write_text(card.model_card(run) + "A note of ours.\n")
    assert not card.is_as_made(run)
