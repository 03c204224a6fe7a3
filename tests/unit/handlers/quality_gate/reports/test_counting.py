"""The numbers of one report file."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from app.domain.reports import CaseTotals, Report
from app.errors import InvalidInput
from handlers.quality_gate.reports.counting import count
from tests.unit.handlers.quality_gate.samples import junit

ONE = junit("")


def test_a_file_and_its_bytes_have_the_same_numbers(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_bytes(ONE)
    assert count(path) == count(ONE)
    assert count(path).tests == CaseTotals(tests=1, passed=1, suites=1)


def test_what_a_report_says_against_itself_comes_first() -> None:
    report = Report("junit", warnings=("a warning",), contradictions=("two numbers",), vacuous=("no test",))
    assert report.numbers.warnings == ("two numbers", "no test", "a warning")


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot read the file") as refused:
        count(tmp_path / "absent.xml")
    assert refused.value.code == "report.unreadable"


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_bytes(junit(*["<system-out>" + "x" * 100_000 + "</system-out>"] * 100))
    count(ONE)
    tracemalloc.start()
    count(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < path.stat().st_size / 2
