"""What is counted and kept of test cases."""

from __future__ import annotations

from app.domain.hashes import apart, joined, name_hash
from app.domain.reports import FailedCase, Report
from handlers.quality_gate.formats.results.tally import Outcome, Tally


def failures(report: Report) -> tuple[FailedCase, ...]:
    assert report.tests is not None
    return report.tests.failures


def names(report: Report) -> bytes:
    assert report.tests is not None
    return report.tests.names


def test_names_are_distinct_and_sorted() -> None:
    tally = Tally()
    for number in (*range(1000), *range(500)):
        tally.add(Outcome.PASSED, str(number))
    found = names(tally.report("x"))
    assert found == joined(name_hash(str(number)) for number in range(1000))
    assert len(apart(found)) == 1000


def test_skipped_cases_and_broken_suites_have_no_name() -> None:
    tally = Tally()
    tally.add(Outcome.SKIPPED, "a")
    tally.break_suite("b", "no")
    assert names(tally.report("x")) == b""


def test_a_line_that_makes_no_sense_is_left_out() -> None:
    tally = Tally()
    for line in (0, -1, 10_000_001, 7):
        tally.fail("a", "no", "a.py", line)
    assert [each.line for each in failures(tally.report("x"))] == [None, None, None, 7]


def test_many_failures_are_counted_in_time_that_grows_with_them() -> None:
    tally = Tally()
    for number in range(100_000):
        tally.fail(str(number), "no")
    tally.add(Outcome.PASSED, "7")
    report = tally.report("x")
    assert (tally.bad, len(failures(report))) == (100_000, 300)
    assert report.warnings == ("1 passed cases have the name of a failed one; the failure counts",)


def test_errors_that_no_test_raised_are_counted_apart() -> None:
    tally = Tally()
    tally.fail("setup", "no database", broken=True, raised=True)
    tally.fail("slow", "the test began and never ended", broken=True)
    tally.break_suite("the plan", "9 tests were planned, 2 are written")
    tally.fail("wrong", "1 is not 2")
    tests = tally.report("tap").tests
    assert tests is not None
    assert (tests.totals.errors, tests.totals.failed, tests.unfinished) == (3, 1, 2)
