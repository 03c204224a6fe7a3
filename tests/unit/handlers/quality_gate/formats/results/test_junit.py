"""What is counted in JUnit XML, dialect by dialect."""

from __future__ import annotations

import io

import pytest

from app.domain.hashes import joined, name_hash
from app.domain.reports import CaseTotals, Report, TestReport
from app.errors import InvalidInput
from handlers.quality_gate.formats.results import junit

TRACEBACK = """def test_a():
>   assert one() == 2
E   assert 1 == 2

tests/test_a.py:12: in test_a
src/a.py:34: AssertionError"""


def read(raw: str | bytes) -> Report:
    return junit.parse(raw.encode() if isinstance(raw, str) else raw)


def ran(raw: str | bytes) -> TestReport:
    tests = read(raw).tests
    assert tests is not None
    return tests


def totals(raw: str | bytes) -> CaseTotals:
    return ran(raw).totals


def test_a_case_counts_once_as_the_worst_of_what_it_says() -> None:
    raw = "<testsuite><testcase name='a'><skipped/><failure/><error/></testcase><testcase name='b'/></testsuite>"
    assert totals(raw) == CaseTotals(tests=2, passed=1, errors=1, suites=1)


def test_a_bare_case_is_a_report() -> None:
    assert totals("<testcase name='a'><error>no</error></testcase>") == CaseTotals(tests=1, errors=1)


def test_cases_of_nested_suites_are_counted_once() -> None:
    raw = "<testsuites><testsuite tests='2'><testsuite tests='2'><testcase/><testcase/></testsuite></testsuite></testsuites>"
    assert totals(raw) == CaseTotals(tests=2, passed=2, suites=2)


def test_an_error_of_a_suite_is_a_broken_test_without_a_name_to_remember() -> None:
    tests = ran("<testsuite name='s'><error message='import failed'/><testcase name='a'/></testsuite>")
    assert tests.totals == CaseTotals(tests=2, passed=1, errors=1, suites=1)
    assert (tests.failures[0].name, tests.failures[0].message) == ("s", "import failed")
    assert tests.names == joined([name_hash("s.a")])


def test_a_skipped_suite_is_no_case() -> None:
    assert totals("<testsuite><skipped/><testcase name='a'/></testsuite>") == CaseTotals(1, 1, suites=1)


@pytest.mark.parametrize(
    "said",
    [
        "status='notrun'",
        "status='disabled'",
        "status='run' result='skipped'",
        "status='notrun' result='suppressed'",
    ],
)
def test_a_case_that_says_it_did_not_run_is_skipped(said: str) -> None:
    assert totals(f"<testsuite><testcase name='a' {said}/><testcase/></testsuite>").skipped == 1


@pytest.mark.parametrize("said", ["failed", "Error", "broken"])
def test_a_status_that_says_failed_is_believed_without_an_element(said: str) -> None:
    assert totals(f"<testsuite><testcase name='a' status='{said}'/></testsuite>").failed == 1


def test_a_run_that_failed_before_the_test_passed_is_flaky_and_told() -> None:
    raw = "<testsuite failures='2' tests='3'><testcase name='a'><flakyFailure/><flakyError/></testcase></testsuite>"
    report = read(raw)
    assert report.tests is not None
    assert (report.tests.totals, report.tests.flaky) == (CaseTotals(tests=1, passed=1, suites=1), 1)
    assert (report.warnings, report.contradictions) == (("1 tests failed and passed on a retry",), ())


@pytest.mark.parametrize(
    "inside", ["<failure/><rerunFailure/>", "<rerunFailure/>", "<flakyFailure/><failure/>"]
)
def test_a_test_that_never_passed_failed_once(inside: str) -> None:
    tests = ran(f"<testsuite><testcase name='a'>{inside}</testcase></testsuite>")
    assert (tests.totals, tests.flaky) == (CaseTotals(tests=1, failed=1, suites=1), 0)


def test_a_case_repeated_by_a_plugin_still_failed_and_is_told() -> None:
    raw = "<testsuite><testcase name='a'><failure/></testcase><testcase name='a'/><testcase name='b'/></testsuite>"
    report = read(raw)
    assert report.tests is not None
    assert report.tests.totals == CaseTotals(tests=3, passed=2, failed=1, suites=1)
    assert report.warnings == ("1 passed cases have the name of a failed one; the failure counts",)


def test_a_summary_that_counts_failures_without_one_is_a_contradiction() -> None:
    report = read("<testsuite failures='1'><testcase name='a'/></testsuite>")
    assert report.contradictions == ("the summary counts failures, but no test case has one",)


