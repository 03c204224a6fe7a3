"""JSON lines of `cargo clippy|check|build --message-format=json`: the compiler's messages."""

from __future__ import annotations

import re

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded_bytes, repeated_keys, utf8
from handlers.quality_gate.formats.findings.bounded import Span, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source, lines

LEVELS = {"warning": Level.WARNING, "note": Level.NOTE, "help": Level.NOTE}
SUMMARY = re.compile(r"\d+ warnings? emitted|aborting due to .{0,200}|.{0,200}; \d+ warnings? emitted")


class _Code(msgspec.Struct):
    code: str = ""


class _Text(msgspec.Struct):
    text: str = ""


class _Place(msgspec.Struct):
    file_name: str
    line_start: int
    line_end: int
    column_start: int
    column_end: int
    is_primary: bool
    text: list[_Text] = []


class _Diagnostic(msgspec.Struct):
    message: str
    level: str
    code: _Code | None = None
    spans: list[_Place] = []


class _Line(msgspec.Struct):
    reason: str
    message: _Diagnostic | None = None
    success: bool | None = None


DECODER = msgspec.json.Decoder(_Line)


def sniff(head: bytes) -> bool:
    """Whether the first line is an object with cargo's keys."""
    keys = heads.json_keys(head)
    return (
        keys is not None
        and keys[0] == "{"
        and "reason" in keys[1]
        and bool(keys[1] & {"package_id", "success"})
    )


def parse(source: Source) -> Report:
    """The compiler's messages, its own summaries left out; raises `InvalidInput` where a line is broken or none is cargo's.

    Vacuous where cargo does not say that the build finished, or says that it failed and no error shows why.
    """
    findings: list[Finding] = []
    repeated: dict[str, None] = {}
    finished: bool | None = None
    seen = False
    for raw in lines(utf8(source)):
        if raw.lstrip()[:1] != b"{":
            continue  # cargo's own progress, where both streams went to one file
        line = decoded_bytes(raw, DECODER, "cargo")
        repeated.update(dict.fromkeys(repeated_keys(raw)))
        seen = True
        if line.message and not _is_summary(line.message):
            findings.append(_finding(line.message))
        elif line.reason == "build-finished":
            finished = line.success if finished is not False else False
    if not seen:
        raise InvalidInput("report.not_cargo", "no line is JSON of cargo")
    return reported(
        "clippy-json", findings, contradictions=tuple(repeated), vacuous=_vacuous(findings, finished=finished)
    )


FORMAT = Format("clippy-json", Kind.FINDINGS, sniff, parse)


def _vacuous(findings: list[Finding], *, finished: bool | None) -> tuple[str, ...]:
    if finished is None:
        return ("cargo does not say that the build finished",)
    if not finished and not any(each.level is Level.ERROR for each in findings):
        return ("cargo says that the build failed, and no error is listed",)
    return ()


def _is_summary(diagnostic: _Diagnostic) -> bool:
    """Whether rustc only sums up what it said before, or points to its manual."""
    if diagnostic.code or diagnostic.spans:
        return False
    return diagnostic.level == "failure-note" or bool(SUMMARY.fullmatch(diagnostic.message))


def _finding(diagnostic: _Diagnostic) -> Finding:
    rule = diagnostic.code.code if diagnostic.code else ""
    tool = "clippy" if rule.startswith("clippy::") else "rustc"
    level = LEVELS.get(diagnostic.level, Level.ERROR)
    primary = next((span for span in diagnostic.spans if span.is_primary), None)
    if primary is None:
        return finding(tool, rule, level, diagnostic.message, None)
    span = Span(primary.line_start, primary.column_start, primary.line_end, primary.column_end)
    snippet = primary.text[0].text if primary.text else ""
    return finding(tool, rule, level, diagnostic.message, primary.file_name, span, snippet)
