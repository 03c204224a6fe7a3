"""The gate `tests`: nothing fails, enough ran, and none of the base's tests went away unseen. Pure."""

from __future__ import annotations

from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.gates.asking import Question, answer
from handlers.quality_gate.gates.judged import GateVerdict, Mark, State, Weight, counted
from handlers.quality_gate.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import TestsGate

NAME = "tests"


def judge(evidence: GateEvidence, section: QualityGate, gate: TestsGate) -> tuple[GateVerdict, ...]:
    """The verdicts on the tests of every run."""
    question = Question(evidence, section, NAME, gate, _bar(gate), (Kind.TESTS,), has_tests)
    return answer(question, lambda reports: _run(question, gate, reports))


def has_tests(reports: Reports) -> bool:
    """Whether a report of tests was read."""
    return reports.tests is not None


def _bar(gate: TestsGate) -> str:
    return "no test fails" + (f", at least {gate.min_tests} run" if gate.min_tests else "")


def _run(question: Question, gate: TestsGate, reports: Reports) -> tuple[GateVerdict, ...]:
    tests = reports.tests
    if tests is None:
        return ()
    totals = tests.totals
    ran = totals.tests - totals.skipped
    value = f"{totals.passed} of {ran} passed"
    if totals.skipped:
        value += f", {totals.skipped} skipped"
    notes = (f"{counted(tests.flaky, 'test')} passed only on a retry",) if tests.flaky else ()
    marks = tuple(
        Mark(NAME, case.path, case.line, Weight.FAILS, case.name, case.message or "the test did not pass")
        for case in tests.failures
        if case.path
    )
    bad = totals.failed * ("failure" in gate.fail_on) + totals.errors * ("error" in gate.fail_on)
    if bad:
        reason = f"{bad} {'test does' if bad == 1 else 'tests do'} not pass"
        remedy = f"make {'it' if bad == 1 else 'them'} pass"
        return (question.verdict(State.FAIL, value, reason, remedy=remedy, notes=notes, marks=marks),)
    if ran < gate.min_tests:
        reason = "fewer tests ran than the policy asks for"
        remedy = f"run {gate.min_tests - ran} more"
        return (question.verdict(State.FAIL, value, reason, remedy=remedy, rule="gates.tests.min_tests"),)
    return (question.verdict(State.PASS, value, "no test failed", notes=notes, marks=marks),)
