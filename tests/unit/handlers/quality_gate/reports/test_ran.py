"""Tests of several files as one."""

from __future__ import annotations

from app.domain.hashes import joined, name_hash
from app.domain.reports import CaseTotals, TestReport
from handlers.quality_gate.reports.ran import Ran


def reported(*names: str, failed: int = 0) -> TestReport:
    totals = CaseTotals(len(names), len(names) - failed, failed, suites=1)
    return TestReport(totals, names=joined(name_hash(name) for name in names))


def total(ran: Ran) -> tuple[int, int]:
    found = ran.together()
    assert found is not None
    return found.totals.tests, found.totals.failed


def test_nothing_ran_without_a_report() -> None:
    assert Ran().together() is None


def test_files_and_artifacts_are_added_up() -> None:
    ran = Ran()
    ran.add("one", "junit", reported("a", "b"))
    ran.add("one", "junit", reported("c"))
    ran.add("two", "junit", reported("a", "b", failed=1))
    assert total(ran) == (5, 1)
    assert list(ran.contradictions()) == []


def test_the_same_tests_in_two_formats_are_told_once() -> None:
    ran = Ran()
    ran.add("one", "junit", reported("a", "b"))
    ran.add("one", "ctrf", reported("a", "b"))
    assert total(ran) == (2, 0)
    assert list(ran.contradictions()) == []


def test_two_formats_that_tell_of_other_tests_are_added_up() -> None:
    ran = Ran()
    ran.add("one", "junit", reported("a", "b"))
    ran.add("one", "ctrf", reported("x", "y"))
    assert total(ran) == (4, 0)


def test_two_formats_that_do_not_agree_on_the_same_tests_deny_each_other() -> None:
    ran = Ran()
    ran.add("one", "junit", reported("a", "b", failed=1))
    ran.add("one", "ctrf", reported("a", "b", "c"))
    assert total(ran) == (2, 1)
    assert list(ran.contradictions()) == [
        "one: ctrf tells of 3 tests with 0 that did not pass, junit of 2 tests with 1 that did not pass"
    ]


def test_runs_that_broke_off_are_added_up() -> None:
    ran = Ran()
    ran.add("one", "junit", TestReport(CaseTotals(1, errors=1), unfinished=1))
    ran.add("two", "tap", TestReport(CaseTotals(2, errors=2), unfinished=2))
    found = ran.together()
    assert found is not None
    assert found.unfinished == 3
