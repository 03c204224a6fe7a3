"""Clover XML: the statements and conditions of every file; metrics only tell whether the report denies itself.

OpenClover, Istanbul and PHPUnit write it. Of a condition without a `count`, `truecount` and `falsecount` say how often each of
its two branches was taken. With a `count`, as Istanbul writes it, they are the numbers of branches taken and not taken.
"""

from __future__ import annotations

from app.domain.reports import Report
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.coverage.lines import Gathering, number, ran
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "clover"
MARKS = frozenset({"generated", "clover"})
METHOD = "method"
"""Where a method begins: its metrics do not count it among the statements."""
TYPES = frozenset({"stmt", "cond"})


def sniff(head: bytes) -> bool:
    """Whether the root element is Clover's, and not Cobertura's of the same name."""
    root = heads.local_root(head)
    return root is not None and root[0] == "coverage" and bool(MARKS & root[1].keys())


def parse(source: Source) -> Report:
    """The lines of every file that is no test's; raises `InvalidInput` where it is not Clover XML."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end)
    return reader.report()


FORMAT = Format(NAME, Kind.COVERAGE, sniff, parse)


class _Reader:
    def __init__(self) -> None:
        self._gathering = Gathering(NAME)
        self._stack: list[str] = []
        self._package = ""
        self._begin(None)

    def _begin(self, name: str | None) -> None:
        self._name = name
        self._ran: list[int] = []
        self._missed: list[int] = []
        self._branches: list[tuple[int, tuple[int, int]]] = []
        self._conditions = [0, 0]
        self._metrics: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "line":
            if self._name is not None and attributes.get("type") != METHOD:
                self._line(attributes)
        elif not self._stack and (name != "coverage" or not MARKS & attributes.keys()):
            raise self._gathering.refusal(f"the root element {name[:40]!r} is not Clover's")
        elif name == "package":
            self._package = attributes.get("name", "")
        elif name == "file" and "testproject" not in self._stack:
            self._begin(_path(attributes, self._package if "package" in self._stack else ""))
        elif name == "metrics" and self._stack[-1] == "file":
            self._metrics = attributes
        self._stack.append(name)

    def end(self, name: str) -> None:
        self._stack.pop()
        if name == "file" and self._name is not None:
            self._end_file(self._name)

    def report(self) -> Report:
        return self._gathering.report()

    def _line(self, attributes: dict[str, str]) -> None:
        if attributes.get("type") not in TYPES:
            raise self._gathering.refusal("a line is of a type that is not known")
        line = number(attributes.get("num"))
        taken, other = number(attributes.get("truecount")), number(attributes.get("falsecount"))
        is_condition = attributes["type"] == "cond" and taken is not None and other is not None
        hit = ran(attributes.get("count"))
        counts = taken or 0, (taken or 0) + (other or 0)
        if "count" not in attributes and is_condition:
            hit = bool(taken or other)
            counts = bool(taken) + bool(other), 2
        if line is None or hit is None:
            raise self._gathering.refusal("a line has no valid number, or no valid count")
        (self._ran if hit else self._missed).append(line)
        self._conditions[hit] += attributes["type"] == "cond"
        if is_condition:
            self._branches.append((line, counts))

    def _end_file(self, name: str) -> None:
        gathering = self._gathering
        file = gathering.file(name)
        file.see(covered=gathering.bits(self._ran), missed=gathering.bits(self._missed))
        gathering.branches(file, self._branches)
        declared = number(self._metrics.get("coveredstatements")), number(self._metrics.get("statements"))
        # OpenClover counts a condition apart from statements, others among them.
        conditions = self._conditions
        ran, missed = len(self._ran), len(self._missed)
        least = ran - conditions[True], ran + missed - sum(conditions)
        gathering.check(declared, (ran, ran + missed), least, " of a file")
        self._begin(None)


def _path(attributes: dict[str, str], package: str) -> str:
    """The path; where a file has only its own name, with the folders that its package names."""
    name = attributes.get("name", "")
    if attributes.get("path"):
        return attributes["path"]
    return f"{package.replace('.', '/')}/{name}" if package and name and not {"/", "\\"} & set(name) else name
