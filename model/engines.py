"""From a run's folder to a tagger, on the fastest engine that is there. Only that engine's libraries are imported."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from model import int8
from model.link_head import LinkHead
from model.tagger import RUN_FILE, Network, RunError, Tagger
from model.tags import TagSet
from model.time_head import TimeHead

logger = logging.getLogger(__name__)

AUTO, ONNX, TORCH = "auto", "onnx", "torch"
ENGINES = (AUTO, ONNX, TORCH)

_GPUS = (Path("/dev/nvidiactl"), Path("/dev/kfd"))
"""What a driver puts there: looking for these takes no second, as asking torch would."""


def load(folder: Path, engine: str = AUTO, *, device: str | None = None, threads: int | None = None) -> Tagger:
    """A run, ready to tag.

    Args:
        folder: as `Tagger.save` wrote it.
        engine: `torch`; `onnx`, which needs what `export.py` writes; or `auto`: `onnx` if it is there, belongs to this
            run, and no GPU is, which torch would use.
        device: torch's name for where it should run; None takes a GPU if there is one. Given, `auto` is `torch`.
        threads: of ONNX Runtime; None is one for each core.

    Raises:
        RunError: something is missing, broken, or contradicts itself.
    """
    if not folder.is_dir():
        raise RunError(f"no such run: {folder}; train one with train.py")
    missing = [name for name in (RUN_FILE, "config.json", "model.safetensors") if not (folder / name).is_file()]
    if missing:
        raise RunError(f"{folder} is no finished run: it lacks {', '.join(missing)}; train it (again) with train.py")
    about = _read_json(folder / RUN_FILE)
    try:
        labels, window, overlap = about["labels"], about["window"], about["overlap"]
        fragments = {label: frozenset(words) for label, words in about.get("fragments", {}).items()}
    except KeyError as error:
        raise RunError(f"{folder / RUN_FILE} lacks {error}; train the run again") from None
    except (AttributeError, TypeError):
        raise RunError(
            f"{folder / RUN_FILE} is broken: fragments must be lists by label; train the run again"
        ) from None
    network = _network(folder, engine, device, threads)
    tagset = TagSet.from_names(network.tag_names())
    if list(tagset.labels) != labels:
        raise RunError(
            f"{folder}: {RUN_FILE} has the labels {labels}, the weights {list(tagset.labels)};"
            " the files are of two runs: train again"
        )
    heads = LinkHead.load(folder), TimeHead.load(folder)
    return Tagger(network, tagset, window, overlap, about, *heads, fragments)


def _network(folder: Path, engine: str, device: str | None, threads: int | None) -> Network:
    if engine == ONNX:
        return int8.Int8Network.load(folder, threads)
    if engine == AUTO and device is None and not any(gpu.exists() for gpu in _GPUS):
        try:
            return int8.Int8Network.load(folder, threads)
        except int8.NotExported:
            pass
        except RunError as error:
            logger.warning("warning: %s; going on with torch", error)
    # Only here: it takes seconds to import.
    from model.network import TorchNetwork

    return TorchNetwork.load(folder, device)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RunError(f"{path} is broken: {error}; train the run again") from None
    if not isinstance(content, dict):
        raise RunError(f"{path} is broken: not an object; train the run again")
    return content
