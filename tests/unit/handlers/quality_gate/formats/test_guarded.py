"""A reader of ours that fails at a file refuses that file, and nothing else."""

from __future__ import annotations

import io

import pytest

from app.domain.reports import CaseTotals
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report, recognise
from handlers.quality_gate.formats.guarded import guarded
from handlers.quality_gate.formats.source import HEAD_BYTES, Source
from handlers.quality_gate.reports.gathered import Gathered
from tests.unit.handlers.quality_gate.samples import junit

LCOV = b"SF:a.c\nDA:1,1\nend_of_record\n"
TOLD = "our reader of lcov failed at this file (ZeroDivisionError); please report it as a defect"


class Failing(io.BytesIO):
    """Shows its head, and fails when it is read on."""

    def read(self, size: int | None = -1) -> bytes:
        if size != HEAD_BYTES:
            raise ZeroDivisionError
        return super().read(size)


def test_what_a_reader_fails_at_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(Failing(LCOV), "lcov")
    assert (refused.value.code, refused.value.message) == ("report.reader_failed", TOLD)


def test_what_recognition_fails_at_is_refused() -> None:
    closed = io.BytesIO(LCOV)
    closed.close()
    with pytest.raises(InvalidInput, match="our recognition of formats failed") as refused:
        recognise(closed)
    assert refused.value.code == "report.reader_failed"


def test_a_file_at_which_a_reader_fails_is_a_problem_of_its_kind_and_the_others_are_read() -> None:
    gathered = Gathered((), None)
    gathered.take("reports", "a.info", Failing(LCOV))
    gathered.take("reports", "b.xml", junit(""))
    reports = gathered.reports()
    assert [(each.kind, each.text) for each in reports.problems] == [("coverage", f"reports/a.info: {TOLD}")]
    assert reports.tests is not None
    assert reports.tests.totals == CaseTotals(tests=1, passed=1, suites=1)


def test_memory_that_runs_out_is_left_to_who_set_the_limit() -> None:
    @guarded("reader")
    def exhausting(_source: Source) -> None:
        raise MemoryError

    with pytest.raises(MemoryError):
        exhausting(b"")
