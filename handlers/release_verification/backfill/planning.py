"""The plan: which assets would be signed, on which evidence, and which are refused, with the reason. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.release import Grade
from app.domain.repo import Repository
from handlers.release_verification.backfill.documents import digest_of
from handlers.release_verification.backfill.models import (
    AssetClass,
    Inventory,
    Item,
    Level,
    Pin,
    Plan,
    PlannedItem,
    RefusedItem,
)
from handlers.release_verification.section import Backfill

GOOD_FOR = timedelta(days=7)
A_RUN = 100
"""Assets that one run signs: their ids and digests have to fit into the inputs of a workflow."""
PRESENT_INVALID, UNSUPPORTED, UPLOADER, EVIDENCE = "PRESENT_INVALID", "UNSUPPORTED", "UPLOADER", "EVIDENCE"


def plan_of(repository: Repository, inventory: Inventory, policy: Backfill, pin: Pin, now: datetime) -> Plan:
    """The plan for a complete inventory. What has evidence that the policy accepts is in neither list."""
    least = Level(policy.least_evidence)
    judged = [
        _judged(item, policy, least)
        for item in sorted(inventory.items, key=lambda each: each.asset_id)
        if _is_wanted(item)
    ]
    return Plan(
        repository=repository.full_name,
        repository_id=repository.id,
        inventory_sha256=digest_of(inventory),
        pin=pin,
        least=least,
        items=tuple(each for each in judged if isinstance(each, PlannedItem)),
        refused=tuple(each for each in judged if isinstance(each, RefusedItem)),
        made_at=now,
        expires_at=now + GOOD_FOR,
    )


def batches(plan: Plan) -> tuple[tuple[PlannedItem, ...], ...]:
    """The items of each run."""
    return tuple(plan.items[start : start + A_RUN] for start in range(0, len(plan.items), A_RUN))


def _is_wanted(item: Item) -> bool:
    if item.stands in {AssetClass.EXEMPT, AssetClass.VERIFIED}:
        return False
    return item.stands is not AssetClass.MISSING or item.grade.rank < Grade.BACKFILLED.rank


def _judged(item: Item, policy: Backfill, least: Level) -> PlannedItem | RefusedItem:
    """The item as it would be signed, or the first reason not to."""
    if item.stands is AssetClass.PRESENT_INVALID:
        why = f"{item.code}: {item.reason}; find out why before anything is signed"
        return _refused(item, PRESENT_INVALID, why)
    if item.stands is AssetClass.UNSUPPORTED or item.sha256 is None or item.commit is None:
        return _refused(item, UNSUPPORTED, f"{item.code}: {item.reason}")
    if item.doubts:
        return _refused(item, item.doubts[0].code, item.doubts[0].text)
    known = {each.casefold() for each in policy.uploaders}
    if known and (item.uploader or "").casefold() not in known:
        return _refused(item, UPLOADER, f"it was uploaded by {item.uploader or 'an account that is gone'}")
    if item.level < least:
        why = f"the evidence for its bytes is {item.level.value}, the policy asks for {least.value}"
        return _refused(item, EVIDENCE, why)
    return PlannedItem(
        release_id=item.release_id,
        tag=item.tag,
        commit=item.commit,
        asset_id=item.asset_id,
        name=item.name,
        size_bytes=item.size_bytes,
        sha256=item.sha256,
        published_at=item.published_at,
        updated_at=item.updated_at,
        level=item.level,
    )


def _refused(item: Item, code: str, reason: str) -> RefusedItem:
    return RefusedItem(item.asset_id, item.tag, item.name, code, reason)
