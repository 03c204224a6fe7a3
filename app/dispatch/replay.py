"""Rehearse: a stored delivery is parsed, routed and decided again from the evidence that was kept. Pure; nothing is written.

GitHub is not asked: the artifacts may be gone, and the question is what this version makes of what was seen then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from app.dispatch.payloads import parse
from app.dispatch.plan import adapter_of
from app.dispatch.router import route
from app.domain.decision import Reason
from app.domain.delivery import Delivery, DeliveryState
from app.domain.effects import Effect
from app.domain.events import Ignored
from app.domain.modes import Modes
from app.errors import InvalidInput
from app.ports.handler import AnyCapability
from app.ports.replay import StoredEvaluation


@dataclass(frozen=True, slots=True)
class RehearsedHandler:
    """What one capability would make of the delivery; where nothing can be decided `verdict` is None, and `problem` says why."""

    handler: str
    subject: str
    verdict: str | None
    verdict_then: str | None
    reasons: tuple[Reason, ...] = ()
    effects: tuple[Effect, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Where a stored delivery would lead: `state` is done, ignored or quarantined, or running where evidence cannot be had."""

    delivery: Delivery
    action: str | None
    repository: str | None
    state: DeliveryState
    handlers: tuple[RehearsedHandler, ...] = ()
    error: str | None = None


def rehearse(
    delivery: Delivery, stored: Sequence[StoredEvaluation], capabilities: Mapping[str, AnyCapability]
) -> Rehearsal:
    """The delivery's whole way once more, up to the effects."""
    try:
        parsed = parse(delivery)
    except InvalidInput as exc:
        return Rehearsal(delivery, None, None, DeliveryState.QUARANTINED, error=str(exc))
    if isinstance(parsed.event, Ignored):
        ignored = DeliveryState.IGNORED
        return Rehearsal(delivery, parsed.action, parsed.repository, ignored, error=parsed.event.reason)
    kept = {(one.capability, one.subject_key): one for one in stored}
    everybody = Modes()  # nothing is written that a mode would hold back
    routing = route(delivery.app_key, parsed.event, capabilities, everybody)
    handlers = tuple(
        decide_again(
            capabilities[pair.capability],
            pair.target.subject.key,
            kept.get((pair.capability, pair.target.subject.key)),
        )
        for pair in routing.pairs
    )
    if routing.problem is not None:
        quarantined = DeliveryState.QUARANTINED
        return Rehearsal(
            delivery, parsed.action, parsed.repository, quarantined, handlers, error=routing.problem
        )
    if not handlers:
        reason = f"no capability concerns itself with this {delivery.event}"
        return Rehearsal(delivery, parsed.action, parsed.repository, DeliveryState.IGNORED, error=reason)
    problems = [f"{one.handler}: {one.problem}" for one in handlers if one.problem is not None]
    return Rehearsal(
        delivery,
        parsed.action,
        parsed.repository,
        DeliveryState.RUNNING if problems else DeliveryState.DONE,
        handlers,
        f"{'; '.join(problems)}; only a real replay can tell" if problems else None,
    )


def decide_again(
    capability: AnyCapability, subject: str, stored: StoredEvaluation | None
) -> RehearsedHandler:
    """The decision of this version on the evidence of then."""
    if stored is None or stored.evidence_json is None:
        then = stored.verdict if stored else None
        return RehearsedHandler(capability.name, subject, None, then, problem="no evidence was kept")
    try:
        evidence = adapter_of(capability.evidence_type).validate_json(stored.evidence_json)
    except ValidationError as exc:
        return RehearsedHandler(capability.name, subject, None, stored.verdict, problem=misfit(exc))
    decision = capability.decide(evidence)
    return RehearsedHandler(
        capability.name,
        subject,
        decision.verdict.value,
        stored.verdict,
        decision.reasons,
        decision.effects,
    )


def misfit(error: ValidationError) -> str:
    """Where stored evidence is not as this version writes it; evidence holds what strangers wrote, so none of it is shown."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "as a whole"
    return f"its evidence is of another version and cannot be read by this one ({place}: {first['msg']})"
