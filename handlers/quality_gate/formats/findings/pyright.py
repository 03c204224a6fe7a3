"""JSON of `pyright --outputjson` (and of basedpyright)."""

from __future__ import annotations

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report, Tool
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded
from handlers.quality_gate.formats.findings.bounded import Span, after, differs, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

LEVELS = {"error": Level.ERROR, "warning": Level.WARNING, "information": Level.NOTE, "hint": Level.NOTE}


class _Point(msgspec.Struct):
    line: int
    character: int


class _Range(msgspec.Struct):
    start: _Point
    end: _Point


class _Diagnostic(msgspec.Struct):
    severity: str
    message: str
    file: str = ""
    rule: str = ""
    range: _Range | None = None


class _Summary(msgspec.Struct):
    files: int = msgspec.field(name="filesAnalyzed")
    errors: int = msgspec.field(default=0, name="errorCount")
    warnings: int = msgspec.field(default=0, name="warningCount")


class _Document(msgspec.Struct):
    diagnostics: list[_Diagnostic] = msgspec.field(name="generalDiagnostics")
    summary: _Summary
    version: str = ""


DECODER = msgspec.json.Decoder(_Document)


def sniff(head: bytes) -> bool:
    """Whether it is an object with pyright's own key."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "{" and "generalDiagnostics" in keys[1]


def parse(source: Source) -> Report:
    """The diagnostics; vacuous where no file was analysed. Raises `InvalidInput` where it is not JSON of pyright."""
    document, repeated = decoded(source, DECODER, "pyright")
    findings = [_finding(each) for each in document.diagnostics]
    levels = [each.level for each in findings]
    summary = document.summary
    listed, counted = levels.count(Level.WARNING), summary.warnings
    contradictions = repeated + differs("errors", summary.errors, levels.count(Level.ERROR))
    if counted < listed:
        contradictions += differs("warnings", counted, listed)
    return reported(
        "pyright-json",
        findings,
        tools=(Tool("pyright", document.version[:100]),),
        # `--level error` leaves warnings out of the list, and counts them all the same.
        warnings=(f"pyright counts {counted} warnings and lists {listed}",) if counted > listed else (),
        contradictions=contradictions,
        vacuous=() if summary.files > 0 else ("pyright analysed no file",),
    )


FORMAT = Format("pyright-json", Kind.FINDINGS, sniff, parse)


def _finding(diagnostic: _Diagnostic) -> Finding:
    level = LEVELS.get(diagnostic.severity.lower(), Level.ERROR)
    return finding(
        "pyright", diagnostic.rule, level, diagnostic.message, diagnostic.file, _span(diagnostic.range)
    )


def _span(found: _Range | None) -> Span:
    # pyright counts lines and characters from 0, and excludes the end, as the Language Server Protocol does.
    if found is None:
        return Span()
    return Span(
        after(found.start.line),
        after(found.start.character),
        after(found.end.line),
        after(found.end.character),
    )
