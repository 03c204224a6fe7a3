"""JSON of ESLint."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report

VAR: dict[str, Any] = {
    "ruleId": "no-var",
    "severity": 2,
    "message": "Unexpected var",
    "line": 1,
    "column": 1,
    "endLine": 1,
    "endColumn": 11,
    "fix": {"range": [0, 10], "text": "let a = 1;"},
}


def file(*messages: dict[str, Any], errors: int, warnings: int = 0, **keys: object) -> dict[str, Any]:
    return {
        "filePath": "/w/x.js",
        "messages": messages,
        "errorCount": errors,
        "warningCount": warnings,
    } | keys


def read(document: object) -> Report:
    report = read_report(json.dumps(document).encode())
    assert report.format == "eslint-json"
    return report


def findings(document: object) -> tuple[Finding, ...]:
    report = read(document)
    assert report.findings is not None
    return report.findings.findings


@pytest.mark.parametrize(
    "document",
    [[file(VAR, errors=1)], {"results": [file(VAR, errors=1)], "metadata": {"cwd": "/w"}}],
)
def test_both_shapes_give_the_finding(document: object) -> None:
    assert findings(document) == (
        Finding("eslint", "no-var", Level.ERROR, "Unexpected var", "/w/x.js", 1, 1, 1, 11),
    )
    assert read(document).contradictions == ()


def test_a_syntax_error_has_no_rule_and_is_an_error() -> None:
    fatal = {"ruleId": None, "fatal": True, "severity": 2, "message": "Parsing error", "line": 1, "column": 7}
    assert findings([file(fatal, errors=1)]) == (
        Finding("eslint", "", Level.ERROR, "Parsing error", "/w/x.js", 1, 7),
    )


def test_severities_are_levels_and_an_unknown_one_is_an_error() -> None:
    messages = [VAR | {"severity": severity} for severity in (1, 2, 0, None)]
    levels = [each.level for each in findings([file(*messages, errors=3, warnings=1)])]
    assert levels == [Level.WARNING, Level.ERROR, Level.ERROR, Level.ERROR]


def test_suppressed_messages_are_only_counted() -> None:
    report = read([file(errors=0, suppressedMessages=[VAR])])
    assert report.findings is not None
    assert (report.findings.findings, report.findings.suppressed) == ((), 1)


def test_counts_that_differ_are_a_contradiction() -> None:
    assert read([file(VAR, errors=0, warnings=2)]).contradictions == (
        "the summary says 0 errors, 1 are listed",
        "the summary says 2 warnings, 0 are listed",
    )


def test_no_file_proves_nothing() -> None:
    assert read_report(b"[]", "eslint-json").vacuous == ("ESLint looked at no file",)


def test_a_repeated_list_of_messages_is_a_contradiction() -> None:
    raw = json.dumps([file(VAR, errors=1)]).encode().replace(b'"errorCount"', b'"messages": [], "errorCount"')
    assert "an object has the key 'messages' twice" in read_report(raw).contradictions


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"error":"Oops"}', b"[1]", b'[{"filePath":"a"}]'])
def test_what_a_crash_leaves_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_report(raw, "eslint-json")
