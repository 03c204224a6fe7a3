"""JSON of SQLFluff: a list of files with their violations; names of lines and columns differ between versions."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded
from handlers.quality_gate.formats.findings.bounded import Span, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source


class _Violation(msgspec.Struct):
    description: str
    code: str | None = None
    rule_code: str = ""
    warning: bool = False
    path: str | None = None
    start_line_no: int | None = None
    start_line_pos: int | None = None
    line_no: int | None = None
    line_pos: int | None = None
    end_line_no: int | None = None
    end_line_pos: int | None = None


class _File(msgspec.Struct):
    violations: list[_Violation]
    filepath: str | None = None


DECODER = msgspec.json.Decoder(list[_File] | _File)


def sniff(head: bytes) -> bool:
    """Whether the first file has SQLFluff's keys, or the document has only violations."""
    keys = heads.json_keys(head)
    if keys is None:
        return False
    return keys[1] >= {"filepath", "violations"} if keys[0] == "[" else keys[1] == {"violations"}


def parse(source: Source) -> Report:
    """The violations, SQL that cannot be parsed (`PRS`) among them; vacuous where no file was read.

    Raises `InvalidInput` where it is not JSON of SQLFluff.
    """
    document, repeated = decoded(source, DECODER, "SQLFluff")
    files = document if isinstance(document, list) else [document]
    return reported(
        "sqlfluff-json",
        _findings(files),
        contradictions=repeated,
        vacuous=() if files else ("SQLFluff read no file",),
    )


FORMAT = Format("sqlfluff-json", Kind.FINDINGS, sniff, parse)


def _findings(files: list[_File]) -> Iterator[Finding]:
    for file in files:
        for each in file.violations:
            # Violations that the project calls warnings do not fail SQLFluff; all others do.
            level = Level.WARNING if each.warning else Level.ERROR
            line = each.line_no if each.start_line_no is None else each.start_line_no
            column = each.line_pos if each.start_line_pos is None else each.start_line_pos
            span = Span(line, column, each.end_line_no, each.end_line_pos)
            rule = each.code or each.rule_code
            yield finding("sqlfluff", rule, level, each.description, file.filepath or each.path, span)
