"""The gate `coverage`: total, per group of paths, of the lines a change adds, and against the base. Pure."""

from __future__ import annotations

from app.domain.coverage import LineMap
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.gates.asking import Question, answer
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.gates.shares import NOTHING, Share, share_of, words
from handlers.quality_gate.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import CoverageGate
from handlers.quality_gate.section.values import parse_threshold

NAME = "coverage"


def judge(evidence: GateEvidence, section: QualityGate, gate: CoverageGate) -> tuple[GateVerdict, ...]:
    """The verdicts on the coverage of every run."""
    question = Question(evidence, section, NAME, gate, _bar(gate), (Kind.COVERAGE,), has_coverage)
    return answer(question, lambda reports: _run(question, gate, reports))


def has_coverage(reports: Reports) -> bool:
    """Whether a report of coverage was read."""
    return bool(reports.coverage)


def _bar(gate: CoverageGate) -> str:
    parts = [f"{gate.total} of {words(gate)[1]}"] if gate.total else []
    return ", ".join(parts)


def _run(question: Question, gate: CoverageGate, reports: Reports) -> list[GateVerdict]:
    found = []
    for report_format, packed in reports.coverage:
        lines = LineMap.unpack(packed)
        if gate.total is not None:
            found.append(_total(question, gate, report_format, lines))
    return found


def _total(question: Question, gate: CoverageGate, report_format: str, lines: LineMap) -> GateVerdict:
    share: Share = NOTHING
    for file in lines.files.values():
        share = share.plus(share_of(file, gate))
    one, many = words(gate)
    if share.valid == 0:
        reason = f"the {report_format} report measures no {one}: that is no evidence"
        return question.verdict(State.INCONCLUSIVE, "nothing measured", reason)
    value, least = share.text(one, many), parse_threshold(gate.total or ">= 100%")
    if share.reaches(least):
        return question.verdict(State.PASS, value, f"enough {many} are covered", rule="gates.coverage.total")
    lacking = share.lacking(least)
    reason = f"{lacking} more covered {one if lacking == 1 else many} needed"
    return question.verdict(State.FAIL, value, reason, rule="gates.coverage.total", remedy=reason)
