"""What a report of a tool says, recounted from its items; a summary inside a report is never believed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CaseTotals:
    """Test cases by how they ended; each case is counted once: error before failure before skipped."""

    tests: int = 0
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    suites: int = 0

    def plus(self, other: CaseTotals) -> CaseTotals:
        """The totals of two reports together."""
        return CaseTotals(
            self.tests + other.tests,
            self.passed + other.passed,
            self.failed + other.failed,
            self.errors + other.errors,
            self.skipped + other.skipped,
            self.suites + other.suites,
        )


@dataclass(frozen=True, slots=True)
class CoverageTotals:
    """Lines and branches that could have run, and those that did."""

    lines_covered: int
    lines_valid: int
    branches_covered: int
    branches_valid: int
    files: int


@dataclass(frozen=True, slots=True)
class FailedCase:
    """A test that failed or broke. `path` and `line` are as the report or its traceback give them: a stranger's words."""

    name: str
    message: str
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One report file as read. `warnings` are for people; `contradiction` says where the report denies itself."""

    format: str
    tests: CaseTotals | None = None
    coverage: CoverageTotals | None = None
    failures: tuple[FailedCase, ...] = ()
    warnings: tuple[str, ...] = ()
    contradiction: str | None = None
