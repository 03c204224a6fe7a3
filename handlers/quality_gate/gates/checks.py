"""The gate `checks`: other Apps' checks succeeded, each known by who makes it. Pure."""

from __future__ import annotations

from app.domain.ci import CheckRun
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.asking import Question, is_overdue, spared_by
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import ChecksGate, OtherCheck

NAME = "checks"


def judge(evidence: GateEvidence, section: QualityGate, gate: ChecksGate) -> tuple[GateVerdict, ...]:
    """One verdict for each check that is asked for."""
    bar = ", ".join(each.name for each in gate.require)
    question = Question(evidence, section, NAME, gate, bar, (), lambda _reports: False)
    spared = spared_by(question)
    if spared is not None:
        return (question.verdict(State.NOT_APPLICABLE, "not needed", spared, rule=f"paths.{spared}"),)
    return tuple(_one(question, wanted) for wanted in gate.require)


def _one(question: Question, wanted: OtherCheck) -> GateVerdict:
    found = [each for each in question.evidence.checks if _is(each, wanted, question.evidence)]
    if not found:
        state = State.MISSING if is_overdue(question.evidence) else State.WAITING
        return question.verdict(
            state, "not there", f"App {wanted.app} has made no check {wanted.name} on this commit"
        )
    check = found[0]
    if check.status != "completed":
        state = State.MISSING if is_overdue(question.evidence) else State.WAITING
        return question.verdict(state, check.status, f"{wanted.name} has not ended")
    if check.conclusion == "success":
        return question.verdict(State.PASS, "success", f"{wanted.name} succeeded")
    if check.conclusion in {"neutral", "skipped", None}:
        # GitHub lets these pass a required check; no evidence is never a pass.
        reason = f"{wanted.name} ended with {check.conclusion or 'nothing'}, which proves nothing"
        return question.verdict(State.INCONCLUSIVE, check.conclusion or "nothing", reason)
    remedy = f"make {wanted.name} succeed"
    return question.verdict(
        State.FAIL, check.conclusion, f"{wanted.name} ended with {check.conclusion}", remedy=remedy
    )


def _is(check: CheckRun, wanted: OtherCheck, evidence: GateEvidence) -> bool:
    return (
        check.app_id == wanted.app
        and check.name == wanted.name
        and check.head_sha == evidence.head_sha
        and (wanted.workflow is None or check.check_suite_id in suites_of(evidence, wanted.workflow))
    )


def suites_of(evidence: GateEvidence, workflow: str) -> frozenset[int]:
    """The check suites of a workflow's runs on the commit."""
    return frozenset(suite for path, suite in evidence.suites if path == workflow)
