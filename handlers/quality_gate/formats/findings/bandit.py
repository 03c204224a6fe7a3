"""JSON of bandit."""

from __future__ import annotations

import msgspec

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from handlers.quality_gate.formats import heads
from handlers.quality_gate.formats.documents import decoded
from handlers.quality_gate.formats.findings.bounded import Span, after, differs, finding, reported
from handlers.quality_gate.formats.format import Format, Kind
from handlers.quality_gate.formats.source import Source

LEVELS = {"HIGH": Level.ERROR, "MEDIUM": Level.WARNING, "LOW": Level.NOTE}
TOTALS = "_totals"
UNSURE = ("UNDEFINED", "LOW", "MEDIUM")
MAX_COUNT = 1_000_000_000


class _Failure(msgspec.Struct):
    filename: str = ""
    reason: str = ""


class _Issue(msgspec.Struct):
    filename: str
    issue_text: str
    issue_severity: str
    issue_confidence: str = ""
    test_id: str = ""
    line_number: int | None = None
    line_range: list[int] = []
    col_offset: int | None = None
    end_col_offset: int | None = None
    code: str = ""


class _Document(msgspec.Struct):
    results: list[_Issue]
    errors: list[_Failure]
    metrics: dict[str, dict[str, float]]


DECODER = msgspec.json.Decoder(_Document)


def sniff(head: bytes) -> bool:
    """Whether it is an object with bandit's first keys."""
    keys = heads.json_keys(head)
    return keys is not None and keys[0] == "{" and keys[1] >= {"errors", "generated_at"}


def parse(source: Source) -> Report:
    """The issues; raises `InvalidInput` where it is not JSON of bandit. Vacuous where a file could not be read, or none was."""
    document, repeated = decoded(source, DECODER, "bandit")
    totals = document.metrics.get(TOTALS, {})
    declared = sum(_count(count) for name, count in totals.items() if name.startswith("SEVERITY."))
    hidden = declared - len(document.results)
    return reported(
        "bandit-json",
        map(_finding, document.results),
        suppressed=_count(totals.get("nosec", 0)) + _count(totals.get("skipped_tests", 0)),
        warnings=(f"bandit found {hidden} issues more than it lists: a filter is set",) if hidden > 0 else (),
        contradictions=(*repeated, *_denied(document, totals)),
        vacuous=_vacuous(document),
    )


FORMAT = Format("bandit-json", Kind.FINDINGS, sniff, parse)


def _count(number: float) -> int:
    """A count that can be true; older versions write it as a fraction."""
    return int(number) if 0 <= number <= MAX_COUNT else 0


def _denied(document: _Document, totals: dict[str, float]) -> tuple[str, ...]:
    """A filter of severities hides high ones last, and one of confidences only those of which bandit is not sure."""
    high = _count(totals.get("SEVERITY.HIGH", 0))
    listed = sum(issue.issue_severity.upper() == "HIGH" for issue in document.results)
    unsure = sum(_count(totals.get(f"CONFIDENCE.{level}", 0)) for level in UNSURE)
    unsure -= sum(issue.issue_confidence.upper() in UNSURE for issue in document.results)
    return differs("issues of high severity", high, listed) if high - listed > max(unsure, 0) else ()


def _vacuous(document: _Document) -> tuple[str, ...]:
    if document.errors:
        first = ascii(document.errors[0].filename[:100])
        return (f"bandit could not read {len(document.errors)} files, the first is {first}",)
    if not document.metrics.keys() - {TOTALS}:
        return ("bandit read no file",)
    return ()


def _finding(issue: _Issue) -> Finding:
    # bandit counts columns from 0 and excludes the end; both belong to the first and the last line of `line_range`.
    start = min(issue.line_range, default=issue.line_number)
    at_start = start == issue.line_number
    end_line = max(issue.line_range, default=None)
    span = Span(
        issue.line_number,
        after(issue.col_offset) if at_start else None,
        end_line,
        after(issue.end_col_offset) if end_line else None,
    )
    level = LEVELS.get(issue.issue_severity.upper(), Level.ERROR)
    return finding("bandit", issue.test_id, level, issue.issue_text, issue.filename, span, _snippet(issue))


def _snippet(issue: _Issue) -> str:
    """The line's own text, of an excerpt that numbers its lines."""
    begin = f"{issue.line_number} "
    return next((line[len(begin) :] for line in issue.code.split("\n") if line.startswith(begin)), "")
