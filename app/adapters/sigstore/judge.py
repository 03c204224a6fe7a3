"""The verdict on one bundle: a plain function, so that it can run in a process that may be killed.

Order: 1 read the bundle strictly; 2 see whether the library can decide it; 3 let the library verify everything with the
exact policy inside; 4 our own checks of what the library leaves to its caller; 5 only then VERIFIED.
"""

from __future__ import annotations

from sigstore.errors import Error, VerificationError
from sigstore.hashes import Hashed
from sigstore.models import Bundle, InvalidBundle
from sigstore.verify import Verifier
from sigstore.verify.policy import VerificationPolicy
from sigstore_models.common.v1 import HashAlgorithm

from app.adapters.sigstore import shape as shapes
from app.adapters.sigstore import trusted_root
from app.adapters.sigstore.contradictions import refuse_contradictions
from app.adapters.sigstore.policy import (
    ExactPolicy,
    MismatchedClaimsError,
    ReportOnlyPolicy,
    check_certificate,
    code_of,
    describe,
)
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.shape import Shape
from app.adapters.sigstore.statement import check_predicate, check_statement, parse
from app.adapters.sigstore.support import obstacle
from app.adapters.sigstore.trust import PinnedRoot, TrustedRoots
from app.adapters.sigstore.vendor_errors import code_for
from app.domain.release import ClaimCheck, Outcome, VerificationOutcome, VerificationRequest
from app.domain.release_codes import ReleaseCode

SHOWN_REASON = 500


def judge(roots: TrustedRoots, request: VerificationRequest) -> VerificationOutcome:
    """The outcome; whatever goes wrong, it is a closed one."""
    root = roots.public_good
    try:
        claims = _verify(root, request)
    except Refusal as refusal:
        outcome = Outcome.UNSUPPORTED if refusal.code.is_unsupported else Outcome.REJECTED
        return _outcome(root, request, outcome, refusal.code, refusal.reason, refusal.claims)
    except Exception as error:  # noqa: BLE001 (an exception of any class must end as a refusal, never as a pass)
        reason = f"the verifier failed: {type(error).__name__}: {error}"
        return _outcome(root, request, Outcome.REJECTED, ReleaseCode.VERIFIER_ERROR, reason)
    return _outcome(
        root, request, Outcome.VERIFIED, ReleaseCode.VERIFIED, "every claim is as expected", claims
    )


def _verify(root: PinnedRoot, request: VerificationRequest) -> tuple[ClaimCheck, ...]:
    shape = shapes.read(request.bundle)
    if (found := obstacle(shape)) is not None:
        if shape.must_be_complete:
            _bundle(shape)
        refuse_contradictions(shape, request)
        raise found
    bundle = _bundle(shape)
    _check_tree_size(shape)
    verifier = trusted_root.verifier(root)
    try:
        content = _verify_content(verifier, bundle, request, ExactPolicy(request.expected))
    except MismatchedClaimsError as error:
        # Already refused; the rest is read only to show every mismatch at once.
        checks = error.checks + _other_mismatches(verifier, bundle, request)
        raise Refusal(code_of(checks), describe(checks), checks) from error
    except _OtherArtifactError as error:
        raise Refusal(code_of(error.checks), describe(error.checks), error.checks) from error
    except Refusal:
        raise
    except Exception as error:
        raise Refusal(code_for(error), str(error)) from error
    checks = check_certificate(bundle.signing_certificate, request.expected) + content
    if not all(check.ok for check in checks):
        raise Refusal(code_of(checks), describe(checks), checks)
    return checks


class _OtherArtifactError(VerificationError):
    def __init__(self, checks: tuple[ClaimCheck, ...]) -> None:
        super().__init__(describe(checks))
        self.checks = checks


def _bundle(shape: Shape) -> Bundle:
    try:
        return Bundle.from_json(shapes.dumps(shape.document))
    except (InvalidBundle, Error, ValueError, TypeError) as error:
        code = code_for(error) if isinstance(error, InvalidBundle) else ReleaseCode.INVALID_BUNDLE
        raise Refusal(code, str(error)) from error


def _verify_content(
    verifier: Verifier, bundle: Bundle, request: VerificationRequest, policy: VerificationPolicy
) -> tuple[ClaimCheck, ...]:
    """Verify bundle and content; the checks on subject and predicate, good and bad."""
    if bundle._inner.dsse_envelope is not None:  # noqa: SLF001 (the library has no public question for it)
        _, payload = verifier.verify_dsse(bundle, policy)
        return check_statement(parse(payload), request)
    digest = bytes.fromhex(request.sha256)
    message = bundle._inner.message_signature  # noqa: SLF001 (likewise)
    if message is not None and message.message_digest is not None and message.message_digest.digest != digest:
        # Verify what was signed first: a genuine bundle of another artifact and a forgery get different codes.
        signed = bytes(message.message_digest.digest)
        verifier.verify_artifact(Hashed(algorithm=HashAlgorithm.SHA2_256, digest=signed), bundle, policy)
        raise _OtherArtifactError((ClaimCheck("subject_digest", request.sha256, signed.hex(), ok=False),))
    verifier.verify_artifact(Hashed(algorithm=HashAlgorithm.SHA2_256, digest=digest), bundle, policy)
    subject = ClaimCheck("subject_digest", request.sha256, request.sha256, ok=True)
    return (subject, *check_predicate(None, request.expected))


def _other_mismatches(
    verifier: Verifier, bundle: Bundle, request: VerificationRequest
) -> tuple[ClaimCheck, ...]:
    try:
        return _verify_content(verifier, bundle, request, ReportOnlyPolicy())
    except _OtherArtifactError as error:
        return error.checks
    except Exception:  # noqa: BLE001 (the refusal stands; there is nothing more to show)
        return ()


def _check_tree_size(shape: Shape) -> None:
    """The proof must be about the tree that the checkpoint signs; the library does not compare the two sizes."""
    proof = (shape.entry or {}).get("inclusionProof") or {}
    note = (proof.get("checkpoint") or {}).get("envelope", "")
    lines = str(note).split("\n", 2)
    if len(lines) < 2 or lines[1] != str(proof.get("treeSize")):  # noqa: PLR2004 (origin, size)
        raise Refusal(
            ReleaseCode.TAMPERED, "the inclusion proof and the checkpoint are about different tree sizes"
        )


def _outcome(
    root: PinnedRoot,
    request: VerificationRequest,
    outcome: Outcome,
    code: ReleaseCode,
    reason: str,
    claims: tuple[ClaimCheck, ...] = (),
) -> VerificationOutcome:
    return VerificationOutcome(
        outcome=outcome,
        code=code.value,
        reason=reason[:SHOWN_REASON],
        claims=claims,
        digest=f"sha256:{request.sha256}",
        trusted_root_sha256=root.sha256,
    )
