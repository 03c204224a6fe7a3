"""JSON of detect-secrets."""

from __future__ import annotations

import json

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.detect_secrets import FORMAT

DIGEST = "0123456789abcdef0123456789abcdef01234567"
SECRET: dict[str, object] = {
    "type": "Secret Keyword",
    "filename": "a.py",
    "hashed_secret": DIGEST,
    "is_verified": False,
    "line_number": 7,
}


def read(*secrets: dict[str, object], **changes: object) -> Report:
    document = {
        "version": "1.5.0",
        "plugins_used": [{"name": "KeywordDetector"}],
        "results": {"a.py": secrets},
    }
    raw = json.dumps(document | changes).encode()
    assert FORMAT.sniff(raw)
    return FORMAT.parse(raw)


def findings(report: Report) -> tuple[Finding, ...]:
    assert report.findings is not None
    return report.findings.findings


def test_a_secret_is_an_error_at_its_line() -> None:
    report = read(SECRET)
    assert report.tools == (Tool("detect-secrets", "1.5.0"),)
    assert findings(report) == (
        Finding(
            "detect-secrets",
            "Secret Keyword",
            Level.ERROR,
            "what looks like a secret: Secret Keyword",
            "a.py",
            7,
        ),
    )


def test_nothing_of_the_secret_is_kept_not_even_its_hash() -> None:
    assert DIGEST not in repr(read(SECRET | {"secret": "hunter2"}))
    assert "hunter2" not in repr(read(SECRET | {"secret": "hunter2"}))


def test_a_secret_that_was_tried_says_so() -> None:
    (found,) = findings(read(SECRET | {"is_verified": True}))
    assert found.message == "a secret that works: Secret Keyword"


def test_what_a_person_marked_as_no_secret_is_only_counted() -> None:
    report = read(SECRET, SECRET | {"is_secret": False}, SECRET | {"is_secret": True})
    assert len(findings(report)) == 2
    assert report.findings is not None
    assert report.findings.suppressed == 1


def test_a_scan_without_a_detector_proves_nothing() -> None:
    assert read(plugins_used=[]).vacuous == ("detect-secrets ran without a detector",)


def test_a_file_named_twice_contradicts_itself() -> None:
    raw = json.dumps({"version": "1", "plugins_used": [{"name": "K"}], "results": {"a.py": [SECRET]}})
    doubled = raw[:-2] + ', "a.py": []}}'
    assert FORMAT.parse(doubled.encode()).contradictions == ("an object has the key 'a.py' twice",)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b'{"results": {}}', b'{"results": {"a": 1}, "plugins_used": []}']
)
def test_what_is_not_its_json_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        FORMAT.parse(raw)
