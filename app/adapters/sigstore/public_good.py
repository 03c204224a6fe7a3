"""Bundles of the public-good instance, or one of its kind: the library verifies everything, with the policy inside.

What it leaves to its caller is done here: the sizes of tree and checkpoint, subject and predicate of the statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sigstore.errors import Error, VerificationError
from sigstore.hashes import Hashed
from sigstore.models import Bundle, InvalidBundle
from sigstore.verify.policy import VerificationPolicy
from sigstore_models.common.v1 import HashAlgorithm

from app.adapters.sigstore import envelopes, intoto
from app.adapters.sigstore import shape as shapes
from app.adapters.sigstore.anchors import knows_log, verifier_at
from app.adapters.sigstore.content import check_statement
from app.adapters.sigstore.library import INTOTO, LibraryVerifier
from app.adapters.sigstore.policy import (
    ExactPolicy,
    MismatchedClaimsError,
    ReportOnlyPolicy,
    describe,
)
from app.adapters.sigstore.proof import Proof
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.shape import Shape
from app.adapters.sigstore.statement import check_predicate, parse
from app.adapters.sigstore.times import claimed_times
from app.adapters.sigstore.trust import PinnedRoot
from app.adapters.sigstore.vendor_errors import code_for
from app.domain.release import ClaimCheck, TrustDomain, VerificationRequest
from app.domain.release_codes import ReleaseCode

PUBLIC_GOOD = TrustDomain.PUBLIC_GOOD
LOG_SIGNATURE = "keyring: invalid signature"
"""In the library's words for a promise or a checkpoint that no key of the root has signed."""
Content = tuple[tuple[ClaimCheck, ...], str | None]
"""The checks on what was signed, and the predicate type."""


def verify(root: PinnedRoot, shape: Shape, request: VerificationRequest) -> Proof:
    """What the bundle proves.

    Raises:
        Refusal: it proves nothing, or not what was expected.
    """
    bundle = read(shape)
    _check_tree_size(shape)
    times = claimed_times(shape)
    verifier = verifier_at(root, times)
    policy = ExactPolicy(request.expected)
    try:
        checks, predicate_type = _verify_content(verifier, bundle, shape, request, policy)
    except MismatchedClaimsError as error:
        # Already refused; the rest is read only to show every mismatch at once.
        checks, predicate_type = _other_mismatches(verifier, bundle, shape, request)
        checks = error.checks + checks
    except _OtherArtifactError as error:
        checks, predicate_type = policy.checks + error.checks, None
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.reason, policy.checks) from refusal
    except Exception as error:
        raise _refusal(error, root, shape) from error
    else:
        if not policy.checks:
            raise Refusal(ReleaseCode.VERIFIER_ERROR, "the library did not ask the policy")
        checks = policy.checks + checks
    certificate = bundle.signing_certificate
    return Proof(
        certificate, checks, PUBLIC_GOOD, predicate_type, _signed_at(shape, times), _log_index(shape)
    )


def _refusal(error: Exception, root: PinnedRoot, shape: Shape) -> Refusal:
    """A signature of a log that the root does not know proves no forgery: logs get new keys, and roots age."""
    code = code_for(error)
    key_id = str(((shape.entry or {}).get("logId") or {}).get("keyId"))
    if code is ReleaseCode.TAMPERED and LOG_SIGNATURE in str(error) and not knows_log(root, key_id):
        reason = f"the trusted root has no log with the key {key_id[:64]}: it is a stranger's, or newer than the root"
        return Refusal(ReleaseCode.TRUST_ROOT, reason)
    return Refusal(code, str(error))


def read(shape: Shape) -> Bundle:
    """The bundle as the library reads it.

    Raises:
        Refusal: INVALID_BUNDLE, or a code that says more.
    """
    try:
        return Bundle.from_json(shapes.dumps(shape.document))
    except (InvalidBundle, Error, ValueError, TypeError, OverflowError) as error:
        code = code_for(error) if isinstance(error, InvalidBundle) else ReleaseCode.INVALID_BUNDLE
        raise Refusal(code, str(error)) from error


