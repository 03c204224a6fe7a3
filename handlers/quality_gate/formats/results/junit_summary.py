"""What a JUnit report says about itself in attributes, and where that and its cases cannot both be true.

Dialects give the same attribute different meanings (Catch2 and doctest count assertions in `tests`, surefire counts every run of
a retried test), so a count is compared only where the producer is one whose meaning is known.
"""

from __future__ import annotations

from handlers.quality_gate.formats import xml
from handlers.quality_gate.formats.results.tally import Tally

ROOTS = frozenset({"pytest tests", "jest tests", "Mocha Tests", "AllTests", "nextest-run", "ruff"})
"""Names that pytest, jest-junit, mocha-junit-reporter, GoogleTest, nextest and ruff give to `testsuites`: `tests` is cases."""
PYTEST = "pytest"
SCHEMA = "xsi:noNamespaceSchemaLocation"


class Summary:
    """Collects the attributes of suites. `has_retries` is the reader's to set: runs and cases differ then."""

    def __init__(self) -> None:
        self.has_retries = False
        self.first_line = 1
        """What the producer calls the first line of a file in `line`."""
        self._bad = 0
        self._cases = 0
        self._root_counts = False

    def see(self, name: str, attributes: dict[str, str], *, is_outermost: bool) -> None:
        """Takes note of a `testsuites` or `testsuite`; `is_outermost` where no `testsuite` lies around it."""
        self._bad += xml.count(attributes.get("failures")) + xml.count(attributes.get("errors"))
        if name == "testsuites":
            self._root_counts = attributes.get("name") in ROOTS and "tests" in attributes
            counts = self._root_counts
        else:
            self.first_line = 0 if attributes.get("name") == PYTEST else 1
            counts = is_outermost and not self._root_counts and _counts_cases(attributes)
        if counts:
            self._cases += xml.count(attributes.get("tests"))

    def contradictions(self, tally: Tally) -> tuple[str, ...]:
        """Where the attributes and what was counted cannot both be true; sentences for people."""
        found: list[str] = []
        if self._bad and not tally.bad and not self.has_retries:
            found.append("the summary counts failures, but no test case has one")
        if self._cases > tally.tests and not self.has_retries:
            found.append(f"the summary counts {self._cases} tests, but {tally.tests} are written")
        return tuple(found)


def _counts_cases(attributes: dict[str, str]) -> bool:
    return attributes.get("name") == PYTEST or "surefire-test-report" in attributes.get(SCHEMA, "")
