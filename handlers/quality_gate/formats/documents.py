"""JSON from strangers: bounded, in any Unicode encoding with a mark, typed, and read again for keys that an object repeats.

Parsers keep the last of two values of one key (msgspec and the standard library do): the other could be a failure. Where the
items of a report lie under one key that refuses the report (`decoded_once`); where each item is an object of its own it is told
as a contradiction (`decoded`). Either way the gate is not green.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TypeVar

import msgspec

from app.errors import InvalidInput
from handlers.quality_gate.formats.heads import BOMS
from handlers.quality_gate.formats.source import MAX_REPORT_BYTES, Source, lines, whole

Shape = TypeVar("Shape")
MAX_KEYS_TOLD = 3
MAX_DIGITS = 400
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024


def decoded_once(
    source: Source, decoder: msgspec.json.Decoder[Shape], name: str, limit_bytes: int = MAX_DOCUMENT_BYTES
) -> Shape:
    """The document of the format `name`, in which no object repeats a key.

    Raises:
        InvalidInput: `report.too_large`, `report.duplicate_key`, or `report.not_<name>` for what is not this format.
    """
    raw = utf8(source, limit_bytes)
    try:
        document = decoder.decode(raw)
        repeated = repeated_keys(raw)
    except InvalidInput as error:
        raise refused(name, error.message) from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise refused(name, str(error)) from error
    if repeated:
        raise InvalidInput("report.duplicate_key", repeated[0])
    return document


def refused(name: str, why: str) -> InvalidInput:
    """The refusal of bytes that are not the format `name`."""
    shown = why.encode("ascii", "replace").decode()[:300]
    return InvalidInput(f"report.not_{name.replace('-', '_')}", f"not {name}: {shown}")


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


def utf8(source: Source, limit_bytes: int = MAX_REPORT_BYTES) -> bytes:
    """All bytes as UTF-8 without a byte order mark: PowerShell writes what is redirected as UTF-16.

    Raises:
        InvalidInput: `report.too_large`; `report.encoding` where a mark promises an encoding that the bytes do not have.
    """
    raw = whole(source, limit_bytes)
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            rest = raw[len(mark) :]
            try:
                return rest if encoding == "utf-8" else rest.decode(encoding).encode()
            except UnicodeError as error:
                raise InvalidInput("report.encoding", f"the file is not {encoding}, as it begins") from error
    return raw


def _digits(text: str) -> None:
    """Numbers are bounded and not converted, which would be slow for a very long one."""
    if len(text) > MAX_DIGITS:
        raise ValueError(text[:10])


def _refuse(constant: str) -> None:
    """NaN and the infinities are no JSON (RFC 8259, 6)."""
    raise ValueError(constant)


def repeated_keys(raw: bytes) -> tuple[str, ...]:
    """A contradiction for each of the first three keys that an object repeats.

    Raises:
        InvalidInput: `report.not_json` where it is not JSON in UTF-8.
    """
    found: dict[str, None] = {}

    def look(pairs: list[tuple[str, object]]) -> None:
        if len(dict(pairs)) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            found.update(dict.fromkeys(name for name, count in counts.items() if count > 1))

    try:
        json.loads(
            raw.decode(),
            object_pairs_hook=look,
            parse_int=_digits,
            parse_float=_digits,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "report.not_json", "not JSON in UTF-8, nested too deeply, or with no number"
        ) from error
    return tuple(f"an object has the key {name[:40]!a} twice" for name in [*found][:MAX_KEYS_TOLD])
