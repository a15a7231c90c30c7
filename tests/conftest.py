"""A tiny backbone made in the process, articles for it, and no network."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

# Before transformers is imported; processes that tests start inherit it.
os.environ["HF_HUB_OFFLINE"] = "1"
# On networks of this size threads cost more than they bring, and beside other work far more: they wait by spinning.
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from data.formats import markup
from data.schema import Article, Span
from model import engines, onnx_export
from model.network import TorchNetwork
from model.tagger import Tagger
from model.tags import TagSet

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]

SENTENCES = (
    "The [foreign ministry](ACTOR) [ordered](ACTION) the [envoys](ACTOR) to [leave](ACTION) [by Friday](DEADLINE).",
    "[Norland](ACTOR) [expelled](ACTION) two [diplomats](ACTOR) on [Monday](DATE).",
    "On [Tuesday](DATE) the [rebels](ACTOR) [rejected](ACTION) the offer.",
    "The [president of Estmark](ACTOR) [has] [visited](ACTION) Kyiv.".replace("[has] ", "has "),
    "[Estmark](ACTOR) must [withdraw](ACTION) [before Sunday](DEADLINE), the [council](ACTOR) said.",
    "[Talks](ACTION) began on [Friday](DATE) in Geneva.",
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting anywhere is an error; nothing here may need a network."""

    def refuse(self: socket.socket, address: Any) -> None:
        raise AssertionError(f"a test tried to connect to {address!r}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


def parse(marked: str, id: str = "a", **fields: Any) -> Article:
    """An article from marked-up text."""
    text, spans = markup.parse_body(marked)
    return Article(id, text, tuple(spans), **fields)


def make_articles(count: int, sentences: int = 3) -> list[Article]:
    """Small articles that differ from one another."""
    return [
        parse(" ".join(SENTENCES[(i + j * (1 + i % 5)) % len(SENTENCES)] for j in range(sentences)), f"article-{i:03d}")
        for i in range(count)
    ]


def tags_to_spans(
    tags: Sequence[int], word_start: np.ndarray, word_end: np.ndarray, tagset: TagSet
) -> list[tuple[int, int, Span]]:
    """What `model.tags.spans_to_tags` takes apart: each span as (first word, last word + 1, span without a score)."""
    spans = []
    first = 0
    while first < len(tags):
        tag = tags[first]
        if tag == 0:
            first += 1
            continue
        last = first + 1
        while last < len(tags) and tags[last] == tag + 1:
            last += 1
        label = tagset.labels[(tag - 1) // 2]
        spans.append((first, last, Span(int(word_start[first]), int(word_end[last - 1]), label)))
        first = last
    return spans


def wordpiece(texts: list[str]) -> Tokenizer:
    """A BERT-like tokenizer, uncased."""
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.train_from_iterator(
        texts, trainers.WordPieceTrainer(vocab_size=300, special_tokens=SPECIAL, show_progress=False)
    )
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", SPECIAL.index("[CLS]")), ("[SEP]", SPECIAL.index("[SEP]"))]
    )
    made.decoder = decoders.WordPiece()
    return made


def byte_level(texts: list[str]) -> Tokenizer:
    """A RoBERTa-like tokenizer: bytes, with the space before a word in its token."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    made.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=SPECIAL,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    made.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]),
        ]
    )
    return made


def unigram(texts: list[str]) -> Tokenizer:
    """A DeBERTa-v3-like tokenizer: sentencepiece's unigrams with a mark for space."""
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.train_from_iterator(
        texts, trainers.UnigramTrainer(vocab_size=200, special_tokens=SPECIAL, unk_token="[UNK]", show_progress=False)
    )
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return made


def script(
    *arguments: str, launcher: tuple[str, ...] = (sys.executable,), expect: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run a script of the project to its end; it must end with the exit code expected."""
    done = subprocess.run([*launcher, *arguments], capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == expect, done.stderr
    return done


def loud_tagger(backbone: Path, window: int, overlap: int) -> Tagger:
    """An untrained tagger. A fresh head finds next to nothing; a louder one finds a lot."""
    tagset = TagSet(["ACTION", "ACTOR", "DATE", "DEADLINE"])
    network = TorchNetwork.build(str(backbone), tagset)
    with torch.no_grad():
        network.model.get_submodule("classifier").get_parameter("weight").mul_(60)
    return Tagger(network, tagset, window, overlap)


def torch_network(tagger: Tagger) -> TorchNetwork:
    """The network of a tagger that torch runs."""
    assert isinstance(tagger.network, TorchNetwork)
    return tagger.network


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """What the tokenizers are trained on."""
    return [article.text for article in make_articles(12)]


def save_backbone(folder: Path, tokenizer: Tokenizer, config: Any, model: Any, **sizes: Any) -> Path:
    """Write an untrained model and its tokenizer into a folder, as `from_pretrained` wants them.

    Args:
        folder: to be written into.
        tokenizer: whose vocabulary has `SPECIAL`.
        config, model: classes of transformers.
        sizes: of the model, beside that of the vocabulary.
    """
    saved = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    )
    saved.save_pretrained(folder)
    torch.manual_seed(0)
    model(config(vocab_size=len(saved), **sizes)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def backbone(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> Path:
    """A folder with a two-layer BERT and its tokenizer."""
    return save_backbone(
        tmp_path_factory.mktemp("backbone"),
        wordpiece(texts),
        BertConfig,
        BertModel,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory, backbone: Path) -> Path:
    """A finished run, exported to ONNX Runtime too, which starts faster than torch. Not to be changed."""
    folder = tmp_path_factory.mktemp("exported") / "run"
    torch.manual_seed(1)
    loud_tagger(backbone, 40, 8).save(folder)
    assert onnx_export.export(engines.load(folder, engines.TORCH), folder, []) is None
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, exported: Path) -> Path:
    """A finished run of the tiny backbone, untrained but with opinions, for a module to do with as it likes."""
    return Path(shutil.copytree(exported, tmp_path_factory.mktemp("runs") / "tiny"))


@pytest.fixture(autouse=True)
def _restore_determinism() -> Iterator[None]:
    """Keep one test's seeds from reaching the next."""
    state = torch.random.get_rng_state()
    yield
    torch.random.set_rng_state(state)
