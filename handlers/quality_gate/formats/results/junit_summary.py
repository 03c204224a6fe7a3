"""What a JUnit report says about itself in attributes, and where that and its cases cannot both be true.

Dialects give the same attribute different meanings: in `tests` Catch2 and doctest count assertions, pytest subtests, surefire
every run of a retried test, mocha-junit-reporter pending tests that it does not write. So a count is compared only where the
producer is one that is known to count the cases it writes.
"""

from __future__ import annotations

from handlers.quality_gate.formats import xml
from handlers.quality_gate.formats.results.tally import Tally

ROOTS = frozenset({"jest tests", "AllTests", "nextest-run", "ruff"})
"""Names that jest-junit, GoogleTest, nextest and ruff give to `testsuites`: their `tests` are cases."""
PYTEST = "pytest"


class Summary:
    """Collects the attributes of suites. `has_retries` is the reader's to set: runs and cases differ then."""

    def __init__(self) -> None:
        self.has_retries = False
        self.first_line = 1
        """What the producer calls the first line of a file in `line`."""
        self._bad = 0
        self._cases = 0

    def see(self, name: str, attributes: dict[str, str]) -> None:
        """Takes note of a `testsuites` or `testsuite`."""
        self._bad += xml.count(attributes.get("failures")) + xml.count(attributes.get("errors"))
        if name == "testsuite":
            self.first_line = 0 if attributes.get("name") == PYTEST else 1
        elif attributes.get("name") in ROOTS:
            self._cases += xml.count(attributes.get("tests"))

    def contradictions(self, tally: Tally) -> tuple[str, ...]:
        """Where the attributes and what was counted cannot both be true; sentences for people."""
        found: list[str] = []
        if self._bad and not tally.bad and not self.has_retries:
            found.append("the summary counts failures, but no test case has one")
        if self._cases > tally.tests:
            found.append(f"the summary counts {self._cases} tests, but {tally.tests} are written")
        return tuple(found)
