"""JSON from strangers, parsed so that nobody else can read it differently.

Sigstore's own parser takes the last of two equal keys and has no limit of size or depth (measured on sigstore 4.5.1):
a forged first value would be shown to people while the second is verified.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from app.adapters.sigstore.refusal import Refusal
from app.domain.release_codes import ReleaseCode

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
NOT_A_BRACKET = re.compile(rb"[^\[\]{}]+")

JsonObject = dict[str, Any]  # the edge: what a stranger sent, before it has a type


def parse_object(raw: bytes, what: str, *, fold_names: bool) -> JsonObject:
    """The single JSON object in `raw` (UTF-8, no byte-order mark, nothing after it).

    `what` names the document in messages. With `fold_names`, `media_type` and `mediaType` are the same key, as they are
    to protobuf's JSON.

    Raises:
        Refusal: INVALID_BUNDLE, or DUPLICATE_JSON_KEY.
    """
    if len(raw) > MAX_BYTES:
        raise _invalid(f"{what} has {len(raw)} bytes; the limit is {MAX_BYTES}")
    if raw.startswith(BYTE_ORDER_MARK):
        raise _invalid(f"{what} begins with a byte-order mark")
    if _depth(raw) > MAX_DEPTH:
        raise _invalid(f"{what} is nested deeper than {MAX_DEPTH} levels")

    def unique(pairs: list[tuple[str, Any]]) -> JsonObject:
        seen: set[str] = set()
        for key, _ in pairs:
            folded = key.replace("_", "").lower() if fold_names else key
            if folded in seen:
                raise Refusal(ReleaseCode.DUPLICATE_JSON_KEY, f"{what} has the key {key[:64]!r} twice")
            seen.add(folded)
        return dict(pairs)

    try:
        parsed = json.loads(raw.decode("utf-8"), object_pairs_hook=unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _invalid(f"{what} is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise _invalid(f"{what} is not a JSON object")
    return parsed


def _depth(raw: bytes) -> int:
    deepest = depth = 0
    for byte in NOT_A_BRACKET.sub(b"", STRING.sub(b"", raw)):
        depth += 1 if byte in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _invalid(reason: str) -> Refusal:
    return Refusal(ReleaseCode.INVALID_BUNDLE, reason)
