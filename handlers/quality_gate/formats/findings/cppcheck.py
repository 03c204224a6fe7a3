"""XML of cppcheck, version 2 of its format and later."""

from __future__ import annotations

import re

from app.domain.findings import Finding, Level
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.findings.bounded import MAX_MESSAGE, MAX_NAME, Span, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

INSIDE = re.compile(r"<(?:\w{1,80}:)?cppcheck\b")
ROOT, OLDEST = "results", 2
LEVELS = {
    "warning": Level.WARNING,
    "style": Level.WARNING,
    "performance": Level.WARNING,
    "portability": Level.WARNING,
    "information": Level.NOTE,
    "debug": Level.NOTE,
    "none": Level.NONE,
}
"""Anything else is an error."""
ABOUT_ITSELF = frozenset({"checkersReport"})
"""Ids by which cppcheck tells which of its checkers were on; no finding."""


def sniff(head: bytes) -> bool:
    """Whether the root element has cppcheck's name, which others have too, with `cppcheck` inside."""
    return heads.has_root(head, ROOT) and INSIDE.search(heads.text_of(head)) is not None


def parse(source: Source) -> Report:
    """The findings; vacuous where the list of errors is missing. Raises `InvalidInput` for other XML, version 1 included."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end)
    return reader.report()


FORMAT = Format("cppcheck", Kind.FINDINGS, sniff, parse)


class _Reader:
    def __init__(self) -> None:
        self._open: list[str] = []
        self._version = ""
        self._has_list = False
        self._error: dict[str, str] | None = None
        self._place: dict[str, str] | None = None
        self._findings: list[Finding] = []
        self._warnings: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else ""
        if not parent:
            _check_root(name, attributes)
        self._open.append(name)
        if name == "cppcheck":
            self._version = attributes.get("version", "")[:MAX_NAME]
        elif name == "errors":
            self._has_list = True
        elif name == "error":
            if self._error is not None:
                raise InvalidInput("report.not_cppcheck", "an error lies inside an error")
            self._error, self._place = attributes, None
        elif name == "location" and parent == "error" and self._place is None:
            self._place = attributes  # the first is where the error is, the others lead to it

    def end(self, name: str) -> None:
        self._open.pop()
        if name == "error" and self._error is not None:
            error, self._error = self._error, None
            if error.get("id") in ABOUT_ITSELF:
                self._warnings.append(error.get("msg", "")[:MAX_MESSAGE])
            else:
                self._findings.append(_found(error, self._place or {}))

    def report(self) -> Report:
        return reported(
            "cppcheck",
            self._findings,
            tools=(Tool("cppcheck", self._version),),
            warnings=tuple(self._warnings[:1]),
            vacuous=() if self._has_list else ("the report has no list of errors",),
        )


def _check_root(name: str, attributes: dict[str, str]) -> None:
    if name != ROOT:
        raise InvalidInput("report.not_cppcheck", f"the root element is {name[:40]!a}, not {ROOT}")
    if xml.count(attributes.get("version")) < OLDEST:
        raise InvalidInput(
            "report.not_cppcheck", "version 1 of cppcheck's XML is not read: write --xml-version=2"
        )


def _found(error: dict[str, str], place: dict[str, str]) -> Finding:
    span = Span(xml.count(place.get("line")), xml.count(place.get("column")))
    level = LEVELS.get(error.get("severity", ""), Level.ERROR)
    # Findings that belong to no place in particular still name the file that was being checked.
    path = place.get("file") or error.get("file0")
    return finding("cppcheck", error.get("id", ""), level, error.get("msg", ""), path, span)
