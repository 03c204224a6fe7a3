"""DSSE envelopes of bundles, and whether a certificate's key signed them (https://github.com/secure-systems-lab/dsse)."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.shape import Shape, decoded
from app.domain.release_codes import ReleaseCode


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, what it is, and at least one signature."""

    payload: bytes
    payload_type: str
    signatures: tuple[bytes, ...]

    def signed_bytes(self) -> bytes:
        """What the signatures cover: DSSE's pre-authentication encoding."""
        kind = self.payload_type.encode()
        return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(self.payload), self.payload)


def read(shape: Shape) -> Envelope:
    """The envelope of a bundle that has one.

    Raises:
        Refusal: INVALID_BUNDLE.
    """
    envelope = shape.document["dsseEnvelope"]
    payload = decoded(envelope, "payload")
    payload_type, signatures = envelope.get("payloadType"), envelope.get("signatures")
    if not isinstance(payload_type, str) or not isinstance(signatures, list) or not signatures:
        raise Refusal(ReleaseCode.INVALID_BUNDLE, "the envelope has no payload type or no signature")
    try:
        payload_type.encode()
    except UnicodeEncodeError as error:
        raise Refusal(ReleaseCode.INVALID_BUNDLE, "the envelope's payload type is not text") from error
    return Envelope(payload, payload_type, tuple(decoded(each, "sig") for each in signatures))


def require_signed(envelope: Envelope, certificate: x509.Certificate) -> bytes:
    """The signature, the only one, that the certificate's P-256 key made over the envelope.

    Raises:
        Refusal: TAMPERED.
    """
    key = certificate.public_key()
    if len(envelope.signatures) != 1 or not isinstance(key, ec.EllipticCurvePublicKey):
        raise Refusal(ReleaseCode.TAMPERED, "the envelope does not have exactly one signature of its key")
    signature = envelope.signatures[0]
    try:
        key.verify(signature, envelope.signed_bytes(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        reason = "the envelope was not signed by the certificate's key, or was changed since"
        raise Refusal(ReleaseCode.TAMPERED, reason) from error
    return signature
