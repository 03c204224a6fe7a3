"""When something last happened on a commit that reports may follow: from then on their time counts. Pure.

What anybody may repeat must not push the deadline away: the same webhook under a new id, or a replay, tells nothing new. The
check run names the deadline, to a quarter of an hour: where a repetition moved it past one, it cost a write.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.domain.events import (
    ButtonClicked,
    CheckRunCompleted,
    CheckSuiteCompleted,
    Event,
    MergeGroupRequested,
    PullRequestChanged,
    WokenUp,
    WorkflowRunCompleted,
    WorkflowRunRestarted,
)
from handlers.quality_gate.gathering.queueing import is_new
from handlers.quality_gate.proposals import says_something_new
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.state import GateState

REMEMBERED = 200
"""Ends and restarts of runs and checks on one commit. One that is forgotten moves the deadline when it is told again."""


def last_activity(
    events: Iterable[Event], state: GateState | None, section: QualityGate | None, now: datetime
) -> datetime:
    """When something last happened: now, where the events tell of it."""
    if state is None or any(_is_activity(each, state, section) for each in events):
        return now
    return state.last_activity_at


def told_after(events: Iterable[Event], told: tuple[str, ...]) -> tuple[str, ...]:
    """What was told of runs and checks, the newest last."""
    new = {key: None for key in map(_key, events) if key is not None}
    return (*(key for key in told if key not in new), *new)[-REMEMBERED:]


def _is_activity(event: Event, state: GateState, section: QualityGate | None) -> bool:
    """Timers, sweeps and clicks are none; of checks one that a gate names. In a merge queue only requests are."""
    if state.merge_groups:
        return isinstance(event, MergeGroupRequested) and is_new(event, state.merge_groups)
    match event:
        case WokenUp() | ButtonClicked() | CheckSuiteCompleted():
            return False
        case PullRequestChanged():
            return says_something_new((event,), state.proposals)
        case CheckRunCompleted():
            gate = section.gates.checks if section else None
            named = {(each.app, each.name) for each in gate.require} if gate else set()
            return (event.app_id, event.name) in named and _key(event) not in state.told
        case WorkflowRunCompleted() | WorkflowRunRestarted():
            return _key(event) not in state.told
        case _:
            return True


def _key(event: Event) -> str | None:
    """What identifies the end or restart of a run or check; None for other events."""
    match event:
        case WorkflowRunCompleted():
            return f"run {event.run_id}.{event.attempt}"
        case WorkflowRunRestarted():
            return f"run {event.run_id}.{event.attempt} begins"
        case CheckRunCompleted():
            return f"check {event.check_run_id} {event.conclusion}"
        case _:
            return None
