"""The lines of a tool's text output, as a terminal would show them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handlers.quality_gate.formats.documents import utf8
from handlers.quality_gate.formats.heads import text_of
from handlers.quality_gate.formats.source import Source, lines

COLOURS = re.compile(r"\x1b\[[0-9;]{0,20}[mK]")
PATH = r"(?P<path>(?:[A-Za-z]:)?[^:\s][^:]*)"
"""A path in front of `:line`, with or without a drive."""
MAX_TEXT = 16 * 1024
"""Characters of a line of text that are looked at: what tools print about a place is far shorter."""
CRASH = "Traceback (most recent call last):"


def text_lines(source: Source) -> Iterator[str]:
    """Lines without colours and without white space at their end; bytes that are not UTF-8 are replaced.

    A line of JSON is given whole, another is cut at `MAX_TEXT` characters: patterns over a very long one take long.

    Raises:
        InvalidInput: `report.line` for a line over 1 MiB, `report.encoding` as `documents.utf8`.
    """
    for line in lines(utf8(source)):
        text = line.decode("utf-8", "replace").rstrip()
        if not text.startswith("{"):
            text = text[:MAX_TEXT]
        yield COLOURS.sub("", text) if "\x1b" in text else text


def first_line(head: bytes) -> str:
    """The first line that is not blank, without colours; for recognising."""
    found = next((line for line in text_of(head).split("\n") if line.strip()), "")
    return COLOURS.sub("", found[:4096]).rstrip()
