"""JSON lines of cargo."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report

ARTIFACT = {"reason": "compiler-artifact", "package_id": "p", "fresh": False}
SPAN = {
    "file_name": "src/main.rs",
    "line_start": 1,
    "line_end": 1,
    "column_start": 44,
    "column_end": 56,
    "is_primary": True,
    "text": [{"text": "if v.len() == 0 {", "highlight_start": 4, "highlight_end": 16}],
}


def message(level: str = "warning", code: str | None = "clippy::len_zero", **keys: object) -> dict[str, Any]:
    given = {
        "message": "length comparison to zero",
        "code": code and {"code": code, "explanation": None},
        "level": level,
        "spans": [SPAN | {"is_primary": False, "line_start": 99}, SPAN],
    }
    return {"reason": "compiler-message", "package_id": "p", "message": given | keys}


def finished(*, success: bool = True) -> dict[str, Any]:
    return {"reason": "build-finished", "success": success}


def read(*documents: dict[str, Any]) -> Report:
    report = read_report(b"\n".join(json.dumps(each).encode() for each in documents))
    assert report.format == "clippy-json"
    return report


def findings(*documents: dict[str, Any]) -> tuple[Finding, ...]:
    found = read(*documents).findings
    assert found is not None
    return found.findings


def test_a_message_is_a_finding_at_its_primary_place() -> None:
    assert findings(ARTIFACT, message(), finished()) == (
        Finding(
            "clippy",
            "clippy::len_zero",
            Level.WARNING,
            "length comparison to zero",
            "src/main.rs",
            1,
            44,
            1,
            56,
            "if v.len() == 0 {",
        ),
    )


def test_what_the_compiler_itself_says_is_the_compilers() -> None:
    (found,) = findings(message("error", "E0308"), finished(success=False))
    assert (found.tool, found.level) == ("rustc", Level.ERROR)


@pytest.mark.parametrize(
    ("level", "expected"),
    [("note", Level.NOTE), ("help", Level.NOTE), ("error: internal compiler error", Level.ERROR)],
)
def test_every_level_is_known_or_an_error(level: str, expected: Level) -> None:
    (found,) = findings(message(level), finished())
    assert found.level is expected


@pytest.mark.parametrize(
    ("level", "text"),
    [
        ("warning", "2 warnings emitted"),
        ("error", "aborting due to 1 previous error; 2 warnings emitted"),
        ("failure-note", "For more information about this error, try `rustc --explain E0308`."),
    ],
)
def test_summaries_of_the_compiler_are_no_findings(level: str, text: str) -> None:
    assert findings(message(level, None, message=text, spans=[]), finished()) == ()


def test_an_error_without_a_place_is_a_finding() -> None:
    (found,) = findings(message("error", None, message="linking with `cc` failed", spans=[]), finished())
    assert (found.path, found.message) == (None, "linking with `cc` failed")


def test_progress_between_the_lines_is_passed_over() -> None:
    raw = (
        b"    Checking p v0.1.0\n" + json.dumps(message()).encode() + b"\n" + json.dumps(finished()).encode()
    )
    found = read_report(raw, "clippy-json").findings
    assert found is not None
    assert len(found.findings) == 1


def test_a_build_that_does_not_finish_proves_nothing() -> None:
    assert read(ARTIFACT).vacuous == ("cargo does not say that the build finished",)


def test_a_failed_build_needs_an_error_that_shows_why() -> None:
    assert read(message(), finished(success=False)).vacuous == (
        "cargo says that the build failed, and no error is listed",
    )
    assert read(message("error"), finished(success=False)).vacuous == ()


def test_one_failed_build_of_several_is_a_failure() -> None:
    assert len(read(finished(success=False), finished()).vacuous) == 1


@pytest.mark.parametrize("raw", [b"", b"error: no such command\n", b'{"reason":"compiler-mess'])
def test_what_is_not_cargos_or_cut_off_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_report(raw, "clippy-json")
