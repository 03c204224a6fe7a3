"""The gate `tests`: nothing fails, enough ran, and none of the base's tests went away unseen. Pure."""

from __future__ import annotations

from dataclasses import replace

from app.domain.reports import TestReport
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.gates.asking import Question, answer, runs
from handlers.quality_gate.gates.judged import GateVerdict, Mark, State, Weight, counted
from handlers.quality_gate.gates.losses import Loss, loss_of, text_of
from handlers.quality_gate.gates.places import SHOWN
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import TestsGate
from handlers.quality_gate.section.values import parse_share

NAME = "tests"
DROP_RULE = "gates.tests.max_test_drop"
LONGEST_NAME = 150
SILENT = "5%"
"""More than that is said aloud also where the policy states no limit."""


def judge(evidence: GateEvidence, section: QualityGate, gate: TestsGate) -> tuple[GateVerdict, ...]:
    """The verdicts on the tests of every run, and on what the base ran and this commit does not."""
    question = Question(evidence, section, NAME, gate, _bar(gate), (Kind.TESTS,), has_tests)
    answers = answer(question, lambda _, reports: _run(question, gate, reports))
    ran = runs(question)
    if not any(run.reports is not None and has_tests(run.reports) for run in ran):
        return answers
    if any(each.state is State.WAITING for each in answers):
        return answers  # what is not there yet is not lost
    losses = (loss_of(change, ran) for change in evidence.changes)
    return (
        *answers,
        *(
            _lost(question, gate, loss)
            for loss in losses
            if loss is not None and (loss.number > 0 or loss.deleted)
        ),
    )


def has_tests(reports: Reports) -> bool:
    """Whether a report of tests was read."""
    return reports.tests is not None


def _bar(gate: TestsGate) -> str:
    parts = ["no test fails"]
    parts += [f"at least {gate.min_tests} run"] if gate.min_tests else []
    parts += [f"at most {gate.max_test_drop} of the base's gone"] if gate.max_test_drop else []
    return ", ".join(parts)


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
    # Where errors do not fail, those do that no test raised: what would have come after them is not known.
    errors = totals.errors if "error" in gate.fail_on else tests.unfinished
    bad = totals.failed * ("failure" in gate.fail_on) + errors
    if bad:
        reason = f"{bad} {'test does' if bad == 1 else 'tests do'} not pass"
        remedy = f"make {'it' if bad == 1 else 'them'} pass"
        if names := _names(tests, bad):
            remedy = f"{remedy}: {names}"
        return (question.verdict(State.FAIL, value, reason, remedy=remedy, notes=notes, marks=marks),)
    if ran < gate.min_tests:
        reason = "fewer tests ran than the policy asks for"
        remedy = f"run {gate.min_tests - ran} more"
        return (question.verdict(State.FAIL, value, reason, remedy=remedy, rule="gates.tests.min_tests"),)
    found = [question.verdict(State.PASS, value, "no test failed", notes=notes, marks=marks)]
    if totals.tests and not ran:
        found.append(
            question.verdict(State.INCONCLUSIVE, value, "every test was skipped: nothing was tested")
        )
    elif gate.min_tests and (vacuous := reports.vacuous_of(Kind.TESTS)):
        found.append(question.verdict(State.INCONCLUSIVE, value, vacuous[0]))
    return tuple(found)


def _names(tests: TestReport, bad: int) -> str:
    """The first tests that do not pass; empty where some that do not are let pass, for nobody says which."""
    if bad != tests.totals.failed + tests.totals.errors:
        return ""
    names = list(dict.fromkeys(case.name[:LONGEST_NAME] for case in tests.failures))
    return ", ".join(names[:SHOWN]) + (" and others" if len(names) > SHOWN else "")


def _lost(question: Question, gate: TestsGate, loss: Loss) -> GateVerdict:
    """What went away since the base: red beyond the policy's limit; without one, shown and never silent."""
    value, said = f"{loss.now} of {loss.before} tests run", text_of(loss)
    number = loss.change.number
    allowed = parse_share(gate.max_test_drop or SILENT)
    is_much = loss.number * 100 > allowed * loss.before
    if gate.max_test_drop is not None and is_much:
        over = loss.number - int(allowed * loss.before / 100)
        return question.verdict(
            State.FAIL,
            value,
            said,
            rule=DROP_RULE,
            remedy=f"run {over} more of them, or remove them from files of tests in this change",
            number=number,
        )
    kept = question.verdict(State.PASS, value, "the base's tests still run", number=number, notes=(said,))
    if not is_much:
        return kept
    marks = tuple(
        Mark(NAME, workflow, None, Weight.WARNS, "Tests are gone", said, source=NAME, rule=DROP_RULE)
        for workflow in loss.workflows
    )
    return replace(kept, marks=marks)
