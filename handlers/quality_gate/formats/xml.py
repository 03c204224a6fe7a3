"""One strict way to read XML from strangers: expat, entities refused, depth, elements and text bounded.

A DOCTYPE is allowed (half of all Cobertura files have one) and never fetched. Input is fed in pieces of 1 MiB or more:
expat before 2.6 needs quadratic time for a large token that arrives in small pieces (CVE-2023-52425).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn
from xml.parsers import expat

from app.errors import InvalidInput

CHUNK_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_ELEMENTS = 5_000_000
Start = Callable[[str, dict[str, str]], None]


def walk(raw: bytes, start: Start, end: Callable[[str], None], text: Callable[[str], None]) -> None:
    """Calls back for each element and text; raises `InvalidInput` (`report.xml`) for what is not plain, bounded XML."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 65536
    bounds = _Bounds(start, end)
    parser.EntityDeclHandler = _refuse_entities
    parser.StartElementHandler = bounds.start
    parser.EndElementHandler = bounds.end
    parser.CharacterDataHandler = text
    try:
        for offset in range(0, len(raw), CHUNK_BYTES):
            parser.Parse(raw[offset : offset + CHUNK_BYTES], False)  # noqa: FBT003 (expat takes it by position)
        parser.Parse(b"", True)  # noqa: FBT003 (likewise)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise InvalidInput(
            "report.xml", f"not well-formed XML: {reason} in line {error.lineno}, column {error.offset + 1}"
        ) from error
    except (ValueError, LookupError) as error:
        raise InvalidInput("report.xml", "the XML names an encoding that is not known") from error


def root(raw: bytes) -> tuple[str, dict[str, str]]:
    """Name and attributes of the root element; raises `InvalidInput` where there is none."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((name, attributes))
        raise _Found

    try:
        walk(raw, start, lambda _name: None, lambda _text: None)
    except _Found:
        return found[0]
    raise InvalidInput("report.xml", "the XML has no element")


class _Found(Exception):
    """Ends a walk that has seen enough."""


class _Bounds:
    def __init__(self, start: Start, end: Callable[[str], None]) -> None:
        self._start, self._end = start, end
        self._depth = self._elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise InvalidInput("report.too_deep", "the XML is nested too deeply or has too many elements")
        self._start(name, attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        self._end(name)


def _refuse_entities(*_declaration: object) -> NoReturn:
    raise InvalidInput("report.entity", "the XML declares entities, which a report does not need")
