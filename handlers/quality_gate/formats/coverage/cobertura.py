"""Cobertura XML: lines and conditions counted by file name; the rates in its root are not looked at."""

from __future__ import annotations

import re

from app.domain.coverage import MAX_LINE, FileLines, LineMap
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.coverage.lines import measured
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

CONDITIONS = re.compile(r"\((\d{1,9})/(\d{1,9})\)")
OTHER_TOOLS = frozenset({"generated", "clover"})
"""Attributes of Clover's root element, which has the same name."""


def sniff(head: bytes) -> bool:
    """Whether the root element is Cobertura's, and not Clover's of the same name."""
    root = heads.xml_root(head)
    return root is not None and root[0] == "coverage" and not OTHER_TOOLS & root[1].keys()


def parse(source: Source) -> Report:
    """The lines of every class; raises `InvalidInput` where it is not Cobertura XML."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end)
    return measured("cobertura", reader.map)


FORMAT = Format("cobertura", Kind.COVERAGE, sniff, parse)


class _Reader:
    def __init__(self) -> None:
        self.map = LineMap()
        self._stack: list[str] = []
        self._file = FileLines()
        self._in_class: list[dict[str, str]] = []
        self._in_methods: list[dict[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._stack and (name != "coverage" or OTHER_TOOLS & attributes.keys()):
            raise InvalidInput("report.not_cobertura", f"the root element {name[:40]!r} is not Cobertura's")
        if name == "class":
            filename = attributes.get("filename")
            if not filename or "class" in self._stack:
                raise InvalidInput(
                    "report.not_cobertura", "a class has no filename, or lies in another class"
                )
            self._file = self.map.file(filename)
        elif name == "line" and "class" in self._stack:
            (self._in_methods if "method" in self._stack else self._in_class).append(attributes)
        self._stack.append(name)

    def end(self, name: str) -> None:
        self._stack.pop()
        if name == "class":
            # Tools write a method's lines again among the class's, and some write where the method begins as one more:
            # the class's own list counts, and the methods' only where a class has none.
            for attributes in self._in_class or self._in_methods:
                _line(self._file, attributes)
            self._in_class.clear()
            self._in_methods.clear()


def _line(file: FileLines, attributes: dict[str, str]) -> None:
    number = _count(attributes.get("number"), "number")
    hits = _count(attributes.get("hits"), "hits")
    if number == 0:
        return  # some tools write a line 0 for a file without lines; it could never run
    if number > MAX_LINE:
        raise InvalidInput("report.not_cobertura", "a line has an impossible number")
    file.see(number, covered=hits > 0)
    conditions = CONDITIONS.search(attributes.get("condition-coverage", ""))
    if conditions:
        covered, valid = int(conditions[1]), int(conditions[2])
        if covered > valid:
            raise InvalidInput("report.contradiction", f"line {number} covers more conditions than it has")
        file.see_branches(number, covered, valid)


def _count(text: str | None, what: str) -> int:
    if text is None or not re.fullmatch(r"[0-9]{1,18}", text):
        raise InvalidInput("report.not_cobertura", f"a line has no valid {what}")
    return int(text)
