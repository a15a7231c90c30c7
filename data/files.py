"""Reading text as it is, writing files and folders whole or not at all, and names of files for ids."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath, PurePosixPath
from urllib.parse import quote, unquote

from data.schema import DataError

TO_UTF_8 = "convert it to UTF-8 first (what Windows wrote: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW)"
"""What to do about bytes that are no UTF-8."""


def decode(content: bytes, name: str) -> str:
    """UTF-8 bytes as text, line ends untouched; a byte order mark at the start is dropped.

    Raises:
        DataError: with the line of the first byte that is not UTF-8.
    """
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        remedy = TO_UTF_8
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            remedy = "it is UTF-16: convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8 OLD > NEW)"
        elif b"\0" in content:
            remedy = "it is no text: save what it holds as plain text first"
        raise DataError(
            f"not UTF-8 (byte 0x{content[error.start]:02x} at offset {error.start}); {remedy}", file=name, line=line
        ) from None


def read_text(path: Path) -> str:
    """A UTF-8 file's text, exactly.

    Raises:
        DataError: the file cannot be read or is not UTF-8.
    """
    return decode(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """A file's content. Raises `DataError` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}); check the path", file=str(path)) from None


def files_below(folder: Path) -> list[Path]:
    """All files below a folder in the order of their names; what is hidden by a dot is left out."""
    return [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    ]


def path_of(id: str) -> PurePosixPath:
    """A relative path for an article's id, never one out of its folder; `id_of` gives the id back.

    Slashes part folders. What a file's name cannot hold everywhere, or would hide it, is %-encoded.
    """
    parts = [quote(part, safe=" '()+,=@[]") if part else "%" for part in id.split("/")]
    # A dot first would hide the file; one before a suffix that we add would make it another's.
    return PurePosixPath(*(re.sub(r"^\.|\.(?=(?:tagged|txt|ann)$)", "%2E", part) for part in parts))


def id_of(path: PurePath) -> str:
    """The id that `path_of` made a path of, or a plain relative path as it is."""
    return "/".join("" if part == "%" else unquote(part) for part in path.parts)


def write_atomically(path: Path, content: str | bytes | Iterable[bytes]) -> None:
    """Write a file so that a reader sees all of it or what was there before.

    Args:
        path: folders that it needs are made.
        content: all of it, or its pieces, which are written as they come. If getting them fails, nothing is written.

    Raises:
        DataError: the file cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.writelines([data] if isinstance(data, bytes) else data)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        raise DataError(f"cannot be written ({error.strerror})", file=str(path)) from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def open_to_others(folder: Path) -> None:
    """Give a folder's files the rights of new files: some libraries write them for their owner alone."""
    for path in folder.iterdir():
        if path.is_file():
            path.chmod(0o666 & ~_umask())


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which is at `path` once the block has ended, and gone if it ended with an error.

    Raises:
        DataError: something is at `path` already (but for an empty folder), or it cannot be written.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise DataError("is there already; name another folder, or remove this one first", file=str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as temporary:
            made = Path(temporary) / "made"
            made.mkdir()
            yield made
            made.replace(path)
    except OSError as error:
        raise DataError(f"cannot be written ({error.strerror or error})", file=str(path)) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
