"""The Hub's usual architectures, as small as they come: each builds, trains at rates of its depth, tags, exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import pre_tokenizers
from transformers import (
    DebertaV2Config,
    DebertaV2Model,
    DistilBertConfig,
    DistilBertModel,
    ModernBertConfig,
    ModernBertModel,
    RobertaConfig,
    RobertaModel,
)

from model import engines, network, onnx_export
from model.backbones import BackboneError
from model.config import load
from model.network import TorchNetwork
from model.tags import TagSet
from model.training import parameter_groups, train
from tests.conftest import byte_level, loud_tagger, make_articles, save_backbone, unigram

SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
ROBERTA = {"bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3, "pad_token_id": 0}
ARCHITECTURES: dict[str, tuple[Any, Any, dict[str, Any], Any]] = {
    "roberta": (RobertaConfig, RobertaModel, {**SMALL, "max_position_embeddings": 66}, byte_level),
    "modernbert": (ModernBertConfig, ModernBertModel, {**SMALL, **ROBERTA, "max_position_embeddings": 64}, byte_level),
    "deberta-v3": (
        DebertaV2Config,
        DebertaV2Model,
        {
            **SMALL,
            "max_position_embeddings": 64,
            "relative_attention": True,
            "position_buckets": 16,
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False,
            "type_vocab_size": 0,
        },
        unigram,
    ),
    "distilbert": (
        DistilBertConfig,
        DistilBertModel,
        {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64, "max_position_embeddings": 64},
        unigram,
    ),
}


def build(name: str, folder: Path, texts: list[str]) -> Path:
    """Write an untrained model of an architecture, and its tokenizer, into a folder."""
    config, model, sizes, make_tokenizer = ARCHITECTURES[name]
    return save_backbone(folder, make_tokenizer(texts), config, model, **sizes)


@pytest.fixture(scope="module", params=ARCHITECTURES)
def backbone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> Path:
    """A folder with a model of each architecture."""
    return build(request.param, tmp_path_factory.mktemp(request.param), texts)


def test_each_layer_has_its_rate(backbone: Path) -> None:
    model = TorchNetwork.build(str(backbone), TagSet(["A"])).model
    rates = {
        name: group["lr"]
        for group in parameter_groups(model, (), 1e-3, 5e-3, 0.5, 0.0)
        for name, parameter in model.named_parameters()
        if any(parameter is one for one in group["params"])
    }
    assert {rates[name] for name in rates if "embeddings" in name and "rel_embeddings" not in name} == {2.5e-4}
    assert {rates[name] for name in rates if ".0." in name} == {5e-4}
    assert {rates[name] for name in rates if ".1." in name} == {1e-3}
    assert {rates[name] for name in rates if name.startswith(("classifier", "head."))} == {5e-3}


def test_dropout_can_be_set(backbone: Path) -> None:
    model = TorchNetwork.build(str(backbone), TagSet(["A"]), dropout=0.25, attention_dropout=0.0).model
    dropouts = {name: module.p for name, module in model.named_modules() if isinstance(module, torch.nn.Dropout)}
    ends = "self.dropout", "attention.dropout", "attn.out_drop"
    attention = {name for name in dropouts if name.endswith(ends)}
    assert {dropouts[name] for name in attention} <= {0.0}
    assert {p for name, p in dropouts.items() if "layer" in name and name not in attention} == {0.25}


def test_it_trains_and_its_run_tags(backbone: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        f"model: {{backbone: {backbone}, window: 48, overlap: 12, attention_dropout: 0}}\n"
        f"training: {{output_dir: {tmp_path / 'run'}, num_train_epochs: 1, learning_rate: 1e-3, layer_decay: 0.9,"
        " report_to: none, use_cpu: true, disable_tqdm: true}\n"
    )
    articles = make_articles(6)
    evaluation = train(load(config, []), articles[:4], articles[4:])
    tagger = engines.load(tmp_path / "run", engines.TORCH)
    texts = [article.text for article in articles]
    assert [article.text for article in tagger.predict(articles)] == texts
    assert tagger.tokens_in_text == tagger.tokens_read > 0
    assert evaluation.articles == 2


@pytest.mark.parametrize("inside", [False, True])
def test_a_text_s_first_word_is_a_word_like_any_other(texts: list[str], tmp_path: Path, inside: bool) -> None:
    config, model, sizes, _ = ARCHITECTURES["modernbert"]
    tokenizer = byte_level(texts)
    level = pre_tokenizers.ByteLevel(add_prefix_space=False)  # as on the Hub
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(), level]) if inside else level
    save_backbone(tmp_path, tokenizer, config, model, **sizes)
    loud_tagger(tmp_path, 48, 12).save(tmp_path / "run")
    for tagger in (loud_tagger(tmp_path, 48, 12), engines.load(tmp_path / "run", engines.TORCH)):
        first, second = tagger.encoder.encode(["minister left", "the minister left"])
        assert first.input_ids.tolist() == second.input_ids.tolist()[-len(first.input_ids) :]


@pytest.mark.parametrize("name", ["modernbert", "deberta-v3"])  # tests/test_int8.py has BERT's kin
def test_the_exported_run_tags_alike(name: str, texts: list[str], tmp_path: Path) -> None:
    run = tmp_path / "run"
    loud_tagger(build(name, tmp_path, texts), 48, 12).save(run)
    check = onnx_export.export(engines.load(run, engines.TORCH), run, make_articles(4))
    assert check is not None
    assert check.same > 0.8


def test_a_missing_sentencepiece_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, model, sizes, _ = ARCHITECTURES["deberta-v3"]
    model(config(vocab_size=60, **sizes)).save_pretrained(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": false, "vocab_type": "spm"}')
    (tmp_path / "spm.model").write_bytes(bytes(range(256)))
    monkeypatch.setattr(network, "find_spec", lambda name: None)
    with pytest.raises(BackboneError, match="run: pip install sentencepiece"):
        TorchNetwork.build(str(tmp_path), TagSet(["A"]))
