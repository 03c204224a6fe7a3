"""OpenCover XML: the lines where sequence points begin, and branch points by their line; summaries only tell a contradiction.

Coverlet writes it too. Files are numbered: a number holds in its module. A point may reach over several lines, and over code of
other points (lambdas), so only its first line counts.
"""

from __future__ import annotations

from collections import defaultdict

from app.domain.coverage import MAX_LINE
from app.domain.reports import Report
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.coverage.lines import Gathering, number, ran
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "opencover"
NO_FILE = frozenset({"", "0"})


def sniff(head: bytes) -> bool:
    """Whether the root element is `CoverageSession`."""
    return heads.has_root(head, "CoverageSession")


def parse(source: Source) -> Report:
    """The lines of every file; raises `InvalidInput` where it is not OpenCover XML."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end)
    return reader.report()


FORMAT = Format(NAME, Kind.COVERAGE, sniff, parse)


class _Points:
    """What the points of one file say."""

    def __init__(self) -> None:
        self.ran: list[int] = []
        self.missed: list[int] = []
        self.branches: dict[int, tuple[int, int]] = {}


class _Reader:
    def __init__(self) -> None:
        self._gathering = Gathering(NAME)
        self._depth = 0
        self._names: dict[str, str] = {}
        self._points: defaultdict[str, _Points] = defaultdict(_Points)
        self._method_file = ""
        self._listed = [0, 0]
        self._declared: tuple[int | None, int | None] = (None, None)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if name in {"SequencePoint", "BranchPoint"}:
            self._point(name, attributes)
        elif self._depth == 1 and name != "CoverageSession":
            raise self._gathering.refusal(f"the root element is {name[:40]!r}, not CoverageSession")
        elif name == "Summary" and self._depth == 2:  # noqa: PLR2004 (a child of the root)
            self._declared = (
                number(attributes.get("visitedSequencePoints")),
                number(attributes.get("numSequencePoints")),
            )
        elif name == "File":
            self._name(attributes.get("uid", ""), attributes.get("fullPath", ""))
        elif name == "FileRef":
            self._method_file = attributes.get("uid", "")
        elif name == "Method":
            self._method_file = ""

    def end(self, name: str) -> None:
        self._depth -= 1
        if name == "Module":
            self._end_module()

    def report(self) -> Report:
        self._end_module()
        totals = self._gathering.map.totals()
        least = totals.lines_covered, totals.lines_valid
        self._gathering.check(self._declared, (self._listed[1], sum(self._listed)), least)
        return self._gathering.report()

    def _name(self, uid: str, path: str) -> None:
        if self._names.setdefault(uid, path) != path:
            raise self._gathering.refusal("two files of a module have one number")
        self._gathering.file(path)

    def _point(self, kind: str, attributes: dict[str, str]) -> None:
        hit = ran(attributes.get("vc"))
        if hit is None:
            raise self._gathering.refusal("a point has no valid count of visits")
        if kind == "SequencePoint":
            self._listed[hit] += 1
        uid = attributes.get("fileid", self._method_file)
        line = number(attributes.get("sl", "0"))
        if line is None:
            raise self._gathering.refusal("a point has no valid line")
        # The compiler gives code of its own a line of 0xFEEFEE, or none.
        if uid in NO_FILE or not line or line > MAX_LINE:
            return
        points = self._points[uid]
        if kind == "SequencePoint":
            (points.ran if hit else points.missed).append(line)
        else:
            covered, valid = points.branches.get(line, (0, 0))
            points.branches[line] = covered + hit, valid + 1

    def _end_module(self) -> None:
        gathering = self._gathering
        for uid, points in self._points.items():
            if uid not in self._names:
                raise gathering.refusal("a point lies in a file that its module does not name")
            file = gathering.file(self._names[uid])
            file.see(covered=gathering.bits(points.ran), missed=gathering.bits(points.missed))
            gathering.branches(file, points.branches.items())
        self._points.clear()
        self._names.clear()
