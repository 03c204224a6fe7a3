"""The verdict on one bundle: a plain function, so that it can run in a process that may be killed.

Order: 1 read the bundle strictly; 2 see whose root it belongs to, by its own shape; 3 see whether we can decide it; 4 let the
verifier of that root prove what can be proven; 5 compare every claim; 6 only then VERIFIED.
"""

from __future__ import annotations

from app.adapters.sigstore import github_domain, public_good
from app.adapters.sigstore import shape as shapes
from app.adapters.sigstore.contradictions import refuse_contradictions
from app.adapters.sigstore.display import with_unverified
from app.adapters.sigstore.policy import code_of, describe
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.shape import Shape
from app.adapters.sigstore.support import domain_of, obstacle
from app.adapters.sigstore.trust import PinnedRoot, TrustedRoots
from app.domain.release import Outcome, TrustDomain, VerificationOutcome, VerificationRequest, closest
from app.domain.release_codes import ReleaseCode

SHOWN_REASON = 500
ROOT_ABSENT = (
    "signed under GitHub's own root, with a timestamp and no transparency log; that root is not there: whoever runs Hephaestus "
    "gives it with gh attestation trusted-root > FILE and hephaestus trust import FILE, or names it with --trusted-root"
)
EVERYTHING_HOLDS = {
    TrustDomain.PUBLIC_GOOD: "every claim is as expected",
    TrustDomain.GITHUB: "every claim is as expected; signed under GitHub's own root: no transparency log",
}


def judge(roots: TrustedRoots, request: VerificationRequest) -> VerificationOutcome:
    """The outcome; whatever goes wrong, it is a closed one. Of several attestations of PyPI, the one that comes closest."""
    try:
        found = shapes.read(request.bundle)
    except Refusal as refusal:
        return _refused(roots.public_good, None, request, refusal)
    except Exception as error:  # noqa: BLE001 (an exception of any class must end as a refusal, never as a pass)
        return _refused(roots.public_good, None, request, _failure(error))
    return closest(_judge(roots, shape, request) for shape in found)


def _judge(roots: TrustedRoots, shape: Shape, request: VerificationRequest) -> VerificationOutcome:
    root: PinnedRoot | None = roots.public_good
    try:
        domain = domain_of(shape)
        root = roots.github if domain is TrustDomain.GITHUB else roots.public_good
        return _proven(_decisive(root, domain, shape, request), domain, shape, request)
    except Refusal as refusal:
        return _refused(root, shape, request, refusal)
    except Exception as error:  # noqa: BLE001 (likewise)
        return _refused(root, shape, request, _failure(error))


def _failure(error: Exception) -> Refusal:
    return Refusal(ReleaseCode.VERIFIER_ERROR, f"the verifier failed: {type(error).__name__}: {error}")


def _decisive(
    root: PinnedRoot | None, domain: TrustDomain, shape: Shape, request: VerificationRequest
) -> PinnedRoot:
    """The root, where the bundle can be decided by it.

    Raises:
        Refusal: why it cannot be decided, or what speaks against it in any case.
    """
    found = obstacle(shape, domain)
    if found is None and root is not None:
        return root
    if shape.must_be_complete:
        public_good.read(shape)
    refuse_contradictions(shape, request)
    raise found or Refusal(ReleaseCode.TRUST_ROOT_ABSENT, ROOT_ABSENT)


def _proven(
    root: PinnedRoot, domain: TrustDomain, shape: Shape, request: VerificationRequest
) -> VerificationOutcome:
    verify = github_domain.verify if domain is TrustDomain.GITHUB else public_good.verify
    proof = verify(root, shape, request)
    if not proof.checks or not all(check.ok for check in proof.checks):
        raise Refusal(code_of(proof.checks), describe(proof.checks), proof.checks)
    return VerificationOutcome(
        outcome=Outcome.VERIFIED,
        code=ReleaseCode.VERIFIED.value,
        reason=EVERYTHING_HOLDS[proof.domain],
        claims=proof.checks,
        digest=f"sha256:{request.sha256}",
        trusted_root_sha256=root.sha256,
        trust_domain=proof.domain,
        transparency=proof.log_index is not None,
        predicate_type=proof.predicate_type,
        signed_at=proof.signed_at,
        facts=proof.facts,
    )


def _refused(
    root: PinnedRoot | None, shape: Shape | None, request: VerificationRequest, refusal: Refusal
) -> VerificationOutcome:
    return VerificationOutcome(
        outcome=Outcome.UNSUPPORTED if refusal.code.is_unsupported else Outcome.REJECTED,
        code=refusal.code.value,
        reason=refusal.reason[:SHOWN_REASON],
        claims=with_unverified(refusal.claims, shape, request),
        digest=f"sha256:{request.sha256}",
        trusted_root_sha256=None if root is None else root.sha256,
    )
