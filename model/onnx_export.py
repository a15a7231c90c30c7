"""Writes a run's network for ONNX Runtime, in 8 bits: what `model.int8` loads."""

from __future__ import annotations

import json
import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from data.files import write_atomically
from data.schema import Article
from model import engines
from model.int8 import FACTS_FILE, INPUT, MODEL_FILE, SCORES, STATES, run_hash
from model.network import TorchNetwork, three_depths
from model.scoring import score
from model.tagger import RunError, Tagger

logger = logging.getLogger(__name__)

OPSET = 20
FUSED = "onnx-fused"
"""Our name, among transformers' kinds of attention, for ONNX Runtime's own."""

TOLERANCE = 1e-3
"""Log probabilities of the exported network may differ by so much from torch's before its weights go to 8 bits."""


@dataclass(frozen=True)
class Check:
    """Strict micro-F1 of both engines on the same articles.

    Attributes:
        articles: their number.
        torch, onnx: F1, 0 to 1.
        same: F1 of the one's spans against the other's.
    """

    articles: int
    torch: float
    onnx: float
    same: float


def export(tagger: Tagger, folder: Path, gold: Sequence[Article]) -> Check | None:
    """Write the ONNX model of a run into its folder, and what it loses.

    Weights are quantised by output channel, activations by their largest value as they come (dynamic quantisation in
    ONNX Runtime; the scheme is that of Jacob et al., 2018). Weights get 7 bits and activations 8, because processors
    without VNNI add pairs of products in 16 bits, which 8 and 8 overflow: so all processors give the same products.

    Args:
        tagger: loaded from the folder, with torch.
        folder: of the run.
        gold: annotated articles to check the export on.

    Returns:
        the check, None if there was nothing to check on. Its facts are in `FACTS_FILE` as well.

    Raises:
        RunError: the architecture cannot be exported, or comes out different.
    """
    network = tagger.network
    assert isinstance(network, TorchNetwork)
    with tempfile.TemporaryDirectory() as temporary, quiet():
        whole, small = Path(temporary) / "whole.onnx", Path(temporary) / "small.onnx"
        if not (_fused(network, whole, tagger.window) or _plain(network, whole, tagger.window)):
            raise RunError(
                f"{folder}: what ONNX Runtime makes of a {network.model.config.model_type} is not what torch makes"
                " of it; this architecture cannot be exported, and is run by torch"
            )
        quantize_dynamic(
            whole, small, op_types_to_quantize=["MatMul"], per_channel=True, reduce_range=True,
            weight_type=QuantType.QInt8,
        )  # fmt: skip
        _halve_tables(small)
        # Facts of an older export would vouch for a model that they do not know.
        (folder / FACTS_FILE).unlink(missing_ok=True)
        write_atomically(folder / MODEL_FILE, small.read_bytes())
    _record(tagger, folder, None)
    if not gold:
        return None
    exported = engines.load(folder, engines.ONNX)
    by_torch, by_onnx = list(tagger.predict(gold)), list(exported.predict(gold))
    labels = tagger.tagset.labels
    check = Check(
        len(gold),
        score(gold, by_torch, labels=labels, seed=0).f1,
        score(gold, by_onnx, labels=labels, seed=0).f1,
        score(by_torch, by_onnx, labels=labels, seed=0).scores["strict"]["micro"].f1.value,
    )
    _record(tagger, folder, check)
    return check


def _record(tagger: Tagger, folder: Path, check: Check | None) -> None:
    """Write what is known of an export, without which no engine takes it."""
    facts = {
        "run": run_hash(folder),
        "tags": list(tagger.tagset.tags),
        "check": None if check is None else asdict(check),
        "versions": {name: version(name) for name in ("onnxruntime", "onnx", "torch")},
    }
    write_atomically(folder / FACTS_FILE, json.dumps(facts, indent=2) + "\n")


class _Windows(torch.nn.Module):
    """One window, no padding: what `model.int8` asks for."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Log probabilities of tags, shape (tokens, tags), and states at three depths, (tokens, 3 × hidden)."""
        output = self.model(input_ids=input_ids, output_hidden_states=True)
        return output.logits[0].log_softmax(dim=-1), three_depths(output.hidden_states)[0]


