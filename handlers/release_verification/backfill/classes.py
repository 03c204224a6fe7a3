"""What an asset of a past release is: its class, how well its bytes are known, and what speaks against signing. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.domain.ids import CommitSha
from app.domain.release import Asset, Outcome, Release
from app.domain.release_codes import ReleaseCode
from handlers.release_verification.backfill.models import AssetClass, Doubt, Item, Level
from handlers.release_verification.models import AssetFinding, ReleaseState
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.section.values import Kind
from handlers.release_verification.verdicts import AssetVerdict, Standing, kinds_of

CLASSES = {
    Standing.GOOD: AssetClass.VERIFIED,
    Standing.ASKED: AssetClass.VERIFIED,
    Standing.EXEMPT: AssetClass.EXEMPT,
    Standing.PENDING: AssetClass.UNSUPPORTED,
    Standing.UNDECIDED: AssetClass.UNSUPPORTED,
    Standing.BROKEN: AssetClass.UNSUPPORTED,
}
CHANGED, LIST_DISAGREES = "CHANGED_AFTER_PUBLICATION", "CHECKSUM_MISMATCH"
TAG_MOVED, REPLACED = "TAG_MOVED", "REPLACED_AFTER_VERDICT"


def item_of(
    release: Release,
    commit: CommitSha | None,
    asset: Asset,
    verdict: AssetVerdict,
    section: ReleaseVerification,
    gate: ReleaseState | None,
) -> Item:
    """An asset with its verdict; `gate` is what the gate remembers of the release."""
    finding = verdict.asset
    kinds = kinds_of(finding) | ({Kind.SIGNED_CHECKSUMS} if verdict.listed_in else set())
    latest = _latest(release, section)
    return replace(
        unread_item(release, commit, asset, verdict.code.value, verdict.reason),
        sha256=finding.sha256,
        stands=_class(verdict),
        grade=verdict.grade,
        kinds=tuple(sorted(kinds)),
        signer=verdict.bundle.signer if verdict.bundle else "",
        level=_level(asset, finding, kinds, latest),
        doubts=_doubts(commit, asset, finding, latest, gate),
    )


def unread_item(release: Release, commit: CommitSha | None, asset: Asset, code: str, reason: str) -> Item:
    """An asset of a release that cannot be judged at all."""
    return Item(
        release_id=release.id,
        tag=release.tag,
        commit=commit,
        immutable=release.immutable,
        published_at=release.published_at,
        asset_id=asset.id,
        name=asset.name,
        size_bytes=asset.size_bytes,
        recorded=asset.sha256,
        sha256=None,
        updated_at=asset.updated_at,
        uploader=asset.uploader,
        stands=AssetClass.UNSUPPORTED,
        code=code,
        reason=reason,
    )


def _class(verdict: AssetVerdict) -> AssetClass:
    """What is there and does not hold is never called missing: somebody has to look at it."""
    if verdict.standing is not Standing.REFUSED:
        return CLASSES[verdict.standing]
    bundles = verdict.asset.bundles
    # A bundle is tried for one signer after the other: what verified for one, or was revoked, is no longer in question.
    settled = {each.source for each in bundles if each.kind is not None or each.code == ReleaseCode.REVOKED}
    wrong = any(each.outcome == Outcome.REJECTED and each.source not in settled for each in bundles)
    is_nothing = verdict.code in {ReleaseCode.UNCOVERED, ReleaseCode.REVOKED}
    return AssetClass.MISSING if is_nothing and not wrong else AssetClass.PRESENT_INVALID


def _latest(release: Release, section: ReleaseVerification) -> datetime | None:
    """Until when an asset counts as published with its release: the policy waits as long for assets of a new one."""
    if release.published_at is None:
        return None
    return release.published_at + timedelta(minutes=section.wait_minutes)


def _level(asset: Asset, finding: AssetFinding, kinds: set[Kind], latest: datetime | None) -> Level:
    if kinds & {Kind.RELEASE_ATTESTATION, Kind.SIGNED_CHECKSUMS}:
        return Level.E2
    is_unchanged = latest is not None and asset.updated_at <= latest
    is_recorded = asset.sha256 is not None and asset.sha256 == finding.sha256
    return Level.E1 if is_recorded and is_unchanged else Level.E0


def _doubts(
    commit: CommitSha | None,
    asset: Asset,
    finding: AssetFinding,
    latest: datetime | None,
    gate: ReleaseState | None,
) -> tuple[Doubt, ...]:
    found = []
    if latest is not None and asset.updated_at > latest:
        when = f"{asset.updated_at:%Y-%m-%d %H:%M:%S} UTC"
        found.append(Doubt(CHANGED, f"it was uploaded on {when}, after the release was published"))
    found += [
        Doubt(LIST_DISAGREES, f"{each.file} says sha256:{each.sha256}")
        for each in finding.listings
        if each.sha256 != finding.sha256
    ]
    watch = gate.watch if gate else None
    if watch is None or watch.passed_at is None:
        return tuple(found)
    if watch.commit is not None and watch.commit != commit:
        found.append(Doubt(TAG_MOVED, f"the tag named {watch.commit} when the release was verified"))
    found += [
        Doubt(REPLACED, f"it was verified as sha256:{each.sha256} before")
        for each in watch.seen
        if each.name == asset.name and each.sha256 != finding.sha256
    ]
    return tuple(found)
