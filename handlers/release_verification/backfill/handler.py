"""The capability behind `hephaestus backfill`: one subject a repository, moved on by operators' rows and by its own timers."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.decision import Decision, Reason
from app.domain.effects import Effect
from app.domain.events import Event, WokenUp, WorkflowRunCompleted
from app.domain.ids import AppKey
from app.domain.repo import Subject, SubjectKind, Target
from app.ports.handler import Lane
from handlers.release_verification.backfill import deciding
from handlers.release_verification.backfill.collecting import BY_HAND
from handlers.release_verification.backfill.gathering import gathered
from handlers.release_verification.backfill.inventory import Read
from handlers.release_verification.backfill.models import BackfillEvidence, BackfillState
from handlers.release_verification.backfill.running import NAME
from handlers.release_verification.section import Backfill


class BackfillCapability:
    """Inventories past releases, plans, and has signed what a person approved; never by itself."""

    name = NAME
    lane = Lane.SWEEP
    time_limit = timedelta(minutes=30)
    evidence_type = BackfillEvidence
    state_type = BackfillState

    def targets(self, app_key: AppKey, event: Event) -> tuple[Target, ...]:
        """The repository of an operator's row, of a timer of ours, or of a run of the template's workflow."""
        if isinstance(event, WorkflowRunCompleted) and is_of_template(event):
            subject = Subject(app_key, event.repository.id, SubjectKind.REPOSITORY, str(event.repository.id))
            return (Target(subject, event.repository),)
        if not isinstance(event, WokenUp) or event.capability != self.name:
            return ()
        is_ours = event.subject.app_key == app_key and event.subject.kind is SubjectKind.REPOSITORY
        return (Target(event.subject, event.repository),) if is_ours else ()

    async def gather(self, reading: Read) -> BackfillEvidence:
        """See `gathering.gathered`."""
        return await gathered(reading)

    def decide(self, evidence: BackfillEvidence) -> Decision[BackfillState]:
        """See `deciding.decide`."""
        return deciding.decide(evidence)

    def reopening(
        self,
        target: Target,  # noqa: ARG002 (the port's shape)
        state: BackfillState,  # noqa: ARG002 (likewise)
        events: tuple[Event, ...],  # noqa: ARG002 (likewise)
    ) -> tuple[Effect, ...]:
        """Nothing: no check run of ours speaks of it."""
        return ()

    def retrying(
        self,
        target: Target,  # noqa: ARG002 (the port's shape)
        state: BackfillState | None,  # noqa: ARG002 (likewise)
        reason: Reason,  # noqa: ARG002 (likewise)
        at: datetime,  # noqa: ARG002 (likewise)
    ) -> tuple[Effect, ...]:
        """Nothing: whoever gave the command follows the ledger."""
        return ()

    def give_up(
        self,
        target: Target,  # noqa: ARG002 (the port's shape)
        state: BackfillState | None,  # noqa: ARG002 (likewise)
        reason: Reason,  # noqa: ARG002 (likewise)
    ) -> tuple[Effect, ...]:
        """Nothing, likewise."""
        return ()


def is_of_template(event: WorkflowRunCompleted) -> bool:
    """Whether it may be a run of ours; one of a workflow of another name is found by a timer."""
    return event.trigger == BY_HAND and event.path == Backfill.model_fields["workflow"].default