def _fused(network: TorchNetwork, path: Path, window: int) -> bool:
    """Export with ONNX Runtime's fused attention in place of transformers'. False if that is another network."""
    model = network.model
    before = model.config._attn_implementation
    ALL_ATTENTION_FUNCTIONS.register(FUSED, _attention)
    try:
        model.set_attn_implementation(FUSED)
        _write(network, path, window)
    except Exception as error:  # whatever the exporter or the architecture raises
        logger.debug("no fused attention: %s", error)
        return False
    finally:
        model.set_attn_implementation(before)
    return _is_faithful(network, path, window)


def _plain(network: TorchNetwork, path: Path, window: int) -> bool:
    """Export as transformers computes it. False if it comes out as another network."""
    try:
        _write(network, path, window)
    except Exception as error:
        raise RunError(
            f"a {network.model.config.model_type} cannot be exported: {str(error).splitlines()[0]}; it is run by torch"
        ) from None
    return _is_faithful(network, path, window)


def _attention(
    _: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **__: Any,
) -> tuple[torch.Tensor, None]:
    """ONNX Runtime's attention, with the signature of transformers'. Tensors of shape (1, heads, tokens, width)."""
    if attention_mask is not None:
        raise ValueError("attention with a mask")
    batch, heads, length, width = query.shape
    joined = [one.transpose(1, 2).reshape(batch, length, heads * width) for one in (query, key, value)]
    result = torch.onnx.ops.symbolic(
        "com.microsoft::MultiHeadAttention",
        joined,
        {"num_heads": heads, "scale": float(width**-0.5 if scaling is None else scaling)},
        dtype=query.dtype,
        shape=(batch, length, heads * width),
        version=1,
    )
    return result.reshape(batch, length, heads, width), None


def _write(network: TorchNetwork, path: Path, window: int) -> None:
    was_training = network.model.training
    example = torch.tensor([_example(network, min(17, window))])
    length = torch.export.Dim("length", min=2, max=window)
    program = torch.onnx.export(
        _Windows(network.model).eval(), (example.to(network.model.device),), dynamo=True, verbose=False,
        dynamic_shapes=({1: length},), input_names=[INPUT], output_names=[SCORES, STATES], opset_version=OPSET,
    )  # fmt: skip
    network.model.train(was_training)
    assert program is not None
    program.save(path)


def _is_faithful(network: TorchNetwork, path: Path, window: int) -> bool:
    """Whether ONNX Runtime makes of windows what torch makes of them, short ones and long ones."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for length in sorted({1, 2, min(40, window), window}):
        ids = _example(network, length)
        found = session.run([SCORES, STATES], {INPUT: np.array([ids], dtype=np.int64)})
        ((scores, states),) = network.run([ids], states=True)
        assert states is not None
        if not all(np.allclose(*pair, atol=TOLERANCE) for pair in ((found[0], scores), (found[1], states))):
            return False
    return True


def _example(network: TorchNetwork, length: int) -> list[int]:
    """Token numbers from all over the vocabulary, the same each time."""
    size = int(network.model.config.vocab_size)
    ids: list[int] = np.random.default_rng(0).integers(size, size=length).tolist()
    return ids


def _halve_tables(path: Path) -> None:
    """Keep tables that are looked up, such as embeddings, in half precision: they are most of the file.

    Rounding them costs less than a thousandth of a value, and half of the time that the file takes to load.
    """
    model = onnx.load(path)
    tables = {one.name: one for one in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        nodes.append(node)
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or len(table.dims) != 2 or table.data_type not in (TensorProto.FLOAT, TensorProto.FLOAT16):
            continue
        if table.data_type == TensorProto.FLOAT:
            table.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(table).astype(np.float16), table.name))
        whole = node.output[0]
        node.output[0] = f"{whole}_half"
        nodes.append(helper.make_node("Cast", [node.output[0]], [whole], to=TensorProto.FLOAT))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, path)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the exporter's remarks on torchvision, its own innards, and steps that others take."""
    names = ("torch.onnx", "torch.onnx._internal.exporter._registration", "root", "onnxscript", "onnx_ir")
    loggers = [logging.getLogger(None if name == "root" else name) for name in names]
    levels = [one.level for one in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for one in loggers:
            one.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for one, level in zip(loggers, levels, strict=True):
                one.setLevel(level)
