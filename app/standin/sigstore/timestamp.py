"""The time-stamping authority: RFC 3161 responses, written in DER by hand so that any time can be stated."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256, sha384

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from app.standin.sigstore.authority import Authority
from app.standin.sigstore.der import (
    SET,
    algorithm,
    generalized_time,
    integer,
    octets,
    oid,
    sequence,
    set_of,
    tagged,
    tlv,
    utc_time,
)

SHA256, SHA384, ECDSA_SHA384 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "1.2.840.10045.4.3.3"
SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = (f"1.2.840.113549.1.9.{arc}" for arc in (3, 4, 5))
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
POLICY = "1.3.6.1.4.1.57264.2"


@dataclass(frozen=True, slots=True)
class TimestampAuthority:
    """Swears that bytes existed at a time."""

    url: str
    unit: Authority

    def stamp(self, message: bytes, at: datetime) -> bytes:
        """A granted TimeStampResp over SHA-256 of `message`, in whole seconds."""
        info = self._info(message, at)
        attributes = self._attributes(info, at)
        # The signature covers the attributes as a plain SET; they are stored under [0] (RFC 5652 section 5.4).
        signature = self.unit.key.sign(tlv(SET, attributes), ec.ECDSA(hashes.SHA384()))
        certificate = self.unit.certificate
        signer = sequence(
            integer(1),
            sequence(certificate.issuer.public_bytes(), integer(certificate.serial_number)),
            algorithm(SHA384),
            tagged(0, attributes),
            algorithm(ECDSA_SHA384),
            octets(signature),
        )
        signed = sequence(
            integer(3),
            set_of(algorithm(SHA384)),
            sequence(oid(TST_INFO), tagged(0, octets(info))),
            tagged(0),
            set_of(signer),
        )
        return sequence(sequence(integer(0)), sequence(oid(SIGNED_DATA), tagged(0, signed)))

    def _info(self, message: bytes, at: datetime) -> bytes:
        return sequence(
            integer(1),
            oid(POLICY),
            sequence(algorithm(SHA256), octets(sha256(message).digest())),
            integer(secrets.randbits(158)),
            generalized_time(at),
            sequence(integer(1)),
            tagged(0, tagged(4, self.unit.certificate.subject.public_bytes())),
        )

    def _attributes(self, info: bytes, at: datetime) -> bytes:
        certificate_hash = sha256(self.unit.certificate.public_bytes(Encoding.DER)).digest()
        values = (
            (CONTENT_TYPE, oid(TST_INFO)),
            (SIGNING_TIME, utc_time(at)),
            (MESSAGE_DIGEST, octets(sha384(info).digest())),
            (SIGNING_CERTIFICATE_V2, sequence(sequence(sequence(octets(certificate_hash))))),
        )
        return b"".join(sorted(sequence(oid(kind), set_of(value)) for kind, value in values))
