"""The gate `checks`: other Apps' checks succeeded, each known by who makes it. Pure.

Of GitHub Actions a check is known by the workflow file of the run whose suite it is in: each event's newest run must have it, and
its workflow must be trusted as far as the gate asks. Another App's checks are its own word: nobody else can make one in its name.
"""

from __future__ import annotations

from app.domain.ci import CheckRun
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.runs import Suite
from handlers.quality_gate.gates.asking import Question, is_overdue, missing, spared_by
from handlers.quality_gate.gates.judged import GateVerdict, State, worst
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import ChecksGate, OtherCheck
from handlers.quality_gate.section.values import TrustLevel

NAME = "checks"
PROVES_NOTHING = frozenset({"neutral", "skipped", "stale", "cancelled", None})
"""GitHub lets some of these pass a required check; no evidence is never a pass."""


def judge(evidence: GateEvidence, section: QualityGate, gate: ChecksGate) -> tuple[GateVerdict, ...]:
    """One verdict for each check that is asked for, of a workflow one for each of its newest runs."""
    bar = ", ".join(each.name for each in gate.require)
    question = Question(evidence, section, NAME, gate, bar, (), lambda _reports: False)
    spared = spared_by(question)
    if spared is not None:
        return (question.verdict(State.NOT_APPLICABLE, "not needed", spared, rule=f"paths.{spared}"),)
    if evidence.offline:
        reason = "not judged offline: only GitHub knows the checks of others"
        return (question.verdict(State.INCONCLUSIVE, "not known", reason),)
    return tuple(verdict for wanted in gate.require for verdict in _each(question, wanted))


def _each(question: Question, wanted: OtherCheck) -> list[GateVerdict]:
    checks = [each for each in question.evidence.checks if _is(each, wanted, question.evidence)]
    if wanted.workflow is None:
        return [_of_name(question, wanted, checks, None)]
    suites = [each for each in question.evidence.suites if each.path == wanted.workflow]
    if not suites:
        return [_absent(question, f"{wanted.workflow} has not run on this commit")]
    return [
        _of_name(question, wanted, [each for each in checks if each.check_suite_id == suite.id], suite)
        for suite in suites
    ]


def _of_name(
    question: Question, wanted: OtherCheck, checks: list[CheckRun], suite: Suite | None
) -> GateVerdict:
    """The worst of the checks of one name; of each suite there is only the newest, which takes the place of older attempts'."""
    if not checks:
        maker = f"App {wanted.app}" if suite is None else f"run {suite.run_id} of {suite.path}"
        return _absent(question, f"{maker} has made no check {wanted.name} on this commit")
    newest_first = sorted(checks, key=lambda each: each.id, reverse=True)
    return worst(_of_check(question, wanted, each, suite) for each in newest_first)


def _of_check(question: Question, wanted: OtherCheck, check: CheckRun, suite: Suite | None) -> GateVerdict:
    run_ids = () if suite is None else (suite.run_id,)
    if check.status != "completed":
        return _late(question, check.status, f"{wanted.name} has not ended", run_ids)
    if suite is not None and _is_of_before(check, suite):
        reason = f"attempt {suite.attempt} of run {suite.run_id} has not ended, and {wanted.name} is of an attempt before"
        return _late(question, "in_progress", reason, run_ids)
    if check.conclusion in PROVES_NOTHING:
        ended = check.conclusion or "nothing"
        reason = f"{wanted.name} ended with {ended}, which proves nothing"
        return question.verdict(State.INCONCLUSIVE, ended, reason, run_ids=run_ids)
    if check.conclusion != "success":
        return question.verdict(
            State.FAIL,
            check.conclusion or "",
            f"{wanted.name} ended with {check.conclusion}",
            remedy=f"make {wanted.name} succeed",
            run_ids=run_ids,
        )
    return _of_success(question, wanted, check, suite)


def _is_of_before(check: CheckRun, suite: Suite) -> bool:
    """Whether an attempt is under way that may make the check anew: none of its jobs, carried over or not, has ended so."""
    return suite.ended_jobs is not None and (check.name, check.conclusion) not in suite.ended_jobs


def _of_success(question: Question, wanted: OtherCheck, check: CheckRun, suite: Suite | None) -> GateVerdict:
    """Whether a check that succeeded is believed."""
    run_ids = () if suite is None else (suite.run_id,)
    if suite is not None and suite.trust.level < question.least and not suite.accepted:
        reason = f"its workflow has trust T{suite.trust.level:d}, the policy asks for {question.least.name}: {suite.trust.why}"
        return question.verdict(State.INCONCLUSIVE, "success", reason, run_ids=run_ids, only_trust=True)
    if suite is None and check.app_id in _actions(question.evidence):
        reason = f"App {wanted.app} is GitHub Actions on this server, where any workflow can make a check of any name"
        remedy = f"name the workflow of {wanted.name} in gates.checks.require"
        return question.verdict(State.INCONCLUSIVE, "success", reason, remedy=remedy)
    if suite is None and question.least > TrustLevel.T2:
        reason = f"the check of another App has trust T2, the policy asks for {question.least.name}"
        return question.verdict(State.INCONCLUSIVE, "success", reason)
    return question.verdict(State.PASS, "success", f"{wanted.name} succeeded", run_ids=run_ids)


def _actions(evidence: GateEvidence) -> frozenset[int | None]:
    """The App whose checks are in the suites of workflow runs: GitHub Actions, whatever its id is on this server."""
    return frozenset(each.app_id for each in evidence.checks if each.check_suite_id in evidence.of_workflows)


def _absent(question: Question, reason: str) -> GateVerdict:
    if not is_overdue(question.evidence):
        return question.verdict(State.WAITING, "not there", reason)
    return missing(question, reason)


def _late(question: Question, status: str, reason: str, run_ids: tuple[int, ...]) -> GateVerdict:
    state = State.MISSING if is_overdue(question.evidence) else State.WAITING
    return question.verdict(state, status, reason, run_ids=run_ids)


def _is(check: CheckRun, wanted: OtherCheck, evidence: GateEvidence) -> bool:
    return check.app_id == wanted.app and check.name == wanted.name and check.head_sha == evidence.head_sha
