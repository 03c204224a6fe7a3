"""JSON of golangci-lint, versions 1 and 2."""

from __future__ import annotations

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded
from handlers.quality_gate.formats.findings.bounded import Span, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

LEVELS = {
    "warning": Level.WARNING,
    "warn": Level.WARNING,
    "medium": Level.WARNING,
    "info": Level.NOTE,
    "note": Level.NOTE,
    "hint": Level.NOTE,
    "low": Level.NOTE,
}
"""Anything else is an error: golangci-lint itself fails for an issue without a severity."""


class _Position(msgspec.Struct):
    file: str = msgspec.field(default="", name="Filename")
    line: int | None = msgspec.field(default=None, name="Line")
    column: int | None = msgspec.field(default=None, name="Column")


class _Lines(msgspec.Struct):
    last: int | None = msgspec.field(default=None, name="To")


class _Issue(msgspec.Struct):
    linter: str = msgspec.field(name="FromLinter")
    text: str = msgspec.field(name="Text")
    severity: str = msgspec.field(default="", name="Severity")
    source: list[str] | None = msgspec.field(default=None, name="SourceLines")
    position: _Position | None = msgspec.field(default=None, name="Pos")
    range: _Lines | None = msgspec.field(default=None, name="LineRange")


class _Linter(msgspec.Struct):
    enabled: bool = msgspec.field(default=False, name="Enabled")


class _Warning(msgspec.Struct):
    text: str = msgspec.field(default="", name="Text")


class _About(msgspec.Struct):
    error: str = msgspec.field(default="", name="Error")
    linters: list[_Linter] | None = msgspec.field(default=None, name="Linters")
    warnings: list[_Warning] | None = msgspec.field(default=None, name="Warnings")


class _Document(msgspec.Struct):
    issues: list[_Issue] | None = msgspec.field(name="Issues")
    report: _About | None = msgspec.field(default=None, name="Report")


DECODER = msgspec.json.Decoder(_Document)


def sniff(head: bytes) -> bool:
    """Whether it is an object with golangci-lint's keys."""
    keys = heads.json_keys(head)
    if keys is None or keys[0] != "{" or "Issues" not in keys[1] or "Golang errors" in keys[1]:
        return False
    return "Report" in keys[1] or b'"FromLinter"' in head


def parse(source: Source) -> Report:
    """The issues; vacuous where the run ended in an error. Raises `InvalidInput` where it is not JSON of golangci-lint."""
    document, repeated = decoded(source, DECODER, "golangci-lint")
    about = document.report or _About()
    return reported(
        "golangci-json",
        map(_finding, document.issues or []),
        warnings=tuple(each.text[:300] for each in (about.warnings or [])[:20]),
        contradictions=repeated,
        vacuous=_vacuous(document, about),
    )


FORMAT = Format("golangci-json", Kind.FINDINGS, sniff, parse)


def _vacuous(document: _Document, about: _About) -> tuple[str, ...]:
    if about.error:
        return ("golangci-lint ended with an error",)
    if about.linters and not any(linter.enabled for linter in about.linters):
        return ("no linter was enabled",)
    if document.report is None and not document.issues:
        return ("golangci-lint does not say what it ran",)
    return ()


def _finding(issue: _Issue) -> Finding:
    where = issue.position or _Position()
    span = Span(where.line, where.column, issue.range.last if issue.range else None)
    level = LEVELS.get(issue.severity.lower(), Level.ERROR)
    snippet = issue.source[0] if issue.source else ""
    return finding("golangci-lint", issue.linter, level, issue.text, where.file, span, snippet)
