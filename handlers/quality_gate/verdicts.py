"""The state of each gate, on exact fractions; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil

from app.domain.coverage import CoverageTotals
from handlers.quality_gate.models import (
    GateEvidence,
    PolicyFacts,
    ProducerReading,
    RunReading,
    parse_threshold,
)

PERCENT = 100


class State(StrEnum):
    """The states of a gate, in the order in which they decide the whole: the first one found wins."""

    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    MISSING = "missing"
    WAITING = "waiting"
    PASS = "pass"  # noqa: S105 (a state, not a password)


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """One gate: `value` and `threshold` as shown to people; `required` False for an informational one."""

    gate: str
    state: State
    value: str
    threshold: str
    reason: str
    required: bool = True


def judge(evidence: GateEvidence) -> tuple[GateVerdict, ...]:
    """Every gate that the policy names, in the order tests, coverage."""
    policy = evidence.policy
    gates = []
    if policy.min_tests is not None:
        reading = _reading(evidence, policy.tests_from)
        gates.append(_worst(evidence, "tests", reading, policy))
    if policy.total is not None:
        reading = _reading(evidence, policy.coverage_from)
        gates.append(_worst(evidence, "coverage", reading, policy))
    return tuple(gates)


def is_overdue(evidence: GateEvidence) -> bool:
    """Whether reports had their time."""
    return evidence.now >= evidence.last_activity_at + timedelta(seconds=evidence.policy.deadline_s)


def percent(covered: int, valid: int) -> str:
    """A share with two decimals, cut and not rounded, so that it never looks better than it is: 84.996 is `84.99 %`."""
    if valid <= 0:
        return "nothing measured"
    hundredths = covered * 10_000 // valid
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def _reading(evidence: GateEvidence, name: str | None) -> ProducerReading:
    return next((reading for reading in evidence.producers if reading.name == name), ProducerReading(name))


def _worst(evidence: GateEvidence, gate: str, reading: ProducerReading, policy: PolicyFacts) -> GateVerdict:
    """The worst of what the runs say, each judged alone: two runs of one commit must not mend each other's holes."""
    judged = _tests if gate == "tests" else _coverage
    found = [
        verdict
        for run in reading.runs
        if run.reports is not None and _concerns(gate, run, reading)
        for verdict in judged(run, policy)
    ]
    if reading.problem:
        found.append(
            GateVerdict(gate, State.INCONCLUSIVE, "not all read", _bar(gate, policy), reading.problem)
        )
    pending = any(not run.is_complete for run in reading.runs)
    if not is_overdue(evidence) and (pending or not reading.runs):
        what = "its runs have not ended" if reading.runs else "its runs have not begun"
        found.append(_without_evidence(gate, State.WAITING, policy, what))
    elif pending:
        found.append(_without_evidence(gate, State.MISSING, policy, "a run has not ended in time"))
    if not found:
        found.append(_without_evidence(gate, State.MISSING, policy, _why_missing(reading)))
    order = list(State)
    worst = min(found, key=lambda verdict: order.index(verdict.state))
    return replace(worst, required=gate not in policy.informational)


def _concerns(gate: str, run: RunReading, reading: ProducerReading) -> bool:
    """Of a declared producer every run counts; otherwise the runs that report on this gate, or cannot be read."""
    if reading.name is not None or run.reports is None:
        return True
    has = run.reports.tests is not None if gate == "tests" else bool(run.reports.coverage)
    return has or bool(run.reports.problems)


def _why_missing(reading: ProducerReading) -> str:
    if not reading.runs:
        return "its workflow did not run on this commit in time"
    return "no run of this commit has a report of a known format"


def _without_evidence(gate: str, state: State, policy: PolicyFacts, reason: str) -> GateVerdict:
    return GateVerdict(gate, state, "no report", _bar(gate, policy), reason)


def _bar(gate: str, policy: PolicyFacts) -> str:
    if gate == "coverage":
        return f"{policy.total} of {'lines' if policy.metric == 'line' else 'branches'}"
    least = policy.min_tests or 0
    return "no test fails" + (f", at least {least} run" if least else "")


def _tests(run: RunReading, policy: PolicyFacts) -> tuple[GateVerdict, ...]:
    state, value, reason = _tests_state(run, policy)
    return (GateVerdict("tests", state, value, _bar("tests", policy), reason),)


def _tests_state(run: RunReading, policy: PolicyFacts) -> tuple[State, str, str]:
    reports = run.reports
    if reports is None or (reports.tests is None and not reports.problems):
        return State.MISSING, "no report", f"run {run.run_id} has no report of tests"
    totals = reports.tests
    value = "unreadable"
    if totals is not None:
        ran = totals.tests - totals.skipped
        value = f"{totals.passed} of {ran} passed"
        if totals.skipped:
            value += f", {totals.skipped} skipped"
        if bad := totals.failed + totals.errors:
            reason = f"{bad} {'test does' if bad == 1 else 'tests do'} not pass"
            return State.FAIL, value, reason
    if reports.problems:
        return State.INCONCLUSIVE, value, reports.problems[0]
    if totals is not None and totals.tests - totals.skipped < (policy.min_tests or 0):
        return State.FAIL, value, "fewer tests ran than the policy asks for"
    if run.conclusion != "success":
        # A job that died leaves no report: a good report beside it does not speak for it.
        reason = f"no report shows a failure, but run {run.run_id} ended with {run.conclusion or 'nothing'}"
        return State.INCONCLUSIVE, value, reason
    return State.PASS, value, "no test failed"


def _coverage(run: RunReading, policy: PolicyFacts) -> tuple[GateVerdict, ...]:
    bar = _bar("coverage", policy)
    reports = run.reports
    if reports is None or (not reports.coverage and not reports.problems):
        reason = f"run {run.run_id} has no report of coverage"
        return (GateVerdict("coverage", State.MISSING, "no report", bar, reason),)
    found = tuple(_share(name, totals, policy) for name, totals in reports.coverage)
    if reports.problems:
        return (*found, GateVerdict("coverage", State.INCONCLUSIVE, "unreadable", bar, reports.problems[0]))
    return found


def _share(report_format: str, totals: CoverageTotals, policy: PolicyFacts) -> GateVerdict:
    bar = _bar("coverage", policy)
    is_line = policy.metric == "line"
    covered = totals.lines_covered if is_line else totals.branches_covered
    valid = totals.lines_valid if is_line else totals.branches_valid
    one, many = ("line", "lines") if is_line else ("branch", "branches")
    if valid == 0:
        reason = f"the {report_format} report measures no {one}: that is no evidence"
        return GateVerdict("coverage", State.INCONCLUSIVE, "nothing measured", bar, reason)
    value = f"{percent(covered, valid)} ({covered} of {valid} {many})"
    least = parse_threshold(policy.total or ">= 100%")
    if PERCENT * covered >= least * valid:
        return GateVerdict("coverage", State.PASS, value, bar, f"enough {many} are covered")
    lacking = ceil(Fraction(least * valid, PERCENT)) - covered
    reason = f"{lacking} more covered {one if lacking == 1 else many} needed"
    return GateVerdict("coverage", State.FAIL, value, bar, reason)
