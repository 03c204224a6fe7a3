"""JSON of a tool, decoded into its typed shape once, and read again for keys that an object repeats."""

from __future__ import annotations

import json
from collections import Counter
from typing import TypeVar

import msgspec

from app.errors import InvalidInput
from handlers.quality_gate.formats.heads import BOMS
from handlers.quality_gate.formats.source import Source, lines, whole

Shape = TypeVar("Shape")
MAX_KEYS_TOLD = 3


def decoded(source: Source, decoder: msgspec.json.Decoder[Shape], tool: str) -> tuple[Shape, tuple[str, ...]]:
    """The document, and a contradiction for each key that one of its objects repeats (`repeated_keys`).

    Raises:
        InvalidInput: `report.not_json` where it is not JSON of this shape.
    """
    raw = utf8(source)
    return decoded_bytes(raw, decoder, tool), repeated_keys(raw)


def decoded_bytes(raw: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[Shape], tool: str) -> Shape:
    """The document without a look at repeated keys; raises as `decoded`."""
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise InvalidInput("report.not_json", f"not JSON of {tool}: {error}") from error


def decoded_lines(
    source: Source, decoder: msgspec.json.Decoder[Shape], tool: str
) -> tuple[list[Shape], tuple[str, ...]]:
    """The documents of JSON lines, as `decoded`; blank lines are left out."""
    documents, repeated = [], dict[str, None]()
    for line in lines(source):
        if line.strip():
            documents.append(decoded_bytes(line, decoder, tool))
            repeated.update(dict.fromkeys(repeated_keys(line)))
    return documents, tuple(repeated)[:MAX_KEYS_TOLD]


def utf8(source: Source) -> bytes:
    """All bytes as UTF-8 without a byte order mark: PowerShell writes what is redirected as UTF-16.

    Raises:
        InvalidInput: `report.encoding` where a mark promises an encoding that the bytes do not have.
    """
    raw = whole(source)
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            rest = raw[len(mark) :]
            try:
                return rest if encoding == "utf-8" else rest.decode(encoding).encode()
            except UnicodeError as error:
                raise InvalidInput("report.encoding", f"the file is not {encoding}, as it begins") from error
    return raw


def repeated_keys(raw: bytes) -> tuple[str, ...]:
    """A contradiction for each of the first three keys that an object repeats.

    Parsers keep the last of two values of one key (msgspec and the standard library do): the other could be a failure.

    Raises:
        InvalidInput: `report.not_json` where it is not JSON in UTF-8.
    """
    found: dict[str, None] = {}

    def look(pairs: list[tuple[str, object]]) -> None:
        if len(dict(pairs)) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            found.update(dict.fromkeys(name for name, count in counts.items() if count > 1))

    try:
        # Numbers are not looked at: converting a very long one would be slow, or refused with an error of its own.
        json.loads(raw, object_pairs_hook=look, parse_int=len, parse_float=len)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("report.not_json", "not JSON in UTF-8, or nested too deeply") from error
    return tuple(f"an object has the key {name[:40]!a} twice" for name in [*found][:MAX_KEYS_TOLD])
