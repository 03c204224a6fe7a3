"""JSON of gosec."""

from __future__ import annotations

import re

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report, Tool
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded
from handlers.quality_gate.formats.findings.bounded import Span, differs, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

LEVELS = {"HIGH": Level.ERROR, "MEDIUM": Level.WARNING, "LOW": Level.NOTE}
LINES = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")


class _Issue(msgspec.Struct):
    details: str
    file: str
    severity: str = ""
    rule: str = msgspec.field(default="", name="rule_id")
    line: int | str | None = None
    column: int | str | None = None
    nosec: bool = False
    suppressions: list[msgspec.Raw] | None = None


class _Stats(msgspec.Struct):
    files: int
    found: int


class _Document(msgspec.Struct):
    issues: list[_Issue] | None = msgspec.field(name="Issues")
    stats: _Stats = msgspec.field(name="Stats")
    errors: dict[str, msgspec.Raw] | str | None = msgspec.field(default=None, name="Golang errors")
    version: str = msgspec.field(default="", name="GosecVersion")


DECODER = msgspec.json.Decoder(_Document)


def sniff(head: bytes) -> bool:
    """Whether it is an object with gosec's own keys."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "{" and bool(keys[1] & {"Golang errors", "GosecVersion"})


def parse(source: Source) -> Report:
    """The issues; raises `InvalidInput` where it is not JSON of gosec. Vacuous where Go reported errors, or no file was read."""
    document, repeated = decoded(source, DECODER, "gosec")
    issues = document.issues or []
    open_issues = [issue for issue in issues if not issue.nosec and not issue.suppressions]
    return reported(
        "gosec-json",
        map(_finding, open_issues),
        tools=(Tool("gosec", document.version[:100]),),
        suppressed=len(issues) - len(open_issues),
        contradictions=repeated + differs("issues", document.stats.found, len(open_issues)),
        vacuous=_vacuous(document),
    )


FORMAT = Format("gosec-json", Kind.FINDINGS, sniff, parse)


def _vacuous(document: _Document) -> tuple[str, ...]:
    if document.errors:
        return ("gosec could not read everything: Go reported errors",)
    return () if document.stats.files > 0 else ("gosec read no file",)


def _finding(issue: _Issue) -> Finding:
    first, last = _lines(issue.line)
    column, _ = _lines(issue.column)
    level = LEVELS.get(issue.severity.upper(), Level.ERROR)
    return finding("gosec", issue.rule, level, issue.details, issue.file, Span(first, column, last))


def _lines(written: int | str | None) -> tuple[int | None, int | None]:
    """First and last of `7`, `"7"` or `"7-9"`."""
    found = LINES.fullmatch(str(written)[:20])
    return (int(found[1]), int(found[2]) if found[2] else None) if found else (None, None)
