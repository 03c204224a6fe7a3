"""Events as JSON, one a line, among other output of the same terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from app.errors import InvalidInput
from handlers.quality_gate.formats.source import Source, lines

T = TypeVar("T")
BOM = b"\xef\xbb\xbf"
EARLY_LINES = 50


def first_event(head: bytes, *parts: bytes) -> bool:
    """Whether one of the first lines begins like an object and has all these parts."""
    early = head.removeprefix(BOM).split(b"\n", EARLY_LINES)[:EARLY_LINES]
    return any(line.lstrip().startswith(b"{") and all(part in line for part in parts) for line in early)


def event_lines(
    source: Source,
    decoder: msgspec.json.Decoder[T],
    keys: tuple[bytes, ...],
    contradictions: list[str],
    other: Callable[[bytes], None] | None = None,
) -> Iterator[T]:
    """The events in order; lines that are no object go to `other`, and JSON of another shape is left out.

    `keys` are those that decide, each as `"name":`, the one that every event has first. A line that should be an event and cannot
    be read is told in `contradictions`, once: an event may be lost in it. A line that has one of `keys` twice is refused
    (`report.contradiction`), since only the last would be believed.
    """
    is_first = True
    for line in lines(source):
        text = line.removeprefix(BOM) if is_first else line
        is_first = False
        if not text.lstrip().startswith(b"{"):
            if other is not None:
                other(text)
            continue
        try:
            event = decoder.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            is_foreign = isinstance(error, msgspec.ValidationError) and keys[0] not in text
            if not is_foreign and not contradictions:
                contradictions.append("a line begins like an event, but is cut off or broken")
            continue
        if any(text.count(key) > 1 for key in keys):
            _refuse_twice(text)
        yield event


def _refuse_twice(line: bytes) -> None:
    """Looks closely: the bytes of a key may also stand inside a string or in an object further in."""
    try:
        json.loads(line, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "report.contradiction", "an event repeats a key and cannot be read closely"
        ) from error


def _once(pairs: list[tuple[str, object]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise InvalidInput("report.contradiction", "an event has one key twice")
