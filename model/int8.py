"""The network as ONNX Runtime runs it on processors: weights and matrix products in 8 bits (`model.onnx_export`)."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer

from model.tagger import RUN_FILE, RunError, WindowScores

if TYPE_CHECKING:
    import onnxruntime

MODEL_FILE = "model.int8.onnx"
FACTS_FILE = "model.int8.json"
"""What `export.py` found out about the model, and of which run it is."""

SCORES, STATES = "scores", "states"
INPUT = "input_ids"


class NotExported(RunError):
    """The run has no model for ONNX Runtime, or ONNX Runtime is not installed."""


@dataclass
class Int8Network:
    """An ONNX Runtime session and what belongs to it; a `model.tagger.Network`.

    A window goes through it alone, on one core, while others go through on the other cores. That is at least as fast as
    batches are (docs/experiments.md), nothing is padded, and since activations are quantised by their largest value, it
    is what makes an article's scores its own: neighbours, the order of articles and the number of workers change
    nothing, to the last bit.

    Attributes:
        session: of the model.
        text_tokenizer: as torch's engine has it.
        names: of the tags.
        side_by_side: windows on their way at once.
    """

    session: onnxruntime.InferenceSession
    text_tokenizer: Tokenizer
    names: list[str]
    side_by_side: int

    engine = "onnx"
    device = "cpu"
    limit = None  # was checked when the run was trained

    @classmethod
    def load(cls, folder: Path, threads: int | None = None) -> Int8Network:
        """The exported network of a run.

        Args:
            folder: of the run.
            threads: that run windows; None is one for each core that this process may use.

        Raises:
            NotExported: there is none, or no ONNX Runtime.
            RunError: it is broken, or of another training.
        """
        path = folder / MODEL_FILE
        if not path.is_file() or not (folder / FACTS_FILE).is_file():
            raise NotExported(f"{folder} has no {MODEL_FILE}; make it with: python export.py {folder}")
        if find_spec("onnxruntime") is None:
            raise NotExported("onnxruntime is not installed; install it with: pip install -r requirements.txt")
        import onnxruntime

        try:
            facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
            of_run, names = facts["run"], list(facts["tags"])
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(f"{folder / FACTS_FILE} is broken ({error}); run export.py {folder} again") from None
        if of_run != run_hash(folder):
            raise RunError(f"{path} was made before this run was trained; run export.py {folder} again")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3  # errors; its warnings are about graphs, not about articles
        try:
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # ONNX Runtime and tokenizers each raise their own kinds
            raise RunError(f"{path} cannot be loaded: {error}; run export.py {folder} again") from None
        return cls(session, tokenizer, names, threads or _cores())

    def tag_names(self) -> list[str]:
        """Its tags in the order of its scores."""
        return self.names

    def batches(self, lengths: Sequence[int]) -> list[list[int]]:
        """Each window alone."""
        return [[window] for window in range(len(lengths))]

    def run(self, windows: Sequence[list[int]], *, states: bool) -> list[WindowScores]:
        """The scores of each window by itself."""
        return [self._run(window, states) for window in windows]

    def _run(self, window: list[int], states: bool) -> WindowScores:
        wanted = [SCORES, STATES] if states else [SCORES]
        found: list[Any] = self.session.run(wanted, {INPUT: np.array([window], dtype=np.int64)})
        return found[0], found[1] if states else None

    def save(self, folder: Path) -> None:
        """Cannot be done: what is exported has no weights to train on."""
        raise RunError(f"a run cannot be saved from its export; copy its folder to {folder}")


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_hash(folder: Path) -> str:
    """By which an export knows its run: of `run.json`, which differs from training to training."""
    return hashlib.sha256((folder / RUN_FILE).read_bytes()).hexdigest()
