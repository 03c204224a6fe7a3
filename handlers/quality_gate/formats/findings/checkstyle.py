"""XML of Checkstyle, which many other tools print as well: ESLint, ShellCheck, hadolint, PHP_CodeSniffer, ktlint, detekt."""

from __future__ import annotations

import re
from functools import lru_cache

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads, xml
from handlers.quality_gate.formats.findings.bounded import MAX_NAME, Span, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

ROOT = "checkstyle"
LEVELS = {"warning": Level.WARNING, "info": Level.NOTE}
"""Anything else is an error, as Checkstyle's own default is."""
IGNORED = "ignore"
SOURCES = (
    (re.compile(r"com\.puppycrawl\.tools\.checkstyle\.(?:.*\.)?(\w+)"), "checkstyle"),
    (re.compile(r"eslint\.rules?\.(.+)"), "eslint"),
    (re.compile(r"stylelint\.rules?\.(.+)"), "stylelint"),
    (re.compile(r"ShellCheck\.(SC\d+)"), "shellcheck"),
    (re.compile(r"(DL\d{4})"), "hadolint"),
    (re.compile(r"detekt\.(.+)"), "detekt"),
    (re.compile(r"swiftlint\.rules\.(.+)"), "swiftlint"),
)
"""Where `source` says who found it, and the rule's own name in it."""


def sniff(head: bytes) -> bool:
    """Whether the root element is Checkstyle's."""
    return heads.has_root(head, ROOT)


def parse(source: Source) -> Report:
    """The findings; vacuous where no file is named or one could not be checked. Raises `InvalidInput` for other XML."""
    reader = _Reader()
    xml.walk(source, reader.start, reader.end)
    return reader.report()


FORMAT = Format("checkstyle", Kind.FINDINGS, sniff, parse)


class _Reader:
    def __init__(self) -> None:
        self._depth = self._files = self._broken = self._ignored = 0
        self._path: str | None = None
        self._findings: list[Finding] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._depth and name != ROOT:
            raise InvalidInput("report.not_checkstyle", f"the root element is {name[:40]!a}, not {ROOT}")
        self._depth += 1
        if name == "file":
            self._files += 1
            self._path = attributes.get("name")
        elif name == "exception":
            self._broken += 1
        elif name == "error":
            self._error(attributes)

    def end(self, name: str) -> None:
        self._depth -= 1
        if name == "file":
            self._path = None

    def report(self) -> Report:
        vacuous: tuple[str, ...] = ()
        if not self._files and not self._findings:
            vacuous += ("the report names no file that was checked",)
        if self._broken:
            vacuous += (f"the tool broke off {self._broken} times with an exception",)
        return reported("checkstyle", self._findings, suppressed=self._ignored, vacuous=vacuous)

    def _error(self, attributes: dict[str, str]) -> None:
        severity = attributes.get("severity", "").lower()
        if severity == IGNORED:
            self._ignored += 1
            return
        span = Span(xml.count(attributes.get("line")), xml.count(attributes.get("column")))
        tool, rule = _origin(attributes.get("source", "")[:MAX_NAME])
        level = LEVELS.get(severity, Level.ERROR)
        self._findings.append(finding(tool, rule, level, attributes.get("message", ""), self._path, span))


@lru_cache(maxsize=1024)
def _origin(source: str) -> tuple[str, str]:
    """Tool and rule; where the tool is not certain, that of the format, and the source as it is."""
    for pattern, tool in SOURCES:
        if found := pattern.fullmatch(source):
            return tool, found[1]
    return ROOT, source
