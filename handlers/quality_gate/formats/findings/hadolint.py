"""JSON of hadolint."""

from __future__ import annotations

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded
from handlers.quality_gate.formats.findings.bounded import Span, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

LEVELS = {"warning": Level.WARNING, "info": Level.NOTE, "style": Level.NOTE}
"""Anything else is an error."""
KEYS = frozenset({"code", "column", "file", "level", "line", "message"})


class _Failure(msgspec.Struct):
    code: str
    level: str
    message: str
    file: str
    line: int | None = None
    column: int | None = None


DECODER = msgspec.json.Decoder(list[_Failure])


def sniff(head: bytes) -> bool:
    """Whether the first item has hadolint's keys, and not the end that ShellCheck gives with the same ones."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "[" and keys[1] >= KEYS and "endLine" not in keys[1]


def parse(source: Source) -> Report:
    """The findings, files that hadolint cannot read (`DL1000`) among them; raises `InvalidInput` where it is not its JSON."""
    failures, repeated = decoded(source, DECODER, "hadolint")
    warnings = () if failures else ("hadolint's JSON does not say which files it checked",)
    return reported("hadolint-json", map(_finding, failures), warnings=warnings, contradictions=repeated)


FORMAT = Format("hadolint-json", Kind.FINDINGS, sniff, parse)


def _finding(failure: _Failure) -> Finding:
    level = LEVELS.get(failure.level, Level.ERROR)
    span = Span(failure.line, failure.column)
    return finding("hadolint", failure.code, level, failure.message, failure.file, span)
