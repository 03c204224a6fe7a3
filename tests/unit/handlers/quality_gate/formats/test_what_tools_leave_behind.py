"""What tools write that were broken off, looked at nothing, or fail in an unusual way; as they were seen to."""

from __future__ import annotations

import json

import pytest

from app.domain.reports import CaseTotals, Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import FORMATS
from handlers.quality_gate.formats.xml import count


def read(name: str, raw: str) -> Report:
    return FORMATS[name].parse(raw.encode())


def totals(name: str, raw: str) -> CaseTotals:
    tests = read(name, raw).tests
    assert tests is not None
    return tests.totals


def test_pytest_that_was_ended_within_a_test_leaves_a_case_without_a_name_which_is_broken() -> None:
    raw = """<testsuites><testsuite name="pytest" errors="0" failures="0" tests="1">
        <testcase classname="t" name="test_1" time="0.001" /><testcase time="0.000" /></testsuite></testsuites>"""
    assert totals("junit", raw) == CaseTotals(tests=2, passed=1, errors=1, suites=1)


def test_a_case_of_a_status_that_is_not_known_is_broken() -> None:
    raw = "<testsuite><testcase name='a' status='run'/><testcase name='b' status='exploded'/></testsuite>"
    assert totals("junit", raw) == CaseTotals(tests=2, passed=1, errors=1, suites=1)


@pytest.mark.parametrize("element", ["Failure", "x:problem", "exception"])
def test_an_element_of_a_case_that_is_not_known_is_a_contradiction(element: str) -> None:
    report = read("junit", f"<testsuite><testcase name='a'><{element}>no</{element}></testcase></testsuite>")
    shown = element.removeprefix("x:")
    assert report.contradictions == (f"a test case has an element {shown!r}, which is not known",)


def test_a_list_of_tests_that_nunit_was_told_to_explore_is_no_run() -> None:
    raw = "<test-run testcasecount='1'><test-suite><test-case name='a' runstate='Runnable'/></test-suite></test-run>"
    assert totals("nunit", raw) == CaseTotals(tests=1, errors=1, suites=1)


def test_a_run_of_nunit_that_failed_without_a_failed_test_is_a_contradiction() -> None:
    raw = (
        "<test-run result='Failed'><test-suite><test-case name='a' result='Passed'/></test-suite></test-run>"
    )
    assert read("nunit", raw).contradictions == ("the run ended as 'Failed', but no test failed",)


@pytest.mark.parametrize("counted", ["failed", "error", "timeout", "aborted"])
def test_failures_that_only_the_counters_of_a_trx_have_are_a_contradiction(counted: str) -> None:
    raw = (
        "<TestRun xmlns='http://microsoft.com/schemas/VisualStudio/TeamTest/2010'><Results>"
        "<UnitTestResult testName='a' outcome='Passed'/></Results>"
        f"<ResultSummary outcome='Completed'><Counters total='1' {counted}='1'/></ResultSummary></TestRun>"
    )
    assert read("trx", raw).contradictions == ("the summary counts failures, but no test has one",)


def test_an_error_after_the_end_of_a_dart_test_fails_it() -> None:
    events = (
        {"type": "start", "protocolVersion": "0.1.1"},
        {"type": "testStart", "test": {"id": 1, "name": "a"}},
        {"type": "testDone", "testID": 1, "result": "success"},
        {"type": "error", "testID": 1, "error": "late"},
        {"type": "done", "success": False},
    )
    assert totals("dart-json", "\n".join(map(json.dumps, events))) == CaseTotals(tests=1, errors=1)


def test_a_mocha_test_that_passed_with_an_error_is_a_contradiction() -> None:
    test = {"title": "a", "err": {"message": "no"}}
    report = read("mocha-json", json.dumps({"tests": [test], "passes": [test], "failures": []}))
    assert report.contradictions[0] == "a test that passed has an error"


def test_a_name_that_only_begins_like_a_directive_of_tap_is_a_name() -> None:
    assert totals("tap", "1..1\nnot ok 1 - fixes #todolist\n").failed == 1


@pytest.mark.parametrize("numbers", [(1, 1), (2, 3), (0, 1)])
def test_tests_of_tap_that_are_not_numbered_each_once_are_a_contradiction(numbers: tuple[int, int]) -> None:
    report = read("tap", "1..2\n" + "".join(f"ok {number}\n" for number in numbers))
    assert report.contradictions == ("the tests of a list are not numbered from 1 on, each once",)


def test_tests_of_tap_may_come_in_any_order() -> None:
    assert read("tap", "1..3\nok 3\nok 1\nok 2\n").contradictions == ()


def test_eslint_that_ignored_all_it_was_given_looked_at_nothing() -> None:
    message = {"ruleId": None, "severity": 1, "message": "File ignored because of a matching ignore pattern."}
    report = read("eslint-json", json.dumps([{"filePath": "a.js", "messages": [message]}]))
    assert report.vacuous == ("ESLint looked at no file",)


@pytest.mark.parametrize(
    ("name", "raw"),
    [("mypy-text", "a.py:1: note: In function\n"), ("ruff-format", "Would reformat: a.py\n")],
)
def test_a_text_without_its_last_line_may_be_cut_off(name: str, raw: str) -> None:
    assert "may be cut off" in " ".join(read(name, raw).vacuous)


def test_clippy_is_heard_whatever_it_calls_its_message() -> None:
    raw = '{"reason":"message","message":{"message":"m","level":"error"}}\n{"reason":"build-finished","success":true}'
    findings = read("clippy-json", raw).findings
    assert findings is not None
    assert findings.totals.error == 1


def test_a_count_of_many_digits_is_not_none() -> None:
    assert [count(text) for text in ("7", " 7", "99999999999", "-1", "x", None)] == [7, 7, 10**9, 0, 0, 0]


@pytest.mark.parametrize("hits", ["٠", "-1", "1.5", ""])  # noqa: RUF001 (another script's zero)
def test_hits_that_are_no_plain_number_are_refused(hits: str) -> None:
    raw = f"<coverage><class filename='a'><lines><line number='1' hits='{hits}'/></lines></class></coverage>"
    with pytest.raises(InvalidInput):
        read("cobertura", raw)


@pytest.mark.parametrize("word", ["mb", "cb"])
def test_branches_of_jacoco_that_are_no_number_are_refused(word: str) -> None:
    raw = f"<report><sourcefile name='a'><line nr='1' mi='0' ci='1' {word}='many'/></sourcefile></report>"
    with pytest.raises(InvalidInput):
        read("jacoco", raw)
