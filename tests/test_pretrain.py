import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, BertModel

from benchmarks.pretrain import main, pieces, pretrain
from data.errors import InputError
from data.formats import jsonl
from model.backbones import resolve
from tests.conftest import make_articles


@pytest.fixture
def masking(backbone: Path, tmp_path: Path) -> Path:
    """The tiny backbone with a mask, which its tokenizer lacks."""
    folder = tmp_path / "masking"
    tokenizer = AutoTokenizer.from_pretrained(backbone)
    tokenizer.add_special_tokens({"mask_token": "[MASK]"})
    model = BertModel.from_pretrained(backbone)
    model.resize_token_embeddings(len(tokenizer))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_masked_words_are_learnt_and_the_encoder_is_a_backbone(masking: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before, after = pretrain(
        str(masking), make_articles(24), make_articles(8), out, epochs=12, learning_rate=1e-2, window=24
    )
    assert after < before - 0.3
    assert resolve(str(out)) == str(out)
    old, new = (
        BertModel.from_pretrained(folder).get_parameter("encoder.layer.0.output.dense.weight")
        for folder in (masking, out)
    )
    assert old.shape == new.shape
    assert not torch.equal(old, new)


def test_pieces_hold_all_of_a_text(masking: Path) -> None:
    articles = make_articles(3, sentences=9)
    tokenizer = AutoTokenizer.from_pretrained(masking)
    found = pieces(articles, tokenizer, 20)
    assert max(found["length"]) == 20
    words = [one for ids in found["input_ids"] for one in ids if one not in tokenizer.all_special_ids]
    whole = tokenizer([article.text for article in articles], add_special_tokens=False)["input_ids"]
    assert words == [one for ids in whole for one in ids]


def test_what_cannot_be_pretrained_is_said(
    backbone: Path, masking: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "articles.jsonl"
    jsonl.write(make_articles(2), path)
    out = tmp_path / "out"

    def call(folder: Path) -> None:
        monkeypatch.setattr(sys, "argv", ["pretrain", "--backbone", str(folder), "--train", str(path),
                                          "--dev", str(path), "--output", str(out)])  # fmt: skip
        main()

    with pytest.raises(InputError, match="has no mask"):
        call(backbone)
    assert not out.exists()
    out.mkdir()
    with pytest.raises(InputError, match="is there already"):
        call(masking)
