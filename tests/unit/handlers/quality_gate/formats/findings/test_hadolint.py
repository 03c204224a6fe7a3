"""JSON of hadolint."""

from __future__ import annotations

import json

import pytest

from app.domain.findings import Finding, Level
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.hadolint import FORMAT

FAILURE: dict[str, object] = {
    "code": "DL3006",
    "column": 1,
    "file": "Dockerfile",
    "level": "warning",
    "line": 1,
    "message": "Tag the version.",
}


def findings(*failures: dict[str, object]) -> tuple[Finding, ...]:
    raw = json.dumps(failures).encode()
    assert FORMAT.sniff(raw)
    found = FORMAT.parse(raw).findings
    assert found is not None
    return found.findings


def test_a_failure_has_its_place() -> None:
    assert findings(FAILURE) == (
        Finding("hadolint", "DL3006", Level.WARNING, "Tag the version.", "Dockerfile", 1, 1),
    )


def test_a_file_that_cannot_be_read_is_an_error() -> None:
    (found,) = findings(FAILURE | {"code": "DL1000", "level": "error", "message": "unexpected 'F'"})
    assert (found.rule, found.level) == ("DL1000", Level.ERROR)


@pytest.mark.parametrize(("said", "level"), [("info", Level.NOTE), ("style", Level.NOTE), ("?", Level.ERROR)])
def test_levels_below_warning_are_notes(said: str, level: Level) -> None:
    assert findings(FAILURE | {"level": said})[0].level is level


def test_the_list_of_shellcheck_has_an_end_and_is_not_recognised() -> None:
    assert not FORMAT.sniff(json.dumps([FAILURE | {"endLine": 1}]).encode())


@pytest.mark.parametrize("raw", [b"", b"{}", b'[{"code": 1}]', b"[", b"hadolint: Dockerfile: does not exist"])
def test_what_is_not_its_json_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        FORMAT.parse(raw)
