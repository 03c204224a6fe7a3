"""JSON of ShellCheck."""

from __future__ import annotations

import json

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.shellcheck import FORMAT

COMMENT: dict[str, object] = {
    "file": "run.sh",
    "line": 3,
    "endLine": 3,
    "column": 6,
    "endColumn": 8,
    "level": "info",
    "code": 2086,
    "message": "Double quote it.",
    "fix": {"replacements": []},
}


def read(document: object) -> Report:
    raw = json.dumps(document).encode()
    assert FORMAT.sniff(raw)
    return FORMAT.parse(raw)


def findings(document: object) -> tuple[Finding, ...]:
    found = read(document).findings
    assert found is not None
    return found.findings


def test_a_comment_of_json1_has_its_place() -> None:
    (found,) = findings({"comments": [COMMENT]})
    assert found == Finding("shellcheck", "SC2086", Level.NOTE, "Double quote it.", "run.sh", 3, 6, 3, 8)


def test_columns_of_the_older_list_are_left_out_because_it_counts_a_tab_as_eight() -> None:
    (found,) = findings([COMMENT])
    assert (found.line, found.column, found.end_line, found.end_column) == (3, None, 3, None)


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("error", Level.ERROR),
        ("warning", Level.WARNING),
        ("info", Level.NOTE),
        ("style", Level.NOTE),
        ("dire", Level.ERROR),
    ],
)
def test_an_unknown_level_is_an_error(said: str, level: Level) -> None:
    assert findings([COMMENT | {"level": said}])[0].level is level


def test_a_clean_run_has_no_finding_and_proves_something() -> None:
    report = read({"comments": []})
    assert report.findings is not None
    assert (report.findings.totals.findings, report.vacuous) == (0, ())


def test_an_empty_list_is_a_clean_run_where_the_policy_names_the_format() -> None:
    assert not FORMAT.sniff(b"[]")
    assert FORMAT.parse(b"[]").vacuous == ()


def test_comments_that_are_there_twice_contradict_themselves() -> None:
    raw = json.dumps({"comments": [COMMENT]})[:-1] + ', "comments": []}'
    assert FORMAT.parse(raw.encode()).contradictions == ("an object has the key 'comments' twice",)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b'{"comments": null}', b"[{}]", b'{"comments": [', b"run.sh: oh"]
)
def test_what_is_not_its_json_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        FORMAT.parse(raw)
