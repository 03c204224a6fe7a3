"""What the findings on one asset come to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.release import Outcome
from app.domain.release_codes import ReleaseCode
from handlers.release_verification.models import AssetFinding, BundleFinding


class Standing(StrEnum):
    """How an asset stands, best first."""

    GOOD = "good"
    EXEMPT = "exempt"
    PENDING = "pending"
    UNDECIDED = "undecided"
    BROKEN = "broken"  # our own failure
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AssetVerdict:
    """An asset's standing, with the bundle that it rests on where there is one."""

    asset: AssetFinding
    standing: Standing
    code: ReleaseCode
    reason: str
    bundle: BundleFinding | None = None


STANDINGS = {
    ReleaseCode.PENDING: Standing.PENDING,
    ReleaseCode.TOO_LARGE: Standing.UNDECIDED,
    ReleaseCode.VERIFIER_ERROR: Standing.BROKEN,
}


def verdict_on(asset: AssetFinding) -> AssetVerdict:
    """Exempt, then what is wrong with the bytes, then any bundle that verifies, then the most telling refusal."""
    if asset.exempt:
        return AssetVerdict(asset, Standing.EXEMPT, ReleaseCode.EXEMPT, "the policy asks for no signature")
    if asset.problem is not None:
        code = ReleaseCode(asset.problem)
        return AssetVerdict(asset, STANDINGS.get(code, Standing.REFUSED), code, asset.problem_text)
    if not asset.bundles:
        reason = "no bundle and no attestation is about these bytes"
        return AssetVerdict(asset, Standing.REFUSED, ReleaseCode.UNCOVERED, reason)
    return _on_bundle(asset, min(asset.bundles, key=_rank))


def _on_bundle(asset: AssetFinding, best: BundleFinding) -> AssetVerdict:
    code = ReleaseCode(best.code)
    if best.outcome == Outcome.VERIFIED:
        return AssetVerdict(asset, Standing.GOOD, code, best.reason, best)
    if best.outcome == Outcome.UNSUPPORTED:
        return AssetVerdict(asset, Standing.UNDECIDED, code, best.reason, best)
    if best.by_name and code is ReleaseCode.SUBJECT_MISMATCH:
        # Signed under this name with other bytes: the asset was changed after it was signed.
        reason = "its bytes are not those that were signed under its name"
        return AssetVerdict(asset, Standing.REFUSED, ReleaseCode.TAMPERED, reason, best)
    return AssetVerdict(asset, STANDINGS.get(code, Standing.REFUSED), code, best.reason, best)


def _rank(bundle: BundleFinding) -> tuple[int, int]:
    """Verified before rejected before unsupported; among the rejected, the one that comes closest."""
    order = (Outcome.VERIFIED, Outcome.REJECTED, Outcome.UNSUPPORTED)
    wrong = sum(not check.ok for check in bundle.claims) if bundle.claims else len(bundle.reason) + 100
    return order.index(Outcome(bundle.outcome)), wrong
