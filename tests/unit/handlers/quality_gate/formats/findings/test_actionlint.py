"""JSON of actionlint."""

from __future__ import annotations

import json

import pytest

from app.domain.findings import Finding, Level
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.actionlint import FORMAT

ERROR: dict[str, object] = {
    "message": 'unexpected key "branch" for "push" section',
    "filepath": ".github/workflows/ci.yml",
    "line": 4,
    "column": 5,
    "kind": "syntax-check",
    "snippet": "    branch: main\n    ^~~~~~~",
    "end_column": 11,
}


def only(error: dict[str, object]) -> Finding:
    raw = json.dumps([error]).encode()
    assert FORMAT.sniff(raw)
    found = FORMAT.parse(raw).findings
    assert found is not None
    return found.findings[0]


def test_an_error_ends_behind_the_last_character_that_is_underlined() -> None:
    found = only(ERROR)
    assert (found.tool, found.rule, found.level) == ("actionlint", "syntax-check", Level.ERROR)
    assert (found.line, found.column, found.end_line, found.end_column) == (4, 5, 4, 12)


def test_the_snippet_is_the_line_without_its_underlining() -> None:
    assert only(ERROR).snippet == "    branch: main"


def test_an_error_without_a_line_keeps_its_file() -> None:
    found = only(ERROR | {"line": 0, "column": 0, "end_column": 0})
    assert (found.path, found.line, found.column, found.end_column) == (ERROR["filepath"], None, None, None)


def test_an_empty_list_is_a_clean_run() -> None:
    report = FORMAT.parse(b"[]\n")
    assert (report.findings is not None, report.vacuous) == (True, ())
    assert report.warnings == ("actionlint's JSON does not say which files it checked",)


@pytest.mark.parametrize("raw", [b"", b"{}", b"null", b'[{"filepath": "x"}]', b'[{"message": "a"}'])
def test_what_is_not_its_json_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        FORMAT.parse(raw)
