"""What the findings on the assets of a release come to, each held against the others and against what was there before. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.release import Grade, Outcome
from app.domain.release_codes import ReleaseCode
from handlers.release_verification.grades import grade_of
from handlers.release_verification.models import AssetFinding, BundleFinding
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.section.values import Kind
from handlers.release_verification.watching import Seen


class Standing(StrEnum):
    """How an asset stands, best first."""

    GOOD = "good"
    EXEMPT = "exempt"
    ASKED = "asked"  # a person decides
    PENDING = "pending"
    UNDECIDED = "undecided"
    BROKEN = "broken"  # our own failure
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AssetVerdict:
    """An asset's standing, with the bundle that it rests on where there is one.

    `listed_in` is the signed checksum file that says the same; `rule` the place in the policy's `assets` of what it needs;
    `before` what was verified under its name before.
    """

    asset: AssetFinding
    standing: Standing
    code: ReleaseCode
    reason: str
    bundle: BundleFinding | None = None
    grade: Grade = Grade.UNSIGNED
    listed_in: str = ""
    rule: int | None = None
    before: Seen | None = None


STANDINGS = {
    ReleaseCode.PENDING: Standing.PENDING,
    ReleaseCode.TOO_LARGE: Standing.UNDECIDED,
    ReleaseCode.VERIFIER_ERROR: Standing.BROKEN,
}


def verdicts_on(
    assets: Sequence[AssetFinding],
    section: ReleaseVerification,
    seen: Sequence[Seen] = (),
    *,
    has_passed: bool = False,
) -> tuple[AssetVerdict, ...]:
    """The verdict on each asset. Checksum files count where evidence of their own makes them good; none vouches for itself.

    `seen` are the assets that passed before; `has_passed` that the whole release did.
    """
    alone = {asset.name: _verdict_on(asset, section, {}) for asset in assets}
    lists = {
        name: verdict
        for name, verdict in alone.items()
        if verdict.standing is Standing.GOOD and verdict.bundle is not None
    }
    before = {each.name: each for each in seen}
    judged = (_verdict_on(asset, section, lists) for asset in assets)
    return tuple(_held_against(each, before.get(each.asset.name), has_passed=has_passed) for each in judged)


def kinds_of(asset: AssetFinding) -> set[Kind]:
    """What the verified ones among an asset's bundles prove."""
    return {bundle.kind for bundle in asset.bundles if bundle.kind is not None}


def _verdict_on(
    asset: AssetFinding, section: ReleaseVerification, lists: Mapping[str, AssetVerdict]
) -> AssetVerdict:
    """Exempt, then what is wrong with the bytes, then what signed lists say, then the evidence."""
    if asset.exempt:
        return AssetVerdict(asset, Standing.EXEMPT, ReleaseCode.EXEMPT, "the policy asks for no evidence")
    place, rule = section.rule_for(asset.name)
    if asset.problem is not None:
        code = ReleaseCode(asset.problem)
        standing = STANDINGS.get(code, Standing.REFUSED)
        return AssetVerdict(asset, standing, code, asset.problem_text, rule=place)
    signed = [each for each in asset.listings if each.file in lists and each.file != asset.name]
    best = min(asset.bundles, key=_rank, default=None)
    wrong = next((each for each in signed if each.sha256 != asset.sha256), None)
    kinds = kinds_of(asset) | ({Kind.SIGNED_CHECKSUMS} if signed and wrong is None else set())
    listed_in = signed[0].file if signed else ""
    found = AssetVerdict(
        asset, Standing.GOOD, ReleaseCode.VERIFIED, "", best, grade_of(kinds), listed_in, rule=place
    )
    if wrong is not None:
        reason = (
            f"the signed list {wrong.file} says sha256:{wrong.sha256}, the bytes have sha256:{asset.sha256}"
        )
        return _no(found, ReleaseCode.CHECKSUM_MISMATCH, reason)
    if lacking := rule.lacking(kinds):
        return _lacking(found, best, lacking, has_any=bool(kinds))
    # Signed checksums alone: what vouches is the bundle of the list.
    vouching = best if best is not None and best.kind is not None else lists[listed_in].bundle
    return replace(found, bundle=vouching, reason=vouching.reason if vouching else "")


