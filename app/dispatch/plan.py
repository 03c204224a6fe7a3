"""Plan: a decision becomes bytes that can be stored and read back without loss."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from app.domain.decision import SPARES_WORK, Decision, Reason, Verdict
from app.domain.effects import CheckConclusion, CheckStatus, Effect, PublishCheckRun
from app.domain.events import Event
from app.ports.handler import AnyCapability
from app.ports.ledger import EvaluationJob, Ledger, Plan

ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def adapter_of(kind: type[Any]) -> TypeAdapter[Any]:
    """How a capability's evidence or state is written; made once, since making it takes longer than an evaluation."""
    if kind not in ADAPTERS:
        ADAPTERS[kind] = TypeAdapter(kind)
    return ADAPTERS[kind]


def read_state(capability: AnyCapability, state_json: bytes | None) -> Any:  # noqa: ANN401 (the capability's own type)
    """The state a former decision left."""
    return None if state_json is None else adapter_of(capability.state_type).validate_json(state_json)


def lasting(capability: AnyCapability, state: Any) -> bytes | None:  # noqa: ANN401 (the capability's own type)
    """The state without what only saves work; None where that is all of it."""
    spared = {each.name for each in fields(capability.state_type) if each.metadata == SPARES_WORK}
    if not any(getattr(state, name) for name in spared):
        return None
    content: bytes = adapter_of(capability.state_type).dump_json(state, exclude=spared)
    return content


def make(
    capability: AnyCapability,
    evidence: Any,  # noqa: ANN401 (the capability's own type)
    decision: Decision[Any],
    failures: tuple[PublishCheckRun, ...] = (),
) -> Plan:
    """Everything that is committed in one transaction; of the `failures` told before, those that the decision passes over end."""
    state = decision.next_state
    said = {effect.key for effect in decision.effects}
    return Plan(
        verdict=decision.verdict,
        reasons=decision.reasons,
        evidence_json=adapter_of(capability.evidence_type).dump_json(evidence),
        state_json=None if state is None else adapter_of(capability.state_type).dump_json(state),
        effects=(*decision.effects, *(ended(each) for each in failures if each.key not in said)),
        lasting_json=None if state is None else lasting(capability, state),
        receipts=decision.receipts,
    )


def ended(failure: PublishCheckRun) -> PublishCheckRun:
    """The check run that told of a failure of ours, where now there is nothing to judge: it must not stay open for ever."""
    return replace(
        failure,
        status=CheckStatus.COMPLETED,
        conclusion=CheckConclusion.NEUTRAL,
        title="Nothing to judge",
        summary="Hephaestus could not look at this at first. Now it has, and found that nothing is to be judged here.",
    )


def without_decision(
    capability: AnyCapability, job: EvaluationJob, state_json: bytes | None, reason: Reason
) -> Plan:
    """What is said when trying has ended in a failure of our own; the state stays as it was."""
    state = read_state(capability, state_json)
    effects = capability.give_up(job.target, state, reason)
    kept = None if state is None else lasting(capability, state)
    return Plan(Verdict.ERROR, (reason,), None, state_json, effects, kept)


def switched_off(capability: AnyCapability, state_json: bytes | None, reason: Reason) -> Plan:
    """What was queued before the operator switched the capability off: nothing is judged or said, and the state stays."""
    state = read_state(capability, state_json)
    kept = None if state is None else lasting(capability, state)
    return Plan(Verdict.NOT_APPLICABLE, (reason,), None, state_json, (), kept)


def while_retrying(
    capability: AnyCapability, job: EvaluationJob, state_json: bytes | None, reason: Reason, at: datetime
) -> tuple[Effect, ...]:
    """What is said while a failure of our own is tried again; nothing is decided, and the state stays as it is."""
    return capability.retrying(job.target, read_state(capability, state_json), reason, at)


def before_gathering(
    capability: AnyCapability, job: EvaluationJob, state_json: bytes, events: tuple[Event, ...]
) -> tuple[Effect, ...]:
    """What is said at once, where an old verdict must not speak of something new; the state stays as it is."""
    return capability.reopening(job.target, read_state(capability, state_json), events)


async def commit(ledger: Ledger, job: EvaluationJob, plan: Plan) -> None:
    """Stores the plan; a plan that is there already stays."""
    await ledger.commit_plan(job, plan)
