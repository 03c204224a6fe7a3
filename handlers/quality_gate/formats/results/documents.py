"""One strict way to read a JSON document from strangers: typed, and each key only once."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

from app.errors import InvalidInput
from handlers.quality_gate.formats.heads import BOMS
from handlers.quality_gate.formats.source import Source, whole

T = TypeVar("T")


def decoded(decoder: msgspec.json.Decoder[T], source: Source, report_format: str) -> T:
    """The document; raises `InvalidInput` (`report.not_<format>`) where it is no JSON of this shape.

    A key that an object has twice (`report.contradiction`) is refused too: msgspec would believe the last one alone, and a list
    of failures could hide behind an empty one.
    """
    try:
        raw = _utf8(whole(source))
        document = decoder.decode(raw)
        json.loads(raw, object_pairs_hook=_once)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        code = f"report.not_{report_format.replace('-', '_')}"
        raise InvalidInput(code, f"not the JSON of {report_format}: {_plain(error)}") from error
    return document


def _utf8(raw: bytes) -> bytes:
    """The bytes without a byte order mark: PowerShell writes what is redirected as UTF-16."""
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            rest = raw[len(mark) :]
            return rest if encoding == "utf-8" else rest.decode(encoding).encode()
    return raw


def _once(pairs: list[tuple[str, object]]) -> None:
    """Checks one object and forgets it, so that the second reading keeps nothing."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise InvalidInput("report.contradiction", "an object of the JSON has one key twice")


def _plain(error: Exception) -> str:
    return str(error).encode("ascii", "replace").decode()[:300]
