"""The bytes of a report: whole, or a stream that is read in pieces, so that memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from app.errors import InvalidInput

Source = bytes | BinaryIO
HEAD_BYTES = 64 * 1024
CHUNK_BYTES = 1024 * 1024
MAX_REPORT_BYTES = 256 * 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024


def chunks(source: Source) -> Iterator[bytes]:
    """The bytes in pieces of 1 MiB; raises `InvalidInput` (`report.too_large`) beyond `MAX_REPORT_BYTES`."""
    if isinstance(source, bytes):
        _bounded(len(source))
        yield from (source[start : start + CHUNK_BYTES] for start in range(0, len(source), CHUNK_BYTES))
        return
    total = 0
    while piece := source.read(CHUNK_BYTES):
        total += len(piece)
        _bounded(total)
        yield piece


def whole(source: Source, limit_bytes: int = MAX_REPORT_BYTES) -> bytes:
    """All bytes at once, for formats that cannot be read in pieces; raises as `chunks`, beyond `limit_bytes`."""
    if isinstance(source, bytes):
        _bounded(len(source), limit_bytes)
        return source
    # In one read: pieces that are joined are in memory twice.
    read = source.read(limit_bytes + 1)
    _bounded(len(read), limit_bytes)
    rest = b"".join(chunks(source))
    _bounded(len(read) + len(rest), limit_bytes)
    return read + rest if rest else read


def lines(source: Source) -> Iterator[bytes]:
    """The lines without their ends (LF or CR LF), streamed; raises `InvalidInput` (`report.line`) for one over 1 MiB."""
    rest = b""
    for piece in chunks(source):
        *complete, rest = (rest + piece).split(b"\n")
        yield from (_line(line) for line in complete)
        if len(rest) > MAX_LINE_BYTES:
            _line(rest)
    if rest:
        yield _line(rest)


def _line(line: bytes) -> bytes:
    if len(line) > MAX_LINE_BYTES:
        raise InvalidInput("report.line", f"a line is longer than {MAX_LINE_BYTES >> 20} MiB")
    return line.removesuffix(b"\r")


def _bounded(size_bytes: int, limit_bytes: int = MAX_REPORT_BYTES) -> None:
    if size_bytes > limit_bytes:
        raise InvalidInput("report.too_large", f"the report is larger than {limit_bytes >> 20} MiB")
