"""How the JSON of an audit or a bill of materials is read: bounded, in any Unicode encoding with a mark, no key twice."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

from app.errors import InvalidInput
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.source import Source, chunks

T = TypeVar("T")
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
MAX_NAME = 300


def decoded(
    source: Source, decoder: msgspec.json.Decoder[T], name: str, limit_bytes: int = MAX_DOCUMENT_BYTES
) -> T:
    """The document of the format `name` as `decoder` has it.

    A key that an object has twice is refused: readers differ in which they believe, and the other may hold the vulnerabilities.

    Raises:
        InvalidInput: `report.too_large`, `report.duplicate_key`, or `report.not_<name>` for what is not this format.
    """
    raw = bounded(source, limit_bytes)
    try:
        text = _utf8(raw)
        document = decoder.decode(text)
        json.loads(text.decode(), object_pairs_hook=_once)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise refused(name, str(error)) from error
    return document


def refused(name: str, why: str) -> InvalidInput:
    """The refusal of bytes that are not the format `name`."""
    return InvalidInput(f"report.not_{name.replace('-', '_')}", f"not {name}: {why}")


def bounded(source: Source, limit_bytes: int) -> bytes:
    """All bytes; raises `InvalidInput` (`report.too_large`) for more than the limit."""
    raw = bytearray()
    for piece in chunks(source):
        raw += piece
        if len(raw) > limit_bytes:
            raise InvalidInput("report.too_large", f"the document is larger than {limit_bytes >> 20} MiB")
    return bytes(raw)


def line(text: str) -> str:
    """The first line of a stranger's text, of at most `MAX_NAME` characters."""
    return text.strip().partition("\n")[0].rstrip()[:MAX_NAME]


def _utf8(raw: bytes) -> bytes:
    # Windows PowerShell writes what is redirected into a file as UTF-16.
    for mark, encoding in heads.BOMS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding).encode()
    return raw


def _once(pairs: list[tuple[str, object]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise InvalidInput("report.duplicate_key", "an object of the JSON has one key twice")
