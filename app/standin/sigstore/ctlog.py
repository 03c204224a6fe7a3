"""The certificate transparency log: signed certificate timestamps (RFC 6962 section 3.2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.standin.sigstore import der

PRECERT_ENTRY = 1
ECDSA_WITH_SHA256 = b"\x04\x03"


@dataclass(frozen=True, slots=True)
class CertificateLog:
    """A log that promises to include every certificate it is shown."""

    url: str = "https://ctfe.sigstore.local/2026"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public_key_der(self) -> bytes:
        """The log's SubjectPublicKeyInfo."""
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def log_id(self) -> bytes:
        """SHA-256 of the public key: 32 bytes."""
        return sha256(self.public_key_der).digest()

    def receipts(self, tbs: bytes, issuer: x509.Certificate, at: datetime) -> bytes:
        """The value of the SCT-list extension for a certificate whose body without that extension is `tbs`."""
        milliseconds = int(at.timestamp() * 1000)
        issuer_key = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        signed = b"".join(
            (
                b"\x00\x00",
                struct.pack(">QH", milliseconds, PRECERT_ENTRY),
                sha256(issuer_key).digest(),
                len(tbs).to_bytes(3, "big"),
                tbs,
                b"\x00\x00",
            )
        )
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        receipt = b"".join(
            (
                b"\x00",
                self.log_id,
                struct.pack(">QH", milliseconds, 0),
                ECDSA_WITH_SHA256,
                _sized(signature),
            )
        )
        return der.octets(_sized(_sized(receipt)))


def _sized(body: bytes) -> bytes:
    return struct.pack(">H", len(body)) + body
