"""Receipts out of a judgement. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.domain.decision import Verdict
from app.domain.ids import AppKey
from app.domain.receipts import Attachment, Receipt
from app.domain.release import Outcome
from app.ports.policies import PolicySource
from handlers.release_verification.annotations import line_of
from handlers.release_verification.judgement import Judgement
from handlers.release_verification.models import AssetFinding, BundleFinding, ReleaseEvidence, ReleaseFacts
from handlers.release_verification.receipts.document import (
    AssetPart,
    Document,
    Item,
    ListPart,
    PolicyPart,
    ReleasePart,
    RepositoryPart,
    VerdictPart,
    canonical,
    items_of,
    verdict_sha256,
)
from handlers.release_verification.section.values import Kind
from handlers.release_verification.verdicts import AssetVerdict, Standing

OUTCOMES = {
    Standing.GOOD: Outcome.VERIFIED,
    Standing.ASKED: Outcome.UNSUPPORTED,  # nothing is wrong, and nobody has said yes
    Standing.UNDECIDED: Outcome.UNSUPPORTED,
    Standing.REFUSED: Outcome.REJECTED,
}
"""Where something is pending, exempt or our own failure there is no verdict, and no receipt."""
MOST_ITEMS, MOST_OF_RELEASE = 20, 2_000
"""Of the bundles that were tried for one asset, and for all; those that count come first."""
MOST_REASONS = 20
"""Of the release as a whole; each asset that is refused is one of them, and has a receipt of its own."""
MAX_BODY_BYTES = 256 * 1024
"""A receipt that would be larger tells of the deciding bundle alone: strangers can make certificates as long as they like."""


def receipts_of(evidence: ReleaseEvidence, judgement: Judgement) -> tuple[Receipt, ...]:
    """One for each asset of which there is a verdict."""
    release = evidence.release
    if release is None or release.commit is None:
        return ()
    raw = {each.name: each for each in evidence.assets}
    attached = {each.sha256: each for each in evidence.bundles}
    most = max(1, min(MOST_ITEMS, MOST_OF_RELEASE // max(1, len(judgement.assets))))
    made = []
    for verdict in judgement.assets:
        if verdict.standing in OUTCOMES and verdict.asset.sha256 is not None:
            document = _bounded(evidence, release, judgement, verdict, raw, most)
            digests = {item.asked.bundle_sha256 for item in items_of(document)}
            bundles = tuple(attached[digest] for digest in sorted(digests) if digest in attached)
            made.append(_receipt(document, release, judgement, verdict, bundles))
    return tuple(made)


def _receipt(
    document: Document,
    release: ReleaseFacts,
    judgement: Judgement,
    verdict: AssetVerdict,
    bundles: tuple[Attachment, ...],
) -> Receipt:
    return Receipt(
        release_id=release.id,
        tag=release.tag,
        asset_id=document.asset.id,
        name=document.asset.name,
        sha256=document.asset.sha256,
        outcome=document.verdict.outcome.value,
        code=document.verdict.code,
        grade=document.verdict.grade.value,
        signer=_signer(judgement, verdict),
        verdict_sha256=verdict_sha256(document),
        body=canonical(document),
        attachments=bundles,
    )


def _signer(judgement: Judgement, verdict: AssetVerdict) -> str | None:
    """Who signed: known from now on only where the release as a whole was verified, and he built it."""
    bundle = verdict.bundle
    is_verified = judgement.verdict is Verdict.PASS and verdict.standing is Standing.GOOD
    return bundle.signer if is_verified and bundle is not None and bundle.kind is Kind.PROVENANCE else None


def _bounded(
    evidence: ReleaseEvidence,
    release: ReleaseFacts,
    judgement: Judgement,
    verdict: AssetVerdict,
    raw: dict[str, AssetFinding],
    most: int,
) -> Document:
    """The document with so many bundles, or with fewer where it would be too large."""
    fewest = 1 if verdict.standing is Standing.GOOD else 0
    document = _document(evidence, release, judgement, verdict, raw, most)
    for fewer in (1, fewest):
        if len(canonical(document)) > MAX_BODY_BYTES:
            document = _document(evidence, release, judgement, verdict, raw, fewer)
    return document


def _document(
    evidence: ReleaseEvidence,
    release: ReleaseFacts,
    judgement: Judgement,
    verdict: AssetVerdict,
    raw: dict[str, AssetFinding],
    most: int,
) -> Document:
    asset, repository = verdict.asset, evidence.repository
    items, rests_on, left_out = _items(raw[asset.name].bundles, asset.bundles, verdict.bundle, most)
    if asset.sha256 is None or release.commit is None:
        raise ValueError("only what has a digest and a commit has a receipt")
    return Document(
        app=AppKey(evidence.subject.app_key),
        repository=RepositoryPart(id=repository.id, name=repository.full_name, owner_id=repository.owner_id),
        release=ReleasePart(
            id=release.id,
            tag=release.tag,
            commit=release.commit,
            immutable=release.immutable,
            verdict=judgement.verdict.value,
            reasons=tuple((each.code, each.text) for each in judgement.reasons[:MOST_REASONS]),
        ),
        asset=AssetPart(
            id=asset.id,
            name=asset.name,
            size_bytes=asset.size_bytes,
            sha256=asset.sha256,
            recorded=asset.recorded,
            updated_at=_time(asset.updated_at),
        ),
        policy=_policy(evidence.policy.source, line_of(evidence, verdict)),
        verdict=VerdictPart(
            outcome=OUTCOMES[verdict.standing],
            code=verdict.code.value,
            grade=verdict.grade,
            reason=verdict.reason,
            rests_on=rests_on,
            listed_in=verdict.listed_in,
        ),
        evidence=items,
        left_out=left_out,
        lists=tuple(
            ListPart(
                file=each.file,
                says=each.sha256,
                sha256=raw[each.file].sha256 if each.file in raw else None,
                evidence=_items(raw[each.file].bundles, raw[each.file].bundles, None, most)[0],
            )
            for each in asset.listings
            if each.file in raw and each.file == verdict.listed_in
        ),
        versions=dict(evidence.versions),
        decided_at=evidence.now.isoformat(),
        bundles={},
    )


def _items(
    found: Sequence[BundleFinding],
    judged: Sequence[BundleFinding],
    deciding: BundleFinding | None,
    most: int,
) -> tuple[tuple[Item, ...], int | None, int]:
    """The bundles that were tried, those that verified first; the place of the deciding one, and how many are left out.

    `judged` are the same ones after the policy said which of them count.
    """
    pairs = [(before, after) for before, after in zip(found, judged, strict=True) if before.asked is not None]
    pairs.sort(key=lambda pair: (pair[1] is not deciding, pair[1].kind is None))
    kept = pairs[:most]
    rests_on = next((place for place, (_, after) in enumerate(kept) if after is deciding), None)
    items = (
        item_of(
            before,
            before.reason if after.kind is before.kind else after.reason,
            counts=after.kind is not None,
        )
        for before, after in kept
    )
    return tuple(items), rests_on, len(pairs) - len(kept)


def item_of(found: BundleFinding, reason: str, *, counts: bool) -> Item:
    """A finding as a receipt tells of it."""
    if found.asked is None:
        raise ValueError("only what was asked can be asked again")
    return Item(
        source=found.source,
        by_name=found.by_name,
        asked=found.asked,
        outcome=Outcome(found.outcome),
        code=found.code,
        reason=reason,
        claims=found.claims,
        trusted_root_sha256=found.trusted_root_sha256,
        trust_domain=found.trust_domain,
        transparency=found.transparency,
        predicate_type=found.predicate_type,
        signed_at=_time(found.signed_at),
        signer=found.signer,
        facts=found.facts,
        kind=found.kind,
        counts=counts,
    )


def _policy(source: PolicySource | None, line: int | None) -> PolicyPart | None:
    if source is None:
        return None
    return PolicyPart(
        path=source.path,
        repository=source.repository,
        ref=source.ref,
        commit=source.commit,
        blob_sha=source.blob_sha,
        line=line,
    )


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
