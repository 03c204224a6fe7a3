"""JSON from strangers, parsed so that nobody else can read it differently.

Sigstore's own parser takes the last of two equal keys and has no limit of size or depth (measured on sigstore 4.5.1):
a forged first value would be shown to people while the second is verified.
"""

from __future__ import annotations

import json
import re
import string
from math import isinf
from typing import Any, NoReturn

from app.adapters.sigstore.refusal import Refusal
from app.domain.release_codes import ReleaseCode

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
BASE64 = (string.ascii_letters + string.digits + "+/").encode()
PADDING = (b"", b"=", b"==")
NO_OUTLINE = bytes(each for each in range(256) if each not in b'[]{}"')
NO_BRACKETS = bytes(each for each in range(256) if each not in b"[]{}")

JsonObject = dict[str, Any]  # the edge: what a stranger sent, before it has a type


def parse_object(
    raw: bytes, what: str, *, fold_names: bool, base64: frozenset[str] = frozenset()
) -> JsonObject:
    """The single JSON object in `raw` (UTF-8, no byte-order mark, nothing after it).

    `what` names the document in messages. With `fold_names`, `media_type` and `mediaType` are the same key, as they are
    to protobuf's JSON. What the members named in `base64` say as text, alone or in a list, must be plain base64: the library
    passes over characters that do not belong to it.

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
        found = dict(pairs)
        keys = {key.replace("_", "").lower() for key in found} if fold_names else found
        if len(keys) != len(pairs):
            raise _twice(what, [key for key, _ in pairs], fold_names=fold_names)
        for key in base64.intersection(found):
            _require_base64(key, found[key])
        return found

    try:
        parsed = json.loads(
            raw.decode("utf-8"), object_pairs_hook=unique, parse_constant=_no_constant, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        raise _invalid(f"{what} is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise _invalid(f"{what} is not a JSON object")
    return parsed


def _depth(raw: bytes) -> int:
    """How deep it is nested; where there are few brackets at all, their number, which is found much faster."""
    if (brackets := raw.count(b"{") + raw.count(b"[")) <= MAX_DEPTH:
        return brackets
    if b"\\" not in raw:  # nothing is escaped, so only quotes can open and close a string
        raw = raw.translate(None, NO_OUTLINE)
    deepest = depth = 0
    for byte in STRING.sub(b"", raw).translate(None, NO_BRACKETS):
        depth += 1 if byte in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _twice(what: str, keys: list[str], *, fold_names: bool) -> Refusal:
    folded = [key.replace("_", "").lower() if fold_names else key for key in keys]
    key = next(key for number, key in enumerate(keys) if folded[number] in folded[:number])
    return Refusal(ReleaseCode.DUPLICATE_JSON_KEY, f"{what} has the key {key[:64]!r} twice")


def _require_base64(key: str, value: Any) -> None:  # noqa: ANN401 (JSON of a stranger)
    for text in value if isinstance(value, list) else (value,):
        if not isinstance(text, str):
            continue
        rest = text.encode(errors="replace").translate(None, BASE64)
        if len(text) % 4 or rest not in PADDING or not text.endswith(rest.decode()):
            raise _invalid(f"{key} is not base64")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    """A number that others would read as infinite, or not at all, is none."""
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text[:40]} is too large")
    return number


def _invalid(reason: str) -> Refusal:
    return Refusal(ReleaseCode.INVALID_BUNDLE, reason)
