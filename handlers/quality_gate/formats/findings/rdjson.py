"""reviewdog's diagnostic format: one object (`rdjson`), or one diagnostic a line (`rdjsonl`).

Source: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf (protobuf's JSON: what is empty may be left out, and enums
may be numbers). Its columns count bytes of UTF-8; only the file's own text could turn them into characters, so they
stay as they are.
"""

from __future__ import annotations

import msgspec

from app.domain.findings import Finding, Level, Replacement
from app.domain.reports import Report, Tool
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded, decoded_lines, utf8
from handlers.quality_gate.formats.findings.bounded import MAX_NAME, MAX_PATH, Span, finding, place, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

LEVELS: dict[str | int, Level] = {
    "WARNING": Level.WARNING,
    2: Level.WARNING,
    "INFO": Level.NOTE,
    3: Level.NOTE,
}
"""Anything else is an error."""
MAX_FIX = 64 * 1024
UNKNOWN = frozenset({"UNKNOWN_SEVERITY", 0, None})
UNSAFE = frozenset({"ruff"})
"""Tools that suggest in this format what they themselves call unsafe, without saying so."""


class _Source(msgspec.Struct):
    name: str = ""


class _Position(msgspec.Struct):
    line: int | None = None
    column: int | None = None


class _Range(msgspec.Struct):
    start: _Position | None = None
    end: _Position | None = None


class _Location(msgspec.Struct):
    path: str | None = None
    range: _Range | None = None


class _Code(msgspec.Struct):
    value: str = ""


class _Suggestion(msgspec.Struct):
    range: _Range | None = None
    text: str = ""


class _Diagnostic(msgspec.Struct):
    message: str = ""
    location: _Location | None = None
    severity: str | int | None = None
    source: _Source | None = None
    code: _Code | None = None
    suggestions: list[_Suggestion] | None = None


class _Result(msgspec.Struct):
    diagnostics: list[_Diagnostic] | None = None
    source: _Source | None = None
    severity: str | int | None = None


RESULT = msgspec.json.Decoder(_Result)
DIAGNOSTIC = msgspec.json.Decoder(_Diagnostic)


def sniff(head: bytes) -> bool:
    """Whether it is an object with a list of diagnostics, and nothing besides that this format does not know."""
    keys = heads.json_keys(head)
    return (
        keys is not None
        and keys[0] == "{"
        and {"diagnostics"} <= keys[1] <= {"diagnostics", "source", "severity"}
    )


def sniff_lines(head: bytes) -> bool:
    """Whether the first line is a diagnostic."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "{" and keys[1] >= {"message", "location"}


def parse(source: Source) -> Report:
    """The diagnostics; vacuous where their list is missing. Raises `InvalidInput` where it is not this format."""
    result, repeated = decoded(source, RESULT, "rdjson")
    vacuous = ("the report has no list of diagnostics",) if result.diagnostics is None else ()
    return _report("rdjson", result, repeated, vacuous)


def parse_lines(source: Source) -> Report:
    """The diagnostics of all lines; vacuous where there is none. Raises `InvalidInput` where a line is none, or was cut off."""
    diagnostics, repeated = decoded_lines(utf8(source), DIAGNOSTIC, "rdjsonl")
    vacuous = () if diagnostics else ("the report is empty, as it is where the tool did not run",)
    return _report("rdjsonl", _Result(diagnostics), repeated, vacuous)


FORMAT = Format("rdjson", Kind.FINDINGS, sniff, parse)
LINES_FORMAT = Format("rdjsonl", Kind.FINDINGS, sniff_lines, parse_lines)


def _report(
    report_format: str, result: _Result, contradictions: tuple[str, ...], vacuous: tuple[str, ...]
) -> Report:
    diagnostics = result.diagnostics or []
    names = dict.fromkeys(_tool(each, result) for each in diagnostics)
    if result.source is not None:
        names[result.source.name] = None
    tools = tuple(Tool(name[:MAX_NAME].lower()) for name in names if name)
    return reported(
        report_format,
        (_finding(each, result, report_format) for each in diagnostics),
        tools=tools,
        warnings=() if diagnostics or vacuous else ("an empty list does not say which files were checked",),
        contradictions=contradictions,
        vacuous=vacuous,
    )


def _tool(diagnostic: _Diagnostic, result: _Result) -> str:
    source = diagnostic.source or result.source
    return source.name if source else ""


def _finding(diagnostic: _Diagnostic, result: _Result, report_format: str) -> Finding:
    where = diagnostic.location or _Location()
    start, end = _ends(where.range)
    severity = result.severity if diagnostic.severity in UNKNOWN else diagnostic.severity
    tool = _tool(diagnostic, result) or report_format
    return finding(
        tool,
        diagnostic.code.value if diagnostic.code else "",
        Level.ERROR if severity is None else LEVELS.get(severity, Level.ERROR),
        diagnostic.message,
        where.path,
        Span(start.line, start.column, end.line, end.column),
        fix=() if tool.lower() in UNSAFE else _fix(diagnostic, where.path),
    )


def _ends(span: _Range | None) -> tuple[_Position, _Position]:
    start = (span.start if span else None) or _Position()
    return start, (span.end if span else None) or start


def _fix(diagnostic: _Diagnostic, path: str | None) -> tuple[Replacement, ...]:
    """The suggestion as a fix. Of several nobody says whether they are pieces of one fix or a choice, so there is none."""
    if not path or not diagnostic.suggestions or len(diagnostic.suggestions) > 1:
        return ()
    (suggestion,) = diagnostic.suggestions
    if len(path) > MAX_PATH or len(suggestion.text) > MAX_FIX:
        return ()  # cut, it would mend something else
    start, end = _ends(suggestion.range)
    first, last = place(start.line), place(end.line)
    if first is None or last is None:
        return ()
    if start.column is None and end.column is None:
        # Whole lines, the last one included; the text has no line end of its own.
        text = suggestion.text
        made = Replacement(
            path, first, 1, last + 1, 1, text + "\n" if text and not text.endswith("\n") else text
        )
    else:
        begin, stop = place(start.column), place(end.column)
        if begin is None or stop is None:
            return ()
        made = Replacement(path, first, begin, last, stop, suggestion.text)
    backwards = (made.end_line, made.end_column) < (made.start_line, made.start_column)
    return () if backwards else (made,)
