"""The longer part of what people read: failed tests, what is not beside the code, and what was remarked while reading. Pure."""

from __future__ import annotations

from app.domain.markdown import code, plain
from app.domain.reports import FailedCase
from handlers.quality_gate.annotations import Beside
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.judged import Mark

SHOWN_FAILURES = 50
SHOWN_REST = 100


def details(evidence: GateEvidence, beside: Beside) -> list[str]:
    """The sections, the most wanted first; empty ones are left out."""
    return [*_failed_tests(evidence), *_rest(beside), *_remarks(evidence)]


def failures(evidence: GateEvidence) -> tuple[FailedCase, ...]:
    """Every failed test once, in the order of the reports."""
    found = {
        (case.path, case.line, case.name): case
        for reading in evidence.producers
        for run in reading.runs
        if run.reports is not None
        if run.reports.tests is not None
        for case in run.reports.tests.failures
    }
    return tuple(found.values())


def _failed_tests(evidence: GateEvidence) -> list[str]:
    failed = failures(evidence)
    if not failed:
        return []
    rows = [
        f"- {_where(case)}{code(case.name, 200)}: {plain(case.message, 300)}"
        for case in failed[:SHOWN_FAILURES]
    ]
    if len(failed) > SHOWN_FAILURES:
        rows.append(f"- … and {len(failed) - SHOWN_FAILURES} more")
    return ["\n".join(("### Failed tests", "", *rows))]


def _where(case: FailedCase) -> str:
    return f"{code(f'{case.path}:{case.line or 1}', 200)} " if case.path else ""


def _rest(beside: Beside) -> list[str]:
    if not beside.rest:
        return []
    said = f"{beside.shown:,} of {beside.total:,} are shown beside the lines that they concern"
    names = "names" if beside.placeless == 1 else "name"
    said += f"; {beside.placeless:,} {names} no line of the repository." if beside.placeless else "."
    rows = [_row(mark) for mark in beside.rest[:SHOWN_REST]]
    left = len(beside.rest) - len(rows)
    parts = [
        "### Not beside the code",
        "",
        said,
        "",
        "| Gate | Place | What | Message |",
        "|---|---|---|---|",
        *rows,
    ]
    if left:
        parts += ["", f"… and {left:,} more."]
    return ["\n".join(parts)]


def _row(mark: Mark) -> str:
    place = code(f"{mark.path}:{mark.line}" if mark.line else mark.path, 150) if mark.path else "—"
    return f"| {mark.gate} | {place} | {plain(mark.title, 100)} | {plain(mark.message, 200)} |"


def _remarks(evidence: GateEvidence) -> list[str]:
    remarks = [
        plain(remark, 300)
        for reading in evidence.producers
        for run in reading.runs
        if run.reports is not None
        for remark in (
            *(each.text for each in (*run.reports.problems, *run.reports.vacuous)),
            *run.reports.notes,
        )
    ]
    return (
        ["\n".join(("### Remarks", "", *(f"- {remark}" for remark in dict.fromkeys(remarks))))]
        if remarks
        else []
    )
