"""Plan: a decision becomes bytes that can be stored and read back without loss."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from app.domain.decision import SPARES_WORK, Decision, Reason, Verdict
from app.domain.effects import Effect
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


def make(capability: AnyCapability, evidence: Any, decision: Decision[Any]) -> Plan:  # noqa: ANN401 (the capability's own type)
    """Everything that is committed in one transaction."""
    state = decision.next_state
    return Plan(
        verdict=decision.verdict,
        reasons=decision.reasons,
        evidence_json=adapter_of(capability.evidence_type).dump_json(evidence),
        state_json=None if state is None else adapter_of(capability.state_type).dump_json(state),
        effects=decision.effects,
        lasting_json=None if state is None else lasting(capability, state),
    )


def without_decision(
    capability: AnyCapability, job: EvaluationJob, state_json: bytes, reason: Reason
) -> Plan:
    """What is said when trying has ended in a failure of our own; the state stays as it was."""
    state = read_state(capability, state_json)
    effects = capability.give_up(job.target, state, reason)
    return Plan(Verdict.ERROR, (reason,), None, state_json, effects, lasting(capability, state))


def while_retrying(
    capability: AnyCapability, job: EvaluationJob, state_json: bytes, reason: Reason, at: datetime
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
