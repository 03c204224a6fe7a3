"""The quality gate: reads the reports that a commit's runs left, and says one verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.domain.decision import Decision, Reason
from app.domain.effects import Effect
from app.domain.events import (
    ButtonClicked,
    CheckRerequested,
    CheckRunCompleted,
    CheckSuiteCompleted,
    CommentCreated,
    Event,
    MergeGroupRequested,
    PullRequestChanged,
    WokenUp,
    WorkflowRunCompleted,
    WorkflowRunRestarted,
)
from app.domain.ids import AppKey, CommitSha, app_id_of
from app.domain.repo import Subject, SubjectKind, Target
from app.ports.handler import Lane, Reading
from app.ports.policies import Policy
from handlers.quality_gate import policy
from handlers.quality_gate.activity import last_activity, told_after
from handlers.quality_gate.evidence import GateEvidence, PolicyFacts
from handlers.quality_gate.gathering.commit import gathered, with_first_policy
from handlers.quality_gate.gathering.queueing import groups_of
from handlers.quality_gate.people.asked import conversation_of
from handlers.quality_gate.proposals import covered_after
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.state import GateState

NAME = "quality_gate"
PULL_ACTIONS = frozenset({"opened", "reopened", "synchronize", "edited"})
Read = Reading[GateState]


class QualityGateCapability:
    """One check run that says whether a commit's reports satisfy the repository's policy."""

    name = NAME
    lane = Lane.GATE
    time_limit = timedelta(minutes=10)
    evidence_type = GateEvidence
    state_type = GateState

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        """The commit that an event is about, or of a timer of ours."""
        if isinstance(event, WokenUp):
            return (Target(event.subject, event.repository),) if event.capability == NAME else ()
        if isinstance(event, CommentCreated):
            pull = Subject(app_key, event.repository.id, SubjectKind.PULL, str(event.number))
            return (Target(pull, event.repository),)
        sha = _commit(app_key, event)
        if sha is None:
            return ()
        subject = Subject(app_key, event.repository.id, SubjectKind.SHA, sha)
        return (Target(subject, event.repository),)

    async def gather(self, reading: Read) -> GateEvidence:
        """The policy of the default branch, what the commit changes, and the reports of its runs, as they are now."""
        loaded = await reading.policies.load(NAME, QualityGate)
        state = reading.state
        evidence = GateEvidence(
            repository=reading.repository,
            subject=reading.subject,
            head_sha=reading.subject.sha,
            now=reading.now,
            last_activity_at=last_activity(reading.events, state, loaded.section, reading.now),
            policy=facts_of(loaded),
            asked=any(isinstance(event, CheckRerequested) for event in reading.events),
            shown=state is not None,
            proposals=covered_after(reading.events, state.proposals if state else ()),
            told=told_after(reading.events, state.told if state else ()),
            merge_groups=groups_of(reading.events, state.merge_groups if state else ()),
            acceptances=state.acceptances if state else (),
            notes=loaded.notes,
        )
        if reading.subject.kind is SubjectKind.PULL:
            return replace(evidence, conversation=await conversation_of(reading))
        if not loaded.configured:
            evidence = replace(evidence, announce=await _is_first_word(reading))
            speaks = evidence.shown or _is_about_a_pull_request(reading)
            return await with_first_policy(reading, evidence) if speaks else evidence
        if loaded.section is None:
            return await with_first_policy(reading, evidence) if loaded.errors else evidence
        return await gathered(reading, evidence)

    def decide(self, evidence: GateEvidence) -> Decision[GateState]:
        """See `policy.decide`."""
        return policy.decide(evidence)

    def reopening(self, target: Target, state: GateState, events: tuple[Event, ...]) -> tuple[Effect, ...]:
        """See `policy.reopening`; a pull request's own subject has no check run."""
        return policy.reopening(target, state, events) if _has_check(target) else ()

    def retrying(
        self,
        target: Target,
        state: GateState,  # noqa: ARG002 (the port's shape)
        reason: Reason,
        at: datetime,
    ) -> tuple[Effect, ...]:
        """See `policy.retrying`."""
        return policy.retrying(target, reason, at) if _has_check(target) else ()

    def give_up(self, target: Target, state: GateState, reason: Reason) -> tuple[Effect, ...]:  # noqa: ARG002 (the port's shape)
        """See `policy.give_up`."""
        return policy.give_up(target, reason) if _has_check(target) else ()


def _has_check(target: Target) -> bool:
    return target.subject.kind is SubjectKind.SHA


def _commit(app_key: AppKey, event: Event) -> CommitSha | None:
    own_app_id = app_id_of(app_key)
    match event:
        case CheckRunCompleted() | CheckSuiteCompleted():
            # Our own check's completion says nothing new.
            return None if event.app_id == own_app_id else event.head_sha
        case WorkflowRunCompleted() | WorkflowRunRestarted() | MergeGroupRequested():
            return event.head_sha
        case PullRequestChanged():
            return event.head_sha if event.action in PULL_ACTIONS else None
        case CheckRerequested():
            is_ours = event.app_id == own_app_id and event.check_name in {None, policy.CHECK_NAME}
            return event.head_sha if is_ours else None
        case ButtonClicked():
            is_ours = event.app_id == own_app_id and event.check_name == policy.CHECK_NAME
            return event.head_sha if is_ours else None
        case _:
            return None


async def _is_first_word(reading: Read) -> bool:
    """Whether this is about a pull request, and none of the repository was told."""
    return _is_about_a_pull_request(reading) and not await reading.records.was_said(policy.NOT_CONFIGURED)


def _is_about_a_pull_request(reading: Read) -> bool:
    return any(isinstance(event, PullRequestChanged) for event in reading.events)


def facts_of(loaded: Policy[QualityGate]) -> PolicyFacts:
    """A policy as the decision needs it."""
    return PolicyFacts(
        configured=loaded.configured,
        section=loaded.section,
        source=loaded.source,
        errors=loaded.errors,
        broken=loaded.broken,
        lines=loaded.lines,
        owner=loaded.owner,
        shared=loaded.shared,
    )
