"""What every reader of coverage ends with."""

from __future__ import annotations

from app.domain.coverage import LineMap
from app.domain.reports import Report, Tool


def measured(
    report_format: str,
    lines: LineMap,
    tools: tuple[Tool, ...] = (),
    warnings: tuple[str, ...] = (),
    contradictions: tuple[str, ...] = (),
) -> Report:
    """The report of these lines; one without a line that could run proves nothing."""
    has_lines = any(file.valid for file in lines.files.values())
    vacuous = () if has_lines else ("the report has no line that could run",)
    return Report(
        report_format,
        coverage=lines,
        tools=tools,
        warnings=warnings,
        contradictions=contradictions,
        vacuous=vacuous,
    )
