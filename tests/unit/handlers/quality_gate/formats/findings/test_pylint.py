"""JSON of pylint, old and new."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report, recognise

MESSAGE = {
    "type": "convention",
    "module": "a",
    "obj": "f",
    "line": 7,
    "column": 7,
    "endLine": 7,
    "endColumn": 16,
    "path": "a.py",
    "symbol": "singleton-comparison",
    "message": "Comparison should be 'x is None'",
}


def old(**keys: object) -> dict[str, Any]:
    return MESSAGE | {"message-id": "C0121"} | keys


def new(*messages: dict[str, Any], counted: int, modules: int = 3) -> bytes:
    statistics = {"messageTypeCount": {"convention": counted}, "modulesLinted": modules, "score": 9.5}
    return json.dumps({"messages": messages, "statistics": statistics}).encode()


def read(raw: bytes) -> Report:
    report = read_report(raw)
    assert report.format == "pylint-json"
    return report


@pytest.mark.parametrize(
    "raw",
    [json.dumps([old()]).encode(), new(MESSAGE | {"messageId": "C0121", "confidence": "HIGH"}, counted=1)],
)
def test_both_shapes_give_the_finding_with_columns_from_one(raw: bytes) -> None:
    report = read(raw)
    assert report.findings is not None
    assert report.findings.findings == (
        Finding("pylint", "C0121", Level.NOTE, "Comparison should be 'x is None'", "a.py", 7, 8, 7, 17),
    )
    assert (report.contradictions, report.vacuous) == ((), ())


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("fatal", Level.ERROR),
        ("error", Level.ERROR),
        ("warning", Level.WARNING),
        ("refactor", Level.NOTE),
        ("info", Level.NOTE),
        ("something new", Level.ERROR),
    ],
)
def test_every_type_has_a_level(word: str, level: Level) -> None:
    report = read(json.dumps([old(type=word)]).encode())
    assert report.findings is not None
    assert report.findings.findings[0].level is level


def test_a_module_that_could_not_be_checked_proves_nothing() -> None:
    report = read(json.dumps([old(type="fatal"), old()]).encode())
    assert report.vacuous == ("pylint could not check everything: 1 fatal messages",)


def test_no_module_proves_nothing() -> None:
    assert read(new(counted=0, modules=0)).vacuous == ("pylint checked no module",)


def test_a_summary_that_counts_other_messages_is_a_contradiction() -> None:
    assert read(new(counted=4)).contradictions == ("the summary says 4 messages, 0 are listed",)


def test_an_empty_list_is_read_with_a_warning() -> None:
    report = read_report(b"[]\n", "pylint-json")
    assert (report.vacuous, len(report.warnings)) == ((), 1)


@pytest.mark.parametrize("raw", [b"", b"[{}]", b'{"messages": []}', b"[", b"null"])
def test_another_shape_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_report(raw, "pylint-json")


def test_a_long_document_is_recognised_before_its_statistics() -> None:
    message = MESSAGE | {"messageId": "C0121"}
    found = recognise(new(*[message] * 1000, counted=1000))
    assert found is not None
    assert found.name == "pylint-json"
