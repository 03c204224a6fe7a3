"""Gather: the assets of all published releases, judged by the gate's own code; reads only, in sittings.

What GitHub has a digest of is not downloaded: the digest is what is looked up. What it has none of is hashed, within the policy's
limits. The workflow that signs hashes everything again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from app.domain.release import Asset, Release, TagTarget
from app.domain.repo import Subject, SubjectKind
from app.errors import InvalidInput
from app.ports.handler import Reading
from handlers.release_verification.assets import AssetJudge
from handlers.release_verification.backfill.classes import item_of, unread_item
from handlers.release_verification.backfill.ledger import late_signers, without_revoked
from handlers.release_verification.backfill.models import BackfillState, Inventory, Item
from handlers.release_verification.downloads import KnownBytes
from handlers.release_verification.finding import Whole
from handlers.release_verification.identity import attached_to, expected_identities, release_identity
from handlers.release_verification.judgement import bound_to_branches
from handlers.release_verification.memory import KnownAsset, Memory
from handlers.release_verification.models import ReleaseState
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.sittings import Sitting
from handlers.release_verification.standing import source_branches, standing_of
from handlers.release_verification.verdicts import verdicts_on

Read = Reading[BackfillState]
GATE = "release_verification"
GATE_STATE: TypeAdapter[ReleaseState] = TypeAdapter(ReleaseState)
SITTING_S = 120.0
PAUSE = timedelta(seconds=5)
MAX_ITEMS = 5_000
NO_TAG, BAD_TAG = "TAG_GONE", "TAG"


@dataclass(frozen=True, slots=True)
class Sat:
    """How far a sitting came; `again_at` is when to go on, None where it is complete."""

    inventory: Inventory
    memory: Memory | None = None
    again_at: datetime | None = None


async def inventoried(
    reading: Read, section: ReleaseVerification, before: Inventory, memory: Memory | None
) -> Sat:
    """The inventory with the releases of one sitting more. A release that appears meanwhile may be in it or not."""
    sitting = Sitting(reading.now, SITTING_S)
    found = before
    async for release in reading.github.releases():
        if release.draft or release.id in found.releases:
            continue
        if len(found.items) + len(release.assets) > MAX_ITEMS:
            return Sat(replace(found, is_complete=True, is_cut=True))
        read = await _Looked(reading, section, sitting, memory).at(release)
        if read.items is None:
            return Sat(found, read.memory, read.again_at)
        memory = None
        found = replace(found, items=(*found.items, *read.items), releases=(*found.releases, release.id))
        if sitting.is_over:
            return Sat(found, None, reading.now)
    return Sat(replace(found, is_complete=True))


@dataclass(frozen=True, slots=True)
class _Release:
    """The items of a release, or None with what was read of it and when to go on."""

    items: tuple[Item, ...] | None
    memory: Memory | None = None
    again_at: datetime | None = None


class _Looked:
    """Looks at releases for one sitting."""

    def __init__(
        self, reading: Read, section: ReleaseVerification, sitting: Sitting, memory: Memory | None
    ) -> None:
        self._reading, self._section, self._sitting, self._memory = reading, section, sitting, memory

    async def at(self, release: Release) -> _Release:
        target = await self._reading.github.tag(release.tag)
        if target is None:
            return _Release(_unread(release, None, NO_TAG, f"the tag {release.tag} is gone"))
        try:
            return await self._judged(release, target)
        except InvalidInput as error:  # a tag that no signer could be tied to
            return _Release(_unread(release, target, BAD_TAG, error.message))

    async def _judged(self, release: Release, target: TagTarget) -> _Release:
        reading, section = self._reading, self._section
        signers = expected_identities(
            section, reading.app_key, reading.repository, release.tag, target.commit
        )
        branch = (await reading.github.default_branch()).name
        late = late_signers(reading.state, section, reading.app_key, reading.repository, branch)
        known = KnownBytes(reading.downloads, self._remembered(release))
        judge = AssetJudge(
            attestations=reading.github.attestations_of,
            known=known,
            compute=reading.compute,
            verifier=without_revoked(reading.bundles, reading.state),
            section=section,
            signers=(*signers, *attached_to(late, release.id, target.commit)),
            whole=self._whole(release, target),
        )
        judged = await judge.judge(release.assets, self._sitting)
        if judged.left:
            trouble = judged.trouble
            again_at = trouble.retry_at if trouble and trouble.retry_at else reading.now + PAUSE
            return _Release(None, known.kept(is_partial=True), again_at)
        branches = source_branches(section)
        standing = await standing_of(reading.github, section, target.commit) if branches else None
        findings = tuple(bound_to_branches(each, standing) for each in judged.findings)
        gate = await self._gate(release)
        assets = {asset.id: asset for asset in release.assets}
        return _Release(
            tuple(
                item_of(release, target.commit, assets[each.asset.id], each, section, gate)
                for each in verdicts_on(findings, section)
            )
        )

    def _remembered(self, release: Release) -> Memory:
        """Digests that GitHub has recorded stand for the bytes."""
        installation_id = self._reading.repository.installation_id
        memory = self._memory
        if memory is None or memory.installation_id != installation_id:
            memory = Memory(installation_id)
        read = {each.id for each in memory.assets}
        recorded = tuple(
            _recorded(asset) for asset in release.assets if asset.id not in read and asset.sha256
        )
        return replace(memory, assets=(*memory.assets, *recorded), is_partial=True)

    def _whole(self, release: Release, target: TagTarget) -> Whole | None:
        if not release.immutable:
            return None
        signer = release_identity(self._reading.repository, release.tag, target.commit, release.id)
        if signer.release is not None:
            signer = replace(signer, release=replace(signer.release, tag_object=target.object_sha))
        named = (target.object_sha or target.commit, target.commit)
        return Whole(signer, tuple(dict.fromkeys(f"sha1:{sha}" for sha in named)))

    async def _gate(self, release: Release) -> ReleaseState | None:
        """What the gate remembers of the release."""
        reading = self._reading
        subject = Subject(reading.app_key, reading.repository.id, SubjectKind.RELEASE, str(release.id))
        kept = await reading.records.states(GATE, (subject,))
        return GATE_STATE.validate_json(kept[0][1]) if kept else None


def _recorded(asset: Asset) -> KnownAsset:
    if asset.sha256 is None:
        raise InvalidInput("release.digest", "no digest is recorded")
    return KnownAsset(asset.id, asset.size_bytes, asset.sha256, asset.updated_at)


def _unread(release: Release, target: TagTarget | None, code: str, reason: str) -> tuple[Item, ...]:
    commit = target.commit if target else None
    return tuple(unread_item(release, commit, asset, code, reason) for asset in release.assets)
