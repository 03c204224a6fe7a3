"""Test cases counted one by one, in constant space a case, and the report that they make."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from app.domain.hashes import WIDTH, apart, joined, name_hash
from app.domain.reports import CaseTotals, FailedCase, Report, TestReport, Tool

MAX_FAILURES = 300
MAX_NAME = 300
MAX_MESSAGE = 2000
MAX_PATH = 1000
MAX_LINE = 10_000_000


class Outcome(IntEnum):
    """How a test case ended; the greater, the worse."""

    PASSED = 0
    SKIPPED = 1
    FAILED = 2
    ERROR = 3


class Tally:
    """Counts cases as they come. `suites` and `flaky` are the reader's to raise."""

    def __init__(self) -> None:
        self.suites = 0
        self.flaky = 0
        self._unfinished = 0
        self._ended = [0, 0, 0, 0]
        # Hashes in buckets by their first byte: sorting and comparing one at a time keeps a million names small.
        self._names = tuple(bytearray() for _ in range(256))
        self._failed = tuple(bytearray() for _ in range(256))
        self._failures: list[FailedCase] = []

    @property
    def tests(self) -> int:
        """How many cases have been counted."""
        return sum(self._ended)

    @property
    def passed(self) -> int:
        """How many of them passed."""
        return self._ended[Outcome.PASSED]

    @property
    def bad(self) -> int:
        """How many of them failed or broke."""
        return self._ended[Outcome.FAILED] + self._ended[Outcome.ERROR]

    def add(self, outcome: Outcome, name: str) -> None:
        """Counts a case that passed or was skipped."""
        self._ended[outcome] += 1
        if outcome != Outcome.SKIPPED:
            digest = name_hash(name)
            self._names[digest[0]].extend(digest)

    def fail(
        self,
        name: str,
        message: str,
        path: str | None = None,
        line: int | None = None,
        *,
        broken: bool = False,
        raised: bool = False,
    ) -> None:
        """Counts a case that failed, or broke where `broken`; `raised` where the report says that the test raised an error."""
        self._unfinished += broken and not raised
        digest = name_hash(name)
        self._names[digest[0]].extend(digest)
        self._failed[digest[0]].extend(digest)
        self._keep(name, message, path, line, Outcome.ERROR if broken else Outcome.FAILED)

    def break_suite(self, name: str, message: str) -> None:
        """Counts what broke outside of a test as one more broken test; no name of it is remembered."""
        self._unfinished += 1
        self._keep(name, message, None, None, Outcome.ERROR)

    def report(
        self,
        report_format: str,
        tools: tuple[Tool, ...] = (),
        warnings: tuple[str, ...] = (),
        contradictions: tuple[str, ...] = (),
    ) -> Report:
        """The report of what was counted; one in which no test ran proves nothing."""
        passed, skipped, failed, errors = self._ended
        totals = CaseTotals(self.tests, passed, failed, errors, skipped, self.suites)
        retried = f"{self.flaky} tests failed and passed on a retry"
        return Report(
            report_format,
            tests=TestReport(totals, tuple(self._failures), self.flaky, self._distinct(), self._unfinished),
            tools=tools,
            warnings=(*((retried,) if self.flaky else ()), *self._repeated(), *warnings),
            contradictions=contradictions,
            vacuous=_vacuous(totals),
        )

    def _keep(self, name: str, message: str, path: str | None, line: int | None, outcome: Outcome) -> None:
        self._ended[outcome] += 1
        if len(self._failures) < MAX_FAILURES:
            placed = line if line is not None and 1 <= line <= MAX_LINE else None
            found = path[:MAX_PATH] if path else None
            self._failures.append(FailedCase(name[:MAX_NAME], message[:MAX_MESSAGE], found, placed))

    def _distinct(self) -> bytes:
        return b"".join(joined(apart(bytes(each))) for each in self._names)

    def _repeated(self) -> tuple[str, ...]:
        """Says where a failed case has a namesake that passed: a retry by a plugin, or two tests of one name."""
        namesakes = 0
        for names, failed in zip(self._names, self._failed, strict=True):
            if failed:
                known = apart(bytes(failed))
                namesakes += sum(digest in known for digest in _each(names)) - len(failed) // WIDTH
        return (
            (f"{namesakes} passed cases have the name of a failed one; the failure counts",)
            if namesakes
            else ()
        )


def _each(digests: bytearray) -> Iterator[bytes]:
    return (bytes(digests[start : start + WIDTH]) for start in range(0, len(digests), WIDTH))


def _vacuous(totals: CaseTotals) -> tuple[str, ...]:
    if not totals.tests:
        return ("the report has no test case",)
    return ("every test was skipped",) if totals.skipped == totals.tests else ()
