"""One strict way to read XML from strangers: expat, entities refused, depth, elements and text bounded.

A DOCTYPE is allowed (half of all Cobertura files have one) and never fetched. Input is fed in pieces of 1 MiB or more:
expat before 2.6 needs quadratic time for a large token that arrives in small pieces (CVE-2023-52425).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn
from xml.parsers import expat

from app.errors import InvalidInput
from handlers.quality_gate.formats.source import Source, chunks

MAX_DEPTH = 64
MAX_ELEMENTS = 20_000_000
MAX_TOKEN_BYTES = 16 * 1024 * 1024
"""Bytes without a tag that begins or ends: a text, or the attributes of one element. Told to the MiB that is fed."""
COUNT_DIGITS = 9
MAX_COUNT = 10**COUNT_DIGITS
Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]
Often = Callable[[dict[str, str]], None]
Place = Callable[[], tuple[int, int]]


def walk(
    source: Source,
    start: Start,
    end: End | None = None,
    text: Text | None = None,
    often: tuple[str, Often] | None = None,
    text_in: frozenset[str] | None = None,
) -> None:
    """Calls back for each element and text; raises `InvalidInput` (`report.xml`) for what is not plain, bounded XML.

    Names are as written, prefixes included. Two words save half of the time of a large report, most of which is one kind of
    element and the white space between: `often` is the name of that kind, and what is called with the attributes of each in place
    of `start` and `end`; `text_in` are the elements whose text is wanted, with that of elements in them, and no other.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 65536
    parser.EntityDeclHandler = _refuse_entities
    if text_in is not None and text is not None:
        start, end, text = _listening(parser, start, end, text, text_in)
    parser.StartElementHandler, parser.EndElementHandler, place = _bounded(start, end, often)
    parser.CharacterDataHandler = text
    try:
        before, quiet_bytes = place(), 0
        for piece in chunks(source):
            parser.Parse(piece, False)  # noqa: FBT003 (expat takes it by position)
            quiet_bytes = quiet_bytes + len(piece) if place() == before else 0
            before = place()
            if quiet_bytes > MAX_TOKEN_BYTES:
                raise InvalidInput(
                    "report.too_large", f"a text or tag is longer than {MAX_TOKEN_BYTES >> 20} MiB"
                )
        parser.Parse(b"", True)  # noqa: FBT003 (likewise)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise InvalidInput(
            "report.xml", f"not well-formed XML: {reason} in line {error.lineno}, column {error.offset + 1}"
        ) from error
    except (ValueError, LookupError) as error:
        raise InvalidInput("report.xml", "the XML names an encoding that is not known") from error


def count(text: str | None) -> int:
    """A count as XML reports write it; 0 where it is absent or no count, `MAX_COUNT` where it is greater than that."""
    if not text or not re.fullmatch(r"\s*\+?[0-9]+\s*", text):
        return 0
    return int(text) if len(text) <= COUNT_DIGITS else MAX_COUNT


def _bounded(start: Start, end: End | None, often: tuple[str, Often] | None) -> tuple[Start, End, Place]:
    """Both callbacks, with depth and elements counted, and what tells both; closures, since they run once for each element."""
    depth = elements = 0
    frequent, take = often or ("", None)

    def start_bounded(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
            raise InvalidInput("report.too_deep", "the XML is nested too deeply or has too many elements")
        if take is not None and name == frequent:
            take(attributes)
        else:
            start(name, attributes)

    def end_bounded(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None and name != frequent:
            end(name)

    return start_bounded, end_bounded, lambda: (elements, depth)


def _listening(
    parser: expat.XMLParserType, start: Start, end: End | None, text: Text, text_in: frozenset[str]
) -> tuple[Start, End, None]:
    """Both callbacks, which let the parser tell texts from where one of these elements begins to where one ends."""

    def start_listening(name: str, attributes: dict[str, str]) -> None:
        if name in text_in:
            parser.CharacterDataHandler = text
        start(name, attributes)

    def end_listening(name: str) -> None:
        if name in text_in:
            parser.CharacterDataHandler = None
        if end is not None:
            end(name)

    return start_listening, end_listening, None


def _refuse_entities(*_declaration: object) -> NoReturn:
    raise InvalidInput("report.entity", "the XML declares entities, which a report does not need")
