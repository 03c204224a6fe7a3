"""Release verification: reads a release again, downloads every asset, and has every signature judged."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.decision import Decision, Reason
from app.domain.effects import Effect
from app.domain.events import ButtonClicked, CheckRerequested, Event, ReleaseChanged, TagMoved, WokenUp
from app.domain.ids import AppKey, app_id_of
from app.domain.repo import Subject, SubjectKind, Target
from app.ports.handler import Lane
from handlers.release_verification import policy
from handlers.release_verification.gathering import NAME, Read, gathered, releases_of
from handlers.release_verification.models import ReleaseEvidence, ReleaseState

ACTIONS = frozenset({"published", "released", "prereleased", "edited", "created", "unpublished", "deleted"})


class ReleaseVerificationCapability:
    """Every asset of a release is signed by whom the policy names, or is named in a red check."""

    name = NAME
    lane = Lane.GATE
    time_limit = timedelta(minutes=30)
    evidence_type = ReleaseEvidence
    state_type = ReleaseState

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        """The release of a `release` event, or of a timer of ours; the commit of a button, or that a tag left."""
        if isinstance(event, ReleaseChanged) and event.action in ACTIONS:
            subject = Subject(app_key, event.repository.id, SubjectKind.RELEASE, str(event.release_id))
            return (Target(subject, event.repository),)
        if isinstance(event, WokenUp) and event.capability == NAME:
            return (Target(event.subject, event.repository),)
        if isinstance(event, CheckRerequested | ButtonClicked) and is_ours(app_key, event):
            subject = Subject(app_key, event.repository.id, SubjectKind.SHA, event.head_sha)
            return (Target(subject, event.repository),)
        if isinstance(event, TagMoved):
            subject = Subject(app_key, event.repository.id, SubjectKind.SHA, event.before)
            return (Target(subject, event.repository),)
        return ()

    async def gather(self, reading: Read) -> ReleaseEvidence:
        """The release as it is now, never as an event described it; of a commit only which releases it concerns."""
        if reading.subject.kind is SubjectKind.SHA:
            return await releases_of(reading)
        return await gathered(reading)

    def decide(self, evidence: ReleaseEvidence) -> Decision[ReleaseState]:
        """See `policy.decide`."""
        return policy.decide(evidence)

    def reopening(
        self,
        target: Target,  # noqa: ARG002 (the port's shape)
        state: ReleaseState,  # noqa: ARG002 (likewise)
        events: tuple[Event, ...],  # noqa: ARG002 (likewise)
    ) -> tuple[Effect, ...]:
        """Nothing: a release is not proposed."""
        return ()

    def retrying(
        self, target: Target, state: ReleaseState | None, reason: Reason, at: datetime
    ) -> tuple[Effect, ...]:
        """See `policy.retrying`."""
        return policy.retrying(target, state, reason, at)

    def give_up(self, target: Target, state: ReleaseState | None, reason: Reason) -> tuple[Effect, ...]:
        """See `policy.give_up`."""
        return policy.give_up(target, state, reason)


def is_ours(app_key: AppKey, event: CheckRerequested | ButtonClicked) -> bool:
    """Whether it is a check run of a release, or the whole suite of this App."""
    name = event.check_name
    is_known = name is None or name.startswith(policy.CHECK_PREFIX)
    return is_known and event.app_id == app_id_of(app_key)
