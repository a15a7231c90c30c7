"""Files and streams that gzip, bzip2, xz or Zstandard may have compressed, read piece by piece."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from data.schema import DataError

SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
"""By which a compressed file is known."""

BLOCK = 1 << 18
"""Bytes that are read at once."""

_FIRST = 10
_MAGIC = {
    ".gz": re.compile(rb"\x1f\x8b\x08"),
    ".bz2": re.compile(rb"BZh[1-9]1AY&SY"),
    ".xz": re.compile(rb"\xfd7zXZ\0"),
    ".zst": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),  # the second: a frame to skip, as pzstd begins
}
"""First bytes of compressed data, at most `_FIRST`."""

Count = Callable[[int], None]
"""Is told how many bytes have been read, before they are decompressed."""


def uncompressed_name(path: Path) -> Path:
    """The path of what a compressed file holds (`a.csv` for `a.csv.gz`); of any other file its own."""
    return path.with_suffix("") if path.suffix in SUFFIXES else path


@contextmanager
def open_file(path: Path, count: Count | None = None, *, byte: int = 0) -> Iterator[BinaryIO]:
    """A file's content, decompressed where its name says that it is compressed.

    Args:
        path: of the file.
        count: see `Count`.
        byte: where in the file to begin, if it is not compressed.

    Raises:
        DataError: it cannot be opened, or, on reading, it is damaged or ends too early.
    """
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror}); check the path", file=str(path)) from None
    with file:
        file.seek(byte)
        stream = _Source(file, str(path), count)
        yield _decompressed(stream, path.suffix if path.suffix in SUFFIXES else None, str(path))


def open_stream(stream: BinaryIO, name: str, count: Count | None = None) -> BinaryIO:
    """A stream's content, decompressed if it begins as compressed data do.

    Raises:
        DataError: on reading, it is damaged or ends too early.
    """
    first = stream.read(_FIRST)
    compression = next((suffix for suffix, magic in _MAGIC.items() if magic.match(first)), None)
    return _decompressed(_Source(stream, name, count, first), compression, name)


class _Source(io.RawIOBase):
    """Another stream, whose failures are `DataError`s."""

    def __init__(
        self,
        stream: Any,
        name: str,
        count: Count | None = None,
        first: bytes = b"",
        errors: tuple[type[Exception], ...] = (),
    ) -> None:
        # At most one read of what lies below, so that nobody waits at a pipe for more than is there.
        self._read = getattr(stream, "readinto1", None) or stream.readinto
        self._name, self._count, self._first = name, count, first
        self._errors: tuple[type[Exception], ...] = (OSError, EOFError, *errors)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            if self._first:
                length = min(len(self._first), len(buffer))
                buffer[:length], self._first = self._first[:length], self._first[length:]
            else:
                length = self._read(buffer) or 0
        except self._errors as error:
            raise DataError(
                f"is damaged or ends too early ({error}); replace it by a whole one", file=self._name
            ) from None
        if self._count:
            self._count(length)
        return length


def _decompressed(source: _Source, compression: str | None, name: str) -> BinaryIO:
    stream = io.BufferedReader(source, BLOCK)
    if compression is None:
        return stream
    opened: Any
    errors: tuple[type[Exception], ...] = ()
    if compression == ".gz":
        import gzip
        import zlib

        opened, errors = gzip.GzipFile(fileobj=stream), (zlib.error,)
    elif compression == ".bz2":
        import bz2

        opened = bz2.BZ2File(stream)
    elif compression == ".xz":
        import lzma

        opened, errors = lzma.LZMAFile(stream), (lzma.LZMAError,)  # noqa: SIM115 - nothing of its own to close
    else:
        import zstandard

        opened, errors = _Zstandard(stream), (zstandard.ZstdError,)
    return io.BufferedReader(_Source(opened, name, errors=errors), BLOCK)


class _Zstandard(io.RawIOBase):
    """Decompresses frames one after another.

    zstandard's own reader takes a file that was cut off for one that has ended.
    """

    _PIECE = 1024
    """Compressed bytes at once: few, since four of them may stand for 128 KiB."""

    def __init__(self, stream: io.BufferedReader[Any]) -> None:
        import zstandard

        self._stream = stream
        self._zstandard = zstandard.ZstdDecompressor(max_window_size=1 << 31)  # what zstd --long=31 writes
        self._frame: Any = None
        self._compressed = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            self._compressed = self._compressed or self._stream.read1(self._PIECE)
            if not self._compressed:
                if self._frame:
                    raise EOFError("Compressed data ended inside a frame")
                return 0
            self._frame = self._frame or self._zstandard.decompressobj()
            self._ready = memoryview(self._frame.decompress(self._compressed))
            self._compressed = b""
            if self._frame.eof:
                self._compressed, self._frame = self._frame.unused_data, None
        length = min(len(self._ready), len(buffer))
        buffer[:length], self._ready = self._ready[:length], self._ready[length:]
        return length
