"""Rollback: what the ledger says that a plan added is taken back, as far as it can be. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.domain.effects import DeleteAttestation, Effect
from handlers.release_verification.backfill.commands import Named
from handlers.release_verification.backfill.models import (
    BackfillEvidence,
    BackfillState,
    Revoked,
    Stage,
    open_run,
)
from handlers.release_verification.backfill.running import gates


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The state afterwards, what is deleted, and what people are told."""

    state: BackfillState
    effects: tuple[Effect, ...]
    text: str


def rolled_back(evidence: BackfillEvidence, state: BackfillState, said: Named) -> RolledBack | None:
    """None where the ledger knows no run of the plan."""
    runs = [run for run in state.runs if run.plan_id == said.plan]
    if not runs:
        return None
    now = evidence.now
    mine = [each for each in state.added if each.plan_id == said.plan]
    run_ids = {run.run_id for run in runs if run.run_id} | {each.run_id for each in mine}
    going_on = evidence.facts.run_id if evidence.facts else None
    run_ids |= {going_on} if going_on and open_run(state) in runs else set()
    known = {number for each in state.revoked if each.plan_id == said.plan for number in each.run_ids}
    deny = Revoked(said.plan, tuple(sorted(run_ids | known)), said.by, said.said_by, now)
    added = tuple(
        replace(each, revoked_at=now, revoked_by=said.by)
        if each.plan_id == said.plan and each.revoked_at is None
        else each
        for each in state.added
    )
    stopped = tuple(
        replace(run, stage=Stage.FAILED, why="rolled back")
        if run.plan_id == said.plan and run.stage is Stage.STARTED
        else run
        for run in state.runs
    )
    others = tuple(each for each in state.revoked if each.plan_id != said.plan)
    ids = sorted({each.attestation_id for each in mine if each.attestation_id})
    effects: tuple[Effect, ...] = (
        *(DeleteAttestation(evidence.repository, number) for number in ids),
        *gates(evidence, {each.item.release_id for each in mine}),
    )
    kept = replace(state, runs=stopped, added=added, revoked=(*others, deny), is_working=False)
    return RolledBack(
        kept, effects, _text(said.plan, mine_count=len(mine), ids=ids, indices=_indices(state, said.plan))
    )


def _indices(state: BackfillState, plan_id: str) -> tuple[str, ...]:
    """The log entries, which stay for ever."""
    found = (
        value
        for each in state.added
        if each.plan_id == plan_id
        for name, value in each.signed.facts
        if name == "log_index"
    )
    return tuple(sorted(set(found)))


def _text(plan_id: str, *, mine_count: int, ids: list[int], indices: tuple[str, ...]) -> str:
    deleted = (
        f"attestations {', '.join(map(str, ids))} are being deleted, which GitHub does for organisations only"
        if ids
        else "no attestation is known by its number, so none is deleted"
    )
    stay = ", ".join(indices)
    logged = f"; these entries of the transparency log stay for ever: {stay}" if indices else ""
    return (
        f"the plan {plan_id} is revoked: {mine_count} assets count as backfilled no longer; {deleted}{logged}"
    )
