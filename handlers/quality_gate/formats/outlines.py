"""The outline of a large JSON file: the keys of its first object, each with the beginning of its value; for recognising only.

A writer that puts its list of findings first has the keys that tell its format behind megabytes of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.source import Source

MAX_LOOKED_AT_BYTES = 64 * 1024 * 1024
MAX_KEYS = 1_000
VALUE_BYTES = 2 * 1024
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)
"""A string, which may be cut off, or a bracket: what is needed to know the depth."""
LEAF = re.compile(
    rb'\{[^{}\[\]"]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^{}\[\]"]*+)*+\}|\[[^{}\[\]"]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^{}\[\]"]*+)*+\]|'
    + TOKEN.pattern,
    re.DOTALL,
)
"""Likewise, with an object or list that has none inside as one: three times as fast inside long lists."""
MAX_DEPTH = 1_000
QUOTE = ord('"')
COLON = re.compile(rb"\s*:")
CLOSING = {b"{": b"}", b"[": b"]"}


def outline(source: Source) -> bytes:
    """What `heads.json_keys` and the formats are asked about instead of the head; empty where there is no object.

    Of a longer file the first 64 MiB are looked at. A stream is back at its beginning afterwards.
    """
    if isinstance(source, bytes):
        raw = source[:MAX_LOOKED_AT_BYTES]
    else:
        raw = source.read(MAX_LOOKED_AT_BYTES)
        source.seek(0)
    if raw.startswith(tuple(mark for mark, _ in heads.BOMS)):
        raw = heads.text_of(raw).encode()
    raw_start = raw[:1024].lstrip()[:1]
    members = b",".join(map(_abridged, _members(raw, 2 if raw_start == b"[" else 1)))
    if not members or raw_start not in CLOSING:
        return b""
    return b"[{" + members + b"}]" if raw_start == b"[" else b"{" + members + b"}"


def _members(raw: bytes, wanted: int) -> Iterator[bytes]:
    """Key and value of each member of the first object that lies so deep."""
    depth = told = 0
    begin = None
    position = 0
    while token := (LEAF if depth >= wanted else TOKEN).search(raw, position):
        position = token.end()
        mark = raw[token.start()]
        if mark == QUOTE:
            if depth == wanted and COLON.match(raw, token.end()):
                if begin is not None:
                    yield raw[begin : token.start()]
                    told += 1
                if told == MAX_KEYS:
                    return
                begin = token.start()
        elif mark in b"{[":
            # A leaf is closed again.
            depth += position - token.start() == 1
            if depth > MAX_DEPTH:
                return
        else:
            depth -= 1
            if depth < wanted and begin is not None:
                yield raw[begin : token.start()]
                return
    if begin is not None:
        yield raw[begin:]


def _abridged(member: bytes) -> bytes:
    """Its first bytes, up to the end of a string or a bracket, with all that is open closed."""
    if len(member) <= VALUE_BYTES:
        return member.rstrip(b" \t\r\n,")
    shown, end = member[:VALUE_BYTES], 0
    stack: list[bytes] = []
    for token in TOKEN.finditer(shown):
        mark = token[0]
        if mark in CLOSING:
            stack.append(CLOSING[mark])
        elif mark in {b"}", b"]"}:
            if stack:
                stack.pop()
        elif not mark.endswith(b'"') or token.end() == len(shown):
            break
        end = token.end()
    return shown[:end] + b"".join(reversed(stack))
