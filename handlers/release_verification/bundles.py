"""Bundles about an asset: each judged for each signer until one verifies, and what the verdict says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, Outcome, VerificationOutcome, VerificationRequest
from app.domain.release_codes import ReleaseCode
from app.ports.bundles import BundleVerifier
from handlers.release_verification.grades import kind_of
from handlers.release_verification.models import BundleFinding
from handlers.release_verification.pairing import Candidate
from handlers.release_verification.receipts.asked import Asked

IDENTITY = "identity"
MAX_KEPT_BYTES = 16 * 1024 * 1024
"""Of all bundles of a release; receipts name the others by their digests."""


@dataclass(frozen=True, slots=True)
class Found:
    """A bundle found somewhere. `name` is the asset that its file name points to."""

    source: str
    name: str | None
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class BundleJudge:
    """Judges bundles for some signers; with `match_names` a statement must call the asset by its name.

    `kept` gathers the bytes that were judged, by digest, as many as receipts may hold.
    """

    verifier: BundleVerifier
    match_names: bool
    kept: dict[Sha256Hex, bytes] = field(default_factory=dict)

    async def judge(
        self,
        found: Found,
        signers: Sequence[ExpectedIdentity],
        name: str,
        digest: Sha256Hex,
        *,
        by_name: bool = False,
    ) -> list[BundleFinding]:
        """The verdict on the bundle for each signer; stops at the first for whom it verifies."""
        findings: list[BundleFinding] = []
        raw = found.candidate.raw
        bundle_sha256 = self._keep(raw)
        for signer in signers:
            asked = VerificationRequest(raw, digest, signer, name if self.match_names else None)
            finding = finding_of(found.source, await self.verifier.verify(asked), signer, by_name=by_name)
            findings.append(replace(finding, asked=Asked.of(asked, bundle_sha256)))
            if finding.kind is not None:
                break
            if finding.outcome == Outcome.UNSUPPORTED and finding.code != ReleaseCode.PENDING:
                break  # no other signer can change that
        return findings

    def _keep(self, raw: bytes) -> Sha256Hex:
        digest = Sha256Hex(sha256(raw).hexdigest())
        if digest not in self.kept and sum(map(len, self.kept.values())) + len(raw) <= MAX_KEPT_BYTES:
            self.kept[digest] = raw
        return digest


def finding_of(
    source: str, outcome: VerificationOutcome, signer: ExpectedIdentity, *, by_name: bool
) -> BundleFinding:
    """The outcome as evidence; what a bundle says counts for nothing unless it verified."""
    verified = outcome.outcome is Outcome.VERIFIED
    shown = next((check.actual for check in outcome.claims if check.claim == IDENTITY), None)
    return BundleFinding(
        source=source,
        by_name=by_name,
        outcome=outcome.outcome.value,
        code=outcome.code,
        reason=outcome.reason,
        claims=outcome.claims,
        trusted_root_sha256=outcome.trusted_root_sha256,
        kind=kind_of(signer, outcome.predicate_type) if verified else None,
        signer=(shown or signer.identity) if verified else "",
        is_by_pattern=verified and signer.pattern is not None,
        predicate_type=outcome.predicate_type,
        trust_domain=outcome.trust_domain,
        transparency=outcome.transparency,
        signed_at=outcome.signed_at,
        facts=outcome.facts if verified else (),
    )
