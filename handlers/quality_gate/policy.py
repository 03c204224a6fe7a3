"""The judgement on a commit; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from app.domain.decision import Decision, Reason, Verdict
from app.domain.effects import CheckConclusion, CheckStatus, Effect, PublishCheckRun, WakeAt
from app.domain.events import Event
from app.domain.repo import Target
from handlers.quality_gate import text
from handlers.quality_gate.annotations import Beside, beside, mistakes
from handlers.quality_gate.evidence import GateEvidence, ProposedPolicy
from handlers.quality_gate.gates import carried, judge, waiving
from handlers.quality_gate.gates.asking import deadline
from handlers.quality_gate.gates.judged import GOOD, GateVerdict, State, awaited
from handlers.quality_gate.history.measuring import measure
from handlers.quality_gate.memory import kept
from handlers.quality_gate.overall import verdict_of
from handlers.quality_gate.people import buttons, commands, queued
from handlers.quality_gate.people.acceptance import settled
from handlers.quality_gate.people.fixing import fixed, withheld
from handlers.quality_gate.proposals import says_something_new
from handlers.quality_gate.state import GateState
from handlers.quality_gate.wording import first, for_others, simulated

CHECK_NAME = "hephaestus/quality-gate"
CAPABILITY = "quality_gate"
NOT_CONFIGURED = "quality_gate.not_configured"
"""What is said once in a repository's life."""
IN_QUEUE = timedelta(days=2)
"""GitHub gives a merge group six hours at most for its checks, and as many to wait for others: no timer outlives it for long."""
LOOK_AGAIN = timedelta(minutes=15)
"""Webhooks get lost: a waiting commit is looked at again before its deadline, too."""
CONCLUSIONS = {
    Verdict.PASS: CheckConclusion.SUCCESS,
    Verdict.WAIVED: CheckConclusion.SUCCESS,
    Verdict.NOT_APPLICABLE: CheckConclusion.SUCCESS,
    Verdict.FAIL: CheckConclusion.FAILURE,
    Verdict.MISSING: CheckConclusion.FAILURE,
    Verdict.INCONCLUSIVE: CheckConclusion.FAILURE,
    Verdict.ACTION_REQUIRED: CheckConclusion.ACTION_REQUIRED,
}
PASSING = frozenset({CheckConclusion.SUCCESS, CheckConclusion.NEUTRAL})
"""What satisfies a required check."""


def decide(evidence: GateEvidence) -> Decision[GateState]:
    """The worst required gate decides; no evidence is never a pass. What is asked for in a comment is answered."""
    if evidence.conversation is not None:
        return commands.answer(evidence, evidence.conversation)
    if not evidence.policy.configured:
        return _not_configured(
            evidence,
            text.not_configured(first.block(evidence)),
            f"the default branch has no {text.CONFIG_PATH}",
        )
    if evidence.policy.section is None:
        return _without_gates(evidence)
    evidence = settled(replace(evidence, notes=(*evidence.notes, *buttons.refusals(evidence))))
    evidence, fixes = fixed(replace(evidence, notes=(*evidence.notes, *withheld(evidence))))
    gates = judge(evidence)
    verdict = verdict_of(evidence, gates)
    reasons = tuple(Reason(f"{gate.gate}.{gate.state}", gate.reason) for gate in gates)
    marked = (
        Beside()
        if verdict is Verdict.WAITING
        else beside(
            gates, (*mistakes(evidence), *simulated.warnings(evidence), *for_others.warnings(evidence))
        )
    )
    blocks = (
        *waiving.block(evidence, gates),
        *simulated.block(evidence, gates),
        *for_others.block(evidence),
    )
    said = text.report(evidence, gates, verdict, marked, blocks)
    check = _check(evidence, said, _conclusion(gates, verdict), marked)
    if check.status is CheckStatus.COMPLETED:
        check = replace(check, buttons=buttons.buttons_of(evidence, gates))
    asked = buttons.requested(evidence, gates)
    effects: tuple[Effect, ...] = (
        check,
        *asked,
        *fixes,
        *queued.told(evidence),
        *_wake(evidence, gates, verdict),
        *_at_expiry(evidence, gates),
    )
    return Decision(
        verdict, (*reasons, *_mistakes(evidence)), effects, _measured(evidence, gates, verdict, check)
    )


def reopening(target: Target, state: GateState, events: tuple[Event, ...]) -> tuple[Effect, ...]:
    """The check run before a commit that passed is judged for something new: open, so that it does not arrive green."""
    if not state.passing or not says_something_new(events, state.proposals):
        return ()
    return (_without_verdict(target, text.reopening(), None),)


def retrying(target: Target, reason: Reason, at: datetime) -> tuple[Effect, ...]:
    """The check run while a failure of our own is tried again: open, so that an earlier verdict passes nothing."""
    return (_without_verdict(target, text.retrying(reason, at), None),)


def give_up(target: Target, reason: Reason) -> tuple[Effect, ...]:
    """The check run after a failure of our own: never green, never neutral."""
    return (_without_verdict(target, text.failed(reason), CheckConclusion.ACTION_REQUIRED),)


def _without_verdict(target: Target, said: text.Text, conclusion: CheckConclusion | None) -> PublishCheckRun:
    return PublishCheckRun(
        repository=target.repository,
        head_sha=target.subject.sha,
        name=CHECK_NAME,
        status=CheckStatus.IN_PROGRESS if conclusion is None else CheckStatus.COMPLETED,
        conclusion=conclusion,
        title=said.title,
        summary=said.summary,
    )


