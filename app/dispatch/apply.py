"""Apply: planned effects are performed, one after the other; the one place that writes to GitHub."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from app.dispatch import effects
from app.dispatch.effects.lacking import explain, with_needs
from app.dispatch.payloads import wake_body
from app.domain.effects import Effect, OpenPullRequest, PublishCheckRun, RerunFailedJobs, WakeAt
from app.domain.ids import AppKey, EffectId, app_id_of
from app.domain.modes import Mode, Modes
from app.domain.repo import Repository
from app.errors import LeaseLost
from app.ports.clock import Clock
from app.ports.github_writer import PERMISSION, GitHubWriter
from app.ports.handler import Lane
from app.ports.ledger import EvaluationJob, Ledger, PlannedEffect
from app.ports.records import said_name
from app.telemetry import traces
from app.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)
Fence = Callable[[], Awaitable[None]]
Writers = Callable[[AppKey, Repository, Mapping[str, str], Lane], GitHubWriter]


@dataclass
class Progress:
    """What an effect of several requests has reached; saved before the next request.

    `unspent` says that it has taken slots of budgets which its first write is to spend.
    """

    ledger: Ledger
    effect: EffectId
    lease: Fence
    previous: Mapping[str, int | str] | None
    cursor: Mapping[str, int | str] = field(default_factory=dict)
    abandoned: Mapping[str, int | str] | None = None
    unspent: bool = False

    async def fence(self) -> None:
        """Raises LeaseLost where this executor must not write any more, or another settled the effect meanwhile."""
        if self.unspent and not await self.ledger.spend(self.effect):
            raise LeaseLost
        self.unspent = False
        await self.lease()

    async def save(self, cursor: Mapping[str, int | str]) -> None:
        """Remember how far we are."""
        await self.ledger.save_cursor(self.effect, cursor)
        self.cursor = dict(cursor)


@dataclass(frozen=True)
class Applier:
    """Performs the effects of a plan, each with the writer of the App whose evaluation it is."""

    ledger: Ledger
    writers: Writers
    clock: Clock
    fence: Fence
    metrics: Metrics
    modes: Modes

    async def apply(self, job: EvaluationJob) -> None:
        """Settles every pending effect in order; raises TransientError to be called again later."""
        for planned in await self.ledger.pending_effects(job):
            with traces.span(f"apply {planned.effect.kind}"):
                outcome = await self._perform(job, planned)
            applied = isinstance(outcome, effects.Applied)
            if applied:
                await self._remember(job, planned.effect)
            await self.ledger.settle_effect(
                planned.id,
                applied=applied,
                result=outcome.result if isinstance(outcome, effects.Applied) else {},
                reason=None if isinstance(outcome, effects.Applied) else f"{outcome.code}: {outcome.reason}",
            )
            result = "applied" if applied else "refused"
            self.metrics.effect(job.app_key, planned.effect.kind, result)
            code = "" if isinstance(outcome, effects.Applied) else outcome.code
            level = logging.WARNING if code == PERMISSION else logging.INFO
            logger.log(
                level, "applied", extra={"effect": planned.effect.kind, "result": result, "code": code}
            )

    async def _remember(self, job: EvaluationJob, effect: Effect) -> None:
        """Keeps for good what is said once in a repository's life; effects are forgotten after the retention time."""
        if isinstance(effect, PublishCheckRun) and effect.once:
            name = said_name(job.app_key, effect.repository.id, effect.once)
            await self.ledger.set_cursor(name, effect.key)

    async def _perform(self, job: EvaluationJob, planned: PlannedEffect) -> effects.Outcome:
        effect = planned.effect
        if isinstance(effect, WakeAt):
            body = wake_body(effect.repository, effect.capability, effect.subject, effect.what)
            await self.ledger.set_timer(f"{job.app_key}|{effect.key}", job.app_key, body, effect.at)
            return effects.Applied({"at": effect.at.isoformat()})
        mode = self.modes.of(job.capability)
        if mode is not Mode.AUTO:
            return effects.Refused(f"mode.{mode}", f"{self.modes.why(job.capability)}: recorded, not written")
        exhausted = await self.ledger.reserve(planned.id, effect.reservations, self.clock.now())
        if exhausted is not None:
            return effects.Refused("budget.exhausted", f"the budget {exhausted} is used up")
        known = (planned.previous, planned.cursor, planned.abandoned)
        progress = Progress(self.ledger, planned.id, self.fence, *known, unspent=bool(effect.reservations))
        writer = self._writer(job, effect)
        outcome = await effects.apply(effect, writer, progress, app_id=app_id_of(job.app_key))
        if not isinstance(outcome, effects.Refused) or outcome.code != PERMISSION:
            return outcome
        refused = with_needs(outcome, permissions_for(effect))
        if isinstance(effect, OpenPullRequest | RerunFailedJobs) and effect.instead is not None:
            await explain(effect.instead, refused, self._writer(job, effect.instead), self.fence)
        return refused

    def _writer(self, job: EvaluationJob, effect: Effect) -> GitHubWriter:
        return self.writers(job.app_key, effect.repository, permissions_for(effect), job.lane)


PERMISSIONS: Mapping[str, Mapping[str, str]] = {
    "publish_check_run": {"checks": "write"},
    "open_pull_request": {"contents": "write", "pull_requests": "write"},
    "commit_fixes": {"contents": "write"},
    "comment": {"issues": "write", "pull_requests": "write"},
    "rerun_failed_jobs": {"actions": "write", "contents": "read"},
    "edit_release": {"contents": "write"},
    "mark_notes": {"contents": "write"},
    "open_issue": {"issues": "write"},
    "dispatch_workflow": {"actions": "write", "contents": "read"},
    "delete_attestation": {"attestations": "write"},
    "wake_at": {},
}
"""What a token needs for each kind of effect."""


def permissions_for(effect: Effect) -> Mapping[str, str]:
    """The least permissions a token needs for this effect (design.md 2)."""
    if isinstance(effect, OpenPullRequest) and effect.needs_workflows:
        return {**PERMISSIONS[effect.kind], "workflows": "write"}
    return PERMISSIONS[effect.kind]
