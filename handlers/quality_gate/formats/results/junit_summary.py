"""What a JUnit report says about itself in attributes, and where that and its cases cannot both be true.

Dialects give the same attribute different meanings: in `tests` Catch2 and doctest count assertions, pytest subtests, surefire
every run of a retried test, mocha-junit-reporter pending tests that it does not write. So a count is compared only where the
producer is one that is known to count the cases it writes, or where `tests` of the very suite is the number of its cases.
"""

from __future__ import annotations

from handlers.quality_gate.formats import xml
from handlers.quality_gate.formats.results.tally import Tally

ROOTS = frozenset({"jest tests", "AllTests", "nextest-run", "ruff"})
"""Names that jest-junit, GoogleTest, nextest and ruff give to `testsuites`: their `tests` are cases."""
PYTEST = "pytest"
SKIPPED = ("skipped", "disabled", "skip", "skips", "ignored")
"""What dialects call the number of tests that did not run; some say it twice, in two of these."""
MAX_TOLD = 3


class Summary:
    """Collects the attributes of suites. `has_retries` is the reader's to set: runs and cases differ then."""

    def __init__(self) -> None:
        self.has_retries = False
        self.first_line = 1
        """What the producer calls the first line of a file in `line`."""
        self._bad = 0
        self._more: tuple[int, int] | None = None
        """Tests that a suite tells and cases that it writes, where these are fewer: of the outermost one that ended last."""
        self._cases = 0
        self._open: list[tuple[int, int, int, int]] = []
        """Of the suites around: tests and skipped tests that they tell, and how many had been counted, and had passed, before."""
        self._ran: list[str] = []

    def see(self, name: str, attributes: dict[str, str], tally: Tally) -> None:
        """Takes note of a `testsuites` or `testsuite` that begins."""
        tests = xml.count(attributes.get("tests"))
        skipped = max(xml.count(attributes.get(each)) for each in SKIPPED)
        self._open.append((tests, skipped, tally.tests, tally.passed))
        self._bad += xml.count(attributes.get("failures")) + xml.count(attributes.get("errors"))
        if name == "testsuite":
            self.first_line = 0 if attributes.get("name") == PYTEST else 1
        elif attributes.get("name") in ROOTS:
            self._cases += tests

    def leave(self, tally: Tally) -> None:
        """Takes note that the suite ended that began last."""
        tests, skipped, tests_before, passed_before = self._open.pop()
        passed, written = tally.passed - passed_before, tally.tests - tests_before
        if tests > written:
            self._more = tests, written
        if skipped and tests == written and passed + skipped > tests:
            self._ran.append(
                f"the summary counts {skipped} of {tests} tests as skipped, but {passed} are written as passed"
            )
            del self._ran[MAX_TOLD:]

    def warnings(self) -> tuple[str, ...]:
        """Where more tests are told than are written, which some producers mean; sentences for people."""
        if self._more is None or self.has_retries:
            return ()
        tests, written = self._more
        told = f"the summary of a suite counts {tests} tests, but {written} {'is' if written == 1 else 'are'} written"
        return (f"{told}: some tools count assertions or runs there, so it is not held against the report",)

    def contradictions(self, tally: Tally) -> tuple[str, ...]:
        """Where the attributes and what was counted cannot both be true; sentences for people."""
        found: list[str] = []
        if self._bad and not tally.bad and not self.has_retries:
            found.append("the summary counts failures, but no test case has one")
        if self._cases > tally.tests:
            found.append(f"the summary counts {self._cases} tests, but {tally.tests} are written")
        return (*found, *(() if self.has_retries else dict.fromkeys(self._ran)))
