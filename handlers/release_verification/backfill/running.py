"""Approval, runs and their collection: what the next step of an approved plan is. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.domain.effects import DispatchWorkflow, Effect, Reservation, WakeAt
from app.domain.repo import Repository, Subject, SubjectKind
from handlers.release_verification.backfill.commands import CONTINUE, Named
from handlers.release_verification.backfill.documents import digest_of, id_of
from handlers.release_verification.backfill.models import (
    Added,
    Approval,
    BackfillEvidence,
    BackfillState,
    Plan,
    PlannedItem,
    Progress,
    Run,
    RunFacts,
    Stage,
)
from handlers.release_verification.backfill.planning import A_RUN

NAME, GATE = "release_backfill", "release_verification"
LOOK_EVERY = timedelta(seconds=30)
LONGEST = timedelta(hours=6)
"""So long a run may take, which may have to wait for a reviewer of its environment."""
LISTED_WITHIN = timedelta(minutes=5)
AN_HOUR, RUNS_AN_HOUR = timedelta(hours=1), 20
NO_PLAN = "there is no plan: run hephaestus backfill plan first"


def refusal_of_approval(evidence: BackfillEvidence, plan: Plan | None, said: Named) -> str:
    """Why a plan cannot be approved; empty where it can."""
    if plan is None:
        return NO_PLAN
    if said.plan != digest_of(plan):
        return f"the plan is sha256:{digest_of(plan)}, not sha256:{said.plan}: look at it again"
    if evidence.now >= plan.expires_at:
        return f"the plan expired on {plan.expires_at:%Y-%m-%d %H:%M} UTC: make a new one"
    return ""


def approval(evidence: BackfillEvidence, plan: Plan, said: Named) -> Approval:
    """The approval by a named person."""
    return Approval(digest_of(plan), said.by, said.said_by, evidence.now)


def refusal_of_run(evidence: BackfillEvidence, state: BackfillState) -> str:
    """Why nothing can be started; empty where something can."""
    plan = state.plan
    if plan is None:
        return NO_PLAN
    digest = digest_of(plan)
    why = ""
    if state.approval is None or state.approval.plan_sha256 != digest:
        why = f"nobody has approved the plan sha256:{digest}"
    elif evidence.now >= plan.expires_at:
        why = f"the plan expired on {plan.expires_at:%Y-%m-%d %H:%M} UTC: make a new one"
    elif any(each.plan_id == id_of(plan) for each in state.revoked):
        why = f"the plan {id_of(plan)} was rolled back: make a new one"
    elif evidence.pin != plan.pin:
        why = evidence.why_not or f"{plan.pin.workflow} is not the file that was approved: make a new plan"
    elif evidence.changed:
        why = f"not as it was planned: {'; '.join(evidence.changed)}. Make a new inventory and plan"
    return why


def remaining(state: BackfillState, plan: Plan) -> tuple[PlannedItem, ...]:
    """What no run of the plan has attested yet."""
    done = {each.item.asset_id for each in state.added if each.plan_id == id_of(plan)}
    return tuple(item for item in plan.items if item.asset_id not in done)


def next_run(
    evidence: BackfillEvidence, state: BackfillState, plan: Plan
) -> tuple[Run, tuple[Effect, ...]] | None:
    """The next run of a plan, and what starts it; None where all is attested."""
    items = remaining(state, plan)[:A_RUN]
    if not items:
        return None
    digest, plan_id = digest_of(plan), id_of(plan)
    number = 1 + sum(run.plan_id == plan_id for run in state.runs)
    correlation = f"{plan_id}-{number}"
    subject = evidence.subject
    scope = f"{subject.app_key}|{evidence.repository.id}|backfill"
    dispatch = DispatchWorkflow(
        repository=evidence.repository,
        workflow=plan.pin.workflow,
        branch=plan.pin.branch,
        blob_sha=plan.pin.blob_sha,
        correlation=correlation,
        inputs=(
            ("correlation", correlation),
            ("plan_id", plan_id),
            ("plan_sha256", digest),
            ("assets", ";".join(_entry(item) for item in items)),
        ),
        reservations=(Reservation(scope, AN_HOUR, RUNS_AN_HOUR),),
    )
    run = Run(plan_id, digest, plan.pin, correlation, items, dispatch.key, evidence.now)
    return run, (dispatch, look_again(evidence))


def look_again(evidence: BackfillEvidence) -> WakeAt:
    """A look at the run that goes on."""
    return WakeAt(evidence.repository, NAME, evidence.subject, evidence.now + LOOK_EVERY, CONTINUE)


def collected(evidence: BackfillEvidence, run: Run, facts: RunFacts) -> tuple[Run, tuple[Added, ...]]:
    """The run as it ended, and the lines of the ledger: of each planned asset whose attestation verified, one."""
    signed = {each.sha256: each for each in facts.signed}
    added = tuple(
        Added(
            plan_id=run.plan_id,
            run_id=facts.run_id or 0,
            branch=run.pin.branch,
            workflow=run.pin.workflow,
            item=item,
            signed=signed[item.sha256],
            attestation_id=facts.attestation_id,
            at=evidence.now,
        )
        for item in run.items
        if item.sha256 in signed
    )
    if len(added) == len(run.items):
        return replace(run, stage=Stage.COLLECTED, run_id=facts.run_id), added
    left = len(run.items) - len(added)
    said = "; ".join(each for each in (facts.why, *facts.problems) if each) or "it did not end in time"
    why = f"{left} of {len(run.items)} assets have no attestation that verifies: {said}"
    return replace(run, stage=Stage.FAILED, run_id=facts.run_id, why=why), added


def is_awaited(evidence: BackfillEvidence, run: Run, facts: RunFacts) -> bool:
    """Whether there is more to come: the run goes on, or GitHub does not list yet what a good one made."""
    since = evidence.now - run.asked_at
    if facts.progress is Progress.WAITING:
        return since <= LONGEST
    is_good = facts.progress is Progress.ENDED and not facts.why
    return is_good and len(facts.signed) < len({item.sha256 for item in run.items}) and since <= LISTED_WITHIN


def gates(evidence: BackfillEvidence, release_ids: set[int]) -> tuple[WakeAt, ...]:
    """The releases are judged again."""
    repository: Repository = evidence.repository
    return tuple(
        WakeAt(
            repository,
            GATE,
            Subject(evidence.subject.app_key, repository.id, SubjectKind.RELEASE, str(number)),
            evidence.now,
            "backfill",
        )
        for number in sorted(release_ids)
    )


def _entry(item: PlannedItem) -> str:
    """Ids, digests and the level: nothing that anybody chose."""
    return f"{item.asset_id}/{item.release_id}/{item.commit}/{item.sha256}/{item.level.value}"
