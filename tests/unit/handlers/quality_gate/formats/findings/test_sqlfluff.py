"""JSON of SQLFluff."""

from __future__ import annotations

import json

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.sqlfluff import FORMAT

NEW: dict[str, object] = {
    "start_line_no": 2,
    "start_line_pos": 9,
    "end_line_no": 2,
    "end_line_pos": 11,
    "code": "LT01",
    "description": "Expected only single space.",
    "name": "layout.spacing",
    "warning": False,
    "fixes": [],
}


def read(document: object) -> Report:
    raw = json.dumps(document).encode()
    assert FORMAT.sniff(raw)
    return FORMAT.parse(raw)


def findings(document: object) -> tuple[Finding, ...]:
    found = read(document).findings
    assert found is not None
    return found.findings


def test_a_violation_takes_the_path_of_its_file() -> None:
    found = findings([{"filepath": "a.sql", "violations": [NEW]}, {"filepath": "b.sql", "violations": []}])
    assert found == (
        Finding("sqlfluff", "LT01", Level.ERROR, "Expected only single space.", "a.sql", 2, 9, 2, 11),
    )


def test_older_versions_name_lines_differently() -> None:
    old = {"line_no": 3, "line_pos": 4, "code": "L010", "description": "Keywords."}
    (found,) = findings([{"filepath": "a.sql", "violations": [old]}])
    assert (found.rule, found.line, found.column, found.end_line) == ("L010", 3, 4, None)


def test_violations_alone_carry_their_own_path() -> None:
    (found,) = findings(
        {"violations": [{"rule_code": "L001", "description": "d", "path": "a.sql", "line_no": 1}]}
    )
    assert (found.rule, found.path, found.line) == ("L001", "a.sql", 1)


def test_only_what_the_project_calls_a_warning_is_one() -> None:
    found = findings([{"filepath": "a.sql", "violations": [NEW | {"warning": True}, NEW | {"code": "PRS"}]}])
    assert [each.level for each in found] == [Level.WARNING, Level.ERROR]


def test_a_clean_file_proves_something_and_no_file_does_not() -> None:
    assert read([{"filepath": "a.sql", "violations": []}]).vacuous == ()
    assert FORMAT.parse(b"[]").vacuous == ("SQLFluff read no file",)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[{}]", b'[{"filepath": "a", "violations": [{}]}]', b"User Error: no"]
)
def test_what_is_not_its_json_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        FORMAT.parse(raw)