def _not_configured(evidence: GateEvidence, said: text.Text, why: str) -> Decision[GateState]:
    """Silent but for the repository's first pull request, those that add a policy, and what we spoke about before: void now."""
    reasons = (Reason("not_configured", why),)
    if not evidence.announce and not evidence.shown and evidence.proposed is None:
        return Decision(Verdict.NOT_CONFIGURED, reasons, ())
    check = _check(evidence, said, CheckConclusion.NEUTRAL, beside((), simulated.warnings(evidence)))
    if evidence.announce and evidence.proposed is None:
        check = replace(check, once=NOT_CONFIGURED)
    return Decision(Verdict.NOT_CONFIGURED, reasons, (check,), _state(evidence, check))


def _without_gates(evidence: GateEvidence) -> Decision[GateState]:
    if not evidence.policy.errors:
        return _not_configured(
            evidence, text.no_section(), "the repository's file has no section quality_gate"
        )
    marked = beside((), (*mistakes(evidence), *simulated.warnings(evidence)))
    said = text.invalid(evidence, first.block(evidence))
    check = _check(evidence, said, CheckConclusion.ACTION_REQUIRED, marked)
    return Decision(Verdict.ACTION_REQUIRED, _mistakes(evidence), (check,), _state(evidence, check))


def _state(evidence: GateEvidence, check: PublishCheckRun) -> GateState:
    return GateState(
        evidence.last_activity_at,
        passing=check.conclusion in PASSING,
        proposals=evidence.proposals,
        told=evidence.told,
        acceptances=evidence.acceptances,
        merge_groups=evidence.merge_groups,
        known=kept((*evidence.producers, *(evidence.proposed.producers if evidence.proposed else ()))),
        proposed=_remembered(evidence),
    )


def _remembered(evidence: GateEvidence) -> ProposedPolicy | None:
    """What a proposed policy says of other commits; its evidence is read again. Where none is in force it is not tried."""
    proposed = evidence.proposed
    if proposed is None or evidence.policy.section is None:
        return None
    return replace(proposed, producers=(), checks=(), suites=(), declared=None, changes=())


def _measured(
    evidence: GateEvidence, gates: tuple[GateVerdict, ...], verdict: Verdict, check: PublishCheckRun
) -> GateState:
    """The state with what descendants are held against: of a commit that is still waited for, nothing new."""
    state, section, before = _state(evidence, check), evidence.policy.section, evidence.recorded
    waits = verdict is Verdict.WAITING or bool(awaited(gates))
    found = None if section is None or waits else measure(evidence, section)
    if found is not None:
        return replace(state, measured=found.lasting, measured_at=evidence.last_activity_at, in_full=found)
    return replace(state, measured=before.measured, measured_at=before.at) if before else state


def _conclusion(gates: tuple[GateVerdict, ...], verdict: Verdict) -> CheckConclusion | None:
    if verdict is Verdict.WAITING:
        return None
    decided = GOOD | {State.WAITING}
    if CONCLUSIONS[verdict] is CheckConclusion.SUCCESS and any(gate.state not in decided for gate in gates):
        return CheckConclusion.NEUTRAL  # only informational gates are red
    red = [gate for gate in gates if gate.required and gate.state not in GOOD]
    if red and all(gate.only_trust for gate in red):
        return CheckConclusion.ACTION_REQUIRED  # a person must decide
    return CONCLUSIONS[verdict]


def _check(
    evidence: GateEvidence,
    said: text.Text,
    conclusion: CheckConclusion | None,
    marked: Beside,
) -> PublishCheckRun:
    return PublishCheckRun(
        repository=evidence.repository,
        head_sha=evidence.head_sha,
        name=CHECK_NAME,
        status=CheckStatus.IN_PROGRESS if conclusion is None else CheckStatus.COMPLETED,
        conclusion=conclusion,
        title=said.title,
        summary=said.summary,
        text=said.details,
        annotations=() if conclusion is None else marked.annotations,
        asked=evidence.asked,
    )


def _mistakes(evidence: GateEvidence) -> tuple[Reason, ...]:
    return tuple(Reason("CONFIG", f"line {error.line}: {error.message}") for error in evidence.policy.errors)


def _wake(evidence: GateEvidence, gates: tuple[GateVerdict, ...], verdict: Verdict) -> tuple[WakeAt, ...]:
    """Also where the check is completed already: what is waited for must be noticed without a webhook, too."""
    waits = any(gate.state is State.WAITING for gate in gates)
    if verdict is not Verdict.WAITING and not waits:
        return ()
    at = min(evidence.now + LOOK_AGAIN, deadline(evidence))
    return (WakeAt(evidence.repository, CAPABILITY, evidence.subject, at, "reports"),)


def _at_expiry(evidence: GateEvidence, gates: tuple[GateVerdict, ...]) -> tuple[WakeAt, ...]:
    """What ends turns the check red while it is proposed or queued, also a completed one: waivers, trials, carried coverage."""
    ends = (waiving.ends_at(waiving.used(evidence, gates)), _trial_ends_at(gates), carried.ends_at(evidence))
    at = min((end for end in ends if end is not None), default=None)
    is_open = any(change.number is not None for change in evidence.changes)
    is_queued = bool(evidence.merge_groups) and at is not None and at <= evidence.now + IN_QUEUE
    if at is None or not (is_open or is_queued):
        return ()
    return (WakeAt(evidence.repository, CAPABILITY, evidence.subject, at, "what holds for some time ends"),)


def _trial_ends_at(gates: tuple[GateVerdict, ...]) -> datetime | None:
    """The first moment at which a gate that is red now, and only informs, begins to count."""
    days = [gate.counts_from for gate in gates if gate.counts_from and gate.state not in GOOD]
    return datetime.combine(min(days), time(), UTC) if days else None
