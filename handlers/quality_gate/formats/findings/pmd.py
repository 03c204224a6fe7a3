"""XML of PMD, versions 6 and 7."""

from __future__ import annotations

from app.domain.findings import Finding, Level
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.findings.bounded import MAX_MESSAGE, MAX_NAME, Span, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

ROOT = "pmd"
LEVELS = {"3": Level.WARNING, "4": Level.NOTE, "5": Level.NOTE}
"""Priorities 1 and 2, and what is none, are errors."""


def sniff(head: bytes) -> bool:
    """Whether the root element is PMD's."""
    return heads.has_root(head, ROOT)


def parse(source: Source) -> Report:
    """The violations; vacuous where PMD could not read a file or set up a rule. Raises `InvalidInput` for other XML."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end, reader.text)
    return reader.report()


FORMAT = Format("pmd", Kind.FINDINGS, sniff, parse)


class _Reader:
    def __init__(self) -> None:
        self._depth = self._suppressed = self._unread = self._unset = 0
        self._version = ""
        self._path: str | None = None
        self._violation: dict[str, str] | None = None
        self._message = ""
        self._findings: list[Finding] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._depth:
            if name != ROOT:
                raise InvalidInput("report.not_pmd", f"the root element is {name[:40]!a}, not {ROOT}")
            self._version = attributes.get("version", "")[:MAX_NAME]
        self._depth += 1
        if name == "file":
            self._path = attributes.get("name")
        elif name == "violation":
            self._violation, self._message = attributes, ""
        elif name == "suppressedviolation":
            self._suppressed += 1
        elif name == "error":
            self._unread += 1
        elif name == "configerror":
            self._unset += 1

    def end(self, name: str) -> None:
        self._depth -= 1
        if name == "violation" and self._violation is not None:
            self._findings.append(self._found(self._violation))
            self._violation = None

    def text(self, data: str) -> None:
        if self._violation is not None and len(self._message) < MAX_MESSAGE:
            self._message += data[:MAX_MESSAGE]

    def report(self) -> Report:
        vacuous: tuple[str, ...] = ()
        if self._unread:
            vacuous += (f"PMD could not process {self._unread} files",)
        if self._unset:
            vacuous += (f"PMD left out {self._unset} rules that are set up wrongly",)
        return reported(
            "pmd",
            self._findings,
            tools=(Tool("pmd", self._version),),
            suppressed=self._suppressed,
            vacuous=vacuous,
        )

    def _found(self, violation: dict[str, str]) -> Finding:
        # PMD does not say whether the end column is excluded, so it is not taken.
        span = Span(
            xml.count(violation.get("beginline")),
            xml.count(violation.get("begincolumn")),
            xml.count(violation.get("endline")),
        )
        level = LEVELS.get(violation.get("priority", ""), Level.ERROR)
        return finding("pmd", violation.get("rule", ""), level, self._message.strip(), self._path, span)
