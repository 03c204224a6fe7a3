"""JSON of ESLint: the list of `--format json`, or the object of `json-with-metadata`.

ESLint's fixes are not kept: their places are offsets into a text that the report need not have.
"""

from __future__ import annotations

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded
from handlers.quality_gate.formats.findings.bounded import Span, differs, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source


class _Message(msgspec.Struct):
    message: str | None = None
    severity: int | None = None
    rule: str | None = msgspec.field(default=None, name="ruleId")
    line: int | None = None
    column: int | None = None
    end_line: int | None = msgspec.field(default=None, name="endLine")
    end_column: int | None = msgspec.field(default=None, name="endColumn")


class _File(msgspec.Struct):
    path: str = msgspec.field(name="filePath")
    messages: list[_Message]
    suppressed: list[_Message] = msgspec.field(default_factory=list, name="suppressedMessages")
    errors: int | None = msgspec.field(default=None, name="errorCount")
    warnings: int | None = msgspec.field(default=None, name="warningCount")


class _Document(msgspec.Struct):
    results: list[_File]


DECODER = msgspec.json.Decoder(list[_File] | _Document)


def sniff(head: bytes) -> bool:
    """Whether the first file, or the document, has ESLint's keys."""
    keys = heads.json_keys(head)
    if keys is None:
        return False
    if keys[0] == "[":
        return keys[1] >= {"filePath", "messages"}
    return "results" in keys[1] and b'"filePath"' in head and b'"messages"' in head


def parse(source: Source) -> Report:
    """The messages; vacuous where no file is listed. Raises `InvalidInput` where it is not JSON of ESLint."""
    document, contradictions = decoded(source, DECODER, "ESLint")
    files = document if isinstance(document, list) else document.results
    findings = [_finding(file.path, message) for file in files for message in file.messages]
    levels = [each.level for each in findings]
    if all(file.errors is not None and file.warnings is not None for file in files):
        declared_errors = sum(file.errors or 0 for file in files)
        declared_warnings = sum(file.warnings or 0 for file in files)
        contradictions += differs("errors", declared_errors, levels.count(Level.ERROR))
        contradictions += differs("warnings", declared_warnings, levels.count(Level.WARNING))
    return reported(
        "eslint-json",
        findings,
        suppressed=sum(len(file.suppressed) for file in files),
        contradictions=contradictions,
        # ESLint lists every file that it looked at, clean ones too; and those that it was asked for and told to ignore.
        vacuous=() if any(not _is_ignored(file) for file in files) else ("ESLint looked at no file",),
    )


FORMAT = Format("eslint-json", Kind.FINDINGS, sniff, parse)


def _is_ignored(file: _File) -> bool:
    return len(file.messages) == 1 and (file.messages[0].message or "").startswith("File ignored ")


def _finding(path: str, message: _Message) -> Finding:
    span = Span(message.line, message.column, message.end_line, message.end_column)
    level = Level.WARNING if message.severity == 1 else Level.ERROR
    return finding("eslint", message.rule or "", level, message.message or "", path, span)
