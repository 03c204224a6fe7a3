"""What a report of a tool says, recounted from its items; a summary inside a report is never believed."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.audits import Audit, AuditTotals, Component
from app.domain.coverage import CoverageTotals, LineMap
from app.domain.diffs import Diff, DiffTotals
from app.domain.findings import FindingReport, FindingTotals


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
class FailedCase:
    """A test that failed or broke. `path` and `line` are as the report or its traceback give them: a stranger's words."""

    name: str
    message: str
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class TestReport:
    """What tests did. `failures` are capped; `flaky` counts cases that failed and passed on a retry: they passed.

    `unfinished` are the errors that no test raised: it began and never ended, or was cancelled; a suite broke outside of them;
    a plan was not kept; an outcome is not known.

    `names` are 8-byte hashes of the distinct names of the cases that ran (skipped ones left out), sorted and joined
    (`app.domain.hashes`): enough to see which are gone, in constant space a name.
    """

    __test__ = False  # pytest: not a class of tests

    totals: CaseTotals
    failures: tuple[FailedCase, ...] = ()
    flaky: int = 0
    names: bytes = b""
    unfinished: int = 0


@dataclass(frozen=True, slots=True)
class Tool:
    """Who made a report, as it says; `version` is empty where it does not."""

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class ReportNumbers:
    """How much of everything a report has, and all that is to be said of it; None for a kind that its format does not have."""

    format: str
    tests: CaseTotals | None
    coverage: CoverageTotals | None
    findings: FindingTotals | None
    diff: DiffTotals | None
    audit: AuditTotals | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One report file as read: of the kinds, those that its format has.

    `warnings` are for people. `contradictions` say where the report denies itself: its summary and its items, or two items.
    `vacuous` says why it proves nothing although it was read, such as no test at all, or a scanner that did not finish.
    """

    format: str
    tests: TestReport | None = None
    coverage: LineMap | None = None
    findings: FindingReport | None = None
    audit: Audit | None = None
    components: tuple[Component, ...] | None = None
    diff: Diff | None = None
    tools: tuple[Tool, ...] = ()
    warnings: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    vacuous: tuple[str, ...] = ()

    @property
    def numbers(self) -> ReportNumbers:
        """The totals; contradictions first among the warnings, then what makes it vacuous."""
        return ReportNumbers(
            format=self.format,
            tests=None if self.tests is None else self.tests.totals,
            coverage=None if self.coverage is None else self.coverage.totals(),
            findings=None if self.findings is None else self.findings.totals,
            diff=None if self.diff is None else self.diff.totals,
            audit=None if self.audit is None else self.audit.totals,
            warnings=(*self.contradictions, *self.vacuous, *self.warnings),
        )
