"""JSON of golangci-lint."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report

ISSUE: dict[str, Any] = {
    "FromLinter": "errcheck",
    "Text": "Error return value is not checked",
    "Severity": "",
    "SourceLines": ["\tf.Close()"],
    "Pos": {"Filename": "main.go", "Offset": 10, "Line": 7, "Column": 9},
    "LineRange": {"From": 7, "To": 8},
}
LINTERS = [{"Name": "errcheck", "Enabled": True}, {"Name": "gosec"}]


def read(issues: list[dict[str, Any]] | None, **about: object) -> Report:
    document = {"Issues": issues, "Report": {"Linters": LINTERS} | about}
    report = read_report(json.dumps(document).encode())
    assert report.format == "golangci-json"
    return report


def test_an_issue_is_a_finding_of_its_linter() -> None:
    report = read([ISSUE])
    assert report.findings is not None
    assert report.findings.findings == (
        Finding(
            "golangci-lint",
            "errcheck",
            Level.ERROR,
            "Error return value is not checked",
            "main.go",
            7,
            9,
            8,
            None,
            "\tf.Close()",
        ),
    )


@pytest.mark.parametrize(
    ("severity", "level"),
    [("warning", Level.WARNING), ("Low", Level.NOTE), ("error", Level.ERROR), ("blocker", Level.ERROR)],
)
def test_every_severity_has_a_level(severity: str, level: Level) -> None:
    found = read([ISSUE | {"Severity": severity}]).findings
    assert found is not None
    assert found.findings[0].level is level


@pytest.mark.parametrize("issues", [None, []])
def test_no_issues_are_written_in_two_ways(issues: list[dict[str, Any]] | None) -> None:
    report = read(issues)
    assert report.findings is not None
    assert (report.findings.findings, report.vacuous) == ((), ())


def test_an_issue_without_a_place_is_a_finding() -> None:
    found = read([{"FromLinter": "typecheck", "Text": "undefined: x"}]).findings
    assert found is not None
    assert found.findings == (Finding("golangci-lint", "typecheck", Level.ERROR, "undefined: x"),)


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"Error": "context loading failed"}, "golangci-lint ended with an error"),
        ({"Linters": [{"Name": "errcheck"}]}, "no linter was enabled"),
    ],
)
def test_a_run_that_did_not_check_proves_nothing(about: dict[str, Any], reason: str) -> None:
    assert read(None, **about).vacuous == (reason,)


def test_nothing_at_all_proves_nothing() -> None:
    report = read_report(b'{"Issues": null}', "golangci-json")
    assert report.vacuous == ("golangci-lint does not say what it ran",)


def test_its_warnings_are_told() -> None:
    assert read(None, Warnings=[{"Tag": "runner", "Text": "a linter is deprecated"}]).warnings == (
        "a linter is deprecated",
    )


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"Issues": {}}', b'{"Issues": [{}]}', b"level=error"])
def test_another_shape_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_report(raw, "golangci-json")
