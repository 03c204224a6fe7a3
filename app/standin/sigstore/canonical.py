"""JSON as Sigstore signs and writes it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence

JsonValue = str | int | bool | None | Sequence["JsonValue"] | Mapping[str, "JsonValue"]


def canonical(value: JsonValue) -> bytes:
    """Compact JSON with sorted keys; equal to RFC 8785 for the ASCII strings and integers that logs hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def compact(value: JsonValue) -> bytes:
    """Compact JSON with the keys as they come."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def b64(value: bytes) -> str:
    """Standard base64, as protobuf's JSON writes bytes."""
    return b64encode(value).decode()
