"""Reading text as it is and writing files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from data.schema import DataError


def decode(content: bytes, name: str) -> str:
    """UTF-8 bytes as text, line ends untouched; a byte order mark at the start is dropped.

    Raises:
        DataError: with the line of the first byte that is not UTF-8.
    """
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise DataError(
            f"not UTF-8 (byte 0x{content[error.start]:02x} at offset {error.start}); convert it to UTF-8 first",
            file=name,
            line=content.count(b"\n", 0, error.start) + 1,
        ) from None


def read_text(path: Path) -> str:
    """A UTF-8 file's text, exactly.

    Raises:
        DataError: the file cannot be read or is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}); check the path", file=str(path)) from None
    return decode(content, str(path))


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader sees all of it or what was there before.

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
            stream.write(data)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise DataError(f"cannot be written ({error.strerror})", file=str(path)) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
