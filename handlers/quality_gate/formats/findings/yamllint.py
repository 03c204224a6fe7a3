"""Text of yamllint with `--format parsable`."""

from __future__ import annotations

import re

from app.domain.findings import Level
from app.domain.reports import Report
from handlers.quality_gate.formats.findings import printed
from handlers.quality_gate.formats.findings.text import PATH, first_line, text_lines
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

LINE = printed.Pattern(
    "yamllint",
    re.compile(
        PATH + r":(?P<line>\d{1,9}):(?P<column>\d{1,9}): \[(?P<level>error|warning)\] "
        r"(?P<text>.*?)(?: \((?P<rule>[a-z][a-z-]{0,60})\))?"
    ),
    {"warning": Level.WARNING},
)
ODD = printed.Pattern(
    "yamllint", re.compile(PATH + r":(?P<line>\d{1,9}):(?P<column>\d{1,9}): \[[^\]]{0,60}\] (?P<text>.*)"), {}
)
"""A line of a level that is not known: an error, since nobody said that it is less."""


def sniff(head: bytes) -> bool:
    """Whether the first line is one of yamllint's."""
    return LINE.expression.fullmatch(first_line(head)) is not None


def parse(source: Source) -> Report:
    """The problems; vacuous where nothing was printed. Raises `InvalidInput` where no line is yamllint's."""
    return printed.read("yamllint", text_lines(source), (LINE, ODD))


FORMAT = Format("yamllint", Kind.FINDINGS, sniff, parse)
