"""GitLab's code quality report, a subset of Code Climate's issues."""

from __future__ import annotations

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded
from handlers.quality_gate.formats.findings.bounded import Span, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

NAME = "gitlab-codequality"
LEVELS = {"minor": Level.WARNING, "info": Level.NOTE}
"""`major`, `critical`, `blocker` and what is not known are errors: tools write all they find as `major` (ruff does)."""
KEYS = frozenset({"description", "fingerprint", "location"})


class _Point(msgspec.Struct):
    line: int | None = None
    column: int | None = None


class _Positions(msgspec.Struct):
    begin: _Point = msgspec.field(default_factory=_Point)
    end: _Point = msgspec.field(default_factory=_Point)


class _Lines(msgspec.Struct):
    begin: int | None = None
    end: int | None = None


class _Location(msgspec.Struct):
    path: str | None = None
    lines: _Lines | None = None
    positions: _Positions | None = None


class _Issue(msgspec.Struct):
    description: str
    location: _Location
    type: str = "issue"
    check_name: str = ""
    severity: str = ""
    engine_name: str = ""


DECODER = msgspec.json.Decoder(list[_Issue])


def sniff(head: bytes) -> bool:
    """Whether the first item has the keys that GitLab asks for."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "[" and keys[1] >= KEYS


def parse(source: Source) -> Report:
    """The issues; raises `InvalidInput` where it is not such a list.

    Code Climate's other items, its measurements, are left out. Two issues with one fingerprint are two findings.
    """
    issues, repeated = decoded(source, DECODER, "GitLab code quality")
    findings = (_finding(each) for each in issues if each.type.lower() != "measurement")
    warnings = () if issues else ("an empty list does not say which files were checked",)
    return reported(NAME, findings, warnings=warnings, contradictions=repeated)


FORMAT = Format(NAME, Kind.FINDINGS, sniff, parse)


def _finding(issue: _Issue) -> Finding:
    place = issue.location
    if place.positions is not None:
        # GitLab does not say whether the end column is excluded, so none is taken.
        begin, end = place.positions.begin, place.positions.end
        span = Span(begin.line, begin.column, end.line)
    else:
        lines = place.lines or _Lines()
        span = Span(lines.begin, None, lines.end)
    level = LEVELS.get(issue.severity, Level.ERROR)
    return finding(issue.engine_name or NAME, issue.check_name, level, issue.description, place.path, span)
