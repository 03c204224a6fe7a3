"""Findings within bounds: however long the text and however odd the places in a report, the finding itself is never lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.domain.findings import Finding, FindingReport, Level, Replacement
from app.domain.reports import Report, Tool

MAX_NAME, MAX_MESSAGE, MAX_PATH, MAX_SNIPPET = 300, 2_000, 1_000, 1_000
MAX_PLACE = 10_000_000
"""No file has a line or column beyond this one."""


class Span(NamedTuple):
    """Where a finding is, counted from 1, the end column excluded; numbers that make no sense are dropped by `finding`."""

    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


NOWHERE = Span()


def place(number: int | None) -> int | None:
    """A line or column that can exist, or None."""
    return number if number is not None and 1 <= number <= MAX_PLACE else None


def after(number: int | None) -> int | None:
    """The next one: turns a column counted from 0 into one counted from 1, and the last column into an excluded end."""
    return None if number is None else number + 1


def finding(
    tool: str,
    rule: str,
    level: Level,
    message: str,
    path: str | None,
    span: Span = NOWHERE,
    snippet: str = "",
    fix: tuple[Replacement, ...] = (),
) -> Finding:
    """One finding, its texts cut to their bounds; columns and ends without a line that makes sense are dropped."""
    line, column, end_line, end_column = span
    if line is None or not 1 <= line <= MAX_PLACE:
        line = column = end_line = end_column = None
    else:
        # Written out, without `place`: a large report has a hundred thousand of these.
        if column is not None and not 1 <= column <= MAX_PLACE:
            column = None
        if end_line is None or not line <= end_line <= MAX_PLACE:
            end_line = end_column = None
        elif end_column is not None and not (column or 1) <= end_column <= MAX_PLACE:
            end_line, end_column = (None, None) if end_line == line else (end_line, place(end_column))
    return Finding(
        tool[:MAX_NAME].lower(),
        rule[:MAX_NAME],
        level,
        message[:MAX_MESSAGE],
        path[:MAX_PATH] if path else None,
        line,
        column,
        end_line,
        end_column,
        snippet[:MAX_SNIPPET],
        fix,
    )


def reported(
    report_format: str,
    findings: Iterable[Finding],
    tools: tuple[Tool, ...] = (),
    suppressed: int = 0,
    warnings: tuple[str, ...] = (),
    contradictions: tuple[str, ...] = (),
    vacuous: tuple[str, ...] = (),
) -> Report:
    """The report of these findings."""
    return Report(
        report_format,
        findings=FindingReport(tuple(findings), suppressed),
        tools=tools,
        warnings=warnings,
        contradictions=contradictions,
        vacuous=vacuous,
    )


def differs(what: str, declared: int, counted: int) -> tuple[str, ...]:
    """The contradiction between a summary and the items, or nothing; `what` names the items in the plural."""
    return () if declared == counted else (f"the summary says {declared} {what}, {counted} are listed",)
