"""JSON of actionlint, the list that it prints with `-format '{{json .}}'`."""

from __future__ import annotations

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded
from handlers.quality_gate.formats.findings.bounded import Span, after, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

KEYS = frozenset({"message", "filepath", "line", "column", "kind"})


class _Error(msgspec.Struct):
    message: str
    filepath: str | None = None
    line: int | None = None
    column: int | None = None
    kind: str = ""
    snippet: str = ""
    end_column: int | None = None


DECODER = msgspec.json.Decoder(list[_Error])


def sniff(head: bytes) -> bool:
    """Whether the first item has actionlint's keys."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "[" and keys[1] >= KEYS


def parse(source: Source) -> Report:
    """The errors; raises `InvalidInput` where it is not JSON of actionlint."""
    errors, repeated = decoded(source, DECODER, "actionlint")
    warnings = () if errors else ("actionlint's JSON does not say which files it checked",)
    return reported("actionlint-json", map(_finding, errors), warnings=warnings, contradictions=repeated)


FORMAT = Format("actionlint-json", Kind.FINDINGS, sniff, parse)


def _finding(error: _Error) -> Finding:
    # The end column is that of the last character that is underlined. The snippet's second line underlines the first.
    span = Span(error.line, error.column, error.line, after(error.end_column))
    snippet = error.snippet.partition("\n")[0]
    return finding("actionlint", error.kind, Level.ERROR, error.message, error.filepath, span, snippet)