@pytest.mark.parametrize("name", ["jest tests", "AllTests", "nextest-run", "ruff"])
def test_lost_cases_are_a_contradiction_where_the_producer_counts_cases(name: str) -> None:
    begin, end = f"<testsuites name='{name}' tests='3'><testsuite tests='3'>", "</testsuite></testsuites>"
    assert read(f"{begin}<testcase/>{end}").contradictions == (
        "the summary counts 3 tests, but 1 are written",
    )
    assert read(f"{begin}<testcase/><testcase/><testcase/>{end}").contradictions == ()


@pytest.mark.parametrize("name", ["calc", "pytest tests", "Mocha Tests"])
def test_a_producer_that_counts_something_else_is_not_contradicted(name: str) -> None:
    raw = f"<testsuites name='{name}' tests='90'><testsuite name='pytest' tests='90'><testcase/></testsuite></testsuites>"
    assert read(raw).contradictions == ()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("<testsuites/>", "the report has no test case"),
        ("<testsuite tests='3'/>", "the report has no test case"),
        ("<testsuite><testcase><skipped/></testcase></testsuite>", "every test was skipped"),
    ],
)
def test_a_report_in_which_no_test_ran_proves_nothing(raw: str, reason: str) -> None:
    assert read(raw).vacuous == (reason,)


def test_more_tests_in_a_summary_than_are_written_are_told_where_they_are_no_contradiction() -> None:
    inner = '<testsuite tests="3"><testcase name="a"/></testsuite>'
    report = read(f'<testsuites tests="5">{inner}</testsuites>')
    assert report.contradictions == ()
    (warning,) = report.warnings
    assert warning.startswith(
        "the summary of a suite counts 5 tests, but 1 is written: some tools count assertions"
    )


def test_a_summary_that_counts_what_is_written_is_not_told() -> None:
    assert read('<testsuite tests="2"><testcase name="a"/><testcase name="b"/></testsuite>').warnings == ()


def test_names_are_those_of_the_cases_that_ran() -> None:
    raw = (
        "<testsuite name='s'><testcase classname='c' name='a'/><testcase name='a'/><testcase name='a'/>"
        "<testcase name='b'><skipped/></testcase></testsuite>"
    )
    assert ran(raw).names == joined([name_hash("c.a"), name_hash("s.a")])


def test_a_failure_is_placed_where_its_traceback_ends() -> None:
    (failed,) = ran(
        f"<testsuite><testcase name='a'><failure><![CDATA[{TRACEBACK}]]></failure></testcase></testsuite>"
    ).failures
    assert (failed.path, failed.line, failed.message) == ("src/a.py", 34, "src/a.py:34: AssertionError")


def test_a_case_that_names_file_and_line_is_placed_there() -> None:
    failure = "<failure message='m'>src/a.py:34: no</failure>"
    raw = f"<testsuite><testcase name='a' file='t.py' line='7'>{failure}</testcase></testsuite>"
    (failed,) = ran(raw).failures
    assert (failed.path, failed.line, failed.message) == ("t.py", 7, "m")


def test_a_trace_that_begins_with_its_error_is_told_by_its_first_line() -> None:
    trace = "Error: expected 2\n    at f (/r/src/a.test.js:1:46)\n    at run (/r/node_modules/x.js:3:1)"
    (failed,) = ran(f"<testsuite><testcase><failure>{trace}</failure></testcase></testsuite>").failures
    assert (failed.message, failed.path, failed.line) == ("Error: expected 2", "/r/src/a.test.js", 1)


def test_pytest_counts_lines_from_zero() -> None:
    case = "<testcase name='a' file='t.py' line='0'><failure message='m'/></testcase>"
    (failed,) = ran(f"<testsuite name='pytest'>{case}</testsuite>").failures
    assert (failed.path, failed.line) == ("t.py", 1)


def test_the_text_of_one_case_is_not_that_of_the_next() -> None:
    first = "<testcase name='a'><failure message='m'>x</failure></testcase>"
    raw = f"<testsuite>{first}<testcase name='b'><failure/></testcase></testsuite>"
    assert [each.message for each in ran(raw).failures] == ["m", ""]


def test_output_of_megabytes_is_read_past() -> None:
    raw = (
        b"<testsuite><testcase><system-out><![CDATA["
        + b"x" * 11_000_000
        + b"]]></system-out></testcase></testsuite>"
    )
    assert totals(raw) == CaseTotals(tests=1, passed=1, suites=1)


def test_kept_text_is_bounded() -> None:
    case = f"<testcase name='{'n' * 999}'><failure message='{'m' * 9999}'>{'t' * 99999}</failure></testcase>"
    tests = ran(f"<testsuite>{case * 400}</testsuite>")
    assert (tests.totals.failed, len(tests.failures)) == (400, 300)
    assert {(len(each.name), len(each.message)) for each in tests.failures} == {(300, 2000)}


def test_utf_16_is_read() -> None:
    raw = "<?xml version='1.0' encoding='UTF-16'?><testsuite><testcase name='ä'/></testsuite>".encode(
        "utf-16"
    )
    assert (junit.sniff(raw), totals(raw)) == (True, CaseTotals(tests=1, passed=1, suites=1))


