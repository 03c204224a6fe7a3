"""Text of flake8 in its default format, `path:line:column: CODE text`; pycodestyle prints the same."""

from __future__ import annotations

import re

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.bounded import Span, differs, finding, reported
from handlers.quality_gate.formats.findings.text import CRASH, PATH, first_line, text_lines
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

LINE = re.compile(PATH + r":(?P<line>\d{1,9}):(?P<column>\d{1,9}): (?P<code>[A-Z]{1,6}\d{2,5}) (?P<text>.*)")
PLACE = re.compile(PATH + r":(?P<line>\d{1,9}):(?P<column>\d{1,9}): (?P<text>.*)")
"""What is at a place and has no code as flake8's are: a plugin's, or a word that was spoilt."""
COUNT = re.compile(r"\d{1,9}")
RUFF = re.compile(r"Found \d{1,9} errors?( \(.*\))?\.")
BROKEN = (CRASH, "There was a critical error during execution of Flake8:")


def sniff(head: bytes) -> bool:
    """Whether the first line is one of flake8's; ruff marks fixes in its own lines of this shape with `[*]`."""
    found = LINE.fullmatch(first_line(head))
    return found is not None and not found["text"].startswith("[*]")


def parse(source: Source) -> Report:
    """The findings; vacuous where flake8 printed nothing or broke off. Raises `InvalidInput` where no line is flake8's.

    Lines of `--show-source` and `--statistics` are passed over; the number of `--count` must be that of the findings.
    """
    findings: list[Finding] = []
    broken = False
    last = ""
    for line in filter(None, text_lines(source)):
        last = line
        if found := LINE.fullmatch(line):
            findings.append(_finding(found, found["code"]))
        elif found := PLACE.fullmatch(line):
            findings.append(_finding(found, ""))
        elif RUFF.fullmatch(line):
            raise InvalidInput(
                "report.not_flake8", "this is text of ruff: write --output-format json instead"
            )
        broken = broken or line.startswith(BROKEN)
    counted = COUNT.fullmatch(last)
    vacuous = ("flake8 ended with an error",) if broken else ()
    if not last:
        vacuous = ("flake8 printed nothing: run it with --count, which shows that it ran",)
    elif not (findings or broken or counted):
        raise InvalidInput("report.not_flake8", "no line is one that flake8 prints")
    contradictions = differs("findings", int(last), len(findings)) if counted else ()
    return reported("flake8", findings, contradictions=contradictions, vacuous=vacuous)


FORMAT = Format("flake8", Kind.FINDINGS, sniff, parse)


def _finding(found: re.Match[str], code: str) -> Finding:
    # flake8 has no levels, and fails for each of these.
    span = Span(int(found["line"]), int(found["column"]))
    return finding("flake8", code, Level.ERROR, found["text"], found["path"], span)