def _lacking(
    found: AssetVerdict, best: BundleFinding | None, lacking: tuple[str, ...], *, has_any: bool
) -> AssetVerdict:
    if has_any:
        reason = f"its evidence is verified, but it lacks {' and '.join(lacking)}"
        return _no(found, ReleaseCode.UNCOVERED, reason)
    if best is None:
        return _no(found, ReleaseCode.UNCOVERED, "no bundle and no attestation is about these bytes")
    return _refused(found, best)


def _refused(found: AssetVerdict, best: BundleFinding) -> AssetVerdict:
    code = ReleaseCode(best.code)
    if best.outcome == Outcome.VERIFIED:
        reason = (
            "what it says of a release counts only from GitHub, or from the backfill workflow of the policy"
        )
        return _no(found, ReleaseCode.PREDICATE, reason)
    if best.outcome == Outcome.UNSUPPORTED:
        return replace(found, standing=Standing.UNDECIDED, code=code, reason=best.reason)
    if best.by_name and code is ReleaseCode.SUBJECT_MISMATCH:
        # Signed under this name with other bytes: the asset was changed after it was signed.
        return _no(found, ReleaseCode.TAMPERED, "its bytes are not those that were signed under its name")
    return replace(found, standing=STANDINGS.get(code, Standing.REFUSED), code=code, reason=best.reason)


def _no(found: AssetVerdict, code: ReleaseCode, reason: str) -> AssetVerdict:
    return replace(found, standing=Standing.REFUSED, code=code, reason=reason)


def _held_against(verdict: AssetVerdict, before: Seen | None, *, has_passed: bool) -> AssetVerdict:
    """The verdict beside what was verified before under the name: a new asset, other bytes, or evidence that is gone."""
    if before is None:
        if has_passed and verdict.code is ReleaseCode.UNCOVERED:
            return replace(verdict, reason=f"{verdict.reason}; it was added after the release was verified")
        return verdict
    verdict = replace(verdict, before=before)
    if verdict.standing not in {Standing.REFUSED, Standing.UNDECIDED}:
        return verdict
    asset, when = verdict.asset, f"{before.at:%Y-%m-%d %H:%M:%S} UTC"
    if before.is_still(asset.id, asset.size_bytes, asset.recorded, asset.updated_at, asset.sha256):
        reason = f"{verdict.reason}; it was verified on {when} by {before.source}, which counts no longer"
        return replace(verdict, reason=reason)
    now = f"sha256:{asset.sha256}" if asset.sha256 else "bytes that could not be judged"
    changed = f", uploaded on {asset.updated_at:%Y-%m-%d %H:%M:%S} UTC" if asset.updated_at else ""
    was = f"verified on {when} as sha256:{before.sha256} by {before.source}"
    replaced = replace(verdict, reason=f"{was}; it is now {now}{changed}: {verdict.reason}")
    # What cannot be decided is never called a change for the worse, and the same bytes again are no other ones.
    if verdict.standing is Standing.UNDECIDED or asset.sha256 == before.sha256:
        return replaced
    return replace(replaced, code=ReleaseCode.REPLACED_AFTER_VERDICT)


def _rank(bundle: BundleFinding) -> tuple[int, int, int]:
    """Verified before rejected before unsupported, the best kind first; among the rejected, the one that comes closest."""
    order = (Outcome.VERIFIED, Outcome.REJECTED, Outcome.UNSUPPORTED)
    wrong = (
        sum(not (check.ok and check.verified) for check in bundle.claims)
        if bundle.claims
        else len(bundle.reason) + 100
    )
    proven = -grade_of(() if bundle.kind is None else (bundle.kind,)).rank
    return order.index(Outcome(bundle.outcome)), proven, wrong
