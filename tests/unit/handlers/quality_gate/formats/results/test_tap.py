"""What is counted in TAP, and how plans and subtests are checked."""

from __future__ import annotations

import pytest

from app.domain.reports import CaseTotals, Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.results import tap


def read(*lines: str) -> Report:
    return tap.parse("\n".join(lines).encode())


def totals(report: Report) -> CaseTotals:
    assert report.tests is not None
    return report.tests.totals


def test_points_are_counted() -> None:
    report = read("TAP version 14", "1..2", "ok 1 - a", "not ok 2 - b", "# a comment")
    assert (totals(report), report.contradictions) == (CaseTotals(2, passed=1, failed=1, suites=1), ())


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ("ok 1 - a # SKIP no network", CaseTotals(1, skipped=1, suites=1)),
        ("not ok 1 - a # TODO later", CaseTotals(1, skipped=1, suites=1)),
        ("ok 1 - a # todo works already", CaseTotals(1, passed=1, suites=1)),
        ("not ok 1 - a # SKIP no network", CaseTotals(1, failed=1, suites=1)),
        ("not ok 1 - a \\# TODO is its name", CaseTotals(1, failed=1, suites=1)),
        ("ok", CaseTotals(1, passed=1, suites=1)),
    ],
)
def test_directives_say_what_a_point_is_worth(point: str, expected: CaseTotals) -> None:
    assert totals(read("1..1", point)) == expected


@pytest.mark.parametrize("points", [["ok 1"], ["ok 1", "ok 2", "ok 3"]])
def test_a_plan_that_is_not_kept_is_a_broken_test(points: list[str]) -> None:
    report = read("1..2", *points)
    assert report.tests is not None
    assert report.tests.totals.errors == 1
    assert report.tests.failures[0].message == f"2 tests were planned, {len(points)} are written"


def test_a_plan_may_stand_at_the_end() -> None:
    assert totals(read("ok 1", "ok 2", "1..2")) == CaseTotals(2, passed=2, suites=1)


def test_a_report_without_a_plan_may_be_cut_off() -> None:
    assert read("TAP version 13", "ok 1").contradictions == ("the report has no plan: it may be cut off",)


def test_two_plans_are_a_contradiction() -> None:
    assert read("1..1", "ok 1", "1..1").contradictions == ("the report has two plans for one list of tests",)


def test_giving_up_is_a_broken_test_and_nothing_more_is_expected() -> None:
    report = read("1..9", "ok 1", "Bail out! no database")
    assert (totals(report), report.contradictions) == (CaseTotals(2, passed=1, errors=1, suites=1), ())
    assert report.tests is not None
    assert report.tests.failures[0].message == "no database"


def test_two_reports_in_one_file_are_both_read() -> None:
    report = read("TAP version 13", "1..1", "ok 1", "TAP version 13", "1..2", "ok 1")
    assert totals(report) == CaseTotals(3, passed=2, errors=1, suites=2)


def test_a_plan_of_nothing_proves_nothing() -> None:
    assert read("TAP version 13", "1..0 # skip no database").vacuous == ("the report has no test case",)


def test_subtests_are_the_tests_and_their_parent_sums_up() -> None:
    report = read("1..1", "# Subtest: p", "    ok 1 - a", "    not ok 2 - b", "    1..2", "not ok 1 - p")
    assert totals(report) == CaseTotals(2, passed=1, failed=1, suites=1)


def test_a_parent_that_failed_alone_is_a_broken_test() -> None:
    report = read("1..1", "    ok 1 - a", "    1..1", "not ok 1 - p")
    assert totals(report) == CaseTotals(2, passed=1, errors=1, suites=1)


def test_the_plan_of_subtests_is_checked() -> None:
    assert totals(read("1..1", "    1..3", "    ok 1 - a", "ok 1 - p")).errors == 1


def test_subtests_in_braces_are_read() -> None:
    report = read("1..2", "not ok 1 - p {", "    1..2", "    ok 1 - a", "    not ok 2 - b", "}", "ok 2 - q")
    assert totals(report) == CaseTotals(3, passed=2, failed=1, suites=1)


def test_skipped_subtests_are_one_skipped_test() -> None:
    assert totals(read("1..1", "    1..0 # skip", "ok 1 - p # SKIP")) == CaseTotals(1, skipped=1, suites=1)


def test_the_block_below_a_point_is_no_point_and_tells_why() -> None:
    report = read(
        "1..1",
        "not ok 1 - a",
        "  ---",
        "  message: 'not equal'",
        "  at:",
        "    file: a.js",
        "    line: 8",
        "    ok 2 - no",
        "  ...",
    )
    assert totals(report) == CaseTotals(1, failed=1, suites=1)
    assert report.tests is not None
    (failed,) = report.tests.failures
    assert (failed.name, failed.message, failed.path, failed.line) == ("a", "not equal", "a.js", 8)


def test_the_block_that_node_writes_is_understood() -> None:
    block = (
        "  ---",
        "  location: '/r/a.test.mjs:2:24'",
        "  error: |-",
        "    not equal",
        "",
        "    1 !== 2",
        "  ...",
    )
    report = read("1..1", "not ok 1 - a", *block)
    assert report.tests is not None
    (failed,) = report.tests.failures
    assert (failed.message, failed.path, failed.line) == ("not equal", "/r/a.test.mjs", 2)


@pytest.mark.parametrize("raw", [b"", b"# TAP\n", b"all good\n", b"okay 1\n", b"ok: 1\n"])
def test_what_has_no_line_of_tap_is_refused(raw: bytes) -> None:
    assert not tap.sniff(raw)
    with pytest.raises(InvalidInput) as refused:
        tap.parse(raw)
    assert refused.value.code == "report.not_tap"