class _OtherArtifactError(VerificationError):
    def __init__(self, checks: tuple[ClaimCheck, ...]) -> None:
        super().__init__(describe(checks))
        self.checks = checks


def _verify_content(
    verifier: LibraryVerifier,
    bundle: Bundle,
    shape: Shape,
    request: VerificationRequest,
    policy: VerificationPolicy,
) -> Content:
    """Verify bundle and content."""
    if shape.is_envelope:
        statement = parse(_verified_payload(verifier, bundle, shape, policy))
        checks = check_statement(statement, request, PUBLIC_GOOD, is_pypi=shape.is_pypi)
        return checks, statement.predicate_type
    digest = bytes.fromhex(request.sha256)
    message = bundle._inner.message_signature  # noqa: SLF001 (the library has no public question for it)
    if message is not None and message.message_digest is not None and message.message_digest.digest != digest:
        # Verify what was signed first: a genuine bundle of another artifact and a forgery get different codes.
        signed = bytes(message.message_digest.digest)
        verifier.verify_artifact(Hashed(algorithm=HashAlgorithm.SHA2_256, digest=signed), bundle, policy)
        raise _OtherArtifactError((ClaimCheck("subject_digest", request.sha256, signed.hex(), ok=False),))
    verifier.verify_artifact(Hashed(algorithm=HashAlgorithm.SHA2_256, digest=digest), bundle, policy)
    subject = ClaimCheck("subject_digest", request.sha256, request.sha256, ok=True)
    return (subject, *check_predicate(None, request.expected), *_no_release(request)), None


def _verified_payload(
    verifier: LibraryVerifier, bundle: Bundle, shape: Shape, policy: VerificationPolicy
) -> bytes:
    """What the envelope carries, of which the caller has seen that it is a statement."""
    if shape.kind != INTOTO:
        return verifier.verify_dsse(bundle, policy)[1]
    verifier.verify_signer(bundle, policy)
    envelope = envelopes.read(shape)
    envelopes.require_signed(envelope, bundle.signing_certificate)
    intoto.require_about(shape, bundle.signing_certificate, envelope)
    return envelope.payload


def _no_release(request: VerificationRequest) -> tuple[ClaimCheck, ...]:
    """A plain signature says nothing about a release."""
    if request.expected.release is None:
        return ()
    return (ClaimCheck("release_tag", request.expected.release.tag, None, ok=False),)


def _other_mismatches(
    verifier: LibraryVerifier, bundle: Bundle, shape: Shape, request: VerificationRequest
) -> Content:
    try:
        return _verify_content(verifier, bundle, shape, request, ReportOnlyPolicy())
    except _OtherArtifactError as error:
        return error.checks, None
    except Exception:  # noqa: BLE001 (the refusal stands; there is nothing more to show)
        return (), None


def _check_tree_size(shape: Shape) -> None:
    """The proof must be about the tree that the checkpoint signs; the library does not compare the two sizes."""
    proof = (shape.entry or {}).get("inclusionProof") or {}
    note = (proof.get("checkpoint") or {}).get("envelope", "")
    lines = str(note).split("\n", 2)
    if len(lines) < 2 or lines[1] != str(proof.get("treeSize")):  # noqa: PLR2004 (origin, size)
        raise Refusal(
            ReleaseCode.TAMPERED, "the inclusion proof and the checkpoint are about different tree sizes"
        )


def _is_promised(shape: Shape) -> bool:
    """Whether the log has sworn to entry, index and time (Rekor v1), which the library has then verified."""
    entry = shape.entry or {}
    return bool(entry.get("inclusionPromise") and int(entry.get("integratedTime") or 0))


def _signed_at(shape: Shape, claimed: Sequence[datetime]) -> datetime | None:
    """The trusted time of the signature; None where several timestamps leave open which of them is trusted."""
    return claimed[-1] if _is_promised(shape) or len(claimed) == 1 else None


def _log_index(shape: Shape) -> int | None:
    """The index that is proven: the promise covers that in the log, the inclusion proof that in its tree."""
    entry = shape.entry or {}
    holder = entry if _is_promised(shape) else entry.get("inclusionProof", {})
    return int(holder["logIndex"])