def test_a_stream_is_read_as_bytes_are() -> None:
    raw = b"<testsuite>" + b"<testcase name='a'/>" * 100_000 + b"</testsuite>"
    assert junit.parse(io.BytesIO(raw)) == junit.parse(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "<html/>",
        "<error/>",
        "<testsuite><testcase><testcase/></testcase></testsuite>",
        "<testsuite><testcase><x><testcase/></x></testcase></testsuite>",
    ],
)
def test_what_is_no_junit_is_refused(raw: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(raw)
    assert refused.value.code == "report.not_junit"


@pytest.mark.parametrize(
    ("case", "unfinished"),
    [
        (b'<testcase name="a"><error message="no database"/></testcase>', 0),
        (b'<testcase time="0.1"/>', 1),
        (b'<testcase name="a" status="exploded"/>', 1),
        (b"<error/>", 1),
    ],
    ids=["raised by the test", "never ended", "unknown word", "of a suite"],
)
def test_an_error_of_a_test_is_told_from_one_of_the_run(case: bytes, unfinished: int) -> None:
    tests = junit.parse(b"<testsuite>" + case + b"</testsuite>").tests
    assert tests is not None
    assert (tests.totals.errors, tests.unfinished) == (1, unfinished)


def test_names_count_whatever_their_prefix() -> None:
    inside = '<j:testcase name="bad"><j:failure message="no"/></j:testcase><testcase name="fine"/>'
    report = junit.parse(f'<testsuite xmlns:j="urn:j" name="s">{inside}</testsuite>'.encode())
    assert report.tests is not None
    assert report.tests.totals == CaseTotals(tests=2, passed=1, failed=1, suites=1)
    assert [each.message for each in report.tests.failures] == ["no"]
    assert report.contradictions == ()


@pytest.mark.parametrize("name", ["testCase", "group", "j:test"])
def test_an_element_of_a_suite_that_is_not_known_is_a_contradiction(name: str) -> None:
    raw = f'<testsuite xmlns:j="urn:j" name="s"><{name}/><testcase name="fine"/></testsuite>'.encode()
    shown = name.removeprefix("j:")
    assert junit.parse(raw).contradictions == (f"a test suite has an element '{shown}', which is not known",)


@pytest.mark.parametrize("name", ["properties", "system-out", "system-err", "stdout", "attachments"])
def test_what_suites_hold_beside_tests_is_no_contradiction(name: str) -> None:
    raw = f'<testsuite name="s"><{name}><x/></{name}><testcase name="fine"/></testsuite>'.encode()
    assert junit.parse(raw).contradictions == ()


SUITE = "<testsuite {}><testcase name='a'/><testcase name='b'>{}</testcase></testsuite>"


@pytest.mark.parametrize("key", ["skipped", "disabled", "skip", "skips", "ignored"])
def test_a_suite_that_counts_more_as_skipped_than_did_not_pass_is_a_contradiction(key: str) -> None:
    assert read(SUITE.format(f"tests='2' {key}='1'", "")).contradictions == (
        "the summary counts 1 of 2 tests as skipped, but 2 are written as passed",
    )
    assert read(SUITE.format(f"tests='2' {key}='1'", "<skipped/>")).contradictions == ()


@pytest.mark.parametrize(
    ("attributes", "inside"),
    [
        pytest.param("tests='3' skipped='1'", "", id="mocha-junit-reporter writes no pending tests"),
        pytest.param("skipped='1'", "", id="a suite that does not say how many tests it has"),
        pytest.param(
            "tests='2' skipped='1' errors='1'", "<skipped/><error/>", id="pytest, broken after a skip"
        ),
        pytest.param("tests='2' skipped='1' disabled='1'", "<skipped/>", id="one that says it twice"),
        pytest.param("tests='2' skipped='0'", "<skipped/>", id="one that counts fewer"),
        pytest.param("tests='2' skipped='1'", "<flakyFailure/>", id="surefire with retries"),
    ],
)
def test_a_suite_that_counts_skipped_tests_in_its_own_way_is_not_contradicted(
    attributes: str, inside: str
) -> None:
    assert read(SUITE.format(attributes, inside)).contradictions == ()


def test_each_suite_is_held_against_its_own_cases() -> None:
    inner = SUITE.format("tests='2' skipped='0'", "") + SUITE.format("tests='2' skipped='1'", "<skipped/>")
    assert read(f"<testsuites tests='4' skipped='1'>{inner}</testsuites>").contradictions == ()
    told = "the summary counts 2 of 4 tests as skipped, but 3 are written as passed"
    assert read(f"<testsuites tests='4' skipped='2'>{inner}</testsuites>").contradictions == (told,)
