"""XML of SpotBugs (and FindBugs, which it came from)."""

from __future__ import annotations

from app.domain.findings import Finding, Level
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.findings.bounded import MAX_MESSAGE, MAX_NAME, Span, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

ROOT = "BugCollection"
BUG = "BugInstance"
LEVELS = {"2": Level.WARNING, "3": Level.NOTE, "4": Level.NOTE, "5": Level.NOTE}
"""Priority 1, and what is none, is an error."""
NEARNESS = {BUG: 3, "Method": 2, "Field": 1, "Class": 0}
"""How exactly a `SourceLine` inside these says where the bug is."""
ERRORS = frozenset({"Error", "AnalysisError"})


def sniff(head: bytes) -> bool:
    """Whether the root element is SpotBugs'."""
    return heads.has_root(head, ROOT)


def parse(source: Source) -> Report:
    """The bugs; vacuous where no class was analysed or the analysis had errors. Raises `InvalidInput` for other XML."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end, reader.text)
    return reader.report()


FORMAT = Format("spotbugs", Kind.FINDINGS, sniff, parse)


class _Reader:
    def __init__(self) -> None:
        self._open: list[str] = []
        self._version = ""
        self._bug: dict[str, str] | None = None
        self._place: tuple[int, dict[str, str]] = (-1, {})
        self._long = self._short = ""
        self._findings: list[Finding] = []
        self._declared = self._errors = self._counted_errors = self._missing = 0
        self._classes: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else ""
        if not parent:
            if name != ROOT:
                raise InvalidInput("report.not_spotbugs", f"the root element is {name[:40]!a}, not {ROOT}")
            self._version = attributes.get("version", "")[:MAX_NAME]
        self._open.append(name)
        if name == BUG:
            if self._bug is not None:
                raise InvalidInput("report.not_spotbugs", "a bug lies inside a bug")
            self._bug, self._place, self._long, self._short = attributes, (-1, {}), "", ""
        elif name == "SourceLine":
            self._see_place(parent, attributes)
        elif name == "Errors":
            self._errors = xml.count(attributes.get("errors"))
            self._missing = xml.count(attributes.get("missingClasses"))
        elif name in ERRORS:
            self._counted_errors += 1
        elif name == "FindBugsSummary":
            self._classes = attributes.get("total_classes")
            self._declared = xml.count(attributes.get("total_bugs"))

    def end(self, name: str) -> None:
        self._open.pop()
        if name == BUG and self._bug is not None:
            self._findings.append(self._found(self._bug))
            self._bug = None

    def text(self, data: str) -> None:
        if self._open[-1:] == ["LongMessage"] and len(self._long) < MAX_MESSAGE:
            self._long += data[:MAX_MESSAGE]
        elif self._open[-1:] == ["ShortMessage"] and len(self._short) < MAX_MESSAGE:
            self._short += data[:MAX_MESSAGE]

    def report(self) -> Report:
        errors = max(self._errors, self._counted_errors)
        vacuous: tuple[str, ...] = ()
        if self._classes is not None and not xml.count(self._classes):
            vacuous += ("SpotBugs analysed no class",)
        if errors:
            vacuous += (f"SpotBugs had {errors} errors while it analysed",)
        silent = self._declared > len(self._findings)
        return reported(
            "spotbugs",
            self._findings,
            tools=(Tool("spotbugs", self._version),),
            warnings=(f"SpotBugs missed {self._missing} classes",) if self._missing else (),
            contradictions=(f"the summary says {self._declared} bugs, {len(self._findings)} are listed",)
            if silent
            else (),
            vacuous=vacuous,
        )

    def _see_place(self, parent: str, attributes: dict[str, str]) -> None:
        nearness = NEARNESS.get(parent, -1)
        if self._bug is not None and nearness > self._place[0]:
            self._place = nearness, attributes

    def _found(self, bug: dict[str, str]) -> Finding:
        place = self._place[1]
        # Without line numbers in the class files `start` is absent; of a whole class it would be the class's first line.
        span = Span(xml.count(place.get("start")), None, xml.count(place.get("end")))
        kind = bug.get("type", "")
        message = self._long.strip() or self._short.strip() or kind
        level = LEVELS.get(bug.get("priority", ""), Level.ERROR)
        path = place.get("sourcepath") or place.get("sourcefile")
        return finding("spotbugs", kind, level, message, path, span)
