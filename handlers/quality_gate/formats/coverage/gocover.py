"""Coverage profiles of Go: every line from the first to the last of a block that has statements.

Source: `golang.org/x/tools/cover`, type Profile: `name.go:line.column,line.column statements count`.
"""

from __future__ import annotations

import re

from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.coverage.lines import Gathering
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source, lines

NAME = "gocover"
BEGINNING = re.compile(r"\s*mode: (?:set|count|atomic)\r?(?:\n|\Z)")
MODE = re.compile(rb"mode: (?:set|count|atomic)")
BLOCK = re.compile(rb"(.+):([0-9]{1,8})\.[0-9]{1,8},([0-9]{1,8})\.[0-9]{1,8} ([0-9]{1,8}) ([0-9]{1,20})")


def sniff(head: bytes) -> bool:
    """Whether the first line names the mode."""
    return BEGINNING.match(heads.text_of(head)) is not None


def parse(source: Source) -> Report:
    """The lines of every block; raises `InvalidInput` where it is not a coverage profile of Go."""
    gathering = Gathering(NAME)
    blocks: dict[bytes, tuple[list[range], list[range]]] = {}
    begun = False
    for line in lines(source):
        text = line.strip()
        block = BLOCK.fullmatch(text)
        if begun and block:
            first, last = int(block[2]), int(block[3])
            if first > last:
                raise gathering.refusal("a block ends before it begins")
            if int(block[4]):
                ran, missed = blocks.setdefault(block[1], ([], []))
                (ran if int(block[5]) else missed).append(range(first, last + 1))
        elif MODE.fullmatch(text):
            begun = True  # profiles that were put together by hand have several
        elif text:
            raise gathering.refusal("a line is no block, or the first line does not name the mode")
    for name, (ran, missed) in blocks.items():
        file = gathering.file(name.decode("utf-8", "backslashreplace"))
        file.see(covered=gathering.span_bits(ran), missed=gathering.span_bits(missed))
    return gathering.report()


FORMAT = Format(NAME, Kind.COVERAGE, sniff, parse)
