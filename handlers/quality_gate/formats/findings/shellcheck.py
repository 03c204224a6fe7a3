"""JSON of ShellCheck: the list of `--format=json`, or the object of `--format=json1`."""

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
KEYS = frozenset({"file", "line", "endLine", "level", "code"})


class _Comment(msgspec.Struct):
    file: str
    level: str
    code: int
    message: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = msgspec.field(default=None, name="endLine")
    end_column: int | None = msgspec.field(default=None, name="endColumn")


class _Document(msgspec.Struct):
    comments: list[_Comment]


DECODER = msgspec.json.Decoder(list[_Comment] | _Document)


def sniff(head: bytes) -> bool:
    """Whether the first comment, or the document, has ShellCheck's keys."""
    keys = heads.json_keys(head)
    if keys is None:
        return False
    return keys[1] >= KEYS if keys[0] == "[" else keys[1] == {"comments"}


def parse(source: Source) -> Report:
    """The comments; raises `InvalidInput` where it is not JSON of ShellCheck."""
    document, repeated = decoded(source, DECODER, "ShellCheck")
    # The older list counts a tab as up to eight columns; json1 counts it as one, as everybody else does.
    is_list = isinstance(document, list)
    comments = document if isinstance(document, list) else document.comments
    return reported(
        "shellcheck-json",
        (_finding(each, has_columns=not is_list) for each in comments),
        warnings=() if comments else ("ShellCheck's JSON does not say which files it checked",),
        contradictions=repeated,
    )


FORMAT = Format("shellcheck-json", Kind.FINDINGS, sniff, parse)


def _finding(comment: _Comment, *, has_columns: bool) -> Finding:
    span = Span(
        comment.line,
        comment.column if has_columns else None,
        comment.end_line,
        comment.end_column if has_columns else None,
    )
    level = LEVELS.get(comment.level, Level.ERROR)
    return finding("shellcheck", f"SC{comment.code}", level, comment.message, comment.file, span)
