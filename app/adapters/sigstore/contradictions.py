"""What is wrong with a bundle that we cannot verify: `unsupported` is kept for those in which nothing contradicts itself.

None of this proves a bundle genuine. It only turns away, as rejected, what no verifier could accept: another artifact,
a signature that the certificate's own key did not make, a time outside the certificate's validity, a spliced log entry.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from app.adapters.sigstore import envelopes
from app.adapters.sigstore.intoto import require_about
from app.adapters.sigstore.library import INTOTO
from app.adapters.sigstore.policy import code_of, describe
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.shape import Shape, decoded
from app.adapters.sigstore.statement import PAYLOAD_TYPE, check_subject, parse
from app.adapters.sigstore.times import claimed_times
from app.domain.release import ClaimCheck, VerificationRequest
from app.domain.release_codes import ReleaseCode

HASHES = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())


def refuse_contradictions(shape: Shape, request: VerificationRequest) -> None:
    """Return only if nothing that we can check speaks against the bundle.

    Raises:
        Refusal: TIME, TAMPERED, SUBJECT_MISMATCH or INVALID_BUNDLE.
    """
    _check_times(shape)
    if shape.is_envelope:
        _check_envelope(shape, request)
    else:
        _check_message(shape, request)


def _check_times(shape: Shape) -> None:
    if shape.certificate is None:
        return
    start, end = shape.certificate.not_valid_before_utc, shape.certificate.not_valid_after_utc
    for at in claimed_times(shape):
        if not start <= at <= end:
            raise Refusal(
                ReleaseCode.TIME,
                f"signed at {at:%Y-%m-%dT%H:%M:%SZ}, outside the certificate's validity "
                f"{start:%Y-%m-%dT%H:%M:%SZ} to {end:%Y-%m-%dT%H:%M:%SZ}",
            )


def _check_envelope(shape: Shape, request: VerificationRequest) -> None:
    envelope = envelopes.read(shape)
    if shape.certificate is not None and len(envelope.signatures) == 1:
        _check_signature(shape.certificate, envelope.signatures[0], envelope.signed_bytes())
    if shape.certificate is not None and shape.entry is not None and shape.kind == INTOTO:
        require_about(shape, shape.certificate, envelope)
    if envelope.payload_type == PAYLOAD_TYPE:
        _refuse_if_wrong(check_subject(parse(envelope.payload), request))


def _check_message(shape: Shape, request: VerificationRequest) -> None:
    message = shape.document["messageSignature"]
    digest = message.get("messageDigest") if isinstance(message, dict) else None
    if not isinstance(digest, dict) or digest.get("algorithm") != "SHA2_256":
        return
    actual = decoded(digest, "digest").hex()
    _refuse_if_wrong((ClaimCheck("subject_digest", request.sha256, actual, ok=actual == request.sha256),))


def _check_signature(certificate: x509.Certificate, signature: bytes, signed: bytes) -> None:
    if not any(_is_signed(certificate, signature, signed, algorithm) for algorithm in HASHES):
        raise Refusal(
            ReleaseCode.TAMPERED, "the envelope was not signed by the certificate's key, or was changed since"
        )


def _is_signed(
    certificate: x509.Certificate, signature: bytes, signed: bytes, algorithm: hashes.HashAlgorithm
) -> bool:
    """Whether the key made this signature with this hash; keys of other kinds get the benefit of the doubt."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return True
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True


def _refuse_if_wrong(checks: tuple[ClaimCheck, ...]) -> None:
    if not all(check.ok for check in checks):
        raise Refusal(code_of(checks), describe(checks), checks)
