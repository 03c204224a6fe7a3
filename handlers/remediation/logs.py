"""Logs on disk as streams of lines: plain text, gzip, or the zip of a run's logs; in constant memory."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from app.errors import InvalidInput

MAX_LINE_BYTES = 64 * 1024
MAX_LOG_BYTES = 1024 * 1024 * 1024
MAX_ENTRIES = 5_000
GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")


# gzip's own errors are OSErrors; zipfile raises the last two for kinds of compression and encryption that it does not know.
DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


class Stream(Protocol):
    """Bytes that are read line by line."""

    def readline(self, size: int = -1, /) -> bytes:
        """The next line, or its first `size` bytes."""
        ...


class Counted:
    """The lines of a stream, each cut at 64 KiB; `size_bytes` is what was read so far, cut parts included."""

    def __init__(self, stream: Stream, budget_bytes: int = MAX_LOG_BYTES) -> None:
        self._stream = stream
        self._budget_bytes = budget_bytes
        self.size_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        while line := self._read():
            whole = line.endswith(b"\n")
            yield line
            while not whole and (rest := self._read()):
                whole = rest.endswith(b"\n")

    def _read(self) -> bytes:
        try:
            line = self._stream.readline(MAX_LINE_BYTES)
        except DAMAGED as exc:
            raise unreadable(exc) from exc
        self.size_bytes += len(line)
        if self.size_bytes > self._budget_bytes:
            raise InvalidInput("log.too_large", f"the log is larger than {MAX_LOG_BYTES} bytes; cut it first")
        return line


def unreadable(exc: Exception) -> InvalidInput:
    """The refusal of a file that cannot be opened or unpacked."""
    if isinstance(exc, OSError) and exc.strerror:
        return InvalidInput("log.unreadable", f"the log cannot be read: {exc.strerror}")
    return InvalidInput("log.unreadable", "the archive is damaged or of a kind that is not supported")


def sources(path: Path) -> Iterator[tuple[str, Counted]]:
    """Each log in the file, with its name inside a zip; read each one before asking for the next.

    Raises:
        InvalidInput: `log.unreadable` or `log.too_large`.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
        if magic in ZIP:
            yield from _zipped(path)
        elif magic.startswith(GZIP):
            with gzip.open(path, "rb") as stream:
                yield "", Counted(stream)
        else:
            with path.open("rb") as stream:
                yield "", Counted(stream)
    except DAMAGED as exc:
        raise unreadable(exc) from exc


def _zipped(path: Path) -> Iterator[tuple[str, Counted]]:
    with zipfile.ZipFile(path) as archive:
        names = [each for each in archive.namelist() if each.endswith((".txt", ".log"))]
        if len(names) > MAX_ENTRIES:
            raise InvalidInput("log.too_large", f"the zip holds more than {MAX_ENTRIES} logs")
        # GitHub's zip has each job's whole log at the top and the same lines again, by step, in folders.
        whole = [each for each in names if "/" not in each]
        left = MAX_LOG_BYTES
        for name in sorted(whole or names, key=_natural):
            with archive.open(name) as stream:
                lines = Counted(stream, left)
                yield name, lines
                left -= lines.size_bytes


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    return tuple(
        (int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", name) if part
    )
