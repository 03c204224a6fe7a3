"""JaCoCo XML: the `line`s of every `sourcefile`; counters only tell whether the report denies itself.

Source: https://www.jacoco.org/jacoco/trunk/coverage/report.dtd. `nr` is a line, `mi` and `ci` are its missed and covered
instructions, `mb` and `cb` its missed and covered branches.
"""

from __future__ import annotations

import re

from app.domain.reports import Report
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.coverage.lines import MAX_BITS, Gathering, number
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "jacoco"
UNKNOWN = (MAX_BITS, MAX_BITS)
"""More lines than any report may have."""
INSIDE = re.compile(r"-//JACOCO//|<(?:\w{1,80}:)?(?:sessioninfo|group|package|counter)\b")


def sniff(head: bytes) -> bool:
    """Whether the root element is `report`, with JaCoCo's DOCTYPE or elements."""
    return heads.has_root(head, "report") and INSIDE.search(heads.text_of(head)) is not None


def parse(source: Source) -> Report:
    """The lines of every source file, named by package and file; raises `InvalidInput` where it is not JaCoCo XML."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end)
    return reader.report()


FORMAT = Format(NAME, Kind.COVERAGE, sniff, parse)


class _Reader:
    def __init__(self) -> None:
        self._gathering = Gathering(NAME)
        self._stack: list[str] = []
        self._package = ""
        self._has_unlisted = False
        self._all = [0, 0]
        self._declared: tuple[int | None, int | None] = (None, None)
        self._begin(None)

    def _begin(self, name: str | None) -> None:
        self._name = name
        self._ran: list[int] = []
        self._missed: list[int] = []
        self._branches: list[tuple[int, tuple[int, int]]] = []
        self._counter: tuple[int | None, int | None] = (None, None)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "line":
            if self._name is not None:
                self._line(attributes)
        elif not self._stack and name != "report":
            raise self._gathering.refusal(f"the root element is {name[:40]!r}, not report")
        elif name == "package":
            self._package = attributes.get("name", "")
        elif name == "sourcefile":
            file = attributes.get("name")
            self._begin(f"{self._package}/{file}" if self._package and file else file or "")
        elif name == "class" and "sourcefilename" not in attributes:
            self._has_unlisted = True
        elif name == "counter" and attributes.get("type") == "LINE":
            self._take_counter(attributes)
        self._stack.append(name)

    def end(self, name: str) -> None:
        self._stack.pop()
        if name == "sourcefile":
            self._end_file()

    def report(self) -> Report:
        # The lines of a class whose source file is not known are in the counters, but not listed.
        listed = self._all[0], self._all[1]
        self._gathering.check(self._declared, UNKNOWN if self._has_unlisted else listed, listed)
        return self._gathering.report()

    def _line(self, attributes: dict[str, str]) -> None:
        line, missed, covered = (number(attributes.get(key)) for key in ("nr", "mi", "ci"))
        if line is None or missed is None or covered is None:
            raise self._gathering.refusal("a line has no number, or no count of its instructions")
        missed_branches, covered_branches = (number(attributes.get(key, "0")) for key in ("mb", "cb"))
        if missed_branches is None or covered_branches is None:
            raise self._gathering.refusal("a line has no valid count of its branches")
        if covered or missed:
            (self._ran if covered else self._missed).append(line)
        if missed_branches or covered_branches:
            self._branches.append((line, (covered_branches, covered_branches + missed_branches)))

    def _take_counter(self, attributes: dict[str, str]) -> None:
        covered, missed = number(attributes.get("covered")), number(attributes.get("missed"))
        counter = covered, None if covered is None or missed is None else covered + missed
        if self._stack[-1] == "sourcefile":
            self._counter = counter
        elif len(self._stack) == 1:
            self._declared = counter

    def _end_file(self) -> None:
        gathering, listed = self._gathering, (len(self._ran), len(self._ran) + len(self._missed))
        file = gathering.file(self._name)
        file.see(covered=gathering.bits(self._ran), missed=gathering.bits(self._missed))
        gathering.branches(file, self._branches)
        gathering.check(self._counter, listed, listed, " of a file")
        self._all = [whole + part for whole, part in zip(self._all, listed, strict=True)]
        self._begin(None)
