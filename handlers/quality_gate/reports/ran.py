"""The tests of all report files of a run: added up, but told once where one artifact tells of them in two formats. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from app.domain.hashes import apart, joined
from app.domain.reports import CaseTotals, TestReport

MAX_FAILURES = 300


class Ran:
    """Takes reports of tests one after the other."""

    def __init__(self) -> None:
        self._reports: dict[str, dict[str, TestReport]] = defaultdict(dict)

    def add(self, artifact: str, report_format: str, tests: TestReport) -> None:
        """One report."""
        formats = self._reports[artifact]
        formats[report_format] = sum_of(formats.get(report_format, TestReport(CaseTotals())), tests)

    def together(self) -> TestReport | None:
        """All of them; of two formats that tell of the same tests the one that tells of more."""
        found: TestReport | None = None
        for formats in self._reports.values():
            for name, tests in formats.items():
                if not any(_comes_first(formats, other, name) for other in formats if other != name):
                    found = tests if found is None else sum_of(found, tests)
        return found

    def contradictions(self) -> Iterator[str]:
        """Where two formats of one artifact tell of the same tests, and not of as many, or not of as many that fail."""
        for artifact, formats in self._reports.items():
            names = sorted(formats)
            for place, one in enumerate(names):
                for other in names[place + 1 :]:
                    first, second = formats[one], formats[other]
                    if _same_tests(first, second) and _numbers(first) != _numbers(second):
                        yield f"{artifact}: {one} tells of {_said(first)}, {other} of {_said(second)}"


def sum_of(one: TestReport, other: TestReport) -> TestReport:
    """Two reports of different tests as one."""
    return TestReport(
        totals=one.totals.plus(other.totals),
        failures=(*one.failures, *other.failures)[:MAX_FAILURES],
        flaky=one.flaky + other.flaky,
        names=joined((*apart(one.names), *apart(other.names))),
        unfinished=one.unfinished + other.unfinished,
    )


def _comes_first(formats: dict[str, TestReport], other: str, name: str) -> bool:
    """Whether another format tells of the same tests, and of more of them, or of as many and comes first by its name."""
    theirs, mine = formats[other], formats[name]
    if not _same_tests(theirs, mine):
        return False
    return (-_bad(theirs), -theirs.totals.tests, other) < (-_bad(mine), -mine.totals.tests, name)


def _same_tests(one: TestReport, other: TestReport) -> bool:
    """Whether most names of the one that has fewer are in the other: formats make names of a test in ways of their own."""
    first, second = apart(one.names), apart(other.names)
    return 2 * len(first & second) > min(len(first), len(second))


def _bad(tests: TestReport) -> int:
    return tests.totals.failed + tests.totals.errors


def _numbers(tests: TestReport) -> tuple[int, int]:
    return tests.totals.tests - tests.totals.skipped, _bad(tests)


def _said(tests: TestReport) -> str:
    ran, bad = _numbers(tests)
    return f"{ran} tests with {bad} that did not pass"
