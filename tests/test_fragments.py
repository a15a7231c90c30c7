"""Words that begin spans and never are one, and spans of them that a tagger drops."""

from pathlib import Path

import numpy as np
import pytest
import torch

from data.schema import Article, Span
from model import engines, tagger
from model.fragments import LEAST, fragments, is_fragment
from model.network import TorchNetwork
from model.tagger import RUN_FILE, RunError, Tagger
from model.tags import TagSet
from tests.conftest import parse

TAGSET = TagSet(["DATE", "DEADLINE"])


def articles() -> list[Article]:
    rare = ["They wait [until Friday](DEADLINE) or [until May](DEADLINE)."] * (LEAST // 2 - 1)
    often = ["Leave [by Friday](DEADLINE); [The day](DATE) and [last night](DATE) pass."] * LEAST
    alone = ["He came [last](DATE)."]
    return [parse(text, id=str(number)) for number, text in enumerate([*rare, *often, *alone])]


def test_fragments_are_words_that_often_begin_spans_and_never_are_one() -> None:
    assert fragments(articles()) == {"DATE": {"the"}, "DEADLINE": {"by"}}
    assert fragments([]) == {}


def test_a_span_is_a_fragment_by_its_label_and_words() -> None:
    known = fragments(articles())
    text = "By Monday"
    assert is_fragment(text, Span(0, 2, "DEADLINE"), known)
    assert not is_fragment(text, Span(0, 2, "DATE"), known)
    assert not is_fragment(text, Span(0, 9, "DEADLINE"), known)


def test_a_run_drops_fragments_and_keeps_what_it_knows_of_them(
    backbone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(1)
    run = Tagger(TorchNetwork.build(str(backbone), TAGSET), TAGSET, 48, 16, fragments=fragments(articles()))
    run.save(tmp_path / "run")
    loaded = engines.load(tmp_path / "run", engines.TORCH)
    assert loaded.fragments == run.fragments

    def found(log_probs: np.ndarray, starts: np.ndarray, ends: np.ndarray, *_: object) -> list[Span]:
        return [Span(int(starts[0]), int(ends[0]), "DEADLINE"), Span(int(starts[1]), int(ends[1]), "DATE")]

    monkeypatch.setattr(tagger, "decode", found)
    (article,) = loaded.predict([Article("one", "By Monday they left.", ())])
    assert [(span.start, span.end, span.label) for span in article.spans] == [(3, 9, "DATE")]
    loaded.fragments = {}
    (article,) = loaded.predict([Article("one", "By Monday they left.", ())])
    assert len(article.spans) == 2


@pytest.mark.parametrize("broken", ['["by"]', '{"DATE": 3}'])
def test_broken_fragments_are_an_error(backbone: Path, tmp_path: Path, broken: str) -> None:
    Tagger(TorchNetwork.build(str(backbone), TAGSET), TAGSET, 48, 16).save(tmp_path)
    path = tmp_path / RUN_FILE
    path.write_text(path.read_text().replace('"fragments": {}', f'"fragments": {broken}'))
    with pytest.raises(RunError, match="fragments must be lists"):
        engines.load(tmp_path)
