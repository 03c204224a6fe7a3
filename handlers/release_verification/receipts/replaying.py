"""A receipt, judged again by whoever has it: every bundle held against the same expectation, and what that amounts to.

What a receipt says is believed in nothing that can be computed: bundles are verified, grades are made of what verified.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.domain.ids import Sha256Hex
from app.domain.receipts import ReplayedReceipt
from app.domain.release import Grade, Outcome, VerificationOutcome
from app.domain.release_codes import ReleaseCode
from app.errors import InvalidInput
from app.ports.bundles import BundleVerifier
from handlers.release_verification.bundles import finding_of
from handlers.release_verification.grades import grade_of
from handlers.release_verification.receipts.document import Document, Item, bundle_of
from handlers.release_verification.receipts.making import item_of
from handlers.release_verification.section.values import Kind

TAG = "refs/tags/"
MAY_DIFFER = frozenset({"reason", "trusted_root_sha256"})
"""Words, and a newer root under which the same verifies; the root is told apart."""
CANNOT_TELL = frozenset({ReleaseCode.TRUST_ROOT_ABSENT.value, ReleaseCode.VERIFIER_ERROR.value})


@dataclass
class Replay:
    """What was found so far; `kinds` are what verifies and counts."""

    differences: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    kinds: set[Kind] = field(default_factory=set)
    roots: set[str] = field(default_factory=set)


async def replayed(
    document: Document,
    verifier: BundleVerifier,
    *,
    artifact: Sha256Hex | None = None,
    versions: Mapping[str, str],
) -> ReplayedReceipt:
    """The receipt held against what verifies now; `artifact` is the digest of the file that somebody has."""
    found, asset = Replay(), document.asset
    if artifact is not None and artifact != asset.sha256:
        found.differences.append(
            f"the artifact has the SHA-256 {artifact}; the receipt is about {asset.sha256}"
        )
    await _replay(found, document, document.evidence, (asset.name, asset.sha256), verifier)
    await _lists(found, document, verifier)
    _whole(found, document)
    items = (*document.evidence, *(item for each in document.lists for item in each.evidence))
    names = sorted({*document.versions, *versions})
    return ReplayedReceipt(
        repository=document.repository.name,
        tag=document.release.tag,
        commit=document.release.commit,
        asset=asset.name,
        sha256=asset.sha256,
        outcome=document.verdict.outcome,
        code=document.verdict.code,
        grade=document.verdict.grade.value,
        signers=tuple(dict.fromkeys(item.asked.expected.identity for item in items)),
        differences=tuple(found.differences),
        undecided=tuple(found.undecided),
        roots=(
            tuple(sorted({item.trusted_root_sha256 for item in items if item.trusted_root_sha256})),
            tuple(sorted(found.roots)),
        ),
        versions=tuple((name, document.versions.get(name, ""), versions.get(name, "")) for name in names),
    )


async def _replay(
    found: Replay,
    document: Document,
    items: Sequence[Item],
    about: tuple[str, str | None],
    verifier: BundleVerifier,
) -> None:
    for item in items:
        if contradictions := _contradictions(document, item, about):
            found.differences += contradictions
            continue
        try:
            raw = bundle_of(document, item.asked.bundle_sha256)
        except InvalidInput as error:
            found.differences.append(f"{item.source}: {error.message}")
            continue
        if raw is None:
            found.undecided.append(
                f"{item.source}: the bundle sha256:{item.asked.bundle_sha256} is not in the receipt"
            )
            continue
        _compare(found, item, await verifier.verify(item.asked.of_bundle(raw)))


def _contradictions(document: Document, item: Item, about: tuple[str, str | None]) -> list[str]:
    """Where a bundle was held against something else than the receipt is about: its verdict would say nothing of that."""
    asked, release, attached = item.asked, item.asked.expected.release, item.asked.expected.attached_to
    claims = dict(asked.expected.claims)
    ref = claims.get("source_repository_ref", "")
    tag = ref.removeprefix(TAG) if ref.startswith(TAG) else None
    name, sha256 = about
    held = (
        ("digest", sha256, (asked.sha256,)),
        ("name", name, (asked.artifact_name,)),
        ("tag", document.release.tag, (tag, release and release.tag)),
        (
            "commit",
            document.release.commit,
            (attached.commit,)
            if attached
            else (claims.get("source_repository_digest"), release and release.commit),
        ),
        ("release", document.release.id, (attached and attached.release_id,)),
        ("repository", document.repository.name, (release and release.repository,)),
    )
    return [
        f"{item.source}: it was held against the {what} {each}, the receipt is about {said}"
        for what, said, values in held
        for each in values
        if each is not None and each != said
    ]


def _compare(found: Replay, item: Item, outcome: VerificationOutcome) -> None:
    if outcome.trusted_root_sha256:
        found.roots.add(outcome.trusted_root_sha256)
    if outcome.code in CANNOT_TELL and outcome.code != item.code:
        found.undecided.append(f"{item.source}: {outcome.code}: {outcome.reason}")
        return
    finding = finding_of(item.source, outcome, item.asked.expected, by_name=item.by_name)
    now = item_of(replace(finding, asked=item.asked), finding.reason, counts=item.counts)
    if now.kind is not None and item.counts:
        found.kinds.add(now.kind)
    was, said = (f"{each.outcome.value} {each.code}" for each in (item, now))
    changed = [
        name
        for name in Item.model_fields
        if name not in MAY_DIFFER and getattr(item, name) != getattr(now, name)
    ]
    if was != said:
        found.differences.append(f"{item.source}: it was {was}, it is {said}: {outcome.reason}")
    elif changed:
        found.differences.append(f"{item.source}: it is {said} as before, but not in: {', '.join(changed)}")


async def _lists(found: Replay, document: Document, verifier: BundleVerifier) -> None:
    """A signed list vouches for the asset; whether the asset stands in it, only who has the list can see."""
    for each in document.lists:
        about = Replay(found.differences, found.undecided, roots=found.roots)
        await _replay(about, document, each.evidence, (each.file, each.sha256), verifier)
        if about.kinds and each.says == document.asset.sha256:
            found.kinds.add(Kind.SIGNED_CHECKSUMS)
            found.undecided.append(
                f"{each.file}: its signature verifies; look whether the list itself, sha256:{each.sha256}, names "
                f"{document.asset.name} with sha256:{each.says}"
            )


def _whole(found: Replay, document: Document) -> None:
    """Whether what verifies amounts to what the receipt says; a receipt without evidence proves nothing."""
    said, now = document.verdict, grade_of(found.kinds)
    if (said.outcome is Outcome.VERIFIED) != (said.code == ReleaseCode.VERIFIED):
        found.differences.append(f"it says {said.outcome.value} and {said.code}, which contradict each other")
    if said.outcome is not Outcome.VERIFIED or found.undecided:
        return
    if now is Grade.UNSIGNED or now is not said.grade:
        found.differences.append(
            f"its grade is said to be {said.grade.value}; what verifies makes it {now.value}"
        )
