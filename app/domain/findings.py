"""What linters, type checkers and scanners found, in one shape (levels of SARIF 2.1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """The levels of SARIF 2.1.0, 3.27.10."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Replacement:
    """A piece of a tool's own fix: these lines and columns (from 1, the end column excluded) become `text`."""

    path: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding as a tool reports it: paths, rule and message are a stranger's words, lines and columns count from 1.

    `column` and `end_column` are None where the tool gives none; the end column is excluded. `snippet` is the line's own text
    where the report has it: it makes a finding recognisable after it moved. `fix` are the pieces of a fix the tool calls safe.
    """

    tool: str
    rule: str
    level: Level
    message: str
    path: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    snippet: str = ""
    fix: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingTotals:
    """Findings by level, those left out of `findings` included."""

    findings: int = 0
    error: int = 0
    warning: int = 0
    note: int = 0
    none: int = 0


@dataclass(frozen=True, slots=True)
class FindingReport:
    """All findings of a report, suppressed ones only counted. `findings` keeps the order of the report."""

    findings: tuple[Finding, ...]
    suppressed: int = 0

    @property
    def totals(self) -> FindingTotals:
        """Counted by level."""
        levels = [each.level for each in self.findings]
        return FindingTotals(len(levels), *(levels.count(level) for level in Level))
