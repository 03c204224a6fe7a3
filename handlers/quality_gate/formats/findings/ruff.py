"""JSON of `ruff check` and `ruff format --check`: a list, or one object a line."""

from __future__ import annotations

import msgspec

from app.domain.findings import Finding, Level, Replacement
from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded, decoded_lines, utf8
from handlers.quality_gate.formats.findings.bounded import MAX_PATH, Span, finding, place, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

KEYS = frozenset({"code", "end_location", "filename"})
LEVELS = {"error": Level.ERROR, "warning": Level.WARNING, "info": Level.NOTE, "hint": Level.NOTE}
SYNTAX = "invalid-syntax"
"""The rule of a syntax error; versions before 0.12 write null."""


class _Place(msgspec.Struct):
    row: int
    column: int


class _Edit(msgspec.Struct):
    content: str
    location: _Place
    end_location: _Place


class _Fix(msgspec.Struct):
    applicability: str = ""
    edits: list[_Edit] = []


class _Item(msgspec.Struct):
    filename: str
    message: str
    code: str | None
    location: _Place | None = None
    end_location: _Place | None = None
    fix: _Fix | None = None
    severity: str = "error"
    cell: int | None = None


ITEM = msgspec.json.Decoder(_Item)
ITEMS = msgspec.json.Decoder(list[_Item])


def sniff(head: bytes) -> bool:
    """Whether the first object has ruff's keys."""
    keys = heads.json_keys(head)
    return keys is not None and keys[1] >= KEYS


def parse(source: Source) -> Report:
    """The findings; raises `InvalidInput` where it is not JSON of ruff."""
    raw = utf8(source)
    if raw.lstrip()[:1] == b"{":
        items, repeated = decoded_lines(raw, ITEM, "ruff")
    else:
        items, repeated = decoded(raw, ITEMS, "ruff")
    # A clean run and a run over no file write the same.
    warnings = () if items else ("ruff's JSON does not say how many files it checked",)
    return reported("ruff-json", map(_finding, items), warnings=warnings, contradictions=repeated)


FORMAT = Format("ruff-json", Kind.FINDINGS, sniff, parse)


def _finding(item: _Item) -> Finding:
    span = Span()
    if start := item.location:
        end = item.end_location or start
        span = Span(start.row, start.column, end.row, end.column)
    level = LEVELS.get(item.severity.lower(), Level.ERROR)
    return finding("ruff", item.code or SYNTAX, level, item.message, item.filename, span, fix=_safe_fix(item))


def _safe_fix(item: _Item) -> tuple[Replacement, ...]:
    """The edits, where ruff calls them safe; a notebook's rows count within a cell, so they name no place in the file."""
    if item.fix is None or item.fix.applicability != "safe" or item.cell is not None:
        return ()
    if not all(place(number) for edit in item.fix.edits for number in _corners(edit)):
        return ()
    path = item.filename[:MAX_PATH]
    return tuple(Replacement(path, *_corners(edit), edit.content) for edit in item.fix.edits)


def _corners(edit: _Edit) -> tuple[int, int, int, int]:
    return edit.location.row, edit.location.column, edit.end_location.row, edit.end_location.column
