"""Findings that a tool prints for people, a line each, read by a table of patterns.

Nothing printed is no evidence: a tool that found nothing prints as little as one that never ran. `exit status 0` as a line of its
own (as `go vet` writes it, and `echo "exit status $?"` does) says that it ran.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.bounded import Span, finding, reported
from handlers.quality_gate.formats.findings.text import CRASH

EXIT = re.compile(r"exit status (\d{1,3})")
BROKEN = (CRASH, "panic: ", "thread 'main' panicked", "internal error: ", "INTERNAL ERROR")
"""How lines begin by which a tool says that it broke off."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Lines of one tool. Groups of `expression`: `path`, `line`, `column`, `level`, `rule`, `text`; all may be absent.

    `levels` gives a level for what `level` says, else for the first letter of `rule`. Without either it is an error: nobody said
    that it is less. `tool` is empty where many tools write such lines. `needs` is what every such line has in it: it is
    found much faster than the expression.
    """

    tool: str
    expression: re.Pattern[str]
    levels: Mapping[str, Level]
    first_column: int = 1
    needs: str = ":"

    def read(self, line: str, report_format: str) -> Finding | None:
        """The finding of a line, or None where it is no such line."""
        found = self.expression.fullmatch(line) if self.needs in line else None
        if not found:
            return None
        said = found.groupdict()
        rule = said.get("rule") or ""
        level = self.levels.get(said.get("level") or rule[:1], Level.ERROR)
        column = _number(said.get("column"))
        span = Span(_number(said.get("line")), None if column is None else column + 1 - self.first_column)
        return finding(
            self.tool or report_format, rule, level, (said.get("text") or "").strip(), said.get("path"), span
        )


def read(
    report_format: str,
    lines: Iterable[str],
    patterns: tuple[Pattern, ...],
    closing: re.Pattern[str] | None = None,
) -> Report:
    """The findings of all lines; `closing` is what a tool prints at its end, whether it found something or not.

    Raises:
        InvalidInput: `report.not_<format>` where there are lines, and none that is known.
    """
    findings: list[Finding] = []
    status: int | None = None
    blank, broken, closed = True, False, False
    for line in lines:
        found = next((one for each in patterns if (one := each.read(line, report_format))), None)
        blank = blank and not line
        if found:
            findings.append(found)
        elif exited := EXIT.fullmatch(line):
            status = int(exited[1])
        else:
            broken = broken or line.startswith(BROKEN)
            closed = closed or bool(closing and closing.match(line))
    if not (findings or blank or broken or closed or status is not None):
        code = f"report.not_{report_format.replace('-', '_')}"
        raise InvalidInput(code, f"no line is one that {report_format} has")
    return reported(
        report_format,
        findings,
        vacuous=_vacuous(blank=blank, broken=broken, found=bool(findings), status=status),
    )


def _vacuous(*, blank: bool, broken: bool, found: bool, status: int | None) -> tuple[str, ...]:
    reasons = []
    if blank:
        reasons.append(
            'nothing was printed: add the line of `echo "exit status $?"` to show that the tool ran'
        )
    if broken:
        reasons.append("the tool broke off with an error")
    if status and not found:
        reasons.append(f"the tool ended with status {status} and printed no finding")
    return tuple(reasons)


def _number(text: str | None) -> int | None:
    return int(text) if text else None
