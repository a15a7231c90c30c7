import hashlib
import importlib.metadata
import importlib.util
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from model import backbones
from model.backbones import PACKAGED, BackboneError, resolve


def test_names_paths_and_hubs(tmp_path: Path, backbone: Path) -> None:
    assert resolve(str(backbone)) == str(backbone)
    assert resolve("microsoft/deberta-v3-base") == "microsoft/deberta-v3-base"
    assert resolve("bert-base-cased") == "bert-base-cased"
    with pytest.raises(BackboneError, match="minilm-l6, mpnet-base, a local folder"):
        resolve("/no/such/folder")


def test_wrong_hash_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"weights")
    right = hashlib.sha256(b"weights").hexdigest()
    packaged = replace(PACKAGED["minilm-l6"], sha256=right, locate=lambda _: tmp_path)
    monkeypatch.setitem(PACKAGED, "minilm-l6", packaged)
    assert resolve("minilm-l6") == str(tmp_path)
    weights.write_bytes(b"w3ights")
    with pytest.raises(BackboneError, match=f"expected {right}"):
        resolve("minilm-l6")
    weights.unlink()
    with pytest.raises(BackboneError, match="missing"):
        resolve("minilm-l6")


def test_missing_packages_name_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEMARCHE_CACHE", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BackboneError, match="requirements-weights.txt"):
        resolve("minilm-l6")

    def absent(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", absent)
    with pytest.raises(BackboneError, match="requirements-mpnet.txt"):
        resolve("mpnet-base")


def make_parts(folder: Path, weights: bytes) -> list[Path]:
    archive = folder / "model.zip"
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("all/1_Pooling/config.json", "pooling")
        files.writestr("all/config.json", "{}")
        files.writestr("all/model.safetensors", weights)
        files.writestr("all/2_Dense/config.json", "dense")
        files.writestr("all/../../evil.txt", "out")
        files.writestr("all/pytorch_model.bin", "pickled")
    content = archive.read_bytes()
    step = len(content) // 5 + 1
    parts = []
    for number in range(5):
        part = folder / f"model.zip.{number + 1:03d}"
        part.write_bytes(content[number * step : (number + 1) * step])
        parts.append(part)
    return parts


def test_mpnet_is_assembled_once_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("DEMARCHE_CACHE", str(cache))
    parts = make_parts(tmp_path, b"weights")
    monkeypatch.setattr(backbones, "_mpnet_part", lambda number, _: parts[number - 1])
    packaged = PACKAGED["mpnet-base"]
    with pytest.raises(BackboneError, match="SHA-256"):
        resolve("mpnet-base")
    assert not list(cache.iterdir())  # nothing half-made stays

    monkeypatch.setitem(PACKAGED, "mpnet-base", replace(packaged, sha256=hashlib.sha256(b"weights").hexdigest()))
    folder = Path(resolve("mpnet-base"))
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]
    assert (folder / "config.json").read_text() == "{}"
    assert not (tmp_path / "evil.txt").exists()

    monkeypatch.setattr(backbones, "_mpnet_part", None)
    assert resolve("mpnet-base") == str(folder)  # from the cache
    (folder / "model.safetensors").write_bytes(b"changed")
    with pytest.raises(BackboneError, match="SHA-256"):
        resolve("mpnet-base")


def test_parts_that_make_no_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMARCHE_CACHE", str(tmp_path / "cache"))
    parts = make_parts(tmp_path, b"weights")
    monkeypatch.setattr(backbones, "_mpnet_part", lambda number, _: parts[0])
    with pytest.raises(BackboneError, match="zip"):
        resolve("mpnet-base")
