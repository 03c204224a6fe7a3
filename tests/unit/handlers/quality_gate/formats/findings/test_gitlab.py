"""GitLab's code quality report."""

from __future__ import annotations

import json

import pytest

from app.domain.findings import Finding, Level
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.gitlab import FORMAT

ISSUE: dict[str, object] = {
    "description": "'x' is assigned and never used.",
    "check_name": "no-unused",
    "fingerprint": "7815696ecbf1c96e6894b779456d330e",
    "severity": "minor",
    "location": {"path": "lib/index.js", "lines": {"begin": 42}},
}


def findings(*issues: dict[str, object]) -> tuple[Finding, ...]:
    raw = json.dumps(issues).encode()
    assert FORMAT.sniff(raw)
    found = FORMAT.parse(raw).findings
    assert found is not None
    return found.findings


def test_an_issue_has_its_line() -> None:
    (found,) = findings(ISSUE)
    assert found == Finding(
        "gitlab-codequality",
        "no-unused",
        Level.WARNING,
        "'x' is assigned and never used.",
        "lib/index.js",
        42,
    )


def test_positions_give_a_column_and_no_end_column() -> None:
    where = {
        "path": "a.py",
        "positions": {"begin": {"line": 3, "column": 5}, "end": {"line": 4, "column": 9}},
    }
    (found,) = findings(ISSUE | {"location": where})
    assert (found.line, found.column, found.end_line, found.end_column) == (3, 5, 4, None)


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("info", Level.NOTE),
        ("minor", Level.WARNING),
        ("major", Level.ERROR),
        ("critical", Level.ERROR),
        ("blocker", Level.ERROR),
        ("", Level.ERROR),
    ],
)
def test_major_and_all_above_it_are_errors(said: str, level: Level) -> None:
    assert findings(ISSUE | {"severity": said})[0].level is level


def test_two_issues_with_one_fingerprint_are_two_findings() -> None:
    assert len(findings(ISSUE, ISSUE)) == 2


def test_measurements_are_no_findings() -> None:
    assert findings(ISSUE, ISSUE | {"type": "measurement"}) == findings(ISSUE)


def test_an_engine_that_is_named_is_the_tool() -> None:
    assert findings(ISSUE | {"engine_name": "RuboCop"})[0].tool == "rubocop"


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[{}]", b'[{"description": "a"}]', b"[1]", b"[NaN]", b"\xff\xfea"]
)
def test_what_is_not_such_a_list_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        FORMAT.parse(raw)
