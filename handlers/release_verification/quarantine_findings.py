"""What was found in a release that it may be hidden for: positive evidence, never an absence or a failure. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

from app.domain.decision import Reason
from app.domain.release_codes import ReleaseCode
from handlers.release_verification.models import ReleaseEvidence
from handlers.release_verification.verdicts import AssetVerdict, Standing

POSITIVE: Mapping[str, str] = MappingProxyType(
    {
        ReleaseCode.TAMPERED: "these bytes are not those that were signed",
        ReleaseCode.IDENTITY: "somebody else than the policy names signed these very bytes",
        ReleaseCode.ISSUER: "somebody else than the policy names vouched for the signer",
        ReleaseCode.SOURCE_REPO: "these bytes were built from another repository",
        ReleaseCode.SOURCE_DIGEST: "these bytes were built from another commit than the tag's",
        ReleaseCode.CHECKSUM_MISMATCH: "these bytes are not those whose checksum was published",
        ReleaseCode.TAG_MOVED: "the tag was moved to another commit after the release was verified",
        ReleaseCode.REPLACED_AFTER_VERDICT: "the asset was replaced after it was verified",
    }
)
"""The codes that say of a release that something was done to it, each with the reason why it may be hidden for that.

Not among them is what only breaks a rule about how a release is made (REF, TRIGGER, CLAIM, PREDICATE, UNREACHABLE), what is
missing (UNCOVERED, PENDING), what may be an error of clocks, roots or forms (TIME, TRUST_ROOT, INVALID_BUNDLE,
DUPLICATE_JSON_KEY, UNSUPPORTED_*), and what is our own failure (VERIFIER_ERROR). SUBJECT_MISMATCH counts where a statement
calls the asset by its name: then it is TAMPERED.
"""
MAY_BE_EARLY = frozenset(
    {ReleaseCode.IDENTITY, ReleaseCode.ISSUER, ReleaseCode.SOURCE_REPO, ReleaseCode.SOURCE_DIGEST}
)
"""What says that another signed, too: while signatures may still arrive, the right one may be yet to come."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was done to a release, and to which of its assets; `asset` empty for the release itself."""

    code: str
    asset: str
    sha256: str
    reason: str

    @property
    def digest(self) -> str:
        """Identifies it: other bytes are another finding."""
        return sha256(f"{self.code}\0{self.asset}\0{self.sha256}".encode()).hexdigest()[:16]


def findings_of(
    evidence: ReleaseEvidence, assets: Iterable[AssetVerdict], reasons: Iterable[Reason]
) -> tuple[Finding, ...]:
    """The positive evidence among the verdicts on assets, and in what is said of the release as a whole."""
    commit = (evidence.release.commit if evidence.release else None) or ""
    of_assets = tuple(
        Finding(each.code, each.asset.name, each.asset.sha256 or "", each.reason)
        for each in assets
        if each.standing is Standing.REFUSED and each.code in POSITIVE and _is_of_bytes(each)
    )
    moved = (each for each in reasons if each.code == ReleaseCode.TAG_MOVED)
    return of_assets + tuple(Finding(each.code, "", commit, each.text) for each in moved)


def _is_of_bytes(verdict: AssetVerdict) -> bool:
    """Whether it was judged on bytes: what was not downloaded, for a limit or a failure, was not seen to be replaced."""
    return verdict.asset.sha256 is not None
