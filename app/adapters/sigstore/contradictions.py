"""What is wrong with a bundle that we cannot verify: `unsupported` is kept for those in which nothing contradicts itself.

None of this proves a bundle genuine. It only turns away, as rejected, what no verifier could accept: another artifact,
a signature that the certificate's own key did not make, a time outside the certificate's validity, a spliced log entry.
"""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from app.adapters.sigstore import envelopes
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
    if shape.entry is not None and shape.kind[0] == "intoto":
        _check_intoto_entry(shape, envelope.payload)
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


def _check_intoto_entry(shape: Shape, payload: bytes) -> None:
    """The logged payload digest and key must be those of the bundle (CVE-2022-36056: any valid entry was accepted)."""
    certificate = shape.certificate
    try:
        content = json.loads(decoded(shape.entry, "canonicalizedBody"))["spec"]["content"]
        logged_digest = content["payloadHash"]["value"]
        logged_keys = [_logged_key(each) for each in content["envelope"]["signatures"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(ReleaseCode.INVALID_BUNDLE, "the log entry cannot be read") from error
    if logged_digest != sha256(payload).hexdigest():
        raise Refusal(ReleaseCode.TAMPERED, "the log entry is about another payload")
    if certificate is not None and logged_keys != [certificate.public_bytes(Encoding.PEM).strip()]:
        raise Refusal(ReleaseCode.TAMPERED, "the log entry is about another certificate")


def _logged_key(signature: Any) -> bytes:  # noqa: ANN401 (JSON of a stranger)
    return b64decode(signature["publicKey"]).strip()


def _refuse_if_wrong(checks: tuple[ClaimCheck, ...]) -> None:
    if not all(check.ok for check in checks):
        raise Refusal(code_of(checks), describe(checks), checks)
