"""Gather: what the commands of one step rest on; reads only."""

from __future__ import annotations

from dataclasses import replace

from app.domain.events import WokenUp
from app.domain.ids import CommitSha
from app.domain.release import Asset
from handlers.release_verification.backfill.collecting import facts_of
from handlers.release_verification.backfill.commands import INVENTORY, PLAN, RUN
from handlers.release_verification.backfill.inventory import GATE, Read, inventoried
from handlers.release_verification.backfill.models import (
    BackfillEvidence,
    Inventory,
    Pin,
    PlannedItem,
    open_run,
)
from handlers.release_verification.section import ReleaseVerification

NO_SECTION = (
    "the repository's .github/hephaestus.yml has no section release_verification on its default branch, or has mistakes: "
    "write it, with backfill in it"
)
NO_POLICY = "release_verification.backfill is not in .github/hephaestus.yml on the default branch: nobody may backfill"


async def gathered(reading: Read) -> BackfillEvidence:
    """The evidence for one step."""
    asked = commands_of(reading)
    loaded = await reading.policies.load(GATE, ReleaseVerification)
    section = None if loaded.errors else loaded.section
    evidence = BackfillEvidence(
        repository=reading.repository,
        subject=reading.subject,
        now=reading.now,
        asked=asked,
        state=reading.state,
        section=section,
    )
    if section is None:
        return replace(evidence, problem=NO_SECTION)
    evidence = await _with_inventory(reading, evidence, section)
    if {PLAN, RUN} & set(asked):
        evidence = await _with_pin(reading, evidence, section)
    if RUN in asked:
        evidence = replace(evidence, changed=await _changed(reading))
    going_on = open_run(reading.state)
    if going_on is not None:
        evidence = replace(evidence, facts=await facts_of(reading, section, going_on))
    return evidence


def commands_of(reading: Read) -> tuple[str, ...]:
    """What was asked for, each once, in its order."""
    said = (event.what for event in reading.events if isinstance(event, WokenUp))
    return tuple(dict.fromkeys(said))


async def _with_inventory(
    reading: Read, evidence: BackfillEvidence, section: ReleaseVerification
) -> BackfillEvidence:
    """A new inventory, or the one that is not complete yet, as far as this sitting comes."""
    state = reading.state
    before, memory = (state.inventory, state.memory) if state else (None, None)
    if before is not None and before.is_complete:
        before = None
        memory = None
    if before is None and INVENTORY not in evidence.asked:
        return evidence
    sat = await inventoried(reading, section, before or Inventory(reading.now), memory)
    return replace(evidence, inventory=sat.inventory, memory=sat.memory, again_at=sat.again_at)


async def _with_pin(
    reading: Read, evidence: BackfillEvidence, section: ReleaseVerification
) -> BackfillEvidence:
    if section.backfill is None:
        return replace(evidence, why_not=NO_POLICY)
    workflow = section.backfill.workflow
    default = await reading.github.default_branch()
    found = await reading.github.file(workflow, default.sha)
    if found is None:
        why = f"{workflow} is not on {default.name}: take the template sigstore-backfill.yml of Hephaestus"
        return replace(evidence, why_not=why)
    return replace(evidence, pin=Pin(workflow, default.name, found.blob_sha))


async def _changed(reading: Read) -> tuple[str, ...]:
    """The planned assets that are not any more what they were planned as, each with what changed."""
    plan = reading.state.plan if reading.state else None
    found = []
    for release_id in sorted({item.release_id for item in plan.items} if plan else ()):
        release = await reading.github.release(release_id)
        target = None if release is None else await reading.github.tag(release.tag)
        assets = {asset.id: asset for asset in release.assets} if release else {}
        for item in plan.items if plan else ():
            if item.release_id != release_id:
                continue
            commit = target.commit if target else None
            if why := _difference(item, assets.get(item.asset_id), commit):
                found.append(f"{item.tag} {item.name}: {why}")
    return tuple(found)


def _difference(item: PlannedItem, asset: Asset | None, commit: CommitSha | None) -> str:
    if asset is None:
        return "it is gone"
    if commit != item.commit:
        return f"the tag names {commit or 'nothing'} now"
    is_same = (asset.name, asset.size_bytes, asset.updated_at) == (
        item.name,
        item.size_bytes,
        item.updated_at,
    )
    return "" if is_same and asset.sha256 in {item.sha256, None} else "it was changed"
