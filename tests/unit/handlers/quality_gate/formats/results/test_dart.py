"""What is counted in the events of dart's test runner."""

from __future__ import annotations

import json

import pytest

from app.domain.reports import CaseTotals, FailedCase, Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.results import dart

START: dict[str, object] = {"type": "start", "protocolVersion": "0.1.1", "runnerVersion": "1.25.0"}
SUITE: dict[str, object] = {"type": "suite", "suite": {"id": 0, "path": "test/a_test.dart"}}
DONE: dict[str, object] = {"type": "done", "success": True}


def begun(number: int, **more: object) -> dict[str, object]:
    test = {"id": number, "name": f"t{number}", "suiteID": 0, "line": 3, "url": "file:///r/test/a_test.dart"}
    return {"type": "testStart", "test": test | more}


def ended(number: int, result: str = "success", **more: object) -> dict[str, object]:
    return {"type": "testDone", "testID": number, "result": result, "skipped": False, "hidden": False} | more


def read(*events: dict[str, object]) -> Report:
    return dart.parse("\n".join(json.dumps(each, separators=(",", ":")) for each in events).encode())


def totals(report: Report) -> CaseTotals:
    assert report.tests is not None
    return report.tests.totals


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (ended(1), CaseTotals(1, passed=1, suites=1)),
        (ended(1, skipped=True), CaseTotals(1, skipped=1, suites=1)),
        (ended(1, "failure"), CaseTotals(1, failed=1, suites=1)),
        (ended(1, "error"), CaseTotals(1, errors=1, suites=1)),
        (ended(1, hidden=True), CaseTotals(suites=1)),
        (ended(1, "error", hidden=True), CaseTotals(1, errors=1, suites=1)),
        (DONE, CaseTotals(1, errors=1, suites=1)),
    ],
)
def test_a_test_is_counted_as_it_ends(end: dict[str, object], expected: CaseTotals) -> None:
    report = read(START, SUITE, begun(1), end, DONE)
    assert (totals(report), report.tools) == (expected, (Tool("dart", "1.25.0"),))


def test_a_failure_has_its_first_error_and_its_place() -> None:
    errors: list[dict[str, object]] = [
        {"type": "error", "testID": 1, "error": said, "isFailure": True} for said in ("no", "and no")
    ]
    tests = read(
        START, SUITE, begun(1, root_line=9, root_url="file:///r/b.dart"), *errors, ended(1, "failure"), DONE
    ).tests
    assert tests is not None
    assert tests.failures == (FailedCase("test/a_test.dart.t1", "no", "/r/b.dart", 9),)


@pytest.mark.parametrize(
    ("events", "contradiction"),
    [
        ((begun(1), ended(1)), "the report does not say that the run ended"),
        (
            (begun(1), ended(1), DONE | {"success": False}),
            "the run ended without success, but no test failed",
        ),
        ((begun(1), ended(1), DONE | {"success": None}), "the run ended without success, but no test failed"),
        ((ended(1), DONE), "a test ended that had not begun"),
    ],
)
def test_a_run_that_denies_itself_is_a_contradiction(
    events: tuple[dict[str, object], ...], contradiction: str
) -> None:
    assert read(START, SUITE, *events).contradictions == (contradiction,)


def test_other_output_is_read_past() -> None:
    lines = ("Downloading", START, [{"event": "test.startedProcess"}], DONE)
    raw = "\n".join(
        each if isinstance(each, str) else json.dumps(each, separators=(",", ":")) for each in lines
    ).encode()
    assert dart.sniff(raw)
    assert dart.parse(raw).contradictions == ()


def test_an_event_that_says_two_things_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        dart.parse(b'{"type":"testDone","testID":1,"result":"failure","result":"success"}')
    assert refused.value.code == "report.contradiction"


@pytest.mark.parametrize("raw", [b"", b"All tests passed!\n"])
def test_what_has_no_event_is_refused(raw: bytes) -> None:
    assert not dart.sniff(raw)
    with pytest.raises(InvalidInput) as refused:
        dart.parse(raw)
    assert refused.value.code == "report.not_dart_json"
