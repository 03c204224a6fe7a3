"""Cobertura XML: lines and conditions counted by file name; the rates in its root are not looked at."""

from __future__ import annotations

import re
from functools import lru_cache

from app.domain.reports import Report
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.coverage.lines import Gathering, number, ran
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "cobertura"
CONDITIONS = re.compile(r"\(([0-9]{1,9})/([0-9]{1,9})\)")
OTHER_TOOLS = frozenset({"generated", "clover"})
"""Attributes of Clover's root element, which has the same name."""
MAX_SOURCES = 100


def sniff(head: bytes) -> bool:
    """Whether the root element is Cobertura's, and not Clover's of the same name."""
    root = heads.local_root(head)
    return root is not None and root[0] == "coverage" and not OTHER_TOOLS & root[1].keys()


def parse(source: Source) -> Report:
    """The lines of every class; raises `InvalidInput` where it is not Cobertura XML."""
    reader = _Reader()
    xml.walk(
        source,
        reader.start,
        reader.end,
        reader.text,
        often=("line", reader.line),
        text_in=frozenset({"source"}),
    )
    return reader.report()


FORMAT = Format(NAME, Kind.COVERAGE, sniff, parse)


class _Lines:
    """Lines of a class as they come: those that did not run, those that did, and the conditions of some."""

    def __init__(self) -> None:
        self.seen: tuple[list[int], list[int]] = [], []
        self.conditions: list[tuple[int, tuple[int, int]]] = []

    def __bool__(self) -> bool:
        return any(self.seen)


class _Reader:
    def __init__(self) -> None:
        self._gathering = Gathering(NAME)
        self._root: dict[str, str] | None = None
        self._class: str | None = None
        self._own, self._of_methods = _Lines(), _Lines()
        self._into: _Lines | None = None
        self._source: str | None = None
        self._sources: list[str] = []
        self._listed = [0, 0]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._root is None:
            if name != "coverage" or OTHER_TOOLS & attributes.keys():
                raise self._gathering.refusal(f"the root element {name[:40]!r} is not Cobertura's")
            self._root = attributes
        elif name == "class":
            if self._class is not None:
                raise self._gathering.refusal("a class lies in another class")
            self._class = attributes.get("filename", "")
            self._into = self._own
        elif name == "methods" and self._class is not None:
            self._into = self._of_methods
        elif name == "source":
            self._source = ""

    def line(self, attributes: dict[str, str]) -> None:
        """Runs a million times for a large report: what it asks is asked in place."""
        into = self._into
        if into is None:
            if self._root is None:
                raise self._gathering.refusal("the root element 'line' is not Cobertura's")
            return
        line, hit = _number(attributes.get("number")), _ran(attributes.get("hits"))
        if line is None or hit is None:
            raise self._gathering.refusal("a line has no valid number, or no valid hits")
        if not line:
            return  # some tools write a line 0 for a file without lines; it could never run
        into.seen[hit].append(line)
        if "condition-coverage" in attributes:
            counts = _conditions(attributes["condition-coverage"])
            if counts is None:
                raise self._gathering.refusal("a line has no valid condition-coverage")
            into.conditions.append((line, counts))

    def end(self, name: str) -> None:
        if name == "class":
            self._end_class()
        elif name == "methods" and self._class is not None:
            self._into = self._own
        elif name == "source" and self._source is not None:
            self._sources.append(self._source.strip()[:1000])
            self._source = None

    def text(self, data: str) -> None:
        if self._source is not None:
            self._source += data

    def report(self) -> Report:
        root, gathering = self._root or {}, self._gathering
        gathering.map.sources = tuple(dict.fromkeys(filter(None, self._sources)))[:MAX_SOURCES]
        self._compare(root)
        return gathering.report()

    def _compare(self, root: dict[str, str]) -> None:
        """Sets the root's counts beside the lists: each line is counted once at least, and no more often than it is written."""
        gathering, totals = self._gathering, self._gathering.map.totals()
        declared = number(root.get("lines-covered")), number(root.get("lines-valid"))
        least = totals.lines_covered, totals.lines_valid
        if declared[0] is not None and declared[0] < totals.lines_covered:
            # Some tools do not count a line as covered of which a branch was not taken.
            partial = sum(file.partial.bit_count() for file in gathering.map.files.values())
            least = totals.lines_covered - partial, totals.lines_valid
        gathering.check(declared, (self._listed[1], sum(self._listed)), least)
        covered, valid = number(root.get("branches-covered")), number(root.get("branches-valid"))
        missed = totals.branches_valid - totals.branches_covered
        # Zero is what tools say that do not count them there. Istanbul counts branches on lines that it does not list.
        if valid and (valid < totals.branches_valid or (covered is not None and valid - covered < missed)):
            gathering.deny(
                f"the summary counts {covered if covered is not None else '?'} of {valid} branches as taken, but "
                f"{totals.branches_covered} of {totals.branches_valid} are listed"
            )

    def _end_class(self) -> None:
        # Tools write a method's lines again among the class's, and some write where the method begins as one more:
        # the class's own list counts, and the methods' only where a class has none.
        for each in (self._own, self._of_methods):
            for hit, seen in enumerate(each.seen):
                self._listed[hit] += len(seen)
        lines = self._own or self._of_methods
        gathering = self._gathering
        file = gathering.file(self._class)
        missed, covered = map(gathering.bits, lines.seen)
        file.see(covered=covered, missed=missed)
        gathering.branches(file, lines.conditions)
        self._class = self._into = None
        self._own, self._of_methods = _Lines(), _Lines()


_number, _ran = lru_cache(4096)(number), lru_cache(4096)(ran)


@lru_cache(4096)
def _conditions(text: str) -> tuple[int, int] | None:
    """`50% (1/2)` as (1, 2); one tuple for equal texts, of which a large report has few."""
    found = CONDITIONS.search(text)
    return (int(found[1]), int(found[2])) if found else None
